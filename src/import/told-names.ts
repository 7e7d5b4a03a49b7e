// Names that lines tell for a number further down: what a console was asked for, a label alone, a field of JSON on a line of its own.

import { meaningOf, wordsOf } from "./memory-words.ts";
import { askedIn } from "./prompt.ts";
import type { SeriesLine } from "./series-line.ts";
import { nameInLine, valueInLine } from "./value-names.ts";

const ANSWER = /^\s*\d+(?:\.\d+)?(?: ?(?:bytes|[kM]?i?B))?\s*$/i;
/** Fields of one object. */
const MOST_LINES = 12;

interface ToldName {
  readonly name: string;
  readonly quote: string;
}

/** True for a line that gives numbers below it a name. */
export function tellsName(text: string): boolean {
  return askedIn(text) !== undefined || nameInLine(text) !== undefined;
}

export class ToldNames {
  /** By the line before. */
  private asked: ToldName | undefined;
  /** By a field of JSON. */
  private field: (ToldName & { linesLeft: number }) | undefined;

  /** The next lines may be numbers that were named. */
  get isOpen(): boolean {
    return this.asked !== undefined || this.field !== undefined;
  }

  /** The line with the name of its number; undefined where none was told for it. */
  of(line: SeriesLine): SeriesLine | undefined {
    const { asked } = this;
    const text = line.text.trim();
    const name = askedIn(line.text);
    this.asked = name === undefined ? undefined : { name, quote: text };
    if (asked !== undefined && ANSWER.test(text))
      return { ...line, text: `${asked.name} = ${text}`, quote: `${asked.quote} ${text}` };
    return this.ofField(line, text);
  }

  private ofField(line: SeriesLine, text: string): SeriesLine | undefined {
    const name = nameInLine(text);
    if (name !== undefined) {
      const meaning = meaningOf(wordsOf(name), { named: false, memory: "any" }, false);
      this.field = typeof meaning === "string" ? undefined : { name, quote: text, linesLeft: MOST_LINES };
      return undefined;
    }
    const { field } = this;
    if (field === undefined) return undefined;
    const value = valueInLine(text);
    if (value !== undefined || --field.linesLeft === 0) this.field = undefined;
    return value === undefined
      ? undefined
      : { ...line, text: `${field.name} = ${value}`, quote: `${field.quote} ${text}` };
  }
}
