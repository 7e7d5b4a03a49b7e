// Xtensa with register windows: a function's caller is found without any table. Below each stack pointer lie four words in which the window overflow
// handler has put a0 to a3 of the calling function: its own return address and stack pointer. Source: Xtensa ISA, "Windowed Procedure-Call Protocol".
import type { Address } from "../../base/units.ts";
import { withoutWindow } from "../return-address.ts";
import {
  isRom,
  MAX_FRAMES,
  type CallStack,
  type CodeReader,
  type MemoryReader,
  type ProcessorState,
  type StackFrame,
  type UnwindEnd,
} from "./stack.ts";

/** First byte of `entry`, which turns the window: before it, the registers are still the caller's. */
const ENTRY = 0x36;

export function unwindXtensa(code: CodeReader, state: ProcessorState, memory: MemoryReader): CallStack {
  const { registers, pc, ps } = state;
  const sp = registers[1] ?? 0;
  const frames: StackFrame[] = [{ pc, isReturn: false, sp, savedAt: undefined, certainty: "certain" }];
  const done = (end: UnwindEnd): CallStack => ({ frames, end });
  let returnTo = registers[0];
  let savedAt: Address | undefined;
  let callerSp: number | undefined;
  // Also where it jumped to what is no code: the window was not turned either.
  const isEntered = isRom(pc) || (code.isCode(pc) && code.read(pc, 1)?.[0] !== ENTRY);
  if (!isEntered && ps !== undefined) {
    // CALLINC, bits 16 and 17: the return address stands in a4, a8 or a12 of the caller, whose registers these are.
    returnTo = registers[4 * ((ps >>> 16) & 3)];
    callerSp = sp;
  }
  while (frames.length < MAX_FRAMES) {
    if (returnTo === undefined) return done("memory-unknown");
    // The outermost function was started and not called: it has nowhere to return to.
    if (returnTo === 0) return done("complete");
    const from = frames[frames.length - 1]?.sp ?? 0;
    const isFirstOfEntry = callerSp !== undefined;
    const nextSp: number | undefined = isFirstOfEntry ? callerSp : memory(from - 12);
    const pcOfCaller = withoutWindow(returnTo);
    if (returnTo >>> 30 === 0 || !(code.isCode(pcOfCaller - 3) || isRom(pcOfCaller))) return done("corrupt");
    if (nextSp === undefined) {
      // The caller itself is known by the register or word that names it; only what lies above it is not.
      frames.push({ pc: pcOfCaller, isReturn: true, sp: from, savedAt, certainty: "certain" });
      return done("memory-unknown");
    }
    if (nextSp < from || (nextSp === from && !isFirstOfEntry) || (nextSp & 3) !== 0) return done("corrupt");
    frames.push({ pc: pcOfCaller, isReturn: true, sp: nextSp, savedAt, certainty: "certain" });
    savedAt = isFirstOfEntry ? undefined : from - 16;
    returnTo = isFirstOfEntry ? registers[0] : memory(from - 16);
    callerSp = undefined;
  }
  return done("too-deep");
}
