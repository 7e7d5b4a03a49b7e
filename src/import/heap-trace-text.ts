// heap_trace_dump() of ESP-IDF 4.4 to 6, in its three generations: printed record by record up to 5.0, with a summary block
// from 5.1 on, and with optional stacks and a `freed` word from 5.5 on. Formats: docs/imports.md.

import { Cap } from "../wire/caps.ts";
import { TaskNumber } from "../wire/protocol.ts";
import { CallSites } from "./call-sites.ts";
import { type Dump, DumpTeller, MOST_RECORDS, newDump } from "./heap-trace-dump.ts";
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

export class HeapTraceReader implements SectionReader {
  readonly starts = [HEADER, OLD_HEADER, RECORD];
  private readonly run: LogRun;
  private readonly sites: CallSites;
  private readonly teller: DumpTeller;
  private dump: Dump | undefined;

  constructor(run: LogRun) {
    this.run = run;
    this.sites = new CallSites(run);
    this.teller = new DumpTeller(run);
  }

  line(line: LogLine): boolean {
    const { text } = line;
    const header = HEADER.exec(text) ?? OLD_HEADER.exec(text);
    if (header !== null) {
      this.run.enter(this);
      this.flush();
      this.dump = newDump({ time: this.run.now, line: line.number, declared: Number(header[1]), quote: text.trim() });
      return true;
    }
    if (this.record(line)) return true;
    const dump = this.dump;
    if (dump === undefined) return false;
    if (isMonitorLine(text)) return true;
    if (!this.summary(dump, line)) {
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
    if (dump !== undefined) this.teller.tell(dump);
  }

  private record(line: LogLine): boolean {
    const { text, number } = line;
    const match = recordIn(text);
    const freed = match === undefined ? FREED_BY.exec(text) : null;
    if (freed !== null && this.dump?.state === "records") {
      const last = this.dump.records.at(-1);
      if (last === undefined) return false;
      last.freed = true;
      last.freeSite = this.sites.freedBy(callersIn(freed[1]));
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
      this.dump = newDump({ time: this.run.now, line: number, quote: text.trim() });
      this.run.report.damage({ line: number, reason: "a heap trace without its first line" });
      this.dump.broken = true;
    }
    this.dump.lastLine = number;
    if (this.dump.records.length >= MOST_RECORDS) {
      this.dump.unread++;
      return true;
    }
    const rest = match[6] ?? "";
    const callers = callersIn(/caller ((?:0x[0-9a-f]{1,8}:?)*)/i.exec(rest)?.[1]);
    this.dump.records.push({
      size: Number(match[1]),
      address: Number.parseInt(match[2] ?? "", 16),
      core: Number(match[4]),
      cycles: (Number.parseInt(match[5] ?? "", 16) & ~3) >>> 0,
      ...this.sites.allocatedBy(callers, PLACE_CAPS[match[3] ?? ""]),
      task: TaskNumber.OTHER,
      freed: /\bfreed\b/.test(rest),
      freeSite: this.sites.freedBy(callersIn(FREED_BY.exec(rest)?.[1])),
    });
    return true;
  }

  /** True if the line belongs to what follows the records. */
  private summary(dump: Dump, line: LogLine): boolean {
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
      dump.told = { bytes: Number(told[1]), blocks: Number(told[2]), line: line.number, quote: text.trim() };
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
}

/** A record whose address is whole and whose block can exist; any other line of its kind is damage. */
function recordIn(text: string): RegExpExecArray | undefined {
  const match = RECORD.exec(text) ?? undefined;
  const isSound = match !== undefined && isBlock(addressOf(match[2]), Number(match[1])) && isCore(Number(match[4]));
  return isSound ? match : undefined;
}
