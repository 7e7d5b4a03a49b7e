// For sources that have allocations and frees one at a time: gathers them into batches. Whatever else is told through it comes behind the calls that
// were made before it. Call `flush` at the end.

import { BatchOp, EventBatch } from "./event-batch.ts";
import type { EventSink } from "./events.ts";
import type { AnyRecord } from "./records.ts";

export class Teller implements EventSink {
  private readonly sink: EventSink;
  private readonly batch = new EventBatch();

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  alloc(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.add(BatchOp.ALLOC, time, address, size, site, (task << 2) | (core & 3));
  }

  /** Of a block that the probe knew; `site` is 0 where not known. */
  free(time: number, address: number, site: number, task: number, core: number): void {
    this.add(BatchOp.FREE, time, address, 0, site, (task << 2) | (core & 3));
  }

  calls(batch: EventBatch): void {
    this.flush();
    this.sink.calls(batch);
  }

  record(record: AnyRecord): void {
    this.flush();
    this.sink.record(record);
  }

  text(bytes: Uint8Array): void {
    this.flush();
    this.sink.text(bytes);
  }

  flush(): void {
    const { batch } = this;
    if (batch.length === 0) return;
    this.sink.calls(batch);
    batch.length = 0;
  }

  private add(op: number, time: number, address: number, size: number, site: number, context: number): void {
    this.batch.add(op, time, address, size, site, context);
    if (this.batch.isFull) this.flush();
  }
}
