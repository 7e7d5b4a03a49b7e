// One accident, once all its lines are read: its calls, its place, and what its registers and its stack say.

import { greatest, smallest } from "../base/values.ts";
import type { IncidentKind } from "../wire/log-records.ts";
import { callSiteOf, returnAddressOf, withoutWindow } from "../symbols/return-address.ts";
import { isHeapFrame, isInterruptEntry } from "../symbols/system-frames.ts";
import { isInRom } from "../symbols/whose-code.ts";
import { accountFields, isOfOtherCore, watchdogFacts } from "./crash-accounts.ts";
import { type Architecture, architectureOf, type Group } from "./crash-group.ts";
import { elsewhere, type IncidentDraft } from "./incident-book.ts";
import type { LogRun } from "./log-run.ts";
import { firstOwnFrame, isCode } from "./own-frame.ts";

/** Frames in which a crash happened; a decoder's lines begin with those of the panic handler and the assertion. */
const FIRST_FRAMES = 4;
const FIRST_DECODED = 8;

/** What tells an accident from others, and all else that is kept of it where it is told for the first time. */
export interface Accident {
  readonly draft: IncidentDraft;
  readonly details: () => Partial<IncidentDraft>;
}

export function incidentOf(group: Group, told: IncidentDraft, run: LogRun): Accident {
  const architecture = architectureOf(group, run.boot.isRiscV);
  // What another core did says nothing.
  const found = isOfOtherCore(group) ? undefined : stackOf(callersOf(group, run), group, told, run);
  // Where all calls are the panic handler's, what abort() names is one of the program's.
  const isLost = found?.first === undefined && group.aborted.length > 0 && group.details !== "";
  const { callers, names, places, first } = (isLost ? stackOf(group.aborted, group, told, run) : found) ?? NO_STACK;
  const site = run.place(callers.slice(first ?? 0));
  const isRefused = isRefusal(told, names);
  const isOverflow = told.kind === "panic" && names.slice(0, FIRST_DECODED).includes("vApplicationStackOverflowHook");
  const kind = isRefused ? "abort" : isBelowStack(group) || isOverflow ? "stack-overflow" : told.kind;
  const detail = told.detail ?? (told.kind === "panic" ? causeOf(group) : undefined);
  const what = { ...told, kind, ...(detail === undefined ? {} : { detail }) };
  if (site === undefined) return { draft: elsewhere(what), details: () => ({}) };
  // What hung may be far below what was called of the heap; what crashed in it is its first frames.
  const innermost = told.kind === "watchdog" ? undefined : group.isDecoded ? FIRST_DECODED : FIRST_FRAMES;
  const inHeap = names.slice(0, innermost).find((name) => name !== undefined && isHeapFrame(name));
  // An assertion without words, or of any, is the heap's where it stands in its functions.
  const asserting = told.kind === "assert" ? assertingIn(names) : undefined;
  const isDeath = told.kind === "panic" || told.kind === "watchdog" || group.isDecoded;
  const isNew =
    told.kind === "abort" &&
    names.some((name) => /^operator new|__cxa_allocate_exception|std::__throw_bad_alloc/.test(name ?? ""));
  const draft: IncidentDraft = {
    ...what,
    ...accountFields(group),
    ...(isNew ? { kind: "failed-allocation", known: "bad-alloc", component: "C++ new" } : {}),
    ...(asserting !== undefined && isHeapFrame(asserting) ? { kind: "heap-metadata", function: asserting } : {}),
    ...(isDeath && !isRefused && inHeap !== undefined ? { function: inHeap } : {}),
    ...(site === 0 ? {} : { site }),
  };
  const isJump = group.registers.get("PC") === 0;
  const isNamed = group.onStack.length > 0 && architecture === "riscv";
  const isTold = group.callers.length > 0 || group.inFlash.length > 0 || isNamed || isJump;
  const hasCalls = isTold && callers.length > 0;
  const ownFrame = first === undefined ? {} : { ownFrame: first + 1, pc: places[first] ?? 0 };
  return {
    draft,
    details: () => ({
      ...factsOf(
        group,
        told,
        names,
        (address) => `0x${callSiteOf(architecture, address).toString(16)} ${run.nameAt(address) ?? ""}`,
      ),
      ...(hasCalls ? { frames: callers.length, ...ownFrame } : {}),
      ...printed(group),
    }),
  };
}

interface Stack {
  readonly callers: readonly number[];
  readonly names: readonly (string | undefined)[];
  /** As the log prints them. */
  readonly places: readonly number[];
  /** Index of the first that is the program's. */
  readonly first: number | undefined;
}

