// Runs all detectors over one window of a run and ranks what they find.
import type { Microseconds } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { activityVisitor } from "../heap/activity.ts";
import type { FrameResolver, RegionState, SiteActivity, Window } from "../heap/types.ts";
import type { HeapVisitor } from "../heap/visitor.ts";
import type { DetectContext } from "./context.ts";
import { detectFailures } from "./failures.ts";
import { detectFaults } from "./faults.ts";
import type { Finding, Severity } from "./finding.ts";
import { detectExhaustion } from "./forecast.ts";
import { detectFragmentation, measureFragmentation } from "./fragmentation.ts";
import { detectHostFaults } from "./host-faults.ts";
import { detectKept } from "./kept.ts";
import { detectLeaks } from "./leaks.ts";
import { makeNames, type Names } from "./names.ts";
import { shippedSuppressions } from "./shipped-suppressions.ts";
import { parseSuppressions, type Suppression } from "./suppressions.ts";
import { Surveyor, type Survey } from "./survey.ts";
import { detectWaste } from "./waste.ts";

export interface DetectOptions {
  /** Default: the whole run. */
  readonly window?: Window;
  readonly resolver?: FrameResolver;
  /** In addition to those that memmap ships. */
  readonly suppressions?: readonly Suppression[];
}

export interface Detection {
  readonly window: Window;
  /** Most urgent first. */
  readonly findings: readonly Finding[];
  readonly names: Names;
}

export async function detect(model: HeapModel, options: DetectOptions = {}): Promise<Detection> {
  const window = options.window ?? model.span;
  const names = makeNames(model.tables, options.resolver);
  const shipped = parseSuppressions(shippedSuppressions, "memmap").suppressions;
  const context: DetectContext = {
    model,
    window,
    names,
    suppressions: [...(options.suppressions ?? []), ...shipped],
    ...(options.resolver !== undefined && { resolver: options.resolver }),
  };
  const fragmentation = await measureFragmentation(model, window);
  const { live } = fragmentation;
  const regions = fragmentation.regions.map(({ state }) => state);
  const { survey, activity } = await readHistory(model, window, regions);
  const leaks = detectLeaks(context, { survey, live });
  const leaking = new Set(leaks.map((leak) => leak.sites[0]?.site ?? 0));
  const findings = [
    ...(await detectFaults(context)),
    ...(await detectHostFaults(context, live, regions)),
    ...(await detectFailures(context)),
    ...leaks,
    ...detectExhaustion(context, survey, regions, leaks),
    ...detectFragmentation(context, fragmentation),
    ...detectKept(context, survey, live, leaking),
    ...detectWaste(context, activity, live, leaking),
  ];
  return { window, names, findings: rank(findings) };
}

interface History {
  readonly survey: Survey;
  /** Up to `survey.judgedAt`; what is live at its end is not counted. */
  readonly activity: SiteActivity;
}

/** One pass over all events for everything that needs them. */
async function readHistory(model: HeapModel, window: Window, regions: readonly RegionState[]): Promise<History> {
  const surveyor = new Surveyor(
    model.tables,
    window,
    regions.map(({ region }) => region),
  );
  const survey = surveyor.result;
  const activity = activityVisitor(survey.sites, { from: window.from, to: survey.judgedAt }, undefined);
  await model.scan(window, [surveyor, upTo(survey.judgedAt, activity)]);
  return { survey, activity: activity.result };
}

/** The visitor until a moment before the end of the pass; it is not told of an end. */
function upTo(time: Microseconds, visitor: HeapVisitor): HeapVisitor {
  return {
    begin: (live, slots, from) => visitor.begin?.(live, slots, from),
    born(live, slot, at, cause) {
      if (at <= time) visitor.born?.(live, slot, at, cause);
    },
    died(live, slot, at, cause, context, site) {
      if (at <= time) visitor.died?.(live, slot, at, cause, context, site);
    },
  };
}

const severities: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** Damage to memory comes before its loss, loss before inconvenience; a rule that is not named ranks with leaks. */
const urgency: Readonly<Record<string, number>> = {
  overflow: 0,
  underflow: 0,
  "write-after-free": 0,
  "double-free": 1,
  "realloc-after-free": 1,
  "interior-free": 1,
  "wild-free": 1,
  overlap: 2,
  "double-allocation": 2,
  "allocation-failure": 3,
  leak: 4,
  exhaustion: 5,
  fragmentation: 6,
  kept: 7,
  "temporary-allocations": 8,
  "block-overhead": 8,
  "equal-blocks": 8,
};

/** Severity, then urgency, then what costs most. Stable: equal findings stay in the order of their detectors. */
export function rank(findings: readonly Finding[]): readonly Finding[] {
  const cost = (finding: Finding): number =>
    Math.max(finding.bytesPerHour ?? 0, finding.bytes ?? 0) * finding.confidence;
  return [...findings].sort(
    (a, b) =>
      severities[a.severity] - severities[b.severity] ||
      (urgency[a.rule] ?? 4) - (urgency[b.rule] ?? 4) ||
      cost(b) - cost(a),
  );
}
