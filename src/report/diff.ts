// What two runs, or two moments of one, hold differently: live blocks by call site. Sites are the same when function, file, variable and
// size agree, so that a moved line is not a new site; where that leaves several, equal lines are matched first, then in order.
import { difference, likely, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import { fileName } from "../base/paths.ts";
import type { Names } from "../detect/names.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { BlockFlag, type GroupKey } from "../heap/types.ts";
import { viewTrouble, type RunView } from "./run-trouble.ts";
import { doubtAt, viewLiveSum, viewTotal, type Doubt, type LiveSum, type LiveView } from "./doubt.ts";
import { viewSite, type SiteView } from "./site-view.ts";
import { groupSums } from "./top-sites.ts";

/** What is compared. */
export interface DiffQuestion {
  readonly model: HeapModel;
  readonly names: Names;
  readonly time: Microseconds;
  readonly filter?: BlockFilter;
}

/** A side of the comparison. */
export interface DiffSide extends LiveView, RunView {
  readonly time: Microseconds;
}

/** A call site on both sides. */
export interface DiffRow {
  /** As named on the second side, or on the first where it is gone. */
  readonly site: SiteView;
  /** As named on the first side, where that differs: its line has moved. */
  readonly siteBefore?: SiteView;
  readonly before: LiveView;
  readonly after: LiveView;
  readonly change: LiveView;
}

/** What may be compared: what has the same name in another run. */
export const DIFF_KEYS = [
  "site",
  "function",
  "file",
  "component",
  "variable",
  "method",
  "task",
  "core",
  "caps",
  "region",
  "size-class",
] as const satisfies readonly GroupKey[];
export type DiffKey = (typeof DIFF_KEYS)[number];

export interface DiffOptions {
  readonly by?: DiffKey;
  readonly limit?: number;
}

export interface DiffView {
  readonly filter?: string;
  /** What the rows are: with another than `site`, each row's `site` has a `text` only, the name of the function, component … */
  readonly by: DiffKey;
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly change: LiveView;
  /** Largest change first, growth before shrinkage; sites that hold the same are left out. */
  readonly sites: readonly DiffRow[];
  readonly unchangedSites: number;
  /** Rows that a limit left out. */
  readonly omittedSites: number;
}

interface Entry {
  readonly site: SiteView;
  readonly sum: { -readonly [K in keyof LiveSum]: LiveSum[K] };
  /** How many blocks of each size. */
  readonly sizes: Map<number, number>;
}

interface Side {
  readonly entries: readonly Entry[];
  readonly doubt: Doubt;
}

export async function viewDiff(a: DiffQuestion, b: DiffQuestion, options: DiffOptions = {}): Promise<DiffView> {
  const { by = "site", limit = Infinity } = options;
  const left = by === "site" ? await collect(a) : await collectGroups(a, by);
  const right = by === "site" ? await collect(b) : await collectGroups(b, by);
  const [before, after] = [await viewSide(a, left), await viewSide(b, right)];
  const rows = pair(left.entries, right.entries).map(([one, other]) => rowOf(one, other, left.doubt, right.doubt));
  const changed = rows.filter(({ change }) => !isNothing(change.liveBytes) || !isNothing(change.liveBlocks));
  const growth = ({ change }: DiffRow): number => likely(change.liveBytes);
  changed.sort((x, y) => Math.abs(growth(y)) - Math.abs(growth(x)) || growth(y) - growth(x));
  return {
    ...(b.filter !== undefined && { filter: b.filter.query }),
    by,
    before,
    after,
    change: changeOf(before, after),
    sites: changed.slice(0, limit),
    unchangedSites: rows.length - changed.length,
    omittedSites: Math.max(0, changed.length - limit),
  };
}

/** Bounds around zero are no change that anybody saw. */
function isNothing(change: Quantity): boolean {
  return likely(change) === 0;
}

async function viewSide({ model, time, filter }: DiffQuestion, { entries, doubt }: Side): Promise<DiffSide> {
  if (filter === undefined) return { ...viewTrouble(model), time, ...(await viewTotal(model, time)) };
  const sum = (key: keyof LiveSum): number => entries.reduce((total, entry) => total + entry.sum[key], 0);
  const all = { bytes: sum("bytes"), blocks: sum("blocks") };
  return {
    ...viewTrouble(model),
    time,
    ...viewLiveSum({ ...all, certainBytes: sum("certainBytes"), certainBlocks: sum("certainBlocks") }, doubt),
  };
}

function changeOf(before: LiveView, after: LiveView): LiveView {
  return {
    liveBytes: difference(after.liveBytes, before.liveBytes),
    liveBlocks: difference(after.liveBlocks, before.liveBlocks),
  };
}

async function collect({ model, names, time, filter }: DiffQuestion): Promise<Side> {
  const live = await model.liveAt(time, filter);
  const doubt = await doubtAt(model, time);
  const entries = new Map<string, Entry>();
  for (let row = 0; row < live.length; row++) {
    const site = viewSite(names, live.site[row] ?? 0);
    let entry = entries.get(site.text);
    if (entry === undefined) entries.set(site.text, (entry = { site, sum: noSum(), sizes: new Map() }));
    const { sum, sizes } = entry;
    const size = live.size[row] ?? 0;
    const blocks = doubt.weight(size);
    sum.bytes += size * blocks;
    sum.blocks += blocks;
    if (((live.flags[row] ?? 0) & BlockFlag.UNCERTAIN) === 0) {
      sum.certainBytes += size * blocks;
      sum.certainBlocks += blocks;
    }
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
  }
  return { entries: [...entries.values()], doubt };
}

async function collectGroups({ model, time, filter }: DiffQuestion, by: DiffKey): Promise<Side> {
  const doubt = await doubtAt(model, time);
  const groups = groupSums(model, await model.liveAt(time, filter), by, doubt);
  return { entries: groups.map(({ key, ...sum }) => ({ site: { text: key }, sum, sizes: new Map() })), doubt };
}

function noSum(): Entry["sum"] {
  return { bytes: 0, blocks: 0, certainBytes: 0, certainBlocks: 0 };
}

type Pair = readonly [Entry | undefined, Entry | undefined];

/** From the most to the least certain match; what remains has come or gone. */
function pair(before: readonly Entry[], after: readonly Entry[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let left = [...before];
  let right = [...after];
  for (const keyOf of [exactKey, sizedKey, placeKey]) {
    const candidates = new Map<string, Entry[]>();
    for (const entry of left) candidates.set(keyOf(entry), [...(candidates.get(keyOf(entry)) ?? []), entry]);
    const matched = new Set<Entry>();
    for (const entry of byLine(right)) {
      const found = candidates.get(keyOf(entry));
      const [match] = found === undefined ? [] : byLine(found);
      if (found === undefined || match === undefined) continue;
      candidates.set(
        keyOf(entry),
        found.filter((one) => one !== match),
      );
      matched.add(match);
      matched.add(entry);
      pairs.push([match, entry]);
    }
    left = left.filter((entry) => !matched.has(entry));
    right = right.filter((entry) => !matched.has(entry));
  }
  return [
    ...pairs,
    ...left.map((entry): Pair => [entry, undefined]),
    ...right.map((entry): Pair => [undefined, entry]),
  ];
}

function exactKey(entry: Entry): string {
  return entry.site.text;
}

function sizedKey(entry: Entry): string {
  return `${placeKey(entry)}:${usualSize(entry)}`;
}

/** A nameless place of a module that is loaded elsewhere in each run: pages move, places within a page do not. */
const LOADED = /^(\S.* 0x)[0-9a-f]*([0-9a-f]{3})$/;

function placeKey({ site }: Entry): string {
  const loaded = LOADED.exec(site.function ?? site.text);
  if (loaded !== null) return `${loaded[1] ?? ""}…${loaded[2] ?? ""}`;
  const file = site.file === undefined ? "" : fileName(site.file);
  return site.function === undefined || site.function === ""
    ? site.text
    : [file, site.function, site.variable ?? ""].join(":");
}

function usualSize({ sizes }: Entry): number {
  let best = 0;
  let most = 0;
  for (const [size, count] of sizes) if (count > most) [best, most] = [size, count];
  return best;
}

function byLine(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((a, b) => (a.site.line ?? 0) - (b.site.line ?? 0));
}

function rowOf(left: Entry | undefined, right: Entry | undefined, doubtBefore: Doubt, doubtAfter: Doubt): DiffRow {
  const before = viewLiveSum(left?.sum ?? noSum(), doubtBefore);
  const after = viewLiveSum(right?.sum ?? noSum(), doubtAfter);
  const site = (right ?? left)?.site ?? { text: "" };
  return {
    site,
    ...(left !== undefined && right !== undefined && left.site.text !== site.text && { siteBefore: left.site }),
    before,
    after,
    change: changeOf(before, after),
  };
}
