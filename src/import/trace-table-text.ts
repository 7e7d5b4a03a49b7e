// heap_trace_get()'s records as people write them out themselves, as CSV or JSON: the same records that heap_trace_dump() prints, told to its reader.

import { HeapTraceReader } from "./heap-trace-text.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import { isBlock } from "./plausible.ts";

interface Row {
  readonly line: LogLine;
  readonly address: string;
  readonly size: string;
  readonly cycles: string;
  readonly callers: readonly string[];
  readonly isFreed: boolean;
}

interface Columns {
  readonly separator: string;
  readonly names: readonly string[];
}

const MOST_ROWS = 100_000;
/** An object of a trace begins with it, or another value before it on the line. */
const JSON_ADDRESS = /"(?:address|addr|ptr)"\s*:\s*"?(?:0x[0-9a-f]{8}|\d{9,10})\b/i;
/** Names of a record's fields, as people write them. */
const JSON_NAMES = {
  address: "address|addr|ptr",
  size: "size|bytes",
  cycles: "ccount|cycles",
  callers: '(?!free)[^"]*(?:caller|alloc\\w*_by|stack|backtrace|frame)[^"]*|alloc|bt|pcs?',
  freed: '(?:is_)?freed[^"]*',
} as const;
const CSV_HEADER = /(?:^|[,;\t])[\s"]*(?:address|addr|ptr|pointer)[\s"]*(?:[,;\t]|$)/i;
/** Letters of one JSON object. */
const MOST_LETTERS = 8192;

export class TraceTableReader implements SectionReader {
  readonly starts = [CSV_HEADER, JSON_ADDRESS];
  private readonly run: LogRun;
  private readonly trace: HeapTraceReader;
  private columns: Columns | undefined;
  private object = "";
  private rows: Row[] = [];

  constructor(run: LogRun) {
    this.run = run;
    this.trace = new HeapTraceReader(run);
  }

  line(line: LogLine): boolean {
    return this.csv(line) || this.json(line);
  }

  flush(): void {
    const { rows } = this;
    this.rows = [];
    this.columns = undefined;
    this.object = "";
    const [first] = rows;
    if (first === undefined) return;
    const say = (line: LogLine, text: string): void => void this.trace.line({ ...line, text }, line.text.trim());
    say(first.line, `====== Heap Trace: ${rows.length} records (${rows.length} capacity) ======`);
    for (const { line, address, size, cycles, callers, isFreed } of rows) {
      const stack = callers.length === 0 ? "" : ` caller ${callers.join(":")}`;
      say(line, `${size} bytes (@ ${address}) allocated CPU 0 ccount 0x${cycles}${stack}${isFreed ? " freed" : ""}`);
    }
    const alive = rows.filter(({ isFreed }) => !isFreed);
    const bytes = alive.reduce((sum, { size }) => sum + Number(size), 0);
    const { line } = rows.at(-1) ?? first;
    say(line, "====== Heap Trace Summary ======");
    say(
      line,
      `${bytes} bytes ${alive.length === rows.length ? "'leaked'" : "alive"} in trace (${alive.length} allocations)`,
    );
    say(line, "================================");
    this.trace.flush();
  }

  /** `address,size,caller0,caller1,freed`, in any order. */
  private csv(line: LogLine): boolean {
    const { columns } = this;
    if (columns === undefined) {
      if (!CSV_HEADER.test(line.text)) return false;
      const separator = [",", ";", "\t"].find((one) => line.text.includes(one));
      const names =
        separator === undefined
          ? []
          : line.text
              .toLowerCase()
              .split(separator)
              .map((name) => name.trim().replaceAll('"', ""));
      if (
        separator === undefined ||
        !names.some(isAddress) ||
        !names.some(isSize) ||
        names.some((name) => /\d{4}/.test(name))
      )
        return false;
      this.run.enter(this);
      this.columns = { separator, names };
      return true;
    }
    const cells = line.text.split(columns.separator).map((cell) => cell.trim().replaceAll('"', ""));
    const cell = (is: (name: string) => boolean): string | undefined => cells[columns.names.findIndex(is)];
    const { names } = columns;
    // A column of all callers, the last one, may have a cell for each of them.
    const isOpenEnded = isCaller(names.at(-1) ?? "") && cells.length > names.length;
    const callers = cells.filter((_, i) => isCaller(names[Math.min(i, names.length - 1)] ?? ""));
    if (cells.length !== names.length && !isOpenEnded) return this.ends();
    const [address, size] = [cell(isAddress), cell(isSize)];
    return (
      this.row(line, address, size, cell(isCycles), callers.join(":"), cell(isFreed)) ||
      this.isDamaged(line, address, size) ||
      this.ends()
    );
  }

