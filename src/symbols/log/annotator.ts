// Says what the addresses of code in a device's log are, line by line. It knows the forms of ESP-IDF's panic handler: which of its numbers are return
// addresses, which are places that were reached, and which are only numbers.
import { withoutCommands } from "../../base/text.ts";
import type { Address } from "../../base/units.ts";
import type { AttributedFrame } from "../attribution.ts";
import type { ElfMatch } from "../sha256.ts";
import type { Symbols, VariablePlace } from "../symbols.ts";
import type { StackFrame, UnwindEnd } from "../unwind/stack.ts";
import { REBOOTING } from "./boot-lines.ts";
import { kindOfLine, type LineKind } from "./line-kinds.ts";
import { decodedLine, type DecodedLine, inlinedLine } from "./monitor-lines.ts";
import { StackDump } from "./stack-dump.ts";

export interface Annotation {
  readonly kind: "address";
  /** As it stands in the log. */
  readonly address: Address;
  /** What it is in the log: a register's name, "backtrace", "caller" or "address". */
  readonly what: string;
  /** Innermost first. */
  readonly frames: readonly AttributedFrame[];
}

/** An address of data: of a static variable. */
export interface VariableAnnotation {
  readonly kind: "variable";
  readonly address: Address;
  readonly what: string;
  readonly variable: VariablePlace;
}

/** The call stack behind a panic's registers and stack memory. */
export interface StackAnnotation {
  readonly kind: "stack";
  /** Innermost first; a "guess" and all beyond it hang on a function without frame information. */
  readonly calls: readonly (Pick<StackFrame, "certainty"> & Pick<Annotation, "address" | "frames">)[];
  /** Why the calls end where they do; undefined where the log has no registers to start from. */
  readonly end: UnwindEnd | undefined;
  /** Words in the part of the dump that was not unwound, in front of which a call stands: they may be calls that are under way, or left over. */
  readonly possible: readonly Pick<Annotation, "address" | "frames">[];
  /** Such words within the frames that were unwound, which those did not need: left over from calls that have ended. */
  readonly stale: number;
}

/** The log says which ELF was running. */
export interface ElfAnnotation {
  readonly kind: "elf";
  readonly match: ElfMatch;
}

/** A monitor has decoded the address already, to another function than this ELF has there. */
export interface Contradiction {
  readonly kind: "contradiction";
  readonly address: Address;
  readonly monitor: string;
  readonly frames: readonly AttributedFrame[];
}

export type LogNote = Annotation | VariableAnnotation | StackAnnotation | ElfAnnotation | Contradiction;

export interface AnnotatorOptions {
  /** All addresses that are not registers are return addresses, whatever their lines look like. */
  readonly returned?: boolean;
}

/** Registers that hold an address of code as it is; all others are looked at only as what they may hold. */
const PROGRAM_COUNTERS = new Set(["PC", "MEPC", "EPC1", "EPC2", "EPC3", "EPC4", "EPC5", "EPC6", "EPC7"]);

/** Lines of other tasks between the rows of a stack dump after which it is taken to have ended. */
const MAX_UNRELATED = 8;

export class LogAnnotator {
  private readonly symbols: Symbols;
  private readonly returned: boolean;
  private dump: StackDump | undefined;
  private unrelated = 0;
  private inBacktrace = false;
  /** Counters of the backtrace under way that have been seen: the first one of a RISC-V is no return address. */
  private counters = 0;
  /** Of the line before; a monitor's own line may follow and say it first. */
  private pending: LogNote[] = [];

  constructor(symbols: Symbols, options: AnnotatorOptions = {}) {
    this.symbols = symbols;
    this.returned = options.returned ?? false;
  }

  /** What is to be said in front of this line: of the ones before it. Lines must come in the order of the log, without their ends. */
  line(text: string): readonly LogNote[] {
    const plain = withoutCommands(text);
    if (inlinedLine(plain) !== undefined) return [];
    const decoded = decodedLine(plain);
    // A function alone may be any words behind a number.
    if (decoded !== undefined && decoded.function !== "" && decoded.line !== "") {
      this.monitorSays(decoded);
      return [];
    }
    const before = this.pending;
    const line = kindOfLine(plain, this.inBacktrace);
    this.pending = [];
    before.push(...this.followDump(line, plain));
    this.pending.push(...this.notesOf(line));
    return before;
  }

