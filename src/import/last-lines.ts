/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The last lines of a program: the one that it calls an error, for what dies right after it without saying why, and the one before it was reset.

import type { Microseconds } from "../base/units.ts";
import { announcedRequest } from "./failed-allocation-text.ts";
import type { LineOf } from "./log-text.ts";

/** What of a line is kept. */
export const KEPT_BYTES = 300;
/** Lines between it and what it is the reason of: blank ones, and what other tasks say. */
const LINES_BEHIND = 12;
/** Of what asks for memory, to the check of what it was given. */
const LINES_OF_REQUEST = 3;
/** That are kept: of these, and of the line that asks. */
export const LAST_LINES = LINES_BEHIND + 1;
const PLACES = LAST_LINES;

/** A level in the stamp, or its own words where it has none. */
const LEVEL = /\b(?:[EFC]|ERR(?:OR)?|FATAL|CRIT(?:ICAL)?|err)\b/;
const WORDS = /\b(?:error|fatal|fail(?:ed|ure|s)?|cannot|could ?n['o]t|unable|exception|exhausted)\b/i;

/** What stands above the account of a crash. */
const HEADING = /^-+ CUT HERE/;
const MOMENT: Microseconds = 50_000;

const utf8 = new TextDecoder();

export interface Quote {
  readonly line: number;
  readonly quote: string;
}

export interface LastError extends Quote {
  /** The first of those that came right before it, in the same moment. */
  readonly first?: Quote;
}

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
  errorBefore(number: number, since: number): LastError | undefined {
    let last: SaidError | undefined;
    let first: SaidError | undefined;
    for (let line = number - 1; line > since && line >= number - LINES_BEHIND; line--) {
      const place = line % PLACES;
      if (this.numbers[place] !== line) continue;
      const from = place * KEPT_BYTES;
      const error = this.errorIn(this.kept.subarray(from, from + this.lengths[place]!), line);
      if (error === undefined) {
        if (last !== undefined) break;
      } else if (last === undefined) last = error;
      else if (isOfMoment(error, first ?? last)) first = error.quote === last.quote ? first : error;
      else break;
    }
    if (last === undefined) return undefined;
    return { ...quoteOf(last), ...(first !== undefined && { first: quoteOf(first) }) };
  }

  /** What was asked for right before, where a line says so. */
  requestBefore(number: number, since: number): (Quote & { readonly size: number }) | undefined {
    for (let line = number - 1; line > since && line >= number - LINES_OF_REQUEST; line--) {
      const place = line % PLACES;
      if (this.numbers[place] !== line) continue;
      const from = place * KEPT_BYTES;
      const quote = this.lineOf(this.kept.subarray(from, from + this.lengths[place]!), line).text.trim();
      const size = announcedRequest(quote)?.size;
      if (size !== undefined) return { line, quote, size };
    }
    return undefined;
  }

  /** The first of the last lines before one that a pattern matches. */
  firstBefore(number: number, since: number, pattern: RegExp): Quote | undefined {
    for (let line = Math.max(since + 1, number - LINES_BEHIND); line < number; line++) {
      const place = line % PLACES;
      if (this.numbers[place] !== line) continue;
      const from = place * KEPT_BYTES;
      const quote = this.lineOf(this.kept.subarray(from, from + this.lengths[place]!), line).text.trim();
      if (pattern.test(quote)) return { line, quote };
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

  private errorIn(bytes: Uint8Array, line: number): SaidError | undefined {
    const raw = utf8.decode(bytes).trimEnd();
    if (!LEVEL.test(raw) && !WORDS.test(raw)) return undefined;
    const { text, isWarning, uptime } = this.lineOf(bytes, line);
    const isError = isWarning === true ? LEVEL.test(raw.slice(0, -text.length)) : WORDS.test(text);
    return isError && !HEADING.test(text) ? { line, quote: text.trim(), uptime } : undefined;
  }
}

interface SaidError extends Quote {
  readonly uptime: Microseconds | undefined;
}

const quoteOf = ({ line, quote }: SaidError): Quote => ({ line, quote });

/** Layers say one after the other that the one below has failed. */
const isOfMoment = (error: SaidError, next: SaidError): boolean =>
  error.uptime !== undefined && next.uptime !== undefined && Math.abs(next.uptime - error.uptime) <= MOMENT;
