// The words of leaks.ts: title, evidence and next step, all numbers of one window and with their intervals.
import { assertDefined } from "../base/assert.ts";
import { HOUR } from "../base/duration.ts";
import { valueAt } from "../base/values.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../base/format.ts";
import type { RunTables } from "../heap/types.ts";
import type { Amount, Range } from "./amount.ts";
import type { DetectContext } from "./context.ts";
import type { Severity } from "./finding.ts";
import type { SiteHistory } from "./leak-evidence.ts";
import type { LeakJudgement } from "./leak-judgement.ts";
import type { Names } from "./names.ts";
import type { Orphans } from "./orphans.ts";
import { suppressionName, type Suppression } from "./suppressions.ts";
import type { Survey } from "./survey.ts";

export interface LeakStory {
  /** Most bytes first. */
  readonly sites: readonly number[];
  readonly innocents: readonly number[];
  readonly amount: Amount;
  /** Blocks that may have been freed while history was missing. */
  readonly uncertain: number;
  /** Blocks that a snapshot found: they are older than it. */
  readonly found: number;
  /** What came after the stretch is not known. */
  readonly isOpen: boolean;
  /** Only some allocations were tracked: amounts are estimates of all, counts in evidence are of those. */
  readonly isSample: boolean;
  readonly history: SiteHistory;
}

type Judged = LeakJudgement & { readonly usedUpAt?: number };

export function confidenceOf(
  judgement: LeakJudgement | undefined,
  orphan: Orphans | undefined,
  severity: Severity,
): number {
  if (judgement === undefined) return orphan !== undefined && orphan.tasks >= 3 ? 0.8 : 0.5;
  return severity === "error" || !judgement.isClear ? judgement.confidence : Math.min(0.85, judgement.confidence);
}

export function titleOf(
  judgement: Judged | undefined,
  { amount, history, isOpen, isSample }: LeakStory,
  orphan: Orphans | undefined,
): string {
  if (judgement === undefined) {
    const { blocks, bytes } = assertDefined(orphan, "what outlived its task");
    return `${formatNumberOf(blocks, "block")} (${formatBytes(bytes)}) outlived the task that allocated ${blocks === 1 ? "it" : "them"}`;
  }
  const least = isOpen ? "at least " : "";
  const blocks = least + rangeText(amount.blocks, formatCount);
  const bytes = least + rangeText(amount.bytes, formatBytes);
  const rate =
    judgement.usedUpAt === undefined ? growth(judgement, amount) : `, until requests were refused for lack of memory`;
  const noun = amount.blocks.high === 1 ? "block" : "blocks";
  switch (judgement.kind) {
    case "never-freed":
      return `leak: ${blocks} ${noun}, ${bytes} never freed${rate}`;
    case "sometimes-freed":
      return isSample
        ? `leak: ${blocks} ${noun} of many never freed, ${bytes} lost${rate}`
        : `leak: ${blocks} of ${formatNumberOf(history.allocations, "block")} never freed, ${bytes} lost${rate}`;
    case "ended":
      return `leak: ${blocks} ${noun}, ${bytes} lost between ${formatTime(amount.first)} and ${formatTime(amount.last)}, not growing since`;
    case "queue":
      return `queue that only gets longer: ${blocks} ${noun}, ${bytes} held now${rate}`;
    case "growing-block":
      return `one block keeps growing: ${bytes} now${rate}`;
    case "growing-copies":
      return `a buffer is replaced by a larger one again and again: ${bytes} now${rate}`;
    case "freed-at-shutdown":
      return `blocks pile up until shutdown: ${formatCount(judgement.suspects)} at once, freed only in the last moments`;
  }
}

/** `62`, or `58 to 66` where that is more than a twentieth apart. */
function rangeText({ low, likely, high }: Range, format: (value: number) => string): string {
  const [from, to] = [format(Math.round(low)), format(Math.round(high))];
  if (from === to || high - low <= 0.06 * likely) return format(Math.round(likely));
  return `${from} to ${to}`;
}

