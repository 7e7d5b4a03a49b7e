// What a program says when the heap is damaged or it dies: CORRUPT HEAP lines, assertions of all generations, aborts, panics, stack overflows,
// watchdogs, sanitizer reports. The lines of one accident become one incident, with the backtrace that ends it. What it means is said by
// src/detect/log-incidents.ts; here is only what the log tells. Formats: docs/imports.md.

import type { IncidentKind } from "../wire/log-records.ts";
import { Method } from "../wire/protocol.ts";
import { accountFields, takeAccount } from "./crash-accounts.ts";
import { assertionIn, zephyrsHeap } from "./assertion-text.ts";
import { blockAt, blockOf } from "./crash-blocks.ts";
import {
  type Architecture,
  type Group,
  isAnother,
  isFar,
  isUntold,
  newGroup,
  programCounters,
  takeBacktrace,
  takeBounds,
  recursionIn,
  takeFromStack,
  takeRow,
  withCaller,
} from "./crash-group.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import { kindOfLine } from "../symbols/log/line-kinds.ts";
import { callSiteOf, returnAddressOf } from "../symbols/return-address.ts";
import { isHeapFrame } from "../symbols/system-frames.ts";
import {
  ACCIDENTS,
  SANITIZER,
  SANITIZER_TYPE,
  ABORT,
  PANIC,
  OLD_PANIC,
  OTHER_PANIC,
  RUST_PANIC,
  KEPT_CRASH,
  CORE_DUMP_TASK,
  ERROR_CHECK,
  HASH,
  ZEPHYR_THREAD,
  DEBUG_REASON,
  CANARY,
  STACK_OVERFLOW,
  DETECTED_IN,
  WATCHDOG,
  RESET,
  REGISTER,
  ESP8266_REGISTERS,
  STACK_WORDS,
  DECODED_ADDRESS,
  DECODED_FRAME,
  GDB_FRAME,
  GDB_CALL,
  RELATED,
  END,
} from "./crash-wordings.ts";
import { damageIn } from "./heap-damage-text.ts";
import { firstOwnFrame } from "./own-frame.ts";
import { isDecodedLine, type LogLine } from "./log-text.ts";

/** Lines of one accident that are kept. */
const MOST_ALSO = 12;
/** Unrelated lines after which an accident is over. */
const MAX_UNRELATED = 12;

export class CrashReader implements SectionReader {
  readonly starts = ACCIDENTS;
  private readonly run: LogRun;
  private group: Group | undefined;
  /** The words of the last accident, which GDB's account below it quotes. */
  private told = "";

  constructor(run: LogRun) {
    this.run = run;
  }

  line(line: LogLine): boolean {
    const { text } = line;
    if (this.accident(line)) return true;
    const group = this.group;
    if (group === undefined) return false;
    const hadBacktrace = group.hasBacktrace;
    // Rulers belong to an account, and one of them ends it.
    const belongs = this.belongs(group, line) && !END.test(text);
    // One that is not gone on with at once is at its end.
    if (hadBacktrace && !group.inBacktrace) group.isBacktraceDone = true;
    if (belongs) {
      group.unrelated = 0;
      group.lastLine = line.number;
      return true;
    }
    // The other core may log on meanwhile.
    // Up to ESP-IDF 4.3 the hash stands in front of the backtrace.
    const isEnd = END.test(text) || (HASH.test(text) && (group.hasBacktrace || group.memory.length > 0));
    if (isEnd || ++group.unrelated > MAX_UNRELATED) this.run.flush();
    return false;
  }

