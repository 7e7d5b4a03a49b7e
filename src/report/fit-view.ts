// Would a block of so many bytes, with these capabilities, be found at a moment? `memmap fits`.
import type { Quantity } from "../base/quantity.ts";
import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";
import { bestFit, fitIn, type FitAnswer } from "../heap/fit.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { formatCaps } from "../wire/caps.ts";
import { regionDoubt, viewRegion } from "./memory-view.ts";
import { viewTrouble, type RunView } from "./run-trouble.ts";

/** A region that has the capabilities asked for. */
export interface RegionFitView {
  readonly name: string;
  readonly start: Address;
  /** First address behind it. */
  readonly end: Address;
  readonly answer: FitAnswer;
  /** What TLSF makes of the request here, red zone included: the hole must have so many bytes. */
  readonly neededBytes: Bytes;
  readonly freeBytes: Quantity;
  readonly largestFreeBytes: Quantity;
}

export interface FitView extends RunView {
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
    const { region, largestFree, reportedAt } = state;
    const { start, end, caps: has } = region;
    const isKnown = !isDoubtful(reportedAt);
    return {
      ...{ state, start, end, caps: has, largestFree },
      free: isKnown ? state.free : end - start,
      // The device's own word of this very moment needs no block to be known.
      exact: isKnown && (state.exact || reportedAt >= time),
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
