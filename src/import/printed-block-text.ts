// Lines in which a program tells of a block by itself: `rx buffer malloc 0x3ffb8e40 - 0x3ffb8ea4`, `allocated 100 bytes at 0x3ffb8e40`.

import { addressOf, isBlock } from "./plausible.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import type { PrintedBlock } from "./printed-blocks.ts";

/** How addresses of data begin. */
const DATA = /0x3c|0x3d|0x3f|0x408|0x48|0x4ff/i;
const WORDS = /alloc|new|buf|block|ptr|pointer|object|create|bytes/i;
const POINTER =
  /(?:alloc|\bnew\b|buf|block|ptr|pointer|object|create).*0x[2-5][0-9a-f]{7}|0x[2-5][0-9a-f]{7}.*(?:alloc|buf|block|bytes)/i;
const RANGE = /0x([2-5][0-9a-f]{7})\s*(?:-|–|~|\.{2,3}|to|until)\s*0x([2-5][0-9a-f]{7})(?![0-9a-f])/i;
const ADDRESSES = /0x([2-5][0-9a-f]{7})(?![0-9a-f])/gi;
const SIZE =
  /(?<![\d.x])(\d{1,8}) ?(?:bytes?|B)\b|\b(?:size|len|length|bytes|sz)\b ?[=:(]? ?(\d{1,8})\b|alloc\w*\((?:\d+ ?[,*x] ?)?(\d{1,8})\b/i;
/** Of no block that is there then. */
const OTHER = /\b(?:free|freed|freeing|deleted?|released?|fail\w*|error|corrupt\w*|assert\w*|expected|bad|invalid)\b/i;

/** Takes no line: they may say something else to other readers. */
export class PrintedBlockReader implements SectionReader {
  readonly starts = [DATA];
  readonly alsoNeeds = [WORDS];
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
