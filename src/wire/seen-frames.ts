// Which frames of a boot have come: a repeated stretch of a stream (a file that was joined twice, a line that echoes) is known by sequence number
// and checksum, and is neither a restart nor history.

const NUMBERS = 0x1_0000;

export class SeenFrames {
  /** By sequence number; 0 where none has come, so that one frame in 2^32 is never known again. */
  private readonly checksums = new Uint32Array(NUMBERS);
  /** Of the last frame, if that was one that had come before. */
  private repeated: number | undefined;

  /**
   * Whether the frame has come before, or lies in a stretch of frames that have: it was lost the first time, and its events count as lost.
   * `next`: the sequence number that a new frame would have.
   */
  isRepetition(sequence: number, checksum: number, next: number): boolean {
    const { repeated } = this;
    const isKnown = checksum !== 0 && this.checksums[sequence] === checksum;
    const isWithin =
      repeated !== undefined &&
      ((sequence - repeated) & 0xffff) < ((next - repeated) & 0xffff) &&
      sequence !== repeated;
    this.repeated = isKnown || isWithin ? sequence : undefined;
    return isKnown || isWithin;
  }

  has(sequence: number): boolean {
    return this.checksums[sequence] !== 0;
  }

  add(sequence: number, checksum: number): void {
    this.checksums[sequence] = checksum;
  }
}
