// A bounds-checked reader over bytes that may be wrong. Reading past the end gives zeros and sets `overrun`, so that the loops
// above it need one check in their condition instead of a try around every field. Not base's ByteReader: ELF and DWARF have strings that end in a zero
// byte, numbers of 1 to 8 bytes, and LEB128 that may be padded for ever, all of which would be malformed in a frame or a recording.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays, each index checked against `end` */

/** Names in an ELF are seldom above 1 KB. What is longer than this is cut: a missing zero byte costs no more. */
const MAX_STRING_BYTES = 8192;

const decoder = new TextDecoder();

export class Cursor {
  readonly bytes: Uint8Array;
  pos: number;
  /** First byte that may no longer be read. */
  readonly end: number;
  /** Set once a read went past the end; that read and all later ones give 0. */
  overrun = false;

  /** @param end clipped to the bytes that are there */
  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.end = Math.min(end, bytes.length);
    this.pos = pos;
    if (!(pos >= 0 && pos <= this.end)) this.fail();
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  u8(): number {
    if (this.pos >= this.end) return this.fail();
    return this.bytes[this.pos++]!;
  }

  s8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    const at = this.pos;
    if (at + 2 > this.end) return this.fail();
    this.pos = at + 2;
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }

  u24(): number {
    const at = this.pos;
    if (at + 3 > this.end) return this.fail();
    this.pos = at + 3;
    return this.bytes[at]! | (this.bytes[at + 1]! << 8) | (this.bytes[at + 2]! << 16);
  }

  u32(): number {
    const at = this.pos;
    if (at + 4 > this.end) return this.fail();
    this.pos = at + 4;
    const bytes = this.bytes;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  /** Exact up to 2^53; no field of a 32-bit program needs more. */
  u64(): number {
    const low = this.u32();
    const high = this.u32();
    return this.overrun ? 0 : low + high * 2 ** 32;
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes; other sizes fail. */
  unsigned(size: number): number {
    if (size === 4) return this.u32();
    if (size === 1) return this.u8();
    if (size === 2) return this.u16();
    if (size === 8) return this.u64();
    return this.fail();
  }

  /** Unsigned LEB128. */
  uleb(): number {
    if (this.pos >= this.end) return this.fail();
    const first = this.bytes[this.pos++]!;
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 128;
    for (;;) {
      if (this.pos >= this.end) return this.fail();
      const byte = this.bytes[this.pos++]!;
      // Padding zeros may follow for ever; beyond 2^53 the value is meaningless anyway.
      if (scale < 2 ** 56) value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.pos >= this.end) return this.fail();
      const byte = this.bytes[this.pos++]!;
      if (scale < 2 ** 56) value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? value - scale : value;
    }
  }

  skip(count: number): void {
    this.pos += count;
    if (!(this.pos <= this.end)) this.fail();
  }

  skipLeb(): void {
    while (this.pos < this.end) if (this.bytes[this.pos++]! < 0x80) return;
    this.fail();
  }

  /** Moves behind the zero byte of a string. */
  skipString(): void {
    const zero = this.bytes.indexOf(0, this.pos);
    if (zero < 0 || zero >= this.end) this.fail();
    else this.pos = zero + 1;
  }

  string(): string {
    const start = this.pos;
    this.skipString();
    return this.overrun ? "" : stringAt(this.bytes, start);
  }

  private fail(): 0 {
    this.overrun = true;
    this.pos = this.end;
    return 0;
  }
}

/** The zero-terminated UTF-8 string at `offset`; empty when the offset lies outside. */
export function stringAt(bytes: Uint8Array, offset: number): string {
  if (!(offset >= 0 && offset < bytes.length)) return "";
  const limit = Math.min(bytes.length, offset + MAX_STRING_BYTES);
  let end = offset;
  let ascii = true;
  while (end < limit && bytes[end] !== 0) {
    if (bytes[end]! >= 0x80) ascii = false;
    end++;
  }
  // A decoder call costs more than a short string is worth.
  if (ascii && end - offset < 64) return String.fromCharCode(...bytes.subarray(offset, end));
  return decoder.decode(bytes.subarray(offset, end));
}
