/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays, within bounds that are compared before */
// The two directions in which zstd packs bits (RFC 8878, 4.1 and 4.2): the description of a table is read forwards, what tables encode backwards,
// from a last byte whose highest one bit marks the end. No read leaves the bytes that it was given.

/** Bytes that are no zstd, or need more than any encoder writes. */
export class DamagedZstd extends Error {
  override readonly name = "DamagedZstd";
}

/** Place of the highest one bit of a positive number below 2^32. */
export function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** The `count` (0 to 25) bits that begin `position` bits behind byte 0; bytes from `end` on are zeros. */
export function bitsAt(bytes: Uint8Array, end: number, position: number, count: number): number {
  const at = position >> 3;
  const word =
    at + 4 <= end
      ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      : tailWord(bytes, end, at);
  return (word >>> (position & 7)) & ((1 << count) - 1);
}

function tailWord(bytes: Uint8Array, end: number, at: number): number {
  let word = 0;
  for (let i = 0; i < 4 && at + i < end; i++) word |= bytes[at + i]! << (8 * i);
  return word;
}

/** A stream that is read from its end to its beginning. */
export class BackwardBits {
  readonly bytes: Uint8Array;
  /** Bit of `bytes` where the stream begins. */
  private readonly first: number;
  private readonly end: number;
  /** The bits from `first` to here are not read yet. */
  private position: number;

  /** @throws DamagedZstd where the stream `bytes[start … end-1]` has no end mark */
  constructor(bytes: Uint8Array, start: number, end: number) {
    const last = end > start ? bytes[end - 1]! : 0;
    if (last === 0) throw new DamagedZstd("a bit stream has no end");
    this.bytes = bytes;
    this.first = start * 8;
    this.end = end;
    this.position = (end - 1) * 8 + highestBit(last);
  }

  get left(): number {
    return this.position - this.first;
  }

  /** @throws DamagedZstd where fewer than `count` (0 to 25) bits are left */
  read(count: number): number {
    this.position -= count;
    if (this.position < this.first) throw new DamagedZstd("a bit stream is too short");
    return bitsAt(this.bytes, this.end, this.position, count);
  }

  /** Up to 31 bits. */
  readLong(count: number): number {
    if (count <= 25) return this.read(count);
    const high = this.read(count - 16);
    return high * 0x10000 + this.read(16);
  }
}
