// Leaks: judges every place by its history (leak-judgement.ts), finds which of its callers lose (callers.ts), and says what was found. docs/detectors/leak.md.
import { HOUR } from "../base/duration.ts";
import { lastValue, valueAt } from "../base/values.ts";
import type { Microseconds } from "../base/units.ts";
import { samplingOf } from "../heap/sampling.ts";
import { BlockFlag, LIFETIME_BUCKETS, type BlockTable } from "../heap/types.ts";
import { amountOf, type Amount, type Range } from "./amount.ts";
import { findAccused, type Accused, type Court } from "./callers.ts";
import { blockAt, BLOCKS_NAMED, type DetectContext } from "./context.ts";
import type { Detector, FoundLeak, LeakRule } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Severity } from "./finding.ts";
import type { SiteHistory } from "./leak-evidence.ts";
import { firstEpochs, judgeLeak, SETUP_TIME, type LeakJudgement } from "./leak-judgement.ts";
import { confidenceOf, evidenceOf, nextStep, titleOf, type LeakStory } from "./leak-words.ts";
import { fingerprint, type Names } from "./names.ts";
import { findOrphans, type Orphans } from "./orphans.ts";
import { findSuppression, isBeyond } from "./suppressions.ts";
import { EPOCHS, STEPS_KEPT, type Survey } from "./survey.ts";

export const leaks = {
  name: "leaks",
  page: "leak",
  group: "leaks",
  rules: {
    leak: Urgency.LOSS,
    "growing-block": Urgency.LOSS,
    "freed-at-shutdown": Urgency.LOSS,
    orphaned: Urgency.LOSS,
  },
  needs: ["leaks"],
  // They are a pass of their own, because others rest on them.
  detect: ({ leaks: found }) => found.map(({ finding }) => finding),
} as const satisfies Detector<LeakRule, "leaks">;

/** Stacks that a finding names at most. */
const STACKS_NAMED = 4;
/** Fewer allocations clear nobody. */
const ENOUGH_TO_CLEAR = 8;

/** A judgement, and until when the history was believed. */
interface Judged extends LeakJudgement {
  /** Where memory was used up before the end. */
  readonly usedUpAt?: Microseconds;
}

export function findLeaks(context: DetectContext, survey: Survey): readonly FoundLeak[] {
  const { names, live, model } = context;
  const court = makeCourt(context, survey);
  const accused: Accused<Judged>[] = placesOf(survey, names).flatMap((sites) => findAccused(sites, court));
  const orphans = findOrphans(model.tables, survey, live);
  const rows = rowsBySite(live);
  const orphansOf = (sites: readonly number[]): Orphans | undefined =>
    joined(sites.flatMap((site) => orphans.get(site) ?? []));
  const found = accused.map((one) => describe(context, survey, rows, one, orphansOf(one.sites)));
  const known = new Set(accused.flatMap(({ sites }) => sites));
  for (const place of placesOf(survey, names)) {
    const left = place.filter((site) => !known.has(site) && orphans.has(site));
    if (left.length > 0)
      found.push(describe(context, survey, rows, { sites: left, innocents: [], isApart: false }, orphansOf(left)));
  }
  return found;
}

function makeCourt(context: DetectContext, survey: Survey): Court<Judged> {
  const { names, model, stretch } = context;
  const length = stretch.to - stretch.from;
  // When memory was used up nothing could grow any more: whoever grew until then is judged by that.
  const usedUpAt = model.tables.failures.find(
    ({ time, regions, size }) =>
      time > stretch.from && time < stretch.to && regions.length > 0 && regions.every(({ free }) => free < 2 * size),
  )?.time;
  const isSettingUp = length < SETUP_TIME && partsStillBegin(survey);
  return {
    framesOf: (site) => names.site(site).callers,
    allocations: (site) => valueAt(survey.allocations, site),
    isClear: ({ isClear }) => isClear,
    isCleared: (sites) => {
      const { allocations, frees, floorBlocks } = historyOf(survey, sites);
      if (allocations < ENOUGH_TO_CLEAR) return allocations === 0;
      const half = valueAt(floorBlocks, EPOCHS >> 1);
      return frees > 0.3 * allocations || lastValue(floorBlocks) <= half;
    },
    judge: (sites) => {
      const history = historyOf(survey, sites);
      const whole = judgeLeak(history, length, isSettingUp);
      if (usedUpAt === undefined || whole?.isClear === true) return whole;
      const lengthUntil = usedUpAt - stretch.from;
      const epochsUntil = Math.floor(lengthUntil / survey.epochLength);
      if (epochsUntil < 10) return whole;
      const until = judgeLeak(firstEpochs(history, epochsUntil), lengthUntil, isSettingUp);
      return until?.isClear === true ? { ...until, usedUpAt } : whole;
    },
  };
}

/** Where much of what stays comes from places that were not reached before the second half, the program has not settled. */
function partsStillBegin({ sites, allocations, liveBlocks, firstBirth, window }: Survey): boolean {
  const middle = (window.from + window.to) / 2;
  let [all, late] = [0, 0];
  for (let site = 0; site < sites; site++) {
    if (valueAt(allocations, site) === 0 || valueAt(liveBlocks, site) === 0) continue;
    all++;
    if (valueAt(firstBirth, site) > middle) late++;
  }
  return late >= 3 && late >= 0.2 * all;
}

