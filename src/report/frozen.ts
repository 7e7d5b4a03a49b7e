// A run in a page without an engine: the answers to what a reader of a mailed report asks, kept small whatever the run's length. What was left
// out to get there is said.
import { formatCount, formatTime } from "../base/format.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import type { Window } from "../heap/types.ts";
import { DIMENSIONS, type Asked, type Dimension } from "./asked.ts";
import type { BlockMap } from "./block-map.ts";
import { FLAME_COSTS, FLAME_GROUPS, type FlameCost, type FlameGroup, type FlameTree } from "./flame-view.ts";
import type { GrowthView } from "./growth-view.ts";
import type { LeakView } from "./leak-view.ts";
import type { LogView } from "./log-view.ts";
import type { MemoryCurves } from "./curves.ts";
import { answer, type MomentView } from "./questions.ts";
import { viewRun, type ElfState, type RunSummary } from "./run-view.ts";
import { showMe } from "./show-me.ts";
import type { StoriesView } from "./story-view.ts";
import type { SiteRow } from "./top-sites.ts";
import type { VerdictView } from "./verdict.ts";

export interface FrozenMoment {
  readonly time: Microseconds;
  readonly name: string;
  readonly map: BlockMap;
  readonly totals: MomentView;
}

export interface FrozenFlame {
  readonly cost: FlameCost;
  readonly group: FlameGroup;
  readonly inverted: boolean;
  readonly tree: FlameTree;
}

export interface Frozen {
  readonly name: string;
  readonly run: RunSummary;
  /** Of the recording that this was made from. */
  readonly size: Bytes;
  readonly remarks: readonly string[];
  readonly elf?: ElfState;
  readonly window: Window;
  readonly verdict: VerdictView;
  readonly curves: readonly MemoryCurves[];
  readonly growth: readonly GrowthView[];
  /** By time. */
  readonly moments: readonly FrozenMoment[];
  readonly flames: readonly FrozenFlame[];
  readonly leaks: readonly LeakView[];
  readonly stories: StoriesView;
  readonly sites: readonly SiteRow[];
  readonly omittedSites: number;
  readonly log: LogView;
  /** Sentences on what was folded or left out. */
  readonly folded: readonly string[];
}

export interface FreezeSource {
  readonly asked: Asked;
  readonly name: string;
  readonly size: Bytes;
  readonly remarks?: readonly string[];
  readonly elf?: Frozen["elf"];
  readonly window?: Window;
}

const CURVE_SAMPLES = 500;
const MOST_MOMENTS = 24;
/** Blocks on all maps together: 30 bytes each, compressed to about half. */
const MOST_MAP_BLOCKS = 150_000;
const MOST_SITES = 500;
const MOST_LEAKS = 12;
const MOST_LOG_LINES = 1500;
const MOST_FLAME_NODES = 60_000;

export async function freeze({ asked, name, size, remarks = [], elf, window }: FreezeSource): Promise<Frozen> {
  const { model } = asked;
  const span = window ?? model.span;
  const folded: string[] = [];
  const verdict = await answer(asked, { kind: "verdict", window: span });
  const first = await answer(asked, { kind: "curves", window: span, samples: CURVE_SAMPLES });
  const curves = [first];
  for (const { scope } of first.choices.slice(0, 12)) {
    if (JSON.stringify(scope) === JSON.stringify(first.scope)) continue;
    curves.push(await answer(asked, { kind: "curves", window: span, samples: CURVE_SAMPLES, scope }));
  }
  folded.push(`The timeline has ${CURVE_SAMPLES} steps of ${formatTime((span.to - span.from) / CURVE_SAMPLES)}`);
  const growth: GrowthView[] = [];
  for (const by of DIMENSIONS satisfies readonly Dimension[]) {
    growth.push(await answer(asked, { kind: "growth", window: span, by, filter: "", limit: 40 }));
  }
  const sites = await answer(asked, {
    kind: "sites",
    window: span,
    filter: "",
    order: "liveBytes",
    descending: true,
    offset: 0,
    count: MOST_SITES,
  });
  const omittedSites = sites.rowCount - sites.sites.length;
  if (omittedSites > 0) folded.push(`${formatCount(omittedSites)} call sites that hold least are left out`);
  return {
    name,
    run: viewRun(model),
    size,
    remarks,
    ...(elf !== undefined && { elf }),
    window: span,
    verdict,
    curves,
    growth,
    moments: await freezeMoments(asked, span, verdict, folded),
    flames: await freezeFlames(asked, span, folded),
    leaks: await freezeLeaks(asked, span, verdict),
    stories: await answer(asked, { kind: "stories", window: span }),
    sites: sites.sites,
    omittedSites,
    log: await freezeLog(asked, span, folded),
    folded,
  };
}

