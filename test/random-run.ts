// Random runs for property tests: what a device could tell, with a plain Map as the reference for what must be live.

import fc from "fast-check";
import type { EventSink } from "../src/wire/events.ts";
import { blockHash, Method } from "../src/wire/protocol.ts";
import { testBoot } from "./heap-text.ts";
import { quietHeartbeat } from "./quiet-heartbeat.ts";
import { Teller } from "../src/wire/teller.ts";

export interface Step {
  readonly action:
    | "alloc"
    | "free"
    | "realloc"
    | "begin"
    | "end"
    | "fail"
    | "snapshot"
    | "lose"
    | "mark"
    | "text"
    | "beat"
    | "boot"
    | "regions";
  /** Picks a block, an address or a site. */
  readonly pick: number;
  readonly size: number;
  readonly wait: number;
}

export interface ReferenceBlock {
  readonly address: number;
  readonly size: number;
  readonly site: number;
  readonly task: number;
}

export function steps(actions: readonly Step["action"][], maxLength = 200): fc.Arbitrary<Step[]> {
  const step = fc.record({
    action: fc.constantFrom(...actions),
    // Few addresses again and again, and many.
    pick: fc.oneof(fc.nat(12), fc.nat(1000)),
    size: fc.oneof(fc.nat(3), fc.nat(64), fc.nat(100_000)),
    wait: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(5_000_000)),
  });
  return fc.array(step, { maxLength });
}

export const LOSSLESS = [
  "alloc",
  "alloc",
  "alloc",
  "free",
  "free",
  "realloc",
  "begin",
  "end",
  "fail",
  "mark",
  "text",
  "beat",
] as const;
export const LOSSY = [...LOSSLESS, "lose", "snapshot"] as const;

/** Plays steps like a device would and keeps its own account. */
export class ReferenceDevice {
  readonly blocks = new Map<number, ReferenceBlock>();
  /** Blocks whose realloc is under way. */
  private readonly moving: ReferenceBlock[] = [];
  private readonly sink: Teller;
  private time = 0;
  private bootId = 1;
  /** Steps from here on are not told. */
  private lost = 0;

  constructor(sink: EventSink) {
    this.sink = new Teller(sink);
    sink.record({ kind: "boot", value: testBoot });
  }

  get live(): ReferenceBlock[] {
    return [...this.blocks.values(), ...this.moving].sort((a, b) => a.address - b.address || a.size - b.size);
  }

  play(steps: readonly Step[]): void {
    for (const step of steps) this.take(step);
    this.sink.flush();
  }

  step(step: Step): void {
    this.take(step);
    this.sink.flush();
  }

  private take({ action, pick, size, wait }: Step): void {
    this.time += wait;
    const { time, sink } = this;
    const site = 1 + (pick % 7);
    const task = 3 + (pick % 3);
    const core = pick % 2;
    const told = this.lost === 0;
    if (!told) this.lost--;
    const victim = [...this.blocks.values()][pick % Math.max(1, this.blocks.size)];
    switch (action) {
      case "alloc": {
        const block = { address: this.freeAddress(pick), size, site, task };
        if (told && pick % 5 === 0)
          sink.record({
            kind: "site",
            value: { id: site, method: Method.MALLOC, caps: 4, file: `file${site}.c`, line: site },
          });
        this.blocks.set(block.address, block);
        if (told) sink.alloc(time, block.address, size, site, task, core);
        break;
      }
      case "free":
        if (victim === undefined) break;
        this.blocks.delete(victim.address);
        if (told) sink.free(time, victim.address, pick % 3 === 0 ? site : 0, task, core);
        break;
      case "begin":
        if (victim === undefined) break;
        this.beginMove(victim, told, task, core);
        break;
      case "realloc":
        if (victim === undefined) break;
        this.beginMove(victim, told, task, core);
        this.endMove({ address: this.freeAddress(pick), size, site, task }, told, core);
        break;
      case "end":
        if (this.moving.length > 0) this.endMove({ address: this.freeAddress(pick), size, site, task }, told, core);
        break;
      case "fail": {
        const block = this.moving.at(-1);
        if (block === undefined || this.blocks.has(block.address)) break;
        this.moving.pop();
        this.blocks.set(block.address, block);
        if (told)
          sink.record({ kind: "reallocFailed", value: { time, address: block.address, size, site, task, core } });
        break;
      }
      case "mark":
        if (told) sink.record({ kind: "mark", value: { time, name: `mark ${pick}`, task, core } });
        break;
      case "text":
        sink.text(new TextEncoder().encode(`I (${time}) line ${pick}\n`));
        break;
      case "beat":
        if (told) this.heartbeat();
        break;
      case "snapshot":
        if (told) this.snapshot();
        break;
      case "regions":
        if (told) this.regions();
        break;
      case "lose":
        if (!told) break;
        this.lost = pick % 10;
        sink.record({
          kind: "gap",
          value: {
            time,
            reason: "frames-lost",
            lostFrames: 1,
            ...(pick % 2 === 0 ? {} : { lostEvents: 1 + this.lost }),
          },
        });
        break;
      case "boot":
        if (!told) break;
        this.blocks.clear();
        this.moving.length = 0;
        this.time = 0;
        sink.record({ kind: "boot", value: { ...testBoot, bootId: ++this.bootId } });
        break;
    }
  }