function growth(judgement: Judged, { rate }: Amount): string {
  const isContainer =
    judgement.kind === "growing-block" || judgement.kind === "growing-copies" || judgement.kind === "queue";
  if (isContainer) {
    return judgement.isClear && judgement.bytesPerTime > 0
      ? `, growing by about ${formatBytes(Math.round(judgement.bytesPerTime * HOUR))} an hour`
      : "";
  }
  if (rate === undefined) return "";
  const perHour = { low: rate.low * HOUR, likely: rate.likely * HOUR, high: rate.high * HOUR };
  return `, growing by ${rangeText(perHour, formatBytes)} an hour`;
}

const PACE_WORDS: Record<LeakJudgement["pace"], string> = {
  steady: "does not slow down",
  slower: "slows down: it may still find a bound",
  ending: "slows down more and more, as a cache does that finds its bound",
};

export function evidenceOf(
  context: DetectContext,
  survey: Survey,
  judgement: Judged | undefined,
  story: LeakStory,
  orphan: Orphans | undefined,
  suppression: Suppression | undefined,
): readonly string[] {
  const { names, model, stretch, unknownAfter } = context;
  const { uncertain, found, amount } = story;
  return [
    ...(judgement === undefined ? [] : historyEvidence(judgement, story)),
    ...(found === 0
      ? []
      : [
          `${formatCount(found)} of its blocks were first seen in a snapshot at ${formatTime(amount.first)}: when they were allocated is not known`,
        ]),
    ...callerEvidence(names, survey, story),
    ...(orphan === undefined ? [] : [orphanEvidence(orphan, model.tables)]),
    ...ownerEvidence(names, survey, story),
    ...foreignEvidence(survey, story),
    ...(uncertain > 0
      ? [`${formatCount(uncertain)} of its blocks may have been freed meanwhile: history is missing (see Trust)`]
      : []),
    ...(judgement?.usedUpAt === undefined
      ? []
      : [
          `Judged up to ${formatTime(judgement.usedUpAt)}, when requests began to be refused for lack of memory: what it would have grown to since is not known`,
        ]),
    ...(unknownAfter === undefined ? [] : [`What came after ${formatTime(stretch.to)} is not known: ${unknownAfter}`]),
    ...(suppression === undefined ? [] : [`Expected: ${suppression.reason} (${suppressionName(suppression)})`]),
  ];
}

function historyEvidence(judgement: Judged, { history, amount, isSample }: LeakStory): string[] {
  const { frees } = history;
  const tracked = isSample ? "tracked " : "";
  const allocations = formatNumberOf(history.allocations, `${tracked}allocation`);
  const sentences: string[] = [];
  switch (judgement.kind) {
    case "growing-block":
      sentences.push(
        `It was made larger ${formatNumberOf(history.growths, "time")} by realloc and never smaller for good`,
      );
      break;
    case "growing-copies":
      sentences.push(
        `${formatCount(history.rises)} times a block was larger than the one before it, ${formatCount(history.falls)} times smaller: a vector or text that grows by new and free`,
      );
      break;
    case "queue":
      sentences.push(
        `As many blocks come as ever, but they are freed ever later: ${formatCount(frees)} of ${allocations} so far`,
      );
      break;
    default:
      if (judgement.usualLife > 0 && frees > 0) {
        sentences.push(
          `${formatCount(frees)} of ${allocations} were freed, 99 % of them within ${formatTime(judgement.usualLife)}; ` +
            `those that count as lost are more than three times as old`,
        );
      } else {
        sentences.push(
          (frees === 0
            ? `None of ${allocations} was freed`
            : `Only ${formatCount(frees)} of ${allocations} ${frees === 1 ? "was" : "were"} freed`) +
            `: by the rule of succession the next one will be with a probability of ${percent((frees + 1) / (history.allocations + 2))}`,
        );
      }
      if (judgement.kind === "sometimes-freed" && judgement.neverFreedShare > 0) {
        sentences.push(
          `By its lifetimes, ${percent(judgement.neverFreedShare)} of what is allocated here is never freed`,
        );
      }
  }
  if (judgement.survivingGenerations >= 3) {
    sentences.push(
      `Each of the last ${formatCount(judgement.survivingGenerations)} stretches between marks left blocks behind`,
    );
  }
  if (judgement.kind === "ended") {
    sentences.push(
      `The last that was lost is from ${formatTime(amount.last)}: an outage, a mode or an error that is over, and may come again`,
    );
  } else if (judgement.p < 0.01 && judgement.kind !== "growing-block" && judgement.kind !== "growing-copies") {
    sentences.push(
      `The least it holds rises from ${formatCount(judgement.from)} to ${formatNumberOf(judgement.to, `${tracked}block`)} and ` +
        `${PACE_WORDS[judgement.pace]} (Mann–Kendall p ${pValue(judgement.p)})`,
    );
    if (judgement.kind !== "queue")
      sentences.push(
        `Blocks from ${judgement.survivingEpochs} of ${judgement.activeEpochs} stretches of the run are still there; a cache would hold only new ones or stop growing`,
      );
  }
  return sentences;
}

