/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The last lines of a program: the one that it calls an error, for what dies right after it without saying why, and the one before it was reset.

import type { LineOf } from "./log-first-pass.ts";

/** What of a line is kept. */
export const KEPT_BYTES = 300;
/** Lines between it and what it is the reason of: blank ones, and what other tasks say. */
const LINES_BEHIND = 12;
/** Of these, and of the line that asks. */
const PLACES = LINES_BEHIND + 1;

/** A level in the stamp, or its own words where it has none. */
const LEVEL = /\b(?:[EFC]|ERR(?:OR)?|FATAL|CRIT(?:ICAL)?|err)\b/;
const WORDS = /\b(?:error|fatal|fail(?:ed|ure|s)?|cannot|could ?n['o]t|unable|exception|exhausted)\b/i;

const utf8 = new TextDecoder();

/** Keeps the last lines as they came: few logs ever ask what they say. */
export class LastLines {
  private readonly lineOf: LineOf;
  /** A line in the place that its number has among so many. */
  private readonly kept = new Uint8Array(PLACES * KEPT_BYTES);
  private readonly lengths = new Uint16Array(PLACES);
  private readonly numbers = new Float64Array(PLACES);

  constructor(lineOf: LineOf) {
    this.lineOf = lineOf;
  }

  /** To be told of lines in their order; those that are left out say nothing. */
  note(bytes: Uint8Array, start: number, end: number, number: number): void {
    const { kept } = this;
    const place = number % PLACES;
    const length = Math.min(KEPT_BYTES, end - start);
    for (let i = 0, to = place * KEPT_BYTES; i < length; i++) kept[to + i] = bytes[start + i]!;
    this.lengths[place] = length;
    this.numbers[place] = number;
  }

  /**
   * @param number of the line that asks
   * @param since no earlier line counts
   */
  errorBefore(number: number, since: number): { readonly line: number; readonly quote: string } | undefined {
    for (let line = number - 1; line > since && line >= number - LINES_BEHIND; line--) {
      const place = line % PLACES;
      if (this.numbers[place] !== line) continue;
      const from = place * KEPT_BYTES;
      const quote = this.errorIn(this.kept.subarray(from, from + this.lengths[place]!), line);
      if (quote !== undefined) return { line, quote };
    }
    return undefined;
  }

  /** The last words before a line, where all lines from there on are kept. */
  lastBefore(number: number): { readonly line: number; readonly quote: string } | undefined {
    for (let line = number - 1; line > 0 && line >= number - LINES_BEHIND; line--) {
      const place = line % PLACES;
      if (this.numbers[place] !== line) return undefined;
      const from = place * KEPT_BYTES;
      const quote = this.lineOf(this.kept.subarray(from, from + this.lengths[place]!), line).text.trim();
      if (/\w/.test(quote)) return { line, quote };
    }
    return undefined;
  }

  private errorIn(bytes: Uint8Array, number: number): string | undefined {
    const raw = utf8.decode(bytes).trimEnd();
    if (!LEVEL.test(raw) && !WORDS.test(raw)) return undefined;
    const { text, isWarning } = this.lineOf(bytes, number);
    const isError = isWarning === true ? LEVEL.test(raw.slice(0, -text.length)) : WORDS.test(text);
    return isError ? text.trim() : undefined;
  }
}
