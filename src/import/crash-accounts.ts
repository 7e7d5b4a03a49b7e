// What others print within an accident beside ESP-IDF's panic handler: esp-coredump and GDB, Zephyr, Rust, ESP_ERROR_CHECK, the task watchdog.

import { returnAddressOf } from "../symbols/return-address.ts";
import { fileName } from "../base/paths.ts";
import type { Group } from "./crash-group.ts";
import { takeRust } from "./rust-panics.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { IncidentKind } from "../wire/log-records.ts";
import {
  CACHE_ERROR,
  DEBUG_REASON,
  DETECTED_IN,
  GDB_CALL,
  GO_PLACE,
  KEPT_CORE,
  KEPT_HINT,
  KEPT_REASON,
  MEMORY_DUMP,
  PRINTED_CORE,
  WATCHDOG_TASK,
  ZEPHYR_PLACE,
  ZEPHYR_REGISTERS,
  ZEPHYR_THREAD,
} from "./crash-wordings.ts";

/** `exccause       0x1c (LoadProhibitedCause)`, `pc             0x40094a1c          0x40094a1c <remove_free_block+24>` */
const GDB_REGISTER =
  /^(exccause|excvaddr|epc1|pc|ps|mepc|mcause|mtval|ra|sp|gp|a\d{1,2}|lbeg|lend|lcount|sar|eps\d|epc\d|br|scompare1|threadptr|windowbase|windowstart|configid\d|m\d) +0x([0-9a-f]{1,8})\b(?: \((\w+?)(?:Cause)?\))?/;
/** Without zeros before it. */
const ZEPHYR_FAULT = /^\s*mtval: ([0-9a-f]{1,8})\s*$/;
const CHECK_PLACE = /^file: "([^"]*)" line (\d+)/;
const CHECK_FUNCTION = /^func: (?:[^(]*[\s*&])?([\w:~<>]+)/;
const CHECK_EXPRESSION = /^expression: (.+)/;
const RUNNING = /^CPU (\d): (\S.*)$/;

/** True for a line of one of them. */
export function takeAccount(group: Group, text: string, line: number): boolean {
  // GDB prints the line of source below a call.
  const isSource = group.isAfterCall && /[;{}]/.test(text);
  group.isAfterCall = GDB_CALL.test(text);
  return (
    isSource ||
    (group.isKept && takeKept(group, text, line)) ||
    (group.isRust && takeRust(group, text)) ||
    takeRegister(group, text) ||
    takeCheck(group, text) ||
    takeReason(group, text) ||
    takeTask(group, text)
  );
}

function takeRegister(group: Group, text: string): boolean {
  const zephyr = ZEPHYR_PLACE.exec(text);
  if (zephyr !== null) {
    group.registers.set("PC", Number(zephyr[1]?.replace("(nil)", "0")));
    group.registers.set("EXCVADDR", Number(zephyr[2]?.replace("(nil)", "0")));
    return true;
  }
  if (text.includes("** ")) {
    const told = [...text.matchAll(ZEPHYR_REGISTERS)];
    for (const [, name = "", value = ""] of told)
      group.registers.set(name === "SP" ? "A1" : name, Number(value.replace("(nil)", "0")));
    if (told.length > 0) return true;
  }
  const { draft } = group;
  const dump = MEMORY_DUMP.exec(text)?.[1];
  if (dump !== undefined && draft !== undefined) {
    group.draft = { ...draft, facts: [`memory ${dump.trim()}`] };
    return true;
  }
  const place = draft?.known === "go" ? GO_PLACE.exec(text)?.[1] : undefined;
  if (place !== undefined && draft !== undefined) {
    group.draft = { ...draft, component: place };
    return true;
  }
  const fault = ZEPHYR_FAULT.exec(text)?.[1];
  if (fault !== undefined) {
    group.registers.set("MTVAL", Number.parseInt(fault, 16));
    return true;
  }
  const register = GDB_REGISTER.exec(text);
  if (register === null) return false;
  const [, name = "", value = "", cause] = register;
  group.registers.set(name.toUpperCase(), Number.parseInt(value, 16));
  if (cause !== undefined && draft !== undefined && draft.detail === undefined)
    group.draft = { ...draft, detail: cause, ...(/WDT/.test(cause) ? { kind: "watchdog" as const } : {}) };
  return true;
}

/** ESPHome's words for how it ended. */
const KEPT_KINDS: Readonly<Record<string, IncidentKind>> = { Abort: "abort", "Task wdt": "watchdog", "Interrupt wdt": "watchdog", "Soft WDT": "watchdog", "Hardware WDT": "watchdog" }; // prettier-ignore

function takeKept(group: Group, text: string, line: number): boolean {
  const { draft } = group;
  const reason = KEPT_REASON.exec(text);
  const core = KEPT_CORE.exec(text)?.[1];
  if (draft !== undefined && reason !== null && draft.detail === undefined) {
    const [, type = "", cause] = reason;
    const kind = KEPT_KINDS[type] ?? draft.kind;
    const isTold = cause !== undefined && cause !== "Unknown" && kind === "panic";
    group.draft = { ...draft, kind, line, quote: text.trim(), detail: isTold ? cause : type };
  } else if (draft !== undefined && core !== undefined) group.draft = { ...draft, core: Number(core) };
  else return takeStatus(group, text) || KEPT_HINT.test(text);
  return true;
}

const STATUS_VALUE = /"(Exception|Reason|EPC|EXCVADDR|CallChain|call_chain)"\s*:\s*(?:"([^"]*)"|(\d+)|\[([^\]]*))/g;

