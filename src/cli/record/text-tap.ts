// Lets the board's log text be heard on its way into the recording.
import type { EventBatch } from "../../wire/event-batch.ts";
import { tellEvents } from "../../wire/tell-events.ts";
import type { Boot, Failure, Fault, Gap, Heartbeat, Region, Site, Task } from "../../wire/records.ts";
import type { EventSink } from "../../wire/events.ts";

/** Passes every call on to `next`, text also to `onText`. */
export class TextTap implements EventSink {
  readonly #next: EventSink;
  readonly #onText: (bytes: Uint8Array) => void;

  constructor(next: EventSink, onText: (bytes: Uint8Array) => void) {
    this.#next = next;
    this.#onText = onText;
  }

  text(bytes: Uint8Array): void {
    this.#onText(bytes);
    this.#next.text(bytes);
  }

  boot(boot: Boot): void {
    this.#next.boot(boot);
  }

  site(site: Site): void {
    this.#next.site(site);
  }

  task(task: Task): void {
    this.#next.task(task);
  }

  alloc(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.#next.alloc(time, address, size, site, task, core);
  }

  free(time: number, address: number, site: number, task: number, core: number, known: boolean): void {
    this.#next.free(time, address, site, task, core, known);
  }

  eventBatch(batch: EventBatch): void {
    tellEvents(batch, this.#next);
  }

  reallocBegin(time: number, address: number, task: number, core: number): void {
    this.#next.reallocBegin(time, address, task, core);
  }

  reallocEnd(time: number, old: number, address: number, size: number, site: number, task: number, core: number): void {
    this.#next.reallocEnd(time, old, address, size, site, task, core);
  }

  reallocFailed(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.#next.reallocFailed(time, address, size, site, task, core);
  }

  mark(time: number, name: string, task: number, core: number): void {
    this.#next.mark(time, name, task, core);
  }

  snapshotBegin(time: number): void {
    this.#next.snapshotBegin(time);
  }

  live(address: number, size: number, site: number, task: number, moving: boolean): void {
    this.#next.live(address, size, site, task, moving);
  }

  snapshotEnd(time: number, records: number): void {
    this.#next.snapshotEnd(time, records);
  }

  heartbeat(time: number, heartbeat: Heartbeat): void {
    this.#next.heartbeat(time, heartbeat);
  }

  regions(time: number, regions: readonly Region[]): void {
    this.#next.regions(time, regions);
  }

  fault(fault: Fault): void {
    this.#next.fault(fault);
  }

  failure(failure: Failure): void {
    this.#next.failure(failure);
  }

  gap(gap: Gap): void {
    this.#next.gap(gap);
  }
}
