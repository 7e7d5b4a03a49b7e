// Tables of ESP-IDF's heap task tracking (5.5 and later): the overview with one row a task, and the detailed tree. Totals go
// into the report; where the tree lists blocks, they become a snapshot of live blocks with their tasks.

import { SITE_UNKNOWN } from "../wire/protocol.ts";
import type { LiveBlock } from "./live-blocks.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { SeriesCollector } from "./log-series.ts";
import { addressOf, isBlock } from "./plausible.ts";
import type { LogLine } from "./log-text.ts";

const ROW = /^[│|]\s*(.+?)\s*[│|]\s*(ALIVE|DELETED)\s*[│|]\s*(\d+)\s*[│|]\s*(\d+)\s*[│|]\s*(\d+)\s*[│|]?$/;
const TASK = /(ALIVE|DELETED): (.+?), CURRENT MEMORY USAGE (\d+), PEAK MEMORY USAGE (\d+), TOTAL HEAP USED (\d+)/;
/** ESP-IDF's example of older releases, by what the memory allows: bytes and words alone, or internal memory and PSRAM. */
const SUMS = /^Task: (.+?)(?: 0x[0-9a-f]+)? -> ((?:(?:MALLOC_)?CAP_\w+: \d+ ?){1,4})/;
const HEAP = /HEAP: (.+?), CAPS: 0x([0-9a-f]+), SIZE: (\d+), USAGE: CURRENT (\d+) .*ALLOC COUNT: (\d+)/i;
const ALLOCATION = /ALLOC 0x([0-9a-f]{1,8}), SIZE (\d+)/i;
/** Rulers, titles and the empty rows of the tables. */
const DECORATION = /^[\s│├└┌┐┘┤┬┴┼─|+=-]*$/;
const TITLE = /[│|]\s*TASK\s+[│|]/;
const LOOKS_LIKE_ROW = /MEMORY USAGE|ALLOC COUNT|\bALLOC 0x/;

/** Words between the start of the heap's block and the pointer that the program got, at most: canary and owner. */
const MAX_HEAD_BYTES = 12;

/** Rows of tasks of one name that were deleted and hold memory still. */
interface Ended {
  readonly line: number;
  readonly quote: string;
  tasks: number;
  bytes: number;
}

interface Table {
  readonly time: number;
  /** Words of its kind of row and the task: when one comes again, it is another print. */
  readonly seen: Set<string>;
  readonly firstLine: number;
  lastLine: number;
  /** Line of the last row of a task. */
  lastRow: number;
  tasks: number;
  readonly ended: Map<string, Ended>;
  readonly blocks: LiveBlock[];
  task: { readonly id: number } | undefined;
  /** Of the HEAP line that is open: blocks that it declares and that were listed. */
  declared: number;
  listed: number;
  whole: boolean;
}

export class TaskTrackingReader implements SectionReader {
  readonly starts = [ROW, TASK, SUMS, ALLOCATION];
  private readonly run: LogRun;
  private readonly series: SeriesCollector;
  private table: Table | undefined;

  /** @param series what each task holds is a series too */
  constructor(run: LogRun, series: SeriesCollector) {
    this.run = run;
    this.series = series;
  }

  line(line: LogLine): boolean {
    const { text, number } = line;
    const row = ROW.exec(text);
    if (row !== null) {
      const [, name = "", status = "", ...numbers] = row;
      this.task(line, "row", name, status, numbers);
      return true;
    }
    const task = TASK.exec(text);
    if (task !== null) {
      const [, status = "", name = "", ...numbers] = task;
      const table = this.task(line, "tree", name, status, numbers);
      table.task = { id: this.run.task(name, status === "DELETED") };
      return true;
    }
    const sums = SUMS.exec(text);
    if (sums !== null) {
      this.run.enter(this);
      const parts = Array.from((sums[2] ?? "").matchAll(/CAP_(\w+): (\d+)/g), ([, kind, bytes]) => ({ isPsram: kind === "SPIRAM", bytes: Number(bytes) })); // prettier-ignore
      const sumOf = (isPsram: boolean): number => parts.filter((one) => one.isPsram === isPsram).reduce((sum, { bytes }) => sum + bytes, 0); // prettier-ignore
      this.holds(line, sums[1] ?? "", this.run.now, sumOf(false));
      if (parts.some(({ isPsram }) => isPsram)) this.holds(line, sums[1] ?? "", this.run.now, sumOf(true), "psram");
      return true;
    }
    const table = this.table;
    if (table === undefined) {
      if (!ALLOCATION.test(text)) return false;
      this.run.report.damage({ line: number, reason: "a block of a task table without its task" });
      return true;
    }
    // Other tasks log meanwhile: printing a long table takes its time.
    if (line.uptime !== undefined) return false;
    const heap = HEAP.exec(text);
    const allocation = ALLOCATION.exec(text);
    if (heap !== null) {
      this.closeHeap(table);
      table.declared = Number(heap[5]);
    } else if (allocation !== null && table.task !== undefined) {
      const address = addressOf(allocation[1]);
      const size = Number(allocation[2]);
      if (!isBlock(address, size)) {
        this.broken(table, number, "a block of the task table cannot lie there");
        return true;
      }
      table.listed++;
      table.blocks.push({ address, size, site: SITE_UNKNOWN, task: table.task.id });
    } else if (LOOKS_LIKE_ROW.test(text) && !TITLE.test(text)) {
      this.broken(table, number, "a line of the task table is damaged");
    } else if (!DECORATION.test(text) && !TITLE.test(text)) {
      // Anything else ends the table: blocks that follow are those of a later moment.
      this.run.flush();
      return false;
    }
    if (text !== "") table.lastLine = number;
    return true;
  }

