// What will be refused, and when, if it goes on like this: observed requests are played again on a model of the heap as it is now, while leaks go on.
// Requests come as often as they did but no more than a few hundred of a kind: those that come more often are played in slow motion, with lives as much
// longer, so that as much is live at a time as was.
import type { Bytes, Caps, Microseconds } from "../base/units.ts";
import { lastValue, valueAt } from "../base/values.ts";
import { serves } from "../wire/caps.ts";
import { TlsfHeap } from "../heap/tlsf-heap.ts";
import { SMALLEST_BLOCK } from "../heap/tlsf-sizes.ts";
import type { BlockTable, FreeRange, RegionState } from "../heap/types.ts";
import type { Range } from "./amount.ts";
import { piecesOf } from "./room.ts";
import type { Request } from "./tape.ts";

/** Requests of a site that come and go. */
export interface Traffic {
  readonly site: number;
  readonly caps: Caps;
  /** Of the last `period`, oldest first. */
  readonly requests: readonly Request[];
  readonly period: Microseconds;
  /** Share of the requests that stayed though no leak was found there. */
  readonly staying: number;
}

/** What a leak takes. */
export interface Loss {
  readonly site: number;
  readonly caps: Caps;
  /** Bytes per microsecond. */
  readonly rate: Range;
  /** Of blocks that it lost, and where the last one lies. */
  readonly sizes: readonly Bytes[];
  readonly lastAddress: number;
  /** One block that is replaced by a larger one. */
  readonly isContainer: boolean;
}

export interface ReplayQuestion {
  readonly now: Microseconds;
  readonly regions: readonly RegionState[];
  readonly live: BlockTable;
  /** Red zone bytes on top of each request. */
  readonly extra: Bytes;
  readonly traffic: readonly Traffic[];
  readonly losses: readonly Loss[];
}

export interface Refused {
  /** From `now` on, in time of the leaks; Infinity where nothing was refused. */
  readonly after: Microseconds;
  readonly site: number;
  readonly size: Bytes;
  readonly caps: Caps;
  /** Bytes that were free then where it might have been served. */
  readonly free: Bytes;
}

/** What differs between two replays: nobody knows these. */
export interface Luck {
  readonly random: () => number;
  /** Times the likely rate, by loss. */
  readonly speeds: readonly number[];
  /** 0 to 1: how much of other growth goes on. */
  readonly growth: number;
}

/** Of one kind, until the end is expected. */
const MOST_REQUESTS = 300;
const MOST_REQUESTS_IN_ALL = 5000;
const MOST_LOSSES = 1500;

/** @param expected about how long it will take, for the pace of the replay; it ends at `limit` */
export function replay(question: ReplayQuestion, luck: Luck, expected: Microseconds, limit: Microseconds): Refused {
  return new Replayed(question, luck).run(expected, limit);
}

interface Event {
  readonly time: Microseconds;
  readonly act: () => void;
}

class Replayed {
  private readonly question: ReplayQuestion;
  private readonly luck: Luck;
  private readonly heaps: readonly TlsfHeap[];
  private readonly agenda: Event[] = [];
  private now = 0;
  private refused: Omit<Refused, "after"> | undefined;

  constructor(question: ReplayQuestion, luck: Luck) {
    this.question = question;
    this.luck = luck;
    const { live, extra } = question;
    this.heaps = question.regions.map((region) => {
      const pieces = piecesOf(region, live, extra);
      const heap = new TlsfHeap(region.region.end - region.region.start, asFree(region));
      for (const { start, end, row } of pieces) if (row >= 0) heap.hold(start, end - start);
      return heap;
    });
  }

  run(expected: Microseconds, limit: Microseconds): Refused {
    const { traffic, losses } = this.question;
    const most = Math.max(12, Math.min(MOST_REQUESTS, MOST_REQUESTS_IN_ALL / Math.max(1, traffic.length)));
    const phase = this.luck.random();
    for (const one of traffic) this.play(one, Math.max(1, (expected * one.requests.length) / one.period / most), phase);
    losses.forEach((loss, index) => {
      const speed = this.luck.speeds[index] ?? 1;
      if (loss.isContainer) this.grow(loss, speed);
      else this.lose(loss, speed, expected);
    });
    for (let next = this.next(); next !== undefined && next.time <= limit; next = this.next()) {
      this.now = next.time;
      next.act();
      if (this.refused !== undefined) return { ...this.refused, after: this.now };
    }
    return { after: Infinity, site: 0, size: 0, caps: 0, free: 0 };
  }

  /** @param slowness slow motion: the time between requests, and their lives, times this */
  private play(traffic: Traffic, slowness: number, phase: number): void {
    const { requests, period, site, staying } = traffic;
    const { now } = this.question;
    const serving = this.servingOf(traffic, lastValue(requests).address);
    const lives = requests.flatMap(({ life }) => life ?? []).sort((a, b) => a - b);
    const lifeBeyond = (age: Microseconds): Microseconds | undefined => {
      const first = lives.findIndex((life) => life > age);
      return first < 0 ? undefined : lives[first + Math.floor(this.luck.random() * (lives.length - first))];
    };
    for (const request of requests) {
      if (request.life !== undefined) continue;
      const age = now - request.time;
      const life = lifeBeyond(age);
      const region = this.regionOf(request.address);
      if (life !== undefined && region >= 0)
        this.at((life - age) * slowness, () => this.heaps[region]?.releaseIfHeld(request.address));
    }
    const start = now - period;
    let index = requests.findIndex(({ time }) => time - start >= phase * period);
    if (index < 0) index = 0;
    let round = index === 0 && phase > 0 ? 1 : 0;
    const comesAt = (request: Request): Microseconds =>
      (round * period + (request.time - start) - phase * period) * slowness;
    const come = (): void => {
      const request = requests[index] as Request;
      const place = this.allocate(serving, site, request.size, traffic.caps);
      if (place === undefined) return;
      const stays = this.luck.random() < staying * this.luck.growth;
      const life = request.life ?? lifeBeyond(0) ?? 0;
      if (!stays) this.at(this.now + life * slowness, () => place.heap.release(place.address));
      if (++index === requests.length) {
        index = 0;
        round++;
      }
      this.at(comesAt(requests[index] as Request), come);
    };
    this.at(Math.max(0, comesAt(requests[index] as Request)), come);
  }

