/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Time series: live bytes in buckets, and each site's totals at regular moments. From chunk summaries and stored totals where these are
// dense enough, so that a day-long recording needs no pass over its events; from the events where the window is short.

import type { Bytes } from "../base/units.ts";
import { acceptsSlot } from "./blocks.ts";
import type { BlockFilter } from "./filter.ts";
import { decodeTotals } from "./key-frame.ts";
import { samplingOf, type Sampling } from "./sampling.ts";
import { Replay, scanWindow } from "./replay.ts";
import type { ChunkSummary, Run } from "./run.ts";
import type { SiteSample } from "./site-totals.ts";
import type { SiteSeries, Timeline, Window } from "./types.ts";
import type { HeapVisitor, LiveColumns } from "./visitor.ts";

/** Windows with no more rows than this are always read row by row: a fifth of a second. */
export const ROWS_TO_READ = 2_000_000;

export async function timelineOf(
  run: Run,
  window: Window,
  buckets: number,
  filter: BlockFilter | undefined,
): Promise<Timeline> {
  const chunks = chunksIn(run, window);
  const rows = rowsOf(chunks);
  const { weight, sentence } = samplingOf(run.tables.boots);
  if (filter === undefined && rows > ROWS_TO_READ && sentence === undefined)
    return fromSummaries(run, chunks, window, buckets);
  const visitor = timelineVisitor(window, buckets, filter, weight);
  await scanWindow(run, window, visitor);
  return visitor.result;
}

/** Running totals of every site at `samples` moments, evenly spaced. */
export async function siteSeriesOf(run: Run, window: Window, samples: number): Promise<SiteSeries> {
  const stored = run.chunks
    .map((chunk, index) => ({ chunk, index }))
    .filter(({ chunk }) => chunk.hasTotals && chunk.startTime >= window.from && chunk.startTime <= window.to);
  const sites = run.tables.sites.length;
  const moments: SiteSample[] = [];
  if (stored.length >= samples) {
    for (let i = 0; i < samples; i++) {
      const pick = stored[Math.floor((i * (stored.length - 1)) / Math.max(1, samples - 1))]!;
      const bytes = await run.totals(pick.index);
      const sample = bytes === undefined ? undefined : decodeTotals(bytes, run.mostSites);
      if (sample !== undefined) moments.push(sample);
    }
  } else {
    const replay = await Replay.at(run, { before: window.from });
    for (let i = 1; i <= samples; i++) {
      const time = window.from + ((window.to - window.from) * i) / samples;
      await replay.advance({ until: time });
      moments.push(replay.live.totals.sample(time));
    }
  }
  return joined(moments, sites);
}

function joined(moments: readonly SiteSample[], sites: number): SiteSeries {
  const series = {
    samples: moments.length,
    sites,
    time: new Float64Array(moments.length),
    bytes: new Float64Array(moments.length * sites),
    blocks: new Float64Array(moments.length * sites),
    allocations: new Float64Array(moments.length * sites),
    allocatedBytes: new Float64Array(moments.length * sites),
  };
  moments.forEach((moment, i) => {
    series.time[i] = moment.time;
    const end = Math.min(sites, moment.sites);
    series.bytes.set(moment.liveBytes.subarray(0, end), i * sites);
    series.blocks.set(moment.liveBlocks.subarray(0, end), i * sites);
    series.allocations.set(moment.allocations.subarray(0, end), i * sites);
    series.allocatedBytes.set(moment.allocatedBytes.subarray(0, end), i * sites);
  });
  return series;
}

export function chunksIn(run: Run, window: Window): ChunkSummary[] {
  return run.chunks.filter((chunk) => chunk.endTime >= window.from && chunk.startTime <= window.to);
}

