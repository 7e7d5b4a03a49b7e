/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// Any moment of a run: from the nearest key frame at or before it, row by row. Damage is a gap until the next key frame, which is the truth
// again: the live set is then corrected by FOUND and GONE rows, so that visitors see one unbroken history.

import { countWhile } from "../base/bisect.ts";
import type { Microseconds } from "../base/units.ts";
import { accountsIn, lossBefore, lossWithin, mayMissGaps, type Account, type Loss } from "./accounts.ts";
import { decodeKeyFrame } from "./key-frame.ts";
import { GapReason } from "../wire/records.ts";
import { gapSpan } from "./gap-span.ts";
import type { KeptStates, Place, Watched } from "./kept-states.ts";
import { LiveSet } from "./live-set.ts";
import { RowOp, rowsBefore, rowsUntil, type Rows } from "./rows.ts";
import type { ChunkSummary, Run } from "./run.ts";
import { BlockFlag, type Window } from "./types.ts";
import type { HeapVisitor } from "./visitor.ts";

/** Where to stop: after every row at or before a time, before every row at a time, or after a number of rows of the run. */
export type Stop = { readonly until: Microseconds } | { readonly before: Microseconds } | { readonly row: number };

/** A position in a run: the live set after some rows. Moves forward only. */
export class Replay {
  readonly live: LiveSet;
  private readonly run: Run;
  private chunk: number;
  private index = 0;
  private damaged = false;
  /** The last chunk whose rows were found missing, and the last one behind which chunks are. */
  private lastLoss = -1;
  private lastHole = -1;
  /** Where it stands, if that is within a gap of the stream. */
  private hole: Hole | undefined;
  /** The row of the last account that was made use of. */
  private accountRow = 0;

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
    const [first] = run.chunks;
    if (first !== undefined && first.firstRow > 0) {
      replay.lose(first.startTime, lossBefore(run, 0, first.firstRow), undefined);
      if (chunkOf(run, stop) >= 0) replay.live.row = first.firstRow;
    }
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

  /** Events that may be missing between where it stands and the moment that it was told to go to, because that is within a gap of the stream. */
  get missingAhead(): number {
    return this.hole?.events ?? 0;
  }

  /** Rows are missing before the live set, and no key frame has made up for them since. */
  get isDamaged(): boolean {
    return this.damaged;
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
    this.hole =
      "until" in stop && mayBeWithinGap(this.run, stop.until) ? await holeAt(this.run, stop.until) : undefined;
    const last = this.hole?.chunk ?? chunkOf(this.run, stop);
    const stepsBack = states?.isBefore(last) === true;
    while (this.chunk <= last) {
      if (this.damaged && this.index === 0) await this.recover(visitor);
      const loaded = this.run.rows(this.chunk, room);
      const rows = loaded instanceof Promise ? await loaded : loaded;
      const behindGap = this.chunk === last ? this.hole?.end : undefined;
      const end = Math.max(this.index, behindGap ?? endIn(rows, stop));
      if (this.damaged) await this.applyInDoubt(rows, end, stop, visitor);
      else this.live.applyRows(rows, this.index, end, visitor);
      this.index = end;
      if (end < rows.length || behindGap !== undefined) return;
      const summary = this.run.chunks[this.chunk];
      if (summary === undefined) return;
      const next = this.run.chunks[this.chunk + 1]?.firstRow ?? summary.firstRow + summary.rows;
      if (summary.firstRow + rows.length < next) await this.passOverLoss(rows, next, stop, visitor);
      if (this.chunk === last) return;
      this.live.row = next;
      this.chunk++;
      this.index = 0;
      const isEnd = this.chunk === last;
      if ((isEnd || stepsBack) && !this.damaged) states?.keep(this.chunk, this.live, isEnd);
    }
  }

