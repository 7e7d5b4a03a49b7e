// What stands before a line's own words: quotes and indents, stamps of terminal programs, syslog and the kernel, and the log formats of
// ESP-IDF, Arduino, ESPHome, Meshtastic, Zephyr and others. They are taken off one by one, and each may tell a time.

import type { Microseconds } from "../base/units.ts";

export interface StrippedLine {
  /** The message alone. */
  readonly text: string;
  /** Since the device's boot. */
  readonly uptime?: Microseconds;
  /** Of the host's or the device's wall clock: since some midnight, or since 1970 where the stamp has a date. */
  readonly clock?: Microseconds;
  /** ESP_LOG's tag, the file or the component that the line names; of a line in another program's log its name too, which comes first. */
  readonly tags: readonly string[];
  /** The function that Arduino's log macros put before the message. */
  readonly caller?: string;
  readonly isWarning?: boolean;
}

interface Found {
  uptime?: Microseconds;
  clock?: Microseconds;
  tags: readonly string[];
  caller?: string;
  isWarning?: boolean;
}

interface Prefix {
  /** What it can begin with: blanks, brackets, digits, capitals … (`beginningOf`). */
  readonly on: string;
  /** Sticky. */
  readonly pattern: RegExp;
  readonly learn?: (found: Found, groups: readonly string[]) => void;
}

const DAY = 86_400e6;

