// Core dumps that a panic prints as base64: not imported, but said, with what reads them.

import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";

const START = /={5,} CORE DUMP START ={5,}/;
const END = /={5,} CORE DUMP END ={5,}/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export class CoreDumpReader implements SectionReader {
  readonly starts = [START];
  private readonly run: LogRun;
  private dump: { readonly firstLine: number; lastLine: number } | undefined;

  constructor(run: LogRun) {
    this.run = run;
  }

  line({ text, number }: LogLine): boolean {
    if (START.test(text)) {
      this.run.enter(this);
      this.flush();
      this.dump = { firstLine: number, lastLine: number };
      return true;
    }
    const { dump } = this;
    if (dump === undefined) return false;
    if (END.test(text)) {
      dump.lastLine = number;
      this.run.flush();
      return true;
    }
    if (!BASE64.test(text)) return false;
    dump.lastLine = number;
    return true;
  }

  flush(): void {
    const { dump } = this;
    this.dump = undefined;
    if (dump === undefined) return;
    this.run.report.damage({ line: dump.firstLine, reason: `a core dump, up to line ${dump.lastLine}` });
    this.run.report.hint(
      "the log holds a core dump: save its lines of base64 in a file and read it with " +
        "`esp-coredump info_corefile -t b64 -c FILE build/APP.elf`",
    );
  }
}
