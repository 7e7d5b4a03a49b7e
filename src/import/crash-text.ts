// What a program says when the heap is damaged or it dies: CORRUPT HEAP lines, assertions of all generations, aborts, panics, stack overflows,
// watchdogs, sanitizer reports. The lines of one accident become one incident, with the backtrace that ends it. What it means is said by
// src/detect/log; here is only what the log tells. Formats: docs/imports.md.

import { takeAccount } from "./crash-accounts.ts";
import { assertionIn, zephyrsHeap } from "./assertion-text.ts";
import { blockAt, blockOf } from "./crash-blocks.ts";
import {
  type Group,
  architectureOf,
  isAnother,
  isEmptyStatus,
  isDamageAlone,
  isFar,
  isUntold,
  newGroup,
  takeDecodedEnd,
  ONE_ACCIDENT,
} from "./crash-group.ts";
import { goesWith, takesRow } from "./crash-lines.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import { returnAddressOf } from "../symbols/return-address.ts";
import { ROM_RESET, romReason } from "../symbols/log/boot-lines.ts";
import { ERROR_CHECK, SANITIZER, STACK_OVERFLOW } from "../symbols/log/last-words.ts";
import {
  ACCIDENTS,
  SANITIZER_TYPE,
  ABORT,
  KEPT_CRASH,
  REGISTER_DUMP,
  RTOS_STACK,
  TASMOTA_CRASH,
  ABORT_CALL,
  DECODER_HEADING,
  HASH,
  GDB_CALL,
  END,
} from "./crash-wordings.ts";
import { damageIn } from "./heap-damage-text.ts";
import { incidentOf } from "./crash-incident.ts";
import { isInFlash } from "../symbols/whose-code.ts";
import type { LogLine } from "./log-text.ts";
import { OWN_CHECKS, OwnChecks } from "./own-checks.ts";
import { decodedEndIn, otherPanicIn, panicIn } from "./panic-text.ts";
import { saidBefore } from "./said-before.ts";
import { rustPanicIn, takePanicInfo } from "./rust-panics.ts";
import { isReasonAlone, ResetFields, resetReasonIn, romReasonIn } from "./reset-reasons.ts";

/** Lines of one accident that are kept. */
const MOST_ALSO = 12;
/** Unrelated lines after which an accident is over. */
const MAX_UNRELATED = 12;

const STARTS = [...ACCIDENTS, ...OWN_CHECKS];

export class CrashReader implements SectionReader {
  readonly notesAccidents = true;
  readonly starts = STARTS;
  private readonly run: LogRun;
  private group: Group | undefined;
  /** The words of the last accident, which GDB's account below it quotes. */
  private told = "";
  private hasTold = false;
  /** Of the accident before. */
  private lastLine = 0;
  /** The boot before ended in an accident that is told there. */
  private readonly isAfterDeath: boolean;
  private readonly checks = new OwnChecks();
  private readonly resets = new ResetFields();
  /** The ROM has named one that was told nowhere. */
  private hasReset = false;

  constructor(run: LogRun) {
    this.run = run;
    this.isAfterDeath = run.hasDied;
    run.hasDied = false;
  }

  line(line: LogLine): boolean {
    return this.accident(line) || this.wentOn(line);
  }

  goesOn(line: LogLine): boolean {
    return this.isUnfinished ? this.line(line) : this.wentOn(line);
  }

  goesOnInBytes(bytes: Uint8Array, start: number, end: number, number: number): boolean {
    const { group } = this;
    if (group === undefined || this.isUnfinished || !takesRow(group, bytes, start, end)) return false;
    group.isBacktraceDone ||= group.hasBacktrace;
    group.unrelated = 0;
    group.lastLine = number;
    return true;
  }

  /** What it began with may go on in a line of any words. */
  private get isUnfinished(): boolean {
    return this.resets.isOpen || this.group?.draft?.kind === "sanitizer";
  }

