// A clock in a field that does not tell its unit: `"up":60`, `"t":5000`, `uptime=120000`. How it goes on from line to line tells.

import type { Microseconds } from "../base/units.ts";
import type { LogLine } from "./log-text.ts";

const FIELD =
  /(?<![\w.-])["']?(up|t|ts|time|secs?|seconds|elapsed|up_?time)["']?\s?[:=]\s?"?(\d{1,12}(?:\.\d{1,3})?)"?(?=[,;|)}\]]|\s|$)(?!\s?(?:[mµu]?s|m|h|d|msec|secs?|seconds|min|minutes|hours|days)\b)/gi;
/** Seconds after which programs print something again. */
export const ROUND_SECONDS: ReadonlySet<number> = new Set([
  5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 600, 900, 1200, 1800, 3600,
]);
const SHORT_SECONDS: ReadonlySet<number> = new Set([1, 2, 3]);
/** So many steps forward prove it, where so many of all are and so many of these are alike. */
const LEAST = 5;
const FORWARD = 0.85;
const ALIKE = 0.6;
/** Since 1970. */
const LEAST_EPOCH = 1.5e9;

type Stamped = Pick<LogLine, "text" | "uptime" | "clock">;

export interface FieldClock {
  readonly name: string;
  /** Microseconds in one of its own. */
  readonly unit: Microseconds;
}

/** One that counts since the boot tells of restarts also where lines have stamps. */
const UPTIME = /^up/i;

/** The field that counts seconds or milliseconds. */
export function fieldClock(lines: readonly Stamped[]): FieldClock | undefined {
  const fields = new Map<string, number[]>();
  for (const { text, uptime, clock } of lines) {
    const isStamped = uptime !== undefined || clock !== undefined;
    if (text.length > 4096) continue;
    for (const [, name = "", value] of text.matchAll(FIELD)) {
      if (isStamped && !UPTIME.test(name)) continue;
      const known = fields.get(name);
      if (known === undefined) fields.set(name, [Number(value)]);
      else known.push(Number(value));
    }
  }
  for (const [name, values] of fields) {
    const unit = unitOf(values);
    if (unit !== undefined) return { name, unit };
  }
  return undefined;
}

export function fieldTime({ text, uptime, clock }: Stamped, { name, unit }: FieldClock): Microseconds | undefined {
  if ((uptime !== undefined || clock !== undefined) && !UPTIME.test(name)) return undefined;
  for (const [, own, value] of text.matchAll(FIELD)) if (own === name) return Number(value) * unit;
  return undefined;
}

function unitOf(values: readonly number[]): Microseconds | undefined {
  if (values.some((value) => value >= LEAST_EPOCH)) return undefined;
  const steps = values.slice(1).map((value, i) => value - (values[i] ?? 0)).filter((step) => step !== 0); // prettier-ignore
  const forward = steps.filter((step) => step > 0).sort((a, b) => a - b);
  if (forward.length < LEAST || forward.length < FORWARD * steps.length) return undefined;
  const usual = forward[forward.length >> 1] ?? 0;
  const alike = forward.filter((step) => Math.abs(step - usual) <= Math.max(1, 0.05 * usual));
  if (alike.length < ALIKE * forward.length) return undefined;
  if (values.some((value) => !Number.isInteger(value)) || ROUND_SECONDS.has(usual)) return 1e6;
  const seconds = Math.round(usual / 1e3);
  const isRound = ROUND_SECONDS.has(seconds) || SHORT_SECONDS.has(seconds);
  return isRound && Math.abs(usual - 1e3 * seconds) <= 20 + usual / 100 ? 1e3 : undefined;
}
