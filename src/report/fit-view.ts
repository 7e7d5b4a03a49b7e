// Would a block of so many bytes, with these capabilities, be found at a moment? `memmap fits`.
import { estimated, exactly } from "../base/quantity.ts";
import type { Bytes, Caps, Microseconds } from "../base/units.ts";
import { bestFit, fitIn, type FitAnswer } from "../heap/fit.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { formatCaps } from "../wire/caps.ts";
import { regionDoubt, viewRegion, type RegionView } from "./memory-view.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";

/** A region that has the capabilities asked for. */
export interface RegionFitView extends Pick<RegionView, "name" | "start" | "end" | "freeBytes" | "largestFreeBytes"> {
  readonly answer: FitAnswer;
  /** What TLSF makes of the request here, red zone included: the hole must have so many bytes. */
  readonly neededBytes: Bytes;
}

export interface FitView extends TroubleView {
  readonly time: Microseconds;
  /** Bytes asked for. */
  readonly size: Bytes;
  /** As ESP-IDF calls them, without MALLOC_CAP_. */
  readonly caps: string;
  /** "refused" too where no region has these capabilities. */
  readonly answer: FitAnswer;
  /** In the device's order; the region that decides the answer has it as its own. */
  readonly regions: readonly RegionFitView[];
}

export async function viewFit(model: HeapModel, time: Microseconds, size: Bytes, caps: Caps): Promise<FitView> {
  const isDoubtful = await regionDoubt(model, time);
  const extra = model.tables.boots.findLast(({ startedAt }) => startedAt <= time)?.redZoneBytes ?? 0;
  const states = (await model.regionsAt(time)).map((state) => {
    const { region, free, largestFree, reportedAt } = state;
    const { start, end, caps: capBits } = region;
    const isKnown = !isDoubtful(reportedAt);
    // The device's own word of this very moment needs no block to be known.
    const isTold = isKnown && (state.exact || reportedAt >= time);
    return {
      ...{ state, start, end, capBits },
      freeBytes: isKnown ? exactly(free) : estimated(free),
      largestFreeBytes: isTold ? exactly(largestFree) : estimated(largestFree),
    };
  });
  const fits = fitIn(states, size, caps, extra);
  return {
    ...viewTrouble(model),
    time,
    size,
    caps: formatCaps(caps),
    answer: bestFit(fits)?.answer ?? "refused",
    regions: fits.map(({ region, answer, neededBytes }) => {
      const { name, start, end, freeBytes, largestFreeBytes } = viewRegion(region.state, isDoubtful);
      return { name, start, end, answer, neededBytes, freeBytes, largestFreeBytes };
    }),
  };
}
