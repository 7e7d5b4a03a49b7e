// A device that does random things, tells them all, and writes down what that did to its blocks: the state after each row of the run, and each birth and
// death. Lists and copies only, no model: what the model answers is held against it (plain-answers.ts).
import fc from "fast-check";
import { Cause, type CauseCode } from "../src/heap/visitor.ts";
import type { EventSink } from "../src/wire/events.ts";
import { Teller } from "../src/wire/teller.ts";
import { blockHash, Method, TaskNumber } from "../src/wire/protocol.ts";
import type { Boot, Heartbeat, Site } from "../src/wire/records.ts";
import { quietHeartbeat } from "./quiet-heartbeat.ts";

/** A block; sites and tasks by run-wide ids. */
export interface PlainBlock {
  readonly address: number;
  readonly size: number;
  readonly site: number;
  readonly task: number;
  readonly core: number;
  readonly born: number;
  readonly origin: number;
  readonly reallocs: number;
}

/** After a row of the run. */
export interface PlainState {
  readonly row: number;
  readonly time: number;
  /** By address; of one address those that are being moved come first, the oldest move before others. */
  readonly live: readonly PlainBlock[];
  readonly moving: ReadonlySet<PlainBlock>;
  readonly allocations: number;
  readonly frees: number;
  readonly allocatedBytes: number;
  readonly unknownFrees: number;
  readonly missedAllocations: number;
  readonly doubleAllocations: number;
}

export interface PlainChange {
  readonly row: number;
  readonly time: number;
  readonly isBirth: boolean;
  readonly block: PlainBlock;
  readonly isMoving: boolean;
  readonly cause: CauseCode;
  /** Of a death: who freed it (task × 4 + core), and where. */
  readonly context: number;
  readonly site: number;
}

export interface ToldStep {
  readonly action: Action;
  readonly pick: number;
  readonly size: number;
  readonly wait: number;
}

type Action = (typeof ACTIONS)[number];
const ACTIONS = [
  "alloc",
  "alloc",
  "alloc",
  "free",
  "free",
  "realloc",
  "begin",
  "end",
  "fail",
  "alloc over",
  "free nothing",
  "free unknown",
  "free unknown block",
  "free inside",
  "describe site",
  "describe task",
  "mark",
  "text",
  "beat",
  "regions",
  "snapshot",
  "boot",
] as const;

/** What no sound device does, and answers on regions that do not fit its blocks. */
const ODD: readonly Action[] = [
  "alloc over",
  "free nothing",
  "free unknown",
  "free unknown block",
  "free inside",
  "regions",
];
export const SOUND = ACTIONS.filter((action) => !ODD.includes(action));

export function toldSteps(maxLength: number, actions: readonly Action[] = ACTIONS): fc.Arbitrary<ToldStep[]> {
  const step = fc.record({
    action: fc.constantFrom(...actions),
    pick: fc.oneof(fc.nat(12), fc.nat(5000)),
    size: fc.oneof(fc.nat(3), fc.nat(64), fc.nat(100_000)),
    wait: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(5_000_000)),
  });
  return fc.array(step, { maxLength });
}

interface Move {
  readonly block: PlainBlock;
  readonly task: number;
  readonly core: number;
}

const START: PlainState = {
  row: 0,
  time: 0,
  live: [],
  moving: new Set(),
  allocations: 0,
  frees: 0,
  allocatedBytes: 0,
  unknownFrees: 0,
  missedAllocations: 0,
  doubleAllocations: 0,
};

export class ToldHistory {
  /** The first one is that before any row. */
  readonly states: PlainState[] = [START];
  readonly changes: PlainChange[] = [];
  readonly boots: { readonly boot: Boot; readonly startedAt: number }[] = [];
  readonly marks: { readonly name: string; readonly time: number }[] = [];
  readonly texts: { readonly text: string; readonly time: number }[] = [];
  readonly beats: Heartbeat[] = [];
  readonly reports: { readonly time: number; readonly row: number }[] = [];
  readonly anomalies: { readonly kind: string; readonly time: number; readonly address: number }[] = [];
  /** What was told last of each site, by run-wide id. */
  readonly sites = new Map<number, Site>();
  readonly taskNames = new Map<number, string>();
  private readonly sink: Teller;
  private readonly boot: Boot;
  private deviceTime = 0;
  private bootStart = 0;
  /** Of the last event: text has it too. */
  private told = 0;
  private blocks = new Map<number, PlainBlock>();
  private moves: Move[] = [];
  private counts = START;
  private siteIds = new Map<number, number>();
  private taskIds = new Map<number, number>();
  private readonly takenTasks = new Set<number>();
  private nextSite = 1;
  /** The most that was live since boot, in bytes. */
  private peakBytes = 0;

