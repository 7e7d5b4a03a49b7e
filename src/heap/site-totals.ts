/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// Running totals of each call site: what it holds now and what it has done since the beginning of the run.

import type { Bytes } from "../base/units.ts";

export class SiteTotals {
  /** Highest site id that was used, plus one; columns are at least this long. */
  sites = 1;
  liveBlocks = new Float64Array(64);
  liveBytes = new Float64Array(64);
  allocations = new Float64Array(64);
  allocatedBytes = new Float64Array(64);

  add(site: number, size: Bytes): void {
    if (site >= this.sites) this.cover(site);
    this.liveBlocks[site]! += 1;
    this.liveBytes[site]! += size;
    this.allocations[site]! += 1;
    this.allocatedBytes[site]! += size;
  }

  remove(site: number, size: Bytes): void {
    this.liveBlocks[site]! -= 1;
    this.liveBytes[site]! -= size;
  }

  clearLive(): void {
    this.liveBlocks.fill(0);
    this.liveBytes.fill(0);
  }

  /** Makes sure that `site` has entries. */
  cover(site: number): void {
    if (site >= this.liveBlocks.length) {
      const capacity = Math.max(site + 1, this.liveBlocks.length * 2);
      this.liveBlocks = grown(this.liveBlocks, capacity);
      this.liveBytes = grown(this.liveBytes, capacity);
      this.allocations = grown(this.allocations, capacity);
      this.allocatedBytes = grown(this.allocatedBytes, capacity);
    }
    this.sites = Math.max(this.sites, site + 1);
  }
}

function grown(old: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(capacity);
  longer.set(old);
  return longer;
}