  flush(): void {
    const group = this.group;
    this.group = undefined;
    if (group?.draft === undefined) return;
    const { draft, also, registers, stack } = group;
    const run = this.run;
    this.told = lettersOf((draft.detail ?? "").replace(/ \([^()]*\)$/, ""));
    const architecture = this.architectureOf(group);
    const callers = withCaller(
      group.callers.length > 0
        ? group.callers
        : group.aborted.length > 0
          ? group.aborted
          : [...this.byRegisters(group), ...group.onStack],
      group,
    );
    const names = callers.map((address) => run.nameAt(address));
    const places = callers.map((address, i) =>
      architecture === "xtensa" || i === 0 ? callSiteOf(architecture, address) : address,
    );
    const first = firstOwnFrame(
      draft.kind,
      places,
      names,
      group.abortedAt,
      draft.quote.includes("stack overflow in task"),
    );
    const site = run.site({ method: Method.UNKNOWN, caps: 0, callers: callers.slice(first ?? 0) });
    // What hung may be far below what was called of the heap; what crashed in it is its first frames.
    const inHeap = names.slice(0, draft.kind === "watchdog" ? undefined : 4).find((name) => isHeapFrame(name ?? ""));
    const isNew =
      draft.kind === "abort" &&
      names.some((name) => /^operator new|__cxa_allocate_exception|std::__throw_bad_alloc/.test(name ?? ""));
    const facts = [
      ...(draft.facts ?? []),
      ...(group.isKept ? ["kept 1"] : []),
      ...(group.isChecked ? ["checked 1"] : []),
      ...(group.more > 0 ? [`more ${group.more}`] : []),
      ...(group.onStack.length > 0 || group.isOnStack ? ["stack scan 1"] : []),
      ...recursionIn(
        group,
        (address) => `0x${callSiteOf(architecture, address).toString(16)} ${run.nameAt(address) ?? ""}`,
      ),
      ...group.bounds,
    ];
    const incident: IncidentDraft = {
      ...draft,
      ...accountFields(group),
      ...(facts.length === 0 ? {} : { facts }),
      ...(isNew ? { kind: "failed-allocation", known: "bad-alloc", component: "C++ new" } : {}),
      ...((draft.kind === "panic" || draft.kind === "watchdog") && inHeap !== undefined ? { function: inHeap } : {}),
      ...(site === 0 ? {} : { site }),
      ...(group.callers.length === 0
        ? {}
        : {
            frames: callers.length,
            ...(first === undefined ? {} : { ownFrame: first + 1, pc: places[first] ?? 0 }),
          }),
      ...(also.length === 0 ? {} : { also }),
      ...(registers.size === 0
        ? {}
        : { registers: [...registers].map(([name, value]) => `${name} 0x${value.toString(16).padStart(8, "0")}`) }),
      ...(group.memoryAt === undefined || group.memory.length === 0
        ? {}
        : { stackAt: group.memoryAt, stackWords: group.memory }),
      ...(stack.length === 0 ? {} : { stackLow: Math.min(...stack), stackHigh: Math.max(...stack) }),
    };
    run.incident(incident, group.time);
    const { firstLine, lastLine } = group;
    run.report.section({ kind: "fault", firstLine, lastLine, records: 1, whole: true });
  }

  /** Lines that tell of an accident: of a new one, or how an open one went on. */
  private accident(line: LogLine): boolean {
    const { text } = line;
    // GDB quotes the message among a frame's arguments.
    const isQuoted = this.group === undefined ? this.told !== "" && lettersOf(text).includes(this.told) : !isUntold(this.group); // prettier-ignore
    if (isQuoted && GDB_CALL.test(text)) return false;
    const damage = damageIn(text);
    if (damage !== undefined) {
      const { kind, address } = damage;
      // First, so that an open dump's blocks are known when the address is looked up.
      this.run.enter(this);
      const isOfBlock = damage.expected !== undefined && address !== undefined;
      this.add(line, { ...damage, ...(isOfBlock ? blockOf(this.run, kind, address) : {}) });
      return true;
    }
    return this.sanitizer(line) || this.assert(line) || this.death(line);
  }

  /** Where it stopped and what called that; on RISC-V the return address may lie in the same function, behind its last call. */
  private byRegisters(group: Group): number[] {
    const [stopped, caller, ...rest] = programCounters(group.registers, this.architectureOf(group));
    if (stopped === undefined || caller === undefined) return [stopped ?? [], caller ?? []].flat();
    const name = this.run.nameAt(stopped);
    return name !== undefined && name === this.run.nameAt(caller) ? [stopped, ...rest] : [stopped, caller, ...rest];
  }

