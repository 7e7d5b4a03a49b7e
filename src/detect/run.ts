// Runs the detectors over one window of a run and ranks what they find.
import type { Microseconds } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { FrameResolver, Window } from "../heap/types.ts";
import type { DetectContext } from "./context.ts";
import type { Group, Pass } from "./detector.ts";
import { detectors, type FoundFinding } from "./detectors.ts";
import { makeNames, type Names } from "./names.ts";
import { makePasses, passesFor } from "./passes.ts";
import { rank } from "./rank.ts";
import { SHIPPED_SUPPRESSIONS } from "./shipped-suppressions.ts";
import { parseSuppressions, type Suppression } from "./suppressions.ts";

export interface DetectOptions {
  /** Default: the whole run. */
  readonly window?: Window;
  readonly resolver?: FrameResolver;
  /** Default: all detectors. One group alone gives the same findings without the passes that only others need. */
  readonly group?: Group;
  /** They go before those that memmap ships. */
  readonly suppressions?: readonly Suppression[];
  /** False: without those that memmap ships. */
  readonly defaultSuppressions?: boolean;
}

export interface Detection {
  readonly window: Window;
  /** Most urgent first. */
  readonly findings: readonly FoundFinding[];
  readonly names: Names;
}

export async function detect(model: HeapModel, options: DetectOptions = {}): Promise<Detection> {
  const window = options.window ?? model.span;
  const names = makeNames(model.tables, options.resolver);
  const shipped =
    options.defaultSuppressions === false ? [] : parseSuppressions(SHIPPED_SUPPRESSIONS, "memmap").suppressions;
  const whole = bootsWithin(model, window);
  const longestBoot = longest(whole);
  const fullAt = await tableFullAt(model, longestBoot);
  const stretch = fullAt === undefined ? longestBoot : { from: longestBoot.from, to: fullAt };
  const boots = whole.flatMap((boot) =>
    boot === longestBoot && fullAt !== undefined ? [stretch, { from: fullAt + 1, to: boot.to }] : [boot],
  );
  const context: DetectContext = {
    model,
    window,
    stretch,
    ...(fullAt !== undefined && { unknownAfter: "the probe's table was full, and most allocations were not tracked" }),
    live: await model.liveAt(stretch.to),
    regions: await model.regionsAt(stretch.to),
    names,
    suppressions: [...(options.suppressions ?? []), ...shipped],
    ...(options.resolver !== undefined && { resolver: options.resolver }),
  };
  const asked = detectors.filter(({ group }) => options.group === undefined || options.group === group);
  const passes = await makePasses(context, boots, new Set(asked.flatMap(({ needs }): readonly Pass[] => needs)));
  const findings: FoundFinding[] = [];
  for (const { detect: find, needs, group } of asked) {
    for (const finding of await find({ ...context, ...passesFor<Pass>(passes, needs) }))
      findings.push({ ...finding, group });
  }
  return { window, names, findings: rank(findings) };
}

/** The parts of the window within one boot each. */
function bootsWithin({ tables }: HeapModel, window: Window): readonly Window[] {
  const starts = tables.boots
    .map(({ startedAt }) => startedAt)
    .filter((time) => time > window.from && time < window.to);
  const ends = [...starts, window.to];
  return [window.from, ...starts].map((from, index) => {
    const to = ends[index] ?? window.to;
    // A boot starts where the one before was last heard of; its last moment is just before.
    return { from, to: to === window.to ? to : to - 1 };
  });
}

/**
 * When the probe's table was full for good, so that what came after is not known; undefined where it was not, or only now and then.
 */
async function tableFullAt(model: HeapModel, boot: Window): Promise<Microseconds | undefined> {
  const heartbeats = await model.heartbeats(boot);
  const first = heartbeats.findIndex(({ tableFull }) => tableFull > 0);
  const last = heartbeats.at(-1);
  if (first < 1 || last === undefined) return undefined;
  const before = heartbeats[first - 1];
  const untracked = last.tableFull;
  return before !== undefined && untracked > 0.05 * last.liveBlocks && before.time > boot.from
    ? before.time
    : undefined;
}

/** Of equally long ones the last. */
function longest(windows: readonly Window[]): Window {
  return windows.reduce((best, one) => (one.to - one.from >= best.to - best.from ? one : best));
}
