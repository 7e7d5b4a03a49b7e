// The lines of one accident while they come in: what it is, its registers, its stack, its backtrace.

import { type LineKind, registersIn } from "../symbols/log/line-kinds.ts";
import { returnAddressOf } from "../symbols/return-address.ts";
import { CUT, DECIMAL_REGISTERS, ESP8266_REGISTERS } from "./crash-wordings.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { LastError, Quote } from "./last-lines.ts";
import { isReasonAlone } from "./reset-reasons.ts";

/** Damaged words, and accesses of one kind, so near to each other are of one write. */
export const ONE_ACCIDENT = 64;
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
  /** What of an address stands at its last line's end. */
  cut: string;
  isBacktraceDone: boolean;
  unrelated: number;
  hasBacktrace: boolean;
  isRust: boolean;
  /** Among the fields of its PanicInfo. */
  inPanicInfo: boolean;
  /** Told after a restart, of the boot before. */
  isKept: boolean;
  /** Rows of the ESP8266's stack were among its lines, and what a decoder has found to be calls in them. */
  isBareStack: boolean;
  readonly onStack: number[];
  /** Words of these rows that lead to code in flash. */
  readonly inFlash: number[];
  isInInterrupt: boolean;
  /** What the program said of its end, as a core dump has it. */
  details: string;
  /** Nothing of it is there but a decoder's lines, which are its backtrace. */
  isDecoded: boolean;
  /** The backtrace was put together from what lies on the stack. */
  isOnStack: boolean;
  /** A check of the heap complains of one block after the other. */
  isChecked: boolean;
  /** The damage of its last line, where it is not what it began with. */
  lastDamage: IncidentDraft | undefined;
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
  /** The processor whose backtrace it is, where a line says so. */
  backtraceOf: string | undefined;
  /** What the program called an error shortly before. */
  errorBefore: () => LastError | undefined;
  /** What it asked for right before it checks what it was given. */
  requestBefore: () => (Quote & { readonly size: number }) | undefined;
  /** The address that abort() names, and as a stack where no backtrace follows. */
  abortedAt: number | undefined;
  aborted: readonly number[];
}

const NOTHING = (): undefined => undefined;

export function newGroup(firstLine: number, time: number): Group {
  return {
    firstLine, time, lastLine: firstLine, draft: undefined, also: [], registers: new Map(), callers: [], stack: [], memoryAt: undefined, memory: [],
    counters: 0, inBacktrace: false, cut: "", isBacktraceDone: false, unrelated: 0, hasBacktrace: false, isRust: false, inPanicInfo: false, isKept: false, isInInterrupt: false, details: "", isBareStack: false, onStack: [], inFlash: [], isDecoded: false, isOnStack: false, isChecked: false, lastDamage: undefined, more: 0, bounds: [], isAfterCall: false, check: undefined, running: new Map(), starvedOn: undefined, backtraceOf: undefined, errorBefore: NOTHING, requestBefore: NOTHING, abortedAt: undefined, aborted: [],
  }; // prettier-ignore
}

/** @returns true where the line holds some */
export function takeRegisters({ registers }: Group, text: string, line: LineKind): boolean {
  const found = registersOf(text, line);
  for (const [told, value] of found) {
    const name = told === "VADDR" ? "EXCVADDR" : told;
    if (!registers.has(name)) registers.set(name, value);
  }
  return found.length > 0;
}

function registersOf(text: string, line: LineKind): readonly (readonly [string, number])[] {
  if (/^Context \{ PC: \d/.test(text)) return numbered(text.matchAll(DECIMAL_REGISTERS));
  if (line.kind === "registers") return [...line.values];
  return text.includes("0x") ? [...registersIn(text), ...numbered(text.matchAll(ESP8266_REGISTERS))] : [];
}

function numbered(matches: Iterable<RegExpMatchArray>): readonly (readonly [string, number])[] {
  return Array.from(matches, ([, name = "", value]) => [name, Number(value)]);
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
  group.cut = CUT.exec(text)?.[0] ?? "";
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

/** Tasmota's answer where nothing had crashed. */
export function isEmptyStatus({ isKept, draft, callers }: Group): boolean {
  return isKept && draft?.detail === undefined && callers.length === 0;
}

/** A line of a decoder that is itself the backtrace. */
export function takeDecoded(group: Group, address: number): void {
  group.isDecoded = true;
  group.hasBacktrace = true;
  group.callers.push(returnAddressOf("xtensa", address));
}

/** The first of these lines, of an end that is not in the log. */
export function takeDecodedEnd(
  group: Group,
  end: { readonly kind: "abort" | "panic"; readonly address: number },
): void {
  if (end.kind === "abort") takeDecoded(group, end.address);
  else {
    group.isDecoded = true;
    group.registers.set("PC", end.address);
  }
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

/** Words of the ESP8266's stack that lead to its flash: as many as tell who called. */
const MOST_OF_FLASH = 8;

/** Those that no decoder has been asked about. */
export function takeWords({ inFlash }: Group, words: readonly number[]): void {
  for (const word of words)
    if (word >= 0x40200000 && word < 0x40300000 && inFlash.length < MOST_OF_FLASH) inFlash.push(word);
}

/** Damage far from damage. */
export function isFar({ draft }: Group, { expected, address = 0 }: Partial<IncidentDraft>): boolean {
  if (expected === undefined || draft?.expected === undefined) return false;
  return Math.abs((draft.address ?? 0) - address) > ONE_ACCIDENT;
}

/** Nothing else was said so far. */
export function isDamageAlone({ hasBacktrace, also }: Group): boolean {
  return !hasBacktrace && also.every((line) => line.includes("CORRUPT HEAP"));
}

/** A new crash after a backtrace; other damage, except for what a check of the heap complains of in a row. */
export function isAnother(open: Group, what: Partial<IncidentDraft>): boolean {
  if (open.hasBacktrace || (open.draft !== undefined && isReasonAlone(open.draft))) return true;
  if (!open.isChecked) return isFar(open, what) || (what.expected !== undefined && open.draft?.expected === undefined);
  // Of a block that the log knows it is told whose it is, and damaged fills are another matter than canaries.
  const isOther = what.allocSite !== undefined || isFill(what) !== isFill(open.draft);
  return what.kind === "panic" || (isFar(open, what) && isOther);
}

const isFill = (what: Partial<IncidentDraft> | undefined): boolean => what?.kind === "write-after-free";

/** esp-coredump's account begins with the task, and tells later what of. */
export function isUntold({ draft }: Group): boolean {
  return draft?.kind === "panic" && draft.detail === undefined;
}

export function architectureOf({ registers }: Group, isRiscV: boolean): Architecture {
  return isRiscV || registers.has("MEPC") ? "riscv" : "xtensa";
}
