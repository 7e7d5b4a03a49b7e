// heap_caps_dump() and heap_caps_dump_all(): every block of a heap, used or free, in order of address. Gives the state of the
// region and the live blocks in it; blocks that a trace told of before keep their site. Formats: docs/imports.md.

import { greatest } from "../base/values.ts";
import { SITE_UNKNOWN, TaskNumber } from "../wire/protocol.ts";
import type { LiveBlock } from "./live-blocks.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import { addressOf, isBlock } from "./plausible.ts";
import type { LogLine } from "./log-text.ts";

const HEAP = /Showing data for heap: (?:0x)?([0-9a-f]{1,8})/i;
const BLOCK = /Block (?:0x)?([0-9a-f]{1,8}) data, size: (\d+) bytes, Free: (Yes|No)/i;
const LOOKS_LIKE_BLOCK = /^Block |data, size:|bytes, Free:/;

/** Between a block's last byte and the next block's first lies its header (TLSF's size word). */
const HEADER_BYTES = 4;

interface DumpedBlock {
  readonly address: number;
  readonly size: number;
  readonly free: boolean;
}

interface DumpedHeap {
  readonly address: number;
  readonly firstLine: number;
  lastLine: number;
  readonly blocks: DumpedBlock[];
  whole: boolean;
}

export class HeapDumpReader implements SectionReader {
  readonly starts = [HEAP, BLOCK];
  private readonly run: LogRun;
  private heaps: DumpedHeap[] = [];
  /** When the first heap's first line came: the log may go on long after the last one. */
  private time = 0;

  constructor(run: LogRun) {
    this.run = run;
  }

  line(line: LogLine): boolean {
    const { text, number } = line;
    const heapMatch = HEAP.exec(text);
    if (heapMatch !== null) {
      this.run.enter(this);
      const address = Number.parseInt(heapMatch[1] ?? "", 16);
      // The same heap again is a second dump, of a later moment.
      if (this.heaps.some((heap) => heap.address === address)) this.flush();
      if (this.heaps.length === 0) this.time = this.run.now;
      this.heaps.push({ address, firstLine: number, lastLine: number, blocks: [], whole: true });
      return true;
    }
    const heap = this.heaps.at(-1);
    const match = BLOCK.exec(text);
    if (match === null) {
      if (heap === undefined || !LOOKS_LIKE_BLOCK.test(text)) return false;
      this.broken(heap, number, "a line of the heap dump is damaged");
      return true;
    }
    if (heap === undefined) {
      this.run.report.damage({ line: number, reason: "a block of a heap dump without its heap's first line" });
      return true;
    }
    const address = addressOf(match[1]);
    const size = Number(match[2]);
    if (!isBlock(address, size)) {
      this.broken(heap, number, "a block of the heap dump cannot lie there");
      return true;
    }
    const block = { address, size, free: match[3] === "Yes" };
    const last = heap.blocks.at(-1);
    heap.lastLine = number;
    if (last !== undefined && block.address <= last.address) {
      this.broken(heap, number, "a block lies below the one before it");
      return true;
    }
    if (last !== undefined && last.address + last.size + HEADER_BYTES !== block.address && heap.whole) {
      this.broken(heap, number, "blocks are missing before this one, or have another layout than ESP-IDF's");
    }
    heap.blocks.push(block);
    return true;
  }

  flush(): void {
    const heaps = this.heaps.filter((heap) => heap.blocks.length > 0);
    this.heaps = [];
    if (heaps.length === 0) return;
    const run = this.run;
    // Snapshot: what is known outside the dumped heaps stays.
    const blocks = new Map<number, LiveBlock>();
    for (const block of run.live.all) {
      const heap = heaps.find((candidate) => block.address >= candidate.address && block.address < endOf(candidate));
      const contradicted = heap?.blocks.some(
        (b) => b.free && block.address >= b.address && block.address < b.address + b.size,
      );
      if (heap === undefined || (!heap.whole && contradicted !== true)) blocks.set(block.address, block);
    }
    for (const heap of heaps) {
      for (const { address, size, free } of heap.blocks) {
        if (free || size === 0) continue;
        // A canary or an owner word may lie between the heap's block and the pointer that the program got.
        const known = run.live.overlapping(address, size)[0];
        const block = known ?? { address, size, site: SITE_UNKNOWN, task: TaskNumber.OTHER };
        blocks.set(block.address, block);
      }
      const { firstLine, lastLine, whole } = heap;
      run.report.section({ kind: "heap dump", firstLine, lastLine, records: heap.blocks.length, whole });
    }
    run.snapshot(
      [...blocks.values()].sort((a, b) => a.address - b.address),
      this.time,
    );
    const states = heaps.filter((heap) => heap.whole).map((heap) => this.region(heap));
    if (states.length > 0) run.updateRegions(states, this.time);
  }

  private region(heap: DumpedHeap): { start: number; end: number; caps: number; free: number; largestFree: number } {
    const known = this.run.regionAt(heap.address);
    const free = heap.blocks.filter((block) => block.free).map((block) => block.size);
    return {
      ...known,
      start: known?.start ?? heap.address,
      end: known?.end ?? endOf(heap),
      caps: known?.caps ?? 0,
      free: free.reduce((sum, size) => sum + size, 0),
      largestFree: Math.max(0, greatest(free)),
    };
  }

  private broken(heap: DumpedHeap, line: number, reason: string): void {
    heap.whole = false;
    heap.lastLine = line;
    this.run.report.damage({ line, reason });
  }
}

function endOf(heap: DumpedHeap): number {
  const last = heap.blocks.at(-1);
  return last === undefined ? heap.address : last.address + last.size + HEADER_BYTES;
}
