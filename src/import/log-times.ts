// Times as logs write them: of day, since the boot, since 1970.

import type { Microseconds } from "../base/units.ts";
import { uptimeInEnglish } from "./foreign-words.ts";

export const DAY = 86_400e6;
export const MONTHS: readonly string[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export function ofDay(hours = "", minutes = "", seconds = "", fraction = ""): Microseconds {
  return (
    ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e6 +
    (fraction === "" ? 0 : Number(`0.${fraction}`) * 1e6)
  );
}

/** Of a clock of twelve hours where `half` is A or P. */
export function ofHalfDay(
  half: string | undefined,
  hours = "",
  ...rest: readonly (string | undefined)[]
): Microseconds {
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === "P" ? 12 : 0);
  return ofDay(String(hour), ...rest);
}

/** The beginning of a day, since 1970; months from 1. */
export function ofDate(year = "", month = "", date = ""): Microseconds {
  return Date.UTC(Number(year), Number(month) - 1, Number(date)) * 1e3;
}

/** Digits of seconds since 1970, or of thousandths or millionths of them. */
export function sinceEpoch(stamp: string): Microseconds {
  const [digits = "", fraction = ""] = stamp.split(".");
  return Number(`${digits}.${fraction}`) * 10 ** (16 - digits.length);
}

/** Microseconds since 1970 as a stamp; undefined for what is no time. */
export function momentOf(microseconds: Microseconds): string | undefined {
  const date = new Date(microseconds / 1e3);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** An uptime that the message itself tells: `"UptimeSec":3610`, `uptime: 12345 ms`, `Uptime 1d 02:03:04`, `000+02:03:04`, `up 300s`. */
const UPTIME_FIELD =
  /"?(?<![a-z\d])(?:up[_ ]?time|UptimeSec|millis|uptime[_ ]?(?:s|sec|secs|seconds|ms))\b"?(?:\(\))?\s*[:=]?\s*"?(?:(\d+)(?:d|T|\+| days?,?)\s*)?(\d{1,2}):(\d\d):(\d\d)|\b(up)[ =:]\s?(\d+)\s?(m?s)\b|"?(?<![a-z\d])(up[_ ]?time|UptimeSec|uptime[_ ]?(?:s|sec|secs|seconds|ms)|millis|t_?ms|ts_ms|time_ms)\b"?(?:\(\))?\s*(?:=>|[:=>])?\s*"?((?!0\d{7}\b)\d+(?:\.\d+)?)\s*(ms|msec|millis|s|sec|seconds|min|h)?\b/i;

/** As Unix tells it: `up 3 days, 4:05`. */
const UP_FOR = /\bup (?:(\d+) days?,? +)?(\d{1,2}):(\d\d)(?::(\d\d))?\b/i;

/** `Uptime 0d 4h 05m`, `up 3h12m07s`: two of its parts at least, or one behind the whole word. */
const UP_IN_PARTS =
  /(?<![a-z\d])(?:up[_ ]?time|up)\b"?(?: for)?\s*[:=]?\s*"?(?=\d+ ?[dhms])(?:(\d+) ?d(?:ays?)?\b,? ?)?(?:(\d+) ?h(?:(?:ou)?rs?)?,? ?)?(?:(\d+) ?m(?:in(?:utes?)?)?,? ?)?(?:(\d+) ?s(?:ec(?:onds?)?)?)?(?![\w.])/i;
/** `Up 432.59, RAM: …`: seconds with a fraction need no unit. */
const UP_WITH_FRACTION = /\bup[ =:]\s?(\d+\.\d+)(?=[,;|)\s]|$)(?!\s?[a-z%°])/i;

/** ESPEasy counts minutes: `Uptime 12 ConnectFailures 0 FreeMem 14300`. */
const UPTIME_OF_ESPEASY = /\bUptime:? +(\d+(?:\.\d+)?) +ConnectFailures\b/;
/** What `millis()` says under another name, as WLED prints it. */
const RUNTIME = /^\W*run[ _]?time:? +(\d{4,10})\W*$/i;

/** Teleplot's lines, behind their mark: the name, milliseconds, the value and its unit. */
export const TELEPLOT = /^([A-Za-z_][\w .-]{0,40}):\d{3,13}:(\d+(?:\.\d+)?)(?:§?\|?(\S*))?$/;

