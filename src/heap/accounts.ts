// What is known of a run whose file is damaged apart from the rows that are left: how much was live behind certain rows, from the device's heartbeats,
// key frames and the headers of chunks; and what the rows that are missing may have been.

import { greatest } from "../base/values.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import { GapReason } from "../wire/records.ts";
import { DamagedPart } from "./damage.ts";
import { gapSpan, meets } from "./gap-span.ts";
import { decodeKeyFrame } from "./key-frame.ts";
import { noteBit } from "./notes.ts";
import { AnomalyKind } from "./run-records.ts";
import type { ChunkSummary, Run } from "./run.ts";
import type { RunTables, Window } from "./types.ts";

/** What was live behind a row. Rows after it are at or after `time`, those before it at or before. */
export interface Account {
  /** Rows of the run before it. */
  readonly row: number;
  readonly time: Microseconds;
  readonly bytes: Bytes;
  readonly blocks: number;
}

/** Those of a chunk, in order. */
export async function accountsIn(run: Run, chunk: number): Promise<readonly Account[]> {
  const summary = run.chunks[chunk];
  if (summary === undefined) return [];
  const { firstRow, rows, startTime, endTime, lastBytes, lastBlocks, noteKinds } = summary;
  const accounts: Account[] = [];
  const keyFrame = summary.hasKeyFrame ? await run.keyFrame(chunk) : undefined;
  const live = keyFrame && decodeKeyFrame(keyFrame, undefined, run.mostSites);
  if (live?.blocks.certain === true)
    accounts.push({ row: firstRow, time: startTime, bytes: live.liveBytes, blocks: live.liveBlocks });
  if ((noteKinds & noteBit("heartbeat")) !== 0) {
    for (const { kind, value, row } of await run.notes(chunk)) {
      if (kind !== "heartbeat" || row > rows) continue;
      accounts.push({ row: firstRow + row, time: value.time, bytes: value.liveBytes, blocks: value.liveBlocks });
    }
  }
  // A header tells what the recorder had.
  if (await wasExact(run, chunk, endTime))
    accounts.push({ row: firstRow + rows, time: endTime, bytes: lastBytes, blocks: lastBlocks });
  return accounts;
}

/** Least and most. */
export interface Extremes {
  readonly bytes: { readonly lowest: Bytes; readonly highest: Bytes };
  readonly blocks: { readonly lowest: number; readonly highest: number };
}

/** Between what the totals were all through a chunk of which only the header can be read; undefined where the recorder did not know it either. */
export async function extremesIn(run: Run, chunk: number): Promise<Extremes | undefined> {
  const summary = run.chunks[chunk];
  if (summary === undefined) return undefined;
  const { startTime: from, endTime: to, minBytes, maxBytes, lastBlocks, allocations, frees } = summary;
  if (doubts(run).some((doubt) => meets(doubt, { from, to })) || !(await wasExact(run, chunk, from))) return undefined;
  if (lossWithin(run, summary).mayRestart) return undefined;
  return {
    bytes: { lowest: minBytes, highest: maxBytes },
    blocks: { lowest: Math.max(0, lastBlocks - allocations), highest: lastBlocks + frees },
  };
}

/** What rows that cannot be read may have been. */
export interface Loss {
  /** Events of the device, at most; Infinity where nothing limits it. */
  readonly events: number;
  /** The device may have restarted. */
  readonly mayRestart: boolean;
}

/** Of a chunk's rows. */
export function lossWithin(run: Run, { startTime: from, endTime: to, rows }: ChunkSummary): Loss {
  return lossOf(run, { from, to }, rows);
}

/** Of so many rows, whose chunks are missing, before a chunk. */
export function lossBefore(run: Run, chunk: number, rows: number): Loss {
  const from = run.chunks[chunk - 1]?.endTime ?? -Infinity;
  return lossOf(run, { from, to: run.chunks[chunk]?.startTime ?? Infinity }, rows);
}

/** What the device sent and the recorder did not get is missing too. */
function lossOf(run: Run, span: Window, rows: number): Loss {
  const { gaps } = run.tables;
  if (lostTables(run.tables).some((lost) => meets(lost, span)) || divergences(run).some((one) => meets(one, span)))
    return { events: Infinity, mayRestart: true };
  const events = gaps
    .filter((gap) => isOfStream(gap) && meets(gapSpan(gap), span))
    .reduce((sum, { lostEvents = Infinity }) => sum + lostEvents, rows);
  return {
    events,
    mayRestart: mayRestartWithin(run, span),
  };
}

/** Whether the device may have restarted then, as far as the boots are known that were told. */
export function mayRestartWithin({ tables }: Run, span: Window): boolean {
  return (
    lostTables(tables).some((lost) => meets(lost, span)) ||
    restarts(tables).some((time) => meets({ from: time, to: time }, span))
  );
}

/** When later boots of the run began. The first one that can be read is the run's own first only where none can be missing before it. */
function restarts(tables: RunTables): readonly Microseconds[] {
  const times = tables.boots.map(({ startedAt }) => startedAt);
  const [first = Infinity] = times;
  return lostTables(tables).some(({ from }) => from <= first) ? times : times.slice(1);
}

/** Whether gaps, and with them what lies between their GAP and their end, may be missing from the tables around a chunk. */
export function mayMissGaps({ tables, chunks }: Run, chunk: number): boolean {
  const from = chunks[chunk - 1]?.startTime ?? -Infinity;
  const to = chunks[chunk + 1]?.startTime ?? Infinity;
  return lostTables(tables).some((lost) => meets(lost, { from, to }));
}

/** Whether the recorder knew at a moment, which lies in a chunk, exactly what was live. */
async function wasExact(run: Run, chunk: number, time: Microseconds): Promise<boolean> {
  const before = doubts(run).filter(({ from }) => from <= time);
  if (before.length === 0) return true;
  const since = greatest(before.map(({ to }) => to));
  for (let index = chunk; index >= 0; index--) {
    const summary = run.chunks[index];
    if (summary === undefined || summary.endTime <= since) return false;
    if ((summary.noteKinds & noteBit("heartbeat")) === 0) continue;
    const proven = (await run.notes(index)).some(
      ({ kind, value }) =>
        kind === "heartbeat" && value.verdict === "verified" && value.time > since && value.time <= time,
    );
    if (proven) return true;
  }
  return false;
}

/** From where on what the recorder had may be wrong, to when it can be right again. */
function doubts(run: Run): readonly Window[] {
  return [...run.tables.gaps.filter(isOfStream).map(gapSpan), ...divergences(run), ...lostTables(run.tables)];
}

function isOfStream({ reason, lostEvents }: Run["tables"]["gaps"][number]): boolean {
  return reason !== GapReason.RECORDING_DAMAGED && lostEvents !== 0;
}

/** Losses that nobody told. */
function divergences({ tables }: Run): readonly Window[] {
  return tables.anomalies
    .filter(({ kind }) => kind === AnomalyKind.DIVERGED)
    .map(({ time }) => ({ from: time, to: time }));
}

/** Where gaps and boots may have been that cannot be read any more. */
function lostTables(tables: RunTables): readonly Window[] {
  return tables.damage.flatMap(({ part, isLost, from, to }) => {
    // Of an unknown time is what is missing behind the last chunk.
    if (!isLost || (part === DamagedPart.CHUNKS && from === undefined)) return [];
    const isOfTables = part === DamagedPart.TABLES || part === DamagedPart.CHUNKS || part === DamagedPart.NONSENSE;
    return isOfTables ? [{ from: from ?? -Infinity, to: to ?? Infinity }] : [];
  });
}
