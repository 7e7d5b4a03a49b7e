// Would a block of so many bytes, with these capabilities, be found? Behind `memmap fits` and the page's question.
import type { Address, Bytes, Caps } from "../base/units.ts";
import { serves } from "../wire/caps.ts";
import { blockBytes } from "./tlsf-sizes.ts";

/** "could": blocks exist there that the stream does not show, or history is missing, so that nobody can be sure. */
export type FitAnswer = "fits" | "could" | "refused";

/** What is known of a region at a moment; RegionState has it, and the page's map. */
export interface FitRegion {
  readonly start: Address;
  readonly end: Address;
  readonly caps: Caps;
  readonly free: Bytes;
  readonly largestFree: Bytes;
  /** False where blocks exist that the stream does not show. */
  readonly exact: boolean;
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
    .filter((region) => serves(region.caps, caps))
    .map((region) => {
      const pool = region.end - region.start;
      const neededBytes = blockBytes(size + extra, pool);
      const isRoom = region.largestFree >= neededBytes;
      // Even if nobody else stood there, it would not be enough.
      const isHopeless = neededBytes > (region.exact ? region.largestFree : region.free);
      return { region, neededBytes, answer: isHopeless ? "refused" : region.exact && isRoom ? "fits" : "could" };
    });
}

const BEST_FIRST: readonly FitAnswer[] = ["fits", "could", "refused"];

/** The best of all: one region is enough. */
export function bestFit<Region extends FitRegion>(fits: readonly Fit<Region>[]): Fit<Region> | undefined {
  const rank = ({ answer }: Fit<Region>): number => BEST_FIRST.indexOf(answer);
  return [...fits].sort((a, b) => rank(a) - rank(b) || b.region.largestFree - a.region.largestFree)[0];
}
