// A heap that does what ESP-IDF's TLSF does with requests (tlsf-sizes.ts), to ask it what would happen: holes in lists by size, the last one freed is
// taken first, what is left of it goes back, neighbours are joined.
import { assertDefined } from "../base/assert.ts";
import type { Address, Bytes } from "../base/units.ts";
import { blockBytes, HEADER_BYTES, listOf, LISTS, SMALLEST_HOLE } from "./tlsf-sizes.ts";
import type { FreeRange } from "./types.ts";

export class TlsfHeap {
  readonly pool: Bytes;
  free = 0;
  /** Address after the header; and by the address at which the block behind it begins. */
  private readonly holes = new Map<Address, Bytes>();
  private readonly holeBefore = new Map<Address, Address>();
  private readonly blocks = new Map<Address, Bytes>();
  /** By list, the last freed at the end. Holes that have gone since are still in it. */
  private readonly lists: (Address[] | undefined)[] = Array<undefined>(LISTS).fill(undefined);
  /** A bit for each list that may hold something, as TLSF has it: most are empty. */
  private readonly filled = new Uint32Array(LISTS / 32);

  /** @param pool size of the region, by which TLSF chooses how fine its lists are */
  constructor(pool: Bytes, holes: Iterable<FreeRange>) {
    this.pool = pool;
    for (const { start, bytes } of holes) this.addHole(start, bytes);
  }

  /** Undefined where it is refused. */
  allocate(request: Bytes): Address | undefined {
    const need = blockBytes(request, this.pool);
    for (let list = this.nextFilled(listOf(need, this.pool)); list < LISTS; list = this.nextFilled(list + 1)) {
      const starts = assertDefined(this.lists[list], "list");
      for (let start = starts.pop(); start !== undefined; start = starts.pop()) {
        const bytes = this.holes.get(start);
        if (bytes === undefined || listOf(bytes, this.pool) !== list) continue;
        this.removeHole(start, bytes);
        const isSplit = bytes - need >= SMALLEST_HOLE;
        if (isSplit) this.addHole(start + need + HEADER_BYTES, bytes - need - HEADER_BYTES);
        this.blocks.set(start, isSplit ? need : bytes);
        return start;
      }
      this.filled[list >>> 5] = (this.filled[list >>> 5] ?? 0) & ~(1 << (list & 31));
    }
    return undefined;
  }

  /** This list or the first after it that may hold something; LISTS where none does. */
  private nextFilled(list: number): number {
    let mask = -1 << (list & 31);
    for (let word = list >>> 5; word < this.filled.length; word++) {
      const bits = (this.filled[word] ?? 0) & mask;
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
      mask = -1;
    }
    return LISTS;
  }

  /** A block that stands there already. */
  hold(start: Address, bytes: Bytes): void {
    this.blocks.set(start, bytes);
  }

  release(start: Address): void {
    let bytes = assertDefined(this.blocks.get(start), "block");
    this.blocks.delete(start);
    const after = start + bytes + HEADER_BYTES;
    const bytesAfter = this.holes.get(after);
    if (bytesAfter !== undefined) {
      this.removeHole(after, bytesAfter);
      bytes += HEADER_BYTES + bytesAfter;
    }
    const before = this.holeBefore.get(start);
    if (before !== undefined) {
      const bytesBefore = assertDefined(this.holes.get(before), "hole");
      this.removeHole(before, bytesBefore);
      this.addHole(before, bytesBefore + HEADER_BYTES + bytes);
    } else {
      this.addHole(start, bytes);
    }
  }

  /** For a block of which it is not sure that it stands here. */
  releaseIfHeld(start: Address): void {
    if (this.blocks.has(start)) this.release(start);
  }

  private addHole(start: Address, bytes: Bytes): void {
    this.holes.set(start, bytes);
    this.holeBefore.set(start + bytes + HEADER_BYTES, start);
    const list = listOf(bytes, this.pool);
    (this.lists[list] ??= []).push(start);
    this.filled[list >>> 5] = (this.filled[list >>> 5] ?? 0) | (1 << (list & 31));
    this.free += bytes;
  }

  private removeHole(start: Address, bytes: Bytes): void {
    this.holes.delete(start);
    this.holeBefore.delete(start + bytes + HEADER_BYTES);
    this.free -= bytes;
  }
}
