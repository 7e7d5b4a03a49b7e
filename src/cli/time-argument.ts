// Durations as users write them in options.
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
