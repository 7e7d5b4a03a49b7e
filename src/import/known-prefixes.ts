// The stamps and names that may stand before a line's own words, one by one: quotes and indents, stamps of terminal programs, syslog and the kernel, and the
// log formats of ESP-IDF, Arduino, ESPHome, Meshtastic, Zephyr and others.

import type { Microseconds } from "../base/units.ts";
import { DAY, MONTHS, ofDate, ofDay, ofHalfDay, sinceEpoch } from "./log-times.ts";

/** A stamp whose meaning only the whole log tells: a counter of milliseconds or seconds; minutes of a day, or seconds since the boot. */
export interface AmbiguousStamp {
  readonly kind: "counter" | "minutes";
  readonly value: number;
}

/** What is learned from them. */
export interface Found {
  source?: string | undefined;
  board?: string;
  ambiguous?: AmbiguousStamp;
  uptime?: Microseconds;
  clock?: Microseconds;
  tags: readonly string[];
  caller?: string;
  isWarning?: boolean;
}

export interface Prefix {
  /** What it can begin with: blanks, brackets, digits, capitals, other letters (`beginningOf`), or a character that stands for itself. */
  readonly on: string;
  /** Without it in the line no pattern needs to be tried. */
  readonly needs?: string;
  /** Sticky. */
  readonly pattern: RegExp;
  readonly learn?: (found: Found, groups: readonly string[]) => void;
}

function name(found: Found, tag: string | undefined): void {
  if (tag !== undefined) found.tags = [...found.tags, tag];
}

/** A clock that nobody has set yet counts since the boot, from 1970 or 2000 on. */
function dated(found: Found, year: string | undefined, time: Microseconds): void {
  if (year === "1970" || year === "2000") found.uptime ??= time - ofDate(year, "1", "1");
  else found.clock ??= time;
}

/** Milliseconds, unless the whole log tells that they are seconds. */
function counted(found: Found, counter: string | undefined, unit: string | undefined): void {
  if (unit === undefined) found.ambiguous = { kind: "counter", value: Number(counter) };
  found.uptime ??= Number(counter) * 1e3;
}

const isWarning = (level: string | undefined): boolean => /^(?:[EWFC]|WARN|ERR|FATAL|CRIT)/i.test(level ?? "");

