// Failed requests of a log as incidents: each with the figures that the log gives around it; lines that only pass a failure on join the one
// that they echo.

import { failedAllocationIn } from "./failed-allocation-text.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";

/** An echo comes within so many lines of what failed. */
const ECHO_LINES = 8;

export class FailedAllocationReader implements SectionReader {
  private readonly run: LogRun;
  private last: { readonly line: number; readonly key: string; readonly known: string } | undefined;

  constructor(run: LogRun) {
    this.run = run;
  }

  line({ text, number, tag }: LogLine): boolean {
    const failed = failedAllocationIn(text, tag);
    if (failed === undefined) return false;
    const { isEcho, ...told } = failed;
    const last = this.last;
    const isNear = last !== undefined && number - last.line <= ECHO_LINES;
    if (isNear && isEcho) {
      this.run.alsoSaid(last.key, `${number}: ${text.trim().slice(0, 160)}`);
      // Error codes travel up the layers: the next one is an echo of the same failure.
      this.last = { ...last, line: number };
      return true;
    }
    // "what(): std::bad_alloc" repeats the line before.
    if (isNear && last.known === told.known && told.known === "bad-alloc") return true;
    const key = this.run.incident({
      kind: "failed-allocation",
      line: number,
      quote: text.trim().slice(0, 240),
      ...told,
    });
    this.last = { line: number, key, known: told.known };
    this.run.report.section({
      kind: "failed allocation",
      firstLine: number,
      lastLine: number,
      records: 1,
      whole: true,
    });
    return true;
  }

  flush(): void {
    // Each line is complete in itself.
  }
}
