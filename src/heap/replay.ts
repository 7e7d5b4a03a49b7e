// Any moment of a run: from the nearest key frame at or before it, row by row. Damage is a gap until the next key frame, which is the truth
// again: the live set is then corrected by FOUND and GONE rows, so that visitors see one unbroken history.

import type { Microseconds } from "../base/units.ts";
import { decodeKeyFrame } from "./key-frame.ts";
import { GapReason } from "../wire/records.ts";
import { gapSpan } from "./gap-span.ts";
import type { KeptStates, Place, Watched } from "./kept-states.ts";
import { LiveSet } from "./live-set.ts";
import { RowOp, rowsBefore, rowsUntil, type Rows } from "./rows.ts";
import type { Run } from "./run.ts";
import { BlockFlag, type Window } from "./types.ts";
import type { HeapVisitor } from "./visitor.ts";

/** Where to stop: after every row at or before a time, before every row at a time, or after a number of rows of the run. */
export type Stop = { readonly until: Microseconds } | { readonly before: Microseconds } | { readonly row: number };

/** A seek leaves its state at the last chunk that it comes to, and, where steps back are likely, on its way at every so many. */
const KEPT_EVERY = 5;

/** A position in a run: the live set after some rows. Moves forward only. */
export class Replay {
  readonly live: LiveSet;
  private readonly run: Run;
  private chunk: number;
  private index = 0;
  private damaged = false;
  /** The last chunk of which rows were found missing. */
  private lastGap = -1;

  private constructor(run: Run, chunk: number, live: LiveSet) {
    this.run = run;
    this.chunk = chunk;
    this.live = live;
  }

  /** The live set at `stop`, read from the nearest key frame, or from where another seek was. */
  static async at(run: Run, stop: Stop): Promise<Replay> {
    for (let chunk = chunkOf(run, stop); chunk >= 0; chunk--) {
      const left = "until" in stop ? run.states?.resume(chunk, stop.until) : undefined;
      const live = left?.live ?? run.states?.at(chunk) ?? (await keyFrameOf(run, chunk));
      if (live === undefined) continue;
      const replay = left === undefined ? new Replay(run, chunk, live) : Replay.from(run, left);
      await replay.advance(stop, undefined, run.states);
      return replay;
    }
    const replay = new Replay(run, 0, new LiveSet());
    // What came before the first chunk that is left is not known.
    replay.damaged = (run.chunks[0]?.firstRow ?? 0) > 0;
    if (replay.damaged) replay.live.applyRare(RowOp.GAP, run.chunks[0]?.startTime ?? 0, 0, 0, 0, 0);
    await replay.advance(stop, undefined, run.states);
    return replay;
  }

  /** Goes on from where another was left. */
  static from(run: Run, { chunk, index, live }: Place): Replay {
    const replay = new Replay(run, chunk, live);
    replay.index = index;
    return replay;
  }

  /** Leaves it for whoever reads a moment that is not before `until`, up to which it has been read: the last thing that is done with it. */
  leave(until: Microseconds, watched?: Watched): void {
    const { chunk, index, live } = this;
    if (!this.damaged) this.run.states?.leave({ chunk, index, until, live, watched });
  }

  /**
   * Applies rows up to `stop`, telling `visitor` of each birth and death. Waits once a chunk, and only where it has to be read.
   *
   * @param states what to leave states in, on the way
   */
  async advance(stop: Stop, visitor?: HeapVisitor, states?: KeptStates): Promise<void> {
    const room = this.run.states?.takeRows();
    await this.applyUpTo(stop, visitor, states, room);
    if (room !== undefined) this.run.states?.giveRows(room);
  }

  private async applyUpTo(
    stop: Stop,
    visitor: HeapVisitor | undefined,
    states: KeptStates | undefined,
    room: Rows | undefined,
  ): Promise<void> {
    const last = chunkOf(this.run, stop);
    const stepsBack = states?.isBefore(last) === true;
    const isInHole = "until" in stop && isWithinGap(this.run, stop.until);
    while (this.chunk <= last) {
      if (this.damaged && this.index === 0) await this.recover(visitor);
      const loaded = this.run.rows(this.chunk, room);
      const rows = loaded instanceof Promise ? await loaded : loaded;
      const gap = isInHole && this.chunk === last ? lastGapAt(rows, endIn(rows, stop)) : undefined;
      const end = Math.max(this.index, gap ?? endIn(rows, stop));
      this.live.applyRows(rows, this.index, end, visitor);
      this.index = end;
      if (end < rows.length || gap !== undefined) return;
      if (!this.leaveChunk(rows, last, visitor)) return;
      const isKept = this.chunk === last || (stepsBack && this.chunk % KEPT_EVERY === 0);
      if (isKept && !this.damaged) states?.keep(this.chunk, this.live);
    }
  }

