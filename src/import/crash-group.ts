// The lines of one accident while they come in: what it is, its registers, its stack, its backtrace.

import type { LineKind } from "../symbols/log/line-kinds.ts";
import { isCode } from "./own-frame.ts";
import { returnAddressOf, withoutWindow } from "../symbols/return-address.ts";
import type { IncidentDraft } from "./incident-book.ts";

/** Damaged words so near to each other are of one write. */
const ONE_ACCIDENT = 64;
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
  /** Told after a restart, of the boot before. */
  isKept: boolean;
  /** Rows of the ESP8266's stack were among its lines, and what a decoder has found to be calls in them. */
  isBareStack: boolean;
  readonly onStack: number[];
  /** The backtrace was put together from what lies on the stack. */
  isOnStack: boolean;
  /** A check of the heap complains of one block after the other. */
  isChecked: boolean;
  /** Lines of it that are only counted. */
  more: number;
  /** What RISC-V's stack guard tells, as facts. */
  bounds: string[];
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
    counters: 0, inBacktrace: false, isBacktraceDone: false, unrelated: 0, hasBacktrace: false, isRust: false, isKept: false, isBareStack: false, onStack: [], isOnStack: false, isChecked: false, more: 0, bounds: [], isAfterCall: false, check: undefined, running: new Map(), starvedOn: undefined, abortedAt: undefined, aborted: [],
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
  if ((group.isBacktraceDone && !isNumbered) || pairs.length === 0) return;
  group.hasBacktrace = true;
  group.isOnStack ||= group.isKept && isNumbered && !text.includes("(backtrace)");
  for (const { pc } of pairs) {
    if (pc === 0) continue;
    const isPlace =
      architecture === "xtensa" || (group.counters === 0 && (!isNumbered || pc === group.registers.get("PC")));
    group.counters++;
    group.callers.push(isPlace ? returnAddressOf(architecture, pc) : pc);
  }
  const stack = [...text.matchAll(/0x[0-9a-f]{8}:(0x[0-9a-f]{8})/gi)].map(([, sp]) => Number(sp));
  group.stack.push(...stack.filter((sp) => sp > 0x10000000));
}

const STACK_POINTER = /Stack pointer: (0x[0-9a-f]{8})/i;
const STACK_BOUNDS = /Stack bounds: (0x[0-9a-f]{8}) - (0x[0-9a-f]{8})/i;

export function takeBounds(group: Group, text: string): boolean {
  const pointer = STACK_POINTER.exec(text)?.[1];
  const bounds = STACK_BOUNDS.exec(text);
  if (pointer !== undefined) group.bounds.push(`stack pointer ${pointer}`);
  if (bounds !== null) group.bounds.push(`stack low ${bounds[1]}`, `stack high ${bounds[2]}`);
  return pointer !== undefined || bounds !== null;
}

/** Calls of one round of a recursion, and rounds from which on it is one. */
const LONGEST_ROUND = 4;
const FEWEST_ROUNDS = 4;

/** The same calls again and again, as a fact: rounds, bytes of stack that each takes (0: not told), the call's address and name. */
export function recursionIn({ callers, stack }: Group, words: (address: number) => string): string[] {
  for (let round = 1; round <= LONGEST_ROUND; round++) {
    let same = 0;
    for (let i = 0; i + round <= callers.length; i++) {
      if (callers[i] !== undefined && callers[i] === callers[i + round]) {
        same++;
        continue;
      }
      const rounds = Math.floor(same / round) + 1;
      const address = callers[i];
      if (rounds >= FEWEST_ROUNDS && address !== undefined) {
        const bytes = stack.length === callers.length ? (stack[i] ?? 0) - (stack[i - round] ?? 0) : 0;
        return [`recursion ${rounds} ${Math.max(0, bytes)} ${words(address)}`.trim()];
      }
      same = 0;
    }
  }
  return [];
}

/** Most words of a stack that look like calls. */
const MOST_ON_STACK = 64;

/** One address of those that were found on a stack: a call, or what an earlier one has left there. */
export function takeFromStack(group: Group, address: number): void {
  const { onStack, registers } = group;
  if (onStack.length >= MOST_ON_STACK || [...registers.values()].includes(address) || onStack.at(-1) === address)
    return;
  onStack.push(address);
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

/** Damage far from damage. */
export function isFar({ draft }: Group, { expected, address = 0 }: Partial<IncidentDraft>): boolean {
  if (expected === undefined || draft?.expected === undefined) return false;
  return Math.abs((draft.address ?? 0) - address) > ONE_ACCIDENT;
}

/** A new crash after a backtrace; other damage, except for what a check of the heap complains of in a row. */
export function isAnother(open: Group, what: Partial<IncidentDraft>): boolean {
  if (open.hasBacktrace) return true;
  if (!open.isChecked) return what.expected !== undefined && open.draft?.expected === undefined;
  // Of a block that the log knows it is told whose it is, and damaged fills are another matter than canaries.
  const isOther = what.allocSite !== undefined || isFill(what) !== isFill(open.draft);
  return what.kind === "panic" || (isFar(open, what) && isOther);
}

const isFill = (what: Partial<IncidentDraft> | undefined): boolean => what?.kind === "write-after-free";

/** esp-coredump's account begins with the task, and tells later what of. */
export function isUntold({ draft }: Group): boolean {
  return draft?.kind === "panic" && draft.detail === undefined;
}
