// The blocks that an import currently knows to be live, in order of address: importers ask it whether a free is of a known
// block, which block an address lies in, and which old block a new one has displaced.

import { countWhile } from "../base/bisect.ts";
import type { Address, Bytes, SiteId, TaskId } from "../base/units.ts";

export interface LiveBlock {
  readonly address: Address;
  readonly size: Bytes;
  readonly site: SiteId;
  readonly task: TaskId;
}

/** Of so many blocks a list is made two: to put one in costs the same however many there are. */
const MOST_IN_LIST = 512;

export class LiveBlocks {
  /** Lists of blocks, none of them empty. Ascending by address; blocks do not overlap. */
  private lists: LiveBlock[][] = [];

  get isEmpty(): boolean {
    return this.lists.length === 0;
  }

  get all(): readonly LiveBlock[] {
    return this.lists.flat();
  }

  at(address: Address): LiveBlock | undefined {
    const { block } = this.lowerBound(address);
    return block?.address === address ? block : undefined;
  }

  /** The block with the greatest address below `address`. */
  before(address: Address): LiveBlock | undefined {
    const { list, index } = this.lowerBound(address);
    return this.lists[list]?.[index - 1] ?? this.lists[list - 1]?.at(-1);
  }

  /** Blocks that share a byte with `size` bytes at `address`. A block of no bytes counts as one byte. */
  overlapping(address: Address, size: Bytes): LiveBlock[] {
    const previous = this.before(address);
    const found = previous !== undefined && previous.address + previous.size > address ? [previous] : [];
    const end = address + Math.max(size, 1);
    let { list, index, block } = this.lowerBound(address);
    while (block !== undefined && block.address < end) {
      found.push(block);
      index++;
      if (index === this.lists[list]?.length) [list, index] = [list + 1, 0];
      block = this.lists[list]?.[index];
    }
    return found;
  }

  /** Takes the place of a block at the same address. */
  add(block: LiveBlock): void {
    const { list, index, block: known } = this.lowerBound(block.address);
    // Behind the last block of a list, where the next one begins above.
    const isBetween = index === 0 && list > 0;
    const blocks = this.lists[isBetween ? list - 1 : list];
    if (known?.address === block.address) this.lists[list]?.splice(index, 1, block);
    else if (blocks === undefined) this.lists.push([block]);
    else {
      blocks.splice(isBetween ? blocks.length : index, 0, block);
      if (blocks.length > MOST_IN_LIST) this.lists.splice(this.lists.indexOf(blocks) + 1, 0, blocks.splice(MOST_IN_LIST / 2)); // prettier-ignore
    }
  }

  remove(address: Address): LiveBlock | undefined {
    const { list, index, block } = this.lowerBound(address);
    if (block?.address !== address) return undefined;
    const blocks = this.lists[list];
    blocks?.splice(index, 1);
    if (blocks?.length === 0) this.lists.splice(list, 1);
    return block;
  }

  clear(): void {
    this.lists = [];
  }

  /** The first block at or above `address` and where it stands; behind the last list without one. */
  private lowerBound(address: Address): { list: number; index: number; block: LiveBlock | undefined } {
    const { lists } = this;
    const list = countWhile(lists.length, (i) => (lists[i]?.at(-1)?.address ?? address) < address);
    const blocks = lists[list] ?? [];
    const index = countWhile(blocks.length, (i) => (blocks[i]?.address ?? address) < address);
    return { list, index, block: blocks[index] };
  }
}
