// A moment of a run as people write it: in options, in queries, in the page.
import { parseDuration } from "../base/duration.ts";
import type { Microseconds } from "../base/units.ts";
import type { Window } from "./types.ts";

/** What a moment is looked up in. */
export interface RunTimes extends Window {
  readonly marks: readonly { readonly time: Microseconds; readonly name: string }[];
  /** When most memory was live, where that has been found out. */
  readonly peak?: Microseconds;
}

/**
 * `12.5s`, `1:30` and the like since the run's first boot, `-30s` before its end, `50%`, `start`, `end`, `peak`, `mark:NAME` or a mark's name alone (the
 * last mark of that name). Undefined for what is none of these; a time may lie outside the run.
 */
export function readMoment(typed: string, { from, to, marks, peak }: RunTimes): Microseconds | undefined {
  const text = typed.trim();
  if (text === "start") return from;
  if (text === "end") return to;
  if (text === "peak") return peak;
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1];
  if (percent !== undefined) return from + ((to - from) * Number(percent)) / 100;
  const time = readTime(text.replace(/^[-+]/, "").replaceAll(" ", ""));
  if (time !== undefined) return text.startsWith("-") ? to - time : time;
  const name = text.replace(/^mark:/, "");
  return marks.findLast((mark) => mark.name === name)?.time;
}

function readTime(text: string): Microseconds | undefined {
  return /^\d+(:\d\d){1,2}(\.\d+)?$/.test(text)
    ? text.split(":").reduce((total, part) => total * 60 + Number(part), 0) * 1e6
    : parseDuration(text);
}
