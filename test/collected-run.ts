// A sink that keeps every call as a line of data, and the sums that tests ask for.

import type { Boot, Failure, Fault, Gap, Heartbeat, Region, Site, Task } from "../src/wire/records.ts";
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
  readonly regionStates: { time: number; regions: readonly Region[] }[] = [];
  readonly faults: Fault[] = [];
  readonly failures: Failure[] = [];
  readonly gaps: Gap[] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly blocks = new Map<number, CollectedEvent>();
  peakBytes = 0;
  #liveBytes = 0;
  readonly #text: number[] = [];
  #time = 0;
  #snapshot: Map<number, CollectedEvent> | undefined;
  /** Calls whose time lies before that of the call before it. */
  timeReversals = 0;

  /** All text that was passed through. */
  get passedText(): Uint8Array {
    return Uint8Array.from(this.#text);
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  boot(boot: Boot): void {
    this.boots.push(boot);
    this.#time = 0;
    this.blocks.clear();
    this.#liveBytes = 0;
  }

  site(site: Site): void {
    this.sites.set(site.id, site);
  }

  task(task: Task): void {
    this.tasks.set(task.id, task);
  }

  alloc(time: number, address: number, size: number, site: number, task: number, core: number): void {
    const event: CollectedEvent = { ...nothing, kind: "alloc", time, address, size, site, task, core };
    this.#keep(event);
    this.#add(event);
  }

  free(time: number, address: number, site: number, task: number, core: number, known: boolean): void {
    this.#keep({ ...nothing, kind: "free", time, address, site, task, core, known });
    this.#drop(address);
  }

  reallocBegin(time: number): void {
    this.#tick(time);
  }

  reallocEnd(
    time: number,
    oldAddress: number,
    address: number,
    size: number,
    site: number,
    task: number,
    core: number,
  ): void {
    const event: CollectedEvent = { ...nothing, kind: "realloc", time, address, size, site, task, core };
    this.#keep(event);
    this.#drop(oldAddress);
    this.#add(event);
  }

  reallocFailed(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.#keep({ ...nothing, kind: "reallocFailed", time, address, size, site, task, core });
  }

  mark(time: number): void {
    this.#keep({ ...nothing, kind: "mark", time });
  }

  snapshotBegin(time: number): void {
    this.#tick(time);
    this.#snapshot = new Map();
  }

  live(address: number, size: number, site: number, task: number): void {
    const event: CollectedEvent = { ...nothing, kind: "live", time: this.#time, address, size, site, task };
    this.#keep(event);
    this.#snapshot?.set(address, event);
  }

  snapshotEnd(time: number, records: number): void {
    this.#keep({ ...nothing, kind: "snapshot", time, size: records });
    for (const address of [...this.blocks.keys()]) this.#drop(address);
    for (const event of this.#snapshot?.values() ?? []) this.#add(event);
    this.#snapshot = undefined;
  }

  heartbeat(time: number, heartbeat: Heartbeat): void {
    this.#tick(time);
    this.heartbeats.push(heartbeat);
  }

  regions(time: number, regions: readonly Region[]): void {
    this.#keep({ ...nothing, kind: "regions", time });
    this.regionStates.push({ time, regions });
  }

  fault(fault: Fault): void {
    this.#tick(fault.time);
    this.faults.push(fault);
  }

  failure(failure: Failure): void {
    this.#tick(failure.time);
    this.failures.push(failure);
  }

  gap(gap: Gap): void {
    this.#tick(gap.time);
    this.gaps.push(gap);
  }

  text(bytes: Uint8Array): void {
    for (const byte of bytes) this.#text.push(byte);
  }

  #keep(event: CollectedEvent): void {
    this.#tick(event.time);
    this.events.push(event);
  }

  #tick(time: number): void {
    if (time < this.#time) this.timeReversals++;
    this.#time = time;
  }

  #add(event: CollectedEvent): void {
    this.#drop(event.address);
    this.blocks.set(event.address, event);
    this.#liveBytes += event.size;
    this.peakBytes = Math.max(this.peakBytes, this.#liveBytes);
  }

  #drop(address: number): void {
    this.#liveBytes -= this.blocks.get(address)?.size ?? 0;
    this.blocks.delete(address);
  }
}
