// From a return address, which is behind the call, to an address inside of the call instruction: looked up as it is, it would
// name the next statement, or the next function when nothing comes back from the call.
import type { Address } from "../base/units.ts";
import type { Architecture } from "./elf.ts";

/**
 * The address to look up for a return address.
 *
 * Xtensa keeps the size of the register window in the two highest bits, where code always has 01 (0x40000000 … 0x7fffffff),
 * and its calls take 3 bytes. RISC-V calls take 2 or 4, so one byte back is inside in either case.
 * Sources: Xtensa ISA, "CALL8"; ESP-IDF `esp_cpu_process_stack_pc`.
 */
export function callSiteOf(architecture: Architecture, returnAddress: Address): Address {
  if (architecture !== "xtensa") return Math.max(returnAddress - 1, 0);
  // Without window bits: the end of a stack, or no code at all.
  if (returnAddress >>> 30 === 0) return returnAddress;
  return (((returnAddress & 0x3fffffff) | 0x40000000) >>> 0) - 3;
}

/** Whether `address` follows a call instruction of RISC-V in `before`, the four bytes that end at it. */
export function followsRiscvCall(before: Uint8Array): boolean {
  const [b0, b1, b2, b3] = before;
  if (b0 === undefined || b1 === undefined || b2 === undefined || b3 === undefined) return false;
  const long = (b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)) >>> 0;
  const opcode = long & 0x7f;
  const isLinked = ((long >> 7) & 0x1f) === 1;
  // jal ra, …  and  jalr ra, …
  if (isLinked && (opcode === 0x6f || (opcode === 0x67 && (long & 0x7000) === 0))) return true;
  const short = b2 | (b3 << 8);
  // c.jalr rs1  and  c.jal … (RV32 only)
  return ((short & 0xf07f) === 0x9002 && (short & 0x0f80) !== 0) || (short & 0xe003) === 0x2001;
}
