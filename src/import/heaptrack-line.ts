// Reads the fields of one heaptrack line: hexadecimal numbers and strings between single spaces. From version 3 on, strings
// carry their length in front, because paths may hold spaces.

export class HeaptrackLine {
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;

  /** Starts with the field after the line's first word. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
    this.#position = start + 1;
  }

  /** Bytes that are left in the line, the space before the next field included. */
  get left(): number {
    return this.#end - this.#position;
  }

  get atEnd(): boolean {
    return this.#position >= this.#end;
  }

  /** The next field as a number; undefined where there is none or it is no number. Exact up to 2^53. */
  hex(): number | undefined {
    if (!this.#skipSpace()) return undefined;
    let value = 0;
    let digits = 0;
    while (this.#position < this.#end) {
      const byte = this.#bytes[this.#position];
      const digit = byte === undefined ? -1 : hexDigit(byte);
      if (digit < 0) break;
      value = value * 16 + digit;
      digits++;
      this.#position++;
    }
    const atFieldEnd = this.#position >= this.#end || this.#bytes[this.#position] === 0x20;
    return digits > 0 && atFieldEnd ? value : undefined;
  }

  /** The next field as it stands, for keys that need all 64 bits. */
  word(): string | undefined {
    if (!this.#skipSpace()) return undefined;
    const start = this.#position;
    while (this.#position < this.#end && this.#bytes[this.#position] !== 0x20) this.#position++;
    return this.#position > start ? ascii(this.#bytes, start, this.#position) : undefined;
  }

  /** A string of so many bytes. */
  text(length: number): string | undefined {
    if (length === 0) return "";
    if (!this.#skipSpace() || this.#position + length > this.#end) return undefined;
    const start = this.#position;
    this.#position += length;
    return new TextDecoder().decode(this.#bytes.subarray(start, this.#position));
  }

  /** All that is left, as a string. */
  rest(): string {
    if (!this.#skipSpace()) return "";
    const start = this.#position;
    this.#position = this.#end;
    return new TextDecoder().decode(this.#bytes.subarray(start, this.#end));
  }

  #skipSpace(): boolean {
    if (this.#position < this.#end && this.#bytes[this.#position] === 0x20) this.#position++;
    return this.#position < this.#end;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x61 + 10;
  return byte >= 0x41 && byte <= 0x46 ? byte - 0x41 + 10 : -1;
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}
