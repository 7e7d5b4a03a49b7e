// What two runs, or two moments of one, hold differently: live blocks by call site. Sites are the same when function, file, variable and
// size agree, so that a moved line is not a new site; where that leaves several, equal lines are matched first, then in order.
import { likely, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import { fileName } from "../base/paths.ts";
import type { Names } from "../detect/names.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { BlockTable, GroupKey } from "../heap/types.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import {
  addToSum,
  doubtAt,
  noSum,
  viewChange,
  viewLiveSum,
  viewTotal,
  type ChangeView,
  type Doubt,
  type LiveSum,
  type LiveView,
  type WritableSum,
} from "./doubt.ts";
import { viewSite, type SiteView } from "./site-view.ts";
import { groupSums } from "./top-sites.ts";

/** What is compared. */
export interface DiffQuestion {
  readonly model: HeapModel;
  readonly names: Names;
  readonly time: Microseconds;
  /** What was live at the run's peak itself, at `time`, and not at the end of that microsecond: a clock of 10 ms holds much in one. */
  readonly atPeak?: boolean;
  readonly filter?: BlockFilter;
}

/** A side of the comparison. */
export interface DiffSide extends LiveView, TroubleView {
  readonly time: Microseconds;
}

/** A call site on both sides. */
export interface DiffRow extends ChangeView {
  /** As named on the second side, or on the first where it is gone. */
  readonly site: SiteView;
  /** As named on the first side, where that differs: its line has moved. */
  readonly siteBefore?: SiteView;
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

export interface DiffView extends ChangeView {
  readonly filter?: string;
  /** What the rows are: with another than `site`, each row's `site` has a `text` only, the name of the function, component … */
  readonly by: DiffKey;
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** Largest change first, growth before shrinkage; sites that hold the same are left out. */
  readonly sites: readonly DiffRow[];
  readonly unchangedSites: number;
  /** Rows that a limit left out. */
  readonly omittedSites: number;
}

interface Entry {
  readonly site: SiteView;
  readonly sum: WritableSum;
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
    ...viewChange(before, after),
    before,
    after,
    sites: changed.slice(0, limit),
    unchangedSites: rows.length - changed.length,
    omittedSites: Math.max(0, changed.length - limit),
  };
}

/** Bounds around zero are no change that anybody saw. */
function isNothing(change: Quantity): boolean {
  return likely(change) === 0;
}

async function viewSide({ model, time, filter, atPeak }: DiffQuestion, { entries, doubt }: Side): Promise<DiffSide> {
  if (filter === undefined && atPeak !== true)
    return { ...viewTrouble(model), time, ...(await viewTotal(model, time)) };
  const sum = (key: keyof LiveSum): number => entries.reduce((total, entry) => total + entry.sum[key], 0);
  const all = { bytes: sum("bytes"), blocks: sum("blocks") };
  return {
    ...viewTrouble(model),
    time,
    ...viewLiveSum({ ...all, certainBytes: sum("certainBytes"), certainBlocks: sum("certainBlocks") }, doubt),
  };
}

/** What was live at the question's moment. */
async function liveOf({ model, time, filter, atPeak }: DiffQuestion): Promise<BlockTable> {
  // What a filter of ages accepts at a moment in between is not known.
  const isExact = atPeak === true && filter?.hasAge !== true;
  return isExact ? (await model.peak(model.span, filter)).live : model.liveAt(time, filter);
}

async function collect(question: DiffQuestion): Promise<Side> {
  const { model, names, time } = question;
  const live = await liveOf(question);
  const doubt = await doubtAt(model, time);
  const entries = new Map<string, Entry>();
  for (let row = 0; row < live.length; row++) {
    const site = viewSite(names, live.site[row] ?? 0);
    let entry = entries.get(site.text);
    if (entry === undefined) entries.set(site.text, (entry = { site, sum: noSum(), sizes: new Map() }));
    const { sum, sizes } = entry;
    const size = live.size[row] ?? 0;
    addToSum(sum, live, row, doubt);
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
  }
  return { entries: [...entries.values()], doubt };
}

async function collectGroups(question: DiffQuestion, by: DiffKey): Promise<Side> {
  const { model, time } = question;
  const doubt = await doubtAt(model, time);
  const groups = groupSums(model, await liveOf(question), by, doubt);
  return { entries: groups.map(({ key, ...sum }) => ({ site: { text: key }, sum, sizes: new Map() })), doubt };
}

type Pair = readonly [Entry | undefined, Entry | undefined];

/** From the most to the least certain match; what remains has come or gone. */
function pair(before: readonly Entry[], after: readonly Entry[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let left = [...before];
  let right = [...after];
  const places = loadedPlaces(before, after);
  const placeKey = (entry: Entry): string => places.get(entry) ?? namedKey(entry);
  const exactKey = (entry: Entry): string => places.get(entry) ?? entry.site.text;
  const sizedKey = (entry: Entry): string => `${placeKey(entry)}:${usualSize(entry)}`;
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

/** A nameless place of a module, by the address where it was loaded. */
const LOADED = /^(\S.*) 0x([0-9a-f]+)$/;
const PAGE = 4096;

interface LoadedPlace {
  readonly entry: Entry;
  readonly address: number;
}

/**
 * Nameless places by module and offset: a module is loaded elsewhere in each run, all of it moved by the same number of pages. That number is the
 * one under which most of its places meet.
 */
function loadedPlaces(before: readonly Entry[], after: readonly Entry[]): ReadonlyMap<Entry, string> {
  const places = new Map<Entry, string>();
  const left = byModule(before);
  const right = byModule(after);
  for (const module of new Set([...left.keys(), ...right.keys()])) {
    const shift = usualShift(left.get(module) ?? [], right.get(module) ?? []);
    for (const { entry, address } of left.get(module) ?? []) places.set(entry, `${module}+${address}`);
    for (const { entry, address } of right.get(module) ?? []) places.set(entry, `${module}+${address - shift}`);
  }
  return places;
}

function byModule(entries: readonly Entry[]): ReadonlyMap<string, readonly LoadedPlace[]> {
  const modules = new Map<string, LoadedPlace[]>();
  for (const entry of entries) {
    const [, module, address] = LOADED.exec(entry.site.function ?? entry.site.text) ?? [];
    if (module === undefined || address === undefined) continue;
    modules.set(module, [...(modules.get(module) ?? []), { entry, address: Number.parseInt(address, 16) }]);
  }
  return modules;
}

function usualShift(before: readonly LoadedPlace[], after: readonly LoadedPlace[]): number {
  const counts = new Map<number, number>();
  const onPage = new Map<number, number[]>();
  for (const { address } of before) onPage.set(address % PAGE, [...(onPage.get(address % PAGE) ?? []), address]);
  for (const { address } of after) {
    for (const other of onPage.get(address % PAGE) ?? [])
      counts.set(address - other, (counts.get(address - other) ?? 0) + 1);
  }
  let best = 0;
  let most = 0;
  for (const [shift, count] of counts) {
    if (count > most || (count === most && Math.abs(shift) < Math.abs(best))) [best, most] = [shift, count];
  }
  return best;
}

function namedKey({ site }: Entry): string {
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
    ...viewChange(before, after),
  };
}