  private sanitizer(line: LogLine): boolean {
    const match = SANITIZER.exec(line.text);
    if (match !== null) {
      const address = Number.parseInt(match[3] ?? "", 16);
      this.run.enter(this);
      this.add(line, {
        kind: "sanitizer",
        address,
        size: Number(match[2]),
        function: match[1] ?? "",
        ...blockAt(this.run, address),
      });
      return true;
    }
    const type = SANITIZER_TYPE.exec(line.text)?.[1];
    const draft = this.group?.draft;
    if (type === undefined || draft?.kind !== "sanitizer" || this.group === undefined) return false;
    this.group.draft = { ...draft, detail: type };
    this.group.lastLine = line.number;
    return true;
  }

  private assert(line: LogLine): boolean {
    const { text } = line;
    const what = assertionIn(text);
    if (what !== undefined) {
      this.add(line, what);
      return true;
    }
    const heap = zephyrsHeap(text);
    if (heap === undefined) return false;
    const open = this.group?.draft;
    if (open?.kind !== "assert" && open?.kind !== "heap-metadata") this.add(line, heap);
    else if (this.group !== undefined) this.group.draft = { ...open, ...heap };
    return true;
  }

  private death(line: LogLine): boolean {
    const { text } = line;
    const reset = RESET.exec(text)?.[1];
    if (reset !== undefined && !/POWERON|DEEPSLEEP|RTCWDT_RTC|EXT_/i.test(reset)) {
      this.run.incident({ kind: "restart", line: line.number, quote: text.trim().slice(0, 240), detail: reset });
      return true;
    }
    const abort = ABORT.exec(text);
    if (abort !== null) {
      const pc = Number.parseInt(abort[1] ?? "", 16);
      this.add(line, { kind: "abort", ...(abort[2] === undefined ? {} : { core: Number(abort[2]) }) });
      if (this.group !== undefined) {
        this.group.abortedAt = pc;
        this.group.aborted = [returnAddressOf(this.architectureOf(this.group), pc)];
      }
      return true;
    }
    const overflow = STACK_OVERFLOW.exec(text);
    if (overflow !== null) {
      const task = overflow[1] ?? overflow[2];
      // "panic'ed (Unhandled debug exception)" was only the beginning of it.
      if (this.group?.draft?.kind === "panic")
        this.group.draft = { ...this.group.draft, kind: "stack-overflow", detail: text.trim() };
      else this.add(line, { kind: "stack-overflow" });
      if (task !== undefined && this.group?.draft !== undefined) this.group.draft = { ...this.group.draft, task };
      return true;
    }
    const panic = PANIC.exec(text);
    const oldPanic = OLD_PANIC.exec(text);
    if (panic !== null || oldPanic !== null) {
      const reason = panic?.[2] ?? oldPanic?.[1] ?? "";
      const kind: IncidentKind = WATCHDOG.test(reason) ? "watchdog" : "panic";
      this.add(line, { kind, detail: reason, core: Number(panic?.[1] ?? oldPanic?.[2]) });
      return true;
    }
    if (WATCHDOG.test(text)) {
      this.add(line, { kind: "watchdog", detail: text.trim() });
      return true;
    }
    const rust = RUST_PANIC.exec(text);
    if (rust !== null) {
      this.add(line, { kind: "abort", known: "rust", detail: rust[1] ?? "", component: rust[2] ?? "" });
      if (this.group !== undefined) this.group.isRust = true;
      return true;
    }
    const error = ERROR_CHECK.exec(text)?.[1];
    if (error !== undefined) {
      this.add(line, { kind: "abort", known: "error-check" });
      if (this.group !== undefined) this.group.check = { error, place: "", function: "", expression: "" };
      // What it says of memory is read by others.
      return false;
    }
    if (KEPT_CRASH.test(text)) {
      this.add(line, { kind: "panic" });
      if (this.group !== undefined) this.group.isKept = true;
      return true;
    }
    const crashed = CORE_DUMP_TASK.exec(text);
    if (crashed !== null) {
      this.add(line, { kind: "panic", ...(crashed[1] === undefined ? {} : { task: crashed[1] }) });
      return true;
    }
    const other = OTHER_PANIC.exec(text);
    if (other === null) return false;
    const number = other[1] ?? other[2];
    const words = other[3] ?? other[4] ?? other[5] ?? other[7] ?? other[8];
    this.add(line, { kind: "panic", detail: number === undefined ? (words ?? text).trim() : `exception ${number}` });
    return true;
  }

