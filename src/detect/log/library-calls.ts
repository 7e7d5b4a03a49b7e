// A crash in one of the C library's functions of strings and memory: which of them, which argument it was given, and what its caller is to look at.

import { formatAddress, formatExactBytes } from "../../base/format.ts";
import { isInFlash, isInRom, isInRomLibrary, isNameless } from "../../symbols/whose-code.ts";
import { NEAR_NULL } from "./fault-addresses.ts";

/** What a function does with each of its pointers: reads it, writes to it, or both. */
const POINTERS: Readonly<Record<string, string>> = {
  strlen: "r", strnlen: "r", strchr: "r", strrchr: "r", strdup: "r", strndup: "r", memchr: "r", memrchr: "r", atoi: "r", atol: "r", atof: "r", strtol: "r", strtoul: "r", strtod: "r", strtof: "r", strlwr: "b", strupr: "b",
  strcmp: "rr", strncmp: "rr", strcasecmp: "rr", strncasecmp: "rr", strcoll: "rr", memcmp: "rr", strstr: "rr", strcasestr: "rr", strspn: "rr", strcspn: "rr", strpbrk: "rr",
  strcpy: "wr", strncpy: "wr", strlcpy: "wr", stpcpy: "wr", memcpy: "wr", memmove: "wr", memccpy: "wr", mempcpy: "wr", strcat: "br", strncat: "br", strlcat: "br", strtok: "br", strtok_r: "br",
  memset: "w", bzero: "w",
}; // prettier-ignore

/** Those of the ESP32's ROM (esp32.rom.newlib-funcs.ld), each from its first address up to the next one; without a name: something else. */
const ROM: readonly (readonly [number, string])[] = [
  [0x400011cc, "strcasecmp"], [0x40001210, "strcasestr"], [0x40001274, "strcmp"], [0x40001398, ""], [0x400013ac, "strcpy"], [0x4000143c, ""], [0x40001470, "strlcat"],
  [0x400014c0, "strlen"], [0x40001524, "strlwr"], [0x40001550, "strncasecmp"], [0x400015d4, "strncpy"], [0x400016b0, ""], [0x40001708, "strrchr"], [0x40001734, ""],
  [0x4000c1f4, "bzero"], [0x4000c20c, ""], [0x4000c220, "memccpy"], [0x4000c244, "memchr"], [0x4000c260, "memcmp"], [0x4000c2c8, "memcpy"], [0x4000c3c0, "memmove"],
  [0x4000c400, "memrchr"], [0x4000c44c, "memset"], [0x4000c498, ""], [0x4000c518, "strcat"], [0x4000c53c, "strchr"], [0x4000c558, "strcspn"], [0x4000c584, "strlcpy"],
  [0x4000c5c4, "strncat"], [0x4000c5f4, "strncmp"], [0x4000c628, "strnlen"], [0x4000c648, "strspn"], [0x4000c674, "strstr"], [0x4000c6a8, "strtok_r"], [0x4000c720, ""],
  [0x40056714, "strtol"], [0x40056834, "strtoul"], [0x40056948, ""],
]; // prettier-ignore

/** What lies so near behind a pointer was reached from it. */
const NEAR = 64;
/** No length of a block is larger. */
const MOST = 0x40_0000;

/** An access to an address that is none, with the registers of the function that made it. */
export interface Access {
  /** Of the calls, innermost first. */
  readonly names: readonly string[];
  readonly pc: number | undefined;
  readonly fault: number | undefined;
  readonly isWrite: boolean;
  readonly registers: ReadonlyMap<string, number>;
  /** The stack from where it stopped on, as it was printed. */
  readonly stack: readonly number[];
}

export interface LibraryCrash {
  /** Undefined where the function is not known by name. */
  readonly function: string | undefined;
  readonly title: string | undefined;
  readonly evidence: readonly string[];
  readonly next: string;
}

/**
 * What a crash in such a function says: not of it, but of its caller.
 *
 * @param caller what the first own frame is called; undefined where it has no name
 * @param calledAt its address, where that is all that is known
 */
