/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loop on typed arrays */
// Collects rows and notes into chunks, and decides where a key frame goes: often enough that a replay from it is short, seldom enough that
// it costs about one byte a row.

import {
  later,
  RUN_START,
  type Address,
  type Bytes,
  type Microseconds,
  type RunContext,
  type RunSiteId,
  type RunTime,
} from "../base/units.ts";
import { EVENT_FIELDS, EventField, type EventBatch } from "../wire/event-batch.ts";
import { encodeKeyFrame, encodeTotals } from "./key-frame.ts";
import type { LiveSet } from "./live-set.ts";
import { noteBit, type NoteContent, type Note, type TextPiece } from "./notes.ts";
import type { RunIds } from "./run-ids.ts";
import type { SealedChunk } from "./run.ts";
import { CHUNK_MICROSECONDS, CHUNK_ROWS, Rows, type RowOpCode } from "./rows.ts";

// Copies of what the loop below needs: at every use of an imported name the compiler looks up what it is bound to.
const { OP, ADDRESS, SIZE, SITE, CONTEXT } = EventField;
const eventFields = EVENT_FIELDS;

/** Rows between key frames: at least this many, … */
const KEY_FRAME_ROWS = 65_536;
/** … and this many for each live block: a block costs some ten bytes, so a row pays for little more than one. */
const KEY_FRAME_ROWS_PER_BLOCK = 12;
/** Rows between samples of the site totals: at least this many, and this many a site (a site costs some ten bytes). */
const TOTALS_ROWS = 8192;
const TOTALS_ROWS_PER_SITE = 32;
/** A chunk with so many rows that has lasted for so long is closed without being full: when a recording is cut, its last chunk is lost. */
const CLOSING_ROWS = 1024;
const CLOSING_MICROSECONDS = 1_000_000;
/** Bytes of log text, or notes, that close a chunk even if it has few rows. */
const CHUNK_TEXT_BYTES = 1 << 16;
const CHUNK_NOTES = 1024;

export class ChunkBuilder {
  private readonly live: LiveSet;
  private readonly onChunk: (chunk: SealedChunk) => void;
  private readonly chunkRows: number;
  /** One for all chunks: receivers copy what they keep. */
  readonly rows: Rows;
  /** Rows at which `push` looks whether the chunk is full or old enough, and the latest time that it can hold. */
  private checkedRows = 0;
  private latestTime: Microseconds = 0;
  private notes: Note[] = [];
  private text: TextPiece[] = [];
  private textBytes = 0;
  private noteKinds = 0;
  private keyFrame: Uint8Array | undefined;
  private totals: Uint8Array | undefined;
  private keyFrameRow = -Infinity;
  private totalsRow = -Infinity;
  private before = { allocations: 0, frees: 0, allocatedBytes: 0 };
  startTime = RUN_START;
  /** The time of the last row. */
  rowTime = RUN_START;
  /** The latest time of a row or note. */
  endTime = RUN_START;

  /** `chunkRows`: at most CHUNK_ROWS; smaller ones, with key frames closer together, are for tests of borders. */
  constructor(live: LiveSet, onChunk: (chunk: SealedChunk) => void, chunkRows = CHUNK_ROWS) {
    this.live = live;
    this.onChunk = onChunk;
    this.chunkRows = chunkRows;
    this.rows = new Rows(chunkRows, 0, 0);
    this.begin(RUN_START);
  }

  /** Appends a row. The caller applies it to the live set directly after. */
  push(op: RowOpCode, time: RunTime, address: Address, size: Bytes, site: RunSiteId, context: RunContext): void {
    if (this.rows.length >= this.checkedRows || time > this.latestTime) this.check(time);
    this.rows.push(op, time, address, size, site, context);
    this.rowTime = time;
    if (time > this.endTime) this.endTime = time;
  }

  /**
   * Appends allocations and frees `from` to, not including, `to` of a batch, as far as this chunk has room for them and their ids are known; the caller
   * applies them to the live set directly after. `now`: the run time so far; `bootStart`: run time of the batch's time zero. Returns how many.
   */
  pushEvents(batch: EventBatch, from: number, to: number, now: RunTime, bootStart: RunTime, ids: RunIds): number {
    const first = Math.max(now, batch.time[from]! + bootStart) as RunTime;
    if (this.rows.length >= this.checkedRows || first > this.latestTime) this.check(first);
    const { rows, latestTime } = this;
    const { op, time, address, size, site, context } = rows;
    const { time: times, fields } = batch;
    const { siteOf, taskOf } = ids;
    if (rows.length === 0) rows.baseTime = first;
    const { baseTime } = rows;
    const end = from + Math.min(to - from, this.checkedRows - rows.length);
    // Not `now`, of which the compiler does not know that it is a number.
    let latest: number = first;
    let lastContext = -1;
    let runContext = 0;
    let i = from;
    let at = rows.length;
    for (; i < end; i++, at++) {
      const t = times[i]! + bootStart;
      if (t > latestTime) break;
      if (t >= latest) latest = t;
      const field = i * eventFields;
      const siteId = fields[field + SITE]!;
      if (siteId >= siteOf.length || siteOf[siteId] === 0) break;
      const deviceContext = fields[field + CONTEXT]!;
      if (deviceContext !== lastContext) {
        const task = deviceContext >>> 2;
        if (task >= taskOf.length || taskOf[task] === 0) break;
        lastContext = deviceContext;
        runContext = ((taskOf[task]! - 1) << 2) | (lastContext & 3);
      }
      // BatchOp and RowOp agree.
      op[at] = fields[field + OP]!;
      time[at] = latest - baseTime;
      address[at] = fields[field + ADDRESS]!;
      size[at] = fields[field + SIZE]!;
      site[at] = siteOf[siteId]! - 1;
      context[at] = runContext;
    }
    if (i > from) {
      this.rowTime = latest as RunTime;
      this.endTime = later(this.endTime, this.rowTime);
    }
    rows.length = at;
    return i - from;
  }

