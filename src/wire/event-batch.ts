// Allocations and frees in a row, in one piece. Nine of ten calls of a run are these two: a sink that wants them fast takes them many at a
// time (EventSink.eventBatch) in one loop of its own, instead of a call for each.

/** What an event of a batch is. */
export const BatchOp = {
  ALLOC: 0,
  /** Of a block that the probe knew. */
  FREE: 1,
} as const;

/** More than fit in a frame of the wire. */
export const BATCH_EVENTS = 512;

/** Places of an event's numbers in `fields`. */
export const EventField = {
  /** BatchOp. */
  OP: 0,
  ADDRESS: 1,
  /** Bytes; 0 for a free. */
  SIZE: 2,
  SITE: 3,
  /** Task id × 4 + core. */
  CONTEXT: 4,
} as const;
export const EVENT_FIELDS = 5;

/**
 * Events in the order in which they happened. One array for all numbers: each array that a loop uses costs it as much as the access itself.
 * A batch is filled again after it was told: receivers copy what they keep.
 */
export class EventBatch {
  length = 0;
  /** Microseconds since boot. */
  readonly time = new Float64Array(BATCH_EVENTS);
  /** [event * EVENT_FIELDS + EventField] */
  readonly fields = new Uint32Array(BATCH_EVENTS * EVENT_FIELDS);
}