  constructor(sink: EventSink, boot: Boot) {
    this.sink = new Teller(sink);
    this.boot = boot;
    this.tellBoot();
  }

  play(steps: readonly ToldStep[]): void {
    for (const step of steps) this.take(step);
    this.sink.flush();
  }

  get now(): number {
    return this.bootStart + this.deviceTime;
  }

  /** Since the boot under way. */
  get bootTime(): number {
    return this.deviceTime;
  }

  wait(microseconds: number): void {
    this.deviceTime += microseconds;
  }

  private take({ action, pick, size, wait }: ToldStep): void {
    this.deviceTime += wait;
    const { sink, deviceTime: time } = this;
    const [site, task, core] = [pick % 6, [0, 1, 3, 4, 7][pick % 5] ?? 0, pick % 2];
    const caller = { task, core };
    const address = this.freeAddress(pick);
    const victims = [...this.blocks.values()];
    const victim = victims[pick % Math.max(1, victims.length)];
    switch (action) {
      case "alloc":
        sink.alloc(time, address, size, site, task, core);
        this.alloc(address, size, site, caller);
        break;
      case "alloc over":
        if (victim === undefined) break;
        sink.alloc(time, victim.address, size, site, task, core);
        this.anomalies.push({ kind: "double-allocation", time: this.now, address: victim.address });
        this.alloc(victim.address, size, site, caller);
        break;
      case "free": {
        if (victim === undefined) break;
        const where = pick % 3 === 0 ? site : 0;
        sink.free(time, victim.address, where, task, core);
        const runSite = this.siteId(where);
        this.row(() => this.die(victim, Cause.CALL, this.contextId(caller), runSite));
        break;
      }
      case "free nothing":
        sink.free(time, address, site, task, core);
        this.siteId(site);
        this.contextId(caller);
        this.anomalies.push({ kind: "missed-allocation", time: this.now, address });
        this.row(() => this.count({ missedAllocations: 1 }));
        break;
      case "free unknown":
        sink.record({ kind: "unknownFree", value: { time, address, site, task, core } });
        this.siteId(site);
        this.contextId(caller);
        this.anomalies.push({ kind: "unknown-free", time: this.now, address });
        this.row(() => this.count({ unknownFrees: 1 }));
        break;
      case "free unknown block": {
        if (victim === undefined) break;
        sink.record({ kind: "unknownFree", value: { time, address: victim.address, site, task, core } });
        const runSite = this.siteId(site);
        const context = this.contextId(caller);
        this.row(() => {
          this.count({ unknownFrees: 1 });
          this.die(victim, Cause.CALL, context, runSite);
        });
        break;
      }
      case "free inside": {
        if (victim === undefined) break;
        const inside = victim.address + 1 + (pick % 40);
        if (this.blocks.has(inside)) break;
        sink.record({ kind: "unknownFree", value: { time, address: inside, site, task, core } });
        this.siteId(site);
        this.contextId(caller);
        this.anomalies.push({ kind: "unknown-free", time: this.now, address: inside });
        this.row(() => this.count({ unknownFrees: 1 }));
        break;
      }
      case "begin":
        if (victim !== undefined) this.begin(victim, caller);
        break;
      case "realloc":
        if (victim === undefined || !this.begin(victim, caller)) break;
        // In place, or elsewhere.
        this.end(pick % 3 === 0 ? victim.address : address, size, site, caller);
        break;
      case "end": {
        const move = this.moves[pick % Math.max(1, this.moves.length)];
        if (move !== undefined) this.end(address, size, site, move);
        break;
      }
      case "fail": {
        const move = this.moves[pick % Math.max(1, this.moves.length)];
        if (move === undefined || this.blocks.has(move.block.address)) break;
        const mover = { task: move.task, core: move.task === TaskNumber.INTERRUPT ? move.core : core };
        sink.record({ kind: "reallocFailed", value: { time, address: move.block.address, size, site, ...mover } });
        this.contextId(mover);
        this.siteId(site);
        this.moves = this.moves.filter((one) => one !== move);
        this.row(() => this.blocks.set(move.block.address, move.block));
        break;
      }
      case "describe site": {
        const value: Site = {
          id: site,
          method: pick % 2 === 0 ? Method.MALLOC : Method.CALLOC,
          caps: pick % 4,
          file: `components/part${pick % 3}/file${site}.c`,
          line: 10 + (pick % 20),
          function: `f${pick % 4}`,
        };
        sink.record({ kind: "site", value });
        const id = this.siteId(site);
        if (id !== 0) this.sites.set(id, value);
        break;
      }
      case "describe task": {
        if (task < TaskNumber.FIRST) break;
        sink.record({ kind: "task", value: { id: task, name: `task${task}`, handle: 16 * task } });
        this.taskNames.set(this.contextId({ task, core: 0 }) >>> 2, `task${task}`);
        break;
      }
      case "mark":
        sink.record({ kind: "mark", value: { time, name: `mark ${pick % 3}`, task, core } });
        this.contextId({ task, core: 0 });
        this.told = this.now;
        this.marks.push({ name: `mark ${pick % 3}`, time: this.now });
        break;
      case "text":
        sink.text(new TextEncoder().encode(`I (${time}) line ${pick}\n`));
        this.texts.push({ text: `I (${time}) line ${pick}\n`, time: this.told });
        break;
      case "beat":
        this.beat();
        break;
      case "regions":
        sink.record({
          kind: "regions",
          value: { time, regions: REGIONS.map((region) => ({ ...region, free: 1000 + pick, largestFree: 900 })) },
        });
        this.reports.push({ time: this.now, row: this.counts.row });
        break;
      case "snapshot":
        this.snapshot();
        break;
      case "boot":
        this.tellBoot();
        break;
    }
  }

