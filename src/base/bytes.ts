/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Writing and reading of packed bytes: little-endian numbers, LEB128 varints, strings. The reader takes untrusted bytes: it never throws
// and never reads past its end; whatever is cut off or malformed sets `failed` and reads as zeros.

const TWO_32 = 0x1_0000_0000;
const textEncoder = new TextEncoder();

export class ByteWriter {
  private bytes: Uint8Array<ArrayBuffer>;
  private numbers: DataView;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.numbers = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` bytes more, so that a loop may write without asking each time. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const longer = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    longer.set(this.bytes.subarray(0, this.length));
    this.bytes = longer;
    this.numbers = new DataView(longer.buffer);
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u16(value: number): void {
    this.u8(value);
    this.u8(value >>> 8);
  }

  u32(value: number): void {
    this.reserve(4);
    this.numbers.setUint32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.numbers.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** LEB128 of an integer from 0 to 2^53 - 1. */
  varint(value: number): void {
    if (this.length + 8 > this.bytes.length) this.reserve(8);
    let rest = value;
    while (rest >= TWO_32) {
      this.bytes[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    rest |= 0;
    while (rest >>> 0 >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  /** A varint of each value, as `varint` writes it. For columns: one check for room, and no call per value. */
  varints(values: ArrayLike<number>, count = values.length): void {
    this.reserve(count * 8);
    this.length = writeVarints(values, count, this.bytes, this.length);
  }

  /** A signed integer, small magnitudes short: n >= 0 ? 2n : -2n - 1. */
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Length as a varint, then UTF-8. */
  string(text: string): void {
    this.blob(encodeText(text));
  }

  /** Length as a varint, then the bytes. */
  blob(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** Overwrites four bytes that were written before. */
  patchU32(offset: number, value: number): void {
    this.numbers.setUint32(offset, value, true);
  }

  /** What was written so far, as a view that the next write may invalidate. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** What was written so far, as a copy. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}

export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return textEncoder.encode(text);
}

/** Returns the position behind what was written. */
function writeVarints(values: ArrayLike<number>, count: number, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    let rest = values[i]!;
    while (rest >= TWO_32) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    rest |= 0;
    while (rest >>> 0 >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
  }
  return at;
}

export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  offset = 0;
  /** Something was cut off or malformed; what was read since is not to be trusted. */
  failed = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.take(1) ? this.bytes[this.offset - 1]! : 0;
  }

  u32(): number {
    return this.take(4) ? this.view.getUint32(this.offset - 4, true) : 0;
  }

  f64(): number {
    return this.take(8) ? this.view.getFloat64(this.offset - 8, true) : 0;
  }

  varint(): number {
    const { bytes, offset } = this;
    if (offset + 3 <= bytes.length) {
      const first = bytes[offset]!;
      if (first < 0x80) {
        this.offset = offset + 1;
        return first;
      }
      const second = bytes[offset + 1]!;
      if (second < 0x80) {
        this.offset = offset + 2;
        return (first & 0x7f) | (second << 7);
      }
      const third = bytes[offset + 2]!;
      if (third < 0x80) {
        this.offset = offset + 3;
        return (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
      }
    }
    return this.longVarint();
  }

  private longVarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      if (this.offset >= this.bytes.length) break;
      const byte = this.bytes[this.offset++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 128;
    }
    this.failed = true;
    return 0;
  }

  zigzag(): number {
    const value = this.varint();
    if (value < 0x8000_0000) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  string(): string {
    return new TextDecoder().decode(this.blob());
  }

  /** A view into the reader's bytes. */
  blob(): Uint8Array {
    return this.raw(this.varint());
  }

  raw(length: number): Uint8Array {
    if (!this.take(length)) return this.bytes.subarray(0, 0);
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  /** A count of things of at least `bytesEach` bytes each; fails when they cannot all be there, so that nobody allocates for them. */
  count(bytesEach = 1): number {
    const count = this.varint();
    if (count * bytesEach > this.remaining) {
      this.failed = true;
      return 0;
    }
    return count;
  }

  private take(count: number): boolean {
    if (count > this.remaining) {
      this.failed = true;
      this.offset = this.bytes.length;
      return false;
    }
    this.offset += count;
    return true;
  }
}
