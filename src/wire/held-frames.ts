// Frames of a run that was joined in the middle, kept until a HELLO tells how long its ticks are.

import { FRAME_SLACK_BYTES } from "./framing.ts";

/** A probe sends a HELLO with every snapshot, once a minute unless configured otherwise: so much holds a minute of a busy board. */
const MOST_BYTES = 1 << 20;

const CHECKSUM_BYTES = 4;

export class HeldFrames {
  private frames: Uint8Array[] = [];
  private bytes = 0;

  /** Keeps a copy of `bytes[0 … end-1]` and the checksum behind it. False where there is no room left for it. */
  add(bytes: Uint8Array, end: number): boolean {
    if (this.bytes + end > MOST_BYTES) return false;
    const frame = new Uint8Array(end + FRAME_SLACK_BYTES);
    frame.set(bytes.subarray(0, end + CHECKSUM_BYTES));
    this.frames.push(frame);
    this.bytes += end;
    return true;
  }

  /** In the order in which they came. */
  forEach(read: (bytes: Uint8Array, end: number) => void): void {
    for (const frame of this.frames) read(frame, frame.length - FRAME_SLACK_BYTES);
  }
}