  /**
   * Rows behind a loss. What proves the recorder's live set (SYNC) proves nothing of this one, and the totals that are known in between
   * bound what is live.
   */
  private async applyInDoubt(rows: Rows, end: number, stop: Stop, visitor: HeapVisitor | undefined): Promise<void> {
    let from = this.index;
    for (const account of await accountsIn(this.run, this.chunk)) {
      const at = account.row - rows.firstRow;
      if (at > end || account.row <= this.accountRow || !isReached(account, stop)) continue;
      this.applyWithoutProof(rows, from, at, visitor);
      from = Math.max(from, at);
      this.account(account);
    }
    this.applyWithoutProof(rows, from, end, visitor);
  }

  private applyWithoutProof(rows: Rows, from: number, to: number, visitor: HeapVisitor | undefined): void {
    let start = from;
    for (let i = from; i < to && this.damaged; i++) {
      // Behind a restart nothing of what was lost is live.
      if (rows.op[i] === RowOp.RESET) this.damaged = false;
      if (rows.op[i] !== RowOp.SYNC) continue;
      this.live.applyRows(rows, start, i, visitor);
      this.live.row++;
      start = i + 1;
    }
    if (start < to) this.live.applyRows(rows, start, to, visitor);
  }

  private account({ row, bytes, blocks }: Account): void {
    this.accountRow = row;
    this.live.told(bytes, blocks);
  }

  /** At the end of what can be read of a chunk, where rows are missing of it, before `next`, or both. */
  private async passOverLoss(rows: Rows, next: number, stop: Stop, visitor: HeapVisitor | undefined): Promise<void> {
    const summary = this.run.chunks[this.chunk];
    if (summary === undefined) return;
    const end = summary.firstRow + summary.rows;
    if (rows.length < summary.rows) await this.passOverRows(summary, stop, visitor);
    const isPast = rows.length === summary.rows || isReached({ row: end, time: summary.endTime }, stop);
    if (!isPast) return;
    this.live.row = end;
    if (end === next || this.chunk <= this.lastHole) return;
    this.lastHole = this.chunk;
    this.lose(summary.endTime, lossBefore(this.run, this.chunk + 1, next - end), visitor);
  }

  /** The rows of a chunk cannot be read: what is known of them, as far as the stop. */
  private async passOverRows(summary: ChunkSummary, stop: Stop, visitor: HeapVisitor | undefined): Promise<void> {
    const { firstRow, rows } = summary;
    const { events, mayRestart } = lossWithin(this.run, summary);
    /** What the recorder had lost already may be anywhere among them. */
    const unsent = events - rows;
    const account = (await accountsIn(this.run, this.chunk)).findLast((one) => isReached(one, stop));
    const isNew = account !== undefined && account.row > this.accountRow;
    const known = isNew ? account.row - firstRow : rows;
    if (this.chunk > this.lastLoss) this.lose(summary.endTime, { events: known + unsent, mayRestart }, visitor);
    this.lastLoss = this.chunk;
    if (isNew) {
      this.account(account);
      if (known < rows) this.live.bounds.gap(rows - known + unsent, mayRestart);
    }
    this.live.row = Math.max(firstRow, this.accountRow);
  }