  private tellBoot(): void {
    const isFirst = this.boots.length === 0;
    const boot = { ...this.boot, bootId: this.boot.bootId + this.boots.length };
    this.sink.record({ kind: "boot", value: boot });
    if (!isFirst) {
      this.bootStart = this.latest();
      this.deviceTime = 0;
      this.siteIds = new Map();
      this.taskIds = new Map();
      this.row(() => {
        for (const block of this.all()) this.change(block, false, Cause.RESET, 0, 0);
        this.blocks = new Map();
        this.moves = [];
        this.peakBytes = 0;
      });
    }
    this.boots.push({ boot, startedAt: this.bootStart });
  }

  /** Of anything that was told: a new boot begins then. */
  private latest(): number {
    return Math.max(this.told, this.reports.at(-1)?.time ?? 0);
  }

  private beat(): void {
    const { deviceTime: time } = this;
    const live = this.all();
    const value = {
      ...quietHeartbeat,
      time,
      liveBlocks: live.length,
      liveBytes: bytesOf(live),
      peakBytes: this.peakBytes,
      hash: live.reduce(
        (sum, { address, size, site }) => (sum + blockHash(address, size, this.deviceSite(site))) >>> 0,
        0,
      ),
    };
    this.sink.record({ kind: "heartbeat", value });
    this.told = this.now;
    this.beats.push({ ...value, time: this.now });
  }

  /** All that is told of a certain live set is known. */
  private snapshot(): void {
    const { sink, deviceTime: time } = this;
    const moving = new Set(this.moves.map(({ block }) => block));
    // Two moves from one address it does not tell apart.
    if (new Set([...moving].map(({ address }) => address)).size < moving.size) return;
    sink.record({ kind: "snapshotBegin", value: { time } });
    const live = this.all();
    for (const block of live) {
      const { address, size } = block;
      const known = { site: this.deviceSite(block.site), task: this.deviceTask(block.task) };
      sink.record({ kind: "live", value: { address, size, ...known, moving: moving.has(block) } });
    }
    sink.record({ kind: "snapshotEnd", value: { time, records: live.length } });
    this.told = this.now;
  }

  private alloc(address: number, size: number, site: number, caller: Caller): void {
    const runSite = this.siteId(site);
    const context = this.contextId(caller);
    this.row(() => this.bear(address, size, runSite, context, Cause.CALL, undefined));
  }

  /** Nobody moves two blocks at once. */
  private begin(block: PlainBlock, caller: Caller): boolean {
    const isMover = ({ task, core }: Move): boolean =>
      task === caller.task && (task !== TaskNumber.INTERRUPT || core === caller.core);
    if (this.moves.some(isMover)) return false;
    this.sink.record({ kind: "reallocBegin", value: { time: this.deviceTime, address: block.address, ...caller } });
    this.contextId(caller);
    this.row(() => {
      this.blocks.delete(block.address);
      this.moves.push({ block, ...caller });
    });
    return true;
  }

  private end(address: number, size: number, site: number, { task, core }: Caller): void {
    const move = this.moves.find((one) => one.task === task && (task !== TaskNumber.INTERRUPT || one.core === core));
    if (move === undefined) return;
    const { block } = move;
    this.sink.record({
      kind: "reallocEnd",
      value: { time: this.deviceTime, oldAddress: block.address, address, size, site, task, core },
    });
    const runSite = this.siteId(site);
    const context = this.contextId({ task, core });
    this.row(() => this.die(block, Cause.REALLOC, context, 0));
    this.row(() => this.bear(address, size, runSite, context, Cause.REALLOC, block));
  }

