// What a detector is: one object in a file of its own, and one line in detectors.ts. The run, the commands, the ranking, the corpus' score and
// the table in docs/detectors ask the list.
import type { SiteActivity } from "../heap/types.ts";
import type { Range } from "./amount.ts";
import type { AddressWatch } from "./address-watch.ts";
import type { DetectContext } from "./context.ts";
import type { Finding } from "./finding.ts";
import type { LogFindings } from "./log/findings-of-log.ts";
import type { Survey } from "./survey.ts";
import type { UrgencyCode } from "./urgency.ts";

/** What is shown together in full, by the command of that name where there is one; "advice" is never more than notes. */
export type Group = "faults" | "failures" | "leaks" | "room" | "advice";

/** What leaks.ts reports; it stands here because others rest on its findings. */
export type LeakRule = "leak" | "growing-block" | "freed-at-shutdown" | "orphaned";

/** A leak with all that it is about: a finding names only some of its sites. */
export interface FoundLeak {
  readonly finding: Finding<LeakRule>;
  readonly sites: readonly number[];
  /** Grows without an end in sight. */
  readonly isGrowing: boolean;
  /** Bytes per microsecond, of what grows. */
  readonly rate?: Range;
}

/** The sites of all of them. */
export function sitesLost(leaks: readonly FoundLeak[]): ReadonlySet<number> {
  return new Set(leaks.flatMap(({ sites }) => sites));
}

/** What costs a pass over the events, or rests on one. Made once for all detectors, and only where one of them needs it (passes.ts). */
export interface Passes {
  /** The history of every site; of the stretch. */
  readonly survey: Survey;
  /** Of the whole window. */
  readonly addresses: AddressWatch;
  /** Of the last part of the stretch. */
  readonly activity: SiteActivity;
  /** What leaks in the stretch, and so is neither kept nor wasted, but uses memory up. */
  readonly leaks: readonly FoundLeak[];
  /** What a console log tells, of the window. */
  readonly log: LogFindings;
}
export type Pass = keyof Passes;

export type Inputs<Needs extends Pass> = DetectContext & Pick<Passes, Needs>;

/** `Rule`: what it can report. `Needs`: of the shared passes; it sees no others. */
export interface Detector<Rule extends string = string, Needs extends Pass = Pass> {
  /** As the corpus scores it and the docs call it. */
  readonly name: string;
  /** In docs/detectors, without ".md". */
  readonly page: string;
  readonly group: Group;
  readonly rules: Readonly<Record<Rule, UrgencyCode>>;
  readonly needs: readonly Needs[];
  readonly detect: (inputs: Inputs<Needs>) => readonly Finding<Rule>[] | Promise<readonly Finding<Rule>[]>;
}

export type RuleOf<D> = D extends { readonly rules: Readonly<Record<infer Rule extends string, UrgencyCode>> }
  ? Rule
  : never;
