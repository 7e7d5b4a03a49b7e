// Writes the protocol's numbers and strings into a buffer that grows as needed.

const textEncoder = new TextEncoder();

export class ByteWriter {
  length = 0;
  private buffer = new Uint8Array(256);

  clear(): void {
    this.length = 0;
  }

  u8(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u16(value: number): void {
    this.u8(value);
    this.u8(value >>> 8);
  }

  u32(value: number): void {
    this.u16(value);
    this.u16(value >>> 16);
  }

  /** Unsigned LEB128 of an integer up to 2^53-1. */
  varint(value: number): void {
    let left = value;
    while (left >= 0x80) {
      this.u8((left % 0x80) | 0x80);
      left = Math.floor(left / 0x80);
    }
    this.u8(left);
  }

  /** A signed 32-bit integer. */
  zigzag(value: number): void {
    this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A varint length and the bytes. */
  block(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  string(text: string): void {
    this.block(encodeText(text));
  }

  /** What was written, valid until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = new Uint8Array(2 * (this.length + bytes));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return textEncoder.encode(text);
}
