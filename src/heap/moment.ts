// A moment that an option or a query names, and what is said where it is none.
import { MemmapError } from "../base/errors.ts";
import { formatTime } from "../base/format.ts";
import { orMeant, similar } from "../base/similar.ts";
import type { Microseconds } from "../base/units.ts";
import { readMoment, type RunTimes } from "./read-moment.ts";
import type { RunTables, Window } from "./types.ts";

export const MOMENT_FORMS = "12.5s, 3m, 1:30, -30s (before the end), 50%, mark:NAME, start, end, peak";

/** With what may be asked for. */
export interface AskedTimes extends RunTimes {
  /** The earliest moment that may be asked for: before `from` nothing had happened yet, unless the recording began later than the run. */
  readonly earliest: Microseconds;
}

export function timesOf({ from, to }: Window, { marks, gaps }: RunTables, peak?: Microseconds): AskedTimes {
  const joinedLate = gaps.some(({ reason, time }) => reason === "attached-late" && time <= from);
  const earliest = joinedLate ? from : Math.min(0, from);
  return { from, to, earliest, marks, ...(peak !== undefined && { peak }) };
}

/**
 * @param name of the option or term, for messages: "--at"
 * @throws MemmapError `usage-time`, `usage-mark`, `usage-time-outside`
 */
export function parseMoment(text: string, run: AskedTimes, name: string): Microseconds {
  const at = readMoment(text, run);
  if (at === undefined && text === "peak") {
    throw new MemmapError(`the peak is no moment that ${name} takes: when it was depends on what the query takes`, {
      code: "usage-time",
      hint: "Look at the peak with --at peak, and say when blocks were born in one of the other forms.",
    });
  }
  if (at === undefined && text.startsWith("mark:")) throw noMark(text.slice("mark:".length), run);
  if (at === undefined) {
    throw new MemmapError(`${name} ${text} is no moment of a run`, {
      code: "usage-time",
      hint: `Write a time since boot or one of its other forms: ${MOMENT_FORMS}.`,
    });
  }
  if (at >= run.earliest && at <= run.to) return Math.max(at, run.from);
  // Times are shown with three digits: what was shown may be written.
  if (formatTime(at) === formatTime(run.to)) return run.to;
  if (formatTime(at) === formatTime(run.from)) return run.from;
  throw new MemmapError(`${name} ${text} lies outside the run`, {
    code: "usage-time-outside",
    hint: `The run goes from ${formatTime(run.earliest)} to ${formatTime(run.to)}.`,
  });
}

function noMark(name: string, { marks }: RunTimes): MemmapError {
  const names = [...new Set(marks.map((one) => one.name))];
  const near = similar(name, names, 1).map((one) => `mark:${one}`);
  return new MemmapError(`the run has no mark ${name}`, {
    code: "usage-mark",
    hint:
      names.length === 0
        ? 'It has no marks at all; the firmware sets them with memmap_mark("name").'
        : `${orMeant(near)}Its marks: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`,
  });
}
