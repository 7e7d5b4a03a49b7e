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

export class LiveBlocks {
  /** Ascending by address; blocks do not overlap. */
  private blocks: LiveBlock[] = [];

  get all(): readonly LiveBlock[] {
    return this.blocks;
  }

  at(address: Address): LiveBlock | undefined {
    const block = this.blocks[this.lowerBound(address)];
    return block?.address === address ? block : undefined;
  }

  /** The block with the greatest address below `address`. */
  before(address: Address): LiveBlock | undefined {
    return this.blocks[this.lowerBound(address) - 1];
  }

  /** Blocks that share a byte with `size` bytes at `address`. A block of no bytes counts as one byte. */
  overlapping(address: Address, size: Bytes): LiveBlock[] {
    let i = this.lowerBound(address);
    const previous = this.blocks[i - 1];
    if (previous !== undefined && previous.address + previous.size > address) i--;
    const found: LiveBlock[] = [];
    const end = address + Math.max(size, 1);
    for (let block = this.blocks[i]; block !== undefined && block.address < end; block = this.blocks[++i]) {
      found.push(block);
    }
    return found;
  }

  /** Takes the place of a block at the same address. */
  add(block: LiveBlock): void {
    const i = this.lowerBound(block.address);
    this.blocks.splice(i, this.blocks[i]?.address === block.address ? 1 : 0, block);
  }

  remove(address: Address): LiveBlock | undefined {
    const i = this.lowerBound(address);
    const block = this.blocks[i];
    if (block?.address !== address) return undefined;
    this.blocks.splice(i, 1);
    return block;
  }

  clear(): void {
    this.blocks = [];
  }

  /** Index of the first block at or above `address`. */
  private lowerBound(address: Address): number {
    return countWhile(this.blocks.length, (i) => (this.blocks[i]?.address ?? address) < address);
  }
}
