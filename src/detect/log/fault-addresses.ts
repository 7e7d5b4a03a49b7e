// What the address of an access that failed says of the pointer: NULL and near it, text, a return address, constants, no memory at all.

import { formatAddress, formatBytes } from "../../base/format.ts";
import { withoutWindow } from "../../symbols/return-address.ts";
import { isInFlash } from "../../symbols/whose-code.ts";

export interface FaultAddress {
  readonly kind: "text" | "garbage" | "near-null" | "constant" | "memory";
  /** Undefined where it says nothing. */
  readonly evidence?: string;
  readonly next?: string;
}

/** Headers are not larger, nor error codes. */
const BELOW_NULL = 0xffff_ff00;

/** Handles and counts are not larger. */
const SMALL_NUMBER = 0x4000;

/** Of a structure, behind its pointer. */
const FIELDS = 256;
/** Smaller numbers may be indices, lengths and fields of NULL. */
const LEAST_POINTER = 0x1000;

/** Buffers of NULL are not larger. */
export const NEAR_NULL = 0x10_0000;

/** @param counter the program counter, where it was a jump that led there */
export function readFault(
  fault: number,
  isWrite: boolean,
  isXtensa: boolean,
  counter: number | undefined,
  /** What the registers hold, one of which is the pointer. */
  registers: readonly (readonly [string, number])[] = [],
): FaultAddress {
  const address = `The address of the access, ${formatAddress(fault)},`;
  const text = textIn(counter ?? fault);
  if (text !== undefined)
    return {
      kind: "text",
      evidence:
        counter === undefined
          ? `${address} reads “${text}” as text: a string was written over a pointer`
          : `The program counter, ${formatAddress(counter)}, reads “${text}” as text: a string was written over a pointer to a function or over a return address`,
    };
  if (isWrite && isConstant(fault, isXtensa))
    return {
      kind: "constant",
      evidence: `${address} lies where constants in flash are mapped: a string literal or another constant was to be written (through a pointer to char, strtok(), a field of a constant structure), or the pointer is wrong; on chips that map PSRAM there too it may be an address that PSRAM does not have`,
      next: 'Look at where the first frame writes to: give it a copy in RAM (char text[] = "…" instead of char *text = "…"), and make pointers to literals const',
    };
  if (isXtensa && isOfPsram(fault))
    return {
      kind: "constant",
      evidence: `${address} lies in PSRAM, which was not there: it did not start, is not enabled in this build, or is smaller than that`,
      next: "Look whether PSRAM was found at boot, and at who gives the first frame that address; check psramFound() or heap_caps_get_total_size(MALLOC_CAP_SPIRAM) before it is used",
    };
  if (!isNoMemory(fault)) return { kind: "memory" };
  if (isXtensa && isReturnAddress(fault))
    return {
      kind: "garbage",
      evidence: `${address} is a return address as Xtensa keeps it on the stack (${formatAddress(withoutWindow(fault))} with the call's mark): the pointer was read from a stack, or one was written over it; suspect an overflow of a stack, or a pointer to a local variable of a function that has returned`,
    };
  if (fault >= BELOW_NULL)
    return {
      kind: "near-null",
      evidence: `${address} lies ${formatBytes(2 ** 32 - fault)} below NULL: what stands before a pointer that is NULL (a header, p[-1]), or an error code (${fault - 2 ** 32}) that was taken for a pointer`,
    };
  const base = fault < NEAR_NULL ? registers.find(([, value]) => value >= LEAST_POINTER && value < fault && fault - value < FIELDS) : undefined; // prettier-ignore
  if (base !== undefined)
    return {
      kind: "garbage",
      evidence: `${address} is a field ${fault - base[1]} B behind what ${base[0]} holds, ${formatAddress(base[1])}: most likely a number where a pointer should be, read from an object that was overwritten, freed or never filled; else an element far inside a large buffer that could not be had`,
    };
  if (fault < NEAR_NULL)
    return {
      kind: "near-null",
      evidence: `${address} lies ${formatBytes(fault)} above NULL, where no memory is: ${fault < SMALL_NUMBER ? "a small number that was taken for a pointer (a handle, a count, a structure of another type), or " : ""}an element of a large buffer that could not be had and whose pointer was not checked, or a pointer that is garbage`,
    };
  return {
    kind: "garbage",
    evidence: `${address} lies in no memory of any chip: the pointer itself is garbage, from an object that was overwritten, freed or never filled`,
  };
}

/** What came there by no call returned to what lay on a stack. RISC-V has the last call's return address in a register, RA. */
export function returnedTo(pc: number, ra: number | undefined): string | undefined {
  if (pc < 0x1000 && ra === 0)
    return `The program counter is ${formatAddress(pc)}, and so is RA: no call leads there, a function returned to it; its stack was overwritten with zeros, or a task's function came to its end`;
  return ra === undefined && isReturnAddress(pc)
    ? `The program counter, ${formatAddress(pc)}, is a return address as Xtensa keeps it on the stack (${formatAddress(withoutWindow(pc))} with the call's mark), used as it is: what a function returns to was lost or overwritten; suspect an overflow of the running task's stack first`
    : undefined;
}

/** Below and above all that any of the chips has: the lowest is internal memory of the S31, the highest are peripherals. */
const isNoMemory = (address: number): boolean => address >= 0x1000 && (address < 0x2000_0000 || address >= 0x7000_0000);

/** Where flash is mapped for data: on the ESP32, and on the chips after it. */
const isConstant = (address: number, isXtensa: boolean): boolean =>
  (isXtensa && address >= 0x3f40_0000 && address < 0x3f80_0000) || (address >= 0x3c00_0000 && address < 0x3e00_0000);

/** Of the ESP32 and the ESP32-S2. */
const isOfPsram = (address: number): boolean => address >= 0x3f80_0000 && address < 0x3fc0_0000;

/** Code with the size of the window in its two highest bits, or a little behind it, where a field would lie. */
const isReturnAddress = (address: number): boolean =>
  address >= 0x80000000 && address < 0xc0000000 && isInFlash(withoutWindow(address));

/** The letters of an address that are its bytes from the lowest, as memory has them. */
function textIn(address: number): string | undefined {
  const letters = [0, 8, 16, 24].map((shift) => String.fromCharCode((address >>> shift) & 0xff)).join("");
  return /^[ -~]{3}[ -/0-9a-z]$/.test(letters) ? letters : undefined;
}