export function uptimeIn(told: string): Microseconds | undefined {
  const text = uptimeInEnglish(told);
  const plotted = text.length < 80 && TELEPLOT.test(text) ? /:(\d+):/.exec(text)?.[1] : undefined;
  if (plotted !== undefined) return plotted.length < 13 ? Number(plotted) * 1e3 : undefined;
  const minutes = text.includes("ConnectFailures") ? UPTIME_OF_ESPEASY.exec(text)?.[1] : undefined;
  if (minutes !== undefined) return Number(minutes) * 60e6;
  const runtime = text.length < 40 ? RUNTIME.exec(text)?.[1] : undefined;
  if (runtime !== undefined) return Number(runtime) * 1e3;
  const upFor = UP_FOR.exec(text);
  if (upFor !== null) return Number(upFor[1] ?? 0) * DAY + ofDay(upFor[2], upFor[3], upFor[4] ?? "");
  const match = UPTIME_FIELD.exec(text);
  const parts = match?.[2] === undefined ? UP_IN_PARTS.exec(text) : null;
  if (parts !== null) return partsOf(parts.slice(1));
  if (match === null) {
    const seconds = UP_WITH_FRACTION.exec(text)?.[1];
    return seconds === undefined ? undefined : Number(seconds) * 1e6;
  }
  const [, days, h, m, s, up, upValue, upUnit, named, namedValue, namedUnit] = match;
  const [name, value, unit] = up === undefined ? [named ?? "", namedValue, namedUnit] : [up, upValue, upUnit];
  if (value === undefined) return Number(days ?? 0) * DAY + ofDay(h, m, s);
  const isMilliseconds = unit === undefined ? /ms$|millis/i.test(name) : /^m(?:s|illi)/.test(unit);
  if (isMilliseconds) return Number(value) * 1e3;
  return Number(value) * (unit === "min" ? 60e6 : unit === "h" ? 3600e6 : 1e6);
}

function partsOf([days = "0", hours, minutes, seconds]: readonly (string | undefined)[]): Microseconds {
  return Number(days) * DAY + ofDay(hours ?? "0", minutes ?? "0", seconds ?? "0");
}

/** Seconds since 1970, or parts of them: of a field (`"ts":1767225600`), or at the end of a line of InfluxDB's protocol, Prometheus' or Graphite's. */
const EPOCH =
  /"?\b(?:ts|time|timestamp|epoch|unix(?:[_ ]?time)?|date)"?\s*[:=]\s*"?(1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?)\b(?!\.)|^\w+(?:,\w+=\S+)? \S*\w=\S+ (1[5-9]\d{8}(?:\d{3}){0,3})$|^[a-z_][\w.:-]*(?:\{[^{}]*\})? [-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)? (1[5-9]\d{8}(?:\d{3})?)$/i;

/** A date with a time of day, in a field: `"ts":"2026-04-02T00:01:00Z"`. */
const DATE_FIELD =
  /"?\b(?:ts|time|timestamp|date|date_?time|_time|last_changed|last_updated|created_at)"?\s*[:=]\s*"?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?/i;

/** What ctime() prints: `Tue Mar  4 10:00:10 2025`. */
const CTIME = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (20\d\d)\b/;

/** Microseconds since 1970, where the message itself tells them. */
export function epochIn(text: string): Microseconds | undefined {
  const plotted = text.length < 80 && TELEPLOT.test(text) ? /:(1[5-9]\d{11}):/.exec(text)?.[1] : undefined;
  if (plotted !== undefined) return sinceEpoch(plotted);
  const match = EPOCH.exec(text);
  if (match !== null) return sinceEpoch(match[1] ?? match[2] ?? match[3] ?? "");
  const [, year, month, date, ...time] = DATE_FIELD.exec(text) ?? [];
  if (year !== undefined) return ofDate(year, month, date) + ofDay(...time);
  const [, name = "", day, h, m, s, told] = CTIME.exec(text) ?? [];
  return MONTHS.includes(name) ? ofDate(told, String(MONTHS.indexOf(name) + 1), day) + ofDay(h, m, s) : undefined;
}

/** A date and a time of day, or one of them, in the columns of a table. */
const COLUMN_CLOCK =
  /^(?:(?:(\d{4})[-/.](\d\d)[-/.](\d\d)|(\d{1,2})\.(\d{1,2})\.(\d{4})),?[T ]?)?(?:(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?$/;

/** Microseconds of the wall clock, where the text is a date with a time of day or such a time alone. */
export function clockIn(text: string): Microseconds | undefined {
  const [, year, month, date, d, m, y, h, minute, s, fraction] = COLUMN_CLOCK.exec(text) ?? [];
  // "12:30" alone may be minutes and seconds.
  if (h === undefined || (s === undefined && year === undefined && y === undefined)) return undefined;
  const day = y !== undefined ? ofDate(y, m, d) : year === undefined ? 0 : ofDate(year, month, date);
  return day + ofDay(h, minute, s, fraction);
}
