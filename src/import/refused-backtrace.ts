// A backtrace that a program prints by itself where a request was refused, as hooks of failed allocations do: who asked.

import { isSystemFrame } from "../symbols/system-frames.ts";
import { isInFlash } from "../symbols/whose-code.ts";
import { kindOfLine } from "../symbols/log/line-kinds.ts";
import { returnAddressOf } from "../symbols/return-address.ts";
import { Method } from "../wire/protocol.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";

/** Lines from a refusal to its backtrace. */
const LINES_BEHIND = 4;

/** Asked after the reader of crashes, which has those of its own. */
export class RefusedBacktraceReader implements SectionReader {
  readonly notesAccidents = true;
  readonly starts = [/\bBacktrace ?:/i];
  private readonly run: LogRun;

  constructor(run: LogRun) {
    this.run = run;
  }

  line({ text, number }: LogLine): boolean {
    const { run } = this;
    const refused = run.refusedBefore(number, LINES_BEHIND);
    const line = refused === undefined ? undefined : kindOfLine(text, false);
    if (refused === undefined || line?.kind !== "backtrace") return false;
    const architecture = run.boot.isRiscV ? "riscv" : "xtensa";
    const places = line.pairs.map(({ pc }) => pc);
    const callers = places.map((pc, i) => (architecture === "xtensa" || i === 0 ? returnAddressOf(architecture, pc) : pc)); // prettier-ignore
    const first = firstBehindHeap(places, callers.map((address) => run.nameAt(address))); // prettier-ignore
    const pc = first === undefined ? undefined : places[first];
    if (first === undefined || pc === undefined) return false;
    const site = run.site({ method: Method.UNKNOWN, caps: 0, callers: callers.slice(first) });
    run.askedBy(refused, { site, frames: places.length, ownFrame: first + 1, pc });
    return true;
  }

  flush(): void {
    // Each line is complete in itself.
  }
}

/** The hook itself stands before the heap, which lies in RAM where nothing has a name. */
function firstBehindHeap(places: readonly number[], names: readonly (string | undefined)[]): number | undefined {
  const last = names.findLastIndex((name) => name !== undefined && isSystemFrame(name));
  if (last >= 0) return last + 1;
  const hook = places.findIndex(isInFlash);
  const heap = places.findIndex((pc, i) => i > hook && !isInFlash(pc));
  const asker = places.findIndex((pc, i) => i > heap && isInFlash(pc));
  return hook < 0 || heap < 0 || asker < 0 ? undefined : asker;
}