const NO_STACK: Stack = { callers: [], names: [], places: [], first: undefined };

function stackOf(callers: readonly number[], group: Group, told: IncidentDraft, run: LogRun): Stack {
  const architecture = architectureOf(group, run.boot.isRiscV);
  const names = callers.map((address) => run.nameAt(address));
  const places = callers.map((address, i) =>
    architecture === "xtensa" || i === 0 ? callSiteOf(architecture, address) : address,
  );
  const isAtSwitch = told.quote.includes("stack overflow in task");
  const first = firstOwnFrame(told.kind, places, names, group.abortedAt, isAtSwitch, isInLoop(group));
  return { callers, names, places, first };
}

/** The processor repeats code by itself between two registers, as functions of strings and memory do. */
function isInLoop({ registers }: Group): boolean {
  const [pc = 0, begin = 0, end = 0] = ["PC", "LBEG", "LEND"].map((name) => registers.get(name));
  return pc >= begin && pc < end;
}

/** The heap itself ends the program where it is set to at a refused request. */
const isRefusal = ({ kind }: IncidentDraft, names: readonly (string | undefined)[]): boolean =>
  kind === "panic" && names.slice(0, FIRST_DECODED).includes("heap_caps_alloc_failed");

function factsOf(
  group: Group,
  told: IncidentDraft,
  names: readonly (string | undefined)[],
  words: (address: number) => string,
): Pick<IncidentDraft, "facts"> {
  const facts = [
    ...(told.facts ?? []),
    ...(group.isKept ? ["kept 1"] : []),
    ...(group.isChecked ? ["checked 1"] : []),
    ...(group.isDecoded && names.includes("__assert_func") ? [`asserted ${assertingIn(names) ?? ""}`] : []),
    ...(names.includes("vPortAssertIfInISR") ? ["in interrupt 1"] : []),
    ...(group.isInInterrupt || names.some((name) => name !== undefined && isInterruptEntry(name)) ? ["isr 1"] : []),
    ...(group.more > 0 ? [`more ${group.more}`] : []),
    ...(scanned(group).length > 0 || group.isOnStack ? ["stack scan 1"] : []),
    ...recursionIn(group, words),
    ...watchdogFacts(group),
    ...(isRefusal(told, names) ? ["refused 1"] : []),
    ...errorBefore(group),
    ...requestBefore(group),
    ...group.bounds,
    ...stackPointerOf(group),
  ];
  return facts.length === 0 ? {} : { facts };
}

/** Its further lines, its registers and its stack. */
function printed({ also, registers, memoryAt, memory, stack }: Group): Partial<IncidentDraft> {
  return {
    ...(also.length === 0 ? {} : { also }),
    ...(registers.size === 0
      ? {}
      : { registers: [...registers].map(([name, value]) => `${name} 0x${value.toString(16).padStart(8, "0")}`) }),
    ...(memoryAt === undefined || memory.length === 0 ? {} : { stackAt: memoryAt, stackWords: memory }),
    ...(stack.length === 0 ? {} : { stackLow: smallest(stack), stackHigh: greatest(stack) }),
  };
}

/** The function in which an assertion stands; a decoder may print a frame several times. */
const assertingIn = (names: readonly (string | undefined)[]): string | undefined =>
  names.slice(names.lastIndexOf("__assert_func") + 1 || names.length).find((name) => name !== undefined);

/** What the panic handler calls the causes by their numbers, on Xtensa and on RISC-V. */
const XTENSA_CAUSES: Readonly<Record<number, string>> = { 0: "IllegalInstruction", 2: "InstructionFetchError", 3: "LoadStoreError", 6: "IntegerDivideByZero", 9: "LoadStoreAlignment", 20: "InstrFetchProhibited", 28: "LoadProhibited", 29: "StoreProhibited" }; // prettier-ignore
const RISCV_CAUSES: Readonly<Record<number, string>> = { 1: "Instruction access fault", 2: "Illegal instruction", 4: "Load address misaligned", 5: "Load access fault", 6: "Store address misaligned", 7: "Store access fault" }; // prettier-ignore

function causeOf({ registers, isDecoded }: Group): string | undefined {
  const told = XTENSA_CAUSES[registers.get("EXCCAUSE") ?? -1] ?? RISCV_CAUSES[registers.get("MCAUSE") ?? -1];
  // A decoder tells the address, and not what was done there.
  return told ?? (isDecoded && (registers.get("EXCVADDR") ?? 0) !== 0 ? "prohibited access" : undefined);
}