/** Who calls, and who calls too but loses nothing. */
function callerEvidence(names: Names, survey: Survey, { sites, innocents }: LeakStory): string[] {
  const others = innocents.filter((site) => valueAt(survey.allocations, site) > 0);
  const sentences: string[] = [];
  if (others.length > 0) {
    const shown = callersOf(names, others, sites);
    const allocations = others.reduce((sum, site) => sum + valueAt(survey.allocations, site), 0);
    sentences.push(
      `Lost by these calls; ${formatNumberOf(allocations, "allocation")} on other ways here${shown === "" ? "" : ` (${shown})`} are not a part of it`,
    );
  }
  if (sites.length > 1)
    sentences.push(
      `Reached in ${formatCount(sites.length)} ways that are judged together: apart, each says too little or they all lose`,
    );
  return sentences;
}

/** The functions in which the ways differ. */
function callersOf(names: Names, others: readonly number[], accused: readonly number[]): string {
  const own = names.site(valueAt(accused, 0)).callers;
  const callers = new Set<string>();
  for (const site of others) {
    const { callers: frames } = names.site(site);
    const differing = frames.find((frame, depth) => frame.function !== own[depth]?.function);
    if (differing !== undefined) callers.add(differing.function);
  }
  const all = [...callers];
  return all.length > 3 ? `${all.slice(0, 3).join(", ")} and others` : all.join(", ");
}

function orphanEvidence(orphan: Orphans, tables: RunTables): string {
  const owners = [...new Set(orphan.taskIds.map((id) => tables.tasks[id]?.name ?? `task ${id}`))];
  const shown = owners.slice(0, 3).join(", ") + (owners.length > 3 ? " and others" : "");
  const [verb, what] = orphan.blocks === 1 ? ["belongs", "it"] : ["belong", "them"];
  return `${formatNumberOf(orphan.blocks, "block")} ${verb} to ${formatNumberOf(orphan.tasks, "task")} that ended without freeing ${what}: ${shown}`;
}

/** Who frees its other blocks, and so should have freed these. */
function ownerEvidence(names: Names, survey: Survey, story: LeakStory): string[] {
  const owner = ownerOf(names, survey, story);
  return owner === undefined
    ? []
    : [`Blocks from here are otherwise freed by ${owner.text}, ${formatNumberOf(owner.count, "time")}`];
}

