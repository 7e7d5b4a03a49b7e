/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays, indices are site ids and epochs */
// What leaks are judged by, collected in one pass: for each site the least it ever held in each of 48 epochs, and when the blocks
// that are still there were born. The least, not a sample: bursts and work in progress drop out of it by themselves.
import type { Address, Microseconds } from "../base/units.ts";
import { lifetimeBucket } from "../heap/activity.ts";
import { samplingOf, type Sampling } from "../heap/sampling.ts";
import { LIFETIME_BUCKETS, type RunTables, type Window } from "../heap/types.ts";
import { Cause, type CauseCode, type HeapVisitor, type LiveColumns } from "../heap/visitor.ts";

export const EPOCHS = 48;

/**
 * Judged is the state at 98 % of the run: what a program frees on its way out, after it, shows itself as freed at shutdown and not as
 * healthy.
 */
const JUDGED_SHARE = 0.98;

/** Blocks born within the same bracket of marks are one generation; more marks than this are not told apart. */
const GENERATIONS_KEPT = 64;

/** More steps of a container than these say nothing new. */
export const STEPS_KEPT = 16;

export interface Bounds {
  readonly start: Address;
  readonly end: Address;
}

export interface Survey {
  readonly window: Window;
  readonly judgedAt: Microseconds;
  readonly epochLength: Microseconds;
  readonly sites: number;
  /** [site * EPOCHS + epoch]: least blocks and bytes live at any moment of the epoch. */
  readonly floorBlocks: Float64Array;
  readonly floorBytes: Float64Array;
  /** [site * EPOCHS + epoch]: born in the epoch (realloc chains where they began); and of these, live at `judgedAt`. */
  readonly births: Float64Array;
  readonly survivors: Float64Array;
  /** [site]: blocks live at `judgedAt` that were freed between then and the end. */
  readonly freedLate: Float64Array;
  /** [site]: live at the end, of a sample as estimates, like all bytes here; counts are those of the sample. When the first was born. */
  readonly liveBlocks: Float64Array;
  readonly liveBytes: Float64Array;
  readonly oldest: Float64Array;
  /** [site]: when the first was born in the window, and the last. */
  readonly firstBirth: Float64Array;
  readonly lastBirth: Float64Array;
  /** [site]: births of blocks larger than the one born before, and smaller. */
  readonly rises: Float64Array;
  readonly falls: Float64Array;
  /** [site]: the largest that was born. */
  readonly largest: Float64Array;
  /** site * sites + site that freed: how many, where that is told. */
  readonly freedBy: ReadonlyMap<number, number>;
  /** [site]: reallocs that made a block larger or smaller; time of the last growth and of the one before. */
  readonly growths: Float64Array;
  readonly shrinks: Float64Array;
  readonly lastGrowth: Float64Array;
  readonly growthBefore: Float64Array;
  /** [site * STEPS_KEPT + (rises + growths) % STEPS_KEPT]: when a block had become too small, and how large it was; the last ones. */
  readonly stepTimes: Float64Array;
  readonly stepSizes: Float64Array;
  /** [site]: allocated here, or taken over by a realloc from another site. */
  readonly allocations: Float64Array;
  /** [site]: freed, or handed on to another site by realloc, before `judgedAt`. */
  readonly frees: Float64Array;
  /** [site]: of these, handed on. */
  readonly handedOn: Float64Array;
  /** [site * LIFETIME_BUCKETS + bucket]: their lives, from the first allocation on. */
  readonly lifetimes: Float64Array;
  /** [site]: of these, freed by another task than the one that had allocated. */
  readonly foreignFrees: Float64Array;
  /** Ends of the generations: times of marks inside the window. */
  readonly generationEnds: readonly Microseconds[];
  /** [site * (generationEnds.length + 1) + generation]: live at the end, by generation of birth. */
  readonly generations: Float64Array;
  /** [region * EPOCHS + epoch]: least bytes live in the region. */
  readonly regionFloor: Float64Array;
  readonly regions: readonly Bounds[];
  /** [region * sites + site]: bytes live at the end. */
  readonly regionSiteBytes: Float64Array;
}

