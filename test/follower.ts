// Follows a run as a receiver must (protocol/SPEC.md): keeps the live set and its hash, compares both at every heartbeat, collects
// everything else. The plain reference that tests of whole streams use; the real model is src/heap.
import type { Boot, Failure, Fault, Gap, Heartbeat, Region, Site, Task } from "../src/wire/records.ts";
import type { EventSink } from "../src/wire/events.ts";
import { blockHash } from "../src/wire/protocol.ts";

export interface LiveBlock {
  readonly address: number;
  readonly size: number;
  readonly site: number;
  readonly task: number;
}

class LiveSet {
  readonly blocks = new Map<number, LiveBlock>();
  /** Blocks whose realloc is under way, by their old address. */
  readonly moving = new Map<number, LiveBlock>();
  hash = 0;

  get count(): number {
    return this.blocks.size + this.moving.size;
  }

  add(block: LiveBlock, into = this.blocks): void {
    this.remove(block.address, into);
    into.set(block.address, block);
    this.hash = (this.hash + blockHash(block.address, block.size, block.site)) >>> 0;
  }

  remove(address: number, from = this.blocks): void {
    const block = from.get(address);
    if (!block) return;
    from.delete(address);
    this.hash = (this.hash - blockHash(block.address, block.size, block.site)) >>> 0;
  }

  beginMove(address: number): void {
    const block = this.blocks.get(address);
    if (!block) return;
    this.blocks.delete(address);
    this.moving.set(address, block);
  }

  endMove(address: number): void {
    const block = this.moving.get(address);
    if (!block) return;
    this.moving.delete(address);
    this.blocks.set(address, block);
  }

  totalBytes(): number {
    return [...this.blocks.values(), ...this.moving.values()].reduce((sum, block) => sum + block.size, 0);
  }
}

export class Follower implements EventSink {
  readonly boots: Boot[] = [];
  readonly sites = new Map<number, Site>();
  readonly tasks = new Map<number, Task>();
  readonly faults = new Map<number, Fault>();
  readonly failures = new Map<number, Failure>();
  readonly gaps: Gap[] = [];
  regionStates: readonly Region[] = [];
  heartbeats = 0;
  lastHeartbeat: Heartbeat | undefined;
  /** Heartbeats with which this live set did not agree. */
  disagreements: string[] = [];
  snapshots = 0;
  events = 0;
  unknownFrees = 0;
  /** All text of the stream. */
  log = "";
  private readonly textDecoder = new TextDecoder();
  private current = new LiveSet();
  private next: LiveSet | undefined;

  /** What lives now, by address. */
  get blocks(): ReadonlyMap<number, LiveBlock> {
    return this.current.blocks;
  }

  boot(boot: Boot): void {
    this.boots.push(boot);
    if (boot.continues === true) return;
    this.current = new LiveSet();
    this.next = undefined;
    for (const known of [this.sites, this.tasks, this.faults, this.failures]) known.clear();
  }

  site(site: Site): void {
    this.sites.set(site.id, site);
  }

  task(task: Task): void {
    this.tasks.set(task.id, task);
  }

  alloc(_time: number, address: number, size: number, site: number, task: number): void {
    this.events++;
    this.each((set) => set.add({ address, size, site, task }));
  }

  free(_time: number, address: number, _site: number, _task: number, _core: number, known: boolean): void {
    this.events++;
    if (!known) this.unknownFrees++;
    this.each((set) => set.remove(address));
  }

  reallocBegin(_time: number, address: number): void {
    this.events++;
    this.each((set) => set.beginMove(address));
  }

  reallocEnd(_time: number, old: number, address: number, size: number, site: number, task: number): void {
    this.events++;
    this.each((set) => {
      set.remove(old, set.moving);
      set.add({ address, size, site, task });
    });
  }

  reallocFailed(_time: number, address: number): void {
    this.events++;
    this.each((set) => set.endMove(address));
  }

  mark(): void {
    // marks change nothing in the live set
  }

  snapshotBegin(): void {
    this.next = new LiveSet();
  }

  live(address: number, size: number, site: number, task: number, moving: boolean): void {
    const next = this.next;
    if (!next || next.blocks.has(address)) return;
    next.add({ address, size, site, task }, moving ? next.moving : next.blocks);
  }

  snapshotEnd(): void {
    if (this.next) this.current = this.next;
    this.next = undefined;
    this.snapshots++;
  }

  heartbeat(time: number, heartbeat: Heartbeat): void {
    this.heartbeats++;
    this.lastHeartbeat = heartbeat;
    const { count, hash } = this.current;
    const bytes = this.current.totalBytes();
    if (count !== heartbeat.liveBlocks || bytes !== heartbeat.liveBytes || hash !== heartbeat.hash) {
      const told = `${heartbeat.liveBlocks} blocks, ${heartbeat.liveBytes} bytes`;
      this.disagreements.push(`at ${time} µs: ${told} against ${count} blocks, ${bytes} bytes here`);
    }
  }

  regions(_time: number, regions: readonly Region[]): void {
    this.regionStates = regions;
  }

  fault(fault: Fault): void {
    this.faults.set(fault.number, fault);
  }

  failure(failure: Failure): void {
    this.failures.set(failure.number, failure);
  }

  gap(gap: Gap): void {
    this.gaps.push(gap);
    this.next = undefined;
  }

  text(bytes: Uint8Array): void {
    this.log += this.textDecoder.decode(bytes, { stream: true });
  }

  private each(change: (set: LiveSet) => void): void {
    change(this.current);
    if (this.next) change(this.next);
  }
}
