// Logs whose newest line comes first, as dashboards and log collectors show and export them: they are read from their end.

import type { Microseconds } from "../base/units.ts";
import type { ReportBuilder } from "./import-report.ts";
import type { Chunks } from "./log-first-pass.ts";
import { epochIn } from "./log-times.ts";
import { logLine } from "./log-text.ts";
import { encodingOf, LineReader } from "./line-reader.ts";

const NEWEST_FIRST = "the newest line comes first: the log was read from its end, and its lines are counted from there";

/** Of so many lines the times are looked at. */
const LINES = 400;
/** So many steps backward prove it, where so many of all are. */
const LEAST = 8;
const BACKWARD = 0.95;
/** A longer log is read as it stands: turning it takes as much memory. */
const MOST_BYTES = 1 << 24;

/** The log's bytes in the order in which they were written. */
export async function inOrder(chunks: Chunks, report: ReportBuilder): Promise<Chunks> {
  if (!(await isNewestFirst(chunks))) return chunks;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks()) {
    parts.push(chunk.slice());
    if ((length += chunk.length) > MOST_BYTES) return chunks;
  }
  const turned = turn(parts, length);
  if (turned === undefined) return chunks;
  report.remark(NEWEST_FIRST);
  return () => [turned];
}

async function isNewestFirst(chunks: Chunks): Promise<boolean> {
  const times: Microseconds[] = [];
  let lines = 0;
  const reader = new LineReader((bytes, start, end) => {
    if (lines++ >= LINES) return;
    const time = timeOf(bytes.subarray(start, end));
    if (time !== undefined) times.push(time);
  });
  for await (const chunk of chunks()) {
    reader.push(chunk);
    if (lines >= LINES) break;
  }
  reader.finish();
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0)).filter((step) => step !== 0); // prettier-ignore
  const backward = steps.filter((step) => step < 0).length;
  return backward >= LEAST && backward >= BACKWARD * steps.length;
}

function timeOf(bytes: Uint8Array): Microseconds | undefined {
  const { clock, uptime, text } = logLine(bytes, 0);
  return clock ?? uptime ?? epochIn(text);
}

/** What stands before the first line with a time stays there: the header of a table. Lines without one go with the line before. */
function turn(parts: readonly Uint8Array[], length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  if (encodingOf(bytes.subarray(0, 4096)).encoding !== "utf-8") return undefined;
  const entries: Uint8Array[] = [];
  let begin = 0;
  let isHead = true;
  for (let at = 0; at < length; at = endOf(bytes, at)) {
    if (timeOf(bytes.subarray(at, endOf(bytes, at))) === undefined) continue;
    if (isHead || at > begin) entries.push(bytes.subarray(begin, at));
    isHead = false;
    begin = at;
  }
  entries.push(bytes.subarray(begin));
  const [head = new Uint8Array(), ...rest] = entries;
  const turned = new Uint8Array(length + 1);
  let to = 0;
  for (const entry of [head, ...rest.reverse()]) {
    turned.set(entry, to);
    to += entry.length;
    // The last line may have no end.
    if (entry.length > 0 && entry.at(-1) !== NEW_LINE && to < turned.length) turned[to++] = NEW_LINE;
  }
  return turned.subarray(0, to);
}

const NEW_LINE = 0x0a;

function endOf(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(NEW_LINE, start);
  return end < 0 ? bytes.length : end + 1;
}
