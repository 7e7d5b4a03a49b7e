/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Hands a batch of allocations and frees to any sink.

import { BatchOp, EVENT_FIELDS, EventField, type EventBatch } from "./event-batch.ts";
import type { EventSink } from "./events.ts";

const { ALLOC } = BatchOp;
const { OP, ADDRESS, SIZE, SITE, CONTEXT } = EventField;
const FIELDS = EVENT_FIELDS;

/** Tells a sink the events of a batch, one by one where it does not take them together. */
export function tellEvents(batch: EventBatch, sink: EventSink): void {
  if (batch.length === 0) return;
  if (sink.eventBatch === undefined) tellOneByOne(batch, sink);
  else sink.eventBatch(batch);
}

function tellOneByOne({ time, fields, length }: EventBatch, sink: EventSink): void {
  for (let i = 0, at = 0; i < length; i++, at += FIELDS) {
    const address = fields[at + ADDRESS]!;
    const site = fields[at + SITE]!;
    const task = fields[at + CONTEXT]! >>> 2;
    const core = fields[at + CONTEXT]! & 3;
    if (fields[at + OP] === ALLOC) sink.alloc(time[i]!, address, fields[at + SIZE]!, site, task, core);
    else sink.free(time[i]!, address, site, task, core, true);
  }
}
