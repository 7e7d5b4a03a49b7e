// Runs all detectors over one window of a run and ranks what they find.
import type { HeapModel } from "../heap/model-api.ts";
import type { FrameResolver, Window } from "../heap/types.ts";
import { AddressWatch } from "./address-watch.ts";
import type { DetectContext } from "./context.ts";
import { detectFailures } from "./failures.ts";
import { detectFaults } from "./faults.ts";
import type { Finding, Severity } from "./finding.ts";
import { detectExhaustion } from "./forecast.ts";
import { detectFragmentation, measureFragmentation } from "./fragmentation.ts";
import { detectHostFaults, unknownFrees } from "./host-faults.ts";
import { detectKept } from "./kept.ts";
import { detectLeaks } from "./leaks.ts";
import { makeNames, type Names } from "./names.ts";
import { shippedSuppressions } from "./shipped-suppressions.ts";
import { parseSuppressions, type Suppression } from "./suppressions.ts";
import { Surveyor } from "./survey.ts";
import { detectWaste } from "./waste.ts";

export interface DetectOptions {
  /** Default: the whole run. */
  readonly window?: Window;
  readonly resolver?: FrameResolver;
  /** They go before those that memmap ships. */
  readonly suppressions?: readonly Suppression[];
  /** False: without those that memmap ships. */
  readonly defaultSuppressions?: boolean;
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
  const shipped =
    options.defaultSuppressions === false ? [] : parseSuppressions(shippedSuppressions, "memmap").suppressions;
  const context: DetectContext = {
    model,
    window,
    names,
    suppressions: [...(options.suppressions ?? []), ...shipped],
    ...(options.resolver !== undefined && { resolver: options.resolver }),
  };
  // What grows is judged within one boot: a restart empties the heap.
  const boots = bootsWithin(model, window);
  const stretch = longest(boots);
  const fragmentation = await measureFragmentation(model, stretch);
  const { live } = fragmentation;
  const regions = fragmentation.regions.map(({ state }) => state);
  const surveyor = new Surveyor(
    model.tables,
    stretch,
    regions.map(({ region }) => region),
    placesOf(model, names),
  );
  const watch = new AddressWatch(unknownFrees(context, regions));
  for (const boot of boots) await model.scan(boot, boot === stretch ? [surveyor, watch] : [watch]);
  const survey = surveyor.result;
  const activity = await model.activity(lastPart(model, stretch));
  const leaks = detectLeaks(context, { survey, live });
  const leaking = new Set(leaks.map((leak) => leak.sites[0]?.site ?? 0));
  const findings = [
    ...(await detectFaults(context)),
    ...(await detectHostFaults(context, watch, regions)),
    ...(await detectFailures(context)),
    ...leaks,
    ...detectExhaustion(context, survey, regions, leaks),
    ...detectFragmentation(context, fragmentation),
    ...detectKept(context, survey, live, leaking),
    ...detectWaste(context, activity, live, leaking),
  ];
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

/** Of equally long ones the last. */
function longest(windows: readonly Window[]): Window {
  return windows.reduce((best, one) => (one.to - one.from >= best.to - best.from ? one : best));
}

/**
 * Sites that differ only in who called them are judged as one: a leak must not hide by being reached in many ways. Sites without names
 * stay apart, as their innermost address may be an allocator's own.
 */
function placesOf({ tables }: HeapModel, names: Names): Uint32Array {
  const first = new Map<string, number>();
  return Uint32Array.from(tables.sites, (_, id) => {
    const { function: name, text } = names.site(id);
    if (name === undefined || name === "") return id;
    const place = first.get(text) ?? id;
    first.set(text, place);
    return place;
  });
}

/** Waste repeats itself: about this many events show it. */
const eventsForWaste = 2e6;

/** The end of the window that holds about so many events, if they are spread evenly. */
function lastPart(model: HeapModel, window: Window): Window {
  const share = Math.min(1, eventsForWaste / Math.max(1, model.rows));
  return { from: window.to - share * (window.to - window.from), to: window.to };
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
  churn: 8,
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
