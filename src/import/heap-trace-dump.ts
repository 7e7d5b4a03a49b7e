// One dump of a heap trace as the events and the account that follow from it, whoever has read its records: heap_trace_dump()'s text, or a table
// that people made of heap_trace_get()'s.
//
// A dump is a state, not a stream: records hold when a block was allocated (CPU cycles, 32 bits) but not when it was freed.
// A block is taken as freed when its place is given to another one, else at the dump.

import { SITE_UNKNOWN } from "../wire/protocol.ts";
import { BY_SITE } from "./incident-book.ts";
import type { LogRun } from "./log-run.ts";

export interface TraceRecord {
  readonly address: number;
  readonly size: number;
  readonly core: number;
  readonly cycles: number;
  /** When it was allocated, microseconds since boot, where more is told than cycles. */
  readonly at?: number;
  readonly site: number;
  /** How much its callers tell of who asked; "allocator" where all are the allocator's own. */
  readonly callers: "none" | "allocator" | "told";
  readonly task: number;
  freed: boolean;
  /** Where it was freed. */
  freeSite: number;
}

export interface Dump {
  /** When its first line came: a dump that breaks off ends only where something else begins. */
  readonly time: number;
  readonly firstLine: number;
  lastLine: number;
  readonly declared: number | undefined;
  readonly records: TraceRecord[];
  /** Records that are there and not read: of more than `MOST_RECORDS`. */
  unread: number;
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
  /** Of people's own printing: what ESP-IDF's settings would add to a dump they would not add to it. */
  readonly isOwnTable: boolean;
  broken: boolean;
}

/** As many as a device has room for: 5 MB of records of 40 bytes. */
export const MOST_RECORDS = 1 << 17;
/** Sizes of a dump that are told. */
const MOST_SIZES = 12;
const MOST_SITES = 8;
/** ESP-IDF's default, where the log does not tell. Hz. */
const DEFAULT_CPU_FREQUENCY = 160e6;

export function newDump(begin: {
  readonly time: number;
  readonly line: number;
  readonly declared?: number;
  readonly quote: string;
  readonly isOwnTable?: true;
}): Dump {
  const { time, line, declared, quote, isOwnTable = false } = begin;
  return {
    time,
    firstLine: line,
    lastLine: line,
    declared,
    records: [],
    unread: 0,
    state: "records",
    leaksOnly: undefined,
    overflowed: false,
    totalAllocations: undefined,
    totalFrees: undefined,
    toldRecords: undefined,
    told: undefined,
    quote,
    isOwnTable,
    broken: false,
  };
}

/** Tells a run's dumps one after the other: each repeats what is still in the buffer. */
export class DumpTeller {
  private readonly run: LogRun;
  /** Records of the last dump by identity. */
  private previous = new Map<string, TraceRecord>();
  /** Identity of the record that was last told of an address. */
  private readonly owners = new Map<number, string>();

  constructor(run: LogRun) {
    this.run = run;
  }

