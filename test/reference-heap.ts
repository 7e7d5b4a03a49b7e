// The live set in the plainest form there is, to hold the decoder to: a map by address with its hash, kept as SPEC.md says.
// It knows, as every receiver must, when it can no longer be sure, and when a snapshot has made it sure again.
import type { Boot, Gap, Heartbeat } from "../src/wire/records.ts";
import type { EventSink } from "../src/wire/events.ts";
import { blockHash } from "../src/wire/protocol.ts";

export interface Block {
  readonly size: number;
  readonly site: number;
  readonly task: number;
}

type LiveSet = Map<number, Block>;

export class ReferenceHeap implements EventSink {
  /** False from a gap on, until a snapshot without a gap. */
  sure = false;
  heartbeats = 0;
  /** Heartbeats whose hash, count and bytes agreed with the live set, while sure. */
  proven = 0;
  /** Heartbeats that disagreed although sure: never, or the reconstruction is wrong. */
  disproved = 0;
  readonly gaps: Gap[] = [];
  private liveSet: LiveSet = new Map();
  private snapshot: LiveSet | undefined;

  get blocks(): ReadonlyMap<number, Block> {
    return this.liveSet;
  }

  get hash(): number {
    let sum = 0;
    for (const [address, block] of this.liveSet)
      sum = (sum + blockHash(Math.abs(address), block.size, block.site)) >>> 0;
    return sum;
  }

  get bytes(): number {
    let sum = 0;
    for (const block of this.liveSet.values()) sum += block.size;
    return sum;
  }

  boot(boot: Boot): void {
    if (boot.continues === true) return;
    this.liveSet = new Map();
    this.snapshot = undefined;
    this.sure = true; // a gap follows at once where the boot was not seen from its start
  }

  alloc(_time: number, address: number, size: number, site: number, task: number): void {
    for (const set of this.sets()) set.set(address, { size, site, task });
  }

  free(_time: number, address: number): void {
    for (const set of this.sets()) set.delete(address);
  }

  // The block counts as live until the end of the call; its address may be given to others before. That is told apart by
  // moving it aside under a key that is no address.
  reallocBegin(_time: number, address: number): void {
    for (const set of this.sets()) {
      const block = set.get(address);
      if (block === undefined) continue;
      set.delete(address);
      set.set(-address, block);
    }
  }

  reallocEnd(_time: number, oldAddress: number, address: number, size: number, site: number, task: number): void {
    for (const set of this.sets()) {
      set.delete(-oldAddress);
      set.set(address, { size, site, task });
    }
  }

  reallocFailed(_time: number, address: number): void {
    for (const set of this.sets()) {
      const block = set.get(-address);
      set.delete(-address);
      if (block !== undefined) set.set(address, block);
    }
  }

  snapshotBegin(): void {
    this.snapshot = new Map();
  }

  live(address: number, size: number, site: number, task: number, moving: boolean): void {
    const key = moving ? -address : address;
    if (this.snapshot?.has(key) === false) this.snapshot.set(key, { size, site, task });
  }

  snapshotEnd(): void {
    if (this.snapshot === undefined) return;
    this.liveSet = this.snapshot;
    this.snapshot = undefined;
    this.sure = true;
  }

  heartbeat(_time: number, heartbeat: Heartbeat): void {
    this.heartbeats++;
    if (!this.sure) return;
    const agrees =
      heartbeat.hash === this.hash && heartbeat.liveBlocks === this.liveSet.size && heartbeat.liveBytes === this.bytes;
    if (agrees) this.proven++;
    else this.disproved++;
  }

  gap(gap: Gap): void {
    this.gaps.push(gap);
    this.sure = false;
    this.snapshot = undefined;
  }

  site(): void {}
  task(): void {}
  mark(): void {}
  regions(): void {}
  fault(): void {}
  failure(): void {}
  text(): void {}

  private sets(): LiveSet[] {
    return this.snapshot === undefined ? [this.liveSet] : [this.liveSet, this.snapshot];
  }
}
