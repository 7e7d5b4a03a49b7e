// heap_trace_dump() of ESP-IDF 4.4 to 6, in its three generations: printed record by record up to 5.0, with a summary block
// from 5.1 on, and with optional stacks and a `freed` word from 5.5 on. Formats: docs/imports.md.
//
// A dump is a state, not a stream: records hold when a block was allocated (CPU cycles, 32 bits) but not when it was freed.
// A block is taken as freed when its place is given to another one, else at the dump.

import { isAllocatorName } from "../symbols/allocators.ts";
import { Cap } from "../wire/caps.ts";
import { Method, SITE_UNKNOWN, TaskNumber } from "../wire/protocol.ts";
import { BY_SITE } from "./incident-book.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import { addressOf, isBlock, isCore } from "./plausible.ts";
import { callersIn } from "../symbols/log/line-kinds.ts";
import { isMonitorLine } from "../symbols/log/monitor-lines.ts";
import type { LogLine } from "./log-text.ts";

const HEADER = /={3,} Heap Trace: (\d+) records \((\d+) capacity\)/;
const OLD_HEADER = /^\s*(\d+) allocations trace \((\d+) entry buffer\)/;
const RECORD =
  /(?<![\d-])(\d+) bytes \(@ (?:0x)?([0-9a-f]{1,8})(?:, *(Internal|PSRAM))?\) allocated CPU (\d+) ccount 0x([0-9a-f]{1,8})(.*)$/i;
