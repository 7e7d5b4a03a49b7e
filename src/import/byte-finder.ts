// Where a byte comes next among many lines of the same bytes: rare ones are not searched for in each line again.

export class ByteFinder {
  private readonly byte: number;
  private bytes: Uint8Array | undefined;
  private from = 0;
  private next = 0;

  constructor(byte: number) {
    this.byte = byte;
  }

  /** Of bytes that do not change as long as they are the same object. */
  isIn(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.bytes || start < this.from || start > this.next) {
      this.bytes = bytes;
      const found = bytes.indexOf(this.byte, start);
      this.next = found < 0 ? Infinity : found;
    }
    this.from = start;
    return this.next < end;
  }
}
