/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// One suspicious place in full: how what it holds grows, of which generations its survivors are, how long its blocks live, and some of them.
import { likely, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import { lifetimeBucket } from "../heap/activity.ts";
import { LIFETIME_BUCKETS, type Window } from "../heap/types.ts";
import type { Asked } from "./asked.ts";
import { addToSum, doubtAt, doubtWithin, noSum, viewLiveSum, type LiveView } from "./doubt.ts";
import { livesOf } from "./place-lives.ts";
import { blockViews, viewSite, type BlockView, type SiteView } from "./site-view.ts";

/** The sums are of what is live at the window's end. */
export interface LeakView extends LiveView {
  readonly site: SiteView;
  readonly window: Window;
  /** What the place holds over time; of a sample, as many times what was tracked as at the end. */
  readonly curve: LeakCurve;
  readonly allocations: Quantity;
  readonly frees: Quantity;
  /** Live blocks by when they were born: marks where there are any, else equal parts of the window. */
  readonly generations: readonly Generation[];
  readonly lifetimes: readonly LifetimeBucket[];
  /** Oldest first. */
  readonly blocks: readonly BlockView[];
  readonly omittedBlocks: number;
}

/** The columns have an entry for each moment. */
export interface LeakCurve {
  readonly time: Float64Array;
  readonly liveBytes: Float64Array;
}

/** What was born in a stretch of time and is live at the end of the window. */
export interface Generation extends LiveView {
  readonly from: Microseconds;
  readonly to: Microseconds;
  /** Name of the mark at its beginning. */
  readonly mark?: string;
}

/** Lives of `from` to `to` microseconds: those that ended, and the age of those that go on. */
export interface LifetimeBucket {
  readonly from: Microseconds;
  readonly to: Microseconds;
  readonly endedBlocks: Quantity;
  readonly liveBlocks: Quantity;
}

const BLOCKS_SHOWN = 24;
const GENERATIONS_WITHOUT_MARKS = 12;
const MOST_GENERATIONS = 24;
const CURVE_POINTS = 160;

/** @param place the site's text, as findings have it (`Names.site(…).text`) */
export async function viewLeak(asked: Asked, place: string, window: Window): Promise<LeakView> {
  const { model, names } = asked;
  const ids = new Set<number>();
  for (let id = 0; id < model.tables.sites.length; id++) if (names.site(id).text === place) ids.add(id);
  const series = await model.siteSeries(window, CURVE_POINTS);
  const isHere = Uint8Array.from(model.tables.sites, (_, id) => (ids.has(id) ? 1 : 0));
  const { allocations, frees, ended } = await livesOf(model, isHere, window);
  const live = await model.liveAt(window.to);
  const doubt = await doubtAt(model, window.to);
  const within = await doubtWithin(model, window);
  const rows: number[] = [];
  for (let row = 0; row < live.length; row++) if (ids.has(live.site[row]!)) rows.push(row);
  rows.sort((a, b) => live.origin[a]! - live.origin[b]!);
  const sumOf = (some: readonly number[]): LiveView => {
    const sum = noSum();
    for (const row of some) addToSum(sum, live, row, doubt);
    return viewLiveSum(sum, doubt);
  };
  const sums = sumOf(rows);
  const tracked = rows.reduce((total, row) => total + live.size[row]!, 0);
  const scale = doubt.sampled && tracked > 0 ? likely(sums.liveBytes) / tracked : 1;
  const byAge = Array.from({ length: LIFETIME_BUCKETS }, (): number[] => []);
  for (const row of rows) byAge[lifetimeBucket(window.to - live.origin[row]!)]!.push(row);
  const [first] = ids;
  const viewOf = blockViews(live, names);
  return {
    site: first === undefined ? { text: place } : viewSite(names, first),
    window,
    ...sums,
    curve: {
      time: series.time,
      liveBytes: Float64Array.from({ length: series.samples }, (_, sample) =>
        [...ids].reduce((total, id) => total + scale * (series.bytes[sample * series.sites + id] ?? 0), 0),
      ),
    },
    allocations: within.count(allocations),
    frees: within.count(frees),
    generations: stretchesOf(asked, window).map(({ from, to, ...mark }, i, all) => {
      // What was born before the window belongs to its first generation.
      const isIn = (born: Microseconds): boolean => (born >= from || i === 0) && (born < to || i === all.length - 1);
      return { from, to, ...mark, ...sumOf(rows.filter((row) => isIn(live.origin[row]!))) };
    }),
    lifetimes: usedBuckets(
      byAge.map((some, bucket) => ({
        from: bucket === 0 ? 0 : 2 ** bucket,
        to: 2 ** (bucket + 1),
        endedBlocks: within.count(ended[bucket]!),
        liveBlocks: sumOf(some).liveBlocks,
      })),
    ),
    blocks: rows.slice(0, BLOCKS_SHOWN).map(viewOf),
    omittedBlocks: Math.max(0, rows.length - BLOCKS_SHOWN),
  };
}

/** From mark to mark, or equal parts. */
function stretchesOf({ model }: Asked, window: Window): readonly Pick<Generation, "from" | "to" | "mark">[] {
  const marks = model.tables.marks
    .filter(({ time }) => time > window.from && time < window.to)
    .slice(-(MOST_GENERATIONS - 1));
  const borders =
    marks.length > 0
      ? marks.map(({ time, name }) => ({ from: time, mark: name }))
      : Array.from({ length: GENERATIONS_WITHOUT_MARKS - 1 }, (_, i) => ({
          from: window.from + ((window.to - window.from) * (i + 1)) / GENERATIONS_WITHOUT_MARKS,
        }));
  return [{ from: window.from }, ...borders].map((start, i) => ({ ...start, to: borders[i]?.from ?? window.to }));
}

/** Without the empty ones at both ends. */
function usedBuckets(all: readonly LifetimeBucket[]): readonly LifetimeBucket[] {
  const isUsed = (bucket: LifetimeBucket): boolean => likely(bucket.endedBlocks) + likely(bucket.liveBlocks) > 0;
  const first = all.findIndex(isUsed);
  return first < 0 ? [] : all.slice(first, all.findLastIndex(isUsed) + 1);
}