const LOOKS_LIKE_RECORD = /\d+ bytes \(@|allocated CPU|ccount 0x/;
const FREED_BY = /freed by ?((?:0x[0-9a-f]{1,8}:?)*)/i;
const SUMMARY = /={3,} Heap Trace Summary ={3,}/;
const SUMMARY_END = /^={20,}$/;
const OLD_TOTALS = /^\s*total allocations (\d+) total frees (\d+)/;
const CORRUPT_LIST = /heap trace linked list is corrupt/;

/** MALLOC_CAP_SPIRAM and MALLOC_CAP_INTERNAL: where the block lies, which is all that a record tells of its caps. */
const PLACE_CAPS: Readonly<Record<string, number>> = { PSRAM: Cap.SPIRAM, Internal: Cap.INTERNAL };

/** Sizes of a dump that are told. */
const MOST_SIZES = 12;
const MOST_SITES = 8;
/** ESP-IDF's default, where the log does not tell. Hz. */
const DEFAULT_CPU_FREQUENCY = 160e6;

interface TraceRecord {
  readonly address: number;
  readonly size: number;
  readonly core: number;
  readonly cycles: number;
  readonly caps: number;
  readonly callers: readonly number[];
  freed: boolean;
  freedBy: readonly number[];
}

interface Dump {
  /** When its first line came: a dump that breaks off ends only where something else begins. */
  readonly time: number;
  readonly firstLine: number;
  lastLine: number;
  readonly declared: number | undefined;
  readonly records: TraceRecord[];
  state: "records" | "summary" | "tail" | "ended";
  leaksOnly: boolean | undefined;
  overflowed: boolean;
  totalAllocations: number | undefined;
  totalFrees: number | undefined;
  /** Records that the summary counts. */
  toldRecords: number | undefined;
  /** What the summary says of the whole trace. */
  told: { readonly bytes: number; readonly blocks: number; readonly line: number; readonly quote: string } | undefined;
  readonly quote: string;
  broken: boolean;
  /** It shares no record with the one before: the trace was started again. */
  isNew: boolean;
}

export class HeapTraceReader implements SectionReader {
  readonly starts = [HEADER, OLD_HEADER, RECORD];
  private readonly run: LogRun;
  private dump: Dump | undefined;
  /** Records of the last dump by identity: the next one repeats what is still in the buffer. */
  private previous = new Map<string, TraceRecord>();
  /** Identity of the record that was last told of an address. */
  private readonly owners = new Map<number, string>();

  constructor(run: LogRun) {
    this.run = run;
  }

  /** @param quote what the log itself says, where another reader words it as a dump */
  line(line: LogLine, quote = line.text.trim()): boolean {
    const { text } = line;
    const header = HEADER.exec(text) ?? OLD_HEADER.exec(text);
    if (header !== null) {
      this.run.enter(this);
      this.flush();
      this.dump = newDump(this.run.now, line.number, Number(header[1]), quote);
      return true;
    }
    if (this.record(line)) return true;
    const dump = this.dump;
    if (dump === undefined) return false;
    if (isMonitorLine(text)) return true;
    if (!this.summary(dump, line, quote)) {
      // The old format has no end mark; notes may follow its totals.
      if (dump.state === "tail") this.run.flush();
      return false;
    }
    dump.lastLine = line.number;
    if (dump.state === "summary" && SUMMARY_END.test(text)) {
      dump.state = "ended";
      this.run.flush();
    }
    return true;
  }

  flush(): void {
    const dump = this.dump;
    this.dump = undefined;
    if (dump !== undefined) this.emit(dump);
  }

  private record(line: LogLine): boolean {
    const { text, number } = line;
    const match = recordIn(text);
    const freed = match === undefined ? FREED_BY.exec(text) : null;
    if (freed !== null && this.dump?.state === "records") {
      const last = this.dump.records.at(-1);
      if (last === undefined) return false;
      last.freed = true;
      last.freedBy = callersIn(freed[1]);
      this.dump.lastLine = number;
      return true;
    }
    if (match === undefined) {
      if (this.dump?.state !== "records" || !LOOKS_LIKE_RECORD.test(text)) return false;
      this.run.report.damage({ line: number, reason: "a record of the heap trace is cut or mixed with other output" });
      this.dump.broken = true;
      return true;
    }
    this.run.enter(this);
    if (this.dump === undefined || this.dump.state !== "records") {
      this.flush();
      this.dump = newDump(this.run.now, number, undefined, text.trim());
      this.run.report.damage({ line: number, reason: "a heap trace without its first line" });
      this.dump.broken = true;
    }
    const rest = match[6] ?? "";
    const freedHere = FREED_BY.exec(rest);
    this.dump.records.push({
      size: Number(match[1]),
      address: Number.parseInt(match[2] ?? "", 16),
      caps: PLACE_CAPS[match[3] ?? ""] ?? 0,
      core: Number(match[4]),
      cycles: (Number.parseInt(match[5] ?? "", 16) & ~3) >>> 0,
      callers: callersIn(/caller ((?:0x[0-9a-f]{1,8}:?)*)/i.exec(rest)?.[1]),
      freed: /\bfreed\b/.test(rest),
      freedBy: callersIn(freedHere?.[1]),
    });
    this.dump.lastLine = number;
    return true;
  }

  /** True if the line belongs to what follows the records. */
  private summary(dump: Dump, line: LogLine, quote: string): boolean {
    const { text } = line;
    if (SUMMARY.test(text)) {
      dump.state = "summary";
      return true;
    }
    if (CORRUPT_LIST.test(text)) {
      this.run.report.damage({ line: line.number, reason: "the device found its own list of records corrupt" });
      dump.broken = true;
      return true;
    }
    if (/^\s*\(NB: (?:Internal )?Buffer has overflowed/i.test(text)) {
      dump.overflowed = true;
      return true;
    }
    if (/^\s*\(NB: New entries were traced while dumping/.test(text)) return true;
    const old = OLD_TOTALS.exec(text);
    if (old !== null) {
      dump.totalAllocations = Number(old[1]);
      dump.totalFrees = Number(old[2]);
      dump.state = "tail";
      return true;
    }
    const told = /^\s*(\d+) bytes (?:alive|['‘]leaked['’]) in trace \((\d+)/.exec(text);
    if (told !== null) {
      dump.leaksOnly = text.includes("leaked");
      dump.told = { bytes: Number(told[1]), blocks: Number(told[2]), line: line.number, quote };
      return true;
    }
    if (dump.state !== "summary") return false;
    if (/^\s*Mode: Heap Trace (All|Leaks)/.test(text)) {
      dump.leaksOnly = text.includes("Leaks");
      return true;
    }
    const total = /^\s*total allocations: (\d+)/.exec(text);
    if (total !== null) dump.totalAllocations = Number(total[1]);
    const counted = /^\s*records: (\d+)/.exec(text);
    if (counted !== null) dump.toldRecords = Number(counted[1]);
    const frees = /^\s*total frees: (\d+)/.exec(text);
    if (frees !== null) dump.totalFrees = Number(frees[1]);
    return total !== null || SUMMARY_END.test(text) || /^\s*(records|hashmap|total frees):/.test(text);
  }

  private emit(dump: Dump): void {
    const run = this.run;
    const records = withoutDuplicates(dump.records);
    const missing = dump.declared === undefined ? 0 : Math.max(0, dump.declared - dump.records.length);
    const cutOff = dump.state === "records";
    if (missing > 0) {
      const reason = `the heap trace declares ${String(dump.declared)} records; ${String(missing)} of them are not there`;
      run.report.damage({ line: dump.lastLine, reason });
    } else if (cutOff) {
      run.report.damage({ line: dump.lastLine, reason: "the heap trace breaks off before its summary" });
    } else if (dump.state === "summary") {
      const reason = "the heap trace's summary breaks off: whether the buffer had overflowed is not told";
      run.report.damage({ line: dump.lastLine, reason });
      dump.broken = true;
    }
    run.report.section({
      kind: "heap trace",
      firstLine: dump.firstLine,
      lastLine: dump.lastLine,
      records: records.length,
      whole: missing === 0 && !cutOff && !dump.broken,
    });
    this.hints(records, dump);
    this.events(records, dump);
    this.incident(records, dump);
    if (missing > 0 || cutOff || dump.broken) run.gap("source-incomplete", missing > 0 ? missing : undefined);
    if (dump.overflowed) {
      // With leaks only, records vanish when their block is freed, so totals do not tell what was pushed out.
      const lost = dump.leaksOnly === false ? (dump.totalAllocations ?? 0) - records.length : 0;
      if (lost > 0) run.report.droppedRecords += lost;
      run.gap("dropped-on-device", lost > 0 ? lost : undefined);
      run.report.hint("the trace buffer overflowed on the device: give heap_trace_init_standalone() more records");
    }
  }

  /** The dump as a whole: what it says is leaked, how much of it is here, and whether its stacks say who asked. */
  private incident(records: readonly TraceRecord[], dump: Dump): void {
    const run = this.run;
    const alive = records.filter(({ freed }) => !freed);
    if (alive.length === 0 && dump.told === undefined) return;
    const bySize = new Map<number, number>();
    const bySite = new Map<number, { bytes: number; blocks: number }>();
    for (const { size, callers, caps } of alive) {
      bySize.set(size, (bySize.get(size) ?? 0) + 1);
      const site = run.site({ method: Method.UNKNOWN, caps, callers });
      const sum = bySite.get(site) ?? { bytes: 0, blocks: 0 };
      bySite.set(site, { bytes: sum.bytes + size, blocks: sum.blocks + 1 });
    }
    const sizes = [...bySize].sort(([a, n], [b, m]) => b * m - a * n).slice(0, MOST_SIZES);
    const sites = [...bySite].sort(([, a], [, b]) => b.bytes - a.bytes);
    const [main] = sites;
    const names = alive.flatMap(({ callers }) => callers.map((address) => run.nameAt(address)));
    const isShallow = names.length > 0 && names.every((name) => name !== undefined && isAllocatorName(name));
    const { told, toldRecords, totalAllocations, totalFrees } = dump;
    // What each site holds in each dump: growth names the leak. Where the stacks end in the allocator, all sites are one.
    if (!isShallow) {
      for (const [site, { bytes, blocks }] of sites.slice(0, MOST_SITES)) {
        if (site === SITE_UNKNOWN) continue;
        run.incident({
          kind: "heap-trace", line: told?.line ?? dump.firstLine, quote: told?.quote ?? dump.quote, detail: BY_SITE, site, size: bytes,
          facts: [`blocks ${blocks}`],
        }); // prettier-ignore
      }
    }
    run.incident({
      kind: "heap-trace",
      line: told?.line ?? dump.firstLine,
      quote: told?.quote ?? dump.quote,
      ...(main === undefined || main[0] === SITE_UNKNOWN ? {} : { site: main[0] }),
      facts: [
        `first line ${dump.firstLine}`,
        `listed records ${records.length}`,
        `listed blocks ${alive.length}`,
        `listed bytes ${alive.reduce((sum, { size }) => sum + size, 0)}`,
        ...(told === undefined ? [] : [`told blocks ${told.blocks}`, `told bytes ${told.bytes}`]),
        ...(toldRecords === undefined ? [] : [`told records ${toldRecords}`]),
        ...(totalAllocations === undefined ? [] : [`total allocations ${totalAllocations}`]),
        ...(totalFrees === undefined ? [] : [`total frees ${totalFrees}`]),
        `leaks only ${dump.leaksOnly === true ? 1 : 0}`,
        `new trace ${dump.isNew ? 1 : 0}`,
        `sites ${sites.length}`,
        `overflowed ${dump.overflowed ? 1 : 0}`,
        `allocator frames only ${isShallow ? 1 : 0}`,
        `no callers ${alive.length > 0 && alive.every(({ callers }) => callers.length === 0) ? 1 : 0}`,
        ...sizes.map(([size, count]) => `size ${size} ${count}`),
      ],
    });
  }

  private hints(records: readonly TraceRecord[], dump: Dump): void {
    const { report, boot } = this.run;
    if (records.length > 0 && records.every((record) => record.callers.length === 0)) {
      report.hint(
        "the heap trace has no callers: RISC-V chips need CONFIG_ESP_SYSTEM_USE_FRAME_POINTER and ESP-IDF 5.5, " +
          "Xtensa chips a CONFIG_HEAP_TRACING_STACK_DEPTH above 0",
      );
    }
    if (records.length > 1 && !boot.cpuFrequency) {
      report.hint("the log does not tell the CPU's frequency: cycle counts were read as 160 MHz");
    }
    if (dump.state === "records") {
      report.hint("a dump that breaks off is often the interrupt watchdog: a slow console takes longer than it allows");
    }
  }

  private events(records: readonly TraceRecord[], dump: Dump): void {
    const run = this.run;
    const sameTrace = records.some((record) => this.previous.has(identity(record)));
    dump.isNew = this.previous.size > 0 && !sameTrace;
    if (this.previous.size > 0 && !sameTrace) {
      // A new trace forgets the old one: what happened to those blocks since, nobody recorded.
      run.gap("source-incomplete", undefined);
    }
    const timed = withTimes(records, run.boot.cpuFrequency || DEFAULT_CPU_FREQUENCY);
    // The last record lies before the dump, where the log tells when that was.
    const origin = run.clockKnown ? Math.max(0, dump.time - (timed.at(-1)?.time ?? 0)) : dump.time;

    const byIdentity = new Map(records.map((record) => [identity(record), record]));
    const freeSite = ({ freedBy }: TraceRecord): number => run.site({ method: Method.FREE, caps: 0, callers: freedBy });
    for (const { record, time: sinceFirst } of timed) {
      const key = identity(record);
      if (this.previous.has(key)) continue;
      const site = run.site({ method: Method.UNKNOWN, caps: record.caps, callers: record.callers });
      const block = { address: record.address, size: record.size, site, task: TaskNumber.OTHER };
      const time = origin + sinceFirst;
      for (const { address } of run.live.overlapping(block.address, block.size)) {
        const owner = byIdentity.get(this.owners.get(address) ?? "");
        if (owner?.freed === true) run.free(time, address, freeSite(owner), owner.core);
      }
      run.alloc(time, block, record.core);
      this.owners.set(record.address, key);
    }
    const freed = records.filter((record) => record.freed);
    if (sameTrace && dump.leaksOnly === true && !dump.overflowed && dump.state !== "records" && !dump.broken) {
      // A trace of leaks only forgets a block when it is freed.
      freed.push(...[...this.previous].filter(([key]) => !byIdentity.has(key)).map(([, record]) => record));
    }
    for (const record of freed) {
      // Already gone where a later record has its place.
      if (this.owners.get(record.address) !== identity(record) || run.live.at(record.address) === undefined) continue;
      run.free(dump.time, record.address, freeSite(record), record.core);
    }
    this.previous = byIdentity;
  }
}

/** A record whose address is whole and whose block can exist; any other line of its kind is damage. */
function recordIn(text: string): RegExpExecArray | undefined {
  const match = RECORD.exec(text) ?? undefined;
  const isSound = match !== undefined && isBlock(addressOf(match[2]), Number(match[1])) && isCore(Number(match[4]));
  return isSound ? match : undefined;
}

function newDump(time: number, firstLine: number, declared: number | undefined, quote: string): Dump {
  return {
    time,
    firstLine,
    lastLine: firstLine,
    declared,
    records: [],
    state: "records",
    leaksOnly: undefined,
    overflowed: false,
    totalAllocations: undefined,
    totalFrees: undefined,
    toldRecords: undefined,
    told: undefined,
    quote,
    broken: false,
    isNew: false,
  };
}

function identity(record: TraceRecord): string {
  return `${String(record.core)} ${String(record.cycles)} ${String(record.address)} ${String(record.size)}`;
}

/** Entries that were traced while dumping can come twice. */
function withoutDuplicates(records: readonly TraceRecord[]): TraceRecord[] {
  return [...new Map(records.map((record) => [identity(record), record])).values()];
}

/** Microseconds from the first record to each: cycle counters wrap after 2^32, and those of two cores differ a little. */
function withTimes(
  records: readonly TraceRecord[],
  frequency: number,
): { readonly record: TraceRecord; readonly time: number }[] {
  let cycles = 0;
  let previous: TraceRecord | undefined;
  return records.map((record) => {
    if (previous !== undefined) {
      const step = (record.cycles - previous.cycles) >>> 0;
      const backwards = step >= 2 ** 31;
      if (record.core === previous.core || !backwards) cycles += step;
    }
    previous = record;
    return { record, time: (cycles * 1e6) / frequency };
  });
}
