// Programs with known faults, told to a sink: a small discrete-event simulation on a heap of TLSF regions, so that addresses, holes and region
// reports are those of a real heap. What is lost is known by construction. The same seed gives the same run.
import type { DetectorName, Rule } from "../../src/detect/detectors.ts";
import type { EventSink } from "../../src/wire/events.ts";
import { Teller } from "../../src/wire/teller.ts";
import type { Boot, Fault, Region } from "../../src/wire/records.ts";
import { blockHash, Configuration, Method } from "../../src/wire/protocol.ts";
import { testBoot } from "../heap-text.ts";
import { TlsfRegion, type RegionPlan } from "./tlsf-region.ts";

/** What a detector should say about a program: the rule, and the function in which the finding's first site lies. */
export interface Expectation {
  readonly rule: Rule;
  readonly function?: string;
  /** What its evidence must say. */
  readonly evidence?: RegExp;
}

/** What is lost, and how loudly it should be said at least. */
export interface LeakLabel {
  readonly function: string;
  /** The function whose calls lose it, where the same function is called by innocents too. */
  readonly caller?: string;
  /** "optional": grows along with what leaks, and may be named or not. */
  readonly severity: "error" | "warning" | "optional";
}

/** The device and how it is recorded. */
export interface Board {
  readonly regions?: readonly RegionPlan[];
  /** Live blocks that the probe has room for; more are not told. */
  readonly tableCapacity?: number;
  /** One in so many allocations is told. */
  readonly sampleInterval?: number;
  /** The recording begins so late. */
  readonly joinsAt?: number;
  /** Blocks of these functions are not told: they lie where the probe does not look. */
  readonly hidden?: readonly string[];
  /** What the run was imported from. */
  readonly origin?: string;
}

export interface CorpusProgram {
  readonly name: string;
  readonly board?: Board;
  /** What the bench scores by caller, severity and numbers; `expect` says the same in the words of single detectors. */
  readonly leaks?: readonly LeakLabel[];
  /** Empty for a healthy program. */
  readonly expect: readonly Expectation[];
  /** The detectors that a healthy program leads into temptation. */
  readonly tempts?: readonly DetectorName[];
  /** Rules that may be right too, and count neither way: what leaks will one day use up the memory. */
  readonly mayAlso?: readonly Rule[];
  play(program: Program): void;
}

export const second = 1e6;

export interface Block {
  readonly address: number;
  readonly size: number;
  readonly site: number;
}

/** Lost blocks of one site, as it was. */
export interface Lost {
  readonly site: number;
  readonly function: string;
  readonly caller?: string;
  blocks: number;
  bytes: number;
  /** Moments at which any was lost. */
  rounds: number;
  readonly first: number;
  last: number;
}

/** A request that was refused, with the heap as it was then. */
export interface Refusal {
  readonly time: number;
  readonly size: number;
  readonly caps: number;
  readonly regions: readonly TlsfRegion[];
}

/** What malloc asks for. */
const mallocCaps = 0x1004;
const dramCaps = 0x180e;
const psramCaps = 0x1404;

export const dram = (kilobytes: number, start = 0x3ffb_0000): RegionPlan => ({
  name: "DRAM",
  start,
  bytes: kilobytes << 10,
  caps: dramCaps,
});
export const psram = (kilobytes: number): RegionPlan => ({
  name: "PSRAM",
  start: 0x3c00_0000,
  bytes: kilobytes << 10,
  caps: psramCaps,
});
export const inPsram = 0x400;

/** Runs actions in the order of their times; actions allocate, free, and plan more actions. */
export class Program {
  readonly sink: Teller;
  readonly seed: number;
  readonly random: () => number;
  now = 0;
  /** By site. */
  readonly lost = new Map<number, Lost>();
  readonly refusals: Refusal[] = [];
  private readonly board: Board;
  private readonly boot: Boot;
  private readonly regions: readonly TlsfRegion[];
  private readonly agenda: { readonly time: number; readonly order: number; readonly action: () => void }[] = [];
  private planned = 0;
  private readonly sites = new Map<string, number>();
  private readonly siteOf = new Map<number, { readonly function: string; readonly caller?: string; caps: number }>();
  private readonly tasks = new Map<string, number>();
  private task = 3;
  private faults = 0;
  private failures = 0;
  private tableFull = 0;
  private readonly live = new Set<Block>();
  /** By function. */
  private readonly growths = new Map<string, number>();
  /** Live blocks that the recording knows. */
  private readonly told = new Set<number>();
  private isMuted = false;
  private hasBegun: boolean;