export function readLibraryCrash(
  access: Access,
  caller: string | undefined,
  calledAt: number | undefined,
): LibraryCrash | undefined {
  const { pc, fault } = access;
  if (pc === undefined || fault === undefined) return undefined;
  const isRiscV = access.registers.has("MEPC");
  const isOfRom = isInRom(pc, isRiscV, access.registers.get("SP"));
  const called = functionOf(access);
  const isCalled = calledAt !== undefined && calledAt !== pc && isInFlash(calledAt);
  const below = isOfRom && isRiscV && !isCalled ? access.stack.find((word) => isInFlash(word)) : undefined;
  const made = isCalled ? formatAddress(calledAt) : undefined;
  const next = (name: string | undefined): string =>
    caller === undefined
      ? `Decode ${made === undefined ? "the calls that lead there (the backtrace or the stack with `--elf build/APP.elf`)" : `${made} (\`--elf build/APP.elf\`), which made the call`}, and check there whether the pointer that is handed ${name === undefined ? "on" : `to ${name}()`} can be NULL`
      : `Look at ${caller}: where the pointer comes from that it hands ${name === undefined ? "on" : `to ${name}()`}, and whether it can be NULL`;
  if (called !== undefined) {
    const as = called.argument === undefined ? "" : ` as ${called.argument}`;
    return {
      function: called.name,
      title: `a call of ${called.name}() with ${fault === 0 ? "a NULL pointer" : formatAddress(fault)}${as}`,
      evidence: evidenceOf(called, access, pc, isOfRom),
      next: next(called.name),
    };
  }
  if (isOfRom)
    return {
      function: undefined,
      title: undefined,
      evidence: [
        !isRiscV && isInRomLibrary(pc)
          ? `PC ${formatAddress(pc)} lies in the chip's ROM, where the C library's functions of strings and memory are (strlen, strcmp, memcpy): who called one with that pointer is the culprit`
          : `PC ${formatAddress(pc)} lies in the chip's ROM, which has the C library's functions of strings and memory and parts of the drivers of flash, Wi-Fi and Bluetooth: no fault of its code, but of what it was given or finds in memory`,
        ...(below === undefined
          ? []
          : [
              `The first address of the program's code on its stack is ${formatAddress(below)}: most likely what called the ROM, or a call left over from before`,
            ]),
      ],
      next:
        below === undefined || caller !== undefined
          ? next(undefined)
          : `Decode ${formatAddress(below)} (\`--elf build/APP.elf\`), and check there what is handed to the ROM: a pointer that can be NULL, or an object that was deleted or never made`,
    };
  return access.names.every(isNameless) && isInLoop(pc, access.registers) && fault < NEAR_NULL
    ? { function: undefined, title: undefined, evidence: loopEvidence(access, pc, fault), next: next(undefined) }
    : undefined;
}

interface Called {
  readonly name: string;
  /** In words, where it is known and the function has several. */
  readonly argument: string | undefined;
  /** Bytes that it was to fill or copy. */
  readonly length: number | undefined;
}

function functionOf({ names, pc = 0, fault = 0, isWrite, registers }: Access): Called | undefined {
  const isRiscV = registers.has("MEPC");
  const told = /^_*(\w+?)(?: in ROM)?$/.exec(names[0] ?? "")?.[1] ?? "";
  // Only Xtensa's panics have this register beside a program counter of that name.
  const name = POINTERS[told] !== undefined ? told : registers.has("A0") && !isRiscV ? romName(pc) : undefined;
  const pointers = name === undefined ? undefined : POINTERS[name];
  if (name === undefined || pointers === undefined) return undefined;
  const valueOf = (at: number): number | undefined => registers.get(`A${at + (isRiscV ? 0 : 2)}`);
  const uses = [...pointers].map((use, at) => ({ use, at }));
  const able = uses.filter(({ use }) => use === "b" || (use === "w") === isWrite);
  const reached = able.filter(({ at }) => Math.abs((valueOf(at) ?? Infinity) - fault) < NEAR);
  const found = able.length === 1 ? able : reached.length === 1 ? reached : [];
  const at = found[0]?.at;
  const length = /^mem(?:set|cpy|move)$/.test(name) && !isRiscV && at !== undefined && valueOf(at) === fault ? valueOf(2) : undefined; // prettier-ignore
  return {
    name,
    argument: at === undefined || pointers.length === 1 ? undefined : wordFor(pointers, at),
    length: length === undefined || length === 0 || length > MOST ? undefined : length,
  };
}

function evidenceOf({ name, length }: Called, { names }: Access, pc: number, isOfRom: boolean): string[] {
  const isText = /^str(?:n?len|n?dup)$|^memchr$/.test(name) && names.slice(1, 4).some((one) => /printf/.test(one));
  return [
    `${name}()${isOfRom ? ` of the chip's ROM (PC ${formatAddress(pc)})` : ""} does as it is told: who called it with that pointer is the culprit`,
    ...(length === undefined ? [] : [lengthSentence(name === "memset" ? "fill" : "copy", length)]),
    ...(isText ? ["printf() or one of its kind has called it: the pointer is the argument of a %s"] : []),
  ];
}

function lengthSentence(verb: string, length: number): string {
  return `It was to ${verb} ${formatExactBytes(length)} (A4): if the pointer came of malloc(), that is most likely the block that could not be had`;
}

/** What the processor repeats by itself, without a jump: such loops have their bounds in registers. */
function isInLoop(pc: number, registers: ReadonlyMap<string, number>): boolean {
  const [begin, end] = [registers.get("LBEG"), registers.get("LEND")];
  return begin !== undefined && end !== undefined && pc >= begin && pc < end && !isInFlash(pc);
}

function loopEvidence({ registers, isWrite }: Access, pc: number, fault: number): string[] {
  const length = registers.get("A4") ?? 0;
  const isStart = registers.get("A2") === fault && length > 0 && length <= MOST;
  return [
    `PC ${formatAddress(pc)} stands in a loop (LBEG to LEND) of code in RAM, as memset(), memcpy() and strlen() have: most likely who called one with that pointer is the culprit`,
    ...(isWrite && isStart
      ? [
          `A2 is that pointer, and A4, where memset() and memcpy() have their length, ${formatExactBytes(length)}: most likely the block that could not be had`,
        ]
      : []),
  ];
}

function romName(pc: number): string | undefined {
  const name = ROM.findLast(([from]) => pc >= from)?.[1];
  return name === "" ? undefined : name;
}

function wordFor(pointers: string, at: number): string {
  if (pointers === "rr") return at === 0 ? "its first argument" : "its second argument";
  return at === 0 ? "its destination" : "its source";
}
