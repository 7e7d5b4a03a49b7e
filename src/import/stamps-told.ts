// Stamps that mean one thing or another, as the beginning of the log tells: `[300]` in seconds or milliseconds, `00:15` past midnight or since the boot, a time
// behind figures that stand in brackets before each line, a field that does not tell its unit.

import { type FieldClock, fieldClock, fieldTime, ROUND_SECONDS } from "./field-clock.ts";
import { ofDay } from "./log-times.ts";
import type { LogLine } from "./log-text.ts";
import { memoryStamp } from "./memory-stamp.ts";
import { stripPrefix } from "./log-prefix.ts";
import { templateOf } from "./template.ts";

/** Puts right what a line's stamps were taken for. */
export type Retell = (line: LogLine) => LogLine;

/** So many in a row prove it. */
const LEAST = 5;
/** Counters of fewer digits than four are taken for a stamp only where the log tells that they are. */
const SHORT_COUNTER = /^([[(]? *)(\d{1,3})(?!\d)/;

/** @param isStamped figures stand before each line (memory-stamp.ts) */
export function stampsTold(lines: readonly LogLine[], isStamped: boolean): Retell | undefined {
  if (isStamped) return behindFigures;
  if (areSeconds(lines)) return inSeconds;
  const unit = unitBefore(lines);
  if (unit !== undefined) return behindCounter(unit);
  if (passMidnight(lines)) return afterMidnight;
  const field = fieldClock(lines);
  return field === undefined ? undefined : inField(field);
}

function inField(field: FieldClock): Retell {
  return (line) => {
    const told = fieldTime(line, field);
    return told === undefined ? line : { ...line, told };
  };
}

function behindFigures(line: LogLine): LogLine {
  const stamp = memoryStamp(line.text);
  if (stamp === undefined || line.uptime !== undefined || line.clock !== undefined) return line;
  const { uptime, clock } = stripPrefix(stamp.message);
  return { ...line, ...(uptime !== undefined && { uptime }), ...(clock !== undefined && { clock }) };
}

function withShortCounter(line: LogLine): LogLine {
  if (line.ambiguous !== undefined || !SHORT_COUNTER.test(line.text)) return line;
  const padded = line.text.replace(
    SHORT_COUNTER,
    (_, before: string, digits: string) => before + digits.padStart(4, "0"),
  );
  const { text, tags, ambiguous, isWarning } = stripPrefix(padded);
  if (ambiguous?.kind !== "counter") return line;
  return { ...line, text, tags: [...line.tags, ...tags], ambiguous, ...(isWarning !== undefined && { isWarning }) };
}

/** Lines of one kind come after round numbers of seconds, exactly. */
function areSeconds(lines: readonly LogLine[]): boolean {
  const last = new Map<number, { counter: number; step: number; times: number }>();
  for (const line of lines) {
    const { ambiguous, text } = withShortCounter(line);
    if (ambiguous?.kind !== "counter") continue;
    const counter = ambiguous.value;
    const key = templateOf(text);
    const before = last.get(key);
    const step = before === undefined ? 0 : counter - before.counter;
    const times = step !== 0 && step === before?.step ? before.times + 1 : 1;
    if (times >= LEAST && ROUND_SECONDS.has(step)) return true;
    last.set(key, { counter, step, times });
  }
  return false;
}

function inSeconds(line: LogLine): LogLine {
  const told = withShortCounter(line);
  return told.ambiguous?.kind === "counter" ? { ...told, uptime: told.ambiguous.value * 1e6 } : line;
}

/** `20s heap 183220`, `1203 heap=181200`: before a few lines it is a part of their words. */
const COUNTER_BEFORE = /^(\d{1,10}(?:\.\d{1,3})?)(?: ?(m?s))?[:;|]? +(?!(?:[kM]?i?B|bytes?|of)\b)(?=[\p{L}[(<{])/u;
/** So many of the lines begin so, without a unit nearly all of them, and so many of them are not earlier than those before. */
const BEGINNING = { withUnit: 0.6, bare: 0.9 };
const IN_ORDER = 0.95;
/** No program prints something more often than after so many milliseconds; counters of other things go on by less. */
const LEAST_MILLISECONDS = 100;

/** What a number before most lines counts, in microseconds. */
function unitBefore(lines: readonly LogLine[]): number | undefined {
  const told = lines.filter(({ text }) => text !== "").length;
  const found = lines.map(({ text }) => COUNTER_BEFORE.exec(text)).filter((match) => match !== null);
  const counts = found.map(([, count = ""]) => count);
  const [unit, ...others] = new Set(found.map((match) => match[2]));
  if (others.length > 0) return undefined;
  const steps = counts.slice(1).map((count, i) => Number(count) - Number(counts[i]));
  const forward = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const least = unit === undefined ? BEGINNING.bare : BEGINNING.withUnit;
  const isInOrder = steps.filter((step) => step >= 0).length >= IN_ORDER * steps.length;
  if (counts.length < least * told || forward.length < LEAST || !isInOrder) return undefined;
  if (unit !== undefined) return unit === "s" ? 1e6 : 1e3;
  const usual = forward[forward.length >> 1] ?? 0;
  if (counts.some((count) => count.includes(".")) || forward.every((step) => ROUND_SECONDS.has(step))) return 1e6;
  return usual >= LEAST_MILLISECONDS ? 1e3 : undefined;
}

function behindCounter(unit: number): Retell {
  return (line) => {
    const [before, count] = COUNTER_BEFORE.exec(line.text) ?? [];
    if (before === undefined || line.uptime !== undefined || line.clock !== undefined) return line;
    const { text, tags, isWarning } = stripPrefix(line.text.slice(before.length));
    return { ...line, text, tags: [...line.tags, ...tags], uptime: Number(count) * unit, ...(isWarning !== undefined && { isWarning }) }; // prettier-ignore
  };
}

/** From 23:xx on to 00:xx: a clock, of which minutes and seconds since a boot know nothing. */
function passMidnight(lines: readonly LogLine[]): boolean {
  const minutes = lines.flatMap(({ ambiguous }) => (ambiguous?.kind === "minutes" ? [ambiguous.value] : []));
  return minutes.some((value, i) => value < 60 && (minutes[i - 1] ?? 0) >= 23 * 60);
}

function afterMidnight(line: LogLine): LogLine {
  const { ambiguous, uptime, clock } = line;
  if (ambiguous?.kind !== "minutes" || uptime !== undefined || clock !== undefined) return line;
  return { ...line, clock: ofDay("0", String(ambiguous.value)) };
}