  constructor(sink: EventSink, seed: number, board: Board = {}) {
    this.sink = new Teller(sink);
    this.seed = seed;
    this.random = randomFrom(seed);
    this.board = board;
    this.regions = (board.regions ?? [dram(4 << 10)]).map((plan) => new TlsfRegion(plan));
    this.hasBegun = board.joinsAt === undefined;
    this.boot = {
      ...testBoot,
      configuration: Configuration.INTERPOSITION,
      tableCapacity: board.tableCapacity ?? 0,
      sampleInterval: board.sampleInterval ?? 1,
      ...(board.origin !== undefined && { origin: board.origin }),
    };
    sink.record({ kind: "boot", value: this.boot });
    this.inTask("main");
  }

  /** Of the first region. */
  get heapBytes(): number {
    return this.regions[0]?.plan.bytes ?? 0;
  }

  /** Number in `[from, to)`. */
  between(from: number, to: number): number {
    return from + this.random() * (to - from);
  }

  /** Exponentially distributed around `mean`. */
  around(mean: number): number {
    return -Math.log(1 - this.random()) * mean;
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  /** Makes `name` the task of what follows. */
  inTask(name: string): void {
    let id = this.tasks.get(name);
    if (id === undefined) {
      id = 3 + this.tasks.size;
      this.tasks.set(name, id);
      this.sink.record({ kind: "task", value: { id, name, handle: 0x3ffc_0000 + id * 512 } });
    }
    this.task = id;
  }

  endTask(name: string): void {
    const id = this.tasks.get(name);
    if (id !== undefined)
      this.sink.record({ kind: "task", value: { id, name, handle: 0x3ffc_0000 + id * 512, deleted: true } });
  }

  /** @param place `function`, `function:variable`, and who called it: `function:variable<caller<its caller` */
  malloc(place: string, size: number, caps = mallocCaps): Block {
    const block = this.tryMalloc(place, size, caps);
    if (block === undefined) throw new OutOfMemory(place);
    return block;
  }

  tryMalloc(place: string, size: number, caps = mallocCaps): Block | undefined {
    const site = this.site(place, caps);
    const address = this.allocate(size, caps);
    if (address === undefined) {
      this.fail(site, size, caps);
      return undefined;
    }
    const block = { address, size, site };
    this.live.add(block);
    if (this.isTold(site)) {
      this.told.add(address);
      this.sink.alloc(this.now, address, size, site, this.task, 0);
    }
    return block;
  }

  /** Allocates what nobody will ever free. */
  lose(place: string, size: number, caps = mallocCaps): Block {
    const block = this.malloc(place, size, caps);
    this.isLost(block);
    return block;
  }

  /** From now on nobody will free it. */
  isLost({ site, size }: Block): void {
    if (this.isMuted) return;
    const known = this.lost.get(site);
    if (known === undefined) {
      const { function: name = "", caller } = this.siteOf.get(site) ?? {};
      const one = { site, function: name, blocks: 1, bytes: size, rounds: 1, first: this.now, last: this.now };
      this.lost.set(site, caller === undefined ? one : { ...one, caller });
      return;
    }
    known.blocks++;
    known.bytes += size;
    if (this.now > known.last) known.rounds++;
    known.last = this.now;
  }

  /** How often a function has lost blocks, or made one larger, or, where it does neither, how many of its blocks wait. */
  roundsOf(name: string): number {
    const isOf = (site: number): boolean => this.siteOf.get(site)?.function === name;
    const lost = [...this.lost.values()].filter(({ site }) => isOf(site)).reduce((sum, { rounds }) => sum + rounds, 0);
    if (lost > 0) return lost;
    const waiting = [...this.live].filter(({ site }) => isOf(site)).length;
    return Math.max(this.growths.get(name) ?? 0, waiting);
  }

  free(block: Block, place?: string): void {
    if (!this.live.delete(block)) throw new Error("the corpus freed a block twice");
    if (this.told.delete(block.address))
      this.sink.free(this.now, block.address, place === undefined ? 0 : this.site(place), this.task, 0);
    this.regionOf(block.address).release(block.address);
  }

  /** Frees after `delay`. */
  freeAfter(delay: number, ...blocks: readonly Block[]): void {
    this.after(delay, () => {
      for (const block of blocks) this.free(block);
    });
  }

  realloc(block: Block, size: number, place?: string): Block {
    const moved = this.tryRealloc(block, size, place);
    if (moved === undefined) throw new OutOfMemory("realloc");
    return moved;
  }

  /** Undefined where it is refused: the block stays as it is. */
  tryRealloc(block: Block, size: number, place?: string): Block | undefined {
    const task = this.task;
    const isTold = this.told.has(block.address);
    const site = place === undefined ? block.site : this.site(place);
    const caps = this.siteOf.get(block.site)?.caps ?? mallocCaps;
    const address = this.allocate(size, caps);
    if (address === undefined) {
      this.fail(site, size, caps);
      return undefined;
    }
    if (isTold)
      this.sink.record({ kind: "reallocBegin", value: { time: this.now, address: block.address, task, core: 0 } });
    const moved = { address, size, site };
    const name = this.siteOf.get(site)?.function ?? "";
    if (size > block.size) this.growths.set(name, (this.growths.get(name) ?? 0) + 1);
    if (isTold) {
      this.sink.record({
        kind: "reallocEnd",
        value: { time: this.now, oldAddress: block.address, address, size, site, task, core: 0 },
      });
      this.told.delete(block.address);
      this.told.add(address);
    }
    this.live.delete(block);
    this.live.add(moved);
    this.regionOf(block.address).release(block.address);
    return moved;
  }

  /** What the board prints. */
  print(text: string): void {
    this.sink.text(new TextEncoder().encode(`${text}\n`));
  }

  /** The recording ends with the next boot. @param resetReason esp_reset_reason_t */
  restart(resetReason: number): void {
    this.sink.record({ kind: "boot", value: { ...this.boot, bootId: this.boot.bootId + 1, resetReason } });
    this.agenda.length = 0;
    this.hasBegun = false;
  }

  mark(name: string): void {
    this.sink.record({ kind: "mark", value: { time: this.now, name, task: this.task, core: 0 } });
  }

  /** A fault report as the probe sends it. */
  fault(fault: Omit<Fault, "number" | "time" | "task">): void {
    this.sink.record({ kind: "fault", value: { number: ++this.faults, time: this.now, task: this.task, ...fault } });
  }

  site(place: string, caps = mallocCaps): number {
    let id = this.sites.get(place);
    if (id === undefined) {
      id = 1 + this.sites.size;
      this.sites.set(place, id);
      const [inner = place, ...callers] = place.split("<");
      const [name = inner, variable] = inner.split(":");
      const [caller] = callers;
      this.siteOf.set(id, caller === undefined ? { function: name, caps } : { function: name, caller, caps });
      const file = `main/${name}.c`;
      // One function allocates in one line, whoever calls it.
      const line = 10 + (callers.length === 0 ? id : lineOf(name));
      const site = { id, method: Method.MALLOC, caps, file, line, function: name };
      const frames = [{ function: name, file, line }];
      for (const outer of callers) frames.push({ function: outer, file: `main/${outer}.c`, line: lineOf(outer) });
      this.sink.record({
        kind: "site",
        value: {
          ...site,
          ...(variable !== undefined && { variable }),
          ...(callers.length > 0 && { frames }),
        },
      });
    }
    return id;
  }

  after(delay: number, action: () => void): void {
    this.agenda.push({ time: this.now + delay, order: this.planned++, action });
    this.siftUp(this.agenda.length - 1);
  }

  /** From now on, each time after a pause that `pause` tells. */
  repeat(pause: () => number, action: () => void): void {
    const step = (): void => {
      action();
      this.after(pause(), step);
    };
    this.after(pause(), step);
  }

  /** Runs what is planned until `end`; reports regions along the way. */
  run(end: number, reports = 50): void {
    this.report();
    for (let i = 1; i <= reports; i++) this.after((end * i) / reports - 1 - this.now, () => this.report());
    const { joinsAt } = this.board;
    if (joinsAt !== undefined) this.after(joinsAt - this.now, () => this.join());
    this.advance(end);
    this.report();
    this.sink.flush();
  }

  /** Goes on after the recording has ended, until a request is refused or `limit` is reached. */
  goOn(limit: number): number | undefined {
    this.isMuted = true;
    const before = this.refusals.length;
    try {
      this.advance(limit, () => this.refusals.length > before);
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
    }
    return this.refusals[before]?.time;
  }

  report(): void {
    if (this.isMuted || !this.hasBegun) return;
    this.sink.record({ kind: "regions", value: { time: this.now, regions: this.regions.map(told) } });
    if (this.board.tableCapacity !== undefined) this.heartbeat();
  }

  /** Only where the table may be full: that is told nowhere else. */
  private heartbeat(): void {
    let hash = 0;
    let liveBlocks = 0;
    let liveBytes = 0;
    for (const { address, size, site } of this.live) {
      if (!this.told.has(address)) continue;
      hash = (hash + blockHash(address, size, site)) >>> 0;
      liveBlocks++;
      liveBytes += size;
    }
    this.sink.record({
      kind: "heartbeat",
      value: {
        ...{ time: this.now, hash, liveBlocks, liveBytes, peakBytes: liveBytes, tableFull: this.tableFull },
        ...{ unknownFrees: 0, droppedEvents: 0, faults: 0, failures: this.failures, droppedReports: 0 },
        ...{ quarantinedBytes: 0, quarantinedBlocks: 0 },
      },
    });
  }

  private advance(end: number, isOver = (): boolean => false): void {
    for (let next = this.agenda[0]; next !== undefined && next.time <= end && !isOver(); next = this.agenda[0]) {
      this.pop();
      this.now = Math.max(this.now, next.time);
      next.action();
    }
    if (!isOver()) this.now = Math.max(this.now, end);
  }

  /** The recording begins: what lives already is told as found. */
  private join(): void {
    this.hasBegun = true;
    const blocks = [...this.live].filter(({ site }) => !this.isHidden(site));
    this.sink.record({ kind: "gap", value: { time: this.now, reason: "attached-late", lostFrames: 0 } });
    this.snapshot(blocks);
    this.report();
  }

  private snapshot(blocks: readonly Block[]): void {
    const { now, task } = this;
    this.sink.record({ kind: "snapshotBegin", value: { time: now } });
    for (const { address, size, site } of blocks) {
      this.sink.record({ kind: "live", value: { address, size, site, task, moving: false } });
      this.told.add(address);
    }
    this.sink.record({ kind: "snapshotEnd", value: { time: now, records: blocks.length } });
  }

  private isHidden(site: number): boolean {
    return this.board.hidden?.includes(this.siteOf.get(site)?.function ?? "") === true;
  }

  private isTold(site: number): boolean {
    const { tableCapacity = 0, sampleInterval = 1 } = this.board;
    if (this.isMuted || !this.hasBegun || this.isHidden(site)) return false;
    if (sampleInterval > 1 && this.random() * sampleInterval >= 1) return false;
    if (tableCapacity === 0 || this.told.size < tableCapacity) return true;
    this.tableFull++;
    return false;
  }

  private allocate(size: number, caps: number): number | undefined {
    for (const region of this.regions) {
      if ((region.plan.caps & caps) >>> 0 !== caps >>> 0) continue;
      const address = region.allocate(size);
      if (address !== undefined) return address;
    }
    return undefined;
  }

  private regionOf(address: number): TlsfRegion {
    const region = this.regions.find((one) => address >= one.plan.start && address < one.end);
    if (region === undefined) throw new Error("the corpus knows no such region");
    return region;
  }

  private fail(site: number, size: number, caps: number): void {
    const { task, now } = this;
    this.refusals.push({ time: now, size, caps, regions: this.regions.map((region) => region.copy()) });
    if (this.isMuted || !this.hasBegun) return;
    const able = this.regions.filter(({ plan }) => (plan.caps & caps) >>> 0 === caps >>> 0);
    const number = ++this.failures;
    this.sink.record({
      kind: "failure",
      value: { number, reason: 1, time: now, task, size, caps, site, regions: able.map(told) },
    });
  }

  private siftUp(start: number): void {
    const { agenda } = this;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const [a, b] = [agenda[index], agenda[parent]];
      if (a === undefined || b === undefined || !isBefore(a, b)) return;
      agenda[index] = b;
      agenda[parent] = a;
      index = parent;
    }
  }

  private pop(): void {
    const { agenda } = this;
    const last = agenda.pop();
    if (last === undefined || agenda.length === 0) return;
    agenda[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [a, b] = [agenda[left], agenda[left + 1]];
      if (a === undefined) return;
      const child = b !== undefined && isBefore(b, a) ? left + 1 : left;
      const [up, down] = [agenda[index], agenda[child]];
      if (up === undefined || down === undefined || !isBefore(down, up)) return;
      agenda[index] = down;
      agenda[child] = up;
      index = child;
    }
  }
}

interface Planned {
  readonly time: number;
  readonly order: number;
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

class OutOfMemory extends Error {
  constructor(place: string) {
    super(`${place}: the corpus' heap is too small`);
  }
}

function told({ plan, end, free, largestFree }: TlsfRegion): Region {
  return { name: plan.name, start: plan.start, end, caps: plan.caps, free, largestFree };
}

/** The same for the same name. */
function lineOf(name: string): number {
  let hash = 7;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) % 900;
  return 100 + hash;
}

/** mulberry32, a small generator with 32 bits of state; good enough to shuffle programs. */
export function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b1) >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
