// Fragmentation of each region at a moment, with the sites that keep it split.
import { estimated, exactly } from "../base/quantity.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import { measureFragmentation, type Fragmentation } from "../detect/fragmentation.ts";
import type { Names } from "../detect/names.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { doubtAt, isCertain, type LiveView } from "./doubt.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { regionDoubt, viewCaps, viewRegion, type CapsView, type RegionView } from "./memory-view.ts";
import { siteViews, type SiteView } from "./site-view.ts";

/** A call site whose live blocks stand between holes. */
export interface SplitterView extends LiveView {
  readonly site: SiteView;
  /** By how much the largest hole would be larger without these blocks. */
  readonly gainBytes: Bytes;
  /** Age of the oldest of these blocks. */
  readonly oldestAge: Microseconds;
}

/** For requests of one size. */
export interface UnusableView {
  readonly requestBytes: Bytes;
  /** Of the free memory, what lies in holes too small for the request, 0 to 1. */
  readonly share: number;
}

export interface RegionFragmentationView extends RegionView {
  /** 0 is one hole, towards 1 is dust. Absent, as the two lists are empty, where blocks exist that the stream does not show: its holes are then not known. */
  readonly score?: number;
  readonly baselineScore?: number;
  readonly baseline: Fragmentation["baseline"];
  readonly unusable: readonly UnusableView[];
  /** Largest gain first. */
  readonly splitters: readonly SplitterView[];
}

export interface FragmentationView extends TroubleView {
  readonly time: Microseconds;
  readonly regions: readonly RegionFragmentationView[];
  readonly caps: readonly CapsView[];
}

export async function viewFragmentation(
  model: HeapModel,
  names: Names,
  time: Microseconds,
): Promise<FragmentationView> {
  const live = await model.liveAt(time);
  const { regions, baseline } = await measureFragmentation(model, time, live, await model.regionsAt(time));
  const isDoubtful = await regionDoubt(model, time);
  const known = isCertain(await doubtAt(model, time)) ? exactly : estimated;
  const siteOf = siteViews(names);
  return {
    ...viewTrouble(model),
    time,
    caps: viewCaps(
      model,
      regions.map(({ state }) => state),
      isDoubtful,
    ),
    regions: regions.map(({ state, score, baselineScore, curve, makers }) => ({
      ...viewRegion(state, isDoubtful),
      ...(state.exact && { score, baselineScore }),
      baseline,
      unusable: (state.exact ? curve : []).map(({ request, share }) => ({ requestBytes: request, share })),
      splitters: (state.exact ? makers : []).map(({ site, blocks, bytes, gain, oldest }) => ({
        site: siteOf(site),
        liveBytes: known(bytes),
        liveBlocks: known(blocks),
        gainBytes: gain,
        oldestAge: time - oldest,
      })),
    })),
  };
}
