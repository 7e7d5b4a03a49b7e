// A time as people type it: `1:30`, `90s`, `2m`, `50%`, or the name of a mark.
import { parseDuration } from "../../base/duration.ts";
import type { Microseconds } from "../../base/units.ts";
import type { RunState } from "../engine/protocol.ts";

export function readTime(text: string, state: Pick<RunState, "span" | "marks"> | undefined): Microseconds | undefined {
  const typed = text.trim();
  if (typed === "" || state === undefined) return undefined;
  const { span, marks } = state;
  const mark = marks.find(({ name }) => name === typed);
  if (mark !== undefined) return mark.time;
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(typed)?.[1];
  if (percent !== undefined) return span.from + ((span.to - span.from) * Number(percent)) / 100;
  if (/^\d+(:\d{1,2}){1,2}(\.\d+)?$/.test(typed)) {
    return typed.split(":").reduce((total, part) => total * 60 + Number(part), 0) * 1e6;
  }
  return /^\d+(\.\d+)?$/.test(typed) ? Number(typed) * 1e6 : parseDuration(typed);
}
