/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// What later parts of a run tell of a moment at which history is missing: the device's next totals, less what is known to have happened in
// between, and the most that was ever live or in use until then.

import type { Microseconds } from "../base/units.ts";
import { GapReason } from "../wire/records.ts";
import {
  accountsIn,
  extremesIn,
  lossBefore,
  lossWithin,
  mayMissGaps,
  mayRestartWithin,
  type Extremes,
} from "./accounts.ts";
import { gapSpan } from "./gap-span.ts";
import type { LiveSet } from "./live-set.ts";
import { totalsOf } from "./live-totals.ts";
import { noteBit, type NoteOf } from "./notes.ts";
import { regionOf } from "./regions.ts";
import { RowOp } from "./rows.ts";
import { lastReport } from "./last-report.ts";
import type { Replay } from "./replay.ts";
import type { Run } from "./run.ts";
import { BlockFlag, type Bounded, type Totals, type Window } from "./types.ts";

/** Rows that are looked through for the device's next totals: some minutes of a busy board. */
const MOST_ROWS = 1_000_000;
/** Each block takes a word, and its header another. */
const LEAST_BLOCK_BYTES = 8;

/** The totals where a replay stands, behind every event at `time`. Its live set is used up. */
export async function totalsInHindsight(run: Run, replay: Replay, time: Microseconds): Promise<Totals> {
  const { live } = replay;
  const totals = totalsOf(live, time);
  if (live.blocks.certain) return totals;
  const used = await mostEverUsed(run, live, time);
  const most = Math.min(await mostEverLive(run, time), used);
  const extremes = await extremesAt(run, time);
  const { liveBytes, liveBlocks } = live;
  const ahead = await aheadInHindsight(run, replay, time);
  return {
    ...totals,
    bytes: narrowed(
      narrowed(totals.bytes, {
        lowest: liveBytes + (ahead?.bytesLow ?? -Infinity),
        highest: Math.min(most, liveBytes + (ahead?.bytesHigh ?? Infinity)),
      }),
      extremes?.bytes,
    ),
    blocks: narrowed(
      narrowed(totals.blocks, {
        lowest: liveBlocks + (ahead?.blocksLow ?? -Infinity),
        highest: Math.min(Math.floor(used / LEAST_BLOCK_BYTES), liveBlocks + (ahead?.blocksHigh ?? Infinity)),
      }),
      extremes?.blocks,
    ),
  };
}

/** All these bounds hold; where they exclude each other the device contradicts itself, and the first are kept. */
function narrowed(first: Bounded, second: Omit<Bounded, "value"> | undefined): Bounded {
  const lowest = Math.max(first.lowest, second?.lowest ?? -Infinity);
  const highest = Math.min(first.highest, second?.highest ?? Infinity);
  if (lowest > highest) return first;
  return { value: Math.min(Math.max(first.value, lowest), highest), lowest, highest };
}

/** Where the rows of the moment's chunk cannot be read, what its header says of them. */
async function extremesAt(run: Run, time: Microseconds): Promise<Extremes | undefined> {
  const chunk = run.chunks.findLastIndex(({ startTime }) => startTime <= time);
  const summary = run.chunks[chunk];
  if (summary === undefined || time >= summary.endTime) return undefined;
  return (await run.rows(chunk)).length < summary.rows ? extremesIn(run, chunk) : undefined;
}

interface AheadBounds {
  readonly bytesLow: number;
  readonly bytesHigh: number;
  readonly blocksLow: number;
  readonly blocksHigh: number;
}