  flush(): void {
    const table = this.table;
    this.table = undefined;
    if (table === undefined) return;
    this.closeHeap(table);
    const { firstLine, lastLine, tasks, whole } = table;
    for (const [task, { line, quote, tasks: count, bytes }] of table.ended) {
      this.run.incident(
        { kind: "leak-check", line, quote, task, size: bytes, facts: [`ended tasks ${count}`] },
        table.time,
      );
    }
    this.run.report.section({ kind: "task tracking", firstLine, lastLine, records: tasks, whole });
    if (table.blocks.length > 0) this.run.snapshot(this.merged(table.blocks), table.time);
    else this.run.report.hint("print_all_task_stat() lists blocks too; the overview alone tells only sums per task");
  }

  private task(
    { number: line, text }: LogLine,
    kind: "row" | "tree",
    task: string,
    status: string,
    [current, peak, heaps]: readonly string[],
  ): Table {
    this.run.enter(this);
    if (this.table !== undefined) this.closeHeap(this.table);
    const key = `${kind} ${status} ${task}`;
    // Several tasks of one name stand below each other; between two prints there is a title.
    const isNext = kind === "row" && this.table?.lastRow === line - 1;
    const isOther = (this.table?.seen.has(key) === true && !isNext) || this.table?.seen.has(kind) === false;
    if (isOther) this.flush();
    const currentBytes = Number(current);
    const deleted = status === "DELETED";
    this.table ??= {
      time: this.run.now, seen: new Set(), firstLine: line, lastLine: line, lastRow: line, tasks: 0, ended: new Map(), blocks: [], task: undefined, declared: 0, listed: 0, whole: true,
    }; // prettier-ignore
    this.table.seen.add(kind).add(key);
    this.table.tasks++;
    this.table.lastRow = line;
    if (deleted && currentBytes > 0) {
      const ended = this.table.ended.get(task) ?? { line, quote: text.trim(), tasks: 0, bytes: 0 };
      ended.tasks++;
      ended.bytes += currentBytes;
      this.table.ended.set(task, ended);
    }
    this.table.lastLine = line;
    this.run.task(task, deleted);
    this.holds({ number: line, text }, task, this.table.time, currentBytes);
    this.run.report.taskTotals({ line, task, deleted, currentBytes, peakBytes: Number(peak), heaps: Number(heaps) });
    return this.table;
  }

  private holds(
    { number, text }: Pick<LogLine, "number" | "text">,
    task: string,
    time: number,
    bytes: number,
    memory: "any" | "psram" = "any",
  ): void {
    const meaning = { quantity: "used", memory } as const;
    this.series.reading(
      { number, time },
      `task ${task}${memory === "psram" ? " in PSRAM" : ""}`,
      text.trim(),
      meaning,
      bytes,
    );
  }

  /** Blocks that are listed replace what was known at their place, but keep its site; all others stay. */
  private merged(listed: readonly LiveBlock[]): LiveBlock[] {
    const { live } = this.run;
    const merged = new Map(live.all.map((block) => [block.address, block]));
    for (const block of listed) {
      const known = live.overlapping(block.address, block.size);
      const same = known.find(({ address }) => address >= block.address && address <= block.address + MAX_HEAD_BYTES);
      for (const { address } of known) merged.delete(address);
      const merge = same === undefined ? block : { ...same, task: block.task };
      merged.set(merge.address, merge);
    }
    return [...merged.values()].sort((a, b) => a.address - b.address);
  }

  private closeHeap(table: Table): void {
    if (table.listed < table.declared) {
      const missing = table.declared - table.listed;
      this.broken(
        table,
        table.lastLine,
        `${String(missing)} of ${String(table.declared)} blocks of a task are not listed`,
      );
    }
    table.declared = 0;
    table.listed = 0;
  }

  private broken(table: Table, line: number, reason: string): void {
    table.whole = false;
    this.run.report.damage({ line, reason });
  }
}
