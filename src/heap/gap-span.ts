// From when to when history is missing.

import type { Gap } from "../wire/records.ts";
import type { Window } from "./types.ts";

export function gapSpan({ since, time }: Gap): Window {
  return { from: Math.min(since ?? time, time), to: time };
}

/** Whether two spans have a moment in common. */
export function meets(a: Window, b: Window): boolean {
  return a.from <= b.to && a.to >= b.from;
}
