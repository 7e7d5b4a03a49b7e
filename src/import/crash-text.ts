// What a program says when the heap is damaged or it dies: CORRUPT HEAP lines, assertions of all generations, aborts, panics, stack overflows,
// watchdogs, sanitizer reports. The lines of one accident become one incident, with the backtrace that ends it. What it means is said by
// src/detect/log-incidents.ts; here is only what the log tells. Formats: docs/imports.md.

import type { Incident, IncidentKind } from "../wire/log-records.ts";
import { Method } from "../wire/protocol.ts";
import { type Architecture, type Group, newGroup, programCounters, takeRow } from "./crash-group.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import { kindOfLine, type Pair } from "../symbols/log/line-kinds.ts";
import { callSiteOf, returnAddressOf } from "../symbols/return-address.ts";
import { isHeapFrame } from "../symbols/system-frames.ts";
import {
  ACCIDENTS,
  SANITIZER,
  SANITIZER_TYPE,
  ASSERT,
  ASSERT_ANY,
  OLD_ASSERT,
  ABORT,
  PANIC,
  OLD_PANIC,
  OTHER_PANIC,
  DEBUG_REASON,
  CANARY,
  STACK_OVERFLOW,
  DETECTED_IN,
  WATCHDOG,
  WATCHDOG_TASK,
  RESET,
  REGISTER,
  ESP8266_REGISTERS,
  STACK_WORDS,
  DECODED_FRAME,
  GDB_FRAME,
  RELATED,
  END,
  kindOfAssertion,
} from "./crash-wordings.ts";
import { damageIn } from "./heap-damage-text.ts";
import { firstOwnFrame } from "./own-frame.ts";
import { isDecodedLine, type LogLine } from "./log-text.ts";

/** Damaged words so near to each other are of one write. */
const ONE_ACCIDENT = 64;
/** Unrelated lines after which an accident is over. */
const MAX_UNRELATED = 12;

export class CrashReader implements SectionReader {
  readonly starts = ACCIDENTS;
  private readonly run: LogRun;
  private group: Group | undefined;

  constructor(run: LogRun) {
    this.run = run;
  }

  line(line: LogLine): boolean {
    const { text } = line;
    if (this.accident(line)) return true;
    const group = this.group;
    if (group === undefined) return false;
    const hadBacktrace = group.hasBacktrace;
    const belongs = this.belongs(group, line);
    // One that is not gone on with at once is at its end.
    if (hadBacktrace && !group.inBacktrace) group.isBacktraceDone = true;
    if (belongs) {
      group.unrelated = 0;
      group.lastLine = line.number;
      return true;
    }
    // The other core may log on meanwhile.
    if (END.test(text) || ++group.unrelated > MAX_UNRELATED) this.run.flush();
    return false;
  }

