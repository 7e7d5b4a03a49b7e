// How a log shows that a board has started: the ROM's words, the reason of the reset, the heap that is set up anew, boots that the program counts, and
// clocks that begin again. Of several boards in one log each starts by itself.

import type { Microseconds } from "../base/units.ts";
import { BANNER, ROM_RESET } from "../symbols/log/boot-lines.ts";
import type { StrippedLine } from "./log-prefix.ts";
import { ToldUptimes } from "./told-uptimes.ts";
import { UptimeRows } from "./uptime-rows.ts";

const HEAP_INIT = /^Initializing/;
/** A program counts its boots itself, also where the ROM's words are not in the log. */
const BOOT_COUNT = /\bboot[ _-]?(?:count(?:er)?|number|no|nr|cnt)\b\W{0,4}(\d{1,7})\b/i;
/** So many lines behind the ROM's words it is the boot that these told. */
const BOOT_LINES = 100;
/** What lines that tell of a boot hold. */
export const BOOT_WORDS = [
  BANNER,
  ROM_RESET,
  /heap_init|cpu_start|app_init|MEPC|boot[ _-]?(?:count(?:er)?|number|no|nr|cnt)\b/i,
];
type NumberedLine = StrippedLine & { readonly number: number };

/** Of more no starts are told apart. */
const MOST_BOARDS = 512;

export class BootSigns {
  private readonly boards = new Map<string | undefined, BoardSigns>();
  private readonly rows = new UptimeRows();
  private readonly onBoot: (line: number, board: string | undefined) => void;

  /** @param onBoot told of each boot but the first, which begins with the log, and of the board where the line names one of several */
  constructor(onBoot: (line: number, board: string | undefined) => void) {
    this.onBoot = onBoot;
  }

  line(line: NumberedLine): void {
    const { board, number, text, uptime } = line;
    const row = uptime === undefined ? this.rows.line(text, number) : undefined;
    if (row === undefined) this.of(board)?.line(line);
    else this.of(row.board ?? board)?.row(number, row.uptime);
  }

  private of(board: string | undefined): BoardSigns | undefined {
    const known = this.boards.get(board);
    if (known === undefined && this.boards.size >= MOST_BOARDS) return undefined;
    const signs = known ?? new BoardSigns((number) => {
        this.onBoot(number, board);
        // What names no board begins for all that is read.
        if (board === undefined) for (const [name, other] of this.boards) if (name !== undefined) other.restart();
      }); // prettier-ignore
    if (known === undefined) this.boards.set(board, signs);
    return signs;
  }

  finish(): void {
    for (const signs of this.boards.values()) signs.finish();
  }
}

class BoardSigns {
  private initialized = false;
  private bannerLine = -Infinity;
  private atStart = true;
  private bootCount: number | undefined;
  private uptime: Microseconds = 0;
  private isStamped = false;
  /** It went back to a boot's first seconds: a restart, if what follows goes on from there. */
  private jump: { readonly line: number; readonly before: number; uptime: number; confirmed: number } | undefined;
  private readonly told = new ToldUptimes();
  private readonly onBoot: (line: number) => void;

  constructor(onBoot: (line: number) => void) {
    this.onBoot = onBoot;
  }

  line({ text, number, tags, uptime, told }: NumberedLine): void {
    const isBanner = BANNER.test(text);
    const isHeapInit = tags.includes("heap_init") && HEAP_INIT.test(text);
    const bannerIsNear = number - this.bannerLine <= 3;
    if (!this.atStart && (isBanner || (ROM_RESET.test(text) && !bannerIsNear) || (isHeapInit && this.initialized))) {
      this.boot(number);
    }
    this.counted(number, BOOT_COUNT.exec(text)?.[1]);
    if (isBanner) this.bannerLine = number;
    if (text !== "") this.atStart = false;
    this.initialized ||= isHeapInit;
    if (uptime !== undefined) this.clock(number, uptime);
    else if (!this.isStamped) this.message(number, text, told);
  }

  /** Of a table with a column of uptimes. */
  row(line: number, uptime: Microseconds): void {
    const began = this.told.at(line, 0, uptime);
    if (began !== undefined) this.boot(began);
  }

  finish(): void {
    const line = this.isStamped ? undefined : this.told.unsure();
    if (line !== undefined) this.boot(line);
  }

  restart(): void {
    this.initialized = false;
    this.uptime = 0;
    this.jump = undefined;
    this.told.restart();
  }

  private boot(line: number): void {
    this.restart();
    this.onBoot(line);
  }

  private counted(line: number, told: string | undefined): void {
    if (told === undefined) return;
    const count = Number(told);
    if (count - 1 === this.bootCount && line - this.bannerLine > BOOT_LINES) this.boot(line);
    this.bootCount = count;
  }

  private message(line: number, text: string, told: Microseconds | undefined): void {
    const began = this.told.line(line, text, told);
    if (began !== undefined) this.boot(began);
  }

  private clock(line: number, uptime: Microseconds): void {
    this.isStamped = true;
    const { jump } = this;
    if (jump !== undefined) {
      if (uptime >= jump.before || uptime < jump.uptime - 1e6) this.jump = undefined;
      else {
        jump.uptime = uptime;
        if (++jump.confirmed >= 3) {
          this.boot(jump.line);
          this.uptime = uptime;
        }
        return;
      }
    }
    if (uptime < 30e6 && uptime < this.uptime / 2 && this.uptime - uptime > 2e6) {
      this.jump = { line, before: this.uptime, uptime, confirmed: 0 };
      return;
    }
    this.uptime = Math.max(this.uptime, uptime);
  }
}
