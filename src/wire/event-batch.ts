/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Allocations and frees in a row, in one piece. Nine of ten calls of a run are these two: a sink takes them many at a time, in one loop of its own.

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

  get isFull(): boolean {
    return this.length === BATCH_EVENTS;
  }

  /** `op`: BatchOp. There must be room. */
  add(op: number, time: number, address: number, size: number, site: number, context: number): void {
    const { fields } = this;
    const at = this.length * EVENT_FIELDS;
    this.time[this.length++] = time;
    fields[at + EventField.OP] = op;
    fields[at + EventField.ADDRESS] = address;
    fields[at + EventField.SIZE] = size;
    fields[at + EventField.SITE] = site;
    fields[at + EventField.CONTEXT] = context;
  }
}

/** An event of a batch, for receivers that have the time. */
export interface HeapEvent {
  readonly isFree: boolean;
  readonly time: number;
  readonly address: number;
  /** 0 for a free. */
  readonly size: number;
  readonly site: number;
  readonly task: number;
  readonly core: number;
}

export function eventsOf({ time, fields, length }: EventBatch): HeapEvent[] {
  return Array.from({ length }, (_, index) => {
    const at = index * EVENT_FIELDS;
    const context = fields[at + EventField.CONTEXT]!;
    return {
      isFree: fields[at + EventField.OP] === BatchOp.FREE,
      time: time[index]!,
      address: fields[at + EventField.ADDRESS]!,
      size: fields[at + EventField.SIZE]!,
      site: fields[at + EventField.SITE]!,
      task: context >>> 2,
      core: context & 3,
    };
  });
}
