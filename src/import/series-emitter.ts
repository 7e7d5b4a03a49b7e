// Hands on the series of a boot when it ends, and tells what they say about a moment in between.

import { countWhile } from "../base/bisect.ts";
import { Cap } from "../wire/caps.ts";
import type { Incident } from "../wire/log-records.ts";
import { LVGL_POOL } from "../wire/series-labels.ts";
import type { LogRun } from "./log-run.ts";
import type { FinishedSeries, SeriesCollector } from "./log-series.ts";
import type { Reading, ReadingStore } from "./reading-store.ts";
import type { FigureMemory } from "../wire/log-records.ts";

/** Readings of one record. */
const BATCH = 4096;
/** A figure says something about lines so far behind it, and about the few before it (a callback prints them after the failure). */
const LINES_BEHIND = 2000;
const LINES_AHEAD = 3;
/** Where nothing was told before, what is told next counts. */
const LINES_AHEAD_ALONE = 20;

/** Accidents that want of memory may have to do with. */
const CARES: ReadonlySet<Incident["kind"]> = new Set(["failed-allocation", "abort", "panic", "assert"]);

/** Drivers that ask for what DMA reaches, by the incident's `known`. */
const OF_DMA: ReadonlySet<string> = new Set(["spi-dma", "aes", "i2s", "ethernet", "esp-hosted", "sdmmc"]);

/** MicroPython's own heap, as it tells of it. */
const OF_INTERPRETER = /^GC: total|^No\. of 1-blocks/;

export class SeriesEmitter {
  private readonly run: LogRun;
  private readonly finished: readonly FinishedSeries[];

  constructor(run: LogRun, collector: SeriesCollector) {
    this.run = run;
    this.finished = collector.finish(run.refusals());
  }

  /** Hands on all readings, which are not kept. */
  emit(): void {
    for (const { series, store } of this.finished) {
      this.run.series(series);
      store.finish();
      const { stretch } = store;
      for (let start = 0; start < store.length; start += BATCH) {
        const { times, lines, values } = store.columns(start, Math.min(BATCH, store.length - start));
        this.run.readings({
          series: series.id,
          stretch,
          times: series.timed ? Array.from(times, (time) => (Number.isNaN(time) ? 0 : Math.round(time))) : [],
          lines: Array.from(lines),
          values: Array.from(values, (value) => Math.round(value * 1000)),
        });
      }
      store.release();
    }
  }

  /** What was free around a failed request: the figure on its own line, one right behind it, or the last one before. */
  around(incident: Incident): Partial<Incident> {
    // What is told of the boot before happened with other memory.
    if (!CARES.has(incident.kind) || incident.facts?.includes("kept 1") === true) return {};
    const memories = memoriesFor(OF_DMA.has(incident.known ?? "") ? (incident.caps ?? Cap.DMA) : incident.caps);
    // LVGL's pool serves LVGL, and nobody else.
    const ofPool = incident.known === "lvgl" && this.finished.some(({ series }) => series.label.startsWith(LVGL_POOL));
    const near = (quantity: "free" | "largest" | "minimum"): ReturnType<SeriesEmitter["near"]> =>
      this.near(quantity, memories, incident, ofPool);
    const free = incident.free === undefined ? near("free") : this.ownFree(incident);
    const largest = incident.largest === undefined ? near("largest") : undefined;
    const minimum = near("minimum");
    return {
      ...(free === undefined ? {} : { free: free.value, freeLine: free.line }),
      ...(free === undefined || incident.free === undefined ? {} : { freeHighest: free.value }),
      ...(largest === undefined ? {} : { largest: largest.value, largestLine: largest.line }),
      ...(minimum === undefined ? {} : { minimum: minimum.value, minimumLine: minimum.line }),
    };
  }

  /** Drivers that tell what is free of all memory take some of the internal memory alone: where the log tells that, it counts. */
  private ownFree(incident: Incident): ReturnType<SeriesEmitter["near"]> {
    if (incident.known !== "wifi-eb") return undefined;
    const own = this.near("free", ["dma", "internal"], incident, false);
    return own !== undefined && own.value < (incident.free ?? 0) ? own : undefined;
  }

  private near(
    quantity: "free" | "largest" | "minimum",
    memories: readonly FigureMemory[],
    { line, time, kind }: Pick<Incident, "line" | "time" | "kind">,
    ofPool: boolean,
  ): { readonly value: number; readonly line: number } | undefined {
    let best: { readonly value: number; readonly line: number; readonly distance: number } | undefined;
    for (const { series, store } of this.finished) {
      if (series.label.startsWith(LVGL_POOL) !== ofPool) continue;
      // What crashes is no code of the interpreter's, whose heap is another.
      if (kind !== "failed-allocation" && OF_INTERPRETER.test(series.quote)) continue;
      if (series.quantity !== quantity || series.unit !== "bytes" || !memories.includes(series.memory)) continue;
      const reading = nearest(store, line, time);
      if (reading === undefined) continue;
      // The memory that was asked for counts before heap at large.
      const distance = Math.abs(reading.line - line) + memories.indexOf(series.memory) * LINES_BEHIND;
      if (distance < (best?.distance ?? Infinity))
        best = { value: Math.round(reading.value * series.scale), line: reading.line, distance };
    }
    return best;
  }
}

/** Kinds of memory that serve a request, nearest first. */
function memoriesFor(caps: number | undefined): readonly FigureMemory[] {
  if (caps === undefined) return ["internal", "any", "dma"];
  if ((caps & Cap.SPIRAM) !== 0) return ["psram"];
  if ((caps & Cap.DMA) !== 0) return ["dma", "internal", "any"];
  return (caps & Cap.INTERNAL) !== 0 ? ["internal", "any", "dma"] : ["any", "internal"];
}

/** By their times, where both tell one; else by their lines. */
function isNearer(one: Reading | undefined, other: Reading, line: number, time: number): boolean {
  if (one === undefined) return false;
  const isTimed = one.time !== undefined && other.time !== undefined && one.time !== other.time;
  const distance = (reading: Reading): number =>
    isTimed ? Math.abs((reading.time ?? 0) - time) : Math.abs(reading.line - line);
  return distance(one) < distance(other);
}

function nearest(store: ReadingStore, line: number, time: number): Reading | undefined {
  const next = countWhile(store.length, (i) => store.lineAt(i) <= line);
  const ahead = store.at(next);
  const behind = store.at(next - 1);
  if (ahead !== undefined && ahead.line - line <= LINES_AHEAD && !isNearer(behind, ahead, line, time)) return ahead;
  if (behind !== undefined && line - behind.line <= LINES_BEHIND) return behind;
  return ahead !== undefined && ahead.line - line <= LINES_AHEAD_ALONE ? ahead : undefined;
}