function ofDay(hours = "", minutes = "", seconds = "", fraction = ""): Microseconds {
  return (
    ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e6 +
    (fraction === "" ? 0 : Number(`0.${fraction}`) * 1e6)
  );
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function name(found: Found, tag: string | undefined): void {
  if (tag !== undefined) found.tags = [...found.tags, tag];
}

const isWarning = (level: string | undefined): boolean => /^(?:[EWFC]|WARN|ERR|FATAL|CRIT)/i.test(level ?? "");

/** In the order in which they are tried; after one has matched, all are tried again. */
const PREFIXES: readonly Prefix[] = [
  { on: " ", pattern: /\s+/y },
  // Quoted in a mail or an issue, a markdown table, idf-monitor's own remarks.
  { on: ">", pattern: />+\s*/y },
  // idf-monitor marks what it has decoded itself.
  { on: "-", pattern: /--- (?=0x[0-9a-f]{8}:|\(inlined by\))/iy },
  // docker compose: the container's name.
  { on: "a", pattern: /[a-z][\w.-]{1,60}[-_]\d{1,3} +\| /y },
  // Priority of syslog.
  { on: "<", pattern: /<\d{1,3}>(?:\d (?=\d{4}-))?/y },
  {
    // dmesg, grabserial.
    on: "[",
    pattern: /\[ *(\d{1,9}\.\d{3,9})(?: +\d+\.\d+)?\]:? /y,
    learn: (found, [seconds]) => (found.uptime ??= Number(seconds) * 1e6),
  },
  {
    // A comma begins thousandths, or the next column of a table.
    on: "[0",
    pattern:
      /[[(]?(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:(?:[.:]|,(?=\d{3}(?![\d,;])))(\d{1,9}))?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?[\])]?(?: -> | *> |:? ?- |:[ \t]|[ \t,;|]+|(?=[[(<])|$)/y,
    learn: (found, [year, month, date, ...time]) =>
      (found.clock ??= Date.UTC(Number(year), Number(month) - 1, Number(date)) * 1e3 + ofDay(...time)),
  },
  {
    // syslog and the journal: the host and the program that wrote the line follow.
    on: "[A",
    pattern:
      /\[?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: \d{4})? (\d\d):(\d\d):(\d\d)(?:\.(\d+))?\]?(?: |$)(?:[\w.-]+ (?:[\w./()@-]+\[\d+\]|kernel|minicom|picocom|screen|tio|socat|logger|monitor|idf\.py|python3?|pio|ser2net|esp[\w-]*): ?)?/y,
    learn: (found, [month = "", date, ...time]) => {
      if (months.includes(month))
        found.clock ??= Date.UTC(2026, months.indexOf(month), Number(date)) * 1e3 + ofDay(...time);
    },
  },
  {
    // Zephyr: [00:00:01.234,567] <inf> module: …
    on: "[",
    pattern: /\[(\d\d):(\d\d):(\d\d)\.(\d{3}),(\d{3})\] <(\w{3})> ([\w.]+): /y,
    learn: (found, [h, m, s, ms = "", us = "", level, tag]) => {
      found.uptime ??= ofDay(h, m, s, ms + us);
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // Terminal programs, and Tasmota, which adds its free heap as in 12:37:35.506-016.
    on: "[0",
    pattern:
      /[[(]?(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?(?:-\d{3}(?:\/\d+)?)?(?:Z|[+-]\d\d:\d\d)?[\])]?(?: *-> ?| *> ?| *\| |: |;(?=\[)|[ \t]+|(?=[[(<])|$)/y,
    learn: (found, time) => (found.clock ??= ofDay(...time)),
  },
  {
    // Android's and others' month and day, and Android's process, thread, level and tag.
    on: "0",
    pattern: /(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3,6})(?: +\d+ +\d+ ([VDIWEF]) (\S+) *: )? */y,
    learn: (found, [month, date, h, m, s, fraction, level, tag]) => {
      found.clock ??= Date.UTC(2026, Number(month) - 1, Number(date)) * 1e3 + ofDay(h, m, s, fraction);
      if (level === undefined) return;
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    on: "A",
    pattern: /([EWIDV]) \((\d{1,10})\) ([^:\s][^:]{0,47}?): ?/y,
    learn: (found, [level, milliseconds, tag]) => {
      found.uptime ??= Number(milliseconds) * 1e3;
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // CONFIG_LOG_TIMESTAMP_SOURCE_SYSTEM, or a date.
    on: "A",
    pattern: /([EWIDV]) \((?:(\d{4})-(\d\d)-(\d\d)[ T])?(\d\d):(\d\d):(\d\d)(?:\.(\d+))?\) ([^:\s][^:]{0,47}?): ?/y,
    learn: (found, [level, year, month, date, h, m, s, fraction, tag]) => {
      const time = ofDay(h, m, s, fraction);
      if (year === undefined) found.uptime ??= time;
      else found.clock ??= Date.UTC(Number(year), Number(month) - 1, Number(date)) * 1e3 + time;
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // Without a time: CONFIG_LOG_TIMESTAMP_SOURCE_NONE and IDF's early log.
    on: "A",
    pattern: /([EWIDV]) ([\w.-]{2,32}): (?!\d)/y,
    learn: (found, [level, tag]) => {
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // Arduino: [ 1234][E][file.cpp:12] function(): …
    on: "[",
    pattern: /\[ *(\d{1,10})\]\[([EWIDV])\]\[([^\]]{1,80})\]:? ?(?:(\w+)\(\): ?)?/y,
    learn: (found, [milliseconds, level, tag, caller]) => {
      found.uptime ??= Number(milliseconds) * 1e3;
      name(found, tag);
      if (caller !== undefined) found.caller ??= caller;
      found.isWarning = isWarning(level);
    },
  },
  {
    // ESPHome, and Arduino without a time.
    on: "[",
    pattern: /\[([EWIDVC]|VV)\]\[([^\]]{1,80})\]:? ?(?:(\w+)\(\): ?)?/y,
    learn: (found, [level, tag, caller]) => {
      name(found, tag);
      if (caller !== undefined) found.caller ??= caller;
      found.isWarning = level !== "C" && isWarning(level);
    },
  },
  {
    // Meshtastic: INFO  | 00:05:00 300 [Power] …
    on: "A",
    pattern: /(TRACE|DEBUG|INFO|WARN|ERROR|CRIT)\s*\| [\d?]{1,2}:[\d?]{2}:[\d?]{2} (\d+) (?:\[([\w ]+)\] )?/y,
    learn: (found, [level, seconds, tag]) => {
      found.uptime ??= Number(seconds) * 1e6;
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // A counter of milliseconds and a level, then perhaps the place.
    on: "[0",
    pattern:
      /\[? *(\d{3,10})\]?(?: ms)?[:\s]\s*\[?(VERBOSE|TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL)\b\]?:?\s*(?:(\S+\.(?:cpp|cc|c|h|hpp|py|ino|rs):\d+)\s+)?/y,
    learn: (found, [milliseconds, level, tag]) => {
      found.uptime ??= Number(milliseconds) * 1e3;
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // ESPEasy: 30000 : Info   : WD   : …
    on: "0",
    pattern: /(\d{1,10}) ?: (Error|Info|Debug(?: More)?|Debug dev|Verbose) *: (?:(\w+) *: )?/iy,
    learn: (found, [milliseconds, level, tag]) => {
      found.uptime ??= Number(milliseconds) * 1e3;
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // EMS-ESP: 000+00:08:10.144 W 70: …
    on: "0",
    pattern: /(\d{3})\+(\d\d):(\d\d):(\d\d)\.(\d{3}) ([EWNIDTAC]) \d+: /y,
    learn: (found, [days, h, m, s, ms, level]) => {
      found.uptime ??= Number(days) * DAY + ofDay(h, m, s, ms);
      found.isWarning = isWarning(level);
    },
  },
  {
    on: "[<A",
    pattern:
      /[[(<]?(VERBOSE|TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)[\])>]?(?: *[:|-] *| +(?=\[)|\t+| {2,})(?:([\w.-]{2,32}):(?=\s))?/y,
    learn: (found, [level, tag]) => {
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // millis() in brackets, as many sketches print it.
    on: "[",
    pattern: /[[(] *(\d{4,10})(?: ?ms)?[\])]:? +/y,
    learn: (found, [milliseconds]) => (found.uptime ??= Number(milliseconds) * 1e3),
  },
  {
    on: "[0",
    pattern: /\[?(\d{1,9}(?:\.\d+)?) ?s(?:ec)?\]?[:|] +/y,
    learn: (found, [seconds]) => (found.uptime ??= Number(seconds) * 1e6),
  },
  {
    on: "0",
    pattern: /(\d{3,10}) ?ms[:\s]\s*/y,
    learn: (found, [milliseconds]) => (found.uptime ??= Number(milliseconds) * 1e3),
  },
];

/** More stamps than these no chain of tools puts before a line. */
const MOST_PREFIXES = 8;

export function stripPrefix(line: string, number = 0): StrippedLine & { readonly number: number } {
  const found: Found = { tags: [] };
  let at = 0;
  for (let count = 0; count < MOST_PREFIXES; count++) {
    const end = prefixEnd(line, at, found);
    if (end === at) break;
    at = end;
  }
  return Object.assign(found, { number, text: line.slice(at) });
}

/** The kind of a character that a prefix may begin with. */
function beginningOf(code: number): string {
  if (code === 0x20 || code === 0x09 || code === 0xa0) return " ";
  if (code === 0x5b || code === 0x28) return "[";
  if (code >= 0x30 && code <= 0x39) return "0";
  if (code >= 0x41 && code <= 0x5a) return "A";
  if (code >= 0x61 && code <= 0x7a) return "a";
  return code === 0x3e ? ">" : code === 0x2d ? "-" : code === 0x3c ? "<" : "";
}

const BY_BEGINNING: ReadonlyMap<string, readonly Prefix[]> = new Map(
  [" ", ">", "-", "<", "[", "0", "A", "a"].map((kind) => [kind, PREFIXES.filter(({ on }) => on.includes(kind))]),
);

function prefixEnd(line: string, at: number, found: Found): number {
  for (const { pattern, learn } of BY_BEGINNING.get(beginningOf(line.charCodeAt(at))) ?? []) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match === null || match[0].length === 0) continue;
    learn?.(found, match.slice(1));
    return at + match[0].length;
  }
  return at;
}

/** An uptime that the message itself tells: `"UptimeSec":3610`, `uptime: 12345 ms`, `Uptime 1d 02:03:04`, `000+02:03:04`, `up 300s`. */
const UPTIME_FIELD =
  /"?\b(?:up[_ ]?time|UptimeSec|millis|uptime[_ ]?(?:s|sec|secs|seconds|ms))\b"?(?:\(\))?\s*[:=]?\s*"?(?:(\d+)(?:d|T|\+| days?,?)\s*)?(\d{1,2}):(\d\d):(\d\d)|\b(up)[ =:]\s?(\d+)\s?(m?s)\b|"?\b(up[_ ]?time|UptimeSec|uptime[_ ]?(?:s|sec|secs|seconds|ms)|millis|t_?ms|ts_ms|time_ms)\b"?(?:\(\))?\s*[:=]?\s*"?(\d+(?:\.\d+)?)\s*(ms|msec|millis|s|sec|seconds|min|h)?\b/i;

/** As Unix tells it: `up 3 days, 4:05`. */
const UP_FOR = /\bup (?:(\d+) days?,? +)?(\d{1,2}):(\d\d)(?::(\d\d))?\b/i;

export function uptimeIn(text: string): Microseconds | undefined {
  const upFor = UP_FOR.exec(text);
  if (upFor !== null) return Number(upFor[1] ?? 0) * DAY + ofDay(upFor[2], upFor[3], upFor[4] ?? "");
  const match = UPTIME_FIELD.exec(text);
  if (match === null) return undefined;
  const [, days, h, m, s, up, upValue, upUnit, named, namedValue, namedUnit] = match;
  const [name, value, unit] = up === undefined ? [named ?? "", namedValue, namedUnit] : [up, upValue, upUnit];
  if (value === undefined) return Number(days ?? 0) * DAY + ofDay(h, m, s);
  const isMilliseconds = unit === undefined ? /ms$|millis/i.test(name) : /^m(?:s|illi)/.test(unit);
  if (isMilliseconds) return Number(value) * 1e3;
  return Number(value) * (unit === "min" ? 60e6 : unit === "h" ? 3600e6 : 1e6);
}

/** Seconds since 1970, or parts of them: of a field (`"ts":1767225600`), or at the end of a line of InfluxDB's protocol. */
const EPOCH =
  /"?\b(?:ts|time|timestamp|epoch|unix(?:[_ ]?time)?|date)"?\s*[:=]\s*"?(1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?)\b(?!\.)|^\w+(?:,\w+=\S+)? \S*\w=\S+ (1[5-9]\d{8}(?:\d{3}){0,3})$/i;

/** Microseconds since 1970, where the message itself tells them. */
export function epochIn(text: string): Microseconds | undefined {
  const match = EPOCH.exec(text);
  if (match === null) return undefined;
  const [digits = "", fraction = ""] = (match[1] ?? match[2] ?? "").split(".");
  return Number(`${digits}.${fraction}`) * 10 ** (16 - digits.length);
}

/** A date and a time of day, or one of them, in the columns of a table. */
const COLUMN_CLOCK =
  /^(?:(\d{4})[-/.](\d\d)[-/.](\d\d)[T ]?)?(?:(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|[+-]\d\d:?\d\d)?$/;

/** Microseconds of the wall clock, where the text is a date with a time of day or such a time alone. */
export function clockIn(text: string): Microseconds | undefined {
  const [, year, month, date, h, m, s, fraction] = COLUMN_CLOCK.exec(text) ?? [];
  if (h === undefined) return undefined;
  const day = year === undefined ? 0 : Date.UTC(Number(year), Number(month) - 1, Number(date)) * 1e3;
  return day + ofDay(h, m, s, fraction);
}
