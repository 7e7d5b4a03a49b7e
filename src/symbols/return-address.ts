// From a return address, which is behind the call, to an address inside of the call instruction: looked up as it is, it would
// name the next statement, or the next function when nothing comes back from the call.
import type { Address } from "../base/units.ts";
import { Cursor } from "./cursor.ts";
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
  return withoutWindow(returnAddress) - 3;
}

/** The return address that `callSiteOf` leads back from: for a place that is known itself, kept among return addresses. */
export function returnAddressOf(architecture: Architecture, place: Address): Address {
  return architecture === "xtensa" ? place + 3 : place + 1;
}

/** An address of Xtensa code without the size of the call's window in its two highest bits. */
export function withoutWindow(address: Address): Address {
  return ((address & 0x3fffffff) | 0x40000000) >>> 0;
}

/** Bytes of the instruction at an address of code, at most `size`; undefined where the file has none. */
export type CodeBytes = (address: Address, size: number) => Uint8Array | undefined;

/** Whether a call instruction stands at `address`. */
export function isCallAt(architecture: Architecture, address: Address, read: CodeBytes): boolean {
  const bytes = read(address, 4);
  if (bytes === undefined) return false;
  if (architecture === "xtensa") return isXtensaCall(bytes);
  return isShortRiscvCall(bytes, 0) || isLongRiscvCall(bytes);
}

/** Whether a call instruction stands in front of `address`, without window bits. */
export function followsCall(architecture: Architecture, address: Address, read: CodeBytes): boolean {
  if (architecture === "xtensa") return isXtensaCall(read(address - 3, 3) ?? new Uint8Array(0));
  const before = read(address - 4, 4);
  return before !== undefined && (isLongRiscvCall(before) || isShortRiscvCall(before, 2));
}

/** jal ra, …  and  jalr ra, … (RISC-V ISA, volume 1, 2.5). */
function isLongRiscvCall(bytes: Uint8Array): boolean {
  const cursor = new Cursor(bytes);
  const word = cursor.u32();
  if (cursor.overrun) return false;
  const opcode = word & 0x7f;
  const isLinked = ((word >> 7) & 0x1f) === 1;
  return isLinked && (opcode === 0x6f || (opcode === 0x67 && (word & 0x7000) === 0));
}

/** c.jalr rs1  and  c.jal … (RV32 only). */
function isShortRiscvCall(bytes: Uint8Array, at: number): boolean {
  const cursor = new Cursor(bytes, at);
  const word = cursor.u16();
  if (cursor.overrun) return false;
  return ((word & 0xf07f) === 0x9002 && (word & 0x0f80) !== 0) || (word & 0xe003) === 0x2001;
}

/** call0, call4, call8, call12  and  callx0 … callx12 (Xtensa ISA, chapter 6). */
function isXtensaCall(bytes: Uint8Array): boolean {
  const cursor = new Cursor(bytes);
  const word = cursor.u24();
  return !cursor.overrun && ((word & 0x0f) === 0x05 || (word & 0xff_f0_cf) === 0xc0);
}
