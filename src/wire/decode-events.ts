/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Decodes the records of an EVENTS frame (protocol/SPEC.md, section 3) for a sink. This is the hot loop: it keeps
// its state in local variables, makes no objects for allocator events, and gathers allocations and frees in a batch.
import { ByteReader, decodeText } from "../base/bytes.ts";
import { readInOrder } from "./decode-fields.ts";
import { BATCH_EVENTS, BatchOp, EVENT_FIELDS, EventBatch, EventField } from "./event-batch.ts";
import type { EventSink } from "./events.ts";
import { Control, CONTROL_SHIFT, DT_EXTENDED, DT_MASK, DT_SHIFT, Extended, Flag, Op } from "./protocol.ts";
import { records } from "./records.ts";
import type { DecoderCounters, RunState } from "./run-state.ts";

// Copies of what the loop below needs: at every use of an imported name the compiler looks up what it is bound to.
const { ALLOC, FREE, CONTROL } = Op;
const { BASE, ALLOC_WORDS, ALLOC_SAME_SITE, FREE_UNKNOWN, FREE_SITE } = Flag;
const { CONTEXT } = Control;
const { OP, ADDRESS, SIZE, SITE, CONTEXT: EVENT_CONTEXT } = EventField;
const { ALLOC: BATCH_ALLOC, FREE: BATCH_FREE } = BatchOp;
const [dtShift, dtMask, controlShift] = [DT_SHIFT, DT_MASK, CONTROL_SHIFT];
const [batchEvents, eventFields] = [BATCH_EVENTS, EVENT_FIELDS];
/** Addresses travel as words of 4 bytes, modulo 2^30. */
const WORD_MASK = 0x3fffffff;
export class RecordDecoder {
  private readonly sink: EventSink;
  /** The frame; nothing else uses it while records are decoded. */
  private readonly cursor: ByteReader;
  private readonly batch = new EventBatch();
  private position = 0;
  private ticks = 0;
  private microsecondsPerTick = 0;
  private base0 = 0;
  private base1 = 0;
  /** Task × 4 + core. */
  private context = 0;
  private allocSite = 0;
  private events = 0;

  constructor(cursor: ByteReader, sink: EventSink) {
    this.cursor = cursor;
    this.sink = sink;
  }

  /**
   * Decodes the records, everything that is left under the cursor; the frame's own number and time have been read into `run`.
   * A record is passed on when all of it has been read. Returns false where a record makes no sense: what came before it has
   * been passed on, the rest of the frame is lost, and `run.nextEvent` is such that the next frame tells how many events that was.
   */
  decode(run: RunState, counters: DecoderCounters): boolean {
    const { cursor, batch, sink } = this;
    const { end } = cursor;
    this.position = cursor.position;
    this.ticks = run.ticks;
    this.microsecondsPerTick = run.microsecondsPerTick;
    this.base0 = 0;
    this.base1 = 0;
    this.context = 0;
    this.allocSite = 0;
    this.events = 0;
    let sound = true;
    while (sound && this.position < end) {
      this.readCalls();
      if (batch.length > 0) sink.calls(batch);
      if (cursor.failed || this.position >= end) break;
      cursor.position = this.position;
      sound = this.readOther(run, counters);
      this.position = cursor.position;
    }
    run.ticks = this.ticks;
    run.nextEvent = (run.nextEvent + this.events) >>> 0;
    counters.events += this.events;
    return sound && !cursor.failed;
  }