/** Tasmota's values, in hexadecimal without a mark. An ESP8266 has three program counters, and a chain of what looks like calls on its stack. */
function takeStatus(group: Group, text: string): boolean {
  if (!text.includes('"')) return false;
  let isTaken = false;
  for (const [, name = "", word, number, list] of text.matchAll(STATUS_VALUE)) {
    const { draft } = group;
    const addresses = (word ?? list ?? "").match(/[0-9a-f]{8}/gi)?.map((digits) => Number.parseInt(digits, 16)) ?? [];
    const [first] = addresses;
    isTaken = true;
    if (draft !== undefined && name === "Exception") group.draft = { ...draft, detail: `exception ${number ?? ""}` };
    else if (draft !== undefined && name === "Reason" && word !== undefined && word !== "Exception")
      group.draft = { ...draft, detail: word, ...(/watchdog/i.test(word) && { kind: "watchdog" as const }) };
    else if (name === "EPC") {
      group.isOnStack ||= list !== undefined;
      if (first !== undefined) group.registers.set("PC", first);
    } else if (name === "EXCVADDR" && first !== undefined) group.registers.set("EXCVADDR", first);
    else if (list !== undefined)
      group.callers.push(...addresses.map((pc) => (group.isOnStack ? pc : returnAddressOf("xtensa", pc))));
  }
  return isTaken;
}

/** What it was more closely, and in which task. */
function takeReason(group: Group, text: string): boolean {
  const { draft } = group;
  if (draft === undefined) return false;
  const reason = draft.detail === "Cache error" && CACHE_ERROR.test(text) ? text.trim() : DEBUG_REASON.exec(text)?.[1];
  const task = DETECTED_IN.exec(text)?.[1] ?? ZEPHYR_THREAD.exec(text)?.[1];
  if (reason !== undefined) group.draft = { ...draft, detail: reason };
  else if (task !== undefined) group.draft = { ...draft, task: draft.task ?? task };
  else return false;
  return true;
}

function takeCheck({ check }: Group, text: string): boolean {
  if (check === undefined) return false;
  const place = CHECK_PLACE.exec(text);
  const name = CHECK_FUNCTION.exec(text)?.[1];
  const expression = CHECK_EXPRESSION.exec(text)?.[1];
  if (place !== null) check.place = `${fileName(place[1] ?? "")}:${place[2]}`;
  else if (name !== undefined) check.function = name;
  else if (expression !== undefined) check.expression = expression.trim();
  else return false;
  return true;
}

/** What the lines below have added to the accident, once all are read. */
export function accountFields({ check, running, starvedOn }: Group): Partial<IncidentDraft> {
  const busy = starvedOn === undefined ? undefined : running.get(starvedOn);
  return {
    ...(check === undefined ? {} : { detail: sayCheck(check) }),
    ...(busy === undefined ? {} : { component: busy }),
  };
}

function sayCheck({ error, place, function: name, expression }: NonNullable<Group["check"]>): string {
  const where = [name, place === "" ? "" : `(${place})`].filter((word) => word !== "").join(" ");
  return `${expression === "" ? error : `${expression} gave ${error}`}${where === "" ? "" : `, in ${where}`}`;
}

function takeTask(group: Group, text: string): boolean {
  if (group.draft?.kind !== "watchdog") return false;
  const running = RUNNING.exec(text);
  const printed = PRINTED_CORE.exec(text)?.[1];
  if (running !== null) group.running.set(running[1] ?? "", running[2] ?? "");
  else if (printed !== undefined) turnTo(group, printed);
  else {
    const starved = WATCHDOG_TASK.exec(text);
    if (starved === null) return false;
    const isOfOneCore = starved[0].endsWith(` ${starved[2]})`);
    if (isOfOneCore) group.starvedOn ??= starved[2];
    group.draft = { ...group.draft, task: group.draft.task ?? starved[1] ?? "" };
  }
  return true;
}

const isIdle = (task: string): boolean => /^IDLE/i.test(task);

/** The core on which a task keeps others from running: that of the task itself, or where the starved one should run; undefined where it is idle there. */
function hungOn({ running, starvedOn, draft }: Group): string | undefined {
  const [own] = [...running].find(([, task]) => !isIdle(task) && task === draft?.task) ?? [];
  if (own !== undefined || starvedOn === undefined) return own;
  return isIdle(running.get(starvedOn) ?? "") ? undefined : starvedOn;
}

/** The backtrace that follows is another core's: it is what is wanted if that core hung. */
function turnTo(group: Group, core: string): void {
  const isWanted = group.backtraceOf === undefined || hungOn(group) === core;
  group.isBacktraceDone = !isWanted;
  if (!isWanted) return;
  group.registers.clear();
  group.memory.length = 0;
  Object.assign(group, {
    backtraceOf: core,
    callers: [],
    stack: [],
    memoryAt: undefined,
    counters: 0,
    hasBacktrace: false,
  });
}

/** The watchdog's backtrace is of a core that did not hang, such as the one on which its interrupt came. */
export function isOfOtherCore(group: Group): boolean {
  const { draft, running, backtraceOf } = group;
  if (draft?.kind !== "watchdog" || running.size === 0) return false;
  const core = backtraceOf ?? (draft.core === undefined ? undefined : String(draft.core));
  return isAllIdle(group) || (core !== undefined && (hungOn(group) ?? core) !== core);
}

const isAllIdle = ({ running }: Group): boolean => running.size > 0 && [...running.values()].every(isIdle);

/** What of that is said. */
export function watchdogFacts(group: Group): string[] {
  if (group.draft?.kind !== "watchdog") return [];
  return isAllIdle(group) ? ["idle 1"] : isOfOtherCore(group) ? [`hung on ${hungOn(group) ?? ""}`] : [];
}
