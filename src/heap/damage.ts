// What of a run is not what was recorded, because its file is damaged.

import { greatest, smallest } from "../base/values.ts";
import { formatNumberOf, formatTime } from "../base/format.ts";
import type { Microseconds } from "../base/units.ts";

export const DamagedPart = {
  /** Rows of a chunk. */
  EVENTS: "events",
  /** Everything of a stretch. */
  CHUNKS: "stretch",
  /** Heartbeats and answers on regions. */
  NOTES: "notes",
  /** Those, and faults, failures, boots, marks, names too. */
  TABLES: "tables",
  /** Named frames of call stacks. */
  NAMES: "names",
  TEXT: "text",
  /** Key frames and totals: what they hold follows from the events. */
  SHORTCUT: "shortcut",
  /** Of something that can be read. */
  COPY: "copy",
  /** What no recorder writes, though it is as it was written. */
  NONSENSE: "nonsense",
  /** Of a later version. */
  UNKNOWN: "unknown",
} as const;
export type DamagedPart = (typeof DamagedPart)[keyof typeof DamagedPart];

export interface Damage {
  readonly part: DamagedPart;
  /** Whether something is missing for it; otherwise it stands elsewhere too. */
  readonly isLost: boolean;
  /** The stretch of the run that it is about, where known. */
  readonly from?: Microseconds;
  readonly to?: Microseconds;
  /** Events that are missing. */
  readonly rows: number;
}

/** In words. One sentence for all that is lost, one for all that is not. */
export function damageRemarks(damage: readonly Damage[]): readonly string[] {
  const lost = damage.filter(({ isLost }) => isLost);
  const kept = damage.length - lost.length;
  const remarks: string[] = [];
  if (lost.length > 0) {
    const parts = [...new Set(lost.map(({ part }) => part))].map((part) => words(part, lost));
    remarks.push(`The file is damaged in ${formatNumberOf(lost.length, "place")}${span(lost)}: ${parts.join("; ")}.`);
  }
  if (kept > 0) {
    const also = lost.length > 0 ? "more " : "";
    remarks.push(
      `The file is damaged in ${kept} ${also}${kept === 1 ? "place" : "places"} of which nothing is lost: it stands elsewhere too.`,
    );
  }
  return remarks;
}

function span(damage: readonly Damage[]): string {
  const times = damage.flatMap(({ from, to }): Microseconds[] =>
    from === undefined || to === undefined ? [] : [from, to],
  );
  if (times.length === 0) return "";
  return `, from ${formatTime(smallest(times))} to ${formatTime(greatest(times))}`;
}

function words(part: DamagedPart, damage: readonly Damage[]): string {
  const rows = damage.filter((one) => one.part === part).reduce((sum, { rows: missing }) => sum + missing, 0);
  switch (part) {
    case DamagedPart.EVENTS:
      return `${formatNumberOf(rows, "event")} missing`;
    case DamagedPart.CHUNKS:
      return `whole stretches missing${rows > 0 ? ` with ${formatNumberOf(rows, "event")}` : ""}, with faults, failures and marks if there were any`;
    case DamagedPart.NOTES:
      return "heartbeats and answers on regions missing";
    case DamagedPart.TABLES:
      return "faults, failures, marks and names missing, if there were any";
    case DamagedPart.NAMES:
      return "names in call stacks missing";
    case DamagedPart.TEXT:
      return "log text missing";
    case DamagedPart.NONSENSE:
      return `values left out that no recorder writes${rows > 0 ? `, with ${formatNumberOf(rows, "event")}` : ""}`;
    case DamagedPart.SHORTCUT:
    case DamagedPart.COPY:
    case DamagedPart.UNKNOWN:
      return "something of a later version missing";
  }
}
