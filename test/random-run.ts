// Random runs for property tests: what a device could tell, with a plain Map as the reference for what must be live.

import fc from "fast-check";
import type { EventSink } from "../src/wire/events.ts";
import { blockHash, Method } from "../src/wire/protocol.ts";
import { testBoot } from "./heap-text.ts";
import { quietHeartbeat } from "./quiet-heartbeat.ts";

export interface Step {
  readonly action:
    "alloc" | "free" | "realloc" | "begin" | "end" | "fail" | "snapshot" | "lose" | "mark" | "text" | "beat" | "boot";
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
    pick: fc.nat(1000),
    size: fc.oneof(fc.nat(64), fc.nat(100_000)),
    wait: fc.oneof(fc.nat(20), fc.nat(5_000_000)),
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
  private readonly sink: EventSink;
  private time = 0;
  private bootId = 1;
  /** Steps from here on are not told. */
  private lost = 0;

  constructor(sink: EventSink) {
    this.sink = sink;
    sink.boot(testBoot);
  }

  get live(): ReferenceBlock[] {
    return [...this.blocks.values(), ...this.moving].sort((a, b) => a.address - b.address || a.size - b.size);
  }

  play(steps: readonly Step[]): void {
    for (const step of steps) this.step(step);
  }

  step({ action, pick, size, wait }: Step): void {
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
          sink.site({ id: site, method: Method.MALLOC, caps: 4, file: `file${site}.c`, line: site });
        this.blocks.set(block.address, block);
        if (told) sink.alloc(time, block.address, size, site, task, core);
        break;
      }
      case "free":
        if (victim === undefined) break;
        this.blocks.delete(victim.address);
        if (told) sink.free(time, victim.address, pick % 3 === 0 ? site : 0, task, core, true);
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
        if (told) sink.reallocFailed(time, block.address, size, site, task, core);
        break;
      }
      case "mark":
        if (told) sink.mark(time, `mark ${pick}`, task, core);
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
      case "lose":
        if (!told) break;
        this.lost = pick % 10;
        sink.gap({
          time,
          reason: "frames-lost",
          lostFrames: 1,
          ...(pick % 2 === 0 ? {} : { lostEvents: 1 + this.lost }),
        });
        break;
      case "boot":
        if (!told) break;
        this.blocks.clear();
        this.moving.length = 0;
        this.time = 0;
        sink.boot({ ...testBoot, bootId: ++this.bootId });
        break;
    }
  }

  heartbeat(): void {
    const blocks = this.live;
    this.sink.heartbeat(this.time, {
      ...quietHeartbeat,
      liveBlocks: blocks.length,
      liveBytes: blocks.reduce((sum, block) => sum + block.size, 0),
      hash: blocks.reduce((sum, block) => (sum + blockHash(block.address, block.size, block.site)) >>> 0, 0),
    });
  }

  snapshot(): void {
    this.lost = 0;
    this.sink.snapshotBegin(this.time);
    const told = [...this.blocks.values()];
    for (const { address, size, site, task } of this.moving) this.sink.live(address, size, site, task, true);
    for (const { address, size, site, task } of told) this.sink.live(address, size, site, task, false);
    this.sink.snapshotEnd(this.time, told.length + this.moving.length);
    this.heartbeat();
  }

  private beginMove(block: ReferenceBlock, told: boolean, task: number, core: number): void {
    this.blocks.delete(block.address);
    this.moving.push(block);
    if (told) this.sink.reallocBegin(this.time, block.address, task, core);
  }

  private endMove(block: ReferenceBlock, told: boolean, core: number): void {
    const old = this.moving.pop();
    if (old === undefined) return;
    this.blocks.set(block.address, block);
    if (told) this.sink.reallocEnd(this.time, old.address, block.address, block.size, block.site, block.task, core);
  }

  /** An aligned address that no block has: near ones and far ones, as internal RAM and PSRAM give. */
  private freeAddress(pick: number): number {
    let address = (pick % 4 === 0 ? 0x3f80_0000 : 0x3ffb_0000) + (pick % 97) * 16;
    while (this.blocks.has(address) || this.moving.some((block) => block.address === address)) address += 16;
    return address;
  }
}
