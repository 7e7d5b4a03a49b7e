// RISC-V: from one frame to its caller by call frame information, and by the return register where there is none.
// Register numbers and what a call preserves: RISC-V ELF psABI, "DWARF Register Numbers" and "Integer Register Convention".
import type { Address } from "../../base/units.ts";
import { evaluate } from "./expression.ts";
import { rulesAt, type FrameRules, type FrameTable, type RegisterRule } from "./frame-table.ts";
import {
  isRom,
  MAX_FRAMES,
  type CallStack,
  type CodeReader,
  type MemoryReader,
  type ProcessorState,
  type RegisterValues,
  type StackFrame,
  type UnwindEnd,
} from "./stack.ts";

const RA = 1;
const SP = 2;

/** gp, tp, s0 to s11: the caller finds them as they were. */
const PRESERVED = new Set([3, 4, 8, 9, ...Array.from({ length: 10 }, (_, i) => 18 + i)]);

/** How far above a frame without frame information its return address is looked for, in words. */
const SCANNED_WORDS = 256;

interface Caller {
  readonly registers: RegisterValues;
  readonly pc: number | undefined;
  readonly savedAt: Address | undefined;
  readonly isSignalFrame: boolean;
}

interface Program {
  readonly tables: readonly FrameTable[];
  readonly code: CodeReader;
  readonly memory: MemoryReader;
}

export function unwindRiscv(
  tables: readonly FrameTable[],
  code: CodeReader,
  state: ProcessorState,
  memory: MemoryReader,
): CallStack {
  const { pc, registers } = state;
  const first: StackFrame = { pc, isReturn: false, sp: registers[SP] ?? 0, savedAt: undefined, certainty: "certain" };
  const frames = [first];
  const end = unwindOn({ tables, code, memory }, first, registers, frames, MAX_FRAMES, true);
  return { frames, end };
}

/** Adds the callers of `start`, whose registers are `known`, to `frames`. */
function unwindOn(
  program: Program,
  start: StackFrame,
  known: RegisterValues,
  frames: StackFrame[],
  most: number,
  canScan: boolean,
): UnwindEnd {
  let frame = start;
  let registers = known;
  while (frames.length < most) {
    const { isReturn, pc } = frame;
    const rules = rulesFor(program.tables, isReturn ? pc - 1 : pc);
    if (rules !== undefined && endsHere(rules)) return "complete";
    let { certainty } = frame;
    let caller: Caller;
    if (rules !== undefined) caller = callerBy(rules, registers, program.memory, !isReturn);
    else if (!isReturn) {
      // A jump to what is no code has left its return address; code of the ROM or of assembler may have called since.
      caller = { registers, pc: registers[RA], savedAt: undefined, isSignalFrame: false };
      if (program.code.isCode(pc)) certainty = "guess";
    } else return canScan ? scanOn(program, frame, frames, most) : "no-frame-information";

    const sp = caller.registers[SP];
    if (caller.pc === undefined || sp === undefined) return "memory-unknown";
    if (caller.pc === 0) return "complete";
    const goesOn = sp > frame.sp || (!isReturn && sp === frame.sp);
    if (!mayBeCode(program.code, caller.isSignalFrame ? caller.pc : caller.pc - 1) || !goesOn) return "corrupt";
    registers = caller.registers;
    frame = { pc: caller.pc, isReturn: !caller.isSignalFrame, sp, savedAt: caller.savedAt, certainty };
    frames.push(frame);
  }
  return "too-deep";
}

/**
 * Past functions without frame information, such as the ROM's: of the words in the stack that follow a call, the first is taken from which frame
 * information leads on to the outermost function. Frames are 16 bytes aligned and have the return address in their last word, or before the up to
 * eight words of variable arguments.
 */
function scanOn(program: Program, from: StackFrame, frames: StackFrame[], most: number): UnwindEnd {
  for (let at = from.sp; at < from.sp + 4 * SCANNED_WORDS; at += 4) {
    const pc = program.memory(at);
    if (pc === undefined) break;
    if (!program.code.followsCall(pc) || rulesFor(program.tables, pc - 1) === undefined) continue;
    const lowest = (at + 19) & ~15;
    for (let sp = lowest; sp <= lowest + 32; sp += 16) {
      const frame: StackFrame = { pc, isReturn: true, sp: sp >>> 0, savedAt: at, certainty: "guess" };
      const registers: (number | undefined)[] = [];
      registers[SP] = frame.sp;
      const found = [frame];
      const end = unwindOn(program, frame, registers, found, most - frames.length, false);
      // A word that is 0 ends many a wrong way at once.
      if (end !== "complete" || found.length < 2) continue;
      frames.push(...found);
      return "complete";
    }
  }
  return "no-frame-information";
}

function rulesFor(tables: readonly FrameTable[], address: Address): FrameRules | undefined {
  for (const table of tables) {
    const rules = rulesAt(table, address);
    if (rules?.cfa !== undefined) return rules;
  }
  return undefined;
}

/** ROM code is in no application's ELF. */
function mayBeCode(code: CodeReader, address: Address): boolean {
  return code.isCode(address) || isRom(address);
}

/** The outermost function says that it has no caller. */
function endsHere(rules: FrameRules): boolean {
  return rules.registers.get(rules.returnColumn)?.kind === "undefined";
}

function callerBy(rules: FrameRules, registers: RegisterValues, memory: MemoryReader, isInnermost: boolean): Caller {
  const { cfa: rule, returnColumn, isSignalFrame } = rules;
  let cfa: number | undefined;
  if (rule !== undefined && "code" in rule) cfa = evaluate(rule.code, registers, memory, undefined);
  else if (rule !== undefined) {
    const base = registers[rule.register];
    cfa = base === undefined ? undefined : (base + rule.offset) >>> 0;
  }
  if (cfa === undefined) return { registers: [], pc: undefined, savedAt: undefined, isSignalFrame };

  const next: (number | undefined)[] = [];
  for (let register = 0; register < 32; register++) {
    const its = rules.registers.get(register);
    next[register] =
      its === undefined
        ? PRESERVED.has(register)
          ? registers[register]
          : undefined
        : valueBy(its, register, cfa, registers, memory);
  }
  next[0] = 0;
  if (!rules.registers.has(SP)) next[SP] = cfa;
  const saved = rules.registers.get(returnColumn);
  const savedAt = saved?.kind === "saved" ? (cfa + saved.offset) >>> 0 : undefined;
  // Only the innermost function can still have its return address in the register: any other one has called since.
  const inRegister = isInnermost || isSignalFrame ? registers[returnColumn] : undefined;
  const pc = saved === undefined ? inRegister : valueBy(saved, returnColumn, cfa, registers, memory);
  return { registers: next, pc, savedAt, isSignalFrame };
}

function valueBy(
  rule: RegisterRule,
  register: number,
  cfa: number,
  registers: RegisterValues,
  memory: MemoryReader,
): number | undefined {
  switch (rule.kind) {
    case "undefined":
      return undefined;
    case "same":
      return registers[register];
    case "saved":
      return memory((cfa + rule.offset) >>> 0);
    case "value":
      return (cfa + rule.offset) >>> 0;
    case "register":
      return registers[rule.register];
    case "expression": {
      const value = evaluate(rule.code, registers, memory, cfa);
      return value === undefined || rule.isValue ? value : memory(value);
    }
  }
}
