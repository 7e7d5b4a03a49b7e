// What happened in a run, beside allocations and frees: restarts, marks, faults, refused requests, missing history, and the accidents that a log tells.
import { formatBytes, formatNumberOf } from "../base/format.ts";
import type { Microseconds } from "../base/units.ts";
import { gapSpan } from "../heap/gap-span.ts";
import type { RunIncident } from "../heap/run-records.ts";
import type { RunTables } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";
import { faultName } from "../wire/fault-name.ts";
import { isShown } from "./blind-run.ts";

export type HappeningKind = "mark" | "failure" | "fault" | "gap" | "restart";

/** Something that happened at a moment. */
export interface HappeningView {
  readonly time: Microseconds;
  readonly kind: HappeningKind;
  /** Where it ends, for a gap. */
  readonly to?: Microseconds;
  readonly text: string;
  /** How often, where more than once. */
  readonly count?: number;
}

/** Several of one kind close together are one: `to` is later than `time` where it lasted, or where several are one. */
export interface Happening extends HappeningView {
  readonly to: Microseconds;
  readonly count: number;
}

const at = (kind: HappeningKind, time: Microseconds, text: string, count = 1): Happening => ({
  ...{ kind, time, to: time, text, count },
});

/** In the order of time. */
export function happeningsOf({ boots, marks, faults, failures, incidents, gaps }: RunTables): readonly Happening[] {
  return [
    ...boots.flatMap(({ startedAt, furtherStarts = 0 }, i) => {
      const restarts = (i === 0 ? 0 : 1) + furtherStarts;
      return restarts === 0 ? [] : [at("restart", startedAt, "restart", restarts)];
    }),
    ...marks.map(({ time, name }) => at("mark", time, name)),
    ...faults.map(({ time, kind }) => at("fault", time, faultName(kind).replaceAll("-", " "))),
    ...failures.map(({ time, size, count = 1, caps }) =>
      at("failure", time, `failed: ${formatBytes(size * count)}${caps === 0 ? "" : ` ${formatCaps(caps)}`}`),
    ),
    ...incidents.filter(isShown).map((incident) => accident(incident, incident.time)),
    ...gaps.map((gap) => {
      const { from, to } = gapSpan(gap);
      const text = gap.lostEvents === undefined ? "gap" : `gap: ${formatNumberOf(gap.lostEvents, "event")} lost`;
      return { ...at("gap", from, text), to };
    }),
  ].sort((a, b) => a.time - b.time);
}

/** @param moment its time, or its line where the log tells no times */
export function accident({ kind, size, count }: RunIncident, moment: number): Happening {
  if (kind !== "failed-allocation") return at("fault", moment, kind.replaceAll("-", " "), count);
  return at("failure", moment, size === undefined ? "failed" : `failed: ${formatBytes(size)}`, count);
}