  private lose(time: Microseconds, { events, mayRestart }: Loss, visitor: HeapVisitor | undefined): void {
    this.live.doubtAll(time, events, mayRestart, visitor);
    this.damaged = true;
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

function isReached({ row, time }: Pick<Account, "row" | "time">, stop: Stop): boolean {
  if ("row" in stop) return row <= stop.row;
  return "until" in stop ? time <= stop.until : time < stop.before;
}

async function keyFrameOf(run: Run, chunk: number): Promise<LiveSet | undefined> {
  const summary = run.chunks[chunk];
  if (summary?.hasKeyFrame !== true) return undefined;
  const bytes = await run.keyFrame(chunk);
  const live =
    bytes === undefined
      ? undefined
      : decodeKeyFrame(bytes, await run.totals(chunk), run.mostSites, run.states?.empty());
  if (live !== undefined) live.row = summary.firstRow;
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
  const begins = (index: number): boolean => {
    const summary = chunks[index];
    if (summary === undefined) return false;
    if ("row" in stop) return summary.firstRow < stop.row;
    return "until" in stop ? summary.startTime <= stop.until : summary.startTime < stop.before;
  };
  return countWhile(chunks.length, begins) - 1;
}

function endIn(rows: Rows, stop: Stop): number {
  if ("row" in stop) return Math.min(rows.length, Math.max(0, stop.row - rows.firstRow));
  return "until" in stop ? rowsUntil(rows, stop.until) : rowsBefore(rows, stop.before);
}

function mayBeWithinGap(run: Run, time: Microseconds): boolean {
  if (run.tables.damage.length > 0 && mayMissGaps(run, chunkOf(run, { until: time }))) return true;
  return run.tables.gaps.some((gap) => {
    const { from, to } = gapSpan(gap);
    return from <= time && time < to && gap.lostEvents !== 0 && gap.reason !== GapReason.RECORDING_DAMAGED;
  });
}

/** Right behind a GAP. */
interface Hole {
  readonly chunk: number;
  /** Rows of the chunk up to there. */
  readonly end: number;
  /** That are missing; Infinity where not known. */
  readonly events: number;
}

/**
 * Where the last rows at or before a moment have a GAP among them, behind it. What follows it at the same time, of a snapshot's part that has no time, is
 * what was known first after the gap: of a moment within the gap it says nothing.
 */
async function holeAt(run: Run, time: Microseconds): Promise<Hole | undefined> {
  let last: number | undefined;
  let hole: Hole | undefined;
  for (let chunk = chunkOf(run, { until: time }); chunk >= 0; chunk--) {
    const rows = await run.rows(chunk);
    if (rows.length < run.chunks[chunk]!.rows) return hole;
    for (let i = rowsUntil(rows, time) - 1; i >= 0; i--) {
      const at = rows.baseTime + rows.time[i]!;
      last ??= at;
      if (at < last) return hole;
      if (rows.op[i] !== RowOp.GAP) continue;
      const { end, events } = hole ?? { end: i + 1, events: 0 };
      hole = { chunk: hole?.chunk ?? chunk, end, events: events + (rows.size[i] || Infinity) };
    }
  }
  return hole;
}

/** Makes `live` equal to `truth` by corrections that visitors see. */
function correct(live: LiveSet, truth: LiveSet, time: Microseconds, visitor: HeapVisitor | undefined): void {
  for (const slot of live.blocks.slots()) {
    const other = sameOf(truth, live, slot);
    const isSame =
      truth.blocks.size[other] === live.blocks.size[slot] && truth.blocks.site[other] === live.blocks.site[slot];
    if (other === 0 || !isSame) live.takeOut(slot, time, visitor);
  }
  for (const slot of truth.blocks.slots()) {
    const same = sameOf(live, truth, slot);
    if (same !== 0) {
      if (isMoving(truth, slot)) live.setMover(same, truth.moverOfSlot(slot));
      continue;
    }
    const { address, size, site, context } = truth.blocks;
    live.applyRare(RowOp.FOUND, time, address[slot]!, size[slot]!, site[slot]!, context[slot]!, visitor);
    if (isMoving(truth, slot)) live.beginMove(address[slot]!, truth.moverOfSlot(slot));
  }
  if (truth.blocks.certain) live.proveAll();
}

/** The block that stands, or is being moved, where another live set's does, of several the one of the same turn; 0 where there is none. */
function sameOf(live: LiveSet, other: LiveSet, slot: number): number {
  const address = other.blocks.address[slot]!;
  if (!isMoving(other, slot)) return live.slotAt(address);
  return live.allMovingAt(address)[other.allMovingAt(address).indexOf(slot)] ?? 0;
}

function isMoving(live: LiveSet, slot: number): boolean {
  return (live.blocks.flags(slot) & BlockFlag.MOVING) !== 0;
}
