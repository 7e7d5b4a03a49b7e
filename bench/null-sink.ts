// A sink that does nothing: what decoding alone costs.
import type { EventBatch } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";
import type { AnyRecord } from "../src/wire/records.ts";

export class NullSink implements EventSink {
  calls(_batch: EventBatch): void {}
  record(_record: AnyRecord): void {}
  text(_bytes: Uint8Array): void {}
}
