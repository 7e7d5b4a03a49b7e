// The last line that the program itself calls an error, for what dies right after it without saying why: abort() names no reason.

import type { LineOf } from "./log-first-pass.ts";
import { mayBeWarning } from "./line-interest.ts";

/** What of a line is kept. */
const KEPT_BYTES = 300;
/** Lines between it and what it is the reason of: blank ones, and what other tasks say. */
const LINES_BEHIND = 12;
const MOST_SHAPES = 1 << 14;

/** A level in the stamp, or its own words where it has none. */
const LEVEL = /\b(?:[EFC]|ERR(?:OR)?|FATAL|CRIT(?:ICAL)?|err)\b/;
const WORDS = /\b(?:error|fatal|fail(?:ed|ure|s)?|cannot|could ?n['o]t|unable|exception|exhausted)\b/i;

const utf8 = new TextDecoder();

interface Kept {
  readonly bytes: Uint8Array;
  length: number;
  number: number;
}

const newKept = (): Kept => ({ bytes: new Uint8Array(KEPT_BYTES), length: 0, number: 0 });

export class LastError {
  private readonly lineOf: LineOf;
  /** The last two: the line that asks may call itself an error. */
  private last = newKept();
  private older = newKept();
  private readonly shapes = new Map<number, boolean>();
  private looked = 0;

  constructor(lineOf: LineOf) {
    this.lineOf = lineOf;
  }

  /**
   * To be told of each line.
   * @param shape the same for lines that differ in their numbers alone
   */
  note(shape: number, bytes: Uint8Array, start: number, end: number, number: number): void {
    let isError = this.shapes.get(shape);
    if (isError === undefined) {
      // In a log of ever new words only what its stamp calls a warning is looked at.
      const isLooked = this.looked++ < MOST_SHAPES || mayBeWarning(bytes, start, end);
      isError = isLooked && this.isError(bytes.subarray(start, Math.min(end, start + KEPT_BYTES)), number);
      if (this.shapes.size >= MOST_SHAPES) this.shapes.clear();
      this.shapes.set(shape, isError);
    }
    if (!isError) return;
    [this.last, this.older] = [this.older, this.last];
    const { last } = this;
    last.length = Math.min(KEPT_BYTES, end - start);
    for (let i = 0; i < last.length; i++) last.bytes[i] = bytes[start + i] ?? 0;
    last.number = number;
  }

  /**
   * @param number of the line that asks
   * @param since no earlier line counts
   */
  before(number: number, since: number): { readonly line: number; readonly quote: string } | undefined {
    const { bytes, length, number: line } = this.last.number < number ? this.last : this.older;
    if (line <= since || number - line > LINES_BEHIND) return undefined;
    return { line, quote: this.lineOf(bytes.subarray(0, length), line).text.trim() };
  }

  private isError(bytes: Uint8Array, number: number): boolean {
    const raw = utf8.decode(bytes).trimEnd();
    if (!LEVEL.test(raw) && !WORDS.test(raw)) return false;
    const { text, isWarning } = this.lineOf(bytes, number);
    return isWarning === true ? LEVEL.test(raw.slice(0, -text.length)) : WORDS.test(text);
  }
}
