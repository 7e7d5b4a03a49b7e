// How a run is told, in the order in which it happened: calls in batches, all else as records (records.ts). Decoders, importers and recordings
// speak it; the heap model, the recorder and the live view listen. Times are microseconds since boot, sizes bytes, addresses unsigned 32-bit
// numbers, ids small integers that a `site` or `task` record names (sometimes after first use).

import type { EventBatch } from "./event-batch.ts";
import type { AnyRecord } from "./records.ts";

/** Receives a run. A sink must not throw on odd input (a free of an unknown block is data). */
export interface EventSink {
  /** Allocations and frees, in their order. The batch is valid only during the call. */
  calls(batch: EventBatch): void;
  /** Sites and tasks come again with every snapshot; the same id is the same site, and the last record of a task holds. */
  record(record: AnyRecord): void;
  /**
   * Bytes of the stream that are not frames: log output, in pieces of any length. After damage there may be garbage among
   * them, so whoever shows them replaces control characters. Valid only during the call.
   */
  text(bytes: Uint8Array): void;
}
