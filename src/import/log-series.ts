/* eslint-disable @typescript-eslint/no-non-null-assertion -- figures are read again by index, as many as there are places */
// Figures of memory that a log prints now and then, as series: lines are grouped by template, each number of a template is a series, and its
// words, its unit and how it behaves say what it means (memory-words.ts). Rows of CSV and MicroPython's own dump are read as well.

import type { FigureMemory, Series } from "../wire/log-records.ts";
import type { Figure } from "./figure.ts";
import { figuresOf } from "./figures.ts";
import { type NumberPlace, numbersIn, placesOf } from "./line-numbers.ts";
import { changesOf, isChange, lossOf, summedUp } from "./change-figures.ts";
import { Companions } from "./companions.ts";
import { type Csv, type CsvRow, csvHeader, numberAt, rowOf } from "./csv-rows.ts";
import { FigureTables, isHeading } from "./figure-tables.ts";
import { type Considered, KnownTemplates, type Template } from "./known-templates.ts";
import { NO_WORD, type Quantity } from "./memory-words.ts";
import { clockIn } from "./log-times.ts";
import { isForeign } from "./foreign-words.ts";
import { type LongTable, longHeader, namedRow } from "./long-table.ts";
import {
  implausible,
  isNoHeap,
  isRatio,
  type OpenSeries,
  quantityOf,
  scaleOf,
  type SeriesTime,
  timeOfReading,
} from "./open-series.ts";
import { stripPrefix } from "./log-prefix.ts";
import { memoryStamp } from "./memory-stamp.ts";
import { tellsName, ToldNames } from "./told-names.ts";
import type { ReadingStore } from "./reading-store.ts";
import { RegionRows } from "./region-rows.ts";
import { boardIn, kindOfLine, type SeriesLine } from "./series-line.ts";
import { SeriesList } from "./series-list.ts";
import { describe, labelOf, namesApart, poolOf } from "./series-names.ts";

/** A series that the user names: the words before the number. */
export interface NamedSeries {
  readonly quantity: Quantity;
  readonly memory: FigureMemory;
  readonly pattern: string;
}

export interface FinishedSeries {
  readonly series: Series;
  readonly store: ReadingStore;
}

/** How lines of one layout are read without a look at their words. */
export interface Rereading {
  /** Where the numbers stand in the line's text. */
  readonly places: readonly NumberPlace[];
  /** Takes the numbers of another line, in the order of `places`. */
  readonly add: (values: Float64Array, line: number, time: SeriesTime | undefined) => void;
}

const QUOTE_LETTERS = 200;

export class SeriesCollector {
  private readonly named: readonly NamedSeries[];
  private readonly templates = new KnownTemplates();
  /** The line that was read last, and its template. */
  private latest: { readonly line: SeriesLine; readonly key: number } | undefined;
  private readonly companions = new Companions();
  private readonly tables = new FigureTables();
  private readonly series = new SeriesList(({ id }) => this.companions.forget(id));
  private csv: Csv | undefined;
  private readonly regions = new RegionRows<SeriesTime>();
  private csvHeaders = 0;
  private long: LongTable | undefined;
  private readonly names = new ToldNames();

  private readonly starts = new Map<string, number>();
  private readonly timeOf: (clock: number) => number | undefined;

  /**
   * @param timeOf when it was by the wall clock, in microseconds on the run's axis
   * @param before of the boot before: its tables may go on without another header
   */
  constructor(
    named: readonly NamedSeries[] = [],
    timeOf: (clock: number) => number | undefined = () => undefined,
    before?: SeriesCollector,
  ) {
    this.named = named;
    this.timeOf = timeOf;
    this.csv = before?.csv;
    this.long = before?.long;
  }

  /**
   * True if the line holds a figure of memory.
   * @param time microseconds on the run's axis; undefined where the line tells none
   */
  line(told: SeriesLine, time?: SeriesTime): boolean {
    const start = told.board === undefined ? undefined : this.starts.get(told.board);
    return this.lineOf(start === undefined ? told : { ...told, start }, time);
  }

  /** One of several boards starts again. */
  restart(board: string): void {
    this.starts.set(board, (this.starts.get(board) ?? 0) + 1);
    this.series.end(board);
  }