  heartbeat(): void {
    const blocks = this.live;
    this.sink.record({
      kind: "heartbeat",
      value: {
        ...quietHeartbeat,
        time: this.time,
        liveBlocks: blocks.length,
        liveBytes: blocks.reduce((sum, block) => sum + block.size, 0),
        hash: blocks.reduce((sum, block) => (sum + blockHash(block.address, block.size, block.site)) >>> 0, 0),
      },
    });
  }

  /** As a device's answer that fits its blocks, but for what its heap keeps for itself. */
  private regions(): void {
    const regions = [
      { name: "DRAM", start: 0x3ffb_0000, end: 0x3ffb_8000, caps: 12 },
      { name: "PSRAM", start: 0x3f80_0000, end: 0x3f81_0000, caps: 1028 },
    ].map((region) => {
      const inside = this.live.filter(({ address }) => address >= region.start && address < region.end);
      const used = inside.reduce((sum, { size }) => sum + size + 4, 0);
      const free = Math.max(0, region.end - region.start - used);
      return { ...region, free, largestFree: free >> 1, minimumFree: free >> 2 };
    });
    this.sink.record({ kind: "regions", value: { time: this.time, regions } });
  }

  snapshot(): void {
    this.lost = 0;
    this.sink.record({ kind: "snapshotBegin", value: { time: this.time } });
    const told = [...this.blocks.values()];
    for (const { address, size, site, task } of this.moving)
      this.sink.record({ kind: "live", value: { address, size, site, task, moving: true } });
    for (const { address, size, site, task } of told)
      this.sink.record({ kind: "live", value: { address, size, site, task, moving: false } });
    this.sink.record({ kind: "snapshotEnd", value: { time: this.time, records: told.length + this.moving.length } });
    this.heartbeat();
  }

  private beginMove(block: ReferenceBlock, told: boolean, task: number, core: number): void {
    this.blocks.delete(block.address);
    this.moving.push(block);
    if (told)
      this.sink.record({ kind: "reallocBegin", value: { time: this.time, address: block.address, task, core } });
  }

  private endMove(block: ReferenceBlock, told: boolean, core: number): void {
    const old = this.moving.pop();
    if (old === undefined) return;
    this.blocks.set(block.address, block);
    if (told)
      this.sink.record({
        kind: "reallocEnd",
        value: {
          time: this.time,
          oldAddress: old.address,
          address: block.address,
          size: block.size,
          site: block.site,
          task: block.task,
          core,
        },
      });
  }

  /** An aligned address that no block has: near ones and far ones, as internal RAM and PSRAM give. */
  private freeAddress(pick: number): number {
    let address = (pick % 4 === 0 ? 0x3f80_0000 : 0x3ffb_0000) + (pick % 97) * 16;
    while (this.blocks.has(address) || this.moving.some((block) => block.address === address)) address += 16;
    return address;
  }
}
