/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The timeline: used, free and largest free block together, of one region or of all regions with certain capabilities, with what happened on
// it. The gap between free and largest is memory that is free but in pieces.
import type { Bytes, Microseconds } from "../base/units.ts";
import { gapSpan, meets } from "../heap/gap-span.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { regionName } from "../heap/regions.ts";
import type { Window } from "../heap/types.ts";
import { ASKED_CAPS } from "./asked-caps.ts";
import { isBlind } from "./blind-run.ts";
import type { MemoryCurves, Scope, ScopeChoice } from "./curves.ts";
import { happeningsOf, type Happening } from "./happenings.ts";
import { Cap, formatCaps, serves } from "../wire/caps.ts";
import type { Region } from "../wire/records.ts";

/** Memory for bytes, which is what malloc() takes from; all of it where no region says so. */
function defaultScope(regions: readonly Region[]): Scope {
  return { capBits: regions.some(({ caps }) => (caps & Cap["8BIT"]) !== 0) ? Cap["8BIT"] : 0 };
}

export async function memoryCurves(
  model: HeapModel,
  window: Window,
  samples: number,
  wanted?: Scope,
): Promise<MemoryCurves> {
  const series = await model.regionSeries(window, samples);
  const { regions } = series;
  const scope = wanted ?? defaultScope(regions);
  const inScope = regions.map((region) => isInScope(region, scope));
  const total = regions.reduce((sum, { start, end }, i) => sum + (inScope[i] ? end - start : 0), 0);
  const column = (): Float64Array => new Float64Array(series.samples).fill(NaN);
  const curves: MemoryCurves = {
    axis: "time",
    window,
    scope,
    choices: scopeChoices(regions),
    totalBytes: total,
    time: series.time,
    freeBytes: column(),
    leastFreeBytes: column(),
    mostFreeBytes: column(),
    largestFreeBytes: column(),
    usedBytes: column(),
    leastUsedBytes: column(),
    mostUsedBytes: column(),
    estimated: new Uint8Array(series.samples),
    happenings: happeningsIn(model, window),
    gapSpans: gapsOf(model, window),
  };
  for (let sample = 0; sample < series.samples; sample++) {
    for (let i = 0; i < regions.length; i++) {
      const at = sample * regions.length + i;
      if (!inScope[i] || Number.isNaN(series.free[at]!)) continue;
      add(curves.freeBytes, sample, series.free[at]!);
      add(curves.leastFreeBytes, sample, series.minFree[at]!);
      add(curves.mostFreeBytes, sample, series.maxFree[at]!);
      const largest = curves.largestFreeBytes[sample]!;
      if (!(largest >= series.largestFree[at]!)) {
        curves.largestFreeBytes[sample] = series.largestFree[at]!;
        curves.estimated[sample] = series.exact[at] === 1 ? 0 : 1;
      }
    }
    curves.usedBytes[sample] = total - curves.freeBytes[sample]!;
    curves.leastUsedBytes[sample] = total - curves.mostFreeBytes[sample]!;
    curves.mostUsedBytes[sample] = total - curves.leastFreeBytes[sample]!;
  }
  // A log's figures are what is known where no blocks are.
  if (regions.length === 0 && isBlind(model))
    return (await import("./log-curves.ts")).logCurves(model, curves, samples);
  if (regions.length === 0) await fillFromLive(model, window, curves);
  holesAt(curves);
  return curves;
}

