/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// The model: answers of model-api.ts over any run. Holds nothing but the run and the names; every answer starts at a key frame.

import type { Bytes, Microseconds } from "../base/units.ts";
import { ActivityVisitor } from "./activity.ts";
import { acceptsSlot, tableOf } from "./blocks.ts";
import type { BlockFilter } from "./filter.ts";
import { GapReason } from "../wire/records.ts";
import { gapSpan } from "./gap-span.ts";
import { groupBlocks, groupingBy, type Grouping, type NameSource } from "./group.ts";
import type { Watched } from "./kept-states.ts";
import { lastReport } from "./last-report.ts";
import type { HeapModel } from "./model-api.ts";
import { totalsOf } from "./live-totals.ts";
import { noteBit, type Note, type NoteKind } from "./notes.ts";
import { timesOf } from "./moment.ts";
import { parseQuery } from "./query.ts";
import { totalsInHindsight } from "./hindsight.ts";
import { capsStates, regionState, reportedRegions } from "./regions.ts";
import { samplingOf, scaledTotals, sumOf } from "./sampling.ts";
import { regionSeriesOf, type RegionSeries } from "./region-series.ts";
import { Replay, scanWindow } from "./replay.ts";
import { rowsIn, spanOf, tellsBlocks, type Run } from "./run.ts";
import { chunksIn, rowsOf, siteSeriesOf, timelineOf } from "./series.ts";
import { watchTaken } from "./taken-watch.ts";
import type {
  BlockTable,
  CapsState,
  FrameResolver,
  Activity,
  Group,
  GroupActivity,
  GroupKey,
  LogText,
  Moment,
  Peak,
  RegionState,
  RunTables,
  SiteActivity,
  SiteSeries,
  Timeline,
  Totals,
  Window,
} from "./types.ts";
import type { CheckedHeartbeat, RegionReport } from "./run-records.ts";
import type { HeapVisitor } from "./visitor.ts";
import { combined } from "./combined-visitor.ts";

/** Rows since the device's last answer that are read for a region's minimum; with more, only the asked moment counts for it. */
const MOST_WATCHED_ROWS = 500_000;

export interface ModelOptions {
  /** NameSource for return addresses; without it they stay addresses. */
  readonly resolver?: FrameResolver;
  /** Where several questions are about one moment: keeps it, or reads it. */
  readonly moments?: MomentKeeper;
}

export interface MomentKeeper {
  at(time: Microseconds, read: () => Promise<Moment>): Promise<Moment>;
}

/** Opens a model on a run. Reads the last region report, so that `region:` and groups by region know the map. */
export async function openModel(run: Run, options: ModelOptions = {}): Promise<HeapModel> {
  return new RunModel(run, options, await lastReport(run, Infinity));
}

/** What a moment is made from. */
interface MomentReading extends Omit<Moment, "totals"> {
  readonly replay: Replay;
  readonly watched?: Watched;
}

class RunModel implements HeapModel {
  private readonly run: Run;
  private readonly names: NameSource;
  private readonly moments: MomentKeeper | undefined;

  constructor(run: Run, { resolver, moments }: ModelOptions, regions: RegionReport | undefined) {
    this.run = run;
    this.moments = moments;
    this.names = { tables: run.tables, resolver, regions: regions?.regions ?? [] };
  }

  get tables(): RunTables {
    return this.run.tables;
  }

  get nameMismatch(): string | undefined {
    const ran = this.tables.boots.findLast(({ elfSha256 }) => elfSha256 !== undefined)?.elfSha256;
    return ran === undefined ? undefined : this.names.resolver?.mismatch(ran);
  }

  get span(): Window {
    return spanOf(this.run);
  }

  get rows(): number {
    return rowsIn(this.run);
  }

  get tellsBlocks(): boolean {
    return tellsBlocks(this.run);
  }

  filter(query: string): BlockFilter {
    return parseQuery(query, this.names, timesOf(this.span, this.tables));
  }

  async totalsAt(time: Microseconds): Promise<Totals> {
    return this.totalsOf(await Replay.at(this.run, { until: time }), time);
  }

  /** Its live set is used up. */
  private async totalsOf(replay: Replay, time: Microseconds): Promise<Totals> {
    const sampling = samplingOf(this.tables.boots);
    return sampling.sentence === undefined
      ? totalsInHindsight(this.run, replay, time)
      : scaledTotals(totalsOf(replay.live, time), tableOf(replay.live, time, undefined), sampling);
  }

  async momentAt(time: Microseconds): Promise<Moment> {
    const read = (): Promise<Moment> => this.readMoment(time);
    return this.moments === undefined ? read() : this.moments.at(time, read);
  }

  async liveAt(time: Microseconds, filter?: BlockFilter): Promise<BlockTable> {
    const { live } = await Replay.at(this.run, { until: time });
    return tableOf(live, time, filter);
  }

  async survivors(window: Window, filter?: BlockFilter): Promise<BlockTable> {
    const { live } = await Replay.at(this.run, { until: window.to });
    return tableOf(live, window.to, filter, window.from);
  }

