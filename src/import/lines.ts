// Splits bytes that arrive in chunks into lines, for formats whose lines are short and end in \n.

/** Called with each line, without its line end. The bytes are valid during the call. */
export type LineHandler = (bytes: Uint8Array, start: number, end: number) => void;

/** Puts lines together across chunks. Lines end with \n; what follows the last one comes with finish(). */
export class LineSplitter {
  private readonly onLine: LineHandler;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(onLine: LineHandler) {
    this.onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    if (this.rest.length > 0) {
      const lineEnd = chunk.indexOf(0x0a);
      const head = lineEnd < 0 ? chunk : chunk.subarray(0, lineEnd);
      const line = joined([this.rest, head]);
      if (lineEnd < 0) {
        this.rest = line;
        return;
      }
      this.rest = new Uint8Array(0);
      this.onLine(line, 0, line.length);
      start = lineEnd + 1;
    }
    // Lines are short: looking at each byte here is quicker than a call of indexOf a line.
    for (let position = start; position < chunk.length; position++) {
      if (chunk[position] !== 0x0a) continue;
      this.onLine(chunk, start, position);
      start = position + 1;
    }
    if (start < chunk.length) this.rest = chunk.slice(start);
  }

  /** Hands on the last line if it has no line end; true if there was one. */
  finish(): boolean {
    if (this.rest.length === 0) return false;
    const line = this.rest;
    this.rest = new Uint8Array(0);
    this.onLine(line, 0, line.length);
    return true;
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let position = 0;
  for (const chunk of chunks) {
    all.set(chunk, position);
    position += chunk.length;
  }
  return all;
}