/** By how much the device was ahead of the model at `time`: what it is ahead at its next totals, less how that has changed since. */
async function aheadInHindsight(run: Run, replay: Replay, time: Microseconds): Promise<AheadBounds | undefined> {
  const { live, isDamaged } = replay;
  const { bounds } = live;
  const { missingEvents } = bounds;
  bounds.clear();
  bounds.missingEvents = missingEvents;
  bounds.gap(await missingAhead(run, replay, time));
  let damaged = isDamaged;
  let { row } = live;
  const last = row + MOST_ROWS;
  const first = run.chunks.findLastIndex(({ firstRow }) => firstRow < row);
  for (let chunk = Math.max(0, first); chunk < run.chunks.length && row < last; chunk++) {
    const summary = run.chunks[chunk];
    if (summary === undefined) return undefined;
    if (summary.firstRow > row) {
      const { events, mayRestart } = lossBefore(run, chunk, summary.firstRow - row);
      if (mayRestart) return undefined;
      bounds.gap(events);
      row = summary.firstRow;
      damaged = true;
    }
    const rows = await run.rows(chunk);
    const isLost = rows.length < summary.rows;
    damaged ||= isLost;
    // What was told at the moment itself, or before, the replay knows; and rows that are missing may be of that moment.
    const accounts = damaged ? (await accountsIn(run, chunk)).filter((one) => one.row >= row && one.time > time) : [];
    const end = summary.firstRow + summary.rows;
    if (isLost && row < end) {
      const { events, mayRestart } = lossWithin(run, summary);
      if (mayRestart) return undefined;
      const [account] = accounts;
      bounds.gap((account?.row ?? end) - row + events - summary.rows);
      if (account !== undefined) return before(live, account.bytes - live.liveBytes, account.blocks - live.liveBlocks);
      row = end;
      continue;
    }
    for (let i = row - summary.firstRow; i <= rows.length; i++) {
      const account = accounts.find((one) => one.row === row);
      if (account !== undefined) return before(live, account.bytes - live.liveBytes, account.blocks - live.liveBlocks);
      if (i === rows.length) break;
      const op = rows.op[i];
      if (op === RowOp.RESET) return undefined;
      if (op === RowOp.SYNC && !damaged) return before(live, 0, 0);
      if (op === RowOp.DEVICE_TOTALS) {
        return before(live, rows.address[i]! - live.liveBytes, rows.size[i]! - live.liveBlocks);
      }
      if (op !== RowOp.SYNC) live.applyRows(rows, i, i + 1);
      row++;
    }
  }
  return undefined;
}

/** Events that are missing between a moment and the next ones that are known, because it lies within a gap of the stream. */
async function missingAhead(run: Run, replay: Replay, time: Microseconds): Promise<number> {
  const chunk = run.chunks.findLastIndex(({ startTime }) => startTime <= time);
  if (run.tables.damage.length > 0 && mayMissGaps(run, chunk)) {
    for (const near of [chunk - 1, chunk]) {
      const summary = run.chunks[near];
      if (summary !== undefined && (await run.rows(near)).length < summary.rows) return Infinity;
    }
    return replay.missingAhead;
  }
  return run.tables.gaps
    .filter((gap) => gap.reason !== GapReason.RECORDING_DAMAGED && isWithin(gapSpan(gap), time))
    .reduce((sum, { lostEvents = Infinity }) => sum + lostEvents, 0);
}

function isWithin({ from, to }: Window, time: Microseconds): boolean {
  return from <= time && time < to;
}

function before({ bounds }: LiveSet, bytes: number, blocks: number): AheadBounds {
  return {
    bytesLow: bytes - bounds.bytesHigh,
    bytesHigh: bytes - bounds.bytesLow,
    blocksLow: blocks - bounds.blocksHigh,
    blocksHigh: blocks - bounds.blocksLow,
  };
}

/** The device's peak, as its next heartbeat tells it. */
async function mostEverLive(run: Run, time: Microseconds): Promise<number> {
  const beat = await nextNote(run, "heartbeat", time);
  if (beat === undefined || beat.peakBytes === 0 || beat.peakBytes < beat.liveBytes) return Infinity;
  return beat.peakBytes;
}

/**
 * Memory that is not free is at least as much as the blocks in it: as the next answer on regions has it since boot. Where none comes any more, all
 * regions may have been full.
 */
async function mostEverUsed(run: Run, live: LiveSet, time: Microseconds): Promise<number> {
  const next = await nextNote(run, "regions", time);
  const report = next ?? (await lastReport(run, time));
  if (report === undefined) return Infinity;
  for (const slot of live.blocks.slots()) {
    const isKnown = (live.blocks.flags(slot) & BlockFlag.UNCERTAIN) === 0;
    if (isKnown && regionOf(report.regions, live.blocks.address[slot]!) === undefined) return Infinity;
  }
  const leastFree = (minimumFree = 0): number => (next === undefined ? 0 : minimumFree);
  return report.regions.reduce((sum, { start, end, minimumFree }) => sum + end - start - leastFree(minimumFree), 0);
}

/** The first one after a time, of the same boot. One of that time itself may have been told before the last event of it. */
async function nextNote<K extends "heartbeat" | "regions">(
  run: Run,
  kind: K,
  time: Microseconds,
): Promise<NoteOf<K>["value"] | undefined> {
  for (const [index, chunk] of run.chunks.entries()) {
    if (chunk.endTime <= time || (chunk.noteKinds & noteBit(kind)) === 0) continue;
    const notes = await run.notes(index);
    const note = notes.find((one) => one.kind === kind && one.value.time > time);
    if (note === undefined) continue;
    return isOf(note, kind) && !mayRestartWithin(run, { from: time, to: note.value.time }) ? note.value : undefined;
  }
  return undefined;
}

function isOf<K extends "heartbeat" | "regions">(note: { readonly kind: string }, kind: K): note is NoteOf<K> {
  return note.kind === kind;
}
