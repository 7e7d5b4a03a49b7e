// Allocations as people write them out themselves, as CSV or JSON: heap_trace_get()'s records, which tell what heap_trace_dump() prints, or what their
// own hooks saw, allocations and frees one after the other.

import { TaskNumber } from "../wire/protocol.ts";
import { callersIn } from "../symbols/log/line-kinds.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { CallSites, framesIn, placeFrame, stackText } from "./call-sites.ts";
import { type Dump, DumpTeller, MOST_RECORDS, newDump, type TraceRecord } from "./heap-trace-dump.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import { isBlock } from "./plausible.ts";
import { actionOf, type Field, fieldOf, isNotFreed, timeUnitOf } from "./trace-table-fields.ts";

/** What a row says, by what its columns are; of several columns of callers all cells. */
type Row = Readonly<Partial<Record<Exclude<Field, "caller">, string>>> & {
  readonly callers: readonly string[];
  readonly timeUnit: number;
};

interface Columns {
  readonly separator: string;
  readonly fields: readonly (Field | undefined)[];
  readonly timeUnit: number;
}

/** An object of a trace begins with it, or another value before it on the line. */
const JSON_ADDRESS = /"(?:address|addr|ptr|pointer)"\s*:\s*"?(?:0x[0-9a-f]{8}|\d{9,10})\b/i;
const JSON_FIELD = /"([^"]{1,40})"\s*:\s*(?:"([^"]*)"|\[([^\]{]*)\]|([-\w.]+))/g;
const CSV_HEADER = /(?:^|[,;\t])[\s"]*(?:address|addr|ptr|pointer)[\s"]*(?:[,;\t]|$)/i;
/** Letters of one JSON object. */
const MOST_LETTERS = 8192;
const ADDRESS = /^(?:0x)?([0-9a-f]{8})$/i;
const DECIMAL_ADDRESS = /^\d{9,10}$/;
/** Lines of something else between two rows, as of tasks that log meanwhile. */
const MOST_OTHER_LINES = 3;
const CALLER = /^(?:0x[0-9a-f]{8}|\d{9,10})$/i;

export class TraceTableReader implements SectionReader {
  readonly starts = [CSV_HEADER, JSON_ADDRESS];
  private readonly run: LogRun;
  private readonly sites: CallSites;
  private readonly teller: DumpTeller;
  private columns: Columns | undefined;
  private others = 0;
  private object = "";
  /** The line with the object's address. */
  private quoted: LogLine | undefined;
  private dump: Dump | undefined;
  /** Of rows that each tell of one allocation or free. */
  private section: { readonly firstLine: number; lastLine: number; records: number; whole: boolean } | undefined;

  constructor(run: LogRun) {
    this.run = run;
    this.sites = new CallSites(run);
    this.teller = new DumpTeller(run);
  }

  line(line: LogLine): boolean {
    const isTaken = this.take(line);
    this.others = isTaken ? 0 : this.others + 1;
    if (this.others > MOST_OTHER_LINES && this.isOpen) this.run.flush();
    return isTaken;
  }

  private take(line: LogLine): boolean {
    if (this.columns === undefined) return this.csvHeader(line) || this.json(line);
    if (this.csvRow(line, this.columns)) return true;
    if (!this.starts.some((start) => start.test(line.text))) return false;
    this.run.flush();
    return this.csvHeader(line) || this.json(line);
  }

  private get isOpen(): boolean {
    return this.columns !== undefined || this.object !== "" || this.dump !== undefined || this.section !== undefined;
  }

  flush(): void {
    const { dump, section } = this;
    this.columns = undefined;
    this.others = 0;
    this.object = "";
    this.dump = undefined;
    this.section = undefined;
    if (section !== undefined) this.run.report.section({ kind: "heap trace", ...section });
    if (dump === undefined) return;
    const { records, quote, firstLine: line } = dump;
    const alive = records.filter(({ freed }) => !freed);
    const bytes = alive.reduce((sum, { size }) => sum + size, 0);
    dump.told = { bytes, blocks: alive.length, line, quote };
    dump.leaksOnly = alive.length === records.length;
    dump.state = "ended";
    this.teller.tell(dump);
  }

  /** `address,size,caller0,caller1,freed`, in any order. */
  private csvHeader({ text }: LogLine): boolean {
    if (!CSV_HEADER.test(text)) return false;
    const separator = [",", ";", "\t"].find((one) => text.includes(one));
    if (separator === undefined || /\d{4}/.test(text)) return false;
    const names = cellsOf(text, separator);
    const fields = names.map(fieldOf);
    if (!fields.includes("address") || !fields.includes("size")) return false;
    this.run.enter(this);
    this.columns = { separator, fields, timeUnit: timeUnitOf(names[fields.indexOf("time")] ?? "") };
    return true;
  }

  private csvRow(line: LogLine, { separator, fields, timeUnit }: Columns): boolean {
    const cells = cellsOf(line.text, separator);
    // A column of all callers, the last one, may have a cell for each of them.
    const isOpenEnded = fields.at(-1) === "caller" && cells.length > fields.length;
    if (cells.length !== fields.length && !isOpenEnded) return false;
    if (this.dump !== undefined && this.dump.records.length >= MOST_RECORDS) {
      this.dump.unread++;
      this.dump.lastLine = line.number;
      return true;
    }
    const row: Partial<Record<Field, string>> = {};
    const callers: string[] = [];
    for (const [i, cell] of cells.entries()) {
      const field = fields[Math.min(i, fields.length - 1)];
      if (field === "caller") callers.push(cell);
      else if (field !== undefined) row[field] = cell;
    }
    return this.row(line, { ...row, callers, timeUnit });
  }

  /** Objects with an address and a size, one a line or over several. */
  private json(line: LogLine): boolean {
    const { text } = line;
    if (!this.isOpen) {
      if (!JSON_ADDRESS.test(text)) return false;
      this.run.enter(this);
    } else if (!/^\s*["{}[\],\d-]/.test(text)) return false;
    if (JSON_ADDRESS.test(text)) this.quoted = line;
    let isTaken = false;
    let isWhole = false;
    let from = 0;
    const all = this.object + text;
    for (let end = all.indexOf("}"); end >= 0; end = all.indexOf("}", from)) {
      const object = all.slice(Math.max(from, end - MOST_LETTERS), end);
      isWhole = true;
      from = end + 1;
      isTaken = this.row(this.quoted ?? line, rowOf(object)) || isTaken;
    }
    if (isTaken) this.ended(line.number);
    this.object = all.slice(Math.max(from, all.length - MOST_LETTERS));
    // Another object than a record ends the list; so does a list's end.
    return isWhole && !isTaken ? this.ends() : true;
  }

  /** The line with an object's end. */
  private ended(line: number): void {
    if (this.dump !== undefined) this.dump.lastLine = line;
    if (this.section !== undefined) this.section.lastLine = line;
  }

  private ends(): boolean {
    this.run.flush();
    return false;
  }

  /** False where it is no row of such a table. */
  private row(line: LogLine, row: Row): boolean {
    const { address = "", size = "", action } = row;
    const kind = action === undefined ? undefined : actionOf(action);
    const at = ADDRESS.exec(address)?.[1];
    const place =
      at !== undefined ? Number.parseInt(at, 16) : DECIMAL_ADDRESS.test(address) ? Number(address) : undefined;
    const bytes = /^\d{1,9}$/.test(size) ? Number(size) : kind === "free" && !/[1-9]/.test(size) ? 0 : undefined;
    if (bytes === undefined || !isBlock(place, bytes)) {
      if (!/^(?:0x)?[0-9a-f]+$/i.test(address) || !/^-?\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(size)) return false;
      this.run.report.damage({ line: line.number, reason: "a record of a heap trace that cannot be" });
      if (this.section !== undefined) this.section.whole = false;
      if (this.dump !== undefined) this.dump.broken = true;
      return true;
    }
    if (kind === undefined) this.record(line, row, place, bytes);
    else this.event(line, row, kind, place, bytes);
    return true;
  }

  /** What the trace's buffer holds of a block. */
  private record(line: LogLine, row: Row, address: number, size: number): void {
    this.dump ??= newDump({ time: this.run.now, line: line.number, quote: line.text.trim(), isOwnTable: true });
    const { dump } = this;
    dump.lastLine = line.number;
    if (dump.records.length >= MOST_RECORDS) {
      dump.unread++;
      return;
    }
    const { cycles = "", freed = "", freedBy = "" } = row;
    const freeFrames = framesIn(freedBy);
    dump.records.push({
      address,
      size,
      core: 0,
      // Where it is not told it was no later than the next one.
      cycles: cycles === "" ? (dump.records.at(-1)?.cycles ?? 0) : (Number(cycles) || 0) >>> 0,
      ...this.at(row),
      ...this.asked(row),
      freed: !isNotFreed(freed) || !isNotFreed(freedBy),
      freeSite: freeFrames.length > 0 ? this.sites.freedIn(freeFrames) : this.sites.freedBy(callersIn(freedBy)),
    });
  }

  /** One allocation or free, as a hook has told it. */
  private event(line: LogLine, row: Row, kind: "alloc" | "free", address: number, size: number): void {
    const { run } = this;
    this.section ??= { firstLine: line.number, lastLine: line.number, records: 0, whole: true };
    this.section.lastLine = line.number;
    this.section.records++;
    const time = this.at(row).at ?? run.lineNow;
    const { frames, callers } = stackOf(row);
    if (kind === "free") {
      run.free(time, address, frames.length > 0 ? this.sites.freedIn(frames) : this.sites.freedBy(callers), 0);
      return;
    }
    const { site, task } = this.asked(row);
    run.alloc(time, { address, size, site, task }, 0);
  }

  private asked(row: Row): Pick<TraceRecord, "site" | "callers" | "task"> {
    const { frames, callers } = stackOf(row);
    const { task = "" } = row;
    return {
      ...(frames.length > 0 ? this.sites.allocatedIn(frames) : this.sites.allocatedBy(callers)),
      task: task === "" ? TaskNumber.OTHER : this.run.task(task),
    };
  }

  private at({ time = "", timeUnit }: Row): Pick<TraceRecord, "at"> {
    return /^\d+(?:\.\d+)?$/.test(time) ? { at: Number(time) * timeUnit } : {};
  }
}

/** Addresses are looked up by whoever has the program; names need nobody. */
function stackOf({ callers: cells, function: name, file = "", line = "" }: Row): {
  readonly callers: readonly number[];
  readonly frames: readonly NamedFrame[];
} {
  // prettier-ignore
  const parts = cells.flatMap((cell) => stackText(cell).split(/[:, ]+(?=0x|\d{9,10}\b|$)|^\[|\]$|"/));
  const callers = parts.flatMap((part) => (CALLER.test(part) && Number(part) !== 0 ? Number(part) : []));
  if (callers.length > 0) return { callers, frames: [] };
  const told = cells.flatMap(framesIn);
  const number = /^\d{1,7}$/.test(line) ? Number(line) : undefined;
  const [own] = file === "" ? framesIn(name ?? "") : [placeFrame(file, number)];
  if (own === undefined) return { callers: [], frames: told };
  return { callers: [], frames: [name === undefined || name === "" ? own : { ...own, function: name }, ...told] };
}

function rowOf(object: string): Row {
  const row: Partial<Record<Field, string>> = {};
  const callers: string[] = [];
  let timeUnit = 1e6;
  for (const [, name = "", text, list, word] of object.matchAll(JSON_FIELD)) {
    const field = fieldOf(name);
    const value = text ?? word ?? "";
    if (field === "caller")
      callers.push(...(list === undefined ? [value] : list.split(/,(?=\s*(?:"|0x|\d))/).map((one) => one.trim().replaceAll('"', "")))); // prettier-ignore
    else if (field !== undefined) row[field] ??= value === "null" ? "" : (list ?? value);
    if (field === "time") timeUnit = timeUnitOf(name);
  }
  return { ...row, callers, timeUnit };
}

/** Without the quotes, which may hold separators. */
function cellsOf(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator).map((cell) => cell.trim());
  const parts = text.split('"').map((part, i) => (i % 2 === 0 ? part.replaceAll(separator, "\0") : part));
  return parts.join("").split("\0").map((cell) => cell.trim()); // prettier-ignore
}