  /**
   * Reads allocations, frees and changes of context into the batch, up to the first record of another kind or to the batch's end.
   * A record is read to its end (at most 21 bytes: a tag and four numbers) before it is seen whether that was in the frame.
   */
  private readCalls(): void {
    const { cursor, batch, microsecondsPerTick } = this;
    const { bytes, end } = cursor;
    const { time: times, fields } = batch;
    let { position, ticks, base0, base1, context, allocSite } = this;
    let count = 0;
    while (position < end && count < batchEvents) {
      const tag = bytes[position]!;
      const op = tag & 3;
      const isAlloc = op === ALLOC;
      if (!isAlloc && (op !== FREE || (tag & FREE_UNKNOWN) !== 0)) {
        if (op !== CONTROL || tag >>> controlShift !== CONTEXT) break;
        cursor.position = position + 1;
        ticks += this.readTicks(tag);
        context = cursor.varint32();
        position = cursor.position;
        if (cursor.failed) break;
        continue;
      }
      // The usual lengths of numbers without branches, which nobody could predict: here is most of the time spent.
      const dt = (tag >>> dtShift) & dtMask;
      const isExtended = (dt + 1) >>> 3;
      const more = bytes[position + 1]! & -isExtended;
      if (more > 0x7f) {
        cursor.position = position + 1;
        ticks += this.readTicks(tag);
        position = cursor.position;
      } else {
        ticks += dt + more;
        position += 1 + isExtended;
      }
      const first = bytes[position]!;
      const isLong = first >>> 7;
      const second = bytes[position + 1]! & -isLong;
      let delta = (first & 0x7f) | (second << 7);
      position += 1 + isLong;
      if (second > 0x7f) {
        cursor.position = position - 2;
        delta = cursor.varint32();
        position = cursor.position;
      }
      const onBase1 = (tag & BASE) !== 0;
      const word = ((onBase1 ? base1 : base0) + ((delta >>> 1) ^ -(delta & 1))) & WORD_MASK;
      let size = 0;
      let site = 0;
      let hasSite = (tag & FREE_SITE) !== 0;
      if (isAlloc) {
        size = bytes[position++]!;
        if (size > 0x7f) {
          cursor.position = position - 1;
          size = cursor.varint32();
          position = cursor.position;
        }
        size <<= (tag & ALLOC_WORDS) === 0 ? 0 : 2;
        site = allocSite;
        hasSite = (tag & ALLOC_SAME_SITE) === 0;
      }
      if (hasSite) {
        site = bytes[position++]!;
        if (site > 0x7f) {
          cursor.position = position - 1;
          site = cursor.varint32();
          position = cursor.position;
        }
      }
      if (position > end || cursor.failed) {
        cursor.fail();
        break;
      }
      if (isAlloc) allocSite = site;
      if (onBase1) base1 = word;
      else base0 = word;
      const at = count * eventFields;
      times[count] = ticks * microsecondsPerTick;
      fields[at + OP] = isAlloc ? BATCH_ALLOC : BATCH_FREE;
      fields[at + ADDRESS] = word << 2;
      fields[at + SIZE] = size;
      fields[at + SITE] = site;
      fields[at + EVENT_CONTEXT] = context;
      count++;
    }
    batch.length = count;
    this.events += count;
    this.position = position;
    this.ticks = ticks;
    this.base0 = base0;
    this.base1 = base1;
    this.context = context;
    this.allocSite = allocSite;
  }

  /** Ticks since the record before, by the tag and what follows it. */
  private readTicks(tag: number): number {
    const dt = (tag >>> DT_SHIFT) & DT_MASK;
    return dt === DT_EXTENDED ? DT_EXTENDED + this.cursor.varint32() : dt;
  }

