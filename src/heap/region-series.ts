/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Each region over time: free bytes with their extremes, and the largest hole. One pass over the events where the window is short; where it
// holds more, the moments alone are read, each from its nearest key frame, and the extremes are those moments' own.

import type { Bytes, Microseconds } from "../base/units.ts";
import type { Region } from "../wire/records.ts";
import { tableOf } from "./blocks.ts";
import { regionState, reportedRegions, type ReportedRegion } from "./regions.ts";
import { Replay } from "./replay.ts";
import type { Run } from "./run.ts";
import { chunksIn, ROWS_TO_READ, rowsOf } from "./series.ts";
import type { RegionReport } from "./run-records.ts";
import { watchTaken, type TakenWatch } from "./taken-watch.ts";
import type { BlockTable, Window } from "./types.ts";

/** [sample * regions.length + region] where an array says "by sample and region"; NaN before the device's first answer. */
export interface RegionSeries {
  readonly samples: number;
  readonly regions: readonly Region[];
  /** End of each stretch. */
  readonly time: Float64Array;
  /** By sample and region: free at the end of the stretch, and its extremes within. */
  readonly free: Float64Array;
  readonly minFree: Float64Array;
  readonly maxFree: Float64Array;
  readonly largestFree: Float64Array;
  /** By sample and region: 1 where block boundaries are the heap's own (RegionState.exact). */
  readonly exact: Uint8Array;
  /** False: the moments were read one by one, and the extremes between them are not known. */
  readonly isPass: boolean;
}

/** What a run tells beside its rows. */
export interface RegionFacts {
  /** The device's answers within a window, by time; the last one at or before a moment. */
  readonly reportsIn: (window: Window) => Promise<readonly RegionReport[]>;
  readonly reportAt: (time: Microseconds) => Promise<RegionReport | undefined>;
  /** Bytes that the probe asked for on top of each request. */
  readonly redZoneAt: (time: Microseconds) => Bytes;
}

export async function regionSeriesOf(
  run: Run,
  window: Window,
  samples: number,
  facts: RegionFacts,
): Promise<RegionSeries> {
  const regions = (await facts.reportAt(window.to))?.regions ?? [];
  const isPass = rowsOf(chunksIn(run, window)) <= ROWS_TO_READ;
  const series = emptySeries(window, samples, regions, isPass);
  if (regions.length === 0) return series;
  await (isPass ? readPass(run, series, window, facts) : readMoments(run, series, facts));
  return series;
}

function emptySeries(window: Window, samples: number, regions: readonly Region[], isPass: boolean): RegionSeries {
  const column = (): Float64Array => new Float64Array(samples * regions.length).fill(NaN);
  const width = (window.to - window.from) / samples;
  return {
    samples,
    regions,
    time: Float64Array.from({ length: samples }, (_, i) =>
      i + 1 === samples ? window.to : window.from + width * (i + 1),
    ),
    free: column(),
    minFree: column(),
    maxFree: column(),
    largestFree: column(),
    exact: new Uint8Array(samples * regions.length),
    isPass,
  };
}

async function readPass(
  run: Run,
  series: RegionSeries,
  window: Window,
  { reportsIn, reportAt, redZoneAt }: RegionFacts,
): Promise<void> {
  const before = await reportAt(window.from);
  const reports = (await reportsIn(window)).filter((report) => report.time > window.from);
  const replay = await Replay.at(run, before === undefined ? { before: window.from } : { until: before.time });
  const watch = watchTaken(series.regions, redZoneAt(window.from));
  const asReported = (report: RegionReport): readonly ReportedRegion[] =>
    reportedRegions(report, tableOf(replay.live, report.time, undefined), redZoneAt(report.time));
  let reported = before && asReported(before);
  // The first stretch begins with what was there before the window.
  await replay.advance({ before: window.from });
  let next = 0;
  for (let sample = 0; sample < series.samples; sample++) {
    const time = series.time[sample]!;
    watch.begin();
    for (; next < reports.length && reports[next]!.time <= time; next++) {
      const report = reports[next]!;
      await replay.advance({ until: report.time }, watch);
      // Only the last one before a sample matters to it.
      if ((reports[next + 1]?.time ?? Infinity) > time) reported = asReported(report);
    }
    await replay.advance({ until: time }, watch);
    if (reported !== undefined) put(series, sample, reported, tableOf(replay.live, time, undefined), watch);
  }
}

async function readMoments(run: Run, series: RegionSeries, { reportAt, redZoneAt }: RegionFacts): Promise<void> {
  for (let sample = 0; sample < series.samples; sample++) {
    const time = series.time[sample]!;
    const report = await reportAt(time);
    if (report === undefined) continue;
    const replay = await Replay.at(run, { until: report.time });
    const reported = reportedRegions(report, tableOf(replay.live, report.time, undefined), redZoneAt(report.time));
    const now = await Replay.at(run, { until: time });
    put(series, sample, reported, tableOf(now.live, time, undefined), undefined);
  }
}

function put(
  series: RegionSeries,
  sample: number,
  reported: readonly ReportedRegion[],
  now: BlockTable,
  watch: TakenWatch | undefined,
): void {
  series.regions.forEach((region, i) => {
    const told = reported.find((one) => one.region.start === region.start);
    if (told === undefined) return;
    const state = regionState(told, now, 0);
    const at = sample * series.regions.length + i;
    series.free[at] = state.free;
    series.largestFree[at] = state.largestFree;
    series.exact[at] = state.exact ? 1 : 0;
    // How far the region was filled above and below what it is at the end of the stretch.
    series.minFree[at] = Math.max(0, state.free - (watch === undefined ? 0 : watch.most[i]! - watch.taken[i]!));
    series.maxFree[at] = state.free + (watch === undefined ? 0 : watch.taken[i]! - watch.least[i]!);
  });
}