  /** What is left to be said: at the end, or when no line has come for a while. */
  flush(): readonly LogNote[] {
    const notes = this.pending;
    this.pending = [];
    return notes;
  }

  /** As `flush`, and no line will follow. */
  end(): readonly LogNote[] {
    return [...this.flush(), ...this.endDump()];
  }

  private notesOf(line: LineKind): LogNote[] {
    this.inBacktrace = line.kind === "backtrace";
    if (line.kind !== "backtrace") this.counters = 0;
    switch (line.kind) {
      case "backtrace":
        return line.pairs.flatMap(({ pc }) => this.counter(pc, line.isNumbered));
      case "registers":
        return [...line.values].flatMap(([name, value]) => this.register(name, value));
      case "callers":
        return line.addresses.flatMap((address) => this.calledFrom(address, "caller"));
      case "elf-sha":
        return [{ kind: "elf", match: this.symbols.matches(line.sha256) }];
      case "stack-words":
        return line.words.flatMap((word) =>
          this.symbols.followsCall(word) ? this.calledFrom(word, "stack, possibly a call") : [],
        );
      case "text":
        return line.addresses.flatMap((address) => this.inText(address));
      case "stack-start":
      case "stack-row":
        return [];
    }
  }

  /** Among the rows of a stack dump it is what is left of a row into which another task has printed. */
  private inText(address: Address): LogNote[] {
    const isStackWord = this.dump !== undefined && this.symbols.followsCall(address);
    return this.returned || isStackWord ? this.calledFrom(address, "address") : this.at(address, "address");
  }

  /** Registers and rows of a RISC-V panic are collected; what follows them ends the dump. */
  private followDump(line: LineKind, text: string): readonly LogNote[] {
    if (this.symbols.architecture !== "riscv") return [];
    if (line.kind === "registers") {
      if (this.dump?.takeRegisters(line.values) === true) return [];
      const notes = this.endDump();
      // A heap's table or another program's columns are no registers.
      if (line.values.has("MEPC") || line.values.has("RA")) (this.dump = new StackDump()).takeRegisters(line.values);
      return notes;
    }
    if (line.kind === "stack-start" || line.kind === "stack-row") {
      this.unrelated = 0;
      this.dump ??= line.kind === "stack-start" ? new StackDump() : undefined;
      if (line.kind === "stack-row") this.dump?.takeRow(line.address, line.words);
      return [];
    }
    if (this.dump === undefined || this.dump.words.size === 0) return [];
    const isEnd = line.kind === "elf-sha" || text.trim() === "" || REBOOTING.test(text);
    return isEnd || ++this.unrelated > MAX_UNRELATED ? this.endDump() : [];
  }

  private endDump(): StackAnnotation[] {
    const { dump } = this;
    this.dump = undefined;
    this.unrelated = 0;
    if (dump === undefined || dump.words.size === 0) return [];
    const stack = dump.state === undefined ? undefined : this.symbols.unwind(dump.state, (at) => dump.words.get(at));
    const calls = (stack?.frames ?? []).map(({ pc, isReturn, certainty }) => ({
      address: pc,
      frames: this.framesAt(isReturn ? this.symbols.callSite(pc) : pc),
      certainty,
    }));
    const used = new Set(stack?.frames.map(({ savedAt }) => savedAt));
    const unwoundTo = stack === undefined ? 0 : stack.end === "complete" ? Infinity : (stack.frames.at(-1)?.sp ?? 0);
    const possible: StackAnnotation["possible"][number][] = [];
    let stale = 0;
    for (const [at, word] of dump.words) {
      if (used.has(at) || !this.symbols.followsCall(word)) continue;
      if (at < unwoundTo) stale++;
      else possible.push({ address: word, frames: this.framesAt(this.symbols.callSite(word)) });
    }
    return [{ kind: "stack", calls, end: stack?.end, possible, stale }];
  }

