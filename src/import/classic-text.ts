// Lines of the classic tracker (MemoryAllocationControl, the origin of traceable_heap_caps_malloc): allocations with the name of
// their variable, failed requests, and its summary of free memory. It prints no frees. Formats: docs/imports.md.

import { Method, TaskNumber } from "../wire/protocol.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import { addressOf, isBlock } from "./plausible.ts";
import type { LogLine } from "./log-text.ts";

const ALLOCATED =
  /Memory allocated at (?:0x)?([0-9a-f]{1,8}), caps 0x([0-9a-f]+), size (\d+) bytes, in (.+), line (\d+), function (.*), variable (.*)$/i;
// Of an array whose size is more than the address space: "65537 x 65536 bytes".
const FAILED = /Failed to allocate (?:(\d+) x )?(\d+) bytes for (.+) in (.+) at (.+):(\d+)/;
const LOOKS_LIKE_ALLOCATION = /Memory allocated at /;

interface OpenSection {
  readonly firstLine: number;
  lastLine: number;
  records: number;
  whole: boolean;
}

export class ClassicReader implements SectionReader {
  readonly starts = [LOOKS_LIKE_ALLOCATION, FAILED];
  private readonly run: LogRun;
  private section: OpenSection | undefined;

  constructor(run: LogRun) {
    this.run = run;
  }

  line({ text, number }: LogLine): boolean {
    const allocated = ALLOCATED.exec(text);
    if (allocated !== null && isBlock(addressOf(allocated[1]), Number(allocated[3]))) {
      this.allocated(number, allocated);
      return true;
    }
    if (LOOKS_LIKE_ALLOCATION.test(text)) {
      this.run.report.damage({
        line: number,
        reason: "a line of the classic tracker is cut or mixed with other output",
      });
      this.open(number).whole = false;
      return true;
    }
    const failed = FAILED.exec(text);
    if (failed !== null) {
      this.failed(number, failed);
      return true;
    }
    return false;
  }

  flush(): void {
    if (this.section === undefined) return;
    this.run.report.section({ kind: "classic tracker", ...this.section });
    this.section = undefined;
  }

  private allocated(line: number, match: RegExpExecArray): void {
    const section = this.open(line);
    const [, address = "", caps = "", size = "", file = "", lineNumber = "", name = "", variable = ""] = match;
    const run = this.run;
    const site = run.site({
      method: Method.UNKNOWN,
      caps: Number.parseInt(caps, 16) >>> 0,
      file,
      line: Number(lineNumber),
      ...(name === "" ? {} : { function: name }),
      ...(variable === "" || variable === "(null)" ? {} : { variable }),
    });
    const block = { address: Number.parseInt(address, 16), size: Number(size), site, task: TaskNumber.OTHER };
    section.records++;
    const known = run.live.at(block.address);
    // list_allocations() prints the same line again for a block that is still there.
    if (known?.size === block.size && known.site === site) return;
    if (block.address === 0) return;
    run.alloc(run.now, block, 0);
    run.report.hint(
      "the classic tracker prints no frees: a block counts as live until another one takes its place; " +
        "memmap's own probe, which offers the same functions, reports frees too",
    );
  }

  private failed(line: number, match: RegExpExecArray): void {
    const [, count, size = "", variable = "", name = "", file = "", lineNumber = ""] = match;
    this.run.flush();
    const source = { file, line: Number(lineNumber), function: name, variable };
    this.run.incident({
      kind: "failed-allocation",
      known: "generic",
      line,
      quote: match[0].slice(0, 240),
      size: Number(size) * Number(count ?? 1),
      ...(count === undefined ? {} : { known: "size-overflow" }),
      component: variable,
      site: this.run.site({ method: Method.UNKNOWN, caps: 0, ...source }),
    });
    const place = { firstLine: line, lastLine: line };
    this.run.report.section({ kind: "failed allocation", ...place, records: 1, whole: true });
  }

  private open(line: number): OpenSection {
    this.run.enter(this);
    this.section ??= { firstLine: line, lastLine: line, records: 0, whole: true };
    this.section.lastLine = line;
    return this.section;
  }
}
