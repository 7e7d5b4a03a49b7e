// The verdict: ranked findings first, then totals, then how far the numbers can be trusted.
import { formatNumberOf } from "../base/format.ts";
import { unknown, type Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import { detect, type DetectOptions } from "../detect/run.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { RunTables, Window } from "../heap/types.ts";
import { viewCoverage, type CoverageView } from "./coverage.ts";
import { doubtWithin, ofTotal, type LiveView } from "./doubt.ts";
import { viewFindings, type FindingView } from "./finding-view.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { viewSuppressed, type SuppressedView } from "./suppressed.ts";
import { isBlind } from "./blind-run.ts";
import { regionDoubt, viewCaps, viewRegion, type CapsView, type RegionView } from "./memory-view.ts";

/** What is live at the end of the window, what was before, and what there is. */
export interface TotalsView extends LiveView {
  /** The most that was live at once in the window, and when. */
  readonly peakBytes: Quantity;
  readonly peakTime: Microseconds;
  /** From the beginning of the run to the end of the window. */
  readonly allocations: Quantity;
  readonly frees: Quantity;
  /** At the end of the window; empty where the device did not report its regions. */
  readonly regions: readonly RegionView[];
  readonly caps: readonly CapsView[];
}

export interface VerdictView extends TroubleView {
  readonly window: Window;
  readonly device: DeviceView;
  /** `3 errors, 1 warning, 2 notes`, or that nothing was found. */
  readonly headline: string;
  /** Those that a suppression expects are among them, and count nowhere. */
  readonly findings: readonly FindingView[];
  readonly suppressed: readonly SuppressedView[];
  readonly totals: TotalsView;
  readonly coverage: CoverageView;
}

/** What ran; of the last boot. */
export interface DeviceView {
  readonly chip?: string;
  readonly idfVersion?: string;
  readonly appName?: string;
  readonly appVersion?: string;
  /** 64 hexadecimal digits: of the application's ELF. */
  readonly elfSha256?: string;
  /** Which tool's file it was imported from. */
  readonly origin?: string;
}

export async function makeVerdict(model: HeapModel, options: DetectOptions = {}): Promise<VerdictView> {
  const detection = await detect(model, options);
  const { window } = detection;
  const findings = viewFindings(detection);
  const totals = await model.totalsAt(window.to);
  const peak = await model.peak(window);
  const regions = await model.regionsAt(window.to);
  const isDoubtful = await regionDoubt(model, window.to);
  const { about } = await doubtWithin(model, window);
  const { count } = await doubtWithin(model, { from: model.span.from, to: window.to });
  const blind = isBlind(model);
  return {
    ...viewTrouble(model),
    window,
    device: viewDevice(model.tables),
    headline: headline(findings.filter((one) => one.suppressedBy === undefined).map(({ severity }) => severity)),
    findings,
    suppressed: viewSuppressed(findings),
    totals: {
      liveBytes: blind ? unknown : ofTotal(model, totals.bytes),
      liveBlocks: blind ? unknown : ofTotal(model, totals.blocks),
      peakBytes: blind ? unknown : about(peak.bytes),
      peakTime: peak.time,
      allocations: blind ? unknown : count(totals.allocations),
      frees: blind ? unknown : count(totals.frees),
      regions: regions.map((state) => viewRegion(state, isDoubtful)),
      caps: viewCaps(model, regions, isDoubtful),
    },
    coverage: await viewCoverage(model, window, totals),
  };
}

export function viewDevice({ boots }: RunTables): DeviceView {
  const boot = boots.at(-1);
  return {
    ...(boot?.chip !== undefined && { chip: boot.chip }),
    ...(boot?.idfVersion !== undefined && { idfVersion: boot.idfVersion }),
    ...(boot?.appName !== undefined && { appName: boot.appName }),
    ...(boot?.appVersion !== undefined && { appVersion: boot.appVersion }),
    ...(boot?.elfSha256 !== undefined && { elfSha256: boot.elfSha256 }),
    ...(boot?.origin !== undefined && { origin: boot.origin }),
  };
}

function headline(severities: readonly FindingView["severity"][]): string {
  const counted = (["error", "warning", "note"] as const)
    .map((severity) => ({ severity, count: severities.filter((one) => one === severity).length }))
    .filter(({ count }) => count > 0);
  if (counted.length === 0) return "Nothing wrong was found";
  return counted.map(({ severity, count }) => formatNumberOf(count, severity)).join(", ");
}
