/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Reads the protocol's numbers and strings from a frame. Reading past the end, or a number that is too long, sets `failed`
// and gives 0: the caller looks once a record, not once a byte.

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class Cursor {
  position = 0;
  failed = false;
  /** Read by loops that do the most frequent numbers themselves. */
  bytes: Uint8Array = new Uint8Array(0);
  end = 0;

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

  /** Unsigned LEB128 of at most 32 bits. */
  varint(): number {
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

  /** Unsigned LEB128 of at most 53 bits: times. */
  longVarint(): number {
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

  /** Signed 32 bits: 0, -1, 1, -2, … from 0, 1, 2, 3, … */
  zigzag(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** The next `length` bytes, valid as long as the frame's. */
  take(length: number): Uint8Array {
    if (length > this.end - this.position) {
      this.fail();
      return new Uint8Array(0);
    }
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** A varint length and that many bytes of UTF-8; what is no UTF-8 becomes U+FFFD. */
  string(): string {
    return decodeText(this.take(this.varint()));
  }

  /** Gives up: nothing more can be read. Returns 0. */
  fail(): number {
    this.failed = true;
    this.position = this.end;
    return 0;
  }
}

export function decodeText(bytes: Uint8Array): string {
  return textDecoder.decode(bytes);
}
