// Frames of a run that was joined in the middle, kept until a HELLO tells how long its ticks are.

/** A probe sends a HELLO with every snapshot, once a minute unless configured otherwise: so much holds a minute of a busy board. */
const MOST_BYTES = 1 << 20;

export class HeldFrames {
  private frames: Uint8Array[] = [];
  private bytes = 0;

  /** Keeps a copy. False where there is no room left for it. */
  add(frame: Uint8Array): boolean {
    if (this.bytes + frame.length > MOST_BYTES) return false;
    this.frames.push(frame.slice());
    this.bytes += frame.length;
    return true;
  }

  /** In the order in which they came. */
  forEach(read: (frame: Uint8Array) => void): void {
    this.frames.forEach(read);
  }
}
