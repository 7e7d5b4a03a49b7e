// Blocks that a program prints by itself: `rx buffer malloc 0x3ffb8e40 - 0x3ffb8ea4`, `allocated 100 bytes at 0x3ffb8e40`. Only where damage is found
// at the very end or the beginning of one is it asked which they were.

import { addressOf, isBlock } from "./plausible.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";

/** Blocks that are remembered. */
const MOST_BLOCKS = 4096;

const POINTER =
  /(?:alloc|\bnew\b|buf|block|ptr|pointer|object|create).*0x[2-5][0-9a-f]{7}|0x[2-5][0-9a-f]{7}.*(?:alloc|buf|block|bytes)/i;
const RANGE = /0x([2-5][0-9a-f]{7})\s*(?:-|–|~|\.{2,3}|to|until)\s*0x([2-5][0-9a-f]{7})(?![0-9a-f])/i;
const ADDRESSES = /0x([2-5][0-9a-f]{7})(?![0-9a-f])/gi;
const SIZE =
  /(?<![\d.x])(\d{1,8}) ?(?:bytes?|B)\b|\b(?:size|len|length|bytes|sz)\b ?[=:(]? ?(\d{1,8})\b|alloc\w*\((?:\d+ ?[,*x] ?)?(\d{1,8})\b/i;
/** Of no block that is there then. */
const OTHER = /\b(?:free|freed|freeing|deleted?|released?|fail\w*|error|corrupt\w*|assert\w*|expected|bad|invalid)\b/i;

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
    this.blocks.clear();
  }

  private last(isIt: (block: PrintedBlock) => boolean): PrintedBlock | undefined {
    return [...this.blocks.values()].findLast(isIt);
  }
}

/** Takes no line: they may say something else to other readers. */
export class PrintedBlockReader implements SectionReader {
  readonly starts = [POINTER];
  private readonly run: LogRun;

  constructor(run: LogRun) {
    this.run = run;
  }

  line({ text, number }: LogLine): boolean {
    const block = printedBlockIn(text);
    if (block !== undefined) this.run.printed.add({ ...block, line: number, quote: text.trim().slice(0, 200) });
    return false;
  }

  flush(): void {
    // Each line is complete in itself.
  }
}

/** Undefined also of one that is freed. */
function printedBlockIn(text: string): Pick<PrintedBlock, "address" | "size"> | undefined {
  if (!POINTER.test(text) || OTHER.test(text)) return undefined;
  const range = RANGE.exec(text);
  const addresses = [...text.matchAll(ADDRESSES)];
  const size = SIZE.exec(text);
  const address = addressOf(range?.[1] ?? addresses[0]?.[1]);
  if (address === undefined) return undefined;
  if (range !== null) {
    const bytes = (addressOf(range[2]) ?? 0) - address;
    return bytes > 0 && isBlock(address, bytes) ? { address, size: bytes } : undefined;
  }
  const bytes = Number(size?.[1] ?? size?.[2] ?? size?.[3] ?? 0);
  return addresses.length === 1 && bytes > 0 && isBlock(address, bytes) ? { address, size: bytes } : undefined;
}