  async peak(window: Window = this.span, filter?: BlockFilter): Promise<Peak> {
    const row = filter === undefined ? await this.peakRow(window) : await this.filteredPeakRow(window, filter);
    const { live } = await Replay.at(this.run, { row });
    const time = await this.timeOfRow(row, window.from);
    const table = tableOf(live, Infinity, filter);
    return { time, ...sumOf(table, samplingOf(this.tables.boots)), live: table };
  }

  /** Number of the row that reached the window's highest live bytes: from summaries, but for chunks that the window cuts. */
  private async peakRow(window: Window): Promise<number> {
    const { chunks } = this.run;
    const first = await Replay.at(this.run, { before: window.from });
    let best = { bytes: first.live.liveBytes, row: first.live.row };
    for (const chunk of chunks) {
      if (chunk.endTime < window.from || chunk.startTime > window.to || chunk.maxBytes <= best.bytes) continue;
      if (chunk.startTime >= window.from && chunk.endTime <= window.to) {
        best = { bytes: chunk.maxBytes, row: chunk.maxRow };
        continue;
      }
      const cut = { from: Math.max(window.from, chunk.startTime), to: Math.min(window.to, chunk.endTime) };
      const live = await scanWindow(this.run, cut, {});
      if (live.highBytes > best.bytes) best = { bytes: live.highBytes, row: live.highRow };
    }
    return best.row;
  }

  private async filteredPeakRow(window: Window, filter: BlockFilter): Promise<number> {
    let bytes = 0;
    let most = bytes;
    let row = (await Replay.at(this.run, { before: window.from })).live.row;
    const isWanted = (live: Parameters<NonNullable<HeapVisitor["born"]>>[0], slot: number): boolean =>
      acceptsSlot(filter, live, slot, Infinity);
    await scanWindow(this.run, window, {
      begin(live, slots) {
        for (const slot of slots) if (isWanted(live, slot)) bytes += live.size[slot]!;
        most = bytes;
      },
      born(live, slot, _time, _cause, at) {
        if (!isWanted(live, slot)) return;
        bytes += live.size[slot]!;
        if (bytes <= most) return;
        most = bytes;
        row = at;
      },
      died(live, slot) {
        if (isWanted(live, slot)) bytes -= live.size[slot]!;
      },
    });
    return row;
  }

  private async timeOfRow(row: number, otherwise: Microseconds): Promise<Microseconds> {
    const index = this.run.chunks.findLastIndex((chunk) => chunk.firstRow < row);
    if (index < 0) return otherwise;
    const rows = await this.run.rows(index);
    const time = rows.time[row - 1 - rows.firstRow];
    return time === undefined ? otherwise : Math.max(otherwise, rows.baseTime + time);
  }

  async activity(window: Window = this.span, filter?: BlockFilter): Promise<SiteActivity> {
    const sites = this.tables.sites.length;
    return { sites, ...(await this.activityOf(sites, window, filter)) };
  }

  async groupActivity(by: GroupKey, window: Window = this.span, filter?: BlockFilter): Promise<GroupActivity> {
    const { keys, groupOf } = groupingBy(by, this.names);
    return { keys, ...(await this.activityOf(keys.length, window, filter, groupOf)) };
  }

  private async activityOf(
    groups: number,
    window: Window,
    filter: BlockFilter | undefined,
    groupOf?: Grouping["groupOf"],
  ): Promise<Activity> {
    const { weight, sentence } = samplingOf(this.tables.boots);
    // A sample does not show what stood between an allocation and its free: nothing in it is known to be temporary.
    const temporaryWithin = sentence === undefined ? 1 : 0;
    const visitor = new ActivityVisitor(groups, window, filter, weight, temporaryWithin, groupOf);
    await scanWindow(this.run, window, visitor);
    if (sentence !== undefined) {
      for (const column of Object.values(visitor.result)) {
        if (column instanceof Float64Array) column.forEach((value, i) => (column[i] = Math.round(value)));
      }
    }
    return visitor.result;
  }

  async timeline(window: Window | undefined, buckets: number, filter?: BlockFilter): Promise<Timeline> {
    return timelineOf(this.run, window ?? this.span, buckets, filter);
  }

  async siteSeries(window: Window | undefined, samples: number): Promise<SiteSeries> {
    return siteSeriesOf(this.run, window ?? this.span, samples);
  }

  async regionsAt(time: Microseconds): Promise<readonly RegionState[]> {
    const report = await lastReport(this.run, time);
    return report === undefined ? [] : (await this.sinceReport(report, time)).regions;
  }

  private async readMoment(time: Microseconds): Promise<Moment> {
    const report = await lastReport(this.run, time);
    const { replay, blocks, regions, watched } =
      report === undefined ? await this.withoutRegions(time) : await this.sinceReport(report, time);
    const isUsedUp = !replay.live.blocks.certain;
    const totals = await this.totalsOf(replay, time);
    if (!isUsedUp) replay.leave(time, watched);
    return { totals, blocks, regions };
  }

