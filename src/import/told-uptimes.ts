// Uptimes that a program prints in its messages, of which one that runs back tells of a restart: `{"uptime":3610,"heap":…}`, then `{"uptime":70,"heap":…}`.

import { smallest } from "../base/values.ts";
import type { Microseconds } from "../base/units.ts";
import { FOREIGN_UPTIME } from "./foreign-words.ts";
import { uptimeIn } from "./log-times.ts";
import { templateOf } from "./template.ts";

/** What a line with an uptime holds. */
const WORDS = new RegExp(`up[_ ]?time|\\bup[ =:]|millis|\\brun[_ ]?time|${FOREIGN_UPTIME.source}`, "i");
/** Of something else than the board. */
const OF_OTHERS =
  /(?:wi-?fi|wlan|mqtt|link|conn\w*|session|client|peer|node|sta|ap|tcp|ws|web ?socket|broker|server|host|net\w*|vpn|ppp|modem|lte|gsm|router|gateway)["']?[ _.:-]?["']?up[_ ]?time/i;
/** Less is a second core's clock, or one that was put right. */
const LEAST_FALL: Microseconds = 2e6;
/** Milliseconds in 32 bits begin again at nothing. */
const WRAPS: Microseconds = 4.29e12;
/** So many go on from there, before it is a restart. */
const ENOUGH = 2;
/** Lines of one report. */
const MOST_LINES = 16;
const MOST_CLOCKS = 256;

interface Clock {
  last: Microseconds;
  jump: Jump | undefined;
  /** It ran back and forth: several boards, or no uptime. */
  isRestless: boolean;
}

interface Jump {
  /** Of the first line behind the restart. */
  readonly line: number;
  readonly before: Microseconds;
  last: Microseconds;
  step: Microseconds | undefined;
  confirmed: number;
}

export class ToldUptimes {
  /** By the words of the line. */
  private readonly clocks = new Map<number, Clock>();
  /** The last lines, while it is not known how many of them belong to the uptime below them. */
  private latest: string[] = [];
  /** The lines before the first uptime, the nearest first. */
  private first: readonly number[] | undefined;
  private lead: number | undefined;
  private lastLine = 0;

  /**
   * The line at which a boot began, once that is sure.
   * @param told of a field whose unit the whole log tells
   */
  line(line: number, text: string, told?: Microseconds): number | undefined {
    const uptime = told ?? (WORDS.test(text) && !OF_OTHERS.test(text) ? uptimeIn(text) : undefined);
    if (uptime === undefined) {
      if (this.lead === undefined && this.latest.push(text) > MOST_LINES) this.latest.shift();
      return undefined;
    }
    this.learnLead();
    return this.at(line, templateOf(text), uptime);
  }

  /** @param words what uptimes of one kind share */
  at(line: number, words: number, uptime: Microseconds): number | undefined {
    const began = this.told(line, words, uptime);
    this.lastLine = line;
    return began;
  }

  /** Where the log ends before it is sure: that of the last line which ran back, if none ever did otherwise. */
  unsure(): number | undefined {
    const jumps = [...this.clocks.values()].flatMap(({ jump, isRestless }) => (isRestless ? [] : (jump ?? [])));
    return jumps.length === 0 ? undefined : smallest(jumps.map((jump) => jump.line));
  }

  /** Another boot was told by other signs. */
  restart(): void {
    for (const [words, { isRestless }] of this.clocks) {
      if (isRestless) this.clocks.set(words, { last: 0, jump: undefined, isRestless });
      else this.clocks.delete(words);
    }
  }

  private told(line: number, words: number, uptime: Microseconds): number | undefined {
    const clock = this.clocks.get(words);
    if (clock === undefined) {
      if (this.clocks.size < MOST_CLOCKS) this.clocks.set(words, { last: uptime, jump: undefined, isRestless: false });
      return undefined;
    }
    const { jump, last } = clock;
    if (jump !== undefined) {
      const step = uptime - jump.last;
      // Two boards in turn go back and forth.
      if (step < 0 || (uptime >= jump.before && (jump.step === undefined || step > 2 * jump.step))) {
        clock.jump = undefined;
        clock.isRestless = true;
        clock.last = uptime;
        return undefined;
      }
      jump.step ??= step;
      jump.last = uptime;
      if (++jump.confirmed < ENOUGH) return undefined;
      this.restart();
      clock.last = uptime;
      clock.jump = undefined;
      this.clocks.set(words, clock);
      return jump.line;
    }
    if (uptime < last / 2 && last - uptime > LEAST_FALL && last < WRAPS) {
      const began = Math.max(this.lastLine + 1, line - (this.lead ?? 0));
      clock.jump = { line: began, before: last, last: uptime, step: undefined, confirmed: 0 };
    } else clock.last = uptime;
    return undefined;
  }

  /** How many lines of a report stand before its uptime: those that are the same before the first two. */
  private learnLead(): void {
    if (this.lead !== undefined) return;
    const before = this.latest.map((text) => templateOf(text)).reverse();
    this.latest = [];
    if (this.first === undefined) this.first = before;
    else {
      const { first } = this;
      const differs = before.findIndex((words, i) => words !== first[i]);
      this.lead = Math.min(first.length, differs < 0 ? before.length : differs);
    }
  }
}