  /** Makes sure that the next `count` rows, all at `time`, get into one chunk. */
  keepTogether(count: number, time: RunTime): void {
    if (this.rows.length + count > this.chunkRows) this.seal(time);
    if (this.rows.length + count > this.checkedRows) this.check(time);
  }

  note(content: NoteContent, time: RunTime): void {
    if (this.notes.length >= CHUNK_NOTES) this.seal(time);
    this.noteAt(this.rows.length, content, time);
  }

  /** A note behind a row of this chunk, while later ones may not be applied yet: never closes the chunk. */
  noteAt(row: number, content: NoteContent, time: RunTime): void {
    this.notes.push({ ...content, row });
    this.noteKinds |= noteBit(content.kind);
    this.endTime = later(this.endTime, time);
  }

  /** Copies the bytes (not with `slice`, which in Node's Buffer copies nothing). */
  addText(bytes: Uint8Array, time: RunTime): void {
    if (this.textBytes >= CHUNK_TEXT_BYTES) this.seal(time);
    this.text.push({ row: this.rows.length, time, bytes: new Uint8Array(bytes) });
    this.textBytes += bytes.length;
    this.endTime = later(this.endTime, time);
  }

  /** Hands the chunk under construction on, if there is anything in it. `time`: now, where the next chunk begins. */
  seal(time: RunTime): void {
    if (this.rows.length === 0 && this.notes.length === 0 && this.text.length === 0) {
      this.startTime = this.endTime = time;
      return;
    }
    this.onChunk(this.sealed());
    this.rows.restart(this.live.row);
    this.begin(time);
  }

  /** Closes the chunk if a row at `time` does not belong into it any more. */
  private check(time: RunTime): void {
    const { rows } = this;
    const isFull = rows.length >= this.chunkRows || time > this.latestTime;
    const isOld = rows.length >= CLOSING_ROWS && time - this.startTime >= CLOSING_MICROSECONDS;
    if (rows.length > 0 && (isFull || isOld)) this.seal(time);
    if (rows.length === 0) this.latestTime = time + CHUNK_MICROSECONDS;
    this.checkedRows = Math.min(this.chunkRows, rows.length + CLOSING_ROWS);
  }

  private begin(time: RunTime): void {
    const { live } = this;
    this.checkedRows = 0;
    this.notes = [];
    this.text = [];
    this.textBytes = 0;
    this.noteKinds = 0;
    this.keyFrame = undefined;
    this.totals = undefined;
    this.before = { allocations: live.allocations, frees: live.frees, allocatedBytes: live.allocatedBytes };
    this.startTime = time;
    this.endTime = time;
    live.markExtremes();

    // With smaller chunks all is closer together.
    const scale = this.chunkRows / CHUNK_ROWS;
    const dueKeyFrame = scale * Math.max(KEY_FRAME_ROWS, KEY_FRAME_ROWS_PER_BLOCK * live.liveBlocks);
    const dueTotals = scale * Math.max(TOTALS_ROWS, TOTALS_ROWS_PER_SITE * live.totals.sites);
    if (live.row - this.keyFrameRow >= dueKeyFrame) {
      this.keyFrame = encodeKeyFrame(live, time);
      this.keyFrameRow = live.row;
    }
    if (this.keyFrame !== undefined || live.row - this.totalsRow >= dueTotals) {
      this.totals = encodeTotals(live, time);
      this.totalsRow = live.row;
    }
  }

  private sealed(): SealedChunk {
    const { live, rows, before } = this;
    return {
      summary: {
        firstRow: rows.firstRow,
        rows: rows.length,
        startTime: this.startTime,
        endTime: this.endTime,
        minBytes: live.lowBytes,
        maxBytes: live.highBytes,
        maxRow: live.highRow,
        lastBytes: live.liveBytes,
        lastBlocks: live.liveBlocks,
        allocations: live.allocations - before.allocations,
        frees: live.frees - before.frees,
        allocatedBytes: live.allocatedBytes - before.allocatedBytes,
        noteKinds: this.noteKinds,
        hasKeyFrame: this.keyFrame !== undefined,
        hasTotals: this.totals !== undefined,
        hasText: this.text.length > 0,
      },
      rows,
      notes: this.notes,
      text: this.text,
      keyFrame: this.keyFrame,
      totals: this.totals,
    };
  }
}
