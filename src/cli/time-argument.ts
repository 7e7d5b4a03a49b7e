// Times and durations as users write them in options.
import { parseDuration } from "../base/duration.ts";
import { MemmapError } from "../base/errors.ts";
import type { Microseconds } from "../base/units.ts";

/** @param option the option's name, for the message: "--duration" */
export function durationArgument(text: string, option: string): Microseconds {
  const duration = parseDuration(text);
  if (duration === undefined || duration <= 0) {
    throw new MemmapError(`${option} ${text} is no duration`, {
      code: "usage-duration",
      hint: "Write 90s, 5m, 1h30m or 500ms; a number alone is seconds.",
    });
  }
  return duration;
}

/** What a moment is looked up in. */
export interface RunTimes {
  readonly from: Microseconds;
  readonly to: Microseconds;
  readonly marks: readonly { readonly time: Microseconds; readonly name: string }[];
}

/**
 * A moment of a run: `12.5s` and the like since its first boot, `-30s` before its end, `50%`, `start`, `end`, `mark:NAME` (the last
 * mark of that name). Moments outside the run are moved to its nearest end.
 */
export function parseMoment(text: string, run: RunTimes): Microseconds {
  const at = readMoment(text, run);
  if (at === undefined) {
    throw new MemmapError(`${text} is no moment of a run`, {
      code: "usage-time",
      hint: "Write a time since boot (12.5s, 3m, 1h30m), -30s for 30 s before the end, 50%, start, end, or mark:NAME.",
    });
  }
  return Math.min(Math.max(at, run.from), run.to);
}

function readMoment(text: string, run: RunTimes): Microseconds | undefined {
  if (text === "end") return run.to;
  if (text === "start") return run.from;
  if (text.startsWith("mark:")) return markTime(text.slice("mark:".length), run);
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) return run.from + ((run.to - run.from) * Number(percent)) / 100;
  const duration = parseDuration(text.replace(/^[-+]/, ""));
  if (duration === undefined) return undefined;
  return text.startsWith("-") ? run.to - duration : duration;
}

function markTime(name: string, run: RunTimes): Microseconds {
  const mark = run.marks.findLast((one) => one.name === name);
  if (mark !== undefined) return mark.time;
  const names = [...new Set(run.marks.map((one) => one.name))];
  throw new MemmapError(`the run has no mark ${name}`, {
    code: "usage-mark",
    hint:
      names.length === 0
        ? 'It has no marks at all; the firmware sets them with memmap_mark("name").'
        : `Its marks: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`,
  });
}