function callersOf(group: Group, run: LogRun): readonly number[] {
  const { callers, aborted } = group;
  const told = withStop(callers.length > 0 ? callers : aborted, group, architectureOf(group, run.boot.isRiscV));
  return withCaller(told.length > 0 ? told : [...byRegisters(group, run), ...scanned(group)], group);
}

/** What was found on a stack are calls that lead there, without where it stopped. */
function withStop(callers: readonly number[], group: Group, architecture: Architecture): readonly number[] {
  const [stopped] =
    group.isOnStack && group.draft?.kind === "panic" ? programCounters(group.registers, architecture) : [];
  return stopped === undefined || callers.length === 0 || callers.includes(stopped) ? callers : [stopped, ...callers];
}

/** What looks like calls on the ESP8266's stack. */
function scanned({ onStack, inFlash }: Group): readonly number[] {
  return onStack.length > 0 ? onStack : inFlash;
}

/** Where it stopped and what called that; on RISC-V the return address may lie in the same function, behind its last call. */
function byRegisters(group: Group, run: LogRun): number[] {
  const [stopped, caller, ...rest] = programCounters(group.registers, architectureOf(group, run.boot.isRiscV));
  if (stopped === undefined || caller === undefined) return [stopped ?? [], caller ?? []].flat();
  const name = run.nameAt(stopped);
  return name !== undefined && name === run.nameAt(caller) ? [stopped, ...rest] : [stopped, caller, ...rest];
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

/** Of what dies without saying why. */
const SAYS_NOT_WHY: ReadonlySet<IncidentKind> = new Set(["abort", "assert", "panic"]);

/** Words with which others introduce the panic itself. */
const ANNOUNCES = /^Exception \d{1,2}: \w+: |^A fatal error occurred|panicked at '?$|FATAL EXCEPTION$/;

function errorBefore({ draft, errorBefore: before, isKept }: Group): string[] {
  const isPlain = draft?.known === undefined || draft.known === "error-check";
  const isWanted = draft !== undefined && SAYS_NOT_WHY.has(draft.kind) && isPlain && !isKept;
  const error = isWanted ? before() : undefined;
  if (error === undefined || ANNOUNCES.test(error.quote)) return [];
  const { line, quote, first } = error;
  return [
    `error before ${line} ${quote}`,
    ...(first === undefined ? [] : [`first error before ${first.line} ${first.quote}`]),
  ];
}

function requestBefore({ requestBefore: before }: Group): string[] {
  const request = before();
  return request === undefined ? [] : [`asked ${request.line} ${request.size} ${request.quote}`];
}

/** ESP8266_RTOS_SDK tells the stack's bounds and prints the pointer among the registers. */
function stackPointerOf({ bounds, registers }: Group): string[] {
  const pointer = registers.get("A1");
  const isTold = bounds.length === 0 || bounds.some((fact) => fact.startsWith("stack pointer"));
  return isTold || pointer === undefined ? [] : [`stack pointer 0x${pointer.toString(16).padStart(8, "0")}`];
}

function isBelowStack(group: Group): boolean {
  const low = group.bounds.find((fact) => fact.startsWith("stack low "))?.slice("stack low ".length);
  const pointer = stackPointerOf(group)[0]?.slice("stack pointer ".length);
  return group.draft?.kind === "panic" && low !== undefined && pointer !== undefined && Number(pointer) < Number(low);
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

/** Where a bad pointer was jumped through, what called it: its return address is all that leads back. */
export function withCaller(callers: readonly number[], { registers }: Group): readonly number[] {
  const [first] = callers;
  const a0 = registers.get("A0");
  if (first === undefined) {
    const isJump = a0 !== undefined && registers.get("PC") === 0 && isCode(withoutWindow(a0));
    return isJump ? [withoutWindow(a0)] : callers;
  }
  // A walk that ended in the ROM: the register has the return address, with the mark of a windowed call.
  const isLost = a0 !== undefined && a0 >= 0x80000000 && callers.length === 1 && isInRom(first, false) && isCode(withoutWindow(a0)); // prettier-ignore
  if (isLost) return [first, withoutWindow(a0)];
  if (isCode(first)) return callers;
  const code = callers.filter(isCode);
  // On RISC-V it is RA, which is the next of them.
  if (a0 === undefined || registers.has("MEPC")) return code.length === 0 ? callers : code;
  const caller = withoutWindow(a0);
  return isCode(caller) ? [caller, ...code.filter((pc) => pc !== caller)] : callers;
}
