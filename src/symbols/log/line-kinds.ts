// What a line of a device's log holds, from its text alone: backtraces, registers, rows of a stack dump, callers, other addresses. Lines come with any
// prefix, broken in the middle by other tasks' output, and run together where spaces were lost.
import type { Address } from "../../base/units.ts";

/** Eight digits and no more; also where the next number follows without a space. */
const ADDRESS = /0x([0-9a-fA-F]{8})(?=0x|[^0-9a-fA-F]|$)/g;

/** "Backtrace:" of ESP-IDF; ESPHome's "Backtrace:" and "BT0:" … of a crash that was kept over a restart; Arduino's older "Backtrace " . */
const BACKTRACE = /\b(?:Backtrace\s*:?(?=\s*(?:0x|$))|BT\d+\s*:(?=\s*0x))/i;

/** A part of a backtrace whose line was wrapped: nothing but pairs, or what is left of one. */
const CONTINUED = /^\s*:?\s*0x[0-9a-fA-F]{1,8}(?::|\s|$)/;

/** `MEPC    : 0x42001234`, `EXCVADDR=0x00000000`, `S0/FP: 3fc8ea60`. */
const REGISTER =
  /\b([A-Z][A-Z0-9]{1,10}(?:\/[A-Z0-9]{1,4})?)(?:\s*: ?| *[:=] {0,2}(?=0x))(0x)?([0-9a-fA-F]{8})(?![0-9a-fA-F])/g;
const STACK_START = /\bStack memory:\s*$/;
const STACK_ROW = /(?:^|[\s>|])([0-9a-fA-F]{8}): ((?:0x[0-9a-fA-F]{8}\s*)+)$/;

/** Zephyr on RISC-V: one or two registers in a line, small and without 0x; nothing else behind the line's prefix. */
const ZEPHYR_REGISTERS =
  /(?:^|[\s>])((?:(?:mepc|mcause|mtval|mstatus|ra|sp|gp|tp|[ast]\d{1,2})\s*: ?[0-9a-f]{8}\s*)+)$/;
const ZEPHYR_REGISTER = /([a-z]+\d*)\s*: ?([0-9a-f]{8})/g;

/** Return addresses as they are: of heap_trace_dump and heap_trace's logs; "0: sp: 3fc8fff0 ra: 42000076" of Zephyr's call trace. */
const CALLERS = /\b(?:caller|freed by|callers) ((?:0x[0-9a-fA-F]{8}[:\s]*)+)/;
const ZEPHYR_CALLER = /\b\d+: (?:sp|fp): ?(?:0x)?[0-9a-f]{8} ra: ?(?:0x)?([0-9a-f]{8})\b/;

/** A row between ">>>stack>>>" and "<<<stack<<<" of an ESP8266: words without 0x, the last one marked where it is the stack pointer's. */
const BARE_ROW = /(?:^|[\s>|])([0-9a-fA-F]{8}):\s+((?:[0-9a-fA-F]{8}\s*){2,8})<?\s*$/;

/** In "0x400d1234:0x3ffb5740" the second one is a stack pointer: it lies in data memory on every chip (0x3c… to 0x3f…, 0x40800000 up, 0x4ff…). */
export interface Pair {
  readonly pc: Address;
  readonly hasStackPointer: boolean;
}

export type LineKind =
  | { readonly kind: "backtrace"; readonly pairs: readonly Pair[]; readonly isNumbered: boolean }
  | { readonly kind: "registers"; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: "stack-start" }
  | { readonly kind: "stack-row"; readonly address: Address; readonly words: readonly number[] }
  /** Words of a stack that was printed without registers to unwind it from. */
  | { readonly kind: "stack-words"; readonly words: readonly number[] }
  | { readonly kind: "callers"; readonly addresses: readonly Address[] }
  | { readonly kind: "elf-sha"; readonly sha256: string }
  /** Any other addresses in the text; possibly none. */
  | { readonly kind: "text"; readonly addresses: readonly Address[] };

function addressesIn(text: string): Address[] {
  return Array.from(text.matchAll(ADDRESS), ([, digits = ""]) => parseInt(digits, 16));
}

