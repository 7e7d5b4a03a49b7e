/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// One suspicious place in full: how what it holds grows, of which generations its survivors are, how long its blocks live, and some of them.
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { lifetimeBucket } from "../heap/activity.ts";
import { LIFETIME_BUCKETS, type Window } from "../heap/types.ts";
import type { Asked } from "./asked.ts";
import { livesOf } from "./place-lives.ts";

export interface LeakView {
  readonly where: string;
  readonly window: Window;
  /** What the place holds over time. */
  readonly time: Float64Array;
  readonly bytes: Float64Array;
  readonly blocks: Float64Array;
  readonly liveBytes: Bytes;
  readonly liveBlocks: number;
  readonly allocations: number;
  readonly frees: number;
  /** Live blocks by when they were born: marks where there are any, else equal parts of the window. */
  readonly generations: readonly Generation[];
  readonly lifetimes: readonly LifetimeBucket[];
  /** Oldest first. */
  readonly samples: readonly LeakSample[];
  readonly omittedSamples: number;
}

export interface Generation {
  readonly from: Microseconds;
  readonly to: Microseconds;
  /** Name of the mark at its beginning. */
  readonly mark?: string;
  readonly blocks: number;
  readonly bytes: Bytes;
}

/** Lives of `from` to `to` microseconds: those that ended, and the age of those that go on. */
export interface LifetimeBucket {
  readonly from: Microseconds;
  readonly to: Microseconds;
  readonly ended: number;
  readonly alive: number;
}

export interface LeakSample {
  readonly address: Address;
  readonly size: Bytes;
  readonly born: Microseconds;
  readonly task: string;
}

const SAMPLES_SHOWN = 24;
const GENERATIONS_WITHOUT_MARKS = 12;
const MOST_GENERATIONS = 24;
const CURVE_POINTS = 160;

/** @param where the place as findings name it (`Names.site(…).text`) */
export async function viewLeak(asked: Asked, where: string, window: Window): Promise<LeakView> {
  const { model, names } = asked;
  const ids = new Set<number>();
  for (let id = 0; id < model.tables.sites.length; id++) if (names.site(id).text === where) ids.add(id);
  const series = await model.siteSeries(window, CURVE_POINTS);
  const isHere = Uint8Array.from(model.tables.sites, (_, id) => (ids.has(id) ? 1 : 0));
  const { allocations, frees, ended } = await livesOf(model, isHere, window);
  const live = await model.liveAt(window.to);
  const curve = (column: Float64Array): Float64Array =>
    Float64Array.from({ length: series.samples }, (_, sample) =>
      [...ids].reduce((total, id) => total + (column[sample * series.sites + id] ?? 0), 0),
    );
  const rows: number[] = [];
  for (let row = 0; row < live.length; row++) if (ids.has(live.site[row]!)) rows.push(row);
  rows.sort((a, b) => live.origin[a]! - live.origin[b]!);
  const alive = new Float64Array(LIFETIME_BUCKETS);
  for (const row of rows) alive[lifetimeBucket(window.to - live.origin[row]!)]!++;
  return {
    where,
    window,
    time: series.time,
    bytes: curve(series.bytes),
    blocks: curve(series.blocks),
    liveBytes: rows.reduce((total, row) => total + live.size[row]!, 0),
    liveBlocks: rows.length,
    allocations,
    frees,
    generations: generationsOf(
      asked,
      window,
      rows.map((row) => ({ born: live.origin[row]!, size: live.size[row]! })),
    ),
    lifetimes: bucketsOf(ended, alive),
    samples: rows.slice(0, SAMPLES_SHOWN).map((row) => ({
      address: live.address[row]!,
      size: live.size[row]!,
      born: live.origin[row]!,
      task: names.task(live.task[row]!),
    })),
    omittedSamples: Math.max(0, rows.length - SAMPLES_SHOWN),
  };
}

function generationsOf(
  { model }: Asked,
  window: Window,
  blocks: readonly { readonly born: number; readonly size: number }[],
): readonly Generation[] {
  const marks = model.tables.marks
    .filter(({ time }) => time > window.from && time < window.to)
    .slice(-(MOST_GENERATIONS - 1));
  const borders =
    marks.length > 0
      ? marks.map(({ time, name }) => ({ time, name }))
      : Array.from({ length: GENERATIONS_WITHOUT_MARKS - 1 }, (_, i) => ({
          time: window.from + ((window.to - window.from) * (i + 1)) / GENERATIONS_WITHOUT_MARKS,
          name: undefined,
        }));
  const starts = [{ time: window.from, name: undefined }, ...borders];
  return starts.map(({ time: from, name }, i) => {
    const to = starts[i + 1]?.time ?? window.to;
    // What was born before the window belongs to its first generation.
    const inside = blocks.filter(({ born }) => (born >= from || i === 0) && (born < to || i === starts.length - 1));
    return {
      from,
      to,
      ...(name !== undefined && { mark: name }),
      blocks: inside.length,
      bytes: inside.reduce((total, { size }) => total + size, 0),
    };
  });
}

/** Without the empty ones at both ends. */
function bucketsOf(ended: Float64Array, alive: Float64Array): readonly LifetimeBucket[] {
  const all = Array.from(ended, (count, bucket) => ({
    from: bucket === 0 ? 0 : 2 ** bucket,
    to: 2 ** (bucket + 1),
    ended: Math.round(count),
    alive: alive[bucket]!,
  }));
  const isUsed = (bucket: LifetimeBucket): boolean => bucket.ended + bucket.alive > 0;
  const first = all.findIndex(isUsed);
  return first < 0 ? [] : all.slice(first, all.findLastIndex(isUsed) + 1);
}