  private lineOf(told: SeriesLine, time: SeriesTime | undefined): boolean {
    const stamp = memoryStamp(told.text);
    if (stamp !== undefined) {
      this.lineOf({ ...told, text: stripPrefix(stamp.message).text }, time);
      return this.template({ ...told, text: stamp.figures, tags: [], quote: told.text }, time);
    }
    const row = this.long === undefined ? undefined : namedRow(this.long, told.text);
    if (row !== undefined) {
      const { board = told.board } = row;
      const line = { ...told, text: row.text, quote: told.text, ...(board !== undefined && { board }) };
      return this.template(line, this.timeOfCell(row.time) ?? time);
    }
    const heading = this.tables.headingOf(told.text);
    const line = this.names.of(told) ?? (heading === undefined ? told : { ...told, tags: [heading] });
    if (this.csvLine(line, time)) return true;
    const long = longHeader(line.text);
    if (long !== undefined && long.header !== this.long?.header) {
      this.long = long;
      this.csvHeaders++;
    }
    return this.template(line, time);
  }

  /** Of a line that is understood by its own words. */
  private template(line: SeriesLine, time: SeriesTime | undefined): boolean {
    const key = kindOfLine(line);
    this.latest = { line, key };
    const known = this.templates.get(key);
    const holdsNone = known?.series.every((one) => one === undefined) === true;
    // Asked once: a table counts its rows.
    const tabled = holdsNone ? undefined : this.tables.figures(line.text);
    const template = known ?? this.look(key, line, tabled);
    for (const considered of template.considered) considered.count++;
    if (template.series.every((one) => one === undefined)) {
      this.companions.event(line, key);
      return false;
    }
    const numbers = tabled ?? numbersIn(line.text);
    let isTaken = false;
    for (const [index, series] of template.series.entries()) {
      const number = numbers[index];
      if (series === undefined || number === undefined) continue;
      const isSigned = "signed" in number && number.signed;
      if (isSigned && !isChange(series)) continue;
      this.add(series, isSigned && number.isNegative ? -number.value : number.value, line.number, time);
      isTaken = true;
    }
    return isTaken;
  }

  /**
   * What a line of the same words does when nothing but its numbers differ: it is counted. Undefined for one that holds figures, or may hold them
   * with other numbers.
   */
  counting(line: SeriesLine): ((number: number) => void) | undefined {
    if (this.csv !== undefined || this.long !== undefined || tellsName(line.text) || isHeading(line.text))
      return undefined;
    if (line.board !== undefined) return undefined;
    const key = this.keyOfLatest(line);
    const template = this.templates.get(key);
    if (template === undefined || template.series.some((one) => one !== undefined)) return undefined;
    const { considered } = template;
    return (number) => {
      for (const one of considered) one.count++;
      this.companions.again(key, number);
    };
  }

  /**
   * How another line of the same letters is read, of which `line()` has said that it holds figures; undefined where other numbers may change what
   * they are.
   */
  rereading(line: SeriesLine): Rereading | undefined {
    if (this.tables.isOpen || this.long !== undefined) return undefined;
    // Another number, another board.
    if (line.board !== undefined || boardIn(line.text) !== undefined) return undefined;
    const row = this.csv === undefined ? undefined : rowOf(this.csv, line.text);
    if (row !== undefined && this.csv !== undefined) {
      // "151,3": its digits are two numbers elsewhere.
      if (this.csv.separator !== "," && line.text.includes(",")) return undefined;
      return this.rereadingOfRow(this.csv, row);
    }
    const template = this.templates.get(this.keyOfLatest(line));
    if (template === undefined || this.tables.ofTool(line.text) !== undefined) return undefined;
    const places = placesOf(line.text);
    const taken = template.series.flatMap((series, index) =>
      series === undefined ? [] : [{ series, place: places[index] }],
    );
    const plain = taken.flatMap(({ place }) => place ?? []);
    if (taken.length === 0 || plain.length < taken.length) return undefined;
    return {
      places: plain,
      add: (values, number, time) => {
        for (const one of template.considered) one.count++;
        for (let i = 0; i < taken.length; i++) this.add(taken[i]!.series, values[i]!, number, time);
      },
    };
  }

  private keyOfLatest(line: SeriesLine): number {
    return this.latest?.line === line ? this.latest.key : kindOfLine(line);
  }

  private timeOfCell(cell: string): number | undefined {
    const clock = /^\d{10,19}$/.test(cell) ? Number(cell) * 10 ** (16 - cell.length) : clockIn(cell);
    return clock === undefined ? undefined : this.timeOf(clock);
  }