/** Fill it with one `model.scan`, then take `result`. */
export class Surveyor implements HeapVisitor {
  readonly result: Survey;
  private readonly blocks: Float64Array;
  private readonly bytes: Float64Array;
  private readonly minBlocks: Float64Array;
  private readonly minBytes: Float64Array;
  /** Epoch that each site's running minimum belongs to. */
  private readonly epochOf: Uint8Array;
  private readonly regionBytes: Float64Array;
  private readonly regionMin: Float64Array;
  private readonly regionEpoch: Uint8Array;
  /** The block that a realloc has just ended. */
  private replacedSize = 0;
  private replacedBorn = 0;
  private replacedSite = 0;

  private readonly weight: Sampling["weight"];
  private readonly freedBy = new Map<number, number>();
  /** Size of the last block born, by site. */
  private readonly lastSize: Float64Array;

  constructor(tables: RunTables, window: Window, regions: readonly Bounds[]) {
    this.weight = samplingOf(tables.boots).weight;
    const sites = tables.sites.length;
    const marks = tables.marks.map((mark) => mark.time).filter((time) => time > window.from && time < window.to);
    const generationEnds = marks.slice(-(GENERATIONS_KEPT - 1));
    const perEpoch = (): Float64Array => new Float64Array(sites * EPOCHS);
    const perSite = (): Float64Array => new Float64Array(sites);
    const judgedAt = window.from + JUDGED_SHARE * (window.to - window.from);
    this.result = {
      window,
      judgedAt,
      epochLength: (judgedAt - window.from) / EPOCHS,
      sites,
      floorBlocks: perEpoch(),
      floorBytes: perEpoch(),
      births: perEpoch(),
      survivors: perEpoch(),
      freedLate: perSite(),
      liveBlocks: perSite(),
      liveBytes: perSite(),
      oldest: perSite().fill(Infinity),
      firstBirth: perSite().fill(Infinity),
      lastBirth: perSite(),
      rises: perSite(),
      largest: perSite(),
      falls: perSite(),
      freedBy: this.freedBy,
      stepTimes: new Float64Array(sites * STEPS_KEPT),
      stepSizes: new Float64Array(sites * STEPS_KEPT),
      growths: perSite(),
      shrinks: perSite(),
      lastGrowth: perSite(),
      growthBefore: perSite(),
      allocations: perSite(),
      frees: perSite(),
      handedOn: perSite(),
      lifetimes: new Float64Array(sites * LIFETIME_BUCKETS),
      foreignFrees: perSite(),
      generationEnds,
      generations: new Float64Array(sites * (generationEnds.length + 1)),
      regionFloor: new Float64Array(regions.length * EPOCHS),
      regions,
      regionSiteBytes: new Float64Array(regions.length * sites),
    };
    this.lastSize = perSite();
    this.blocks = perSite();
    this.bytes = perSite();
    this.minBlocks = perSite();
    this.minBytes = perSite();
    this.epochOf = new Uint8Array(sites);
    this.regionBytes = new Float64Array(regions.length);
    this.regionMin = new Float64Array(regions.length);
    this.regionEpoch = new Uint8Array(regions.length);
  }

  begin(live: LiveColumns, slots: Iterable<number>): void {
    for (const slot of slots) {
      const site = live.site[slot]!;
      this.blocks[site]!++;
      this.bytes[site]! += this.estimate(live.size[slot]!);
      const region = this.regionOf(live.address[slot]!);
      if (region >= 0) this.regionBytes[region]! += live.size[slot]!;
    }
    this.minBlocks.set(this.blocks);
    this.minBytes.set(this.bytes);
    this.regionMin.set(this.regionBytes);
  }

