// Between a device and whoever listens to it: while it loses, nothing arrives, and afterwards a gap tells of it, as a decoder does that counts events.
import type { EventBatch } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";
import type { AnyRecord } from "../src/wire/records.ts";

const EVENTS = ["unknownFree", "reallocBegin", "reallocEnd", "reallocFailed"];

export class LossyLine implements EventSink {
  private readonly sink: EventSink;
  /** When the last event was that arrived; 0 at the beginning of a boot. */
  private since = 0;
  private lost: number | undefined;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  lose(): void {
    this.lost ??= 0;
  }

  /** @param time the boot's, at which the line is whole again */
  recover(time: number, isCounted: boolean): void {
    if (this.lost === undefined) return;
    const { lost: lostEvents, since } = this;
    this.lost = undefined;
    this.sink.record({
      kind: "gap",
      value: {
        time,
        since,
        reason: "frames-lost",
        lostFrames: 1,
        ...(isCounted && { lostEvents }),
      },
    });
  }

  get isLosing(): boolean {
    return this.lost !== undefined;
  }

  calls(batch: EventBatch): void {
    if (this.lost !== undefined) this.lost += batch.length;
    else {
      this.since = batch.time[batch.length - 1] ?? this.since;
      this.sink.calls(batch);
    }
  }

  record(record: AnyRecord): void {
    if (record.kind === "boot") {
      this.recover(this.since, false);
      this.since = 0;
    }
    if (this.lost !== undefined) {
      if (EVENTS.includes(record.kind)) this.lost++;
      return;
    }
    if ("time" in record.value) this.since = record.value.time;
    this.sink.record(record);
  }

  text(bytes: Uint8Array): void {
    if (this.lost === undefined) this.sink.text(bytes);
  }
}
