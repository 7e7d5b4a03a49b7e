// Where the growth went: what each call site, component or task holds more at the end of a range than at its start.
import { likely } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import { inTextOrder } from "../base/order.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { BlockTable, Window } from "../heap/types.ts";
import {
  addToSum,
  doubtAt,
  noSum,
  sumLive,
  viewChange,
  viewLiveSum,
  type ChangeView,
  type Doubt,
  type LiveView,
  type WritableSum,
} from "./doubt.ts";
import { groupNamer, type Asked, type Dimension } from "./asked.ts";

/** Blocks that have something in common, at two moments. */
export interface GrowthRow extends ChangeView {
  readonly key: string;
}

export interface GrowthView extends ChangeView {
  readonly window: Window;
  readonly by: Dimension;
  /** Largest growth first; then what shrank, most last. */
  readonly groups: readonly GrowthRow[];
  /** Rows that a limit left out. */
  readonly omittedGroups: number;
}

/** One moment of a run. */
export interface GrowthSide {
  readonly asked: Asked;
  readonly live: BlockTable;
  readonly doubt: Doubt;
}

export async function growthSide(
  asked: Asked,
  time: Microseconds,
  filter: BlockFilter | undefined,
): Promise<GrowthSide> {
  return { asked, live: await asked.model.liveAt(time, filter), doubt: await doubtAt(asked.model, time) };
}

export async function viewGrowth(
  asked: Asked,
  window: Window,
  by: Dimension,
  filter: BlockFilter | undefined,
  limit: number,
): Promise<GrowthView> {
  const before = await growthSide(asked, window.from, filter);
  const after = await growthSide(asked, window.to, filter);
  const all = compareSides(before, after, by).filter(({ change }) => likely(change.liveBytes) !== 0);
  // Both ends of the list are what one looks for: what grew most, and what shrank most.
  const groups =
    all.length <= limit ? all : [...all.slice(0, Math.ceil(limit / 2)), ...all.slice(-Math.floor(limit / 2))];
  return {
    window,
    by,
    ...viewChange(sumOfSide(before), sumOfSide(after)),
    groups,
    omittedGroups: all.length - groups.length,
  };
}

export function sumOfSide({ live, doubt }: GrowthSide): LiveView {
  return viewLiveSum(sumLive(live, doubt), doubt);
}

/** By name: what two moments, of one run or of two, hold. Largest growth first. */
export function compareSides(before: GrowthSide, after: GrowthSide, by: Dimension): readonly GrowthRow[] {
  const groups = new Map<string, readonly [WritableSum, WritableSum]>();
  const add = ({ asked, live, doubt }: GrowthSide, side: 0 | 1): void => {
    const nameOf = groupNamer(asked, by);
    for (let row = 0; row < live.length; row++) {
      const key = nameOf(live.site[row] ?? 0, live.task[row] ?? 0);
      let sums = groups.get(key);
      if (sums === undefined) groups.set(key, (sums = [noSum(), noSum()]));
      addToSum(sums[side], live, row, doubt);
    }
  };
  add(before, 0);
  add(after, 1);
  return [...groups]
    .map(([key, sums]) => ({
      key,
      ...viewChange(viewLiveSum(sums[0], before.doubt), viewLiveSum(sums[1], after.doubt)),
    }))
    .sort(
      (a, b) =>
        likely(b.change.liveBytes) - likely(a.change.liveBytes) ||
        likely(b.after.liveBytes) - likely(a.after.liveBytes) ||
        inTextOrder(a.key, b.key),
    );
}