  born(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode): void {
    const site = live.site[slot]!;
    const size = live.size[slot]!;
    if (size > this.result.largest[site]!) this.result.largest[site] = size;
    const epoch = this.epochAt(time);
    if (epoch !== this.epochOf[site]) this.closeSite(site, epoch);
    if (cause !== Cause.REALLOC) this.lower(site);
    this.blocks[site]!++;
    this.bytes[site]! += this.estimate(size);
    const { result } = this;
    if (cause === Cause.REALLOC && live.reallocs[slot]! > 0) {
      if (size > this.replacedSize) {
        this.addStep(site, time, this.replacedSize);
        result.growths[site]!++;
        result.growthBefore[site] = this.replacedBorn;
        result.lastGrowth[site] = time;
      } else if (size < this.replacedSize) {
        result.shrinks[site]!++;
      }
      if (site !== this.replacedSite) {
        if (epoch < EPOCHS) this.countHandOver(this.replacedSite, time - live.originOf(slot));
        this.countBirth(site, epoch, time);
      }
    } else {
      this.countBirth(site, epoch, time);
      const last = this.lastSize[site]!;
      if (last > 0 && size > last) {
        this.addStep(site, time, last);
        result.rises[site]!++;
      } else if (size < last) result.falls[site]!++;
      this.lastSize[site] = size;
    }
    this.changeRegion(live.address[slot]!, epoch, size);
  }

  died(live: LiveColumns, slot: number, time: Microseconds, cause: CauseCode, context: number, freeSite: number): void {
    const site = live.site[slot]!;
    const size = live.size[slot]!;
    const epoch = this.epochAt(time);
    if (epoch !== this.epochOf[site]) this.closeSite(site, epoch);
    this.blocks[site]! -= 1;
    this.bytes[site]! -= this.estimate(size);
    if (cause === Cause.REALLOC) {
      // The block goes on: without waiting for its new size, each growth would lower the floor as a free does.
      this.replacedSize = size;
      this.replacedBorn = live.born[slot]!;
      this.replacedSite = site;
    } else {
      this.lower(site);
      if (cause === Cause.CALL) {
        if (epoch < EPOCHS) {
          this.countEnd(site, time - live.originOf(slot));
          if (context >>> 2 !== live.context[slot]! >>> 2) this.result.foreignFrees[site]!++;
        }
        if (freeSite > 0) {
          const pair = site * this.result.sites + freeSite;
          this.freedBy.set(pair, (this.freedBy.get(pair) ?? 0) + 1);
        }
      }
      if (epoch >= EPOCHS) this.countLate(site, live.originOf(slot));
    }
    this.changeRegion(live.address[slot]!, epoch, -size);
  }

  end(live: LiveColumns, slots: Iterable<number>): void {
    const { result } = this;
    for (let site = 0; site < result.sites; site++) this.closeSite(site, EPOCHS);
    for (let region = 0; region < result.regions.length; region++) this.closeRegion(region, EPOCHS);
    for (const slot of slots) {
      const site = live.site[slot]!;
      const origin = live.originOf(slot);
      const size = live.size[slot]!;
      result.liveBlocks[site]! += this.weight(size);
      result.liveBytes[site]! += this.estimate(size);
      if (origin < result.oldest[site]!) result.oldest[site] = origin;
      if (origin <= result.judgedAt) result.survivors[site * EPOCHS + this.birthEpoch(origin)]!++;
      result.generations[site * (result.generationEnds.length + 1) + this.generationAt(origin)]!++;
      const region = this.regionOf(live.address[slot]!);
      if (region >= 0) result.regionSiteBytes[region * result.sites + site]! += size;
    }
    for (let site = 0; site < result.sites; site++) {
      result.liveBlocks[site] = Math.round(result.liveBlocks[site]!);
      result.liveBytes[site] = Math.round(result.liveBytes[site]!);
    }
  }

  private countBirth(site: number, epoch: number, time: Microseconds): void {
    this.result.allocations[site]!++;
    if (time < this.result.firstBirth[site]!) this.result.firstBirth[site] = time;
    this.result.lastBirth[site] = time;
    if (epoch < EPOCHS) this.result.births[site * EPOCHS + epoch]!++;
  }

