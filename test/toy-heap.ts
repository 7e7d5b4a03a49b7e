// A heap that hands out plausible addresses: first fit over a list of holes, blocks of whole words with a word of header.

interface Hole {
  start: number;
  end: number;
}

const HEADER = 4;

/** What a block of this size takes from the heap. */
export function bytesTaken(size: number): number {
  return HEADER + Math.max(8, Math.ceil(size / 4) * 4);
}

export class ToyHeap {
  private readonly blocks = new Map<number, number>();
  /** In order of address, never adjacent; the last one is the rest of the memory. */
  private readonly holes: Hole[];

  constructor(start: number) {
    this.holes = [{ start, end: 0xffffffff }];
  }

  malloc(size: number): number {
    const bytes = bytesTaken(size);
    const index = this.holes.findIndex((hole) => hole.end - hole.start >= bytes);
    const hole = this.holes[index];
    if (hole === undefined) throw new Error("the toy heap is full");
    const address = hole.start + HEADER;
    this.blocks.set(address, bytes);
    hole.start += bytes;
    if (hole.start === hole.end) this.holes.splice(index, 1);
    return address;
  }

  free(address: number): void {
    const bytes = this.blocks.get(address);
    if (bytes === undefined) throw new Error(`free of 0x${address.toString(16)}, which is no block`);
    this.blocks.delete(address);
    const start = address - HEADER;
    const end = start + bytes;
    const index = this.holes.findIndex((hole) => hole.start >= end);
    const before = this.holes[index - 1];
    const after = this.holes[index];
    if (after?.start === end) {
      after.start = start;
      if (before?.end === start) {
        before.end = after.end;
        this.holes.splice(index, 1);
      }
    } else if (before?.end === start) {
      before.end = end;
    } else {
      this.holes.splice(index, 0, { start, end });
    }
  }

  /** In place if the block is large enough already. */
  realloc(address: number, size: number): number {
    if ((this.blocks.get(address) ?? 0) - HEADER >= size) return address;
    const moved = this.malloc(size);
    this.free(address);
    return moved;
  }
}