  /** At the end of a chunk: goes to the next one, unless the stop may lie in this one and more rows may come. */
  private leaveChunk(rows: Rows, last: number, visitor: HeapVisitor | undefined): boolean {
    const summary = this.run.chunks[this.chunk];
    if (summary === undefined) return false;
    const next = this.run.chunks[this.chunk + 1]?.firstRow ?? summary.firstRow + summary.rows;
    if (summary.firstRow + rows.length < next && this.chunk > this.lastGap) this.gap(summary.endTime, visitor);
    if (this.chunk === last) return false;
    this.live.row = next;
    this.chunk++;
    this.index = 0;
    return true;
  }

  private gap(time: Microseconds, visitor: HeapVisitor | undefined): void {
    this.live.applyRare(RowOp.GAP, time, 0, 0, 0, 0, visitor);
    this.damaged = true;
    this.lastGap = this.chunk;
  }

  private async recover(visitor: HeapVisitor | undefined): Promise<void> {
    const summary = this.run.chunks[this.chunk];
    if (summary?.hasKeyFrame !== true) return;
    const bytes = await this.run.keyFrame(this.chunk);
    const truth = bytes === undefined ? undefined : decodeKeyFrame(bytes, undefined, this.run.mostSites);
    if (truth === undefined) return;
    correct(this.live, truth, summary.startTime, visitor);
    this.live.row = summary.firstRow;
    this.damaged = false;
  }
}

async function keyFrameOf(run: Run, chunk: number): Promise<LiveSet | undefined> {
  if (run.chunks[chunk]?.hasKeyFrame !== true) return undefined;
  const bytes = await run.keyFrame(chunk);
  const live =
    bytes === undefined
      ? undefined
      : decodeKeyFrame(bytes, await run.totals(chunk), run.mostSites, run.states?.empty());
  if (live !== undefined) live.row = run.chunks[chunk]?.firstRow ?? 0;
  return live;
}

/** One pass over a window. The state at its beginning comes from a key frame. */
export async function scanWindow(run: Run, window: Window, visitor: HeapVisitor): Promise<LiveSet> {
  const replay = await Replay.at(run, { before: window.from });
  const { live } = replay;
  visitor.begin?.(live.blocks, live.blocks.slots(), window.from);
  live.markExtremes();
  await replay.advance({ until: window.to }, visitor);
  visitor.end?.(live.blocks, live.blocks.slots(), window.to);
  return live;
}

/** Last chunk that has rows before the stop; -1 where there is none. */
function chunkOf(run: Run, stop: Stop): number {
  const { chunks } = run;
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const summary = chunks[middle];
    const begins =
      summary !== undefined &&
      ("row" in stop
        ? summary.firstRow < stop.row
        : "until" in stop
          ? summary.startTime <= stop.until
          : summary.startTime < stop.before);
    if (begins) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function endIn(rows: Rows, stop: Stop): number {
  if ("row" in stop) return Math.min(rows.length, Math.max(0, stop.row - rows.firstRow));
  return "until" in stop ? rowsUntil(rows, stop.until) : rowsBefore(rows, stop.before);
}

function isWithinGap({ tables }: Run, time: Microseconds): boolean {
  return tables.gaps.some((gap) => {
    const { from, to } = gapSpan(gap);
    return from <= time && time < to && gap.lostEvents !== 0 && gap.reason !== GapReason.RECORDING_DAMAGED;
  });
}

/**
 * Behind the GAP among the last rows before `end`, if there is one. What follows it at the same time, of a snapshot's part that has no time, is what was
 * known first after the gap: of a moment within the gap it says nothing.
 */
function lastGapAt({ op, time }: Rows, end: number): number | undefined {
  for (let i = end - 1; i >= 0 && time[i] === time[end - 1]; i--) if (op[i] === RowOp.GAP) return i + 1;
  return undefined;
}

/** Makes `live` equal to `truth` by corrections that visitors see. */
function correct(live: LiveSet, truth: LiveSet, time: Microseconds, visitor: HeapVisitor | undefined): void {
  for (const slot of live.blocks.slots()) {
    const address = live.blocks.address[slot] ?? 0;
    const isMoving = (live.blocks.flags(slot) & BlockFlag.MOVING) !== 0;
    const other = isMoving ? truth.movingAt(address) : truth.slotAt(address);
    if (
      other !== 0 &&
      truth.blocks.size[other] === live.blocks.size[slot] &&
      truth.blocks.site[other] === live.blocks.site[slot]
    )
      continue;
    live.applyRare(RowOp.GONE, time, address, isMoving ? 1 : 0, 0, 0, visitor);
  }
  for (const slot of truth.blocks.slots()) {
    const address = truth.blocks.address[slot] ?? 0;
    const isMoving = (truth.blocks.flags(slot) & BlockFlag.MOVING) !== 0;
    if ((isMoving ? live.movingAt(address) : live.slotAt(address)) !== 0) continue;
    const { size, site, context } = truth.blocks;
    live.applyRare(RowOp.FOUND, time, address, size[slot] ?? 0, site[slot] ?? 0, context[slot] ?? 0, visitor);
    if (isMoving) live.applyRare(RowOp.REALLOC_BEGIN, time, address, 0, 0, context[slot] ?? 0, visitor);
  }
  if (truth.blocks.certain) live.applyRare(RowOp.SYNC, time, 0, 0, 0, 0, visitor);
}