function ownerOf(
  names: Names,
  survey: Survey,
  { sites, innocents }: LeakStory,
): { readonly text: string; readonly count: number } | undefined {
  for (const group of [sites, innocents]) {
    const counts = new Map<string, number>();
    const known = new Set(group);
    for (const [pair, count] of survey.freedBy) {
      if (!known.has(Math.floor(pair / survey.sites))) continue;
      const { text } = names.site(pair % survey.sites);
      counts.set(text, (counts.get(text) ?? 0) + count);
    }
    const [first] = [...counts].sort(([, a], [, b]) => b - a);
    if (first !== undefined) return { text: first[0], count: first[1] };
  }
  return undefined;
}

function foreignEvidence(survey: Survey, { sites }: LeakStory): string[] {
  const sum = (column: Float64Array): number => sites.reduce((total, site) => total + valueAt(column, site), 0);
  const frees = sum(survey.frees);
  const foreign = sum(survey.foreignFrees);
  if (frees < 5 || foreign < 0.5 * frees) return [];
  return [
    `${percent(foreign / frees)} of its frees are made by another task than the one that allocated: what is lost on the way between them is never freed`,
  ];
}

export function nextStep(
  { names }: DetectContext,
  survey: Survey,
  judgement: Judged | undefined,
  story: LeakStory,
): string {
  const name = names.site(valueAt(story.sites, 0));
  const what = name.variable === undefined ? "the block" : `\`${name.variable}\``;
  const where =
    name.function === undefined || name.function === "" ? "the function that allocates it" : `${name.function}()`;
  const step = stepOf(judgement, what, where, ownerOf(names, survey, story)?.text);
  const doubt = surer(judgement, story);
  return doubt === undefined ? step : `${step}. ${doubt}`;
}

/** What would make it surer; undefined where it is sure. */
function surer(judgement: Judged | undefined, { uncertain }: LeakStory): string | undefined {
  if (judgement === undefined) return "To be surer, record longer: another task may free them later";
  if (judgement.kind === "freed-at-shutdown") return "To be surer, record a run that does not shut down";
  if (judgement.isClear) return uncertain > 0 ? "To be surer, record it again without losses" : undefined;
  if (judgement.kind === "ended") return "To be surer, record the next such spell from its beginning";
  if (judgement.kind === "growing-block" || judgement.kind === "growing-copies")
    return "To be surer, record more of its steps: one that comes ever later may be the last";
  if (judgement.kind === "queue")
    return "To be surer, record longer: what begins to stay for long grows until the first of it goes";
  if (judgement.pace !== "steady") return "To be surer, record longer: growth that goes on at the same pace is a leak";
  if (judgement.confidence < 0.5)
    return "Too few rounds to tell a leak from parts of the program that begin one after the other: record longer";
  return judgement.suspects < 10
    ? "To be surer, record until ten or more are lost, or set marks around what the program repeats"
    : "To be surer, record longer, or set marks around what the program repeats";
}

function stepOf(judgement: Judged | undefined, what: string, where: string, owner: string | undefined): string {
  switch (judgement?.kind) {
    case undefined:
      return `Free ${what} before the task deletes itself, or hand it to a task that stays`;
    case "never-freed":
      return owner === undefined
        ? `Find who should free ${what}: no path does, starting from ${where}`
        : `Find why ${what} does not come to ${owner}, which frees others from here`;
    case "sometimes-freed":
    case "ended":
      return owner === undefined
        ? `Look at the paths that skip the free of ${what}: early returns and error handling after ${where}, full queues`
        : `Look at the paths on which ${what} does not come to ${owner}: early returns and error handling after ${where}, full queues`;
    case "queue":
      return `Bound the queue that holds ${what}, or make its reader as fast as its writer`;
    case "growing-block":
    case "growing-copies":
      return `Bound ${what} or remove old entries in ${where}`;
    case "freed-at-shutdown":
      return `Free ${what} when it is no longer needed, not at the end: a device does not shut down`;
  }
}

function percent(share: number): string {
  if (share > 0 && share < 0.001) return "under 0.1 %";
  return `${share < 0.1 ? (share * 100).toFixed(1) : (share * 100).toFixed(0)} %`;
}

function pValue(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
