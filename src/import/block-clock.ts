// The time of figures that a program prints over several lines, as a status page or JSON with a line for each field: one of them tells it for those
// below.

import type { Microseconds } from "../base/units.ts";
import { FOREIGN_UPTIME } from "./foreign-words.ts";

/** Words of lines that may tell a time for others. */
export const TIME_WORDS = new RegExp(
  `(?:up|run)[ _]?time|millis|unix[ _]?time|timestamp|last_(?:changed|updated)|epoch|${FOREIGN_UPTIME.source}`,
  "i",
);
/** A block has no more lines. */
export const MOST_LINES_OF_BLOCK = 16;

export class BlockClock {
  private told: { readonly line: number; readonly time: Microseconds } | undefined;
  private ranBack = false;
  private hasUptime = false;

  /**
   * A line that holds no figure tells a time.
   * @param isUptime a clock beside it, which may be put right at any time, is not listened to
   */
  tell(line: number, time: Microseconds, isUptime = true): void {
    if (!isUptime && this.hasUptime) return;
    if (isUptime && !this.hasUptime) this.told = undefined;
    this.hasUptime ||= isUptime;
    // A block may tell its time twice, once in whole seconds.
    if (this.told !== undefined && line - this.told.line <= 2 && time === Math.floor(this.told.time / 1e6) * 1e6)
      return;
    // Another boot, or another clock: no times are better than wrong ones.
    if (time < (this.told?.time ?? 0)) this.ranBack = true;
    this.told = { line, time };
  }

  /** The time of the block that a line belongs to. */
  at(line: number): Microseconds | undefined {
    const { told } = this;
    return told === undefined || this.ranBack || line - told.line > MOST_LINES_OF_BLOCK ? undefined : told.time;
  }
}
