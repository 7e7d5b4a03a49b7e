/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot paths on typed arrays */
// What each call site has done since the beginning of the run; from that follows what it holds now.

import type { Bytes, Microseconds } from "../base/units.ts";

/** One moment of every site: [site] of each column. */
export interface SiteSample {
  readonly time: Microseconds;
  readonly sites: number;
  readonly liveBlocks: Float64Array;
  readonly liveBytes: Float64Array;
  readonly allocations: Float64Array;
  readonly allocatedBytes: Float64Array;
}

export class SiteTotals {
  /** Highest site id that was used, plus one; columns are at least this long. */
  sites = 1;
  // The live set's loop counts in these columns directly.
  allocations = new Float64Array(64);
  allocatedBytes = new Float64Array(64);
  /** Blocks of the site that are no more, however that came about, and their bytes. */
  ended = new Float64Array(64);
  endedBytes = new Float64Array(64);

  add(site: number, size: Bytes): void {
    this.cover(site);
    this.allocations[site]! += 1;
    this.allocatedBytes[site]! += size;
  }

  remove(site: number, size: Bytes): void {
    this.ended[site]! += 1;
    this.endedBytes[site]! += size;
  }

  /** Nothing is live any more. */
  clearLive(): void {
    this.ended.set(this.allocations);
    this.endedBytes.set(this.allocatedBytes);
  }

  sample(time: Microseconds): SiteSample {
    const { sites } = this;
    const allocations = this.allocations.slice(0, sites);
    const allocatedBytes = this.allocatedBytes.slice(0, sites);
    const liveBlocks = allocations.map((count, site) => count - this.ended[site]!);
    const liveBytes = allocatedBytes.map((bytes, site) => bytes - this.endedBytes[site]!);
    return { time, sites, liveBlocks, liveBytes, allocations, allocatedBytes };
  }

  restore({ sites, liveBlocks, liveBytes, allocations, allocatedBytes }: SiteSample): void {
    if (sites === 0) return;
    this.cover(sites - 1);
    for (let site = 0; site < sites; site++) {
      this.allocations[site] = allocations[site]!;
      this.allocatedBytes[site] = allocatedBytes[site]!;
      this.ended[site] = allocations[site]! - liveBlocks[site]!;
      this.endedBytes[site] = allocatedBytes[site]! - liveBytes[site]!;
    }
  }

  /** Makes sure that `site` has entries. */
  cover(site: number): void {
    if (site < this.sites) return;
    if (site >= this.allocations.length) {
      const capacity = Math.max(site + 1, this.allocations.length * 2);
      this.allocations = grown(this.allocations, capacity);
      this.allocatedBytes = grown(this.allocatedBytes, capacity);
      this.ended = grown(this.ended, capacity);
      this.endedBytes = grown(this.endedBytes, capacity);
    }
    this.sites = site + 1;
  }
}

function grown(old: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(capacity);
  longer.set(old);
  return longer;
}