  /** Seconds since 1970 are a wall clock's. */
  private timeOfStamp(unit: number, stamp: number): number | undefined {
    const isEpoch = stamp >= 1.5e9 && stamp < 2e9 && unit !== 1e3;
    if (isEpoch || (stamp >= 1.5e12 && stamp < 2e12)) return this.timeOf(stamp * (isEpoch ? 1e6 : 1e3));
    return stamp * unit;
  }

  private rereadingOfRow(csv: Csv, row: CsvRow): Rereading | undefined {
    const { cells, stamp, stampUnit, clock, board, isRegion } = row;
    if (isRegion || board !== undefined || clockIn(clock) !== undefined) return undefined;
    const taken = cells.filter((cell) => cell !== undefined);
    if (taken.length < cells.length) return undefined;
    const places = [...taken, ...(stamp === undefined ? [] : [stamp])];
    const series = csv.figures.map((figure) => this.seriesOfColumn(csv, figure, row));
    return {
      places,
      add: (values, number, time) => {
        const at = stamp === undefined ? time : this.timeOfStamp(stampUnit, values[cells.length]!);
        for (const [i, one] of series.entries()) if (one !== undefined) this.add(one, values[i]!, number, at);
      },
    };
  }

  /** A figure that another reader has understood, as the totals of a heap summary. */
  reading(
    line: { readonly number: number; readonly time?: number },
    label: string,
    quote: string,
    meaning: OpenSeries["meaning"],
    value: number,
  ): void {
    const series = this.series.of(label, meaning, "bytes", line.number, quote);
    if (series !== undefined) this.add(series, value, line.number, line.time);
  }

  /** Rows of numbers alone are read after a line that names them. */
  get readsRows(): boolean {
    return this.csv !== undefined || this.long !== undefined || this.tables.isOpen || this.names.isOpen;
  }

  /** How many there were: after another one, rereadings hold no longer. */
  get headers(): number {
    return this.csvHeaders + this.tables.headers;
  }

  /** @param refused requests of this boot */
  finish(refused: Parameters<typeof scaleOf>[2] = []): readonly FinishedSeries[] {
    this.endRegions();
    return this.series.all.flatMap((series) => {
      if (isNoHeap(series, this.series.all)) return [];
      const told = isChange(series) ? summedUp(series, this.series.all) : series;
      if (told === undefined) return [];
      const { id, label, meaning, line, quote, store, count, timed, board, start } = told;
      const quantity = quantityOf(series, this.series.all);
      const isShare = series.unit === "percent" || isRatio(series) || (series.unit === "none" && quantity === "fragmentation"); // prettier-ignore
      const unit: Series["unit"] = isShare ? "percent" : "bytes";
      const companion = this.companions.of(id, series.board);
      return {
        store,
        series: {
          id, label, quote, line, quantity, memory: meaning.memory, unit, scale: scaleOf(series, this.series.all, refused), readings: count,
          timed: timed === count || (timed === count - 1 && store.timeFirst()),
          ...(board === undefined ? {} : { board }), ...(start === undefined ? {} : { start }),
          ...(companion === undefined ? {} : { companion: companion.quote, companionLine: companion.line }),
        },
      }; // prettier-ignore
    });
  }

  considered(): readonly Considered[] {
    return this.templates.considered();
  }

  private figures({ text, tags, caller }: SeriesLine, tabled: readonly Figure[] | undefined): readonly Figure[] {
    const found = tabled ?? figuresOf(text, caller === undefined ? tags : [...tags, caller]);
    if (this.named.length === 0) return found;
    return found.map((figure) => {
      // A number that stands alone is named by no words.
      const named = this.named.find(({ pattern }) =>
        pattern === "" ? !/[\p{L}\d]/u.test(figure.label) : figure.label.toLowerCase().includes(pattern.toLowerCase()),
      );
      return named === undefined ? figure : { ...figure, meaning: { ...named, isNamed: true } };
    });
  }

