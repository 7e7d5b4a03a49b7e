// Buffers of answers that the page has shown and given back.
import type { Bytes } from "../../base/units.ts";
import type { SpareBuffers } from "../../report/columns.ts";

/** One that is shown, one that is on its way, one that is written. */
const MOST_SPARE = 3;
/** So that one fits also when there is a little more. */
const HEADROOM = 1.25;

export class BufferPool implements SpareBuffers {
  private readonly spare: ArrayBuffer[] = [];

  take(bytes: Bytes): ArrayBuffer {
    const index = this.spare.findIndex(({ byteLength }) => byteLength >= bytes);
    const [found] = index < 0 ? [] : this.spare.splice(index, 1);
    return found ?? new ArrayBuffer(Math.ceil(bytes * HEADROOM));
  }

  /** The caller is done with it. The smallest go first. */
  give(buffer: ArrayBuffer): void {
    this.spare.push(buffer);
    this.spare.sort((a, b) => b.byteLength - a.byteLength);
    this.spare.length = Math.min(this.spare.length, MOST_SPARE);
  }
}
