// What the model must answer of a history (told-history.ts), each in the plainest way that there is: from copies of all states, with no thought of speed.
import type { BlockFilter } from "../src/heap/filter.ts";
import { BlockFlag, LIFETIME_BUCKETS, type BlockTable, type Window } from "../src/heap/types.ts";
import { Cause } from "../src/heap/visitor.ts";
import type { PlainBlock, PlainState, ToldHistory } from "./told-history.ts";

/** Blocks that one block stands for. */
export type Weight = (size: number) => number;

export type PlainFilter = Pick<BlockFilter, "accepts"> | undefined;

function accepts(filter: PlainFilter, block: PlainBlock, until: number): boolean {
  const { address, size, site, task, core, born } = block;
  return filter === undefined || filter.accepts(address, size, site, task * 4 + core, born, until);
}

export function stateUntil({ states }: ToldHistory, time: number): PlainState {
  return states.findLast((state) => state.row === 0 || state.time <= time) as PlainState;
}

export function stateBefore({ states }: ToldHistory, time: number): PlainState {
  return states.findLast((state) => state.row === 0 || state.time < time) as PlainState;
}

/** Columns as a list of rows. */
export function rowsOfTable(table: BlockTable): unknown[] {
  const { length, ...columns } = table;
  const names = Object.keys(columns) as (keyof typeof columns)[];
  return Array.from({ length }, (_, row) => Object.fromEntries(names.map((name) => [name, columns[name][row]])));
}

export function tableOfState(
  { live, moving }: PlainState,
  filter: PlainFilter,
  until: number,
  bornFrom = -Infinity,
): unknown[] {
  return live
    .filter((block) => block.born >= bornFrom && accepts(filter, block, until))
    .map((block) => ({ ...block, flags: moving.has(block) ? BlockFlag.MOVING : 0 }));
}

