// What a program prints of its tasks' stacks before one of them overflows: how much of it was never used.

import { escapeRegExp } from "../base/text.ts";
import { KEPT_BYTES } from "./last-lines.ts";
import type { LineOf } from "./log-text.ts";

/** Kinds of lines that are looked at; a log that prints its stacks does so early. */
const MOST_SHAPES = 4096;
/** Of these, those that tell of a stack; each task may have its own. */
const MOST_MARKS = 64;

const MARK = /\b(?:stack|hwm)\b.*\d|water ?mark.*\d/i;
const NO_MARK = /overflow|smash|backtrace|\bfail|could ?n[o']t|cannot|unable/i;

const utf8 = new TextDecoder();

interface Mark {
  readonly bytes: Uint8Array;
  length: number;
  number: number;
}

export class StackMarks {
  private readonly lineOf: LineOf;
  /** By the shape of a line, which is the same for lines that differ in their numbers alone. */
  private readonly shapes = new Map<number, Mark | undefined>();
  private readonly marks: Mark[] = [];

  constructor(lineOf: LineOf) {
    this.lineOf = lineOf;
  }

  /** @returns true for a line that tells of one */
  note(shape: number, bytes: Uint8Array, start: number, end: number, number: number): boolean {
    let mark = this.shapes.get(shape);
    if (mark === undefined) {
      if (this.shapes.size >= MOST_SHAPES || this.shapes.has(shape)) return false;
      mark = this.newMark(bytes.subarray(start, Math.min(end, start + KEPT_BYTES)));
      this.shapes.set(shape, mark);
      if (mark === undefined) return false;
    }
    const kept = bytes.subarray(start, Math.min(end, start + KEPT_BYTES));
    mark.bytes.set(kept);
    mark.length = kept.length;
    mark.number = number;
    return true;
  }

  private newMark(bytes: Uint8Array): Mark | undefined {
    const text = utf8.decode(bytes);
    if (this.marks.length >= MOST_MARKS || !MARK.test(text) || NO_MARK.test(text)) return undefined;
    const mark = { bytes: new Uint8Array(KEPT_BYTES), length: 0, number: 0 };
    this.marks.push(mark);
    return mark;
  }

  /** The last line that tells of the stack of a task. */
  of(task: string): { readonly line: number; readonly quote: string } | undefined {
    const name = escapeRegExp(task.trim());
    if (name.length < 3) return undefined;
    const named = new RegExp(`(?<!\\w)${name}(?!\\w)`);
    for (const { bytes, length, number } of this.marks.toSorted((a, b) => b.number - a.number)) {
      const { text } = this.lineOf(bytes.subarray(0, length), number);
      if (named.test(text)) return { line: number, quote: text.trim() };
    }
    return undefined;
  }
}
