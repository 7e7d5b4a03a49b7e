// Leak lines of ESP-IDF's Unity tests: heap before and after a test, by capability.

import { type IncidentDraft, PASSED } from "./incident-book.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";

/** ESP-IDF tells what leaked as a positive delta, components' own tests what changed: the counts before it say which. Without the word where the component's own tests measure: whether it is a leak their verdict says. */
const LEAK =
  /(MALLOC_CAP_\w+|8BIT|32BIT)(?: (potential|critical)? ?leak)?: Before (\d+) bytes free, After (\d+) bytes free \(delta -?\d+\)/i;
const DELTA = /(MALLOC_CAP_\w+) usage: Free memory delta: (-?\d+) Leak threshold: (-?\d+)/;
const TEST = /^Running (.+)\.\.\.$|^TEST\((.+)\)|^(?:\S+:)?\d+:(.+):(?:PASS|FAIL)/;

/** The verdict of tests that measure and then compare with what they allow. */
const VERDICT = /:FAIL:.*(?:memory leak|leaked too much)/i;
/** Lines from a measurement to its verdict. */
const VERDICT_LINES = 4;

export class UnityReader implements SectionReader {
  readonly notesAccidents = true;
  readonly starts = [TEST, LEAK, DELTA];
  private readonly run: LogRun;
  private test: string | undefined;
  private told: { readonly line: number; readonly change: number } | undefined;
  /** Waits for its verdict. */
  private measured: IncidentDraft | undefined;

  constructor(run: LogRun) {
    this.run = run;
  }

  line({ text, number }: LogLine): boolean {
    const test = TEST.exec(text);
    if (test !== null) this.test = test[1] ?? test[2] ?? test[3];
    const { measured } = this;
    if (measured !== undefined && number - measured.line > VERDICT_LINES) this.measured = undefined;
    else if (measured !== undefined && VERDICT.test(text)) this.leaks(measured);
    const leak = LEAK.exec(text);
    const delta = leak === null ? DELTA.exec(text) : null;
    if (leak === null && delta === null) return false;
    const change = leak === null ? Number(delta?.[2]) : Number(leak[4]) - Number(leak[3]);
    const threshold = delta?.[3];
    // The verdict repeats the measurement of the line before.
    const told = this.told;
    this.told = { line: number, change };
    if (told !== undefined && number - told.line <= 2 && told.change === change) return true;
    // Within what the test allows: no leak.
    if (change >= 0 || (threshold !== undefined && change >= Number(threshold))) {
      this.run.incident({ kind: "leak-check", line: number, quote: text.trim(), facts: [PASSED] });
      this.checked(number, 0);
      return true;
    }
    const draft: IncidentDraft = {
      kind: "leak-check",
      line: number,
      quote: text.trim(),
      size: -change,
      component: leak?.[1] ?? delta?.[1] ?? "",
      detail: leak?.[2] ?? "threshold",
      ...(this.test === undefined ? {} : { function: this.test }),
      ...(leak === null ? {} : { free: Number(leak[4]) }),
    };
    if (leak === null || /leak:/i.test(text)) this.leaks(draft);
    else this.measured = draft;
    return true;
  }

  private leaks(draft: IncidentDraft): void {
    this.measured = undefined;
    this.run.incident(draft);
    this.checked(draft.line, 1);
  }

  /** @param records leaks of it */
  private checked(line: number, records: number): void {
    this.run.section({ kind: "leak check", firstLine: line, lastLine: line, records, whole: true });
  }

  flush(): void {
    // Each line is complete in itself.
  }
}