export function totals(state: PlainState, time: number): unknown {
  const { live, row: _row, moving: _moving, ...counts } = state;
  const bytes = sum(live, ({ size }) => size);
  const exactly = (value: number): unknown => ({ value, lowest: value, highest: value });
  return { ...counts, time, bytes: exactly(bytes), blocks: exactly(live.length) };
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

function statesWithin({ states }: ToldHistory, { from, to }: Window): readonly PlainState[] {
  return states.filter(({ row, time }) => row > 0 && time >= from && time <= to);
}

export function peak(history: ToldHistory, window: Window, filter: PlainFilter, weight: Weight): unknown {
  const bytesOf = ({ live }: PlainState): number =>
    sum(live, (block) => (accepts(filter, block, Infinity) ? block.size : 0));
  let best = stateBefore(history, window.from);
  for (const state of statesWithin(history, window)) if (bytesOf(state) > bytesOf(best)) best = state;
  const live = best.live.filter((block) => accepts(filter, block, Infinity));
  return {
    time: Math.max(window.from, best.row === 0 ? -Infinity : best.time),
    bytes: Math.round(sum(live, ({ size }) => size * weight(size))),
    blocks: Math.round(sum(live, ({ size }) => weight(size))),
    live: tableOfState(best, filter, Infinity),
  };
}

/** Rows of the timeline: by bucket. */
export function timeline(
  history: ToldHistory,
  window: Window,
  buckets: number,
  filter: PlainFilter,
  weight: Weight,
): unknown {
  const { from, to } = window;
  const bucketOf = (time: number): number =>
    to > from ? Math.min(buckets - 1, Math.floor(((time - from) / (to - from)) * buckets)) : 0;
  const taken = (block: PlainBlock): boolean => accepts(filter, block, Infinity);
  const held = (list: readonly PlainBlock[]): { readonly bytes: number; readonly blocks: number } => ({
    bytes: sum(list.filter(taken), ({ size }) => size * weight(size)),
    blocks: sum(list.filter(taken), ({ size }) => weight(size)),
  });
  let now = held(stateBefore(history, from).live);
  return Array.from({ length: buckets }, (_, bucket) => {
    const changes = history.changes.filter(({ time }) => time >= from && time <= to && bucketOf(time) === bucket);
    const seen = [now];
    for (const { block, isBirth } of changes) {
      if (!taken(block)) continue;
      const [{ bytes, blocks }, sign] = [held([block]), isBirth ? 1 : -1];
      now = { bytes: now.bytes + sign * bytes, blocks: now.blocks + sign * blocks };
      seen.push(now);
    }
    const births = changes.filter(({ isBirth }) => isBirth).map(({ block }) => block);
    const deaths = changes.filter(({ isBirth }) => !isBirth).map(({ block }) => block);
    return {
      time: from + ((to - from) / buckets) * (bucket + 1),
      minBytes: Math.min(...seen.map(({ bytes }) => bytes)),
      maxBytes: Math.max(...seen.map(({ bytes }) => bytes)),
      lastBytes: now.bytes,
      lastBlocks: now.blocks,
      allocations: held(births).blocks,
      allocatedBytes: held(births).bytes,
      frees: held(deaths).blocks,
    };
  });
}

/** What each of so many sites holds in a state, and has had. */
export function siteTotals(history: ToldHistory, state: PlainState, sites: number): unknown {
  const births = history.changes.filter(({ row, isBirth }) => isBirth && row <= state.row).map(({ block }) => block);
  const bySite = (list: readonly PlainBlock[], of: (block: PlainBlock) => number): number[] =>
    Array.from({ length: sites }, (_, site) =>
      sum(
        list.filter((block) => block.site === site),
        of,
      ),
    );
  return {
    bytes: bySite(state.live, ({ size }) => size),
    blocks: bySite(state.live, () => 1),
    allocations: bySite(births, () => 1),
    allocatedBytes: bySite(births, ({ size }) => size),
  };
}

/** What `types.ts` says of Activity, for each of so many groups. */
export function activity(
  history: ToldHistory,
  window: Window,
  groups: number,
  groupOf: (block: PlainBlock) => number,
  filter: PlainFilter,
  weight: Weight,
  temporaryWithin: number,
): unknown {
  const { from, to } = window;
  const within = history.changes.filter(({ time }) => time >= from && time <= to);
  const births = within.filter(({ isBirth }) => isBirth);
  const deaths = within.filter(({ isBirth }) => !isBirth);
  const bornWithin = new Set(births.map(({ block }) => block));
  const [before, after] = [stateBefore(history, from), stateUntil(history, to)];
  const count = (list: readonly PlainBlock[]): number => Math.round(sum(list, ({ size }) => weight(size)));
  const bytes = (list: readonly PlainBlock[]): number => Math.round(sum(list, ({ size }) => size * weight(size)));
  /** By a task, so far: an allocation, a free, or a realloc, which is both. */
  const calls = within.filter(({ isBirth, cause }) => isBirth || cause === Cause.CALL);
  const taskOf = ({ isBirth, block, context }: (typeof calls)[number]): number =>
    isBirth ? block.task : context >>> 2;
  const isTemporary = (death: (typeof deaths)[number]): boolean => {
    const birth = births.find(({ block }) => block === death.block);
    if (birth === undefined || death.cause !== Cause.CALL || taskOf(death) !== death.block.task) return false;
    const between = calls.slice(calls.indexOf(birth), calls.indexOf(death));
    return between.filter((call) => taskOf(call) === death.block.task).length <= temporaryWithin;
  };
  return Array.from({ length: groups }, (_, group) => {
    const isOf = ({ block }: { readonly block: PlainBlock }): boolean => groupOf(block) === group;
    const blockOf = ({ block }: { readonly block: PlainBlock }): PlainBlock => block;
    const died = deaths.filter((death) => isOf(death) && accepts(filter, death.block, death.time));
    const freed = died.filter(({ cause }) => cause === Cause.CALL);
    const isLive = (block: PlainBlock): boolean => groupOf(block) === group && accepts(filter, block, to);
    const live = after.live.filter(isLive);
    // With a filter's age that of an allocation is known when the block dies, or at the end.
    const allocated =
      filter === undefined
        ? births.filter(isOf).map(blockOf)
        : [...died.map(blockOf), ...live].filter((block) => bornWithin.has(block));
    let now = before.live.filter((block) => groupOf(block) === group && accepts(filter, block, Infinity));
    let [peakBytes, peakTime] = [bytes(now), from];
    for (const { isBirth, block, time } of within) {
      now = isBirth ? [...now, block] : now.filter((one) => one !== block);
      const there = now.filter((one) => groupOf(one) === group && accepts(filter, one, Infinity));
      if (bytes(there) > peakBytes) [peakBytes, peakTime] = [bytes(there), time];
    }
    const grown = births.filter(
      (birth) => isOf(birth) && birth.cause === Cause.REALLOC && accepts(filter, birth.block, Infinity),
    );
    const moved = grown.filter((birth) => {
      const from = deaths.find(({ row, cause }) => cause === Cause.REALLOC && row === birth.row - 1);
      return from?.block.address !== birth.block.address;
    });
    const temporary = died.filter(isTemporary).map(blockOf);
    const lives = freed.map(({ block, time }) => ({ block, life: time - block.origin }));
    const most = (list: readonly number[]): number => Math.max(0, ...list);
    return {
      allocations: count(allocated),
      allocatedBytes: bytes(allocated),
      frees: count(died.map(blockOf)),
      freedBytes: bytes(died.map(blockOf)),
      liveBlocks: count(live),
      liveBytes: bytes(live),
      survivorBytes: bytes(live.filter(({ born }) => born >= from)),
      peakBytes,
      peakTime,
      temporaryAllocations: count(temporary),
      temporaryBytes: bytes(temporary),
      reallocs: count(grown.map(blockOf)),
      moves: count(moved.map(blockOf)),
      longestChain: most(grown.map(({ block }) => block.reallocs)),
      lifetimes: Array.from({ length: LIFETIME_BUCKETS }, (_, bucket) =>
        count(lives.filter(({ life }) => bucketOfLife(life) === bucket).map(blockOf)),
      ),
      longestEnded: most(lives.map(({ life }) => life)),
      longestOngoing: most(live.map(({ origin }) => to - origin)),
    };
  });
}

/** Bucket k: from 2^k on. */
function bucketOfLife(life: number): number {
  let bucket = 0;
  while (life >= 2 ** (bucket + 1)) bucket++;
  return bucket;
}

export interface PlainGroup {
  readonly key: string;
  readonly blocks: number;
  readonly bytes: number;
  readonly oldest: number;
  readonly newest: number;
  readonly sites: readonly number[];
}

export function groups(
  live: readonly PlainBlock[],
  keyOf: (block: PlainBlock) => string,
  weight: Weight,
): PlainGroup[] {
  const keys = [...new Set(live.map(keyOf))];
  const bytesOf = (list: readonly PlainBlock[]): number => sum(list, ({ size }) => size * weight(size));
  return keys
    .map((key) => {
      const own = live.filter((block) => keyOf(block) === key);
      const sites = [...new Set(own.map(({ site }) => site))];
      const ofSite = (site: number): number => bytesOf(own.filter((block) => block.site === site));
      return {
        key,
        blocks: Math.round(sum(own, ({ size }) => weight(size))),
        bytes: Math.round(bytesOf(own)),
        oldest: Math.min(...own.map(({ born }) => born)),
        newest: Math.max(...own.map(({ born }) => born)),
        sites: sites.sort((a, b) => ofSite(b) - ofSite(a) || a - b),
      };
    })
    .sort((a, b) => b.bytes - a.bytes || b.blocks - a.blocks || (a.key < b.key ? -1 : 1));
}
