// The differences from GNU addr2line that are understood, each with its reason and with a test that recognizes it. A
// difference that none of them recognizes fails the differential test.
import type { Frame } from "../../src/symbols/symbolizer.ts";
import type { WitnessFrame } from "./addr2line.ts";

export interface Difference {
  readonly ours: readonly Frame[];
  readonly gnu: readonly WitnessFrame[];
  /** What llvm-addr2line says. */
  readonly llvm: readonly WitnessFrame[];
  /** The names of all symbols at the nearest address at or before this one that has any, demangled. */
  readonly symbols: readonly string[];
  /** DWARF version of the unit. */
  readonly version: number | undefined;
}

export interface Explanation {
  readonly name: string;
  /** Who is right, and why. */
  readonly reason: string;
  readonly explains: (difference: Difference) => boolean;
}

function sameLines({ ours, gnu }: Difference): boolean {
  return ours.length === gnu.length && ours.every((frame, i) => (frame.line ?? 0) === gnu[i]?.line);
}

function sameFiles({ ours, gnu }: Difference): boolean {
  return ours.length === gnu.length && ours.every((frame, i) => (frame.file ?? "?") === gnu[i]?.file);
}

/**
 * Names are equal, but for those of C++ functions without a linker name: GNU takes the innermost one's from the symbol table,
 * whose it is not, and leaves callers' unqualified and without parameters until they have been innermost once.
 */
function sameNames({ ours, gnu, symbols }: Difference): boolean {
  return ours.every((frame, i) => {
    const own = frame.function ?? "??";
    const theirs = gnu[i]?.function ?? "??";
    if (own === theirs || (i === 0 && frame.inlined && symbols.includes(theirs))) return true;
    return i > 0 && (own.includes(`::${theirs}(`) || own.startsWith(`${theirs}(`));
  });
}

/** llvm-addr2line puts every frame where we put it. */
function llvmAgreesOnPlaces({ ours, llvm }: Difference): boolean {
  return (
    llvm.length === ours.length &&
    ours.every((frame, i) => (frame.file ?? "?") === llvm[i]?.file && (frame.line ?? 0) === llvm[i]?.line)
  );
}

export const explanations: readonly Explanation[] = [
  {
    name: "file numbers of DWARF 5",
    reason:
      "binutils 2.40 is wrong: in units whose table of files does not repeat entry 0 as entry 1 (GCC 11 and later), it counts " +
      "from 1 and names the file before the right one. llvm-addr2line and newer binutils agree with us.",
    explains: (difference) =>
      difference.version === 5 &&
      !sameFiles(difference) &&
      sameLines(difference) &&
      sameNames(difference) &&
      llvmAgreesOnPlaces(difference),
  },
  {
    name: "inlined function without a linker name",
    reason:
      "binutils is wrong: it gives the innermost inlined C++ function the name of the symbol at that address, which is the " +
      'function that it was inlined into, when the DIE has no DW_AT_linkage_name (extern "C", local and template functions).',
    explains: (difference) =>
      difference.ours.length > 1 && sameLines(difference) && sameFiles(difference) && sameNames(difference),
  },
  {
    name: "inlined frames that addr2line does not find",
    reason:
      "binutils 2.40 is poorer: it leaves out inlined calls whose ranges are given by index (DW_FORM_rnglistx, which clang " +
      "uses), and those of the 64-bit format and behind type units of DWARF 5. llvm-addr2line agrees with us.",
    explains: (difference) =>
      difference.version === 5 && difference.gnu.length < difference.ours.length && llvmAgreesOnPlaces(difference),
  },
  {
    name: "lines that addr2line does not find",
    reason:
      "binutils 2.40 is poorer: it has no line for some last bytes before a multiple of 256 (its index of units is wrong there), " +
      "for the 64-bit format of DWARF 5, and behind type units of DWARF 5. llvm-addr2line agrees with us.",
    explains: (difference) => difference.gnu.every(({ line }) => line === 0) && llvmAgreesOnPlaces(difference),
  },
  {
    name: "names that addr2line does not find",
    reason:
      "binutils 2.40 is poorer: behind type units of DWARF 5 it may know the line and not the function. llvm-addr2line agrees with us.",
    explains: (difference) =>
      difference.version === 5 &&
      sameLines(difference) &&
      sameFiles(difference) &&
      difference.gnu.every((frame) => frame.function === "??") &&
      difference.ours.every((frame, i) => frame.function === difference.llvm[i]?.function),
  },
  {
    name: "label and function at one address",
    reason:
      "Both names are right: addr2line takes the first in the table, we prefer a function over an assembler label.",
    explains: (difference) => {
      const [frame] = difference.ours;
      const [theirs] = difference.gnu;
      return (
        frame !== undefined &&
        theirs !== undefined &&
        difference.ours.length === 1 &&
        frame.source === "symtab" &&
        frame.function !== theirs.function &&
        difference.symbols.includes(frame.function ?? "") &&
        difference.symbols.includes(theirs.function) &&
        (frame.line ?? 0) === theirs.line
      );
    },
  },
];
