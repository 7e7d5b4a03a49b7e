// What later parts of a run tell of a moment at which history is missing: the device's next totals, less what is known to have happened in
// between, and the most that was ever live or in use until then.

import type { Microseconds } from "../base/units.ts";
import { GapReason } from "../wire/records.ts";
import { gapSpan } from "./gap-span.ts";
import type { LiveSet } from "./live-set.ts";
import { totalsOf } from "./live-totals.ts";
import { noteBit, type NoteOf } from "./notes.ts";
import { regionOf } from "./regions.ts";
import { RowOp } from "./rows.ts";
import type { Run } from "./run.ts";
import { BlockFlag, type Bounded, type Totals } from "./types.ts";

/** Rows that are looked through for the device's next totals: some minutes of a busy board. */
const MOST_ROWS = 1_000_000;

/** The totals of `live`, which stands behind every event at `time` and is used up. */
export async function totalsInHindsight(run: Run, live: LiveSet, time: Microseconds): Promise<Totals> {
  const totals = totalsOf(live, time);
  if (live.blocks.certain) return totals;
  const most = Math.min(await mostEverLive(run, time), await mostEverUsed(run, live, time));
  const { liveBytes, liveBlocks } = live;
  const ahead = await aheadInHindsight(run, live, time);
  return {
    ...totals,
    bytes: narrowed(totals.bytes, {
      lowest: liveBytes + (ahead?.bytesLow ?? -Infinity),
      highest: Math.min(most, liveBytes + (ahead?.bytesHigh ?? Infinity)),
    }),
    blocks: narrowed(totals.blocks, {
      lowest: liveBlocks + (ahead?.blocksLow ?? -Infinity),
      highest: liveBlocks + (ahead?.blocksHigh ?? Infinity),
    }),
  };
}

/** Both bounds hold; where they exclude each other the device contradicts itself, and the first are kept. */
function narrowed(first: Bounded, second: Omit<Bounded, "value">): Bounded {
  const lowest = Math.max(first.lowest, second.lowest);
  const highest = Math.min(first.highest, second.highest);
  if (lowest > highest) return first;
  return { value: Math.min(Math.max(first.value, lowest), highest), lowest, highest };
}

interface AheadBounds {
  readonly bytesLow: number;
  readonly bytesHigh: number;
  readonly blocksLow: number;
  readonly blocksHigh: number;
}

/** By how much the device was ahead of the model at `time`: what it is ahead at its next totals, less how that has changed since. */
async function aheadInHindsight(run: Run, live: LiveSet, time: Microseconds): Promise<AheadBounds | undefined> {
  const { bounds } = live;
  const { missingEvents } = bounds;
  bounds.clear();
  bounds.missingEvents = missingEvents;
  for (const gap of run.tables.gaps) {
    if (gap.reason === GapReason.RECORDING_DAMAGED) continue;
    const { from, to } = gapSpan(gap);
    if (from <= time && time < to) bounds.gap(gap.lostEvents ?? Infinity);
  }
  const last = live.row + MOST_ROWS;
  let chunk = run.chunks.findLastIndex(({ firstRow }) => firstRow <= live.row);
  for (; chunk >= 0 && chunk < run.chunks.length && live.row < last; chunk++) {
    const rows = await run.rows(chunk);
    if (rows.length < (run.chunks[chunk]?.rows ?? 0) || rows.firstRow > live.row) return undefined;
    for (let i = live.row - rows.firstRow; i < rows.length; i++) {
      const op = rows.op[i];
      if (op === RowOp.RESET) return undefined;
      if (op === RowOp.SYNC) return before(live, 0, 0);
      if (op === RowOp.DEVICE_TOTALS) {
        return before(live, (rows.address[i] ?? 0) - live.liveBytes, (rows.size[i] ?? 0) - live.liveBlocks);
      }
      live.applyRows(rows, i, i + 1);
    }
  }
  return undefined;
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

/** Memory that is not free is at least as much as the blocks in it: as the next answer on regions has it since boot. */
async function mostEverUsed(run: Run, live: LiveSet, time: Microseconds): Promise<number> {
  const report = await nextNote(run, "regions", time);
  if (report === undefined) return Infinity;
  for (const slot of live.blocks.slots()) {
    const isKnown = (live.blocks.flags(slot) & BlockFlag.UNCERTAIN) === 0;
    if (isKnown && regionOf(report.regions, live.blocks.address[slot] ?? 0) === undefined) return Infinity;
  }
  return report.regions.reduce((sum, { start, end, minimumFree = 0 }) => sum + end - start - minimumFree, 0);
}

/** The first one at or after a time, of the same boot. */
async function nextNote<K extends "heartbeat" | "regions">(
  run: Run,
  kind: K,
  time: Microseconds,
): Promise<NoteOf<K>["value"] | undefined> {
  const until = run.tables.boots.find(({ startedAt }) => startedAt > time)?.startedAt ?? Infinity;
  for (const [index, chunk] of run.chunks.entries()) {
    if (chunk.endTime < time || (chunk.noteKinds & noteBit(kind)) === 0) continue;
    if (chunk.startTime >= until) return undefined;
    const notes = await run.notes(index);
    const note = notes.find((one) => one.kind === kind && one.value.time >= time);
    if (note !== undefined) return isOf(note, kind) && note.value.time < until ? note.value : undefined;
  }
  return undefined;
}

function isOf<K extends "heartbeat" | "regions">(note: { readonly kind: string }, kind: K): note is NoteOf<K> {
  return note.kind === kind;
}
