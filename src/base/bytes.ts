/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Writing and reading of packed bytes, as frames and recordings have them: little-endian numbers, LEB128 varints, strings. The reader takes untrusted
// bytes: it never throws and never reads past its end; whatever is cut off or malformed sets `failed` and reads as zeros, so that the caller looks once
// a record, not once a byte. ELF and DWARF have a reader of their own (src/symbols/cursor.ts): their rules for numbers and strings are others.

const TWO_32 = 0x1_0000_0000;
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NO_BYTES = new Uint8Array(0);

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

/** Two lower-case digits a byte. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
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
  /** Loops that do the most frequent numbers themselves read these directly. */
  bytes: Uint8Array = NO_BYTES;
  position = 0;
  /** First byte that may no longer be read. */
  end = 0;
  /** Something was cut off or malformed; what was read since is not to be trusted. */
  failed = false;

  constructor(bytes: Uint8Array = NO_BYTES) {
    this.reset(bytes, 0, bytes.length);
  }

  /** Begins to read `bytes[start … end-1]`. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.failed = false;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  u8(): number {
    if (this.position >= this.end) return this.fail();
    return this.bytes[this.position++]!;
  }

  u32(): number {
    const position = this.position;
    if (position + 4 > this.end) return this.fail();
    this.position = position + 4;
    const bytes = this.bytes;
    const low = bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16);
    return (low | (bytes[position + 3]! << 24)) >>> 0;
  }

  f64(): number {
    const { buffer, byteOffset } = this.take(8);
    return this.failed ? 0 : new DataView(buffer, byteOffset, 8).getFloat64(0, true);
  }

  /** Unsigned LEB128 of at most 53 bits. */
  varint(): number {
    const { bytes, position } = this;
    if (position + 3 <= this.end) {
      const first = bytes[position]!;
      if (first < 0x80) {
        this.position = position + 1;
        return first;
      }
      const second = bytes[position + 1]!;
      if (second < 0x80) {
        this.position = position + 2;
        return (first & 0x7f) | (second << 7);
      }
      const third = bytes[position + 2]!;
      if (third < 0x80) {
        this.position = position + 3;
        return (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
      }
    }
    return this.longVarint();
  }

  private longVarint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : this.fail();
    }
    return this.fail();
  }

  /** Another reader of the next `count` varints, which this one leaves behind. */
  varints(count: number): ByteReader {
    const start = this.position;
    const { bytes, end } = this;
    let at = start;
    for (let left = count; left > 0 && at < end; at++) if (bytes[at]! < 0x80) left--;
    const column = new ByteReader(bytes);
    column.reset(bytes, start, at);
    this.position = at;
    return column;
  }

  /** Unsigned LEB128 of at most 32 bits; one that is longer is malformed. */
  varint32(): number {
    const bytes = this.bytes;
    let position = this.position;
    let value = 0;
    let shift = 0;
    let byte: number;
    do {
      if (position >= this.end) return this.fail();
      byte = bytes[position++]!;
      if (shift === 28 && byte > 0x0f) return this.fail();
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte > 0x7f);
    this.position = position;
    return value >>> 0;
  }

  /** Signed: 0, -1, 1, -2, … from 0, 1, 2, 3, … */
  zigzag(): number {
    const value = this.varint();
    if (value < 0x8000_0000) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** The same in 32 bits. */
  zigzag32(): number {
    const value = this.varint32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (length > this.end - this.position) {
      this.fail();
      return NO_BYTES;
    }
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** Everything that is left, as a view. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** A length and that many bytes, as a view. */
  blob(): Uint8Array {
    return this.take(this.varint());
  }

  /** A length and that many bytes of UTF-8. */
  string(): string {
    return decodeText(this.blob());
  }

  /** A count of things of at least `bytesEach` bytes each; fails when they cannot all be there, so that nobody allocates for them. */
  count(bytesEach = 1): number {
    const count = this.varint();
    return count * bytesEach > this.remaining ? this.fail() : count;
  }

  /** Gives up: nothing more can be read. Returns 0. */
  fail(): number {
    this.failed = true;
    this.position = this.end;
    return 0;
  }
}

/** What is no UTF-8 becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return textDecoder.decode(bytes);
}