  /** Reads one record of any kind but those above. Returns false where there is no such record. */
  private readOther(run: RunState, counters: DecoderCounters): boolean {
    const { cursor, sink } = this;
    const tag = cursor.u8();
    this.ticks += this.readTicks(tag);
    const time = this.ticks * this.microsecondsPerTick;
    const op = tag & 3;
    const code = tag >>> CONTROL_SHIFT;
    if (op !== Op.CONTROL) {
      const onBase1 = (tag & Flag.BASE) !== 0;
      const base = onBase1 ? this.base1 : this.base0;
      const word = op === Op.FREE ? this.readUnknownFree(tag, base, time) : this.readRealloc(tag, base, time);
      if (cursor.failed) return false;
      if (onBase1) this.base1 = word;
      else this.base0 = word;
      this.events++;
      return true;
    }
    if (code === Control.LIVE_BASE0 || code === Control.LIVE_BASE1) {
      const word = ((code === Control.LIVE_BASE1 ? this.base1 : this.base0) + cursor.zigzag32()) & WORD_MASK;
      if (code === Control.LIVE_BASE1) this.base1 = word;
      else this.base0 = word;
      const size = cursor.varint32();
      const site = cursor.varint32();
      const owner = cursor.varint32();
      if (cursor.failed) return true;
      const address = (word << 2) >>> 0;
      const value = { address, size, site, task: owner >>> 1, moving: (owner & 1) === 1 };
      sink.record({ kind: "live", value });
      return true;
    }
    if (code !== Control.EXTENDED) return false;
    if (!cursor.failed) decodeExtended(cursor, time, this.context, run, counters, sink);
    return true;
  }

  /** As the one below, for a free of a block that the probe did not know. */
  private readUnknownFree(tag: number, base: number, time: number): number {
    const { cursor, context } = this;
    const word = (base + cursor.zigzag32()) & WORD_MASK;
    const site = (tag & Flag.FREE_SITE) !== 0 ? cursor.varint32() : 0;
    if (cursor.failed) return word;
    const value = { time, address: (word << 2) >>> 0, site, task: context >>> 2, core: context & 3 };
    this.sink.record({ kind: "unknownFree", value });
    return word;
  }

  /** Returns the word that is the base for what follows. Nothing is passed on where the cursor has failed. */
  private readRealloc(tag: number, base: number, time: number): number {
    const { cursor, sink, context } = this;
    const old = (base + cursor.zigzag32()) & WORD_MASK;
    const oldAddress = (old << 2) >>> 0;
    const task = context >>> 2;
    const core = context & 3;
    if ((tag & Flag.REALLOC_END) === 0) {
      if (!cursor.failed) sink.record({ kind: "reallocBegin", value: { time, address: oldAddress, task, core } });
      return old;
    }
    const failed = (tag & Flag.REALLOC_FAILED) !== 0;
    const word = failed ? old : (old + cursor.zigzag32()) & WORD_MASK;
    const size = cursor.varint32();
    const site = cursor.varint32();
    if (cursor.failed) return word;
    const address = (word << 2) >>> 0;
    if (failed) sink.record({ kind: "reallocFailed", value: { time, address, size, site, task, core } });
    else sink.record({ kind: "reallocEnd", value: { time, oldAddress, address, size, site, task, core } });
    return word;
  }
}

function decodeExtended(
  cursor: ByteReader,
  time: number,
  context: number,
  run: RunState,
  counters: DecoderCounters,
  sink: EventSink,
): void {
  const code = cursor.varint32();
  const payload = cursor.take(cursor.varint32());
  if (cursor.failed) return;
  const fields = new ByteReader(payload);
  switch (code) {
    case Extended.HEARTBEAT: {
      const heartbeat = readInOrder(records.heartbeat, fields, 1);
      if (heartbeat === undefined) counters.unknownRecords++;
      else sink.record({ kind: "heartbeat", value: { ...heartbeat, time } });
      return;
    }
    case Extended.MARK:
      sink.record({
        kind: "mark",
        value: { time, name: decodeText(payload), task: context >>> 2, core: context & 3 },
      });
      return;
    case Extended.SNAPSHOT_BEGIN:
      run.snapshotOpen = true;
      sink.record({ kind: "snapshotBegin", value: { time } });
      return;
    case Extended.SNAPSHOT_END: {
      const count = fields.varint32();
      if (fields.failed) counters.unknownRecords++;
      else if (run.snapshotOpen) sink.record({ kind: "snapshotEnd", value: { time, records: count } });
      run.snapshotOpen = false;
      return;
    }
    default:
      counters.unknownRecords++;
  }
}