  flush(): void {
    const group = this.group;
    this.group = undefined;
    if (group?.draft === undefined) return;
    const { draft, also, registers, stack } = group;
    const run = this.run;
    const architecture = this.architectureOf(group);
    const callers =
      group.callers.length > 0
        ? group.callers
        : group.aborted.length > 0
          ? group.aborted
          : programCounters(registers, architecture);
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
    const inHeap = names.slice(0, 4).find((name) => isHeapFrame(name ?? ""));
    const isNew =
      draft.kind === "abort" &&
      names.some((name) => /^operator new|__cxa_allocate_exception|std::__throw_bad_alloc/.test(name ?? ""));
    const incident: IncidentDraft = {
      ...draft,
      ...(isNew ? { kind: "failed-allocation", known: "bad-alloc", component: "C++ new" } : {}),
      ...(draft.kind === "panic" && inHeap !== undefined ? { function: inHeap } : {}),
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
    const damage = damageIn(text);
    if (damage !== undefined) {
      const { kind, address } = damage;
      const isOfBlock = damage.expected !== undefined && address !== undefined;
      this.add(line, { ...damage, ...(isOfBlock ? this.blockOf(kind, address) : {}) });
      return true;
    }
    return this.sanitizer(line) || this.assert(line) || this.death(line);
  }

  private sanitizer(line: LogLine): boolean {
    const match = SANITIZER.exec(line.text);
    if (match !== null) {
      const address = Number.parseInt(match[3] ?? "", 16);
      this.add(line, {
        kind: "sanitizer",
        address,
        size: Number(match[2]),
        function: match[1] ?? "",
        ...this.blockAt(address),
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
    const old = OLD_ASSERT.exec(text);
    if (old !== null) {
      const [, expression = "", file = "", lineNumber = "", name] = old;
      this.asserted(line, expression, file, lineNumber, name);
      return true;
    }
    const assertion = ASSERT.exec(text);
    if (assertion !== null) {
      const [, name, file = "", lineNumber = "", expression = ""] = assertion;
      this.asserted(line, expression.replace(/^\(|\)$/g, ""), file, lineNumber, name);
      return true;
    }
    const other = ASSERT_ANY.exec(text)?.[1];
    if (other === undefined) return false;
    this.asserted(line, other, "", "", undefined);
    return true;
  }

  private asserted(
    line: LogLine,
    expression: string,
    file: string,
    lineNumber: string,
    name: string | undefined,
  ): void {
    const base = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
    const place = base === "" ? "" : ` (${base}${lineNumber === "" ? "" : `:${lineNumber}`})`;
    this.add(line, {
      kind: kindOfAssertion(expression, `${name ?? ""} ${base}`),
      detail: `${expression}${place}`,
      ...(name === undefined ? {} : { function: name }),
    });
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
    const other = OTHER_PANIC.exec(text);
    if (other === null) return false;
    const number = other[1] ?? other[2];
    this.add(line, {
      kind: "panic",
      detail: number === undefined ? (other[3] ?? other[4] ?? other[5] ?? text).trim() : `exception ${number}`,
    });
    return true;
  }

  /** True for lines that an open accident goes on with. */
  private belongs(group: Group, { text, number }: LogLine): boolean {
    const frame = GDB_FRAME.exec(text)?.[1];
    // Without a backtrace of its own, as in esp-coredump's account: return addresses.
    if (frame !== undefined && !group.hasBacktrace) group.callers.push(Number(frame));
    if (isDecodedLine(text)) {
      group.inBacktrace = false;
      return true;
    }
    const line = kindOfLine(text, group.inBacktrace);
    group.inBacktrace = line.kind === "backtrace";
    if (line.kind === "backtrace") {
      this.backtrace(group, line.pairs, line.isNumbered, text, number);
      return true;
    }
    if (line.kind === "stack-start") return true;
    if (line.kind === "stack-row") {
      takeRow(group, line.address, line.words);
      return true;
    }
    const reason = DEBUG_REASON.exec(text)?.[1];
    const draft = group.draft;
    if (reason !== undefined && draft !== undefined) {
      group.draft = { ...draft, detail: reason };
      const task = CANARY.exec(reason)?.[1];
      if (task !== undefined) group.draft = { ...group.draft, kind: "stack-overflow", task };
      return true;
    }
    const detectedIn =
      DETECTED_IN.exec(text)?.[1] ?? (draft?.kind === "watchdog" ? WATCHDOG_TASK.exec(text)?.[1] : undefined);
    if (detectedIn !== undefined && draft !== undefined) {
      group.draft = { ...draft, task: draft.task ?? detectedIn };
      return true;
    }
    let hasRegisters = false;
    for (const pattern of [REGISTER, ESP8266_REGISTERS]) {
      for (const [, name = "", value = ""] of text.matchAll(pattern)) {
        hasRegisters = true;
        if (!group.registers.has(name)) group.registers.set(name, Number(value));
      }
    }
    return hasRegisters || DECODED_FRAME.test(text) || STACK_WORDS.test(text) || RELATED.test(text);
  }

  private architectureOf(group: Group): Architecture {
    return this.run.boot.isRiscV || group.registers.has("MEPC") ? "riscv" : "xtensa";
  }

  /**
   * Backtraces as return addresses, which call sites are kept as. On Xtensa the panic handler has worked out the places of the calls; on RISC-V
   * only the first is a place (src/symbols/log/annotator.ts).
   */
  private backtrace(group: Group, pairs: readonly Pair[], isNumbered: boolean, text: string, line: number): void {
    // The first one is of what failed; those of other cores follow it. A wrapped one goes on in the next line.
    if (group.isBacktraceDone) return;
    group.hasBacktrace = true;
    const architecture = this.architectureOf(group);
    for (const { pc } of pairs) {
      if (pc === 0) continue;
      const isPlace = architecture === "xtensa" || (group.counters === 0 && !isNumbered);
      group.counters++;
      group.callers.push(isPlace ? returnAddressOf(architecture, pc) : pc);
    }
    const stack = [...text.matchAll(/0x[0-9a-f]{8}:(0x[0-9a-f]{8})/gi)].map(([, sp]) => Number(sp));
    group.stack.push(...stack.filter((sp) => sp > 0x10000000));
    if (text.includes("CORRUPTED")) {
      this.run.report.damage({ line, reason: "the device could not walk the stack to its end" });
    }
  }

  /** The block that a damaged canary belongs to, where the log has told of it. */
  private blockOf(kind: IncidentKind, address: number): Partial<Incident> {
    // First, so that an open dump's blocks are known when the address is looked up.
    this.run.enter(this);
    if (kind === "write-after-free") return this.blockAt(address);
    const { live } = this.run;
    if (kind === "bad-head") {
      const user = address + 8;
      const block = this.run.freedAt(user) ?? live.at(user) ?? live.at(user + 4);
      return {
        ...blockFields(block),
        ...(block !== undefined && this.run.freeSiteOf(block) !== undefined
          ? { freeSite: this.run.freeSiteOf(block) ?? 0 }
          : {}),
      };
    }
    const below = live.before(address);
    const isIts = below !== undefined && address <= below.address + below.size && address > below.address;
    // The dump of a heap tells the whole block, canaries included; the user's bytes end where the tail stands.
    return isIts ? { ...blockFields(below), blockSize: address - below.address } : {};
  }

  private blockAt(address: number): Partial<Incident> {
    this.run.enter(this);
    const freed = this.run.freedAt(address);
    const block = freed ?? this.run.live.overlapping(address, 1)[0];
    const freeSite = freed === undefined ? undefined : this.run.freeSiteOf(freed);
    return { ...blockFields(block), ...(freeSite === undefined ? {} : { freeSite }) };
  }

  private add(line: LogLine, what: Omit<IncidentDraft, "line" | "quote">): void {
    this.run.enter(this);
    const quote = line.text.trim().slice(0, 240);
    // A second damage message, or a new crash after a backtrace, is an accident of its own.
    const open = this.group;
    const isDamage = what.expected !== undefined;
    const before = open?.draft?.address;
    const isElsewhere = isDamage && (before === undefined || Math.abs(before - (what.address ?? 0)) > ONE_ACCIDENT);
    if (open?.draft !== undefined && (open.hasBacktrace || isElsewhere)) {
      this.flush();
      this.run.enter(this);
    }
    this.group ??= newGroup(line.number, this.run.lineNow);
    const group = this.group;
    group.lastLine = line.number;
    group.unrelated = 0;
    if (group.draft === undefined) group.draft = { line: line.number, quote, ...what };
    else {
      group.also.push(`${line.number}: ${quote}`);
      if (what.core !== undefined) group.draft = { ...group.draft, core: what.core };
    }
  }
}

function blockFields(
  block: { readonly address: number; readonly size: number; readonly site: number } | undefined,
): Partial<Incident> {
  if (block === undefined) return {};
  return { blockAddress: block.address, blockSize: block.size, ...(block.site === 0 ? {} : { allocSite: block.site }) };
}
