// Which frame of a backtrace is the program's: the first ones are the panic handler's, the assertion's and the heap's own.

import { isSystemFrame } from "../symbols/system-frames.ts";
import { isInFlash, isInRom, isNameless } from "../symbols/whose-code.ts";
import type { IncidentKind } from "../wire/log-records.ts";

/** Where the chips run code: what a jump through a bad pointer reaches is none. */
export const isCode = (pc: number): boolean =>
  (pc >= 0x40000000 && pc < 0x44000000) || (pc >= 0x4fc00000 && pc < 0x50000000);

const isP4Ram = (pc: number): boolean => pc >= 0x4ff00000 && pc < 0x4ffc0000;
const isP4Flash = (pc: number): boolean => pc >= 0x40000000 && pc < 0x44000000;

/** malloc, calloc, realloc and free in the ESP32's ROM, and their reentrant forms: programs of ESP-IDF before 5 call these. */
const isRomHeap = (pc: number): boolean =>
  (pc >= 0x4000bbb4 && pc < 0x4000bc00) || (pc >= 0x4000bea0 && pc < 0x4000bf10);

/** What may happen in any frame, and not only in those that the heap was called from. */
const DIES_ANYWHERE: ReadonlySet<IncidentKind> = new Set(["panic", "watchdog", "sanitizer", "abort", "assert", "stack-overflow"]); // prettier-ignore

/** Frames within which a program that gives up comes from its check to the panic handler. */
const FRAMES_OF_END = 6;

/**
 * The first frame of a backtrace that is neither the panic handler's nor the heap's. Without names: asserts, aborts and the heap lie in RAM,
 * except for the frame that abort() names; so it is the first frame in flash after that one.
 */
export function firstOwnFrame(
  kind: IncidentKind,
  /** As the log prints them. */
  callers: readonly number[],
  names: readonly (string | undefined)[],
  abortedAt: number | undefined,
  isFoundAtSwitch = false,
  /** The first one stands in a loop of the C library's, in RAM or ROM. */
  isInLoop = false,
): number | undefined {
  if (callers.length === 0) return undefined;
  // The P4 has its flash where others have their ROM.
  const isInItsFlash = callers.some(isP4Ram) ? isP4Flash : isInFlash;
  const lastOfRom = DIES_ANYWHERE.has(kind) ? -1 : callers.findLastIndex(isRomHeap);
  if (names.some((name) => name !== undefined)) {
    // What stands before the ROM's free or malloc is the heap's, whatever a decoder with another program's ELF calls it.
    // A decoder may have other names for the panic handler's frames, which stand before these.
    const lastOfEnd = names
      .slice(0, FRAMES_OF_END)
      .findLastIndex((name) => /^(?:__assert_func|abort)$/.test(name ?? ""));
    const first = names.findIndex(
      (name, i) =>
        i > Math.max(lastOfRom, lastOfEnd) && name !== undefined && !isNameless(name) && !isSystemFrame(name),
    );
    const last = Math.max(
      lastOfRom,
      names.findLastIndex((name) => name !== undefined && isSystemFrame(name)),
    );
    if (first >= 0) return first;
    const inFlash = callers.findIndex((pc, i) => i > last && isInItsFlash(pc));
    return inFlash >= 0 ? inFlash : last + 1 < callers.length ? last + 1 : undefined;
  }
  // FreeRTOS finds an overflow when it switches tasks: frames of its hook and of the abort, in RAM, and none of the culprit. A watchpoint may be hit
  // by the scheduler and by interrupts, in RAM too.
  if (kind === "stack-overflow") {
    // Where abort() was called is the check of the canary; what wrote over it has called that.
    const checked = callers.findIndex((pc) => pc === abortedAt);
    if (checked >= 0 && checked + 1 < callers.length) return checked + 1;
    const inFlash = isFoundAtSwitch ? -1 : callers.findIndex((pc) => isInItsFlash(pc));
    return inFlash < 0 ? undefined : inFlash;
  }
  if (kind === "panic" || kind === "watchdog" || kind === "sanitizer") {
    const [first] = callers;
    if (first === undefined || !isCode(first)) return undefined;
    // What the ROM's functions of strings and memory were given is their caller's.
    const caller =
      (!callers.some(isP4Ram) && isInRom(first, false)) || (isInLoop && !isInItsFlash(first))
        ? callers.findIndex((pc) => isInItsFlash(pc))
        : -1;
    return Math.max(caller, 0);
  }
  const aborted = callers.findIndex((pc) => pc === abortedAt);
  if (kind === "abort") return aborted >= 0 ? aborted : undefined;
  // What the heap says of the damage is printed from within: what was called by the program comes after the ROM's last free or malloc.
  const after = Math.max(aborted, 2, callers.findLastIndex(isRomHeap)) + 1;
  const found = callers.findIndex((pc, i) => i >= after && isInItsFlash(pc));
  return found >= 0 ? found : undefined;
}
