// Blocks that a program has printed by itself: only where damage is found at the very end or the beginning of one is it asked which they were.

/** Blocks that are remembered. */
const MOST_BLOCKS = 4096;

export interface PrintedBlock {
  readonly address: number;
  readonly size: number;
  readonly line: number;
  readonly quote: string;
}

export class PrintedBlocks {
  private readonly blocks = new Map<number, PrintedBlock>();

  add(block: PrintedBlock): void {
    this.blocks.delete(block.address);
    this.blocks.set(block.address, block);
    const [oldest] = this.blocks.keys();
    if (this.blocks.size > MOST_BLOCKS && oldest !== undefined) this.blocks.delete(oldest);
  }

  at(address: number): PrintedBlock | undefined {
    return this.blocks.get(address);
  }

  /** Of a range the last byte may have been printed. */
  endingAt(end: number): PrintedBlock | undefined {
    return this.last(({ address, size }) => address + size === end);
  }

  holding(at: number): PrintedBlock | undefined {
    return this.last(({ address, size }) => at >= address && at < address + size);
  }

  clear(): void {
    if (this.blocks.size > 0) this.blocks.clear();
  }

  private last(isIt: (block: PrintedBlock) => boolean): PrintedBlock | undefined {
    return [...this.blocks.values()].findLast(isIt);
  }
}