  private wentOn(line: LogLine): boolean {
    const { text } = line;
    const group = this.group;
    if (group === undefined) return false;
    const hadBacktrace = group.hasBacktrace;
    // Rulers belong to an account, and one of them ends it.
    const belongs = goesWith(group, line, this.run) && !END.test(text);
    // One that is not gone on with at once is at its end.
    if (hadBacktrace && group.hasBacktrace && !group.inBacktrace) group.isBacktraceDone = true;
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
    this.lastLine = group?.lastLine ?? this.lastLine;
    if (group?.draft === undefined || isEmptyStatus(group)) return;
    this.hasTold ||= !isReasonAlone(group.draft);
    this.run.hasDied ||= this.hasTold && !group.isKept;
    this.told = lettersOf(group.details || (group.draft.detail ?? "").replace(/ \([^()]*\)$/, ""));
    const { draft, details } = incidentOf(group, group.draft, this.run);
    this.run.incident(draft, group.time, details);
    const lines = { firstLine: group.firstLine, lastLine: group.lastLine };
    this.run.section({ kind: "fault", ...lines, records: 1, whole: true });
  }

  /** Lines that tell of an accident: of a new one, or how an open one went on. */
  private accident(line: LogLine): boolean {
    const { text } = line;
    // GDB quotes the message among a frame's arguments.
    const isQuoted = this.group === undefined ? this.told !== "" && lettersOf(text).includes(this.told) : !isUntold(this.group); // prettier-ignore
    if (GDB_CALL.test(text) && (this.ownEnd(line) || isQuoted)) return false;
    const damage = damageIn(text);
    if (damage !== undefined) {
      const { kind, address, expected } = damage;
      // First, so that an open dump's blocks are known when the address is looked up.
      this.run.enter(this);
      const isOfBlock = expected !== undefined && address !== undefined;
      this.add(line, { ...damage, ...(isOfBlock ? blockOf(this.run, kind, address) : {}) });
      return true;
    }
    return this.sanitizer(line) || this.assert(line) || this.death(line) || this.checked(line);
  }

  /** A check of the program's own; of damage that the heap has told it may say between which places it came. */
  private checked(line: LogLine): boolean {
    const check = this.checks.in(line);
    const { draft } = this.group ?? {};
    if (draft?.expected !== undefined && this.group !== undefined && check?.facts !== undefined)
      this.group.draft = { ...draft, facts: [...(draft.facts ?? []), ...check.facts.filter((fact) => fact.startsWith("passed "))] }; // prettier-ignore
    return this.took(line, check);
  }

  /** How a core dump says that the program ended itself: its registers and its first calls are those of the panic handler. */
  private ownEnd({ text, number }: LogLine): boolean {
    const { group } = this;
    const details = ABORT_CALL.exec(text)?.[1];
    if (details === undefined || group?.draft?.kind !== "panic" || group.hasBacktrace) return false;
    const { detail: _, ...draft } = group.draft;
    const pc = ABORT.exec(details)?.[1];
    group.details = details;
    group.draft = { ...draft, kind: "abort", ...assertionIn(details), line: number, quote: text.trim().slice(0, 240) };
    if (pc === undefined) return true;
    group.abortedAt = Number.parseInt(pc, 16);
    group.aborted = [returnAddressOf(architectureOf(group, this.run.boot.isRiscV), group.abortedAt)];
    return true;
  }

  private sanitizer(line: LogLine): boolean {
    const match = SANITIZER.exec(line.text);
    if (match !== null) {
      const address = Number.parseInt(match[3] ?? "", 16);
      // Where KASAN does not halt, one access after the other is told.
      const { kind, address: before = 0 } = this.group?.draft ?? {};
      if (kind === "sanitizer" && Math.abs(before - address) > ONE_ACCIDENT) this.run.flush();
      this.run.enter(this);
      const access = { size: Number(match[2]), function: match[1] ?? "" };
      this.add(line, { kind: "sanitizer", address, ...access, ...blockAt(this.run, address) });
      return true;
    }
    const type = SANITIZER_TYPE.exec(line.text)?.[1];
    const draft = this.group?.draft;
    if (type === undefined || draft?.kind !== "sanitizer" || this.group === undefined) return false;
    this.group.draft = { detail: type, ...draft };
    this.group.lastLine = line.number;
    return true;
  }