  private async withoutRegions(time: Microseconds): Promise<MomentReading> {
    const replay = await Replay.at(this.run, { until: time });
    return { replay, blocks: tableOf(replay.live, time, undefined), regions: [] };
  }

  /** What is live at `time`, and each region by what it was when the device told of it. */
  private async sinceReport(report: RegionReport, time: Microseconds): Promise<MomentReading> {
    const isNear = rowsOf(chunksIn(this.run, { from: report.time, to: time })) <= MOST_WATCHED_ROWS;
    const begun = await this.watchSince(report, time);
    const { watched } = begun;
    if (isNear) await begun.replay.advance({ until: time }, watched.taken);
    const replay = isNear ? begun.replay : await Replay.at(this.run, { until: time });
    const blocks = tableOf(replay.live, time, undefined);
    const most = isNear ? watched.taken.most : [];
    const regions = watched.regions.map((region, i) => regionState(region, blocks, most[i] ?? 0));
    return { replay, blocks, regions, ...(isNear && { watched }) };
  }

  /** At a region report, or at a later moment up to which all has been watched since. */
  private async watchSince(
    report: RegionReport,
    time: Microseconds,
  ): Promise<{ readonly replay: Replay; readonly watched: Watched }> {
    const { time: reportedAt } = report;
    const left = this.run.states?.resumeWatch(reportedAt, time);
    if (left !== undefined) return { replay: Replay.from(this.run, left), watched: left.watched };
    const replay = await Replay.at(this.run, { until: reportedAt });
    const redZoneBytes = this.redZoneAt(reportedAt);
    const regions = reportedRegions(report, tableOf(replay.live, reportedAt, undefined), redZoneBytes);
    return { replay, watched: { reportedAt, regions, taken: watchTaken(report.regions, redZoneBytes) } };
  }

  private redZoneAt(time: Microseconds): Bytes {
    return this.tables.boots.findLast(({ startedAt }) => startedAt <= time)?.redZoneBytes ?? 0;
  }

  async regionSeries(window: Window | undefined, samples: number): Promise<RegionSeries> {
    return regionSeriesOf(this.run, window ?? this.span, samples, {
      reportsIn: (within) => this.regionReports(within),
      reportAt: (time) => lastReport(this.run, time),
      redZoneAt: (time) => this.redZoneAt(time),
    });
  }

  async capsAt(time: Microseconds): Promise<readonly CapsState[]> {
    return capsStates(await this.regionsAt(time));
  }

  async regionReports(window: Window = this.span): Promise<readonly RegionReport[]> {
    return this.collect(window, "regions", (note) => (note.kind === "regions" ? note.value : undefined));
  }

  async heartbeats(window: Window = this.span): Promise<readonly CheckedHeartbeat[]> {
    const beats = await this.collect(window, "heartbeat", (note) =>
      note.kind === "heartbeat" ? note.value : undefined,
    );
    // What was verified while recording proves nothing where the events of it cannot be read.
    const damaged = this.tables.gaps.filter(({ reason }) => reason === GapReason.RECORDING_DAMAGED).map(gapSpan);
    if (damaged.length === 0) return beats;
    return beats.map((beat) => {
      const isInside = damaged.some(({ from, to }) => from <= beat.time && beat.time < to);
      return isInside && beat.verdict === "verified" ? { ...beat, verdict: "uncertain" as const } : beat;
    });
  }

  private async collect<T extends { readonly time: Microseconds }>(
    window: Window,
    kind: NoteKind,
    valueOf: (note: Note) => T | undefined,
  ): Promise<T[]> {
    const found: T[] = [];
    for (const [index, chunk] of this.run.chunks.entries()) {
      if (chunk.endTime < window.from || chunk.startTime > window.to) continue;
      if ((chunk.noteKinds & noteBit(kind)) === 0) continue;
      for (const note of await this.run.notes(index)) {
        const value = valueOf(note);
        if (value !== undefined && value.time >= window.from && value.time <= window.to) found.push(value);
      }
    }
    return found;
  }

  async log(window: Window = this.span): Promise<readonly LogText[]> {
    const lines: LogText[] = [];
    const decoder = new TextDecoder();
    const from = window.from <= this.span.from ? -Infinity : window.from;
    for (const [index, chunk] of this.run.chunks.entries()) {
      if (!chunk.hasText || chunk.endTime < from || chunk.startTime > window.to) continue;
      for (const { time, bytes } of await this.run.text(index)) {
        if (time < from || time > window.to) continue;
        const text = decoder.decode(bytes, { stream: true });
        if (text !== "") lines.push({ time, text });
      }
    }
    return lines;
  }

  group(blocks: BlockTable, by: GroupKey): readonly Group[] {
    return groupBlocks(blocks, by, this.names);
  }

  async scan(window: Window | undefined, visitors: readonly HeapVisitor[]): Promise<void> {
    await scanWindow(this.run, window ?? this.span, combined(visitors));
  }
}
