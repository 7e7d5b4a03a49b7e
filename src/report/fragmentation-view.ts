// Fragmentation of each region at a moment, with the sites that keep it split.
import type { Bytes, Microseconds } from "../base/units.ts";
import { holeMakers, measureFragmentation, type Fragmentation } from "../detect/fragmentation.ts";
import type { Names } from "../detect/names.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { regionName } from "../heap/regions.ts";

export interface HoleMakerView {
  readonly where: string;
  readonly blocks: number;
  readonly bytes: Bytes;
  /** Bytes by which holes would grow without these blocks. */
  readonly gain: Bytes;
  readonly age: Microseconds;
}

export interface RegionFragmentationView {
  readonly name: string;
  readonly total: Bytes;
  readonly free: Bytes;
  readonly largestFree: Bytes;
  readonly holes: number;
  readonly exact: boolean;
  readonly score: number;
  readonly baselineScore: number;
  readonly baseline: Fragmentation["baseline"];
  readonly curve: readonly { readonly request: Bytes; readonly share: number }[];
  readonly makers: readonly HoleMakerView[];
}

export async function viewFragmentation(
  model: HeapModel,
  names: Names,
  time: Microseconds,
): Promise<readonly RegionFragmentationView[]> {
  const { live, regions, baseline } = await measureFragmentation(model, { from: model.span.from, to: time });
  return regions.map(({ state, score, baselineScore, curve, walls }) => ({
    name: regionName(state.region),
    total: state.region.end - state.region.start,
    free: state.free,
    largestFree: state.largestFree,
    holes: state.freeBlocks,
    exact: state.exact,
    score,
    baselineScore,
    baseline,
    curve,
    makers: holeMakers(walls, live).map(({ site, blocks, bytes, gain, oldest }) => ({
      where: names.site(site).text,
      blocks,
      bytes,
      gain,
      age: time - oldest,
    })),
  }));
}
