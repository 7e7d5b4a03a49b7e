// The words in which unwinding speaks: registers and memory in, frames out. A panic's log, a core dump and a live target all answer the same small
// question: which word stands at an address?
import type { Address } from "../../base/units.ts";

/** The 32-bit word at an address, unsigned; undefined where it is not known. */
export type MemoryReader = (address: Address) => number | undefined;

/** By number: RISC-V x0 … x31, Xtensa a0 … a15. Undefined where not known. */
export type RegisterValues = readonly (number | undefined)[];

/** A processor that has stopped. */
export interface ProcessorState {
  readonly pc: Address;
  readonly registers: RegisterValues;
  /** Xtensa's PS: needed only where it stopped at the very first instruction of a function. */
  readonly ps?: number;
}

export interface StackFrame {
  /** Where it stopped, or the return address to this frame: see `isReturn`. Xtensa's window bits are taken off. */
  readonly pc: Address;
  readonly isReturn: boolean;
  readonly sp: Address;
  /** Where the word stood that this frame's return address was read from; undefined for what came out of a register. */
  readonly savedAt: Address | undefined;
  /** "guess": there was no frame information, and the return register was believed; all frames above it hang on that. */
  readonly certainty: "certain" | "guess";
}

export type UnwindEnd =
  /** The outermost function: a task's or the program's beginning. */
  | "complete"
  /** The next return address lies in memory that is not known, as where a dump was cut. */
  | "memory-unknown"
  /** Code without frame information. */
  | "no-frame-information"
  /** What was found is no address of code, or the stack went backwards: it is damaged, or not what it seemed. */
  | "corrupt"
  | "too-deep";

export interface CallStack {
  /** Innermost first; at least the one that stopped. */
  readonly frames: readonly StackFrame[];
  readonly end: UnwindEnd;
}

/** Recursion that overflowed its stack is deeper; its beginning says it all. */
export const MAX_FRAMES = 256;

/** The mask ROM of every chip: at 0x40000000, of the P4 at 0x4fc00000. Its code is in no application's ELF. */
export function isRom(address: Address): boolean {
  return (address >= 0x4000_0000 && address < 0x4007_0000) || (address >= 0x4fc0_0000 && address < 0x4fc2_0000);
}

/** What unwinding must know of the program. */
export interface CodeReader {
  isCode(address: Address): boolean;
  /** Whether a call stands in front of the address, as far as that can be known. */
  followsCall(address: Address): boolean;
  /** Initialized bytes of the program, such as its code; undefined where the file has none. */
  read(address: Address, size: number): Uint8Array | undefined;
}
