// Plays a workload as a probe would tell it: HELLO and tasks first, a site before its first use, heartbeats with the hash of
// the live set, and snapshots with all that goes with them.
import type { Boot, Heartbeat, Regions } from "../src/wire/records.ts";
import type { EventSink } from "../src/wire/events.ts";
import { blockHash } from "../src/wire/protocol.ts";
import { firstTask, type HeapCall, siteOf, taskNames } from "./workload.ts";
import { quietHeartbeat } from "./quiet-heartbeat.ts";
import { Teller } from "../src/wire/teller.ts";
import { bytesTaken } from "./toy-heap.ts";

export interface PlayOptions {
  /** Calls between heartbeats. */
  readonly heartbeatEvery?: number;
  /** Calls between snapshots. */
  readonly snapshotEvery?: number;
  /** Calls between answers on regions; without it there are none. */
  readonly regionsEvery?: number;
  readonly bootId?: number;
}

/** LIVE records are mixed with events: so many blocks for each call, as a probe that walks its table in small steps. */
const BLOCKS_PER_CALL = 4;

/** Where the workload's blocks are, and a second one that holds none. */
const REGIONS = [
  { name: "DRAM", start: 0x3ffb0000, end: 0x3ffc0000, caps: 0x180c },
  { name: "D/IRAM", start: 0x3ffe0000, end: 0x40000000, caps: 0x1806 },
] as const;

export function bootOf(bootId: number): Boot {
  return {
    bootId,
    protocolVersion: 1,
    chip: "ESP32-S3",
    idfVersion: "v5.4.1",
    appName: "weather-station",
    appVersion: "1.4.2",
    elfSha256: "5a".repeat(32),
    configuration: 1,
    tableCapacity: 2048,
    sampleInterval: 1,
    stackDepth: 0,
    resetReason: 1,
    cores: 2,
  };
}

export function playWorkload(calls: readonly HeapCall[], sink: EventSink, options: PlayOptions = {}): void {
  new Player(sink, options).play(calls);
}

interface Block {
  readonly size: number;
  readonly site: number;
  readonly task: number;
}

class Player {
  private readonly sink: Teller;
  private readonly heartbeatEvery: number;
  private readonly snapshotEvery: number;
  private readonly regionsEvery: number;
  private readonly boot: Boot;
  private readonly live = new Map<number, Block>();
  private readonly sitesUsed = new Set<number>();
  private hash = 0;
  private bytes = 0;
  private peak = 0;
  /** What the heap has taken for the live blocks, and the most that it ever had. */
  private taken = 0;
  private mostTaken = 0;
  /** Blocks that the snapshot under way has still to look at; a block freed meanwhile is passed over. */
  private unsent: [number, Block][] = [];
  private sent = 0;

  constructor(sink: EventSink, options: PlayOptions) {
    this.sink = new Teller(sink);
    this.heartbeatEvery = options.heartbeatEvery ?? 2000;
    this.snapshotEvery = options.snapshotEvery ?? 20_000;
    this.regionsEvery = options.regionsEvery ?? Infinity;
    this.boot = bootOf(options.bootId ?? 0x5eed0042);
  }

  play(calls: readonly HeapCall[]): void {
    this.sink.record({ kind: "boot", value: this.boot });
    this.tellTasks();
    for (const [index, call] of calls.entries()) {
      this.call(call);
      if (this.unsent.length > 0) this.walk(call.time);
      if ((index + 1) % this.snapshotEvery === 0) this.beginSnapshot(call.time);
      else if ((index + 1) % this.heartbeatEvery === 0)
        this.sink.record({ kind: "heartbeat", value: this.heartbeat(call.time) });
      if ((index + 1) % this.regionsEvery === 0) this.sink.record({ kind: "regions", value: this.regions(call.time) });
    }
    while (this.unsent.length > 0) this.walk(calls.at(-1)?.time ?? 0);
    this.sink.flush();
  }

  private call(call: HeapCall): void {
    const { sink } = this;
    const { kind, time, address, size, site, task, oldAddress } = call;
    const core = task === firstTask ? 0 : 1;
    if (site > 0 && !this.sitesUsed.has(site)) {
      this.sitesUsed.add(site);
      sink.record({ kind: "site", value: siteOf(site) });
    }
    if (kind === "free") {
      this.remove(address);
      sink.free(time, address, 0, task, core);
      return;
    }
    if (kind === "realloc") {
      sink.record({ kind: "reallocBegin", value: { time, address: oldAddress, task, core } });
      this.remove(oldAddress);
      sink.record({ kind: "reallocEnd", value: { time, oldAddress, address, size, site, task, core } });
    } else {
      sink.alloc(time, address, size, site, task, core);
    }
    this.live.set(address, { size, site, task });
    this.hash = (this.hash + blockHash(address, size, site)) >>> 0;
    this.bytes += size;
    this.peak = Math.max(this.peak, this.bytes);
    this.taken += bytesTaken(size);
    this.mostTaken = Math.max(this.mostTaken, this.taken);
  }

  private remove(address: number): void {
    const block = this.live.get(address);
    if (block === undefined) return;
    this.live.delete(address);
    this.hash = (this.hash - blockHash(address, block.size, block.site)) >>> 0;
    this.bytes -= block.size;
    this.taken -= bytesTaken(block.size);
  }

  private beginSnapshot(time: number): void {
    this.sink.record({ kind: "boot", value: this.boot });
    this.tellTasks();
    for (const site of this.sitesUsed) this.sink.record({ kind: "site", value: siteOf(site) });
    this.sink.record({ kind: "snapshotBegin", value: { time } });
    this.unsent = [...this.live];
    this.sent = 0;
    if (this.unsent.length === 0) this.endSnapshot(time);
  }

  private walk(time: number): void {
    for (let count = 0; count < BLOCKS_PER_CALL; count++) {
      const next = this.unsent.pop();
      if (next === undefined) break;
      const [address, block] = next;
      if (this.live.get(address) !== block) continue;
      this.sink.record({
        kind: "live",
        value: { address, size: block.size, site: block.site, task: block.task, moving: false },
      });
      this.sent++;
    }
    if (this.unsent.length === 0) this.endSnapshot(time);
  }

  private endSnapshot(time: number): void {
    this.sink.record({ kind: "snapshotEnd", value: { time, records: this.sent } });
    this.sink.record({ kind: "heartbeat", value: this.heartbeat(time) });
  }

  private tellTasks(): void {
    for (const [index, name] of taskNames.entries()) {
      this.sink.record({ kind: "task", value: { id: firstTask + index, name, handle: 0x3ffb8000 + index * 0x400 } });
    }
  }

  private regions(time: number): Regions {
    const regions = REGIONS.map((region, index) => {
      const bytes = region.end - region.start;
      const [taken, mostTaken] = index === 0 ? [this.taken, this.mostTaken] : [0, 0];
      const free = bytes - taken;
      return { ...region, free, largestFree: Math.floor(free / 2), minimumFree: bytes - mostTaken };
    });
    return { time, regions };
  }

  private heartbeat(time: number): Heartbeat {
    return {
      ...quietHeartbeat,
      time,
      hash: this.hash,
      liveBlocks: this.live.size,
      liveBytes: this.bytes,
      peakBytes: this.peak,
    };
  }
}
