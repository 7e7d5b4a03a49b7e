// The verdict: ranked findings first, then totals, then how far the numbers can be trusted.
import { formatNumberOf } from "../base/format.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import { detect, type DetectOptions } from "../detect/run.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Bounded, Window } from "../heap/types.ts";
import { viewCoverage, type Coverage } from "./coverage.ts";
import { viewFindings, type FindingView } from "./finding-view.ts";
import { viewSuppressed, type SuppressedView } from "./suppressed.ts";
import { viewCaps, viewRegion, type CapsRow, type MemoryRow } from "./memory-view.ts";

export interface VerdictTotals {
  readonly liveBytes: Bounded;
  readonly liveBlocks: Bounded;
  readonly peakBytes: Bytes;
  readonly peakTime: Microseconds;
  readonly allocations: number;
  readonly frees: number;
  /** At the end of the window; empty where the device did not report its regions. */
  readonly regions: readonly MemoryRow[];
  readonly caps: readonly CapsRow[];
}

export interface Verdict {
  readonly window: Window;
  readonly device: DeviceView;
  /** `3 errors, 1 warning, 2 notes`, or that nothing was found. */
  readonly headline: string;
  /** Those that a suppression expects are among them, and count nowhere. */
  readonly findings: readonly FindingView[];
  readonly suppressed: readonly SuppressedView[];
  readonly totals: VerdictTotals;
  readonly coverage: Coverage;
}

/** What ran; of the last boot. */
export interface DeviceView {
  readonly chip?: string;
  readonly idfVersion?: string;
  readonly appName?: string;
  readonly appVersion?: string;
  readonly elfSha256?: string;
  readonly origin?: string;
}

export async function makeVerdict(model: HeapModel, options: DetectOptions = {}): Promise<Verdict> {
  const detection = await detect(model, options);
  const { window } = detection;
  const findings = viewFindings(detection.findings, detection.names);
  const totals = await model.totalsAt(window.to);
  const peak = await model.peak(window);
  const regions = await model.regionsAt(window.to);
  const boot = model.tables.boots.at(-1);
  return {
    window,
    device: {
      ...(boot?.chip !== undefined && { chip: boot.chip }),
      ...(boot?.idfVersion !== undefined && { idfVersion: boot.idfVersion }),
      ...(boot?.appName !== undefined && { appName: boot.appName }),
      ...(boot?.appVersion !== undefined && { appVersion: boot.appVersion }),
      ...(boot?.elfSha256 !== undefined && { elfSha256: boot.elfSha256 }),
      ...(boot?.origin !== undefined && { origin: boot.origin }),
    },
    headline: headline(findings.filter((one) => one.suppressedBy === undefined).map(({ severity }) => severity)),
    findings,
    suppressed: viewSuppressed(findings),
    totals: {
      liveBytes: totals.bytes,
      liveBlocks: totals.blocks,
      peakBytes: peak.bytes,
      peakTime: peak.time,
      allocations: totals.allocations,
      frees: totals.frees,
      regions: regions.map(viewRegion),
      caps: viewCaps(model, regions),
    },
    coverage: await viewCoverage(model, window, totals),
  };
}

function headline(severities: readonly FindingView["severity"][]): string {
  const counted = (["error", "warning", "note"] as const)
    .map((severity) => ({ severity, count: severities.filter((one) => one === severity).length }))
    .filter(({ count }) => count > 0);
  if (counted.length === 0) return "Nothing wrong was found";
  return counted.map(({ severity, count }) => formatNumberOf(count, severity)).join(", ");
}