  /** Before it is counted. */
  private addStep(site: number, time: Microseconds, size: number): void {
    const { rises, growths, stepTimes, stepSizes } = this.result;
    const at = site * STEPS_KEPT + ((rises[site]! + growths[site]!) % STEPS_KEPT);
    stepTimes[at] = time;
    stepSizes[at] = size;
  }

  private countHandOver(site: number, life: Microseconds): void {
    this.result.handedOn[site]!++;
    this.countEnd(site, life);
  }

  private countEnd(site: number, life: Microseconds): void {
    this.result.frees[site]!++;
    this.result.lifetimes[site * LIFETIME_BUCKETS + lifetimeBucket(life)]!++;
  }

  /** A free after the moment of judgement of a block that was live then. */
  private countLate(site: number, origin: Microseconds): void {
    if (origin > this.result.judgedAt) return;
    this.result.survivors[site * EPOCHS + this.birthEpoch(origin)]!++;
    this.result.freedLate[site]!++;
  }

  /** `epochs` and not less for what comes after the moment of judgement. */
  private epochAt(time: Microseconds): number {
    const { window, epochLength, judgedAt } = this.result;
    if (time > judgedAt) return EPOCHS;
    return Math.max(0, Math.min(EPOCHS - 1, Math.floor((time - window.from) / epochLength)));
  }

  private birthEpoch(origin: Microseconds): number {
    return Math.min(EPOCHS - 1, this.epochAt(origin));
  }

  private generationAt(time: Microseconds): number {
    const ends = this.result.generationEnds;
    let generation = 0;
    while (generation < ends.length && time >= ends[generation]!) generation++;
    return generation;
  }

  /** Bytes that a block of the sample stands for. */
  private estimate(size: number): number {
    return size * this.weight(size);
  }

  private lower(site: number): void {
    if (this.blocks[site]! < this.minBlocks[site]!) this.minBlocks[site] = this.blocks[site]!;
    if (this.bytes[site]! < this.minBytes[site]!) this.minBytes[site] = this.bytes[site]!;
  }

  /** Writes the minima of all epochs before `epoch`: the running one, then those in which nothing happened. */
  private closeSite(site: number, epoch: number): void {
    let open = this.epochOf[site]!;
    if (open >= epoch) return;
    this.lower(site);
    const { floorBlocks, floorBytes } = this.result;
    floorBlocks[site * EPOCHS + open] = this.minBlocks[site]!;
    floorBytes[site * EPOCHS + open] = this.minBytes[site]!;
    const blocks = this.blocks[site]!;
    const bytes = this.bytes[site]!;
    for (open++; open < epoch; open++) {
      floorBlocks[site * EPOCHS + open] = blocks;
      floorBytes[site * EPOCHS + open] = bytes;
    }
    this.epochOf[site] = epoch;
    this.minBlocks[site] = blocks;
    this.minBytes[site] = bytes;
  }

  private changeRegion(address: Address, epoch: number, bytes: number): void {
    const region = this.regionOf(address);
    if (region < 0) return;
    if (this.regionEpoch[region] !== epoch) this.closeRegion(region, epoch);
    const live = (this.regionBytes[region]! += bytes);
    if (live < this.regionMin[region]!) this.regionMin[region] = live;
  }

  private closeRegion(region: number, epoch: number): void {
    let open = this.regionEpoch[region]!;
    if (open >= epoch) return;
    this.result.regionFloor[region * EPOCHS + open] = this.regionMin[region]!;
    const bytes = this.regionBytes[region]!;
    for (open++; open < epoch; open++) this.result.regionFloor[region * EPOCHS + open] = bytes;
    this.regionEpoch[region] = epoch;
    this.regionMin[region] = bytes;
  }

  private regionOf(address: Address): number {
    const { regions } = this.result;
    for (let i = 0; i < regions.length; i++) {
      const region = regions[i]!;
      if (address >= region.start && address < region.end) return i;
    }
    return -1;
  }
}
