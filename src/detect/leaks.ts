// Leaks: judges every site by its history (leak-judgement.ts) and says what was found. docs/detectors/leak.md.
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../base/format.ts";
import type { BlockTable, RunTables } from "../heap/types.ts";
import { BlockFlag, LIFETIME_BUCKETS } from "../heap/types.ts";
import { blockAt, BLOCKS_NAMED, type DetectContext } from "./context.ts";
import type { Detector, LeakRule } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding, Severity } from "./finding.ts";
import { judgeLeak, type LeakJudgement } from "./leak-judgement.ts";
import { fingerprint, type SiteName } from "./names.ts";
import { findOrphans, type Orphans } from "./orphans.ts";
import { findSuppression, suppressionName } from "./suppressions.ts";
import { EPOCHS, type Survey } from "./survey.ts";

const HOUR = 3600e6;

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
  detect: ({ leaks: found }) => found,
} as const satisfies Detector<LeakRule, "leaks">;

export function findLeaks(context: DetectContext, survey: Survey): readonly Finding<LeakRule>[] {
  const orphans = findOrphans(context.model.tables, survey, context.live);
  const findings: Finding<LeakRule>[] = [];
  for (let site = 0; site < survey.sites; site++) {
    const judgement = judgeLeak(siteHistory(survey, site));
    const orphan = orphans.get(site);
    if (judgement === undefined && orphan === undefined) continue;
    findings.push(describe(context, survey, site, judgement, orphan));
  }
  return findings;
}

function siteHistory(survey: Survey, site: number): Parameters<typeof judgeLeak>[0] {
  const perEpoch = (column: Float64Array): Float64Array => column.subarray(site * EPOCHS, (site + 1) * EPOCHS);
  const generations = survey.generationEnds.length + 1;
  const { from } = survey.window;
  return {
    floorBlocks: perEpoch(survey.floorBlocks),
    floorBytes: perEpoch(survey.floorBytes),
    births: perEpoch(survey.births),
    survivors: perEpoch(survey.survivors),
    freedLate: survey.freedLate[site] ?? 0,
    epochLength: survey.epochLength,
    allocations: survey.allocations[site] ?? 0,
    frees: survey.frees[site] ?? 0,
    lifetimes: survey.lifetimes.subarray(site * LIFETIME_BUCKETS, (site + 1) * LIFETIME_BUCKETS),
    growths: survey.growths[site] ?? 0,
    shrinks: survey.shrinks[site] ?? 0,
    lastGrowth: (survey.lastGrowth[site] ?? 0) - from,
    growthBefore: (survey.growthBefore[site] ?? 0) - from,
    oldest: (survey.oldest[site] ?? Infinity) - from,
    generations: survey.generations.subarray(site * generations, (site + 1) * generations),
  };
}

function describe(
  context: DetectContext,
  survey: Survey,
  site: number,
  judgement: LeakJudgement | undefined,
  orphan: Orphans | undefined,
): Finding<LeakRule> {
  const { names, model, live } = context;
  const name = names.site(site);
  const suppression = findSuppression(name, context.suppressions);
  const rule = ruleOf(judgement);
  const rows = oldestRows(live, survey, site);
  const uncertain = rows.filter((row) => ((live.flags[row] ?? 0) & BlockFlag.UNCERTAIN) !== 0).length;
  const evidence = [
    ...(judgement === undefined ? [] : evidenceOf(judgement, survey, site)),
    ...(orphan === undefined ? [] : [orphanEvidence(orphan, model.tables)]),
    ...foreignEvidence(survey, site),
    ...(uncertain > 0
      ? [`${formatCount(uncertain)} of its blocks may have been freed meanwhile: history is missing (see Trust)`]
      : []),
    ...(suppression === undefined ? [] : [`Expected: ${suppression.reason} (${suppressionName(suppression)})`]),
  ];
  const known = suppression === undefined ? severityOf(judgement, orphan) : "note";
  const severity = known === "error" && uncertain > 0.1 * rows.length ? "warning" : known;
  const bytes = survey.liveBytes[site] ?? 0;
  const blockCount = survey.liveBlocks[site] ?? 0;
  const first = rows[0] === undefined ? undefined : blockAt(live, rows[0]);
  return {
    rule,
    severity,
    confidence: judgement?.confidence ?? 0.7,
    title: titleOf(judgement, blockCount, bytes, orphan, survey.allocations[site] ?? 0),
    evidence,
    next: nextStep(judgement, name),
    sites: [{ role: "allocated", site, ...(first?.task !== undefined && { task: first.task }) }],
    blocks: rows.slice(0, BLOCKS_NAMED).map((row) => blockAt(live, row)),
    bytes,
    blockCount,
    ...(judgement !== undefined && { bytesPerHour: judgement.bytesPerTime * HOUR }),
    ...(first?.born !== undefined && { since: first.born }),
    until: survey.window.to,
    ...(suppression !== undefined && {
      suppressedBy: { pattern: suppression.pattern, reason: suppression.reason, source: suppression.source },
    }),
    fingerprint: fingerprint(rule, names, [site]),
  };
}