/** Sites that differ only in who called them; a site without a name is a place of its own, as its address may be an allocator's. */
function placesOf({ sites }: Survey, names: Names): readonly (readonly number[])[] {
  const places = new Map<string, number[]>();
  for (let site = 0; site < sites; site++) {
    const { function: name, text } = names.site(site);
    const key = name === undefined || name === "" ? `#${site}` : text;
    const place = places.get(key);
    if (place === undefined) places.set(key, [site]);
    else place.push(site);
  }
  return [...places.values()];
}

function historyOf(survey: Survey, sites: readonly number[]): SiteHistory {
  const generations = survey.generationEnds.length + 1;
  const { from } = survey.window;
  const rows = (column: Float64Array, width: number): Float64Array => {
    if (sites.length === 1) {
      const start = valueAt(sites, 0) * width;
      return column.subarray(start, start + width);
    }
    const sum = new Float64Array(width);
    for (const site of sites)
      for (let i = 0; i < width; i++) sum[i] = valueAt(sum, i) + valueAt(column, site * width + i);
    return sum;
  };
  const sum = (column: Float64Array): number => sites.reduce((total, site) => total + valueAt(column, site), 0);
  const last = (column: Float64Array): number => sites.reduce((most, site) => Math.max(most, valueAt(column, site)), 0);
  return {
    floorBlocks: rows(survey.floorBlocks, EPOCHS),
    floorBytes: rows(survey.floorBytes, EPOCHS),
    births: rows(survey.births, EPOCHS),
    survivors: rows(survey.survivors, EPOCHS),
    freedLate: sum(survey.freedLate),
    epochLength: survey.epochLength,
    allocations: sum(survey.allocations),
    frees: sum(survey.frees),
    lifetimes: rows(survey.lifetimes, LIFETIME_BUCKETS),
    steps: sites.length === 1 ? stepsOf(survey, valueAt(sites, 0)) : [],
    end: survey.judgedAt,
    growths: sum(survey.growths),
    shrinks: sum(survey.shrinks),
    rises: sum(survey.rises),
    falls: sum(survey.falls),
    liveBlocks: sum(survey.liveBlocks),
    lastGrowth: last(survey.lastGrowth) - from,
    growthBefore: last(survey.growthBefore) - from,
    oldest: sites.reduce((least, site) => Math.min(least, survey.oldest[site] ?? Infinity), Infinity) - from,
    generations: rows(survey.generations, generations),
  };
}

/** Oldest first. */
function stepsOf({ stepTimes, stepSizes, rises, growths }: Survey, site: number): SiteHistory["steps"] {
  const count = valueAt(rises, site) + valueAt(growths, site);
  const kept = Math.min(count, STEPS_KEPT);
  return Array.from({ length: kept }, (_, i) => {
    const at = site * STEPS_KEPT + ((count - kept + i) % STEPS_KEPT);
    return { time: valueAt(stepTimes, at), size: valueAt(stepSizes, at) };
  });
}

function rowsBySite(live: BlockTable): ReadonlyMap<number, readonly number[]> {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < live.length; row++) {
    const site = valueAt(live.site, row);
    const list = rows.get(site);
    if (list === undefined) rows.set(site, [row]);
    else list.push(row);
  }
  return rows;
}

