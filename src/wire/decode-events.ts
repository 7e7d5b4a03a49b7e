// Decodes the records of an EVENTS frame (protocol/SPEC.md, section 3) into calls of a sink. This is the hot loop: it keeps
// its state in local variables and makes no objects for allocator events.
import { Cursor, decodeText } from "./cursor.ts";
import type { EventSink } from "./events.ts";
import { Control, CONTROL_SHIFT, DT_EXTENDED, DT_MASK, DT_SHIFT, Extended, Flag, Op } from "./protocol.ts";
import type { DecoderCounters, RunState } from "./run-state.ts";

/** Addresses travel as words of 4 bytes, modulo 2^30. */
const WORD_MASK = 0x3fffffff;

/**
 * Decodes everything that is left under the cursor; the frame's own number and time have been read into `run`.
 * A record is passed on when all of it has been read. Returns false where a record makes no sense: what came before it has
 * been passed on, the rest of the frame is lost, and `run.nextEvent` is such that the next frame tells how many events that was.
 */
export function decodeEvents(cursor: Cursor, run: RunState, counters: DecoderCounters, sink: EventSink): boolean {
  const scale = run.microsecondsPerTick;
  const firstEvent = run.nextEvent;
  let events = 0;
  let ticks = run.ticks;
  let base0 = 0;
  let base1 = 0;
  let task = 0;
  let core = 0;
  let allocSite = 0;
  let sound = true;
  while (cursor.remaining > 0) {
    const tag = cursor.u8();
    const dt = (tag >>> DT_SHIFT) & DT_MASK;
    ticks += dt === DT_EXTENDED ? DT_EXTENDED + cursor.varint() : dt;
    const op = tag & 3;
    if (op === Op.CONTROL) {
      const code = tag >>> CONTROL_SHIFT;
      if (code === Control.CONTEXT) {
        const context = cursor.varint();
        task = context >>> 2;
        core = context & 3;
      } else if (code === Control.LIVE_BASE0 || code === Control.LIVE_BASE1) {
        const word = ((code === Control.LIVE_BASE1 ? base1 : base0) + cursor.zigzag()) & WORD_MASK;
        if (code === Control.LIVE_BASE1) base1 = word;
        else base0 = word;
        const size = cursor.varint();
        const site = cursor.varint();
        const owner = cursor.varint();
        if (!cursor.failed && run.snapshotOpen)
          sink.live((word << 2) >>> 0, size, site, owner >>> 1, (owner & 1) === 1);
      } else if (code === Control.EXTENDED) {
        if (!cursor.failed) decodeExtended(cursor, ticks * scale, task, core, run, counters, sink);
      } else {
        sound = false;
        break;
      }
      if (cursor.failed) break;
      continue;
    }
    const onBase1 = (tag & Flag.BASE) !== 0;
    let word = ((onBase1 ? base1 : base0) + cursor.zigzag()) & WORD_MASK;
    const address = (word << 2) >>> 0;
    if (op === Op.ALLOC) {
      let size = cursor.varint();
      if ((tag & Flag.ALLOC_WORDS) !== 0) size = (size << 2) >>> 0;
      const site = (tag & Flag.ALLOC_SAME_SITE) !== 0 ? allocSite : cursor.varint();
      if (cursor.failed) break;
      allocSite = site;
      sink.alloc(ticks * scale, address, size, site, task, core);
    } else if (op === Op.FREE) {
      const site = (tag & Flag.FREE_SITE) !== 0 ? cursor.varint() : 0;
      if (cursor.failed) break;
      sink.free(ticks * scale, address, site, task, core, (tag & Flag.FREE_UNKNOWN) === 0);
    } else if ((tag & Flag.REALLOC_END) === 0) {
      if (cursor.failed) break;
      sink.reallocBegin(ticks * scale, address, task, core);
    } else {
      const failed = (tag & Flag.REALLOC_FAILED) !== 0;
      if (!failed) word = (word + cursor.zigzag()) & WORD_MASK;
      const size = cursor.varint();
      const site = cursor.varint();
      if (cursor.failed) break;
      if (failed) sink.reallocFailed(ticks * scale, address, size, site, task, core);
      else sink.reallocEnd(ticks * scale, address, (word << 2) >>> 0, size, site, task, core);
    }
    if (onBase1) base1 = word;
    else base0 = word;
    events++;
  }
  run.ticks = ticks;
  run.nextEvent = (firstEvent + events) >>> 0;
  counters.events += events;
  return sound && !cursor.failed;
}

function decodeExtended(
  cursor: Cursor,
  time: number,
  task: number,
  core: number,
  run: RunState,
  counters: DecoderCounters,
  sink: EventSink,
): void {
  const code = cursor.varint();
  const payload = cursor.take(cursor.varint());
  if (cursor.failed) return;
  const fields = new Cursor();
  fields.reset(payload, 0, payload.length);
  switch (code) {
    case Extended.HEARTBEAT: {
      // The order of properties is the order on the wire.
      const heartbeat = {
        hash: fields.u32(),
        liveBlocks: fields.varint(),
        liveBytes: fields.varint(),
        peakBytes: fields.varint(),
        tableFull: fields.varint(),
        unknownFrees: fields.varint(),
        droppedEvents: fields.varint(),
        faults: fields.varint(),
        failures: fields.varint(),
        droppedReports: fields.varint(),
        quarantinedBytes: fields.varint(),
        quarantinedBlocks: fields.varint(),
      };
      if (fields.failed) counters.unknownRecords++;
      else sink.heartbeat(time, heartbeat);
      return;
    }
    case Extended.MARK:
      sink.mark(time, decodeText(payload), task, core);
      return;
    case Extended.SNAPSHOT_BEGIN:
      run.snapshotOpen = true;
      sink.snapshotBegin(time);
      return;
    case Extended.SNAPSHOT_END: {
      const records = fields.varint();
      if (fields.failed) counters.unknownRecords++;
      else if (run.snapshotOpen) sink.snapshotEnd(time, records);
      run.snapshotOpen = false;
      return;
    }
    default:
      counters.unknownRecords++;
  }
}
