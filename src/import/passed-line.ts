// The last line that nobody wanted to read: its time is asked for only when a time is needed.

import { STAMP_BYTES } from "./known-lines.ts";
import type { LineOf, LogLine } from "./log-text.ts";

export class PassedLine {
  private readonly lineOf: LineOf;
  private line: LogLine | undefined;
  /** Of one that was not even decoded, the beginning, which holds its stamp; number 0: none. */
  private readonly bytes = new Uint8Array(STAMP_BYTES);
  private length = 0;
  private number = 0;

  constructor(lineOf: LineOf) {
    this.lineOf = lineOf;
  }

  note(number: number, bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(STAMP_BYTES, end - start);
    for (let i = 0; i < length; i++) this.bytes[i] = bytes[start + i] ?? 0;
    this.length = length;
    this.number = number;
    this.line = undefined;
  }

  noteLine(line: LogLine): void {
    this.line = line;
    this.number = 0;
  }

  /** The line, once. */
  take(): LogLine | undefined {
    const { line, number } = this;
    this.line = undefined;
    this.number = 0;
    return line ?? (number === 0 ? undefined : this.lineOf(this.bytes.subarray(0, this.length), number));
  }
}
