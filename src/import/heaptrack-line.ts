/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Reads the fields of one heaptrack line: hexadecimal numbers and strings between single spaces. From version 3 on, strings
// carry their length in front, because paths may hold spaces.

const NO_DIGIT = 0xff;
/** The value of each byte as a hexadecimal digit. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

export class HeaptrackLine {
  private bytes: Uint8Array = new Uint8Array();
  private position = 0;
  private end = 0;

  /** Starts with the field after the line's first word. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.end = end;
    this.position = start + 1;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** The next field as a number; undefined where there is none or it is no number. Exact up to 2^53. */
  hex(): number | undefined {
    if (!this.skipSpace()) return undefined;
    const start = this.position;
    const bytes = this.bytes;
    const end = this.end;
    let position = start;
    let value = 0;
    // Seven digits are a small integer, with which the rest need not be done as doubles.
    const short = Math.min(end, start + 7);
    for (; position < short; position++) {
      const digit = DIGITS[bytes[position]!]!;
      if (digit === NO_DIGIT) break;
      value = (value << 4) | digit;
    }
    if (position === short) {
      for (; position < end; position++) {
        const digit = DIGITS[bytes[position]!]!;
        if (digit === NO_DIGIT) break;
        value = value * 16 + digit;
      }
    }
    this.position = position;
    const atFieldEnd = position >= end || bytes[position] === 0x20;
    return position > start && atFieldEnd ? value : undefined;
  }

  /** A 64-bit pointer, as a number where that is exact, else as it stands; undefined where there is no field or it is no number. */
  pointer(): number | string | undefined {
    const start = this.position;
    const value = this.hex();
    if (value === undefined || value <= Number.MAX_SAFE_INTEGER) return value;
    this.position = start;
    return this.word();
  }

  /** The next field as it stands, for keys that need all 64 bits. */
  word(): string | undefined {
    if (!this.skipSpace()) return undefined;
    const start = this.position;
    while (this.position < this.end && this.bytes[this.position] !== 0x20) this.position++;
    return this.position > start ? ascii(this.bytes, start, this.position) : undefined;
  }

  /** A string of so many bytes. */
  text(length: number): string | undefined {
    if (length === 0) return "";
    if (!this.skipSpace() || this.position + length > this.end) return undefined;
    const start = this.position;
    this.position += length;
    return new TextDecoder().decode(this.bytes.subarray(start, this.position));
  }

  /** All that is left, as a string. */
  rest(): string {
    if (!this.skipSpace()) return "";
    const start = this.position;
    this.position = this.end;
    return new TextDecoder().decode(this.bytes.subarray(start, this.end));
  }

  private skipSpace(): boolean {
    if (this.position < this.end && this.bytes[this.position] === 0x20) this.position++;
    return this.position < this.end;
  }
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
