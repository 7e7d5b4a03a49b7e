// Finds the addresses of code in a device's log, line by line, and says what they are. It knows the forms of ESP-IDF's panic
// handler: which of its numbers are return addresses, and which are only numbers.
import type { Address } from "../base/units.ts";
import type { AttributedFrame } from "./attribution.ts";
import type { ElfMatch } from "./sha256.ts";
import type { Symbols } from "./symbols.ts";

export interface Annotation {
  /** As it stands in the log. */
  readonly address: Address;
  /** What it is in the log: a register's name, "backtrace", "caller", "stack" or "address". */
  readonly what: string;
  /** Innermost first. */
  readonly frames: readonly AttributedFrame[];
}

export interface AnnotatedLine {
  readonly annotations: readonly Annotation[];
  /** Set on the line in which the device says which ELF it runs. */
  readonly elf?: ElfMatch;
}

/** Registers that hold an address of code as it is; all others are looked at only as what they may hold. */
const PROGRAM_COUNTERS = new Set(["PC", "MEPC", "EPC1", "EPC2", "EPC3", "EPC4", "EPC5", "EPC6", "EPC7"]);
const RETURN_REGISTERS = new Set(["RA", "A0"]);

const ADDRESS = /0x[0-9a-fA-F]{8}\b/g;
const REGISTER = /\b([A-Z][A-Z0-9/]{0,9})\s*: (0x[0-9a-fA-F]{8})\b/g;
const STACK_ROW = /^\s*([0-9a-fA-F]{8}): ((?:0x[0-9a-fA-F]{8}\s*)+)$/;

export class LogAnnotator {
  private readonly symbols: Symbols;
  private inStack = false;

  constructor(symbols: Symbols) {
    this.symbols = symbols;
  }

  /** What the addresses in one line are; lines must come in the order of the log. */
  line(text: string): AnnotatedLine {
    const stack = this.stackRow(text);
    if (stack !== undefined) return { annotations: stack };
    const sha = /ELF file SHA256:\s+([0-9a-fA-F]{8,64})/.exec(text)?.[1];
    if (sha !== undefined) return { annotations: [], elf: this.symbols.matches(sha) };
    const backtrace = /\bBacktrace: ?((?:\s*0x[0-9a-fA-F]{8}:0x[0-9a-fA-F]{8})+)/.exec(text)?.[1];
    // ESP-IDF prints these with the call sites worked out, each with its stack pointer behind the colon.
    if (backtrace !== undefined) {
      return {
        annotations: this.exact(
          Array.from(backtrace.matchAll(/(0x[0-9a-fA-F]{8}):/g), (match) => match[1] ?? ""),
          "backtrace",
        ),
      };
    }
    const registers = [...text.matchAll(REGISTER)];
    if (registers.length >= 2)
      return { annotations: registers.flatMap(([, name = "", value = ""]) => this.register(name, value)) };
    // heap_trace_dump and heap_trace's logs print return addresses as they are.
    const callers = /\b(?:caller|freed by) ((?:0x[0-9a-fA-F]{8}:?)+)/.exec(text)?.[1];
    if (callers !== undefined) {
      return { annotations: (callers.match(ADDRESS) ?? []).flatMap((value) => this.returned(Number(value), "caller")) };
    }
    return { annotations: this.exact(text.match(ADDRESS) ?? [], "address") };
  }

  /** A row of the panic handler's stack dump; undefined when the line is none. */
  private stackRow(text: string): Annotation[] | undefined {
    if (/^\s*Stack memory:\s*$/.test(text)) {
      this.inStack = true;
      return [];
    }
    if (!this.inStack) return undefined;
    const words = STACK_ROW.exec(text)?.[2];
    if (words === undefined) {
      this.inStack = false;
      return undefined;
    }
    // Most of it is data. What follows a call instruction was pushed by that call, or is left over from an earlier one.
    return (words.match(ADDRESS) ?? []).flatMap((value) => {
      const address = Number(value);
      return this.symbols.followsCall(address) ? this.returned(address, "stack") : [];
    });
  }

  private register(name: string, value: string): Annotation[] {
    const address = Number(value);
    if (RETURN_REGISTERS.has(name)) return this.returned(address, name);
    return PROGRAM_COUNTERS.has(name) || this.symbols.followsCall(address) ? this.exact([value], name) : [];
  }

  private returned(address: Address, what: string): Annotation[] {
    return this.annotation(address, this.symbols.callSite(address), what);
  }

  private exact(values: readonly string[], what: string): Annotation[] {
    return values.flatMap((value) => this.annotation(Number(value), Number(value), what));
  }

  private annotation(address: Address, lookUp: Address, what: string): Annotation[] {
    if (!this.symbols.isCode(lookUp)) return [];
    const { frames } = this.symbols.attribute(this.symbols.symbolize(lookUp));
    return frames.some((frame) => frame.function !== undefined || frame.file !== undefined)
      ? [{ address, what, frames }]
      : [];
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
