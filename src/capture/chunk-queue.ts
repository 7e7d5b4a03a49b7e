// From callbacks to iteration: chunks wait here until the reader comes for them. Unbounded on purpose: a serial line cannot be
// paused, what is not taken off the kernel's buffer is lost, and a reader that is behind catches up (at 921600 baud a second
// of delay is 92 KB).

export class ChunkQueue implements AsyncIterable<Uint8Array> {
  private chunks: Uint8Array[] = [];
  private ended = false;
  private error: Error | undefined;
  private wake: (() => void) | undefined;

  push(chunk: Uint8Array): void {
    if (this.ended || chunk.length === 0) return;
    this.chunks.push(chunk);
    this.wake?.();
  }

  /** No more chunks will come; those that wait are still handed on, then the error is thrown, if there is one. */
  end(error?: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.error = error;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const chunks = this.chunks;
      this.chunks = [];
      yield* chunks;
      if (this.chunks.length > 0) continue;
      if (this.ended) break;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
    if (this.error !== undefined) throw this.error;
  }
}
