/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Lines of figures that are read again by where their numbers stand: of a layout that was read once with all care, a line is three look-ups and
// its digits. What they say is what the careful way would say.

import type { Codes, LineShape } from "./line-interest.ts";
import { FOREIGN_UPTIME } from "./foreign-words.ts";
import type { Rereading } from "./log-series.ts";
import { epochIn } from "./log-times.ts";
import type { LogLine } from "./log-text.ts";

/** When a line was written, as its stamps tell. */
export type Stamped = Pick<LogLine, "number" | "uptime" | "clock">;

interface KnownLine {
  readonly numbers: number;
  /** Of each figure, its place among the line's numbers, whether the next number is its fraction, and the bytes of its unit. */
  readonly figures: readonly { readonly index: number; readonly hasFraction: boolean; readonly factor?: number }[];
  readonly values: Float64Array;
  readonly add: Rereading["add"];
  readonly codes: Codes;
  /** Microseconds in one of the line's first number, where that alone is its stamp; 0: it has none; undefined: its stamps are to be read. */
  readonly uptimeUnit: number | undefined;
}

const MOST_LINES = 1 << 13;
/** All stamps of a line stand within so many bytes. */
export const STAMP_BYTES = 120;
/** More digits are not exact. */
const MOST_DIGITS = 15;
/** Uptimes that the message itself tells. */
const UPTIME_WORD = /\bup|millis|t_?ms|time_ms/i;

export class KnownLines {
  private lines = new Map<number, KnownLine>();
  private readonly logLine: (bytes: Uint8Array, number: number) => LogLine;

  /** @param logLine reads a line of this log */
  constructor(logLine: (bytes: Uint8Array, number: number) => LogLine) {
    this.logLine = logLine;
  }

  /** Nothing that was learned holds any longer. */
  clear(): void {
    this.lines.clear();
  }

  get(layout: number): KnownLine | undefined {
    return this.lines.get(layout);
  }

  /** @param shape of the line, which stands in `bytes` as it stood there */
  learn(
    shape: LineShape,
    bytes: Uint8Array,
    start: number,
    end: number,
    line: LogLine,
    rereading: Rereading & { readonly codes: Codes },
  ): void {
    if (this.lines.size >= MOST_LINES || shape.numbers > shape.starts.length) return;
    const inText = [...line.text.matchAll(/\d+/g)];
    const before = shape.numbers - inText.length;
    // Letters that were dropped or put together may have held digits.
    for (const [i, match] of inText.entries()) if (match[0] !== digitsOf(shape, bytes, before + i)) return;
    const figures = rereading.places.flatMap(({ start: at, hasFraction, factor }) => {
      const index = inText.findIndex((match) => match.index === at);
      return index < 0 ? [] : [{ index: before + index, hasFraction, ...(factor === undefined ? {} : { factor }) }];
    });
    if (figures.length < rereading.places.length) return;
    const uptimeUnit = this.uptimeUnitOf(shape, bytes, start, end, line, before);
    if (uptimeUnit === false) return;
    this.lines.set(shape.layout, {
      numbers: shape.numbers,
      figures,
      values: new Float64Array(figures.length),
      add: rereading.add,
      codes: rereading.codes,
      uptimeUnit,
    });
  }

  /** Puts the line's figures into `known.values`; false where they are to be read with care. */
  read(known: KnownLine, shape: LineShape, bytes: Uint8Array): boolean {
    if (known.numbers !== shape.numbers) return false;
    const { figures, values } = known;
    for (let i = 0; i < figures.length; i++) {
      const { index, hasFraction, factor } = figures[i]!;
      const from = shape.starts[index]!;
      const to = shape.ends[index]!;
      if (to - from > MOST_DIGITS) return false;
      const value = hasFraction ? Number(digitsOf(shape, bytes, index, index + 1)) : numberOf(bytes, from, to);
      values[i] = factor === undefined ? value : Math.round(value * factor);
    }
    return true;
  }

  stamps(known: KnownLine, shape: LineShape, bytes: Uint8Array, start: number, end: number, number: number): Stamped {
    const { uptimeUnit } = known;
    if (uptimeUnit === undefined)
      return this.logLine(bytes.subarray(start, Math.min(end, start + STAMP_BYTES)), number);
    if (uptimeUnit === 0) return { number };
    return { number, uptime: numberOf(bytes, shape.starts[0]!, shape.ends[0]!) * uptimeUnit };
  }

  /** False where the stamps of another line cannot be told from its beginning. */
  private uptimeUnitOf(
    shape: LineShape,
    bytes: Uint8Array,
    start: number,
    end: number,
    line: LogLine,
    numbersBefore: number,
  ): KnownLine["uptimeUnit"] | false {
    const { uptime, clock } = line;
    if (line.told !== undefined) return false;
    if (uptime === undefined && clock === undefined)
      return UPTIME_WORD.test(line.text) || FOREIGN_UPTIME.test(line.text) || epochIn(line.text) !== undefined
        ? false
        : 0;
    if (uptime !== undefined && clock === undefined && numbersBefore === 1) {
      const stamp = numberOf(bytes, shape.starts[0]!, shape.ends[0]!);
      if (stamp > 0 && (uptime === stamp * 1e3 || uptime === stamp * 1e6)) return uptime / stamp;
    }
    const beginning = this.logLine(bytes.subarray(start, Math.min(end, start + STAMP_BYTES)), line.number);
    return beginning.uptime === uptime && beginning.clock === clock ? undefined : false;
  }
}

function numberOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (bytes[i]! - 0x30);
  return value;
}

/** The digits of a number, or all letters from it to the end of another. */
function digitsOf(shape: LineShape, bytes: Uint8Array, index: number, last = index): string {
  return String.fromCharCode(...bytes.subarray(shape.starts[index], shape.ends[last]));
}