  private look(key: number, line: SeriesLine, tabled: readonly Figure[] | undefined): Template {
    const quote = (line.quote ?? line.text).slice(0, QUOTE_LETTERS);
    const considered: Template["considered"][number][] = [];
    const figures = this.templates.hasRoom ? this.figures(line, tabled) : [];
    const names = namesApart(
      figures.map((figure) => ({ ...figure, label: labelOf(figure.label, quote) })),
      line.text,
    );
    const series = figures.map(({ meaning, unit, value, label }, i) => {
      const reason = typeof meaning === "string" ? meaning : implausible(value, unit);
      const words = poolOf(line.text, line.tags) + (names[i] ?? "");
      const isMemory = typeof meaning !== "string" && reason === undefined;
      const found = isMemory
        ? (changesOf(meaning, line, this.series.all) ??
          this.series.of(words, meaning, unit, line.number, quote, key, line))
        : undefined;
      const verdict =
        found !== undefined && typeof meaning !== "string" ? describe(meaning) : (reason ?? "too many series");
      const isWorthTelling = isMemory || reason !== NO_WORD || /free|mem|heap|ram\b/i.test(label);
      if (isWorthTelling && considered.length < 12) {
        considered.push({ line: line.number, quote, label: words, count: 0, verdict, taken: found !== undefined });
      }
      return found;
    });
    const template = { series, considered };
    this.templates.add(key, template);
    return template;
  }

  private add(series: OpenSeries, value: number, line: number, told: SeriesTime | undefined): void {
    // Two lines that ran into each other, or a bit that flipped.
    if (implausible(value, series.unit) !== undefined) return;
    if (!this.series.isOpen(series)) return;
    const time = timeOfReading(series, told);
    const drop = isChange(series) ? lossOf(series, value) : series.count === 0 ? 0 : series.last - value;
    if (drop > 0) series.falls++;
    if (drop < 0) series.rises++;
    series.last = value;
    series.count++;
    if (time !== undefined) series.timed++;
    if (value < series.min) series.min = value;
    if (value > series.max) series.max = value;
    if (!Number.isInteger(value)) series.hasFraction = true;
    series.store.add(time, line, value);
    this.companions.step(series.id, series.meaning.quantity === "used" ? -drop : drop, line);
  }

  /** A header with names, then rows of as many values: telemetry in CSV. */
  private csvLine(line: SeriesLine, lineTime: SeriesTime | undefined): boolean {
    const { text } = line;
    const csv = this.csv;
    const row = csv === undefined ? undefined : rowOf(csv, text);
    if (csv !== undefined && row !== undefined) {
      const { cells, stamp, stampUnit, clock } = row;
      if (row.isRegion) {
        this.regions.add(csv.figures, cells.map((cell) => (cell === undefined ? 0 : numberAt(text, cell))), line.number, lineTime); // prettier-ignore
        return true;
      }
      this.endRegions();
      const shown = clockIn(clock);
      const time =
        shown !== undefined
          ? this.timeOf(shown)
          : stamp === undefined
            ? lineTime
            : this.timeOfStamp(stampUnit, numberAt(text, stamp));
      for (const [i, figure] of csv.figures.entries()) {
        const cell = cells[i];
        const series = cell && this.seriesOfColumn(csv, figure, row);
        if (series !== undefined) this.add(series, numberAt(text, cell), line.number, time);
      }
      return true;
    }
    this.endRegions();
    if (/\d{4,}/.test(text) || !(/heap|mem|free|ram/i.test(text) || isForeign(text))) return false;
    const header = csvHeader(text, line.number);
    if (header === undefined) return false;
    // Printed again it is the same table.
    if (header.header === csv?.header) return true;
    this.csv = header;
    this.csvHeaders++;
    return true;
  }

  private endRegions(): void {
    const table = this.regions.close();
    const { csv } = this;
    if (table === undefined || csv === undefined) return;
    for (const [i, figure] of csv.figures.entries()) {
      const series = this.seriesOfColumn(csv, figure);
      if (series !== undefined) this.add(series, table.values[i] ?? 0, table.line, table.time);
    }
  }

  private seriesOfColumn(csv: Csv, { meaning, label }: Csv["figures"][number], row?: CsvRow): OpenSeries | undefined {
    const unit = meaning.quantity === "fragmentation" || /%|pct|percent/i.test(label) ? "percent" : "none";
    const { board, memory = meaning.memory } = row ?? {};
    const start = board === undefined ? undefined : this.starts.get(board);
    return this.series.of(label, { ...meaning, memory }, unit, csv.line, csv.header, `csv ${csv.line}`, { board, start }); // prettier-ignore
  }
}
