// The findings of one group of detectors in full: what leaks, faults and failures ask for.
import { detect, type DetectOptions } from "../detect/run.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { viewFindings, type FindingView } from "./finding-view.ts";
import { viewSuppressed, type SuppressedView } from "./suppressed.ts";

/** Findings of one group of detectors. */
export interface FindingsView extends TroubleView {
  readonly window: Window;
  /** Most urgent first; those that a suppression expects are among them. */
  readonly findings: readonly FindingView[];
  readonly suppressed: readonly SuppressedView[];
}

/** @param options whose group says which */
export async function viewFindingsOf(model: HeapModel, options: DetectOptions): Promise<FindingsView> {
  const detection = await detect(model, options);
  const findings = viewFindings(detection);
  return { ...viewTrouble(model), window: detection.window, findings, suppressed: viewSuppressed(findings) };
}
