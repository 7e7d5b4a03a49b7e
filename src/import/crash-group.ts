// The lines of one accident while they come in: what it is, its registers, its stack, its backtrace.

import type { LineKind } from "../symbols/log/line-kinds.ts";
import { isCode } from "./own-frame.ts";
import { returnAddressOf, withoutWindow } from "../symbols/return-address.ts";
import type { IncidentDraft } from "./incident-book.ts";

/** Words of a stack that are kept: 16 KiB. */
const MOST_WORDS = 4096;

export type Architecture = Parameters<typeof returnAddressOf>[0];

export interface Group {
  readonly firstLine: number;
  /** When its first line was written. */
  readonly time: number;
  lastLine: number;
  draft: IncidentDraft | undefined;
  /** A crash that the draft did not begin with: how it ended. */
  readonly also: string[];
  readonly registers: Map<string, number>;
  callers: number[];
  stack: number[];
  /** The stack's memory as it was printed: the address of the first word, and the words. */
  memoryAt: number | undefined;
  readonly memory: number[];
  /** Counters of the backtrace so far. */
  counters: number;
  inBacktrace: boolean;
  isBacktraceDone: boolean;
  unrelated: number;
  hasBacktrace: boolean;
  isRust: boolean;
  isAfterCall: boolean;
  /** What ESP_ERROR_CHECK says of the call that failed. */
  check: { error: string; place: string; function: string; expression: string } | undefined;
  /** Tasks that ran when the task watchdog looked, by processor, and the processor of the one that did not come. */
  readonly running: Map<string, string>;
  starvedOn: string | undefined;
  /** The address that abort() names, and as a stack where no backtrace follows. */
  abortedAt: number | undefined;
  aborted: readonly number[];
}

export function newGroup(firstLine: number, time: number): Group {
  return {
    firstLine, time, lastLine: firstLine, draft: undefined, also: [], registers: new Map(), callers: [], stack: [], memoryAt: undefined, memory: [],
    counters: 0, inBacktrace: false, isBacktraceDone: false, unrelated: 0, hasBacktrace: false, isRust: false, isAfterCall: false, check: undefined, running: new Map(), starvedOn: undefined, abortedAt: undefined, aborted: [],
  }; // prettier-ignore
}

/** Where it stopped and what called that, by the registers alone. */
export function programCounters(registers: ReadonlyMap<string, number>, architecture: Architecture): number[] {
  const stopped = registers.get("MEPC") ?? registers.get("PC") ?? registers.get("epc1");
  const counters = [
    stopped === undefined || stopped === 0 ? undefined : returnAddressOf(architecture, stopped),
    registers.get("RA"),
  ];
  return counters.filter((pc) => pc !== undefined).filter((pc) => pc !== 0);
}

/** Rows that follow each other; another core's stack, or a cut one, is another. */
export function takeRow(group: Group, address: number, words: readonly number[]): void {
  group.memoryAt ??= address;
  if (address !== group.memoryAt + 4 * group.memory.length || group.memory.length >= MOST_WORDS) return;
  group.memory.push(...words);
}

/**
 * A backtrace as return addresses, which call sites are kept as. On Xtensa the panic handler has worked out the places of the calls; on RISC-V
 * only the first is a place (src/symbols/log/annotator.ts).
 */
export function takeBacktrace(
  group: Group,
  { pairs, isNumbered }: Extract<LineKind, { kind: "backtrace" }>,
  text: string,
  architecture: Architecture,
): void {
  // The first one is of what failed; those of other cores follow it. A wrapped one goes on in the next line.
  if (group.isBacktraceDone || pairs.length === 0) return;
  group.hasBacktrace = true;
  for (const { pc } of pairs) {
    if (pc === 0) continue;
    const isPlace = architecture === "xtensa" || (group.counters === 0 && !isNumbered);
    group.counters++;
    group.callers.push(isPlace ? returnAddressOf(architecture, pc) : pc);
  }
  const stack = [...text.matchAll(/0x[0-9a-f]{8}:(0x[0-9a-f]{8})/gi)].map(([, sp]) => Number(sp));
  group.stack.push(...stack.filter((sp) => sp > 0x10000000));
}

/** Where a bad pointer was jumped through, what called it: its return address is all that leads back. */
export function withCaller(callers: readonly number[], { registers }: Group): readonly number[] {
  const [first] = callers;
  const a0 = registers.get("A0");
  if (first === undefined || isCode(first)) return callers;
  const code = callers.filter(isCode);
  // On RISC-V it is RA, which is the next of them.
  if (a0 === undefined || registers.has("MEPC")) return code.length === 0 ? callers : code;
  const caller = withoutWindow(a0);
  return isCode(caller) ? [caller, ...code.filter((pc) => pc !== caller)] : callers;
}
