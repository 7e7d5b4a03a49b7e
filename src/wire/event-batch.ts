// Allocations and frees in a row, as columns. Nine of ten calls of a run are these two: a sink that wants them fast takes them many at a
// time (EventSink.eventBatch) in one loop of its own, instead of a call for each.

/** What an event of a batch is. */
export const BatchOp = {
  ALLOC: 0,
  /** Of a block that the probe knew. */
  FREE: 1,
} as const;

/** More than fit in a frame of the wire. */
export const BATCH_EVENTS = 512;

/** Events in the order in which they happened. It is filled again after it was told: receivers copy what they keep. */
export class EventBatch {
  length = 0;
  readonly op = new Uint8Array(BATCH_EVENTS);
  /** Microseconds since boot. */
  readonly time = new Float64Array(BATCH_EVENTS);
  readonly address = new Uint32Array(BATCH_EVENTS);
  /** Bytes; 0 for a free. */
  readonly size = new Uint32Array(BATCH_EVENTS);
  readonly site = new Uint32Array(BATCH_EVENTS);
  /** Task id × 4 + core. */
  readonly context = new Uint32Array(BATCH_EVENTS);
}
