// What each region and each capability has: size, used, free, holes, the least that was ever free; as heap_caps_get_info() would answer.
import { estimated, exactly, unknown, type Quantity } from "../base/quantity.ts";
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { gapSpan } from "../heap/gap-span.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { capsStates, regionName, sumOfCaps } from "../heap/regions.ts";
import type { CapsState, RegionState, Window } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";
import { doubtfulSpans } from "./doubt.ts";

/** Memory of the heap at a moment. */
export interface MemoryView {
  /** Of the region, or capabilities as ESP-IDF calls them, without MALLOC_CAP_. */
  readonly name: string;
  readonly totalBytes: Bytes;
  /** Everything that is not free, the heap's own tables included. */
  readonly usedBytes: Quantity;
  readonly freeBytes: Quantity;
  /** Of the largest hole. An estimate where blocks exist that the stream does not show. */
  readonly largestFreeBytes: Quantity;
  /** Holes. Not known where blocks exist that the stream does not show. */
  readonly freeBlocks: Quantity;
  /** The least that was free since boot; of capabilities the sum over their regions, which need not have been there at one time. */
  readonly minimumFreeBytes: Quantity;
}

/** A region at a moment. */
export interface RegionView extends MemoryView {
  readonly start: Address;
  /** First address behind it. */
  readonly end: Address;
}

/** All regions that have certain capabilities. */
export interface CapsView extends MemoryView {
  readonly regionCount: number;
}

/** Which of the device's answers an answer can be carried on from: not over a gap. */
export type IsDoubtful = (reportedAt: Microseconds) => boolean;

export async function regionDoubt(model: HeapModel, time: Microseconds): Promise<IsDoubtful> {
  const spans: readonly Window[] = await doubtfulSpans(model);
  return (reportedAt) => spans.some(({ from, to }) => from <= time && to >= reportedAt);
}

/**
 * As `regionDoubt` from what is in memory, for who looks about in a run: a gap is over with the device's next answer on its regions, and no heartbeat has
 * to be read that proves it.
 */
export function gapDoubt({ tables }: HeapModel, time: Microseconds): IsDoubtful {
  const spans = tables.gaps.map(gapSpan);
  return (reportedAt) => spans.some(({ from, to }) => from <= time && to >= reportedAt);
}

export function viewRegion(state: RegionState, isDoubtful: IsDoubtful): RegionView {
  const { region, free, reportedAt } = state;
  const total = region.end - region.start;
  return {
    ...viewMemory(regionName(region), { ...state, total, used: total - free }, isDoubtful(reportedAt)),
    start: region.start,
    end: region.end,
  };
}

/** Each single capability that a region has, then the combinations that the firmware asks for. */
export function viewCaps(
  { tables }: HeapModel,
  states: readonly RegionState[],
  isDoubtful: IsDoubtful,
): readonly CapsView[] {
  const single = capsStates(states);
  const known = new Set([0, ...single.map(({ caps }) => caps)]);
  const asked = new Set(tables.sites.map(({ caps }) => caps >>> 0).filter((caps) => !known.has(caps)));
  const combined = [...asked].sort((a, b) => a - b).map((caps) => sumOfCaps(states, caps));
  const doubtful = states.some(({ reportedAt }) => isDoubtful(reportedAt));
  return [...single, ...combined]
    .filter((state) => state !== undefined)
    .map((state) => ({ ...viewMemory(formatCaps(state.caps), state, doubtful), regionCount: state.regions }));
}

function viewMemory(name: string, state: Omit<CapsState, "caps" | "regions">, doubtful: boolean): MemoryView {
  const carried = doubtful ? estimated : exactly;
  const holes = state.exact ? carried : estimated;
  return {
    name,
    totalBytes: state.total,
    usedBytes: carried(state.used),
    freeBytes: carried(state.free),
    largestFreeBytes: holes(state.largestFree),
    // Where blocks exist that the stream does not show, so do walls between holes.
    freeBlocks: state.exact ? carried(state.freeBlocks) : unknown,
    minimumFreeBytes: carried(state.minimumFree),
  };
}