  /** Objects with an address and a size, one a line or over several. */
  private json({ text, ...rest }: LogLine): boolean {
    const isOpen = this.object !== "" || this.rows.length > 0;
    if (!isOpen) {
      if (!JSON_ADDRESS.test(text)) return false;
      this.run.enter(this);
    } else if (!/^\s*["{}[\],\d-]/.test(text)) return this.ends();
    let isTaken = false;
    let isWhole = false;
    let from = 0;
    const all = this.object + text;
    for (let end = all.indexOf("}"); end >= 0; end = all.indexOf("}", from)) {
      const object = all.slice(Math.max(from, end - MOST_LETTERS), end);
      isWhole = true;
      from = end + 1;
      const value = (names: string): string | undefined =>
        new RegExp(`"(?:${names})"\\s*:\\s*(?:"([^"]*)"|\\[([^\\]]*)\\]|([-\\w.]+))`, "i")
          .exec(object)
          ?.slice(1)
          .find((one) => one !== undefined);
      const [line, address, size] = [{ text, ...rest }, value(JSON_NAMES.address), value(JSON_NAMES.size)];
      const isRead = this.row(line, address, size, value(JSON_NAMES.cycles), value(JSON_NAMES.callers), value(JSON_NAMES.freed)); // prettier-ignore
      isTaken = isRead || this.isDamaged(line, address, size) || isTaken;
    }
    this.object = all.slice(Math.max(from, all.length - MOST_LETTERS));
    // Another object than a record ends the list; so does a list's end.
    return isWhole && !isTaken ? this.ends() : true;
  }

  /** A record all the same, with numbers that cannot be. */
  private isDamaged({ number }: LogLine, address = "", size = ""): boolean {
    if (!/^(?:0x)?[0-9a-f]+$/i.test(address) || !/^-?\d+$/.test(size) || this.rows.length >= MOST_ROWS) return false;
    this.run.report.damage({ line: number, reason: "a record of a heap trace that cannot be" });
    return true;
  }

  private ends(): boolean {
    this.run.flush();
    return false;
  }

  private row(line: LogLine, address = "", size = "", cycles = "", callers = "", freed = ""): boolean {
    const at = /^(?:0x)?[0-9a-f]{8}$/i.test(address) ? address.replace(/^0x/i, "") : /^\d{9,10}$/.test(address) ? Number(address).toString(16) : ""; // prettier-ignore
    if (at === "" || !/^\d{1,9}$/.test(size) || !isBlock(Number(`0x${at}`), Number(size))) return false;
    if (this.rows.length >= MOST_ROWS) {
      const { number } = line;
      this.run.report.damage({ line: number, reason: `of a heap trace's records only ${MOST_ROWS} are read` });
      return false;
    }
    this.rows.push({
      line,
      address: `0x${at.padStart(8, "0")}`,
      size,
      // Where it is not told it was no later than the next one.
      cycles: cycles === "" ? (this.rows.at(-1)?.cycles ?? "0") : (Number(cycles) || 0).toString(16),
      callers: (callers.match(/\b0x[0-9a-f]{8}\b|\b\d{9,10}\b/gi) ?? []).map((one) => `0x${Number(one).toString(16)}`),
      isFreed: !/^(?:|0|false|no|null|none|-|0x0+|(?:0x0+[:, ]*)+)$/i.test(freed.trim()),
    });
    return true;
  }
}

const isAddress = (name: string): boolean => /^(?:address|addr|ptr|pointer)$/.test(name);
const isSize = (name: string): boolean => /^(?:size|bytes)(?: ?\(?b(?:ytes)?\)?)?$/.test(name);
const isCycles = (name: string): boolean => /^(?:ccount|cycles?)$/.test(name);
const isCaller = (name: string): boolean =>
  /^(?:caller|alloc(?:\w*_by)?\d*$|call_?stack|stack|backtrace|bt\d*$|pc|frame)/.test(name);
const isFreed = (name: string): boolean => /^(?:is_?)?freed/.test(name);
