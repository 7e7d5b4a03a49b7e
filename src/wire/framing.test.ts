// Frames among text: what must be told apart, and how the splitter finds its way back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeText } from "../base/bytes.ts";
import { crc32 } from "../base/crc32.ts";
import { cobsLimit } from "./cobs.ts";
import { sealFrame } from "./encode-frames.ts";
import { armourFrame, FrameSplitter, wrapFrame } from "./framing.ts";
import { FRAME_CHECKSUM_BYTES, FRAME_HEADER_BYTES, FrameType, MAX_FRAME_BYTES } from "./protocol.ts";

const frame = (sequence: number, body: Uint8Array = Uint8Array.of(1, 0, 2)): Uint8Array =>
  sealFrame(FrameType.EVENTS, 0x42, sequence, body);
const wrapped = (sequence: number, body?: Uint8Array): Uint8Array => wrapFrame(frame(sequence, body));
/** A frame whose checksum ends in FF, so that its COBS form does. */
const endingInFF = (): Uint8Array => {
  for (let value = 0; ; value++) {
    const candidate = frame(9, Uint8Array.of(value & 0xff, value >>> 8));
    if (candidate.at(-1) === 0xff) return wrapFrame(candidate);
  }
};

function concat(...parts: (Uint8Array | string)[]): Uint8Array {
  const all = parts.map((part) => (typeof part === "string" ? encodeText(part) : part));
  return Uint8Array.from(all.flatMap((part) => [...part]));
}

/** Frames as their sequence numbers, text joined between them. */
function split(stream: Uint8Array, chunkLength = stream.length): { calls: (number | string)[]; damaged: number } {
  const calls: (number | string)[] = [];
  const splitter = new FrameSplitter({
    frame: (bytes) => calls.push((bytes[2] ?? 0) | ((bytes[3] ?? 0) << 8)),
    text: (bytes) => {
      const text = Buffer.from(bytes).toString("latin1");
      const last = calls.at(-1);
      if (typeof last === "string") calls[calls.length - 1] = last + text;
      else calls.push(text);
    },
  });
  for (let start = 0; start < stream.length; start += Math.max(chunkLength, 1)) {
    splitter.push(stream.subarray(start, start + Math.max(chunkLength, 1)));
  }
  splitter.end();
  return { calls, damaged: splitter.damagedFrames };
}

/** However it is cut into chunks. */
function expectSplit(stream: Uint8Array, calls: (number | string)[], damaged = 0): void {
  for (const chunkLength of [stream.length, 1, 2, 7, 64])
    expect(split(stream, chunkLength)).toEqual({ calls, damaged });
}

test("what is too short for a header is no frame, whatever its checksum says", () => {
  const sealed = (size: number): Uint8Array => {
    const bytes = new Uint8Array(size + FRAME_CHECKSUM_BYTES).fill(1);
    new DataView(bytes.buffer).setUint32(size, crc32(bytes, 0, size), true);
    return wrapFrame(bytes);
  };
  const framesOf = (stream: Uint8Array): number =>
    split(stream).calls.filter((call) => typeof call === "number").length;
  const sizes = Array.from({ length: FRAME_HEADER_BYTES + 2 }, (_, size) => size);
  expect(sizes.map((size) => framesOf(sealed(size)))).toEqual([0, 0, 0, 0, 1, 1]);
});

