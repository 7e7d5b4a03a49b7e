/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Hands a batch of allocations and frees to any sink.

import { BatchOp, type EventBatch } from "./event-batch.ts";
import type { EventSink } from "./events.ts";

/** Tells a sink the events of a batch, one by one where it does not take them together. */
export function tellEvents(batch: EventBatch, sink: EventSink): void {
  if (batch.length === 0) return;
  if (sink.eventBatch === undefined) tellOneByOne(batch, sink);
  else sink.eventBatch(batch);
}

function tellOneByOne({ op, time, address, size, site, context, length }: EventBatch, sink: EventSink): void {
  for (let i = 0; i < length; i++) {
    const task = context[i]! >>> 2;
    const core = context[i]! & 3;
    if (op[i] === BatchOp.ALLOC) sink.alloc(time[i]!, address[i]!, size[i]!, site[i]!, task, core);
    else sink.free(time[i]!, address[i]!, site[i]!, task, core, true);
  }
}
