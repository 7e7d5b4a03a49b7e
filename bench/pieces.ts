// A stream in pieces as a file or a fast port gives them.

/** Bytes of a piece. */
const PIECE_BYTES = 1 << 16;

export class Pieces {
  readonly all: Uint8Array[] = [];
  private room = new Uint8Array(0);

  add(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      if (this.room.length === 0) {
        this.room = new Uint8Array(PIECE_BYTES);
        this.all.push(this.room);
      }
      const part = bytes.subarray(from, from + this.room.length);
      this.room.set(part);
      this.room = this.room.subarray(part.length);
      from += part.length;
    }
  }

  /** Cuts the last piece to what it has. */
  end(): void {
    const last = this.all.pop();
    if (last !== undefined) this.all.push(last.subarray(0, last.length - this.room.length));
    this.room = this.room.subarray(0, 0);
  }
}