  private bear(
    address: number,
    size: number,
    site: number,
    context: number,
    cause: CauseCode,
    before: PlainBlock | undefined,
  ): void {
    const old = this.blocks.get(address);
    if (old !== undefined) {
      this.count({ doubleAllocations: 1 });
      this.die(old, Cause.INFERRED, 0, 0);
    }
    const block: PlainBlock = {
      address,
      size,
      site,
      task: context >>> 2,
      core: context & 3,
      born: this.now,
      origin: before?.origin ?? this.now,
      reallocs: before === undefined ? 0 : before.reallocs + 1,
    };
    this.blocks.set(address, block);
    this.count({ allocations: 1, allocatedBytes: size });
    this.change(block, true, cause, 0, 0);
  }

  private die(block: PlainBlock, cause: CauseCode, context: number, site: number): void {
    this.change(block, false, cause, context, site);
    if (this.blocks.get(block.address) === block) this.blocks.delete(block.address);
    this.moves = this.moves.filter((move) => move.block !== block);
    this.count({ frees: 1 });
  }

  private change(block: PlainBlock, isBirth: boolean, cause: CauseCode, context: number, site: number): void {
    const isMoving = this.moves.some((move) => move.block === block);
    const row = this.counts.row + 1;
    this.changes.push({ row, time: this.now, isBirth, block, isMoving, cause, context, site });
  }

  private count(
    more: Partial<
      Pick<
        PlainState,
        "allocations" | "frees" | "allocatedBytes" | "unknownFrees" | "missedAllocations" | "doubleAllocations"
      >
    >,
  ): void {
    const sums = Object.entries(more).map(([name, by]) => [name, this.counts[name as keyof typeof more] + by]);
    this.counts = { ...this.counts, ...(Object.fromEntries(sums) as typeof more) };
  }

  /** A row of the run, and what is live after it. */
  private row(apply: () => void): void {
    apply();
    this.told = this.now;
    const moving = new Set(this.moves.map(({ block }) => block));
    const live = this.all();
    this.peakBytes = Math.max(this.peakBytes, bytesOf(live));
    this.counts = { ...this.counts, row: this.counts.row + 1, time: this.now, live, moving };
    this.states.push(this.counts);
  }

  private all(): readonly PlainBlock[] {
    const blocks = [...this.moves.map(({ block }) => block), ...this.blocks.values()];
    return blocks.sort((a, b) => a.address - b.address); // which keeps the order of equal ones
  }

  /** The first boot's numbers stay as they are, later boots count on. */
  private siteId(site: number): number {
    if (site === 0) return 0;
    let id = this.siteIds.get(site);
    if (id === undefined) {
      id = this.boots.length <= 1 ? site : this.nextSite;
      this.siteIds.set(site, id);
      this.nextSite = Math.max(this.nextSite, id + 1);
    }
    return id;
  }

  private contextId({ task, core }: Caller): number {
    let id = task < TaskNumber.FIRST ? task : this.taskIds.get(task);
    if (id === undefined) {
      id = this.takenTasks.has(task) ? Math.max(...this.takenTasks) + 1 : task;
      this.taskIds.set(task, id);
      this.takenTasks.add(id);
    }
    return id * 4 + core;
  }

  private deviceSite(site: number): number {
    return site === 0 ? 0 : ([...this.siteIds].find(([, id]) => id === site)?.[0] ?? NaN);
  }

  private deviceTask(task: number): number {
    return task < TaskNumber.FIRST ? task : ([...this.taskIds].find(([, id]) => id === task)?.[0] ?? NaN);
  }

  /** An aligned address that no block has: near ones and far ones, as internal RAM and PSRAM give. */
  private freeAddress(pick: number): number {
    let address = (pick % 4 === 0 ? 0x3f80_0000 : 0x3ffb_0000) + (pick % 97) * 12;
    while (this.blocks.has(address) || (pick % 5 > 0 && this.moves.some(({ block }) => block.address === address)))
      address += 16;
    return address;
  }
}

export function bytesOf(live: readonly PlainBlock[]): number {
  return live.reduce((sum, { size }) => sum + size, 0);
}

interface Caller {
  readonly task: number;
  readonly core: number;
}

export const REGIONS = [
  { name: "DRAM", start: 0x3ffb_0000, end: 0x3ffb_8000, caps: 12 },
  { name: "PSRAM", start: 0x3f80_0000, end: 0x3f80_0400, caps: 1028 },
] as const;
