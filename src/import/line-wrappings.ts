// A line within another format's line: docker's and the journal's JSON, the bytes that a Python program prints, HTML. What is inside is read, behind
// the time that stands outside.

import { ByteFinder } from "./byte-finder.ts";
import type { LineHandler } from "./lines.ts";
import { LINE_BYTES } from "./log-text.ts";
import { momentOf } from "./log-times.ts";

const AMPERSAND = 0x26;
const BRACE = 0x7b;
const LESS = 0x3c;
const GREATER = 0x3e;
const QUOTES: ReadonlySet<number> = new Set([0x22, 0x27]);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Hands on each line as it is, or what is wrapped in it; bytes are valid during the call. */
export function unwrapping(onLine: LineHandler): LineHandler {
  const ampersands = new ByteFinder(AMPERSAND);
  return (bytes, start, end) => {
    let last = end - 1;
    while (last > start && (bytes[last] === 0x0d || bytes[last] === 0x20)) last--;
    const isJson = bytes[start] === BRACE && bytes[last] === BRACE + 2;
    const isMarkup = bytes[start] === LESS || bytes[last] === GREATER || ampersands.isIn(bytes, start, end);
    if (!isJson && !isMarkup && !QUOTES.has(bytes[last] ?? 0)) {
      onLine(bytes, start, end);
      return;
    }
    const line = bytes.subarray(start, Math.min(end, start + LINE_BYTES));
    const inner = isJson ? jsonIn(line) : isMarkup ? htmlIn(line) : pythonIn(line, last - start);
    if (inner === undefined) onLine(bytes, start, end);
    else onLine(inner, 0, inner.length);
  };
}

/** `{"log":"…\n","stream":"stdout","time":"…"}` of docker, `{"MESSAGE":"…","__REALTIME_TIMESTAMP":"…"}` of journalctl. */
function jsonIn(line: Uint8Array): Uint8Array | undefined {
  // The journal's names are in capitals, or begin with a line.
  const first = line[2] ?? 0;
  if (!(first === 0x6c || first === 0x5f || (first >= 0x41 && first <= 0x5a))) return undefined;
  const text = decoder.decode(line);
  if (!/^\{"log":"/.test(text) && !/^\{(?=.*"MESSAGE":["[]).*"__REALTIME_TIMESTAMP":"/.test(text)) return undefined;
  let parsed: Readonly<Record<string, unknown>>;
  try {
    parsed = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { log, time, MESSAGE: message, __REALTIME_TIMESTAMP: since } = parsed;
  if (typeof log === "string") return joined(typeof time === "string" ? `${time} ` : "", encoder.encode(log));
  const stamp = typeof since === "string" ? momentOf(Number(since)) : undefined;
  // Letters that are no text are told as numbers, so those of colours.
  const inner = typeof message === "string" ? encoder.encode(message) : bytesOf(message);
  return inner === undefined ? undefined : joined(stamp === undefined ? "" : `${stamp} `, inner);
}

function bytesOf(message: unknown): Uint8Array | undefined {
  const isBytes = Array.isArray(message) && message.every((byte) => typeof byte === "number");
  return isBytes ? Uint8Array.from(message as readonly number[]) : undefined;
}

function joined(stamp: string, inner: Uint8Array): Uint8Array {
  const before = encoder.encode(stamp);
  const bytes = new Uint8Array(before.length + inner.length);
  bytes.set(before);
  bytes.set(inner, before.length);
  return bytes;
}

/** Such a value begins so far in front. */
const STAMP_LETTERS = 48;
const ESCAPED: ReadonlyMap<string, number> = new Map(
  Object.entries({ n: 0x20, r: 0x0d, t: 0x09, "\\": 0x5c, "'": 0x27, '"': 0x22 }),
);

/** `b'Free heap: 1234\r\n'`, perhaps behind a stamp: what print() makes of bytes. */
function pythonIn(line: Uint8Array, last: number): Uint8Array | undefined {
  let at = 0;
  const isBegun = (): boolean =>
    line[at] === 0x62 && line[at + 1] === line[last] && (at === 0 || line[at - 1] === 0x20) && at + 1 < last;
  while (at < STAMP_LETTERS && !isBegun()) at++;
  if (at === STAMP_LETTERS) return undefined;
  const inner = new Uint8Array(line.length);
  inner.set(line.subarray(0, at));
  let length = at;
  for (let i = at + 2; i < last; i++) {
    let byte = line[i] ?? 0;
    if (byte === 0x5c) {
      const letter = String.fromCharCode(line[++i] ?? 0);
      if (letter === "x") {
        byte = Number.parseInt(String.fromCharCode(line[i + 1] ?? 0, line[i + 2] ?? 0), 16) || 0;
        i += 2;
      } else byte = ESCAPED.get(letter) ?? 0x20;
    }
    inner[length++] = byte;
  }
  return inner.subarray(0, length);
}

const TAGS = /<\/?(?:br|p|div|pre|code|span|td|tr|li|samp|blockquote|font)\b[^<>]{0,200}>/gi;
const ENTITY = /&(?:(lt|gt|amp|quot|apos|nbsp)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({ lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", nbsp: " " }),
);

/** As a page or a mail has it: `&gt; panic&#39;ed<br>`. */
function htmlIn(line: Uint8Array): Uint8Array | undefined {
  const text = decoder.decode(line);
  const plain = text
    .replace(TAGS, "")
    .replace(ENTITY, (whole: string, name: string | undefined, decimal?: string, hex?: string) => {
      if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    });
  return plain === text ? undefined : encoder.encode(plain);
}