/** Spans of time in which events are missing, those that meet joined. */
function gapsOf({ tables }: HeapModel, window: Window): readonly Window[] {
  const spans = tables.gaps
    .filter(({ lostEvents }) => lostEvents !== 0)
    .map(gapSpan)
    .filter((span) => meets(span, window))
    .sort((a, b) => a.from - b.from);
  const joined: { from: Microseconds; to: Microseconds }[] = [];
  for (const { from, to } of spans) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** Nobody knows what the memory held in a gap: no line is drawn through it. */
function holesAt(curves: MemoryCurves): void {
  const { time, gapSpans, freeBytes, leastFreeBytes, mostFreeBytes, largestFreeBytes } = curves;
  const { usedBytes, leastUsedBytes, mostUsedBytes } = curves;
  const ofFree = [freeBytes, leastFreeBytes, mostFreeBytes, largestFreeBytes];
  for (let i = 0; i < time.length; i++) {
    if (!gapSpans.some(({ from, to }) => from < time[i]! && time[i]! < to)) continue;
    for (const column of [...ofFree, usedBytes, leastUsedBytes, mostUsedBytes]) column[i] = NaN;
  }
}

function isInScope(region: Region, scope: Scope): boolean {
  return "start" in scope ? region.start === scope.start : serves(region.caps, scope.capBits);
}

function add(column: Float64Array, sample: number, value: number): void {
  column[sample] = (Number.isNaN(column[sample]!) ? 0 : column[sample]!) + value;
}

/** Where the device told of no region, used is what is live. */
async function fillFromLive(model: HeapModel, window: Window, curves: MemoryCurves): Promise<void> {
  const live = await model.timeline(window, curves.time.length);
  for (let i = 0; i < curves.time.length; i++) {
    // The model may answer with fewer buckets than were asked for.
    const bucket = Math.min(live.length - 1, Math.floor((i * live.length) / curves.time.length));
    curves.usedBytes[i] = live.lastBytes[bucket]!;
    curves.leastUsedBytes[i] = live.minBytes[bucket]!;
    curves.mostUsedBytes[i] = live.maxBytes[bucket]!;
  }
}

/** What one can look at: capabilities that tell regions apart, then each region. */
function scopeChoices(regions: readonly Region[]): readonly ScopeChoice[] {
  const bytesOf = (wanted: readonly Region[]): Bytes => wanted.reduce((sum, { start, end }) => sum + end - start, 0);
  const byCaps: ScopeChoice[] = [];
  const seen = new Set<string>();
  for (const capBits of [...ASKED_CAPS, 0]) {
    const able = regions.filter((region) => isInScope(region, { capBits }));
    const key = able.map(({ start }) => start).join();
    if (able.length === 0 || seen.has(key)) continue;
    seen.add(key);
    const name = capBits === 0 ? "all regions" : formatCaps(capBits);
    byCaps.push({ scope: { capBits }, name, totalBytes: bytesOf(able) });
  }
  const single = regions.map((region) => ({
    scope: { start: region.start },
    name: regionName(region),
    totalBytes: region.end - region.start,
  }));
  return regions.length === 0 ? [] : [...byCaps, ...single];
}

/** Of one kind and text, happenings nearer than this part of the window are one. */
const TOGETHER = 1 / 10;
/** More are not shown; the rest is told as one. */
const MOST_HAPPENINGS = 400;

/** Those of the window, at moments of the run. */
function happeningsIn({ tables, span }: HeapModel, window: Window): readonly Happening[] {
  const clamp = (time: Microseconds): Microseconds => Math.min(Math.max(time, span.from), span.to);
  const all = happeningsOf(tables)
    .map((one) => ({ ...one, time: clamp(one.time), to: clamp(one.to) }))
    .filter(({ time, to }) => to >= window.from && time <= window.to);
  const near = (window.to - window.from) * TOGETHER;
  const last = new Map<string, number>();
  const merged: Happening[] = [];
  for (const happening of all) {
    const key = `${happening.kind}:${happening.text}`;
    const index = last.get(key);
    const before = index === undefined ? undefined : merged[index];
    if (index !== undefined && before !== undefined && happening.time - before.to <= near) {
      merged[index] = {
        ...before,
        to: Math.max(before.to, happening.to),
        count: before.count + happening.count,
      };
      continue;
    }
    last.set(key, merged.length);
    merged.push(happening);
  }
  return merged.slice(0, MOST_HAPPENINGS);
}
