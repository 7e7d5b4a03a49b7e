// DWARF expressions as far as call frame information uses them: arithmetic on registers, constants and memory (DWARF 5, section 2.5).
import { Cursor } from "../cursor.ts";
import type { MemoryReader, RegisterValues } from "./stack.ts";

const MAX_STEPS = 200;

/** The value on top of the stack at the end, unsigned 32 bits; undefined where something is not known. */
export function evaluate(
  code: Uint8Array,
  registers: RegisterValues,
  memory: MemoryReader,
  first: number | undefined,
): number | undefined {
  const at = new Cursor(code);
  const stack: number[] = first === undefined ? [] : [first >>> 0];
  for (let steps = 0; !at.atEnd; steps++) {
    if (steps >= MAX_STEPS) return undefined;
    const value = step(at.u8(), at, stack, registers, memory);
    if (value === undefined || at.overrun) return undefined;
    if (value !== "done") stack.push(value >>> 0);
  }
  return stack.at(-1);
}

/** What an operation pushes; undefined where it is not known. */
function step(
  op: number,
  at: Cursor,
  stack: number[],
  registers: RegisterValues,
  memory: MemoryReader,
): number | "done" | undefined {
  if (op >= 0x30 && op <= 0x4f) return op - 0x30; // lit0 … lit31
  if (op >= 0x70 && op <= 0x8f) return plus(registers[op - 0x70], at.sleb()); // breg0 … breg31
  switch (op) {
    case 0x06: {
      // deref
      const address = stack.pop();
      return address === undefined ? undefined : memory(address);
    }
    case 0x03: // addr
    case 0x0c: // const4u
    case 0x0d: // const4s
      return at.u32();
    case 0x08: // const1u
      return at.u8();
    case 0x09: // const1s
      return at.s8();
    case 0x0a: // const2u
      return at.u16();
    case 0x0b: // const2s
      return (at.u16() << 16) >> 16;
    case 0x10: // constu
      return at.uleb();
    case 0x11: // consts
      return at.sleb();
    case 0x12: // dup
      return stack.at(-1);
    case 0x13: // drop
      stack.pop();
      return "done";
    case 0x23: // plus_uconst
      return plus(stack.pop(), at.uleb());
    case 0x92: // bregx
      return plus(registers[at.uleb()], at.sleb());
    case 0x96: // nop
      return "done";
    default:
      return binary(op, stack.pop(), stack.pop());
  }
}

function plus(value: number | undefined, addend: number): number | undefined {
  return value === undefined ? undefined : value + addend;
}

function binary(op: number, right: number | undefined, left: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  switch (op) {
    case 0x1a: // and
      return left & right;
    case 0x1c: // minus
      return left - right;
    case 0x1e: // mul
      return Math.imul(left, right);
    case 0x21: // or
      return left | right;
    case 0x22: // plus
      return left + right;
    case 0x24: // shl
      return right > 31 ? 0 : left << right;
    case 0x25: // shr
      return right > 31 ? 0 : left >>> right;
    case 0x26: // shra
      return (left | 0) >> Math.min(right, 31);
    case 0x27: // xor
      return left ^ right;
    case 0x29: // eq
      return left === right ? 1 : 0;
    case 0x2a: // ge
      return (left | 0) >= (right | 0) ? 1 : 0;
    case 0x2b: // gt
      return (left | 0) > (right | 0) ? 1 : 0;
    case 0x2c: // le
      return (left | 0) <= (right | 0) ? 1 : 0;
    case 0x2d: // lt
      return (left | 0) < (right | 0) ? 1 : 0;
    case 0x2e: // ne
      return left === right ? 0 : 1;
    default:
      return undefined;
  }
}
