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

const FIRST_SITES = 64;
/** Columns of a site in `counts`, one behind the other: ended are blocks that are no more, however that came about. */
export const SiteCount = { ALLOCATIONS: 0, ALLOCATED_BYTES: 1, ENDED: 2, ENDED_BYTES: 3 } as const;
export const SITE_COUNTS = 4;
const { ALLOCATIONS, ALLOCATED_BYTES, ENDED, ENDED_BYTES } = SiteCount;

export class SiteTotals {
  /** Highest site id that was used, plus one. */
  sites = 1;
  /** [site * SITE_COUNTS + SiteCount], for at least so many sites. The live set's loop counts here directly. */
  counts = new Float64Array(FIRST_SITES * SITE_COUNTS);

  remove(site: number, size: Bytes): void {
    this.counts[site * SITE_COUNTS + ENDED]! += 1;
    this.counts[site * SITE_COUNTS + ENDED_BYTES]! += size;
  }

  /** A block that a key frame tells of; `restore` may know more of its site. */
  add(site: number, size: Bytes): void {
    this.cover(site);
    this.counts[site * SITE_COUNTS + ALLOCATIONS]! += 1;
    this.counts[site * SITE_COUNTS + ALLOCATED_BYTES]! += size;
  }

  clear(): void {
    this.sites = 1;
    this.counts.fill(0);
  }

  sample(time: Microseconds): SiteSample {
    const { sites, counts } = this;
    const sample = {
      time,
      sites,
      liveBlocks: new Float64Array(sites),
      liveBytes: new Float64Array(sites),
      allocations: new Float64Array(sites),
      allocatedBytes: new Float64Array(sites),
    };
    for (let site = 0, at = 0; site < sites; site++, at += SITE_COUNTS) {
      sample.allocations[site] = counts[at + ALLOCATIONS]!;
      sample.allocatedBytes[site] = counts[at + ALLOCATED_BYTES]!;
      sample.liveBlocks[site] = counts[at + ALLOCATIONS]! - counts[at + ENDED]!;
      sample.liveBytes[site] = counts[at + ALLOCATED_BYTES]! - counts[at + ENDED_BYTES]!;
    }
    return sample;
  }

  restore({ sites, liveBlocks, liveBytes, allocations, allocatedBytes }: SiteSample): void {
    if (sites === 0) return;
    this.cover(sites - 1);
    const { counts } = this;
    for (let site = 0, at = 0; site < sites; site++, at += SITE_COUNTS) {
      counts[at + ALLOCATIONS] = allocations[site]!;
      counts[at + ALLOCATED_BYTES] = allocatedBytes[site]!;
      counts[at + ENDED] = allocations[site]! - liveBlocks[site]!;
      counts[at + ENDED_BYTES] = allocatedBytes[site]! - liveBytes[site]!;
    }
  }

  /** Makes sure that `site` has entries. */
  cover(site: number): void {
    if (site < this.sites) return;
    this.sites = site + 1;
    const needed = this.sites * SITE_COUNTS;
    if (needed <= this.counts.length) return;
    const longer = new Float64Array(Math.max(needed, this.counts.length * 2));
    longer.set(this.counts);
    this.counts = longer;
  }
}
