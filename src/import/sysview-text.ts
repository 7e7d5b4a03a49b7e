// What ESP-IDF's sysviewtrace_proc.py prints of a heap trace: allocations and frees with task, core and call stacks as file and line. Its report
// lists what leaked once more at the end, which is not read again.

import { fileName } from "../base/paths.ts";
import { isSystemFrame } from "../symbols/system-frames.ts";
import { placeIn } from "../symbols/whose-code.ts";
import { Method, SITE_UNKNOWN } from "../wire/protocol.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import { addressOf, isBlock, isCore } from "./plausible.ts";

const EVENT = /^HEAP: (Allocated|Freed) (?:(\d+) )?bytes @ 0x([0-9a-f]{1,8}) from (?:task "(.*?)"|\S+) on core (\d+)/i;
const FRAME = /^(?:0x[0-9a-f]{8}: )?(\S.*?):(\d+)(?: \(discriminator \d+\))?$/;
const REPORT = /^=+ (?:LOG|HEAP) TRACE REPORT =+$/;

interface Event {
  readonly time: number;
  readonly isFree: boolean;
  readonly size: number;
  readonly address: number;
  readonly task: string;
  readonly core: number;
  /** Innermost first. */
  readonly places: { readonly file: string; readonly line: number }[];
}

export class SysviewTextReader implements SectionReader {
  readonly starts = [EVENT];
  private readonly run: LogRun;
  private event: Event | undefined;
  private section: { readonly firstLine: number; lastLine: number; records: number; whole: boolean } | undefined;
  private isOver = false;

  constructor(run: LogRun) {
    this.run = run;
  }

  line(line: LogLine): boolean {
    const { text, number } = line;
    const match = EVENT.exec(text);
    if (match !== null) {
      if (this.isOver) return true;
      this.run.enter(this);
      this.tell();
      const address = addressOf(match[3]);
      const size = Number(match[2] ?? "");
      this.section ??= { firstLine: number, lastLine: number, records: 0, whole: true };
      this.section.lastLine = number;
      if (!isBlock(address, size) || !isCore(Number(match[5]))) {
        this.section.whole = false;
        this.run.report.damage({ line: number, reason: "an event of the heap trace that cannot be" });
        return true;
      }
      this.event = { time: this.run.lineNow, isFree: match[1] === "Freed", size, address, task: match[4] ?? "", core: Number(match[5]), places: [] }; // prettier-ignore
      return true;
    }
    const { event } = this;
    if (event === undefined) return false;
    if (REPORT.test(text)) {
      this.run.flush();
      this.isOver = true;
      return true;
    }
    const frame = FRAME.exec(text);
    if (frame !== null) {
      event.places.push({ file: frame[1] ?? "", line: Number(frame[2]) });
      return true;
    }
    return text === "";
  }

  flush(): void {
    this.tell();
    const { section } = this;
    this.section = undefined;
    if (section !== undefined) this.run.report.section({ kind: "SystemView heap trace", ...section });
  }

  private tell(): void {
    const { event } = this;
    this.event = undefined;
    if (event === undefined || this.section === undefined) return;
    const { run } = this;
    const { time, isFree, size, address, task, core } = event;
    const place = ownPlace(event.places);
    const site =
      place === undefined
        ? SITE_UNKNOWN
        : run.site({ method: isFree ? Method.FREE : Method.UNKNOWN, caps: 0, ...place });
    this.section.records++;
    if (isFree) run.free(time, address, site, core);
    else run.alloc(time, { address, size, site, task: run.task(task) }, core);
  }
}

/** The place that is the program's own: frames have no names there. */
function ownPlace<P extends { readonly file: string; readonly line: number }>(places: readonly P[]): P | undefined {
  const frames = places.map(({ file, line }) => ({ function: `${fileName(file)}:${line}`, file }));
  const at = placeIn(frames, (frame) => isSystemFrame(frame.function, frame.file))?.at ?? 0;
  return places[at];
}
