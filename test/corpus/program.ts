// Programs with known faults, told to a sink: a small discrete-event simulation on a first-fit heap, so that addresses, holes and region
// reports are those of a real heap. The same seed gives the same run.
import type { DetectorName, Rule } from "../../src/detect/detectors.ts";
import type { EventSink } from "../../src/wire/events.ts";
import { Teller } from "../../src/wire/teller.ts";
import type { Fault, Region } from "../../src/wire/records.ts";
import { Configuration, Method } from "../../src/wire/protocol.ts";
import { testBoot } from "../heap-text.ts";

/** What a detector should say about a program: the rule, and the function in which the finding's first site lies. */
export interface Expectation {
  readonly rule: Rule;
  readonly function?: string;
  /** What its evidence must say. */
  readonly evidence?: RegExp;
}

export interface CorpusProgram {
  readonly name: string;
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

const heapStart = 0x3ffb_0000;

interface Hole {
  start: number;
  bytes: number;
}

/** Runs actions in the order of their times; actions allocate, free, and plan more actions. */
export class Program {
  readonly sink: Teller;
  readonly random: () => number;
  now = 0;
  /** Bytes of the heap's only region. */
  readonly heapBytes: number;
  private readonly agenda: { readonly time: number; readonly order: number; readonly action: () => void }[] = [];
  private planned = 0;
  private readonly sites = new Map<string, number>();
  private readonly tasks = new Map<string, number>();
  private readonly holes: Hole[];
  private free_: number;
  private task = 3;
  private faults = 0;
  private failures = 0;
  private readonly live = new Set<Block>();

  constructor(sink: EventSink, seed: number, heapBytes = 4 << 20) {
    this.sink = new Teller(sink);
    this.random = randomFrom(seed);
    this.heapBytes = heapBytes;
    this.holes = [{ start: heapStart, bytes: heapBytes }];
    this.free_ = heapBytes;
    sink.record({ kind: "boot", value: { ...testBoot, configuration: Configuration.INTERPOSITION } });
    this.inTask("main");
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

  /** @param place `function`, or `function:variable` */
  malloc(place: string, size: number): Block {
    const block = this.tryMalloc(place, size);
    if (block === undefined) throw new Error(`${place}: the corpus' heap is too small`);
    return block;
  }

  tryMalloc(place: string, size: number): Block | undefined {
    const site = this.site(place);
    const need = occupied(size);
    const hole = this.holes.find((one) => one.bytes >= need);
    if (hole === undefined) {
      this.fail(site, size);
      return undefined;
    }
    const block = { address: hole.start + 4, size, site };
    hole.start += need;
    hole.bytes -= need;
    this.free_ -= need;
    if (hole.bytes < 16) this.holes.splice(this.holes.indexOf(hole), 1);
    this.live.add(block);
    this.sink.alloc(this.now, block.address, size, site, this.task, 0);
    return block;
  }

  free(block: Block): void {
    if (!this.live.delete(block)) throw new Error("the corpus freed a block twice");
    this.sink.free(this.now, block.address, 0, this.task, 0);
    this.release(block);
  }

  realloc(block: Block, size: number): Block {
    const task = this.task;
    this.sink.record({ kind: "reallocBegin", value: { time: this.now, address: block.address, task, core: 0 } });
    const need = occupied(size);
    const hole = this.holes.find((one) => one.bytes >= need);
    if (hole === undefined) throw new Error("the corpus' heap is too small");
    const moved = { address: hole.start + 4, size, site: block.site };
    hole.start += need;
    hole.bytes -= need;
    this.free_ -= need;
    if (hole.bytes < 16) this.holes.splice(this.holes.indexOf(hole), 1);
    this.sink.record({
      kind: "reallocEnd",
      value: {
        time: this.now,
        oldAddress: block.address,
        address: moved.address,
        size,
        site: block.site,
        task,
        core: 0,
      },
    });
    this.live.delete(block);
    this.live.add(moved);
    this.release(block);
    return moved;
  }

  mark(name: string): void {
    this.sink.record({ kind: "mark", value: { time: this.now, name, task: this.task, core: 0 } });
  }

  /** A fault report as the probe sends it. */
  fault(fault: Omit<Fault, "number" | "time" | "task">): void {
    this.sink.record({ kind: "fault", value: { number: ++this.faults, time: this.now, task: this.task, ...fault } });
  }

  site(place: string): number {
    let id = this.sites.get(place);
    if (id === undefined) {
      id = 1 + this.sites.size;
      this.sites.set(place, id);
      const [name = place, variable] = place.split(":");
      const site = { id, method: Method.MALLOC, caps: 0x1004, file: `main/${name}.c`, line: 10 + id, function: name };
      this.sink.record({ kind: "site", value: variable === undefined ? site : { ...site, variable } });
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
    for (let next = this.agenda[0]; next !== undefined && next.time <= end; next = this.agenda[0]) {
      this.pop();
      this.now = Math.max(this.now, next.time);
      next.action();
    }
    this.now = end;
    this.report();
    this.sink.flush();
  }

  report(): void {
    this.sink.record({ kind: "regions", value: { time: this.now, regions: [this.region()] } });
  }

  private region(): Region {
    const largest = this.holes.reduce((most, hole) => Math.max(most, hole.bytes), 0);
    return {
      name: "DRAM",
      start: heapStart,
      end: heapStart + this.heapBytes,
      caps: 0x180e,
      free: this.free_,
      largestFree: Math.max(0, largest - 4),
    };
  }

  private fail(site: number, size: number): void {
    const { task, now } = this;
    this.sink.record({
      kind: "failure",
      value: {
        number: ++this.failures,
        reason: 1,
        time: now,
        task,
        size,
        caps: 0x1004,
        site,
        regions: [this.region()],
      },
    });
  }

  private release({ address, size }: Block): void {
    const hole = { start: address - 4, bytes: occupied(size) };
    this.free_ += hole.bytes;
    let index = this.holes.findIndex((one) => one.start > hole.start);
    if (index < 0) index = this.holes.length;
    const before = this.holes[index - 1];
    const after = this.holes[index];
    if (after !== undefined && hole.start + hole.bytes === after.start) {
      hole.bytes += after.bytes;
      this.holes.splice(index, 1);
    }
    if (before !== undefined && before.start + before.bytes === hole.start) before.bytes += hole.bytes;
    else this.holes.splice(index, 0, hole);
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

/** As TLSF: a header of 4, multiples of 4, at least 12. */
function occupied(size: number): number {
  return 4 + Math.max(12, Math.ceil(size / 4) * 4);
}

/** mulberry32, a small generator with 32 bits of state; good enough to shuffle programs. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b1) >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