export function rowsOf(chunks: readonly ChunkSummary[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
}

function emptyTimeline(window: Window, buckets: number): Timeline {
  const column = (): Float64Array<ArrayBuffer> => new Float64Array(buckets);
  const width = (window.to - window.from) / buckets;
  return {
    length: buckets,
    time: Float64Array.from({ length: buckets }, (_, i) => window.from + width * (i + 1)),
    minBytes: column().fill(Infinity),
    maxBytes: column().fill(-Infinity),
    lastBytes: column(),
    lastBlocks: column(),
    allocations: column(),
    frees: column(),
    allocatedBytes: column(),
  };
}

/** As fine as the chunks are; a chunk counts where it ends. */
function fromSummaries(run: Run, chunks: readonly ChunkSummary[], window: Window, buckets: number): Timeline {
  const series = emptyTimeline(window, Math.min(buckets, chunks.length));
  for (const chunk of chunks) {
    const i = bucketOf(series, window, chunk.endTime);
    series.minBytes[i] = Math.min(series.minBytes[i]!, chunk.minBytes);
    series.maxBytes[i] = Math.max(series.maxBytes[i]!, chunk.maxBytes);
    series.lastBytes[i] = chunk.lastBytes;
    series.lastBlocks[i] = chunk.lastBlocks;
    series.allocations[i]! += chunk.allocations;
    series.frees[i]! += chunk.frees;
    series.allocatedBytes[i]! += chunk.allocatedBytes;
  }
  const before = run.chunks.findLast(({ endTime }) => endTime < window.from);
  carryOn(series, before?.lastBytes ?? 0, before?.lastBlocks ?? 0);
  return series;
}

/** Gives a bucket in which nothing happened the last value before it, or what there was at the window's beginning. */
function carryOn(series: Timeline, bytesBefore: Bytes, blocksBefore: number): void {
  let [bytes, blocks] = [bytesBefore, blocksBefore];
  for (let i = 0; i < series.length; i++) {
    if (series.minBytes[i] !== Infinity) {
      bytes = series.lastBytes[i]!;
      blocks = series.lastBlocks[i]!;
      continue;
    }
    series.minBytes[i] = bytes;
    series.maxBytes[i] = bytes;
    series.lastBytes[i] = bytes;
    series.lastBlocks[i] = blocks;
  }
}

function timelineVisitor(
  window: Window,
  buckets: number,
  filter: BlockFilter | undefined,
  weight: Sampling["weight"],
): HeapVisitor & { readonly result: Timeline } {
  const series = emptyTimeline(window, buckets);
  let bytes = 0;
  let blocks = 0;
  let bucket = 0;
  const refuses = (live: LiveColumns, slot: number, until: number): boolean =>
    filter !== undefined && !acceptsSlot(filter, live, slot, until);
  const note = (): void => {
    if (bytes < series.minBytes[bucket]!) series.minBytes[bucket] = bytes;
    if (bytes > series.maxBytes[bucket]!) series.maxBytes[bucket] = bytes;
    series.lastBytes[bucket] = bytes;
    series.lastBlocks[bucket] = blocks;
  };
  const goTo = (time: number): void => {
    const target = bucketOf(series, window, time);
    if (target === bucket) return;
    bucket = target;
    note();
  };
  return {
    result: series,
    begin(live, slots) {
      for (const slot of slots) {
        if (refuses(live, slot, Infinity)) continue;
        const count = weight(live.size[slot]!);
        bytes += live.size[slot]! * count;
        blocks += count;
      }
      note();
    },
    born(live, slot, time) {
      goTo(time);
      if (refuses(live, slot, Infinity)) return;
      const count = weight(live.size[slot]!);
      bytes += live.size[slot]! * count;
      blocks += count;
      series.allocations[bucket]! += count;
      series.allocatedBytes[bucket]! += live.size[slot]! * count;
      note();
    },
    died(live, slot, time) {
      goTo(time);
      if (refuses(live, slot, Infinity)) return;
      const count = weight(live.size[slot]!);
      bytes -= live.size[slot]! * count;
      blocks -= count;
      series.frees[bucket]! += count;
      note();
    },
    end() {
      carryOn(series, bytes, blocks);
    },
  };
}

function bucketOf(series: Timeline, window: Window, time: number): number {
  const span = window.to - window.from;
  if (span <= 0) return 0;
  const bucket = Math.floor(((time - window.from) / span) * series.length);
  return Math.min(series.length - 1, Math.max(0, bucket));
}
