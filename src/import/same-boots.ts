// Brief boots that are to the letter what the one before was, as of a board that finds no program and starts a million times: they are not read again,
// what was told of that one is told of them too.

import type { Section } from "./import-report.ts";
import { LAST_LINES, type LastLines } from "./last-lines.ts";
import type { KnownLine } from "./line-memo.ts";

/** What was told of a boot. */
export class BootTale {
  readonly incidents: { readonly key: string; readonly line: number }[] = [];
  readonly sections: Section[] = [];
  /** Nothing else was. */
  isWhole = true;
}

interface Boot {
  readonly line: number;
  /** What readers know of the one before. */
  readonly hasDied: boolean;
  readonly isRiscV: boolean;
}

interface ReadBoot extends Boot {
  readonly tale: BootTale;
  readonly lines: KnownLine[];
  /** Lines that were noted among the last ones of the program. */
  readonly noted: boolean[];
  /** Of the boot itself. */
  died: boolean;
}

/** Who tells of boots. */
interface Run {
  hasDied: boolean;
  readonly lastLines: Pick<LastLines, "note"> | undefined;
  tellAgain(tale: BootTale, shift: number): void;
}

export class SameBoots {
  private before: ReadBoot | undefined;
  private reading: ReadBoot | undefined;
  /** The boot under way, and how many of its lines are those of the one before. */
  private current: Boot = { line: 1, hasDied: false, isRiscV: false };
  private same = 0;

  /** True while all lines of the boot under way are those of the one before. */
  get isFollowing(): boolean {
    return this.same > 0;
  }

  /** The boot under way has ended, and with `died` or not. */
  end(next: number, died: boolean): void {
    const { reading } = this;
    this.reading = undefined;
    if (reading === undefined) return;
    const isKnown = reading.tale.isWhole && reading.lines.length === next - reading.line;
    this.before = isKnown ? Object.assign(reading, { died }) : undefined;
  }

  /** Nothing that was told is kept any longer. */
  forget(): void {
    this.before = undefined;
    this.reading = undefined;
    this.same = 0;
  }

  /**
   * @param lines how many it has
   * @returns where it begins otherwise than the one before, what is to be told of it
   */
  begin(boot: Boot, lines: number, first: KnownLine | undefined): BootTale | undefined {
    const { before } = this;
    this.current = boot;
    const { hasDied, isRiscV } = boot;
    const isSame = before?.lines.length === lines && before.hasDied === hasDied && before.isRiscV === isRiscV;
    this.same = isSame && lines > 1 && before.lines[0] === first ? 1 : 0;
    return this.same === 0 ? this.read(boot) : undefined;
  }

  /** @returns true for the next line of the boot before; with the last one it is told again */
  follows(line: KnownLine | undefined, run: Run): boolean {
    const { before, current } = this;
    if (line === undefined || before === undefined || before.lines[this.same] !== line) return false;
    if (++this.same < before.lines.length) return true;
    this.same = 0;
    run.tellAgain(before.tale, current.line - before.line);
    run.hasDied = before.died;
    for (let i = Math.max(0, before.lines.length - LAST_LINES); i < before.lines.length; i++) {
      const bytes = before.noted[i] === true ? before.lines[i]?.bytes : undefined;
      if (bytes !== undefined) run.lastLines?.note(bytes, 0, bytes.length, current.line + i);
    }
    return true;
  }

  /** What is to be read after all. */
  giveUp(): { readonly lines: readonly KnownLine[]; readonly from: number; readonly tale: BootTale } {
    const { before, current, same } = this;
    this.same = 0;
    return { lines: before?.lines.slice(0, same) ?? [], from: current.line, tale: this.read(current) };
  }

  private read(boot: Boot): BootTale {
    const tale = new BootTale();
    this.reading = { ...boot, tale, lines: [], noted: [], died: false };
    return tale;
  }

  get isReading(): boolean {
    return this.reading !== undefined;
  }

  /** A line of the boot under way was read; undefined where it is not known, or does more than tell. */
  note(line: KnownLine | undefined, isNoted = false): void {
    const { reading } = this;
    if (reading === undefined) return;
    const { uptime, clock, board } = line?.line ?? {};
    // The clock goes on with stamps, and boards are heard.
    const doesMore = uptime !== undefined || clock !== undefined || board !== undefined;
    if (line === undefined || doesMore) this.reading = undefined;
    else {
      reading.lines.push(line);
      reading.noted.push(isNoted);
    }
  }
}
