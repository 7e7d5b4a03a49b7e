// Streams that are damaged on purpose, with an account of which frames the damage touched.
import fc from "fast-check";
import { anyShare } from "./share.ts";
import { encodeText } from "../src/base/bytes.ts";

/** A frame as it goes over the line, or text between frames. */
export interface Part {
  readonly isFrame: boolean;
  readonly bytes: Uint8Array;
}

/** At `place` of the way through the stream. */
export interface Edit {
  readonly kind: "flip" | "cut" | "insert";
  /** 0 … 1 */
  readonly place: number;
  /** flip: which bits of the byte change, at least one. */
  readonly mask: number;
  /** cut: how many bytes go missing. */
  readonly length: number;
  /** insert: what comes in between. */
  readonly bytes: Uint8Array;
}

/** Bytes that look like the beginning or the end of something are the likeliest to mislead. */
const misleading = [
  Uint8Array.of(0xff),
  Uint8Array.of(0x00),
  Uint8Array.of(0xff, 0x00),
  Uint8Array.of(0xff, 0x00, 0xff),
  Uint8Array.of(0x00, 0xff, 0x00, 0x00),
  encodeText("$MM:"),
  encodeText("$MM:AAAA\r\n"),
  encodeText("\r\n"),
  encodeText("I (1234) wifi: connected\n"),
  encodeText("E (1300) app: größer als erwartet\r\n"),
];

export const edits = (limit: number): fc.Arbitrary<Edit[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom("flip" as const, "cut" as const, "insert" as const),
      place: anyShare,
      mask: fc.integer({ min: 1, max: 255 }),
      length: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 600 })),
      bytes: fc.oneof(fc.constantFrom(...misleading), fc.uint8Array({ minLength: 1, maxLength: 40 })),
    }),
    { maxLength: limit },
  );

export interface Damaged {
  readonly stream: Uint8Array;
  /** By index among the frames of the parts, text not counted. What touches only the border between two parts touches neither. */
  readonly touched: ReadonlySet<number>;
}

/** Applies all edits; each place is one of the undamaged stream. */
export function damage(parts: readonly Part[], list: readonly Edit[]): Damaged {
  const original = parts.flatMap((part) => [...part.bytes]);
  const bytes: (number | undefined)[] = [...original];
  const insertions = new Map<number, number[]>();
  const touched = new Set<number>();
  for (const edit of list) {
    const offset = Math.floor(edit.place * original.length);
    if (edit.kind === "insert") {
      insertions.set(offset, [...(insertions.get(offset) ?? []), ...edit.bytes]);
      // Inside a part only if the bytes before and after belong to it.
      touch(parts, offset - 1, offset + 1, 2, touched);
    } else if (edit.kind === "cut") {
      bytes.fill(undefined, offset, offset + edit.length);
      touch(parts, offset, offset + edit.length, 1, touched);
    } else {
      const before = bytes[offset];
      if (before !== undefined) bytes[offset] = before ^ edit.mask;
      touch(parts, offset, offset + 1, 1, touched);
    }
  }
  const stream = bytes.flatMap((byte, offset) => [
    ...(insertions.get(offset) ?? []),
    ...(byte === undefined ? [] : [byte]),
  ]);
  return { stream: Uint8Array.from(stream), touched };
}

/** Adds the frames that have at least `atLeast` bytes in [start, end). */
function touch(parts: readonly Part[], start: number, end: number, atLeast: number, touched: Set<number>): void {
  let position = 0;
  let frame = 0;
  for (const part of parts) {
    const next = position + part.bytes.length;
    if (part.isFrame && Math.min(end, next) - Math.max(start, position) >= atLeast) touched.add(frame);
    if (part.isFrame) frame++;
    position = next;
  }
}
