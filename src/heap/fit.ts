// Would a block of so many bytes, with these capabilities, be found? Behind `memmap fits` and the page's question.
import { isExact, likely, type Quantity } from "../base/quantity.ts";
import type { Address, Bytes, Caps } from "../base/units.ts";
import { serves } from "../wire/caps.ts";
import { blockBytes } from "./tlsf-sizes.ts";

/** "could": blocks exist there that the stream does not show, or history is missing, so that nobody can be sure. */
export type FitAnswer = "fits" | "could" | "refused";

/** What is known of a region at a moment. */
export interface FitRegion {
  readonly start: Address;
  readonly end: Address;
  readonly capBits: Caps;
  readonly freeBytes: Quantity;
  /** Not exact where blocks exist that the stream does not show. */
  readonly largestFreeBytes: Quantity;
}

export interface Fit<Region extends FitRegion> {
  readonly region: Region;
  readonly answer: FitAnswer;
  /** What TLSF makes of the request in this region: the hole must have so many bytes. */
  readonly neededBytes: Bytes;
}

/** One for each region that has all these capabilities, in the order given; empty where none has. @param extra red zone bytes on top of the request */
export function fitIn<Region extends FitRegion>(
  regions: readonly Region[],
  size: Bytes,
  caps: Caps,
  extra: Bytes,
): readonly Fit<Region>[] {
  return regions
    .filter((region) => serves(region.capBits, caps))
    .map((region) => {
      const pool = region.end - region.start;
      const neededBytes = blockBytes(size + extra, pool);
      const { freeBytes, largestFreeBytes } = region;
      if (isExact(largestFreeBytes))
        return { region, neededBytes, answer: largestFreeBytes.value < neededBytes ? "refused" : "fits" };
      // Even if nobody else stood there, it would not be enough.
      const isHopeless = neededBytes > (isExact(freeBytes) ? freeBytes.value : pool);
      return { region, neededBytes, answer: isHopeless ? "refused" : "could" };
    });
}

const BEST_FIRST: readonly FitAnswer[] = ["fits", "could", "refused"];

/** The best of all: one region is enough. */
export function bestFit<Region extends FitRegion>(fits: readonly Fit<Region>[]): Fit<Region> | undefined {
  const rank = ({ answer }: Fit<Region>): number => BEST_FIRST.indexOf(answer);
  const largest = ({ region }: Fit<Region>): Bytes => likely(region.largestFreeBytes);
  return [...fits].sort((a, b) => rank(a) - rank(b) || largest(b) - largest(a))[0];
}
