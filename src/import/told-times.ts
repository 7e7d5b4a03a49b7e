// The time of a figure whose line has no stamp: what its message tells, what a line of its block does, or the stamp before it.

import type { Microseconds } from "../base/units.ts";
import { BlockClock, MOST_LINES_OF_BLOCK } from "./block-clock.ts";
import { epochIn, uptimeIn } from "./log-times.ts";
import type { LogRun } from "./log-run.ts";
import type { LogLine } from "./log-text.ts";
import type { SeriesTime } from "./open-series.ts";

const MOST_BOARDS = 512;

export class ToldTimes {
  private readonly run: LogRun;
  /** By board. */
  private readonly clocks = new Map<string | undefined, BlockClock>();

  /** @param run of the boot that the times are of */
  constructor(run: LogRun) {
    this.run = run;
  }

  /** What the message itself tells. */
  own({
    text,
    told,
  }: Pick<LogLine, "text" | "told">): { readonly time: Microseconds; readonly isUptime: boolean } | undefined {
    const uptime = told ?? uptimeIn(text);
    if (uptime !== undefined) return { time: uptime, isUptime: true };
    const clock = epochIn(text);
    const time = clock === undefined ? undefined : this.run.timeOf({ clock });
    return time === undefined ? undefined : { time, isUptime: false };
  }

  /** A line that holds no figure has told one, for those below it. */
  tell(
    line: number,
    { time, isUptime }: { readonly time: Microseconds; readonly isUptime: boolean },
    board?: string,
  ): void {
    let clock = this.clocks.get(board);
    if (clock === undefined && this.clocks.size < MOST_BOARDS) this.clocks.set(board, (clock = new BlockClock()));
    clock?.tell(line, time, isUptime);
  }

  /** What a line of the block tells, or the stamp before it. */
  ofBlock(line: number, board?: string): SeriesTime | undefined {
    const told = this.clocks.get(board)?.at(line);
    if (told !== undefined) return told;
    const lent = this.run.timeBefore(line, MOST_LINES_OF_BLOCK);
    return lent === undefined ? undefined : { lent };
  }
}
