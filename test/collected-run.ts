// A sink that keeps all it is told as lines of data, and the sums that tests ask for.

import type { AnyRecord, Boot, Failure, Fault, Gap, Heartbeat, Regions, Site, Task } from "../src/wire/records.ts";
import type { Incident, Readings, Series } from "../src/wire/log-records.ts";
import { type EventBatch, eventsOf } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";

export interface CollectedEvent {
  readonly kind: "alloc" | "free" | "realloc" | "reallocFailed" | "mark" | "snapshot" | "live" | "regions";
  readonly time: number;
  readonly address: number;
  readonly size: number;
  readonly site: number;
  readonly task: number;
  readonly core: number;
  readonly known: boolean;
}

const nothing = { address: 0, size: 0, site: 0, task: 0, core: 0, known: true };

export class CollectedRun implements EventSink {
  readonly boots: Boot[] = [];
  readonly sites = new Map<number, Site>();
  readonly tasks = new Map<number, Task>();
  readonly events: CollectedEvent[] = [];
  readonly regionStates: Regions[] = [];
  readonly faults: Fault[] = [];
  readonly failures: Failure[] = [];
  readonly gaps: Gap[] = [];
  readonly incidents: Incident[] = [];
  readonly series: Series[] = [];
  readonly readings: Readings[] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly blocks = new Map<number, CollectedEvent>();
  peakBytes = 0;
  private live = 0;
  private readonly textBytes: number[] = [];
  private time = 0;
  private snapshot: Map<number, CollectedEvent> | undefined;
  /** Calls whose time lies before that of the call before it. */
  timeReversals = 0;

  /** All text that was passed through. */
  get passedText(): Uint8Array {
    return Uint8Array.from(this.textBytes);
  }

  get liveBytes(): number {
    return this.live;
  }

  calls(batch: EventBatch): void {
    for (const { isFree, ...event } of eventsOf(batch)) {
      this.keep({ ...event, kind: isFree ? "free" : "alloc", known: true });
      if (isFree) this.drop(event.address);
      else this.add({ ...event, kind: "alloc", known: true });
    }
  }

  record(record: AnyRecord): void {
    switch (record.kind) {
      case "boot":
        this.boots.push(record.value);
        this.time = 0;
        this.blocks.clear();
        this.live = 0;
        break;
      case "site":
        this.sites.set(record.value.id, record.value);
        break;
      case "task":
        this.tasks.set(record.value.id, record.value);
        break;
      case "unknownFree":
        this.keep({ ...nothing, ...record.value, kind: "free", known: false });
        this.drop(record.value.address);
        break;
      case "reallocBegin":
        this.tick(record.value.time);
        break;
      case "reallocEnd": {
        const { oldAddress, ...block } = record.value;
        const event: CollectedEvent = { ...nothing, ...block, kind: "realloc" };
        this.keep(event);
        this.drop(oldAddress);
        this.add(event);
        break;
      }
      case "reallocFailed":
        this.keep({ ...nothing, ...record.value, kind: "reallocFailed" });
        break;
      case "mark":
        this.keep({ ...nothing, kind: "mark", time: record.value.time });
        break;
      case "snapshotBegin":
        this.tick(record.value.time);
        this.snapshot = new Map();
        break;
      case "live": {
        const { moving: _moving, ...block } = record.value;
        const event: CollectedEvent = { ...nothing, ...block, kind: "live", time: this.time };
        this.keep(event);
        this.snapshot?.set(block.address, event);
        break;
      }
      case "snapshotEnd":
        this.keep({ ...nothing, kind: "snapshot", time: record.value.time, size: record.value.records });
        for (const address of [...this.blocks.keys()]) this.drop(address);
        for (const event of this.snapshot?.values() ?? []) this.add(event);
        this.snapshot = undefined;
        break;
      case "heartbeat":
        this.tick(record.value.time);
        this.heartbeats.push(record.value);
        break;
      case "regions":
        this.keep({ ...nothing, kind: "regions", time: record.value.time });
        this.regionStates.push(record.value);
        break;
      case "fault":
        this.tick(record.value.time);
        this.faults.push(record.value);
        break;
      case "failure":
        this.tick(record.value.time);
        this.failures.push(record.value);
        break;
      case "gap":
        this.tick(record.value.time);
        this.gaps.push(record.value);
        break;
      case "series":
        this.series.push(record.value);
        break;
      case "readings":
        this.readings.push(record.value);
        break;
      case "incident":
        this.incidents.push(record.value);
        break;
      default:
        break;
    }
  }

  text(bytes: Uint8Array): void {
    for (const byte of bytes) this.textBytes.push(byte);
  }

  private keep(event: CollectedEvent): void {
    this.tick(event.time);
    this.events.push(event);
  }

  private tick(time: number): void {
    if (time < this.time) this.timeReversals++;
    this.time = time;
  }

  private add(event: CollectedEvent): void {
    this.drop(event.address);
    this.blocks.set(event.address, event);
    this.live += event.size;
    this.peakBytes = Math.max(this.peakBytes, this.live);
  }

  private drop(address: number): void {
    this.live -= this.blocks.get(address)?.size ?? 0;
    this.blocks.delete(address);
  }
}