  private assert(line: LogLine): boolean {
    const { text } = line;
    if (this.took(line, assertionIn(text))) return true;
    const heap = zephyrsHeap(text);
    const open = this.group?.draft;
    if (heap === undefined) return false;
    if (open?.kind !== "assert" && open?.kind !== "heap-metadata") this.add(line, heap);
    else if (this.group !== undefined) this.group.draft = { ...open, ...heap };
    return true;
  }

  private death(line: LogLine): boolean {
    const { text } = line;
    const reset = ROM_RESET.exec(text)?.[1];
    if (reset !== undefined) return this.reset(line, reset);
    const abort = ABORT.exec(text);
    if (abort !== null) {
      const pc = Number.parseInt(abort[1] ?? "", 16);
      this.add(line, { kind: "abort", ...(abort[2] === undefined ? {} : { core: Number(abort[2]) }) });
      if (this.group !== undefined) {
        this.group.abortedAt ??= pc;
        this.group.aborted = [returnAddressOf(architectureOf(this.group, this.run.boot.isRiscV), pc)];
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
      if (task !== undefined && this.group?.draft !== undefined) {
        const mark = this.run.stackTold?.(task);
        const facts = mark === undefined ? {} : { facts: [`stack told ${mark.line} ${mark.quote}`] };
        this.group.draft = { ...this.group.draft, task, ...facts };
      }
      return true;
    }
    if (this.took(line, panicIn(text))) return true;
    const { isRust = false, draft } = this.group ?? {};
    const rust = isRust && draft?.detail !== "" ? undefined : rustPanicIn(text);
    if (rust !== undefined) {
      // Of a heading that says less.
      if (isRust) this.group = undefined;
      this.add(line, rust);
      if (this.group !== undefined) takePanicInfo(Object.assign(this.group, { isRust: true }), text);
      return true;
    }
    const check = ERROR_CHECK.exec(text);
    if (check !== null) {
      const [, error = "", place = ""] = check;
      this.add(line, { kind: "abort", known: "error-check" });
      if (this.group !== undefined) {
        this.group.check = { error, place: "", function: "", expression: "" };
        if (isInFlash(Number(place))) this.group.abortedAt = Number(place);
      }
      // What it says of memory is read by others.
      return false;
    }
    if (KEPT_CRASH.test(text) || TASMOTA_CRASH.test(text)) {
      this.add(line, { kind: "panic" });
      if (this.group !== undefined) {
        this.group.isKept = true;
        takeAccount(this.group, text, line.number);
      }
      return true;
    }
    // Below a crash it is that one's.
    const isOther = this.group?.draft !== undefined && !isReasonAlone(this.group.draft);
    const info = this.resets.in(line, isOther);
    if (info !== undefined) {
      this.dropReason();
      this.run.flush();
      this.add(line, info.what);
      if (this.group !== undefined) {
        this.group.isKept = true;
        for (const [name, value] of info.registers) this.group.registers.set(name, value);
        const architecture = architectureOf(this.group, this.run.boot.isRiscV);
        this.group.callers.push(...info.calls.map((pc) => returnAddressOf(architecture, pc)));
      }
      return true;
    }
    const isTold = this.hasTold || this.isAfterDeath || this.hasReset;
    const reason = isTold || isOther ? undefined : resetReasonIn(text);
    if (reason !== undefined) {
      this.add(line, reason);
      if (this.group !== undefined) this.group.isKept = true;
      return true;
    }
    const onTask = RTOS_STACK.exec(text);
    if (onTask !== null) {
      this.add(line, { kind: "panic", task: onTask[1] ?? "" });
      this.group?.bounds.push(`stack low ${onTask[2]}`, `stack high ${onTask[3]}`);
      return true;
    }
    // Below a crash these tell its registers and name its calls.
    const isFirst = this.group === undefined && !this.hasTold;
    const dumped = isFirst ? REGISTER_DUMP.exec(text) : null;
    if (dumped !== null) {
      this.add(line, { kind: "panic", ...(dumped[1] === undefined ? {} : { core: Number(dumped[1]) }) });
      return true;
    }
    const ended = isFirst ? decodedEndIn(text) : undefined;
    if (ended !== undefined) {
      const heading = this.run.lastLines?.lastBefore(line.number)?.quote ?? "";
      const number = ended.kind === "panic" ? DECODER_HEADING.exec(heading)?.[1] : undefined;
      this.add(line, { kind: ended.kind, ...(number === undefined ? {} : { detail: `exception ${number}` }) });
      if (this.group !== undefined) takeDecodedEnd(this.group, ended);
      return true;
    }
    return this.took(line, otherPanicIn(text));
  }

  /** What the ROM says of why it starts: of an accident that the log has told, or of one that left no words. */
  private reset(line: LogLine, name: string): boolean {
    if (romReason(name) === "ordinary") return false;
    this.run.incident({ kind: "restart", line: line.number, quote: line.text.trim().slice(0, 240), detail: name });
    const reason = this.isAfterDeath
      ? undefined
      : romReasonIn(name, this.run.lastLines?.lastBefore(this.run.startLine));
    if (reason !== undefined) {
      this.add(line, reason);
      this.hasReset = true;
    }
    return true;
  }

  /** What was said last before a free stops the program is of that free, and no check's. */
  private endCheck(): void {
    const group = this.group;
    if (group?.isChecked !== true) return;
    const { lastDamage, also } = group;
    if (lastDamage === undefined) group.isChecked = also.length > 0;
    else if (also.at(-1)?.endsWith(`: ${lastDamage.quote}`) === true) {
      also.pop();
      this.flush();
      this.run.enter(this);
      this.group = { ...newGroup(lastDamage.line, this.run.lineNow), draft: lastDamage };
    }
  }

  /** What it was the reason of is told in full. */
  private dropReason(): void {
    if (this.group?.draft !== undefined && isReasonAlone(this.group.draft)) this.group = undefined;
  }

  private took(line: LogLine, what: Omit<IncidentDraft, "line" | "quote"> | undefined): boolean {
    if (what !== undefined) this.add(line, what);
    for (const [name, value] of (what?.registers ?? []).map((one) => one.split(" ")))
      this.group?.registers.set(name ?? "", Number(value));
    return what !== undefined;
  }

  private add(line: LogLine, what: Omit<IncidentDraft, "line" | "quote">): void {
    this.run.enter(this);
    const quote = line.text.trim().slice(0, 240);
    if (/^multi_heap_(?:free|realloc)/.test(what.function ?? "")) this.endCheck();
    if (!isReasonAlone(what)) this.dropReason();
    const open = this.group;
    const isDamage = what.expected !== undefined;
    // A check of the heap goes on behind each block that it complains of; a free ends at the first.
    if (open !== undefined && isDamageAlone(open) && isFar(open, what)) open.isChecked = true;
    const isOfCheck = open?.isChecked === true && isDamage;
    if (open?.draft !== undefined && isAnother(open, what)) {
      this.flush();
      this.run.enter(this);
    }
    const isNew = this.group === undefined;
    this.group ??= newGroup(line.number, this.run.lineNow);
    const group = this.group;
    if (isNew) {
      const since = Math.max(this.lastLine, this.run.startLine - 1);
      const { lastLines } = this.run;
      // No line is noted before the accident is over.
      group.errorBefore = () => lastLines?.errorBefore(line.number, since);
      if (what.kind === "assert") group.requestBefore = () => lastLines?.requestBefore(line.number, since);
    }
    group.isChecked ||= isOfCheck;
    group.lastLine = line.number;
    group.unrelated = 0;
    if (group.draft === undefined)
      group.draft = {
        line: line.number,
        quote,
        ...what,
        ...saidBefore(this.run.lastLines, line.number, this.run.startLine - 1, what),
      };
    else if (isUntold(group)) group.draft = { ...group.draft, line: line.number, quote, ...what };
    else {
      const isRepeated = quote === group.draft.quote || group.also.some((one) => one.endsWith(`: ${quote}`));
      group.lastDamage = isDamage ? { line: line.number, quote, ...what } : undefined;
      if (!isRepeated && group.also.length >= MOST_ALSO) group.more++;
      else if (!isRepeated) group.also.push(`${line.number}: ${quote}`);
      if (what.core !== undefined) group.draft = { ...group.draft, core: what.core };
    }
  }
}

/** Without marks, which are escaped in quotes. */
const lettersOf = (text: string): string => text.replace(/\W/g, "");
