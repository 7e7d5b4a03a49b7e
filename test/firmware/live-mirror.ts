// The live set as a stream tells it, in the plainest way: a map by address. At every heartbeat it is held against the probe's own
// count, bytes and hash; that is the proof that decoding loses and invents nothing.
import type { EventSink } from "../../src/wire/events.ts";
import type { Boot, Failure, Fault, Gap, Heartbeat, Region, Site, Task } from "../../src/wire/records.ts";
import { blockHash, TaskNumber } from "../../src/wire/protocol.ts";

interface Block {
  readonly size: number;
  readonly site: number;
}

interface Move {
  readonly address: number;
  readonly mover: string;
  block: Block;
  /** Told by the snapshot under way. */
  told: boolean;
}

export class LiveMirror implements EventSink {
  readonly boots: Boot[] = [];
  readonly sites = new Map<number, Site>();
  readonly tasks = new Map<number, Task>();
  readonly faults = new Map<number, Fault>();
  readonly failures = new Map<number, Failure>();
  readonly gaps: Gap[] = [];
  readonly marks: string[] = [];
  /** By address. */
  blocks = new Map<number, Block>();
  regionCount = 0;
  events = 0;
  snapshots = 0;
  agreeing = 0;
  disagreeing = 0;
  lastHeartbeat: Heartbeat | undefined;
  log = "";
  /**
   * Blocks whose realloc is under way; they count as live. Two may have the same old address: the heap gave it out again before
   * the first call returned, and that block is reallocated too. The task tells them apart, and of interrupts the core.
   */
  private moving: Move[] = [];
  private next: Map<number, Block> | undefined;
  private synchronized = false;

  boot(boot: Boot): void {
    this.boots.push(boot);
    if (boot.continues === true) return;
    this.blocks = new Map();
    this.next = undefined;
    this.moving = [];
    this.synchronized = false;
  }
  site(site: Site): void {
    this.sites.set(site.id, site);
  }
  task(task: Task): void {
    this.tasks.set(task.id, task);
  }
  alloc(_time: number, address: number, size: number, site: number): void {
    this.events++;
    this.put(address, { size, site });
  }
  free(_time: number, address: number): void {
    this.events++;
    this.blocks.delete(address);
    this.next?.delete(address);
  }
  reallocBegin(_time: number, address: number, task: number, core: number): void {
    this.events++;
    const told = this.next?.get(address);
    const block = told ?? this.blocks.get(address);
    if (block !== undefined) this.moving.push({ address, mover: moverOf(task, core), block, told: told !== undefined });
    this.blocks.delete(address);
    this.next?.delete(address);
  }
  reallocEnd(
    _time: number,
    oldAddress: number,
    address: number,
    size: number,
    site: number,
    task: number,
    core: number,
  ): void {
    this.events++;
    this.endMove(oldAddress, moverOf(task, core));
    this.put(address, { size, site });
  }
  reallocFailed(_time: number, address: number, _size: number, _site: number, task: number, core: number): void {
    this.events++;
    const move = this.endMove(address, moverOf(task, core));
    if (move === undefined) return;
    this.blocks.set(address, move.block);
    // What is not certain, the snapshot has still to say.
    if (move.told || this.synchronized) this.next?.set(address, move.block);
  }
  mark(_time: number, name: string): void {
    this.marks.push(name);
  }
  snapshotBegin(): void {
    this.next = new Map();
    for (const move of this.moving) move.told = false;
  }
  live(address: number, size: number, site: number, _task: number, moving: boolean): void {
    if (moving) {
      const here = this.moving.filter((each) => each.address === address);
      if (here.some(({ told, block }) => told && block.size === size && block.site === site)) return;
      const move = here.find(({ told }) => !told);
      if (move === undefined) this.moving.push({ address, mover: "unseen", block: { size, site }, told: true });
      else Object.assign(move, { block: { size, site }, told: true });
    } else if (this.next?.has(address) === false) {
      this.next.set(address, { size, site });
    }
  }
  snapshotEnd(): void {
    this.snapshots++;
    if (this.next === undefined) return;
    this.blocks = this.next;
    this.next = undefined;
    this.synchronized = true;
  }
  heartbeat(_time: number, heartbeat: Heartbeat): void {
    this.lastHeartbeat = heartbeat;
    if (!this.synchronized) return;
    let hash = 0;
    const moving = this.moving.map(({ address, block }) => [address, block] as const);
    for (const [address, block] of [...this.blocks, ...moving]) {
      hash = (hash + blockHash(address, block.size, block.site)) >>> 0;
    }
    if (hash === heartbeat.hash && this.blocks.size + moving.length === heartbeat.liveBlocks) this.agreeing++;
    else this.disagreeing++;
  }
  regions(_time: number, regions: readonly Region[]): void {
    this.regionCount = regions.length;
  }
  fault(fault: Fault): void {
    this.faults.set(fault.number, fault);
  }
  failure(failure: Failure): void {
    this.failures.set(failure.number, failure);
  }
  gap(gap: Gap): void {
    this.gaps.push(gap);
    this.synchronized = false;
    this.moving = []; // their ends may be what is missing
    this.next = undefined; // and of a snapshot under way, what has become of its blocks
  }
  text(bytes: Uint8Array): void {
    this.log += new TextDecoder().decode(bytes);
  }

  private endMove(address: number, mover: string): Move | undefined {
    let index = this.moving.findIndex((move) => move.address === address && move.mover === mover);
    if (index < 0) index = this.moving.findIndex((move) => move.address === address);
    return index < 0 ? undefined : this.moving.splice(index, 1)[0];
  }

  private put(address: number, block: Block): void {
    this.blocks.set(address, block);
    this.next?.set(address, block);
  }
}

function moverOf(task: number, core: number): string {
  return task === TaskNumber.INTERRUPT ? `interrupt ${core}` : `task ${task}`;
}