  /** True for lines that an open accident goes on with. */
  private belongs(group: Group, { text, number }: LogLine): boolean {
    const frame = GDB_FRAME.exec(text)?.[1];
    // Without a backtrace of its own, as in esp-coredump's account: return addresses.
    if (frame !== undefined && !group.hasBacktrace) group.callers.push(Number(frame));
    if (takeAccount(group, text, number)) return true;
    if (isDecodedLine(text)) {
      group.inBacktrace = false;
      // Of a backtrace the numbers are there already; of an ESP8266's stack only these lines say which words are calls.
      const onStack = group.isBareStack ? DECODED_ADDRESS.exec(text)?.[1] : undefined;
      if (onStack !== undefined) takeFromStack(group, Number(onStack));
      return true;
    }
    const line = kindOfLine(text, group.inBacktrace);
    group.inBacktrace = line.kind === "backtrace";
    if (line.kind === "backtrace") {
      takeBacktrace(group, line, text, this.architectureOf(group));
      if (text.includes("CORRUPTED"))
        this.run.report.damage({ line: number, reason: "the device could not walk the stack to its end" });
      return true;
    }
    if (line.kind === "stack-start") return true;
    if (text.includes("Stack ") && takeBounds(group, text)) return true;
    if (line.kind === "stack-row") {
      takeRow(group, line.address, line.words);
      return true;
    }
    const reason = DEBUG_REASON.exec(text)?.[1];
    const { draft } = group;
    if (reason !== undefined && draft !== undefined) {
      group.draft = { ...draft, detail: reason };
      const task = CANARY.exec(reason)?.[1];
      if (task !== undefined) group.draft = { ...group.draft, kind: "stack-overflow", task };
      return true;
    }
    const detectedIn = DETECTED_IN.exec(text)?.[1] ?? ZEPHYR_THREAD.exec(text)?.[1];
    if (detectedIn !== undefined && draft !== undefined) {
      group.draft = { ...draft, task: draft.task ?? detectedIn };
      return true;
    }
    let hasRegisters = line.kind === "registers";
    if (line.kind === "registers")
      for (const [name, value] of line.values) if (!group.registers.has(name)) group.registers.set(name, value);
    for (const pattern of [REGISTER, ESP8266_REGISTERS]) {
      for (const [, name = "", value = ""] of text.matchAll(pattern)) {
        hasRegisters = true;
        if (!group.registers.has(name)) group.registers.set(name, Number(value));
      }
    }
    const isStack = STACK_WORDS.test(text);
    group.isBareStack ||= isStack;
    return hasRegisters || isStack || DECODED_FRAME.test(text) || RELATED.test(text) || GDB_CALL.test(text);
  }

  private architectureOf(group: Group): Architecture {
    return this.run.boot.isRiscV || group.registers.has("MEPC") ? "riscv" : "xtensa";
  }

  private add(line: LogLine, what: Omit<IncidentDraft, "line" | "quote">): void {
    this.run.enter(this);
    const quote = line.text.trim().slice(0, 240);
    const open = this.group;
    const isDamage = what.expected !== undefined;
    // A check of the heap goes on behind each block that it complains of; a free ends at the first.
    if (open?.also.length === 0 && !open.hasBacktrace && isFar(open, what)) open.isChecked = true;
    const isOfCheck = open?.isChecked === true && isDamage;
    if (open?.draft !== undefined && isAnother(open, what)) {
      this.flush();
      this.run.enter(this);
    }
    this.group ??= newGroup(line.number, this.run.lineNow);
    const group = this.group;
    group.isChecked ||= isOfCheck;
    group.lastLine = line.number;
    group.unrelated = 0;
    if (group.draft === undefined) group.draft = { line: line.number, quote, ...what };
    else if (isUntold(group)) group.draft = { ...group.draft, line: line.number, quote, ...what };
    else {
      const isRepeated = quote === group.draft.quote || group.also.some((one) => one.endsWith(`: ${quote}`));
      if (!isRepeated && group.also.length >= MOST_ALSO) group.more++;
      else if (!isRepeated) group.also.push(`${line.number}: ${quote}`);
      if (what.core !== undefined) group.draft = { ...group.draft, core: what.core };
    }
  }
}

/** Without marks, which are escaped in quotes. */
const lettersOf = (text: string): string => text.replace(/\W/g, "");
