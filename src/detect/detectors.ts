// All detectors. Equal findings stay in this order; where two report the same rule, the first gives it its name in the corpus' score.
import type { Group, RuleOf } from "./detector.ts";
import type { Finding } from "./finding.ts";
import { failures } from "./failures.ts";
import { faults } from "./faults.ts";
import { forecast } from "./forecast.ts";
import { fragmentation } from "./fragmentation.ts";
import { hostFaults } from "./host-faults.ts";
import { kept } from "./kept.ts";
import { leaks } from "./leaks.ts";
import { logAccidents, logLevels, logLosses, logRefusals } from "./log/log-findings.ts";
import { restarts } from "./restarts.ts";
import { waste } from "./waste.ts";

export const detectors = [
  faults,
  hostFaults,
  restarts,
  failures,
  leaks,
  forecast,
  fragmentation,
  kept,
  waste,
  logAccidents,
  logRefusals,
  logLosses,
  logLevels,
] as const;

export type Rule = RuleOf<(typeof detectors)[number]>;
/** A finding with the group of the detector that found it: several detectors may report one rule. */
export type FoundFinding = Finding<Rule> & { readonly group: Group };
export type DetectorName = (typeof detectors)[number]["name"];