function ruleOf(judgement: LeakJudgement | undefined): LeakRule {
  switch (judgement?.kind) {
    case undefined:
      return "orphaned";
    case "growing-block":
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
  const leak = judgement.kind === "never-freed" || judgement.kind === "sometimes-freed";
  return leak && judgement.steady && judgement.confidence >= 0.9 && judgement.suspects >= 10 ? "error" : "warning";
}

function titleOf(
  judgement: LeakJudgement | undefined,
  blocks: number,
  bytes: number,
  orphan: Orphans | undefined,
  allocations: number,
): string {
  if (judgement === undefined) {
    const count = orphan?.blocks ?? 0;
    return `${formatNumberOf(count, "block")} (${formatBytes(orphan?.bytes ?? 0)}) outlived the task that allocated them`;
  }
  const rate =
    judgement.bytesPerTime > 0 ? `, growing by ${formatBytes(Math.round(judgement.bytesPerTime * HOUR))} an hour` : "";
  switch (judgement.kind) {
    case "never-freed":
      return `leak: ${formatNumberOf(blocks, "block")}, ${formatBytes(bytes)} never freed${rate}`;
    case "sometimes-freed":
      return `leak: ${formatCount(judgement.suspects)} of ${formatNumberOf(allocations, "block")} never freed, ${formatBytes(bytes)} held${rate}`;
    case "growing-block":
      return `one block keeps growing: ${formatBytes(bytes)} now${rate}`;
    case "freed-at-shutdown":
      return `blocks pile up until shutdown: ${formatCount(judgement.suspects)} at once, freed only in the last moments`;
  }
}

function evidenceOf(judgement: LeakJudgement, survey: Survey, site: number): string[] {
  const allocations = survey.allocations[site] ?? 0;
  const frees = survey.frees[site] ?? 0;
  const freed = (survey.handedOn[site] ?? 0) > 0 ? "freed or handed on by realloc" : "freed";
  const sentences: string[] = [];
  if (judgement.kind === "growing-block") {
    sentences.push(
      `It was made larger ${formatCount(survey.growths[site] ?? 0)} times by realloc, the last time at ` +
        `${formatTime(survey.lastGrowth[site] ?? 0)}, and never smaller for good`,
    );
  } else if (judgement.kind === "sometimes-freed" || judgement.usualLife > 0) {
    sentences.push(
      `${formatCount(frees)} of ${formatNumberOf(allocations, "allocation")} were ${freed}, 99 % of them within ` +
        `${formatTime(judgement.usualLife)}; ${formatCount(judgement.suspects)} are more than three times as old`,
    );
    if (judgement.neverFreedShare > 0) {
      sentences.push(
        `By its lifetimes, ${percent(judgement.neverFreedShare)} of what is allocated here is never freed`,
      );
    }
  } else {
    sentences.push(
      (frees === 0
        ? `None of ${formatNumberOf(allocations, "allocation")} was freed`
        : `Only ${formatCount(frees)} of ${formatNumberOf(allocations, "allocation")} were ${freed}`) +
        `: by the rule of succession the next one will be with a probability of ${percent((frees + 1) / (allocations + 2))}`,
    );
  }
  if (judgement.survivingGenerations >= 3) {
    sentences.push(
      `Each of the last ${formatCount(judgement.survivingGenerations)} stretches between marks left blocks behind`,
    );
  }
  if (judgement.p < 0.01 && judgement.kind !== "growing-block") {
    const floor = (epoch: number): number => survey.floorBlocks[site * EPOCHS + epoch] ?? 0;
    const early = Math.ceil(EPOCHS * 0.1);
    sentences.push(
      `The least it holds rises from ${formatCount(floor(early))} to ${formatNumberOf(floor(EPOCHS - 1), "block")} and ` +
        `${judgement.steady ? "does not slow down" : "slows down: it may still find a bound"} (Mann–Kendall p ${pValue(judgement.p)})`,
    );
    sentences.push(
      `Blocks from ${judgement.survivingEpochs} of ${judgement.activeEpochs} stretches of the run are still there; a cache would hold only new ones or stop growing`,
    );
  }
  return sentences;
}

function orphanEvidence(orphan: Orphans, tables: RunTables): string {
  const owners = [...new Set(orphan.taskIds.map((id) => tables.tasks[id]?.name ?? `task ${id}`))];
  const shown = owners.slice(0, 3).join(", ") + (owners.length > 3 ? " and others" : "");
  return `${formatNumberOf(orphan.blocks, "block")} belong to ${formatNumberOf(orphan.tasks, "task")} that ended without freeing them: ${shown}`;
}

function foreignEvidence(survey: Survey, site: number): string[] {
  const frees = survey.frees[site] ?? 0;
  const foreign = survey.foreignFrees[site] ?? 0;
  if (frees < 5 || foreign < 0.5 * frees) return [];
  return [
    `${percent(foreign / frees)} of its frees are made by another task than the one that allocated: what is lost on the way between them is never freed`,
  ];
}

function nextStep(judgement: LeakJudgement | undefined, name: SiteName): string {
  const what = name.variable === undefined ? "the block" : `\`${name.variable}\``;
  const where =
    name.function === undefined || name.function === "" ? "the function that allocates it" : `${name.function}()`;
  switch (judgement?.kind) {
    case undefined:
      return `Free ${what} before the task deletes itself, or hand it to a task that stays`;
    case "never-freed":
      return `Find who should free ${what}: no path does, starting from ${where}`;
    case "sometimes-freed":
      return `Look at the paths that skip the free of ${what}: early returns and error handling after ${where}, full queues`;
    case "growing-block":
      return `Bound ${what} or remove old entries in ${where}`;
    case "freed-at-shutdown":
      return `Free ${what} when it is no longer needed, not at the end: a device does not shut down`;
  }
}

function oldestRows(live: BlockTable, { placeOf }: Survey, site: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < live.length; row++) if (placeOf[live.site[row] ?? 0] === site) rows.push(row);
  return rows.sort((a, b) => (live.origin[a] ?? 0) - (live.origin[b] ?? 0));
}

function percent(share: number): string {
  if (share > 0 && share < 0.001) return "under 0.1 %";
  return `${share < 0.1 ? (share * 100).toFixed(1) : (share * 100).toFixed(0)} %`;
}

function pValue(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