function joined(all: readonly Orphans[]): Orphans | undefined {
  if (all.length === 0) return undefined;
  const taskIds = [...new Set(all.flatMap((one) => one.taskIds))];
  return {
    blocks: all.reduce((sum, { blocks }) => sum + blocks, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    tasks: taskIds.length,
    taskIds,
  };
}

function describe(
  context: DetectContext,
  survey: Survey,
  rowsOf: ReadonlyMap<number, readonly number[]>,
  {
    sites: unordered,
    innocents,
    isApart,
    judgement,
  }: Omit<Accused<Judged>, "judgement"> & { readonly judgement?: Judged },
  orphan: Orphans | undefined,
): FoundLeak {
  const { names, live, model, stretch } = context;
  const bytesOf = (site: number): number => valueAt(survey.liveBytes, site);
  const sites = unordered.filter(
    (site) => valueAt(survey.allocations, site) > 0 || valueAt(survey.liveBlocks, site) > 0,
  );
  sites.sort((a, b) => bytesOf(b) - bytesOf(a));
  // Where nothing is lost but what outlived its task, that is all that counts.
  const isCounted = (row: number): boolean =>
    judgement !== undefined || orphan?.taskIds.includes(valueAt(live.task, row)) === true;
  const rows = sites
    .flatMap((site) => rowsOf.get(site)?.filter(isCounted) ?? [])
    .sort((a, b) => valueAt(live.origin, a) - valueAt(live.origin, b));
  const main = valueAt(sites, 0);
  const suppression = findSuppression(names.site(main), context.suppressions);
  const uncertain = rows.filter((row) => (valueAt(live.flags, row) & BlockFlag.UNCERTAIN) !== 0).length;
  const found = rows.filter((row) => (valueAt(live.flags, row) & BlockFlag.FOUND) !== 0).length;
  const { weight, sentence } = samplingOf(model.tables.boots);
  const isPartly = judgement?.kind === "sometimes-freed" || judgement?.kind === "ended";
  const amount = amountOf({
    ...{ live, rows, from: stretch.from, to: stretch.to },
    workingAge: isPartly ? 3 * judgement.usualLife : 0,
    settled: stretch.from + 0.1 * (stretch.to - stretch.from),
    weight,
  });
  const story: LeakStory = {
    sites,
    innocents,
    amount,
    uncertain,
    found,
    isOpen: context.unknownAfter !== undefined,
    isSample: sentence !== undefined,
    history: historyOf(survey, sites),
  };
  const hides =
    suppression !== undefined && !(judgement !== undefined && isBeyond(suppression, rows.length, judgement.isClear));
  const known = hides ? "note" : severityOf(judgement, orphan);
  const severity = known === "error" && uncertain > 0.1 * rows.length ? "warning" : known;
  const rule = ruleOf(judgement);
  const rate = isGrowing(judgement) ? rateOf(judgement, amount) : undefined;
  return {
    sites,
    isGrowing: severity !== "note" && isGrowing(judgement),
    ...(isGrowing(judgement) && { rate: rateOf(judgement, amount) }),
    finding: {
      rule,
      severity,
      confidence: confidenceOf(judgement, orphan, severity),
      title: titleOf(judgement, story, orphan),
      evidence: evidenceOf(context, survey, judgement, story, orphan, suppression),
      next: nextStep(context, survey, judgement, story),
      sites: sites.slice(0, STACKS_NAMED).map((site) => {
        const task = taskOf(live, rowsOf.get(site)?.filter(isCounted) ?? []);
        return { role: "allocated", site, ...(task !== undefined && { task }) };
      }),
      blocks: rows.slice(0, BLOCKS_NAMED).map((row) => blockAt(live, row)),
      bytes: Math.round(amount.bytes.likely),
      blockCount: Math.round(amount.blocks.likely),
      ...(rate !== undefined && { bytesPerHour: rate.likely * HOUR }),
      ...(found === 0 && sinceOf(judgement, survey, sites, amount)),
      until: judgement?.kind === "ended" ? amount.last : survey.window.to,
      ...(hides && {
        suppressedBy: { pattern: suppression.pattern, reason: suppression.reason, source: suppression.source },
      }),
      fingerprint: fingerprint(rule, names, [main, ...(isApart ? callerOf(names, main) : [])]),
    },
  };
}

/** The task that has most of the blocks; undefined where none has half of them. */
function taskOf({ task }: BlockTable, rows: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(valueAt(task, row), (counts.get(valueAt(task, row)) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most !== undefined && most[1] >= rows.length / 2 ? most[0] : undefined;
}

/** Where only some callers lose, the caller is a part of what it is. */
function callerOf(names: Names, site: number): readonly string[] {
  const caller = names.site(site).callers[1]?.function;
  return caller === undefined ? [] : [caller];
}

/** A container has existed since its first block, whatever it was replaced by. */
function sinceOf(
  judgement: LeakJudgement | undefined,
  survey: Survey,
  sites: readonly number[],
  { first }: Amount,
): { readonly since?: Microseconds } {
  const isContainer = judgement?.kind === "growing-copies" || judgement?.kind === "queue";
  const since = isContainer
    ? sites.reduce((least, site) => Math.min(least, survey.firstBirth[site] ?? Infinity), Infinity)
    : first;
  return Number.isFinite(since) ? { since } : {};
}

function isGrowing(judgement: Judged | undefined): judgement is Judged {
  return judgement !== undefined && judgement.kind !== "ended" && judgement.usedUpAt === undefined;
}

function rateOf(judgement: LeakJudgement, { rate }: Amount): Range {
  const isContainer =
    judgement.kind === "growing-block" || judgement.kind === "growing-copies" || judgement.kind === "queue";
  if (!isContainer && rate !== undefined) return rate;
  // From the floor alone there is no telling how evenly it goes on.
  const likely = Math.max(0, judgement.bytesPerTime);
  return { low: 0.6 * likely, likely, high: 1.6 * likely };
}

function ruleOf(judgement: LeakJudgement | undefined): LeakRule {
  switch (judgement?.kind) {
    case undefined:
      return "orphaned";
    case "growing-block":
    case "growing-copies":
      return "growing-block";
    case "freed-at-shutdown":
      return "freed-at-shutdown";
    default:
      return "leak";
  }
}

/** Proof there is none without knowing the program; an error is what hardly anything but a leak looks like. */
function severityOf(judgement: LeakJudgement | undefined, orphan: Orphans | undefined): Severity {
  if (judgement === undefined) return orphan !== undefined && orphan.tasks >= 3 ? "warning" : "note";
  if (judgement.confidence < 0.5) return "note";
  return judgement.isClear && judgement.kind !== "freed-at-shutdown" ? "error" : "warning";
}