  tell(dump: Dump): void {
    const run = this.run;
    // Entries that were traced while dumping can come twice.
    const byIdentity = new Map(dump.records.map((record) => [identity(record), record]));
    const records = [...byIdentity.values()];
    const missing = dump.declared === undefined ? 0 : Math.max(0, dump.declared - dump.records.length - dump.unread);
    const cutOff = dump.state === "records";
    if (dump.unread > 0) {
      const reason = `the heap trace has ${String(dump.unread)} records more than the ${String(MOST_RECORDS)} that are read`;
      run.report.damage({ line: dump.lastLine, reason });
      dump.broken = true;
    }
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
    const isNew = this.previous.size > 0 && !records.some((record) => this.previous.has(identity(record)));
    this.events(byIdentity, dump, isNew);
    this.incident(records, dump, isNew);
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
  private incident(records: readonly TraceRecord[], dump: Dump, isNew: boolean): void {
    const run = this.run;
    const alive = records.filter(({ freed }) => !freed);
    const { told, declared } = dump;
    const isWhole = dump.records.length === (declared ?? dump.records.length);
    const isUnreadable = records.length === 0 && dump.broken;
    if (alive.length === 0 && told === undefined && (isWhole || (records.length === 0 && !isUnreadable))) return;
    const bySize = new Map<number, number>();
    const bySite = new Map<number, { bytes: number; blocks: number }>();
    let bytes = 0;
    for (const record of alive) {
      const { size, callers } = record;
      const site = callers === "none" ? SITE_UNKNOWN : record.site;
      bytes += size;
      bySize.set(size, (bySize.get(size) ?? 0) + 1);
      const sum = bySite.get(site) ?? { bytes: 0, blocks: 0 };
      bySite.set(site, { bytes: sum.bytes + size, blocks: sum.blocks + 1 });
    }
    const sizes = [...bySize].sort(([a, n], [b, m]) => b * m - a * n).slice(0, MOST_SIZES);
    const sites = [...bySite].sort(([, a], [, b]) => b.bytes - a.bytes);
    const [main] = sites;
    const isShallow = alive.some(({ callers }) => callers === "allocator") && alive.every(({ callers }) => callers !== "told"); // prettier-ignore
    const { toldRecords, totalAllocations, totalFrees } = dump;
    const about = { kind: "heap-trace", line: told?.line ?? dump.firstLine, quote: told?.quote ?? dump.quote } as const;
    // What each site holds in each dump: growth names the leak. Where the stacks end in the allocator, all sites are one.
    if (!isShallow) {
      for (const [site, { bytes: size, blocks }] of sites.slice(0, MOST_SITES)) {
        if (site === SITE_UNKNOWN) continue;
        run.incident({ ...about, detail: BY_SITE, site, size, facts: [`blocks ${blocks}`] });
      }
    }
    run.incident({
      ...about,
      ...(main === undefined || main[0] === SITE_UNKNOWN ? {} : { site: main[0] }),
      facts: [
        `first line ${dump.firstLine}`,
        ...(declared === undefined ? [] : [`declared records ${declared}`]),
        `listed records ${dump.records.length}`,
        `listed blocks ${alive.length}`,
        `listed bytes ${bytes}`,
        ...(told === undefined ? [] : [`told blocks ${told.blocks}`, `told bytes ${told.bytes}`]),
        ...(toldRecords === undefined ? [] : [`told records ${toldRecords}`]),
        ...(totalAllocations === undefined ? [] : [`total allocations ${totalAllocations}`]),
        ...(totalFrees === undefined ? [] : [`total frees ${totalFrees}`]),
        `leaks only ${dump.leaksOnly === true ? 1 : 0}`,
        `new trace ${isNew ? 1 : 0}`,
        `sites ${sites.length}`,
        `overflowed ${dump.overflowed ? 1 : 0}`,
        `allocator frames only ${isShallow ? 1 : 0}`,
        ...(dump.isOwnTable ? ["own table 1"] : []),
        `no callers ${alive.length > 0 && alive.every(({ callers }) => callers === "none") ? 1 : 0}`,
        ...sizes.map(([size, count]) => `size ${size} ${count}`),
      ],
    });
  }

  private hints(records: readonly TraceRecord[], dump: Dump): void {
    const { report, boot } = this.run;
    if (!dump.isOwnTable && records.length > 0 && records.every(({ callers }) => callers === "none")) {
      report.hint(
        "the heap trace has no callers: RISC-V chips need CONFIG_ESP_SYSTEM_USE_FRAME_POINTER and ESP-IDF 5.5, " +
          "Xtensa chips a CONFIG_HEAP_TRACING_STACK_DEPTH above 0",
      );
    }
    if (records.length > 1 && !boot.cpuFrequency && records.some(({ cycles, at }) => cycles > 0 && at === undefined)) {
      report.hint("the log does not tell the CPU's frequency: cycle counts were read as 160 MHz");
    }
    if (dump.state === "records") {
      report.hint("a dump that breaks off is often the interrupt watchdog: a slow console takes longer than it allows");
    }
  }

  private events(byIdentity: Map<string, TraceRecord>, dump: Dump, isNew: boolean): void {
    const run = this.run;
    // A new trace forgets the old one: what happened to those blocks since, nobody recorded.
    if (isNew) run.gap("source-incomplete", undefined);
    const times = timesOf([...byIdentity.values()], run.boot.cpuFrequency || DEFAULT_CPU_FREQUENCY);
    // The last record lies before the dump, where the log tells when that was.
    const origin = run.clockKnown ? Math.max(0, dump.time - (times.at(-1) ?? 0)) : dump.time;
    let index = 0;
    for (const [key, record] of byIdentity) {
      const time = record.at ?? origin + (times[index] ?? 0);
      index++;
      if (this.previous.has(key)) continue;
      const { address, size, site, task, core } = record;
      for (const old of run.live.overlapping(address, size)) {
        const owner = byIdentity.get(this.owners.get(old.address) ?? "");
        if (owner?.freed === true) run.free(time, old.address, owner.freeSite, owner.core);
      }
      run.alloc(time, { address, size, site, task }, core);
      this.owners.set(address, key);
    }
    const freed = [...byIdentity].filter(([, record]) => record.freed);
    const isRepeated = this.previous.size > 0 && !isNew;
    if (isRepeated && dump.leaksOnly === true && !dump.overflowed && dump.state !== "records" && !dump.broken) {
      // A trace of leaks only forgets a block when it is freed.
      for (const one of this.previous) if (!byIdentity.has(one[0])) freed.push(one);
    }
    for (const [key, { address, freeSite, core }] of freed) {
      // Already gone where a later record has its place.
      if (this.owners.get(address) !== key || run.live.at(address) === undefined) continue;
      run.free(dump.time, address, freeSite, core);
    }
    for (const address of this.owners.keys()) if (run.live.at(address) === undefined) this.owners.delete(address);
    this.previous = byIdentity;
  }
}

function identity({ core, cycles, at = cycles, address, size }: TraceRecord): string {
  return `${core} ${at} ${address} ${size}`;
}

/** Microseconds from the first record to each: cycle counters wrap after 2^32, and those of two cores differ a little. */
function timesOf(records: readonly TraceRecord[], frequency: number): readonly number[] {
  let cycles = 0;
  let previous: TraceRecord | undefined;
  return records.map((record) => {
    if (previous !== undefined) {
      const step = (record.cycles - previous.cycles) >>> 0;
      const backwards = step >= 2 ** 31;
      if (record.core === previous.core || !backwards) cycles += step;
    }
    previous = record;
    return (cycles * 1e6) / frequency;
  });
}
