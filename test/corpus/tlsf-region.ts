// One region of the corpus' board: blocks and holes as ESP-IDF's TLSF makes them, with its rounding of requests. Written apart from src, so that a
// plan that memmap makes is tried on another heap than the one that it was made with.

const header = 4;
const smallest = 12;

interface Hole {
  /** Of the header. */
  start: number;
  /** With the header. */
  bytes: number;
}

export interface RegionPlan {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
  readonly caps: number;
}

export class TlsfRegion {
  readonly plan: RegionPlan;
  free: number;
  private holes: Hole[];
  /** Block bytes without header, by address. */
  private readonly blocks = new Map<number, number>();
  private readonly classesLog2: number;

  constructor(plan: RegionPlan) {
    this.plan = plan;
    this.free = plan.bytes;
    this.holes = [{ start: plan.start, bytes: plan.bytes }];
    this.classesLog2 = plan.bytes <= 16 << 10 ? 3 : plan.bytes <= 256 << 10 ? 4 : 5;
  }

  get end(): number {
    return this.plan.start + this.plan.bytes;
  }

  /** What the heap makes of a request: a block of so many bytes. */
  blockFor(request: number): number {
    const bytes = Math.max(smallest, Math.ceil(request / 4) * 4);
    if (bytes < 2 ** (this.classesLog2 + 2)) return bytes;
    const step = 2 ** (Math.floor(Math.log2(bytes)) - this.classesLog2);
    return Math.ceil(bytes / step) * step;
  }

  /** The hole from the smallest class of sizes that serves; of these the lowest. */
  allocate(request: number): number | undefined {
    const need = this.blockFor(request);
    let best: Hole | undefined;
    let bestClass = Infinity;
    for (const hole of this.holes) {
      if (hole.bytes - header < need) continue;
      const sizeClass = this.classOf(hole.bytes - header);
      if (sizeClass >= bestClass) continue;
      best = hole;
      bestClass = sizeClass;
    }
    if (best === undefined) return undefined;
    const address = best.start + header;
    const taken = best.bytes - header - need >= header + smallest ? need + header : best.bytes;
    best.start += taken;
    best.bytes -= taken;
    if (best.bytes === 0) this.holes.splice(this.holes.indexOf(best), 1);
    this.free -= taken;
    this.blocks.set(address, taken - header);
    return address;
  }

  release(address: number): void {
    const bytes = this.blocks.get(address);
    if (bytes === undefined) throw new Error("the corpus freed a block twice");
    this.blocks.delete(address);
    const hole = { start: address - header, bytes: bytes + header };
    this.free += hole.bytes;
    let low = 0;
    let high = this.holes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.holes[middle]?.start ?? 0) > hole.start) high = middle;
      else low = middle + 1;
    }
    const before = this.holes[low - 1];
    const after = this.holes[low];
    if (after !== undefined && hole.start + hole.bytes === after.start) {
      hole.bytes += after.bytes;
      this.holes.splice(low, 1);
    }
    if (before !== undefined && before.start + before.bytes === hole.start) before.bytes += hole.bytes;
    else this.holes.splice(low, 0, hole);
  }

  /** As heap_caps_get_largest_free_block answers: what the largest hole is certain to serve. */
  get largestFree(): number {
    const largest = this.holes.reduce((most, hole) => Math.max(most, hole.bytes - header), 0);
    if (largest < 2 ** (this.classesLog2 + 2)) return Math.max(0, largest);
    const step = 2 ** (Math.floor(Math.log2(largest)) - this.classesLog2);
    return Math.floor(largest / step) * step;
  }

  /** A heap with the same blocks, to try things on. */
  copy(): TlsfRegion {
    const copy = new TlsfRegion(this.plan);
    copy.holes = this.holes.map((hole) => ({ ...hole }));
    copy.free = this.free;
    for (const [address, bytes] of this.blocks) copy.blocks.set(address, bytes);
    return copy;
  }

  has(address: number): boolean {
    return this.blocks.has(address);
  }

  private classOf(bytes: number): number {
    if (bytes < 2 ** (this.classesLog2 + 2)) return bytes >> 2;
    const log2 = Math.floor(Math.log2(bytes));
    return (log2 << 8) + Math.floor(bytes / 2 ** (log2 - this.classesLog2));
  }
}