/** Return addresses; zeros fill up a stack that is shorter than what is printed of it. */
export function callersIn(text = ""): Address[] {
  return addressesIn(text).filter((address) => address !== 0);
}

/** Of these a line holds one, but for what is left of a backtrace that was wrapped. */
const TELLING = /[0-9a-f]{8}|backtrace|stack memory:/i;

/** @param inBacktrace the line before ended in the middle of a backtrace, or may have */
export function kindOfLine(text: string, inBacktrace: boolean): LineKind {
  if (!inBacktrace && !TELLING.test(text)) return { kind: "text", addresses: [] };
  if (STACK_START.test(text)) return { kind: "stack-start" };
  const row = STACK_ROW.exec(text);
  if (row?.[1] !== undefined && row[2] !== undefined) {
    return { kind: "stack-row", address: parseInt(row[1], 16), words: addressesIn(row[2]) };
  }
  const sha256 = /ELF file SHA256:\s*([0-9a-fA-F]{8,64})/.exec(text)?.[1];
  if (sha256 !== undefined) return { kind: "elf-sha", sha256 };
  const backtrace = BACKTRACE.exec(text);
  if (backtrace !== null) {
    const pairs = pairsIn(text.slice(backtrace.index + backtrace[0].length));
    return { kind: "backtrace", pairs, isNumbered: /^BT/i.test(backtrace[0]) };
  }
  if (inBacktrace && CONTINUED.test(text)) return { kind: "backtrace", pairs: pairsIn(text), isNumbered: false };
  const values = registersIn(text);
  if (values.size >= 2) return { kind: "registers", values };
  const callers = CALLERS.exec(text)?.[1];
  if (callers !== undefined) return { kind: "callers", addresses: callersIn(callers) };
  const caller = ZEPHYR_CALLER.exec(text)?.[1];
  if (caller !== undefined) return { kind: "callers", addresses: [parseInt(caller, 16)] };
  const registers = ZEPHYR_REGISTERS.exec(text)?.[1];
  if (registers !== undefined) return { kind: "registers", values: numbered(registers.matchAll(ZEPHYR_REGISTER)) };
  const words = BARE_ROW.exec(text)?.[2];
  if (words !== undefined) {
    return {
      kind: "stack-words",
      words: words
        .trim()
        .split(/\s+/)
        .map((digits) => parseInt(digits, 16)),
    };
  }
  return { kind: "text", addresses: addressesIn(text) };
}

/**
 * Program counters of a backtrace, each mostly with its stack pointer behind a colon. What is neither is passed over, so that a line into which another
 * task has printed gives all that is still there.
 */
function pairsIn(text: string): Pair[] {
  const pairs: Pair[] = [];
  let last: { readonly end: number; readonly wasPointer: boolean } | undefined;
  for (const match of text.matchAll(ADDRESS)) {
    const between = last === undefined ? undefined : text.slice(last.end, match.index);
    const isPointer = between !== undefined && !(last?.wasPointer ?? true) && /^:\s*$/.test(between);
    if (isPointer) {
      const counter = pairs.pop();
      if (counter !== undefined) pairs.push({ pc: counter.pc, hasStackPointer: true });
    } else if (match.index === 0 || text[match.index - 1] !== ":" || last !== undefined) {
      pairs.push({ pc: parseInt(match[1] ?? "", 16), hasStackPointer: false });
    }
    last = { end: match.index + match[0].length, wasPointer: isPointer };
  }
  return pairs;
}

/** Registers by the names of the panic handler. A lone number is one only with its 0x: other things have names in capitals too. */
export function registersIn(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  let isMarked = false;
  REGISTER.lastIndex = 0;
  for (let match = REGISTER.exec(text); match !== null; match = REGISTER.exec(text)) {
    isMarked ||= match[2] !== undefined;
    values.set(match[1] ?? "", parseInt(match[3] ?? "", 16));
  }
  return values.size > 1 || isMarked ? values : NONE;
}

const NONE: ReadonlyMap<string, number> = new Map();

/** Matches of a name and hexadecimal digits. */
function numbered(matches: Iterable<RegExpMatchArray>): Map<string, number> {
  return new Map(Array.from(matches, ([, name = "", digits = ""]) => [name.toUpperCase(), parseInt(digits, 16)]));
}