  private monitorSays({ address, function: monitor }: DecodedLine): void {
    const ours = this.pending.find((note) => note.kind === "address" && note.address === address);
    this.pending = this.pending.filter((note) => note !== ours);
    const frames = ours?.kind === "address" ? ours.frames : this.framesAt(address);
    const named = frames.map((frame) => frame.function).filter((name) => name !== undefined);
    const bare = (name: string): string => name.replace(/\(.*$/, "").replace(/^.*::/, "");
    const agrees = named.length === 0 || named.some((name) => bare(name) === bare(monitor));
    // Where both are right in their way, the place before and the place itself, there is nothing to say either.
    const calls = agrees ? [] : this.framesAt(this.symbols.callSite(address));
    if (agrees || calls.some((frame) => bare(frame.function ?? "") === bare(monitor))) return;
    this.pending.push({ kind: "contradiction", address, monitor, frames });
  }

  /**
   * ESP-IDF on Xtensa prints a backtrace with the call sites worked out; on RISC-V (frame pointers, .eh_frame) all but the first are return addresses as
   * they stand on the stack. Lines of ESPHome do not say what theirs are: the one is taken before which, or at which, a call stands.
   */
  private counter(address: Address, isNumbered: boolean): LogNote[] {
    const isFirst = this.counters++ === 0;
    if (this.returned) return this.calledFrom(address, "backtrace");
    if (isNumbered) {
      return this.symbols.followsCall(address) && !this.symbols.isCall(address)
        ? this.calledFrom(address, "backtrace, a return address")
        : this.at(address, "backtrace");
    }
    if (this.symbols.architecture !== "riscv" || isFirst) return this.at(address, "backtrace");
    return this.calledFrom(address, "backtrace");
  }

  private register(name: string, value: number): LogNote[] {
    if (PROGRAM_COUNTERS.has(name)) return this.at(value, name);
    const isReturn = this.symbols.architecture === "riscv" ? name === "RA" : name === "A0";
    if (isReturn) return this.calledFrom(value, name);
    if (this.symbols.architecture === "riscv")
      return this.symbols.followsCall(value) ? this.calledFrom(value, name) : [];
    return this.at(value, name);
  }

  private calledFrom(address: Address, what: string): LogNote[] {
    return this.annotation(address, this.symbols.callSite(address), what);
  }

  private at(address: Address, what: string): LogNote[] {
    return this.annotation(address, address, what);
  }

  private annotation(address: Address, lookUp: Address, what: string): LogNote[] {
    const frames = this.framesAt(lookUp);
    if (frames.some((frame) => frame.function !== undefined || frame.file !== undefined)) {
      return [{ kind: "address", address, what, frames }];
    }
    const variable = this.symbols.variableAt(address);
    return variable === undefined ? [] : [{ kind: "variable", address, what, variable }];
  }

  private framesAt(address: Address): readonly AttributedFrame[] {
    if (!this.symbols.isCode(address)) return [];
    return this.symbols.attribute(this.symbols.symbolize(address)).frames;
  }
}

/** "app_main at main/app.c:20:5 [main]", without what is not known. */
export function describeFrame(frame: AttributedFrame): string {
  const name = frame.function ?? "??";
  const position = [frame.line, frame.column].filter((part) => part !== undefined).map((part) => `:${part}`);
  const place = frame.file === undefined ? "" : ` at ${frame.path}${frame.line === undefined ? "" : position.join("")}`;
  const component = frame.component === undefined ? "" : ` [${frame.component}]`;
  return `${name}${place}${component}`;
}

/** "s_client+0x10 = s_client.outbox.head at main/mqtt.c:12 [main]". */
export function describeVariable(
  address: Address,
  { name, start, member, rest, path, line, component }: VariablePlace,
): string {
  const offset = address - start;
  const within = rest === 0 ? "" : `+0x${rest.toString(16)}`;
  const part = member === "" ? "" : ` = ${name}${member}${within}`;
  const place = path === "" ? "" : ` at ${path}${line === undefined ? "" : `:${line}`}`;
  return `${name}${offset === 0 ? "" : `+0x${offset.toString(16)}`}${part}${place}${component === undefined ? "" : ` [${component}]`}`;
}