  private lose(loss: Loss, speed: number, expected: Microseconds): void {
    const { sizes, site, caps } = loss;
    const serving = this.servingOf(loss, loss.lastAddress);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    const rate = loss.rate.likely * speed;
    const together = Math.max(1, Math.ceil((expected * rate) / mean / MOST_LOSSES));
    const pause = (): Microseconds => ((together * mean) / rate) * 2 * this.luck.random();
    const step = (): void => {
      const size = sizes[Math.floor(this.luck.random() * sizes.length)] ?? mean;
      // Many at once lie side by side; where there is no such hole, one more than there is room for tells the end.
      const isDone = together > 1 && this.tryAllocate(serving, together * (size + 4) - 4) !== undefined;
      for (let i = 0; i < (isDone ? 0 : together); i++)
        if (this.allocate(serving, site, size, caps) === undefined) return;
      this.at(this.now + pause(), step);
    };
    this.at(pause(), step);
  }

  private grow(loss: Loss, speed: number): void {
    const serving = this.servingOf(loss, loss.lastAddress);
    const [size, before] = [valueAt(loss.sizes, 0), valueAt(loss.sizes, 1)];
    const isDoubling = size > 1.4 * before;
    let held = {
      size,
      release: (): void => this.heaps[this.regionOf(loss.lastAddress)]?.releaseIfHeld(loss.lastAddress),
    };
    const increase = (): Bytes => Math.max(4, isDoubling ? held.size : size - before);
    const pause = (): Microseconds => (increase() / (loss.rate.likely * speed)) * (0.5 + this.luck.random());
    const step = (): void => {
      const next = held.size + increase();
      const place = this.allocate(serving, loss.site, next, loss.caps);
      if (place === undefined) return;
      held.release();
      held = { size: next, release: () => place.heap.release(place.address) };
      this.at(this.now + pause(), step);
    };
    this.at(pause() * this.luck.random(), step);
  }

  /** First where it went last: the order in which a heap asks its regions depends on more than is told. */
  private servingOf({ caps }: { readonly caps: Caps }, lastAddress: number): readonly TlsfHeap[] {
    const { regions } = this.question;
    const able = regions.flatMap(({ region }, index) => (serves(region.caps, caps) ? [index] : []));
    const first = this.regionOf(lastAddress);
    return [...able.filter((index) => index === first), ...able.filter((index) => index !== first)].flatMap(
      (index) => this.heaps[index] ?? [],
    );
  }

  private regionOf(address: number): number {
    return this.question.regions.findIndex(({ region }) => address >= region.start && address < region.end);
  }

  private tryAllocate(
    serving: readonly TlsfHeap[],
    size: Bytes,
  ): { readonly heap: TlsfHeap; readonly address: number } | undefined {
    for (const heap of serving) {
      const address = heap.allocate(size + this.question.extra);
      if (address !== undefined) return { heap, address };
    }
    return undefined;
  }

  private allocate(
    serving: readonly TlsfHeap[],
    site: number,
    size: Bytes,
    caps: Caps,
  ): ReturnType<Replayed["tryAllocate"]> {
    const place = this.tryAllocate(serving, size);
    if (place === undefined)
      this.refused = { site, size, caps, free: serving.reduce((sum, { free }) => sum + free, 0) };
    return place;
  }

  private at(time: Microseconds, act: () => void): void {
    const { agenda } = this;
    const event = { time, act };
    let index = agenda.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = agenda[parent] as Event;
      if (above.time <= time) break;
      agenda[index] = above;
      index = parent;
    }
    agenda[index] = event;
  }

  private next(): Event | undefined {
    const { agenda } = this;
    const first = agenda[0];
    const last = agenda.pop();
    if (last === undefined || agenda.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= agenda.length) break;
      if (child + 1 < agenda.length && (agenda[child + 1] as Event).time < (agenda[child] as Event).time) child++;
      if ((agenda[child] as Event).time >= last.time) break;
      agenda[index] = agenda[child] as Event;
      index = child;
    }
    agenda[index] = last;
    return first;
  }
}

/** A block of somebody whom the stream does not show, with its header. */
const WALL = 20;

/**
 * Holes that add up to what the device says is free, none larger than its largest. Where the stream does not show all blocks, others stand in what looks
 * like too large a hole: it is as many holes as the device's free bytes are enough for.
 */
function asFree({ holes, free, largestFree, exact }: RegionState): readonly FreeRange[] {
  if (exact) return holes;
  const known = holes.filter(({ bytes }) => bytes <= largestFree);
  const wide = holes.filter(({ bytes }) => bytes > largestFree).flatMap((hole) => cut(hole, largestFree));
  let left = free;
  return [...wide.slice(0, 1), ...known, ...wide.slice(1)].filter(({ bytes }) => {
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}

function cut({ start, bytes }: FreeRange, largest: Bytes): readonly FreeRange[] {
  const pieces: FreeRange[] = [];
  const step = 4 * Math.floor(Math.max(SMALLEST_BLOCK, largest) / 4);
  for (let at = 0; at + SMALLEST_BLOCK <= bytes; at += step + WALL)
    pieces.push({ start: start + at, bytes: Math.min(step, bytes - at) });
  return pieces;
}
