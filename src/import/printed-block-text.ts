// Lines in which a program tells of a block by itself: `rx buffer malloc 0x3ffb8e40 - 0x3ffb8ea4`, `allocated 100 bytes at 0x3ffb8e40`, `free(0x3ffb8e40)`.

import { isInFlash } from "../symbols/whose-code.ts";
import { placeFrame } from "./call-sites.ts";
import { type PairedLine, PairedLines } from "./paired-lines.ts";
import { addressOf, isBlock } from "./plausible.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import type { PrintedBlock } from "./printed-blocks.ts";

/** How addresses of data begin. */
const DATA = /0x3c|0x3d|0x3f|0x408|0x48|0x4ff/i;
const WORDS = /alloc|new|buf|block|ptr|pointer|object|create|bytes|free|delete|release/i;
const POINTER =
  /(?:alloc|\bnew\b|buf|block|ptr|pointer|object|create).*0x[2-5][0-9a-f]{7}|0x[2-5][0-9a-f]{7}.*(?:alloc|buf|block|bytes)/i;
const RANGE = /0x([2-5][0-9a-f]{7})\s*(?:-|–|~|\.{2,3}|to|until)\s*0x([2-5][0-9a-f]{7})(?![0-9a-f])/i;
const ADDRESSES = /0x([2-5][0-9a-f]{7})(?![0-9a-f])/gi;
const SIZE =
  /(?<![\d.x])(\d{1,8}) ?(?:bytes?|B)\b|\b(?:size|len|length|bytes|sz)\b ?[=:(]? ?(\d{1,8})\b|alloc\w*\((?:\d+ ?[,*x] ?)?(\d{1,8})\b/i;
/** Of no block that is there then. */
const OTHER = /\b(?:free|freed|freeing|deleted?|released?|fail\w*|error|corrupt\w*|assert\w*|expected|bad|invalid)\b/i;

/** Who prints one block says it in so many letters. */
const MOST_LETTERS = 400;
const FREED = /(?<![a-z])(?:free[ds]?|freeing|deleted?|released?)(?![a-z])/i;
const REALLOCATED = /realloc\w*[ (]+0x([2-5][0-9a-f]{7})[, ]+(\d{1,8})\)?.*0x([2-5][0-9a-f]{7})(?![0-9a-f])/i;
/** What goes wrong with a block is no free of it. */
const TROUBLE = /fail|error|corrupt|assert|expected|bad|invalid|double|already|null|heap_init|heap:|total/i;
const PLACE = /\b([\w./\\-]+\.(?:c|cc|cpp|cxx|h|hpp|ino|rs)):(\d{1,6})\b/i;

/** Takes no line: they may say something else to other readers. */
export class PrintedBlockReader implements SectionReader {
  readonly starts = [DATA];
  readonly alsoNeeds = [WORDS];
  private readonly run: LogRun;

  private readonly paired: PairedLines;

  constructor(run: LogRun) {
    this.run = run;
    this.paired = new PairedLines(run);
  }

  line({ text, number }: LogLine): boolean {
    const block = printedBlockIn(text);
    if (block !== undefined) this.run.printed.add({ ...block, line: number, quote: text.trim().slice(0, 200) });
    // Dumps and traces have readers of their own.
    if (this.run.reading === undefined) this.pair(text, block);
    return false;
  }

  private pair(line: string, block: Pick<PrintedBlock, "address" | "size"> | undefined): void {
    const text = line.slice(0, MOST_LETTERS);
    if (TROUBLE.test(text)) return;
    const [, old, size, moved] = REALLOCATED.exec(text) ?? [];
    const address = addressOf(moved);
    if (address !== undefined) {
      this.paired.free(pairedLine(text, { address: addressOf(old) ?? 0, size: 0 }));
      if (isBlock(address, Number(size))) this.paired.alloc(pairedLine(text, { address, size: Number(size) }));
    } else if (block !== undefined) {
      this.paired.alloc(pairedLine(text, block));
    } else if (FREED.test(text)) {
      const [only, ...others] = dataIn(text);
      if (only !== undefined && others.length === 0) this.paired.free(pairedLine(text, { address: only, size: 0 }));
    }
  }

  flush(): void {
    // Each line is complete in itself.
  }
}

/** Undefined also of one that is freed. */
function printedBlockIn(text: string): Pick<PrintedBlock, "address" | "size"> | undefined {
  if (!POINTER.test(text) || OTHER.test(text)) return undefined;
  const range = RANGE.exec(text);
  const addresses = dataIn(text);
  const size = SIZE.exec(text);
  const address = range === null ? addresses[0] : addressOf(range[1]);
  if (address === undefined) return undefined;
  if (range !== null) {
    const bytes = (addressOf(range[2]) ?? 0) - address;
    return bytes > 0 && isBlock(address, bytes) ? { address, size: bytes } : undefined;
  }
  const bytes = Number(size?.[1] ?? size?.[2] ?? size?.[3] ?? 0);
  return addresses.length === 1 && bytes > 0 && isBlock(address, bytes) ? { address, size: bytes } : undefined;
}

/** Addresses that are no code's: who asked may stand beside the block. */
function dataIn(text: string): number[] {
  return Array.from(text.matchAll(ADDRESSES), ([, digits]) => addressOf(digits) ?? 0).filter((one) => !isInFlash(one));
}

function pairedLine(text: string, block: Pick<PrintedBlock, "address" | "size">): PairedLine {
  const callers = Array.from(text.matchAll(ADDRESSES), ([, digits]) => addressOf(digits) ?? 0).filter(isInFlash);
  const [, file, line] = PLACE.exec(text) ?? [];
  const wording = text.replace(PLACE, "").replace(/0x[0-9a-f]+|\d+/gi, "#");
  return { ...block, wording, callers, frames: file === undefined ? [] : [placeFrame(file, Number(line))] };
}
