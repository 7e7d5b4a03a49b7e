// How far the device's live set may be from ours while history is missing: by how much it may be ahead, in bytes and blocks, and how many of the
// blocks that were live before may be gone. Events that are seen change both sides alike; only what is said here changes the distance.

import type { Bytes } from "../base/units.ts";

export class Bounds {
  /** Device minus model: at least, at most. */
  bytesLow = 0;
  bytesHigh = 0;
  blocksLow = 0;
  blocksHigh = 0;
  /** Events that are missing and may have been frees of blocks that are uncertain. */
  missingEvents = 0;

  /** All is known again. */
  clear(): void {
    this.bytesLow = 0;
    this.bytesHigh = 0;
    this.blocksLow = 0;
    this.blocksHigh = 0;
    this.missingEvents = 0;
  }

  /**
   * @param missingEvents Infinity where not known
   * @param mayRestart a restart, after which nothing was live, may be among them
   */
  gap(missingEvents: number, mayRestart = false): void {
    if (missingEvents === 0 && !mayRestart) return;
    this.missingEvents += mayRestart ? Infinity : missingEvents;
    this.blocksLow -= mayRestart ? Infinity : missingEvents;
    this.blocksHigh += missingEvents;
    this.bytesLow = -Infinity;
    this.bytesHigh = Infinity;
  }

  /** The device has told its totals. */
  told(bytesAhead: Bytes, blocksAhead: number): void {
    this.bytesLow = bytesAhead;
    this.bytesHigh = bytesAhead;
    this.blocksLow = blocksAhead;
    this.blocksHigh = blocksAhead;
  }

  /** A block comes (or, with negative numbers, goes) on the device's side alone. */
  deviceOnly(bytes: Bytes, blocks: number): void {
    this.bytesLow += bytes;
    this.bytesHigh += bytes;
    this.blocksLow += blocks;
    this.blocksHigh += blocks;
  }

  /** The device has freed a block of which we do not know how large it was. */
  freedUnknown(): void {
    this.bytesLow = -Infinity;
    this.blocksLow--;
    this.blocksHigh--;
  }

  /** A block that was uncertain was freed: it, or one that had taken its place, for which a free and an allocation must be missing. */
  freedUncertain(bytes: Bytes): void {
    if (this.missingEvents < 2) return;
    this.bytesLow = -Infinity;
    this.bytesHigh += bytes;
  }

  /** A block that was uncertain turns out to be gone: one of the missing events was its free. */
  gone(bytes: Bytes): void {
    this.deviceOnly(bytes, 1);
    this.missingEvents = Math.max(0, this.missingEvents - 1);
  }
}

/** The sum of the `count` largest sizes, which may be more than there are. */
export function sumOfLargest(sizes: readonly Bytes[], count: number): Bytes {
  const all = count >= sizes.length;
  const largest = all ? sizes : [...sizes].sort((a, b) => b - a).slice(0, count);
  return largest.reduce((sum, size) => sum + size, 0);
}
