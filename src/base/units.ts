// Names for numbers. They are plain aliases, so they mix freely with typed arrays and cost nothing; what they buy is that a
// signature says its unit, and that a reader can find here what a number means. Those with a brand are more than that, where a mix-up would look
// right: the compiler takes such a number for a plain one, but no plain one for it.

declare const unit: unique symbol;

/** An address on the chip, 0 … 2^32-1, unsigned (use `>>> 0` after bit operations). */
export type Address = number;

/** A place in a file, in bytes from its start. In an ELF it stands beside the address of the same contents, and is as plausible. */
export type FileOffset = number & { readonly [unit]: "file offset" };

/** A size or a distance in bytes. */
export type Bytes = number;

/** A time or a duration in microseconds, as a double: exact up to 2^53 µs, 285 years. Zero is the device's boot. */
export type Microseconds = number;

/**
 * A time of the run: device times start again at every boot, run time goes on and never back. What is written into a run has to be one, which the
 * compiler holds: where the two meet (src/heap/tracker.ts), one taken for the other would be wrong by all boots before, and look right in a first one.
 */
export type RunTime = Microseconds & { readonly [unit]: "run time" };

/** The time of a boot that began at `bootStart`, as run time. */
export function runTime(deviceTime: Microseconds, bootStart: RunTime): RunTime {
  return (deviceTime + bootStart) as RunTime;
}

export function later(a: RunTime, b: RunTime): RunTime {
  return a > b ? a : b;
}

export const RUN_START = 0 as RunTime;

/** An address in words of 4 bytes, as events have it on the wire: the same number as an address would be a quarter of it. */
export type AddressWord = number & { readonly [unit]: "words" };

export function wordOf(address: Address): AddressWord {
  return (address >>> 2) as AddressWord;
}

/** A call site's number, as the probe assigned it on first use; valid within one boot. */
export type SiteId = number;

/** A task's number, as the probe assigned it; valid within one boot. */
export type TaskId = number;

/**
 * A call site's number within a run. In the first boot it is the device's own, so that one taken for the other looks right until a restart: what is
 * written into a run has to come from src/heap/run-ids.ts, but for 0, which is no known site in both.
 */
export type RunSiteId = (SiteId & { readonly [unit]: "site of the run" }) | 0;

/** A task's number within a run × 4 + the core; like RunSiteId. */
export type RunContext = (number & { readonly [unit]: "task of the run and core" }) | 0;

/** A set of `MALLOC_CAP_*` bits. */
export type Caps = number;