/** Start, peak, end, what findings point to, and marks: the first of them that there is room for. */
async function freezeMoments(
  asked: Asked,
  span: Window,
  verdict: VerdictView,
  folded: string[],
): Promise<readonly FrozenMoment[]> {
  const { model } = asked;
  const wanted: { time: Microseconds; name: string }[] = [
    { time: span.to, name: "end" },
    { time: (await model.peak(span)).time, name: "peak" },
    { time: span.from + Math.min(1e6, (span.to - span.from) / 100), name: "start" },
    ...verdict.findings.map((finding) => ({
      time: showMe(finding, span).moment,
      name: finding.rule.replaceAll("-", " "),
    })),
    ...model.tables.marks.map(({ time, name }) => ({ time, name })),
  ].filter(({ time }) => time >= span.from && time <= span.to);
  const moments: FrozenMoment[] = [];
  let blocks = 0;
  let omitted = 0;
  for (const { time, name } of wanted) {
    if (moments.some((moment) => moment.time === time)) continue;
    if (moments.length >= MOST_MOMENTS) {
      omitted++;
      continue;
    }
    const map = await answer(asked, { kind: "map", time, filter: "" });
    if (moments.length > 0 && blocks + map.length > MOST_MAP_BLOCKS) {
      omitted++;
      continue;
    }
    blocks += map.length;
    moments.push({ time, name, map, totals: await answer(asked, { kind: "totals", time, filter: "" }) });
  }
  folded.push(
    `The heap map and the blocks are kept at ${formatCount(moments.length)} moments` +
      (omitted > 0 ? `; ${formatCount(omitted)} others found no room` : ""),
  );
  return moments.sort((a, b) => a.time - b.time);
}

async function freezeFlames(asked: Asked, span: Window, folded: string[]): Promise<readonly FrozenFlame[]> {
  const flames: FrozenFlame[] = [];
  let nodes = 0;
  let omitted = 0;
  for (const inverted of [false, true]) {
    for (const group of FLAME_GROUPS) {
      for (const cost of FLAME_COSTS) {
        const tree = await answer(asked, { kind: "flame", window: span, cost, group, inverted, filter: "" });
        if (flames.length > 0 && nodes + tree.length > MOST_FLAME_NODES) {
          omitted++;
          continue;
        }
        nodes += tree.length;
        flames.push({ cost, group, inverted, tree });
      }
    }
  }
  if (omitted > 0) folded.push(`${formatCount(omitted)} ways to look at the flame graph found no room`);
  return flames;
}

async function freezeLeaks(asked: Asked, span: Window, verdict: VerdictView): Promise<readonly LeakView[]> {
  const places = new Set<string>();
  for (const finding of verdict.findings) {
    if (["faults", "failures", "map"].includes(showMe(finding, span).view)) continue;
    const site = finding.site?.text;
    if (site !== undefined && places.size < MOST_LEAKS) places.add(site);
  }
  const leaks: LeakView[] = [];
  for (const site of places) leaks.push(await answer(asked, { kind: "leak", site, window: span }));
  return leaks;
}

async function freezeLog(asked: Asked, span: Window, folded: string[]): Promise<LogView> {
  const log = await answer(asked, { kind: "log", window: span, search: "", limit: MOST_LOG_LINES });
  if (log.omittedLines > 0) folded.push(`${formatCount(log.omittedLines)} earlier lines of the log are left out`);
  return log;
}
