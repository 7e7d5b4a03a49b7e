// Compressed debug sections: SHF_COMPRESSED with zlib or zstd (gABI), and the older GNU form ".zdebug_*". The compressors are
// a library and src/base/zstd; what is ours here is that a damaged or hostile section can cost neither more memory nor more time than stated here.
import type { Unzlib } from "fflate";
import { ZstdStream } from "../base/zstd/stream.ts";
import { Cursor } from "./cursor.ts";
import type { ProblemList } from "./problems.ts";

/** What is a library, asked for when the first compressed section comes up: to start it takes longer than a look-up. */
export interface Inflaters {
  readonly zlib: () => typeof Unzlib;
}

const ELFCOMPRESS_ZLIB = 1;
const ELFCOMPRESS_ZSTD = 2;

/** Debug sections shrink to a third or a tenth; a section that claims to grow more than this is damaged. */
const MAX_EXPANSION = 32;

/** Small sections may be all zeros, which shrink without bound. */
const ALWAYS_ALLOWED_BYTES = 16_384;

/** Deflate grows up to 1032 times, zstd up to 32768: one piece of input gives at most 134 MB before the size is looked at again. */
const PIECE_BYTES = 4096;

/** The section's contents; empty, with a problem noted, when they cannot be had. */
export function inflateSection(
  bytes: Uint8Array,
  name: string,
  inflaters: Inflaters,
  problems: ProblemList,
): Uint8Array {
  const header = compressionHeader(bytes, name);
  if (header === undefined) {
    problems.add("section-compression", `section ${name} is compressed in a way that is not known`);
    return new Uint8Array(0);
  }
  const { size, payload, kind } = header;
  if (size > Math.max(payload.length * MAX_EXPANSION, ALWAYS_ALLOWED_BYTES)) {
    problems.add(
      "section-compression",
      `section ${name} claims to hold ${size} bytes in ${payload.length}, which cannot be`,
    );
    return new Uint8Array(0);
  }
  const out = new Uint8Array(size);
  const filled = kind === ELFCOMPRESS_ZSTD ? fill(out, payload, zstd) : fill(out, payload, zlibOf(inflaters.zlib()));
  if (filled < size)
    problems.add("section-compression", `section ${name} is damaged: ${filled} of ${size} bytes came out`);
  return filled === 0 ? new Uint8Array(0) : out;
}

function compressionHeader(
  bytes: Uint8Array,
  name: string,
): { kind: number; size: number; payload: Uint8Array } | undefined {
  const at = new Cursor(bytes);
  if (name.startsWith(".zdebug_")) {
    // "ZLIB" and the size as eight big-endian bytes.
    if (at.u32() !== 0x42494c5a) return undefined;
    at.skip(4);
    let size = 0;
    for (let i = 0; i < 4; i++) size = size * 256 + at.u8();
    return at.overrun ? undefined : { kind: ELFCOMPRESS_ZLIB, size, payload: bytes.subarray(12) };
  }
  const kind = at.u32();
  const size = at.u32();
  if (at.overrun || bytes.length < 12 || (kind !== ELFCOMPRESS_ZLIB && kind !== ELFCOMPRESS_ZSTD)) return undefined;
  return { kind, size, payload: bytes.subarray(12) };
}

type Inflater = (take: (piece: Uint8Array) => void) => (piece: Uint8Array, isLast: boolean) => void;

function zlibOf(Library: typeof Unzlib): Inflater {
  return (take) => {
    const stream = new Library(take);
    return (piece, isLast) => {
      stream.push(piece, isLast);
    };
  };
}

const zstd: Inflater = (take) => {
  const stream = new ZstdStream(take);
  return (piece) => {
    stream.push(piece);
  };
};

/** Fills `out` and gives how many bytes came. What exceeds `out` is not kept, and ends the work. */
function fill(out: Uint8Array, payload: Uint8Array, inflater: Inflater): number {
  let filled = 0;
  const push = inflater((piece) => {
    const fits = piece.subarray(0, out.length - filled);
    out.set(fits, filled);
    filled += fits.length;
  });
  try {
    for (let at = 0; at < payload.length && filled < out.length; at += PIECE_BYTES) {
      push(payload.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= payload.length);
    }
  } catch {
    // What came out before the damage is kept; the caller sees that it is short.
  }
  return filled;
}
