// The series that are open while a log is read: which figures are one series, and how many there are at most.

import type { Series } from "../wire/log-records.ts";
import type { Figure } from "./figure.ts";
import type { OpenSeries, SeriesSource } from "./open-series.ts";
import { ReadingBudget, ReadingStore } from "./reading-store.ts";

const MOST_SERIES = 512;
/** Templates of one label before its readings go into one series. */
const MOST_OF_A_LABEL = 16;

export class SeriesList {
  private open: OpenSeries[] = [];
  private lastId: Series["id"] = 0;
  private readonly byName = new Map<string, OpenSeries[]>();
  private readonly budget = new ReadingBudget();
  private readonly onForget: (series: OpenSeries) => void;

  /** @param onForget told of a series that makes room for others */
  constructor(onForget: (series: OpenSeries) => void) {
    this.onForget = onForget;
  }

  get all(): readonly OpenSeries[] {
    return this.open;
  }

  /** The series of a figure, which is opened; undefined where there are too many. */
  of(
    label: string,
    meaning: OpenSeries["meaning"],
    unit: Figure["unit"],
    line: number,
    quote: string,
    key: string | number = label,
    { board, start }: SeriesSource = {},
  ): OpenSeries | undefined {
    const from = start === undefined ? (board ?? "") : `${board ?? ""}|${start}`;
    const name = `${from}|${label}|${meaning.quantity}|${meaning.memory}|${unit}`;
    const known = this.byName.get(name) ?? [];
    // The same words in many lines are one figure; in a few, each place of the program tells its own story.
    const own = known.find((one) => one.label === label && one.key === key);
    if (own !== undefined) return own;
    if (known.length >= MOST_OF_A_LABEL) return known[0];
    if (!this.hasRoom()) return undefined;
    const series: OpenSeries = {
      id: ++this.lastId, name, isForgotten: false, key, board, start, label, meaning, unit, line, quote, store: new ReadingStore(this.budget),
      count: 0, timed: 0, min: Infinity, max: -Infinity, last: 0, hasFraction: false, falls: 0, rises: 0,
    }; // prettier-ignore
    this.add(series);
    return series;
  }

  /** A board starts again: where room is needed, of what it told before the most is kept. */
  end(board: string): void {
    const own = this.open.filter((one) => one.board === board);
    if (this.open.length < MOST_SERIES / 2 || own.length === 0) return;
    const most = own.reduce((best, one) => (one.count > best.count ? one : best));
    const isLost = (one: OpenSeries): boolean => one.board === board && one.start !== most.start;
    for (const one of own) if (isLost(one)) this.forget(one);
    this.open = this.open.filter((one) => !isLost(one));
  }

  /** False for a series that made room for others, and for which there is none. */
  isOpen(series: OpenSeries): boolean {
    if (!series.isForgotten) return true;
    if (!this.hasRoom()) return false;
    series.isForgotten = false;
    this.budget.left -= series.count;
    this.add(series);
    return true;
  }

  private add(series: OpenSeries): void {
    this.open.push(series);
    this.byName.set(series.name, [...(this.byName.get(series.name) ?? []), series]);
  }

  /** Figures that were told once make room; they are back when they are told again. */
  private hasRoom(): boolean {
    if (this.open.length < MOST_SERIES) return true;
    const kept = this.open.filter(({ count }) => count > 1);
    for (const series of this.open) {
      if (series.count > 1) continue;
      this.forget(series);
    }
    this.open = kept;
    return kept.length < MOST_SERIES;
  }

  private forget(series: OpenSeries): void {
    series.isForgotten = true;
    this.budget.left += series.count;
    this.onForget(series);
    const others = (this.byName.get(series.name) ?? []).filter((one) => one !== series);
    if (others.length === 0) this.byName.delete(series.name);
    else this.byName.set(series.name, others);
  }
}
