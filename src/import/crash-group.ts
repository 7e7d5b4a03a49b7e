// The lines of one accident while they come in: what it is, its registers, its stack, its backtrace.

import { returnAddressOf } from "../symbols/return-address.ts";
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
  /** The address that abort() names, and as a stack where no backtrace follows. */
  abortedAt: number | undefined;
  aborted: readonly number[];
}

export function newGroup(firstLine: number, time: number): Group {
  return {
    firstLine, time, lastLine: firstLine, draft: undefined, also: [], registers: new Map(), callers: [], stack: [], memoryAt: undefined, memory: [],
    counters: 0, inBacktrace: false, isBacktraceDone: false, unrelated: 0, hasBacktrace: false, abortedAt: undefined, aborted: [],
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
