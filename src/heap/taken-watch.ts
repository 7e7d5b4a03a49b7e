/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// By how much regions fill and empty while events are replayed.
import type { Address, Bytes } from "../base/units.ts";
import type { Region } from "../wire/records.ts";
import { blockEnd } from "./regions.ts";
import { HEADER_BYTES } from "./tlsf-sizes.ts";
import type { HeapVisitor } from "./visitor.ts";

export interface TakenWatch extends Pick<HeapVisitor, "born" | "died"> {
  /** By region: bytes taken since the watch began, and their extremes since then or since `begin`. */
  readonly taken: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
  begin(): void;
}

export function watchTaken(regions: readonly Region[], redZoneBytes: Bytes): TakenWatch {
  const taken = new Float64Array(regions.length);
  const least = new Float64Array(regions.length);
  const most = new Float64Array(regions.length);
  const change = (address: Address, size: Bytes, sign: number): void => {
    for (let i = 0; i < regions.length; i++) {
      const region = regions[i]!;
      if (address < region.start || address >= region.end) continue;
      const pool = region.end - region.start;
      const now = (taken[i]! += sign * (blockEnd(address, size, redZoneBytes, pool) - address + HEADER_BYTES));
      if (now < least[i]!) least[i] = now;
      if (now > most[i]!) most[i] = now;
      return;
    }
  };
  return {
    taken,
    least,
    most,
    begin() {
      least.set(taken);
      most.set(taken);
    },
    born: (live, slot) => change(live.address[slot]!, live.size[slot]!, 1),
    died: (live, slot) => change(live.address[slot]!, live.size[slot]!, -1),
  };
}