describe("binary frames", () => {
  test("stand among text", () => {
    expectSplit(concat("boot\r\n", wrapped(1), "I (12) app: hi\n", wrapped(2), wrapped(3), "bye"), [
      "boot\r\n",
      1,
      "I (12) app: hi\n",
      2,
      3,
      "bye",
    ]);
  });

  test("text is passed on before the next frame comes", () => {
    const pieces: string[] = [];
    const splitter = new FrameSplitter({
      frame: () => expect.unreachable(),
      text: (bytes) => pieces.push(Buffer.from(bytes).toString()),
    });
    splitter.push(encodeText("Enter password: "));
    expect(pieces).toEqual(["Enter password: "]);
  });

  test("FF in text is text unless 00 follows", () => {
    expectSplit(concat(Uint8Array.of(0xff, 0xff, 0x41, 0xff)), ["\xff\xff\x41\xff"]);
    expectSplit(concat(Uint8Array.of(0xff), wrapped(1)), ["\xff", 1]);
  });

  test("the largest frame passes, a larger one does not", () => {
    const largest = new Uint8Array(MAX_FRAME_BYTES - 8).fill(0xa5);
    expectSplit(wrapped(1, largest), [1]);
    expect(split(wrapped(1, new Uint8Array(MAX_FRAME_BYTES - 7).fill(0xa5))).damaged).toBe(1);
  });

  test("a lost start costs that frame only", () => {
    const lost = wrapped(1).subarray(1);
    expect(split(concat(lost, wrapped(2))).calls).toContain(2);
    expect(split(concat(endingInFF().subarray(1), "log\n", wrapped(2))).calls).toEqual(expect.arrayContaining([2]));
    expect(split(concat(endingInFF().subarray(1), wrapped(2))).calls).toContain(2);
  });

  test("a lost end costs that frame only, whatever comes next", () => {
    const cut = wrapped(1).slice(0, -1);
    expect(split(concat(cut, wrapped(2))).calls).toContain(2);
    const { calls } = split(concat(cut, "I (99) app: a line\n", wrapped(2)));
    expect(calls).toContain(2);
    expect(calls.join("")).toContain("I (99) app: a line\n");
  });

  test("what grows past the largest frame is given back as text, even where it ends within a start", () => {
    const line = "x".repeat(79) + "\n";
    const open = Uint8Array.of(0xff, 0x00);
    expectSplit(concat(open, line.repeat(20), wrapped(5)), [line.repeat(20), 5], 1);
    const limit = cobsLimit(MAX_FRAME_BYTES);
    for (const length of [limit - 2, limit - 1, limit, limit + 1]) {
      expectSplit(concat(open, "y".repeat(length), wrapped(6)), ["y".repeat(length), 6], 1);
    }
  });

  test("text printed into the middle of a frame is salvaged", () => {
    const whole = wrapped(1, new Uint8Array(100).fill(3));
    const stream = concat(whole.slice(0, 50), "Guru Meditation Error: größer\n", whole.slice(50), wrapped(2));
    const { calls, damaged } = split(stream);
    expect(damaged).toBe(1);
    expect(calls).toEqual([Buffer.from("Guru Meditation Error: größer\n").toString("latin1"), 2]);
  });

  test("a cut frame at the stream's end is counted", () => {
    expectSplit(concat("a", wrapped(1), wrapped(2).slice(0, -1)), ["a", 1], 1);
  });
});

describe("armoured frames", () => {
  const line = (sequence: number): string => Buffer.from(armourFrame(frame(sequence))).toString();

  test("end with LF, CR LF or the stream", () => {
    expectSplit(
      concat(line(1), line(2).replace("\n", "\r\n"), line(3).replace("\n", "\r\r\n"), line(4).trimEnd()),
      [1, 2, 3, 4],
    );
  });

  test("stand behind other text, whose line end stays", () => {
    expectSplit(concat("[12:00] ", line(1), "I (5) x: y\n", line(2)), ["[12:00] ", 1, "\nI (5) x: y\n", 2]);
  });

  test("mix with binary frames", () => {
    expectSplit(concat(wrapped(1), line(2), wrapped(3), "t\n", line(4)), [1, 2, 3, "t\n", 4]);
  });

  test("damage gives the line back as text and costs that frame only", () => {
    const broken = line(1).replace("EkIB", "EkIC");
    expect(broken).not.toBe(line(1));
    expectSplit(concat(broken, line(2)), [broken, 2], 1);
    expectSplit(concat(line(1).slice(0, 9), wrapped(2)), [line(1).slice(0, 9), 2], 1);
    expectSplit(concat(line(1).slice(0, 9), line(2)), [line(1).slice(0, 9), 2, "\n"], 1);
    expectSplit(concat("$MM:", "A".repeat(2000), "\n", line(2)), ["$MM:" + "A".repeat(2000) + "\n", 2], 1);
  });

  test("a false start of a binary frame does not hide them", () => {
    const open = Uint8Array.of(0xff, 0x00);
    const many = Array.from({ length: 60 }, (_, index) => line(index + 1));
    expectSplit(concat(open, ...many, wrapped(99)), Array.from({ length: 60 }, (_, index) => index + 1).concat(99), 1);
    expectSplit(concat(open, line(1), wrapped(2), line(3)), [1, 2, 3], 1);
    // Also where the stream ends in it.
    expectSplit(concat(open, line(1), line(2)), [1, 2], 1);
  });

  test("near misses are text", () => {
    expectSplit(concat("$ $$MM $M:$MM\n$"), ["$ $$MM $M:$MM\n$"]);
    expectSplit(concat("$$MM:", line(1).slice(4)), ["$", 1, "\n"]);
  });
});

test("any bytes in any chunks give the same frames and text", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(Uint8Array.of(0xff, 0), Uint8Array.of(0xff), encodeText("$MM:"), encodeText("text\r\n")),
    fc.nat(500).map((sequence) => wrapped(sequence)),
    fc.nat(500).map((sequence) => armourFrame(frame(sequence))),
    fc.nat(500).map((sequence) => wrapped(sequence).slice(1, -1)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (pieces, chunkLength) => {
      const stream = concat(...pieces);
      expect(split(stream, chunkLength)).toEqual(split(stream));
    }),
  );
});