/** In the order in which they are tried; after one has matched, all are tried again. */
export const PREFIXES: readonly Prefix[] = [
  { on: " ", pattern: /\s+/y },
  // Quoted in a mail or an issue, a markdown table, idf-monitor's own remarks.
  { on: ">", pattern: />+\s*/y },
  // idf-monitor marks what it has decoded itself.
  { on: "-", pattern: /--- (?=0x[0-9a-f]{8}:|\(inlined by\))/iy },
  // Lines of a list or of a difference.
  { on: "-+*", pattern: /[-+*] (?=[\p{L}[(<=])|\+(?=[EWIDV] \(|\[)/uy },
  // grep -n, grep -H, cat -n, bat: the file, the line's number.
  {
    on: "aA./",
    pattern: /([\w./-]{1,120})\.(?:log|txt)[:-]\d{1,7}[:-]/y,
    learn: (found, [file]) => (found.source ??= file),
  },
  { on: "0", pattern: /\d{1,7}(?: ?[│→] ?|:(?= {2}|[^\s\d])(?![\da-f]{2}:)|\t(?=[^\t]*\p{L}[^\t]*$))/uy },
  // The port that the line came from, and whence.
  {
    on: "[aA/",
    pattern: /\[?(COM\d{1,3}|(?:\/dev\/)?(?:tty|cu\.)[\w.-]{2,40})(?:\]:?|:| ?[-=]?>| ?\|)(?: |$)/y,
    learn: (found, [port]) => (found.source ??= port),
  },
  {
    on: "[aA收#<",
    pattern: /\[?(?:RX|Rx|rx|RECV|recv)\](?: ?[:>-]+)? ?|(?:RX|Rx|rx|RECV|recv) ?[:>]+ |收←◆|# RECV \w+>|<<+ /y,
  },
  // docker compose: the container's name.
  {
    on: "a",
    needs: "| ",
    pattern: /([a-z][\w.-]{1,60}[-_]\d{1,3}) +\| /y,
    learn: (found, [container]) => (found.source ??= container),
  },
  // Priority of syslog.
  { on: "<", pattern: /<\d{1,3}>(?:\d (?=\d{4}-))?/y },
  {
    // dmesg, grabserial.
    on: "[",
    pattern: /\[ *(\d{1,9}\.\d{3,9})(?: +\d+\.\d+)?\]:? /y,
    learn: (found, [seconds]) => (found.uptime ??= Number(seconds) * 1e6),
  },
  {
    // Seconds, thousandths or millionths since 1970: ts, tio, candump; numbers alone may be a table's row.
    on: "[0",
    pattern:
      /(?:[[(](?=[\d.]+[\])]))?(1[5-9]\d{8}(?:\.\d{1,9}|(?:\d{3}){0,3}))(?!\d)(?:[\])]:?[ \t]+|:?[ \t]+(?=[^\d\s]|.*[\p{L}=]))/uy,
    learn: (found, [stamp = ""]) => (found.clock ??= sinceEpoch(stamp)),
  },
  {
    // A comma begins thousandths, or the next column of a table. Of containers, jobs and syslog the stream, or the host and the program, follow.
    on: "[0",
    pattern:
      /[[(]?(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:(?:[.:]|,(?=\d{3}(?![\d,;])))(\d{1,9}))?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?[\])]?(?: -> | *> |:? ?- |:[ \t]|[ \t]+\|[ \t]+|[,;|][ \t]*|[ \t]+|(?=[[(<])|$)(?:(?:stdout|stderr) [FP] |\d\d[OE]\+? ?|([\w.-]+) [\w./()@-]+\[\d+\]: ?|([\w.-]+) [\w./-]+ (?:-|\d+) - (?:-|\[[^\]]*\]) )?/y,
    learn: (found, [year, month, date, h, m, s, fraction, host, other]) => {
      found.source ??= host ?? other;
      dated(found, year, ofDate(year, month, date) + ofDay(h, m, s, fraction));
    },
  },
  {
    // As names of files have it: 2020-12-26_15-13-28: …
    on: "[0",
    needs: "_",
    pattern: /\[?(\d{4})-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)\]?(?::| -)? +/y,
    learn: (found, [year, month, date, ...time]) => dated(found, year, ofDate(year, month, date) + ofDay(...time)),
  },
  {
    // Day and month, or month and day where a slash and halves of the day tell so: 01.03.2024 12:34:10, 3/1/2024, 12:34:10 PM
    on: "[0",
    pattern:
      /[[(]?(\d{1,2})([./])(\d{1,2})\2(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?(?: ([AP])M)?[\])]?(?: -> | *> |:? ?- |:[ \t]|[ \t]+\|[ \t]+|[;|][ \t]*|[ \t]+|(?=[[(<])|$)/y,
    learn: (found, [first, mark, second, year, h, m, s, fraction, half]) => {
      const isMonthFirst = mark === "/" && (half !== undefined || Number(second) > 12);
      const [month, date] = isMonthFirst ? [first, second] : [second, first];
      found.clock ??= ofDate(year, month, date) + ofHalfDay(half, h, m, s, fraction);
    },
  },
  {
    // The day by its month's name: 05-Aug-20, 19:37:41: …
    on: "[0",
    needs: "-",
    pattern:
      /[[(]?(\d{1,2})-([A-Z][a-z]{2})-(?:20)?(\d\d),? (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?[\])]?(?: -> | *> |:? ?- |:[ \t]|[ \t]+\|[ \t]+|[ \t]+|$)/y,
    learn: (found, [date, month = "", year, ...time]) => {
      if (MONTHS.includes(month))
        found.clock ??= ofDate(`20${year ?? ""}`, String(MONTHS.indexOf(month) + 1), date) + ofDay(...time);
    },
  },
  {
    // syslog and the journal: the host and the program that wrote the line follow. Tera Term tells day of the week and year as well.
    on: "[A",
    pattern:
      /\[?(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: \d{4})? (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?: \d{4})?\]?(?: |$)(?:([\w.-]+) (?:[\w./()@-]+\[\d+\]|kernel|minicom|picocom|screen|tio|socat|logger|monitor|idf\.py|python3?|pio|ser2net|esp[\w-]*): ?)?/y,
    learn: (found, [month = "", date, h, m, s, fraction, host]) => {
      found.source ??= host;
      if (MONTHS.includes(month))
        found.clock ??= ofDate("2026", String(MONTHS.indexOf(month) + 1), date) + ofDay(h, m, s, fraction);
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
      /[[(]?(?:\d{1,2}[/.]\d{1,2}\.?,? )?(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?(?:-\d{3}(?:\/\d+)?)?(?:Z|[+-]\d\d:\d\d)?(?: ([AP])M)?[\])]?(?: *-> ?| *> ?| *\| |: |;(?=\[)|[ \t]+|(?=[[(<收])|(?<=[\])])(?=[A-Za-z])|$)/y,
    learn: (found, [h, m, s, fraction, half]) => (found.clock ??= ofHalfDay(half, h, m, s, fraction)),
  },
  {
    // Hours and minutes. Minutes and seconds since the boot look the same: they begin with 00, or go past 23.
    on: "[0",
    needs: ":",
    pattern:
      /\[?(?:\d{1,2}[/.]\d{1,2}\.?,? )?(\d\d?):([0-5]\d)(?: ?([AP])M)?\]?(?: *-> ?| *> ?| *\| |:? - |:?[ \t]+|(?<=\]))(?=[\p{L}[(<"{])/uy,
    learn: (found, [h, m, half]) => {
      if (half === undefined && Number(h) < 24)
        found.ambiguous = { kind: "minutes", value: Number(h) * 60 + Number(m) };
      if (Number(h) > 0 && Number(h) < 24) found.clock ??= ofHalfDay(half, h, m, "0");
    },
  },
  {
    // LVGL 9: [Warn]	(40.510, +410)	 lv_malloc: …
    on: "[",
    needs: ", +",
    pattern: /\[(Trace|Info|Warn|Error|User)\][ \t]+\((\d{1,9}\.\d{3}), \+\d+\)[ \t]+/y,
    learn: (found, [level, seconds]) => {
      found.uptime ??= Number(seconds) * 1e6;
      found.isWarning = isWarning(level);
    },
  },
  {
    // Android's and others' month and day, and Android's process, thread, level and tag.
    on: "0",
    pattern: /(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3,6})(?: +\d+ +\d+ ([VDIWEF]) (\S+) *: )? */y,
    learn: (found, [month, date, h, m, s, fraction, level, tag]) => {
      found.clock ??= ofDate("2026", month, date) + ofDay(h, m, s, fraction);
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
      else dated(found, year, ofDate(year, month, date) + time);
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // Android's short form: I/esp     ( 1234): …
    on: "A",
    pattern: /([VDIWEF])\/([^\s(/]{1,40})\s*\( *\d+\): ?/y,
    learn: (found, [level, tag]) => {
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // Without a time: CONFIG_LOG_TIMESTAMP_SOURCE_NONE and IDF's early log.
    on: "A",
    pattern: /([EWIDV]) (?=[\w.-]*[A-Za-z_])([\w.-]{2,32}): (?!\d)/y,
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
    // ESPHome, which may name the task, and Arduino without a time.
    on: "[",
    pattern: /\[([EWIDVC]|VV)\]\[([^\]]{1,80})\](?:\[[\w ]{1,16}\])?:? ?(?:(\w+)\(\): ?)?/y,
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
      /\[? *(\d{3,10})\]?( ms)?[:\s]\s*\[?(VERBOSE|TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL)\b\]?:?\s*(?:(\S+\.(?:cpp|cc|c|h|hpp|py|ino|rs):\d+)\s+)?/y,
    learn: (found, [counter, unit, level, tag]) => {
      counted(found, counter, unit);
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
    // Mongoose OS counts microseconds: 2600102 mgos_main.c:513     …
    on: "0",
    needs: ":",
    pattern: /(\d{5,15}) ([A-Za-z][\w.-]{2,30}:\d{1,5}) +(?=\S)/y,
    learn: (found, [microseconds, tag]) => {
      found.uptime ??= Number(microseconds);
      name(found, tag);
    },
  },
  {
    // Days and a clock since the boot: 0d00:01:00
    on: "[0",
    needs: "d",
    pattern: /[[(]?(\d{1,4})d[ :,-]?(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?[\])]?[:|,]? +/y,
    learn: (found, [days, h, m, s, fraction]) => (found.uptime ??= Number(days) * DAY + ofDay(h, m, s, fraction)),
  },
  {
    // EMS-ESP's syslog: W 79707: [mqtt] …
    on: "A",
    pattern: /([EWNIDTAC]) \d{1,9}: \[(\w+)\] /y,
    learn: (found, [level, tag]) => {
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
    // Python's and Rust's loggers: INFO (MainThread) [serial] …, INFO:serial:…, INFO  app::net] …; serial - INFO - … is taken in two.
    on: "A",
    pattern:
      /(TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL)(?: +\([\w-]+\) +\[[\w.-]+\] |:[\w.]{1,40}:(?! )| +(?:[\w:]{1,60})?\] ?)/y,
    learn: (found, [level]) => (found.isWarning = isWarning(level)),
  },
  {
    on: "aA",
    needs: " - ",
    pattern: /[\w.]{1,40} - (?=(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) - )|[\w.]{1,40}:[\w<>.]{1,40}:\d+ - /y,
  },
  {
    // A job's and a step's names, as GitHub tells them.
    on: "aA",
    needs: "\t",
    pattern: /[^\t]{1,60}\t[^\t]{1,60}\t\ufeff?(?=\d{4}-\d\d-\d\dT)/y,
  },
  {
    on: "[<A",
    pattern:
      /[[(<]?(VERBOSE|TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)[\])>]?(?: *[:|-] *| +(?=\[)|\t+| {2,})(?:(?!Task:)([A-Za-z_][\w.-]{1,31}):(?=\s+[^\s\d]))?/y,
    learn: (found, [level, tag]) => {
      name(found, tag);
      found.isWarning = isWarning(level);
    },
  },
  {
    // millis() in brackets, as many sketches print it.
    on: "[",
    pattern: /[[(] *(\d{4,10})( ?ms)?[\])]:? +/y,
    learn: (found, [counter, unit]) => counted(found, counter, unit),
  },
  {
    on: "[0",
    pattern: /\[ *(\d{1,9}(?:\.\d+)?) ?s(?:ec)?\][:|]? +|(\d{1,9}(?:\.\d+)?) ?s(?:ec)?\]?[:|] +/y,
    learn: (found, [bracketed, seconds]) => (found.uptime ??= Number(bracketed ?? seconds) * 1e6),
  },
  {
    // Since the start: T+00:05:00, T+300s
    on: "A[",
    needs: "T+",
    pattern: /\[?T\+(?:(\d{1,3}):(\d\d):(\d\d)(?:\.(\d{1,6}))?|(\d{1,9}(?:\.\d+)?) ?(m?s))\]?[:|,]? +/y,
    learn: (found, [h, m, s, fraction, count, unit]) => {
      found.uptime ??= count === undefined ? ofDay(h, m, s, fraction) : Number(count) * (unit === "ms" ? 1e3 : 1e6);
    },
  },
  {
    // Seconds with a fraction, and a level.
    on: "0",
    needs: ".",
    pattern: /(\d{1,8}\.\d{1,6})[: ] *(?=\[?(?:VERBOSE|TRACE|DEBUG|INFO|NOTICE|WARN|ERROR|FATAL)\b)/y,
    learn: (found, [seconds]) => (found.uptime ??= Number(seconds) * 1e6),
  },
  {
    on: "0",
    pattern: /(\d{3,10}) ?ms[:\s]\s*/y,
    learn: (found, [milliseconds]) => (found.uptime ??= Number(milliseconds) * 1e3),
  },
];
