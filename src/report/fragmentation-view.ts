// Fragmentation of each region at a moment, with the sites that keep it split.
import type { Bytes, Microseconds } from "../base/units.ts";
import { holeMakers, measureFragmentation, type Fragmentation } from "../detect/fragmentation.ts";
import type { Names } from "../detect/names.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { viewCaps, viewRegion, type CapsRow, type MemoryRow } from "./memory-view.ts";

export interface HoleMakerView {
  readonly where: string;
  readonly blocks: number;
  readonly bytes: Bytes;
  /** Bytes by which holes would grow without these blocks. */
  readonly gain: Bytes;
  readonly age: Microseconds;
}

export interface RegionFragmentationView extends MemoryRow {
  readonly score: number;
  readonly baselineScore: number;
  readonly baseline: Fragmentation["baseline"];
  readonly curve: readonly { readonly request: Bytes; readonly share: number }[];
  readonly makers: readonly HoleMakerView[];
}

export interface FragmentationView {
  readonly time: Microseconds;
  readonly regions: readonly RegionFragmentationView[];
  readonly caps: readonly CapsRow[];
}

export async function viewFragmentation(
  model: HeapModel,
  names: Names,
  time: Microseconds,
): Promise<FragmentationView> {
  const live = await model.liveAt(time);
  const { regions, baseline } = await measureFragmentation(model, time, live, await model.regionsAt(time));
  return {
    time,
    caps: viewCaps(
      model,
      regions.map(({ state }) => state),
    ),
    regions: regions.map(({ state, score, baselineScore, curve, walls }) => ({
      ...viewRegion(state),
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
    })),
  };
}
