// What stands before the lines of a log whatever they say, in no form that is known here: a tool's own stamp, a topic, the number of the line. It is
// learned from the log's beginning.

import { escapeRegExp } from "../base/text.ts";
import { isMemoryWord, wordsOf } from "./memory-words.ts";
import { stripPrefix } from "./log-prefix.ts";

/** Fewer lines may begin alike by chance. */
const LEAST_LINES = 5;
/** Lines are looked at as far as this. */
const MOST_LETTERS = 80;
/** A log's own remarks, and those of its monitor, may stand in between. */
const MOST_OTHERS = 0.1;
/** What follows differs: it begins in so many ways. */
const LEAST_BEGINNINGS = 3;
/** Of words alone only these marks tell a prefix from the words of a message. */
const MARK = /[#[(<>|+@→»]|[^\0-\x7f]/;

/** @param texts lines without the stamps that are known @returns a sticky pattern */
export function commonPrefix(texts: readonly string[]): RegExp | undefined {
  const lines = texts.map((text) => text.trim()).filter((text) => text !== "");
  if (lines.length < LEAST_LINES) return undefined;
  const { shared, alike } = sharedBeginning(lines);
  // What follows a line's number is any text; a number that does not count may be the first column of a table.
  const [numbered] = /^#(?: \|)? /.exec(shared) ?? [];
  if (numbered !== undefined && alike.length === lines.length && countsLines(lines)) return patternOf(numbered);
  // A bracket that opens there belongs to the words: "[sync] heap 1".
  const whole = shared.slice(0, lastBoundary(shared)).replace(/[[({<]+$/, "");
  const prefix = beforeStamp(whole, alike) ?? whole;
  if (!isNoMessage(prefix)) return undefined;
  const pattern = patternOf(prefix);
  const messages = alike.map((line) => stripPrefix(behind(line, pattern)).text);
  const beginnings = new Set(messages.flatMap((text) => beginningOf(text) ?? []));
  return beginnings.size < LEAST_BEGINNINGS ? undefined : patternOf(prefix);
}

/** A line's letters with a mark for each number, blanks as one: an empty one has lost those of its prefix. */
function shapeOf(line: string): string {
  return `${line.slice(0, MOST_LETTERS)} `.replace(/\d+/g, "#").replace(/\s+/g, " ");
}

/** What nearly all lines begin with, and which lines these are. */
function sharedBeginning(lines: readonly string[]): { readonly shared: string; readonly alike: readonly string[] } {
  const least = lines.length * (1 - MOST_OTHERS);
  let shared = "";
  let alike = lines.map((line) => ({ line, shape: shapeOf(line) }));
  for (;;) {
    const byLetter = new Map<string, typeof alike>();
    for (const one of alike) {
      const letter = one.shape[shared.length] ?? "";
      byLetter.set(letter, [...(byLetter.get(letter) ?? []), one]);
    }
    const [letter, most] = [...byLetter].sort(([, a], [, b]) => b.length - a.length)[0] ?? ["", []];
    if (letter === "" || most.length < least) break;
    shared += letter;
    alike = most;
  }
  return { shared, alike: alike.map(({ line }) => line) };
}

/** Behind the last letter that is none of a word or a number. */
function lastBoundary(shape: string): number {
  let end = shape.length;
  while (end > 0 && /[\p{L}\d_#]/u.test(shape[end - 1] ?? "")) end--;
  return end;
}

/** Stamps that are known may follow: they are not part of it. */
function beforeStamp(shape: string, [line = ""]: readonly string[]): string | undefined {
  for (let end = 1; end < shape.length; end++) {
    if (lastBoundary(shape.slice(0, end)) < end) continue;
    const { tags, uptime, clock } = stripPrefix(behind(line, patternOf(shape.slice(0, end))));
    if (tags.length > 0 || uptime !== undefined || clock !== undefined) return shape.slice(0, end);
  }
  return undefined;
}

function behind(line: string, pattern: RegExp): string {
  pattern.lastIndex = 0;
  return pattern.test(line) ? line.slice(pattern.lastIndex) : line;
}

function isNoMessage(prefix: string): boolean {
  return MARK.test(prefix) && !/#x#|[#,;|] ?$/.test(prefix) && !wordsOf(prefix).some(isMemoryWord);
}

function beginningOf(text: string): string | undefined {
  return /^\s*(?:[\p{L}_]+|[^\p{L}\d\s])/u.exec(text)?.[0].trim();
}

function countsLines(lines: readonly string[]): boolean {
  const numbers = lines.map((line) => Number.parseInt(line, 10));
  const steps = numbers.filter((number, i) => number - 1 === numbers[i - 1]).length;
  return steps >= 0.8 * (numbers.length - 1);
}

function patternOf(shape: string): RegExp {
  const source = escapeRegExp(shape).replace(/#/g, "\\d+").replace(/ $/, "(?:\\s+|$)").replace(/ /g, "\\s+");
  return new RegExp(source, "uy");
}
