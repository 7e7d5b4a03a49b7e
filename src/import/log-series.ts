// Figures of memory that a log prints now and then, as series: lines are grouped by template, each number of a template is a series, and its
// words, its unit and how it behaves say what it means (memory-words.ts). CSV with a header line and MicroPython's own dump are read as well.

import type { Series } from "../wire/log-records.ts";
import { type Figure, figuresOf, valuesOf } from "./figures.ts";
import { Companions } from "./companions.ts";
import { FigureTables, isColumnHeader } from "./figure-tables.ts";
import { meaningOf, type Meaning, type MemoryKind, type Quantity, wordsOf } from "./memory-words.ts";
import { MOST_BYTES } from "./plausible.ts";
import { ReadingBudget, ReadingStore } from "./reading-store.ts";
import { templateOf } from "./template.ts";

/** A line as the series see it. */
export interface SeriesLine {
  readonly number: number;
  readonly text: string;
  readonly tag?: string;
  readonly caller?: string;
  readonly isWarning?: boolean;
  /** Microseconds on the run's axis; undefined where the line tells none. */
  readonly time?: number;
}

/** A series that the user names: the words before the number. */
export interface NamedSeries {
  readonly quantity: Quantity;
  readonly memory: MemoryKind;
  readonly pattern: string;
}

/** A number of a kind of line that was considered as a figure of memory. */
export interface Considered {
  readonly line: number;
  readonly quote: string;
  readonly label: string;
  /** Lines of this kind. */
  readonly count: number;
  /** What it was taken for, or why not. */
  readonly verdict: string;
  readonly taken: boolean;
}

export interface FinishedSeries {
  readonly series: Series;
  readonly store: ReadingStore;
}

interface OpenSeries {
  readonly id: number;
  readonly label: string;
  readonly meaning: Meaning;
  readonly unit: Figure["unit"];
  readonly line: number;
  readonly quote: string;
  readonly store: ReadingStore;
  /** Of all readings, whatever was kept of them. */
  count: number;
  timed: number;
  min: number;
  max: number;
  hasFraction: boolean;
}

/** A template whose first line has been looked at. */
interface Template {
  readonly series: readonly (OpenSeries | undefined)[];
  readonly considered: (Considered & { count: number })[];
}

interface Csv {
  readonly separator: string;
  readonly columns: number;
  readonly figures: readonly { readonly column: number; readonly meaning: Meaning; readonly label: string }[];
  readonly time: { readonly column: number; readonly factor: number } | undefined;
  readonly header: string;
  readonly line: number;
}

/** Beyond these a log has no more kinds of lines that are worth telling apart. */
const MOST_TEMPLATES = 4096;
const MOST_SERIES = 256;
/** Templates of one label before its readings go into one series. */
const MOST_OF_A_LABEL = 16;
const QUOTE_LETTERS = 200;

function keyOf({ tag, caller, text }: SeriesLine): string {
  return `${tag ?? ""}|${caller ?? ""}|${templateOf(text)}`;
}

export class SeriesCollector {
  private readonly named: readonly NamedSeries[];
  private readonly templates = new Map<string, Template>();
  private readonly series: OpenSeries[] = [];
  private readonly byLabel = new Map<string, OpenSeries[]>();
  private readonly companions = new Companions();
  private readonly tables = new FigureTables();
  private readonly budget = new ReadingBudget();
  private csv: Csv | undefined;

  constructor(named: readonly NamedSeries[] = []) {
    this.named = named;
  }

  /** True if the line holds a figure of memory. */
  line(line: SeriesLine): boolean {
    if (this.csvLine(line)) return true;
    const key = keyOf(line);
    const template = this.templates.get(key) ?? this.look(key, line);
    for (const considered of template.considered) considered.count++;
    if (template.series.every((one) => one === undefined)) {
      this.companions.event(line, key);
      return false;
    }
    const values = this.tables.figures(line.text)?.map(({ value }) => value) ?? valuesOf(line.text);
    let isTaken = false;
    for (const [index, series] of template.series.entries()) {
      const value = values[index];
      if (series === undefined || value === undefined) continue;
      this.add(series, value, line);
      isTaken = true;
    }
    return isTaken;
  }

  /**
   * What a line of the same words does when nothing but its numbers differ: it is counted. Undefined for one that holds figures, or may hold them
   * with other numbers.
   */
  counting(line: SeriesLine): (() => void) | undefined {
    if (this.csv !== undefined) return undefined;
    const key = keyOf(line);
    const template = this.templates.get(key);
    if (template === undefined || template.series.some((one) => one !== undefined)) return undefined;
    const { considered } = template;
    return () => {
      for (const one of considered) one.count++;
      this.companions.again(key);
    };
  }

  /** A figure that another reader has understood, as the totals of a heap summary. */
  reading(
    line: Pick<SeriesLine, "number" | "time">,
    label: string,
    quote: string,
    meaning: Meaning,
    value: number,
  ): void {
    const series = this.seriesOf(label, meaning, "bytes", line.number, quote);
    if (series !== undefined) this.add(series, value, { ...line, text: quote });
  }

  /** Rows of numbers alone are read after a header that names them. */
  get readsRows(): boolean {
    return this.csv !== undefined;
  }

  finish(): readonly FinishedSeries[] {
    return this.series.map((series) => {
      const { id, label, meaning, line, quote, store, count, timed } = series;
      const quantity = quantityOf(series);
      const unit: Series["unit"] = series.unit === "percent" ? "percent" : "bytes";
      const companion = this.companions.of(id);
      return {
        store,
        series: {
          id, label, quote, line, quantity, memory: meaning.memory, unit, scale: scaleOf(series), readings: count,
          timed: timed === count,
          ...(companion === undefined ? {} : { companion: companion.quote, companionLine: companion.line }),
        },
      }; // prettier-ignore
    });
  }

  considered(): readonly Considered[] {
    return [...this.templates.values()].flatMap(({ considered }) => considered);
  }

  private figures({ text, tag, caller }: SeriesLine): readonly Figure[] {
    const found = this.tables.figures(text) ?? figuresOf(text, `${tag ?? ""} ${caller ?? ""}`);
    if (this.named.length === 0) return found;
    return found.map((figure) => {
      // A number that stands alone is named by no words.
      const named = this.named.find(({ pattern }) =>
        pattern === "" ? !/[\p{L}\d]/u.test(figure.label) : figure.label.toLowerCase().includes(pattern.toLowerCase()),
      );
      return named === undefined ? figure : { ...figure, meaning: { ...named, isNamed: true } };
    });
  }

  private look(key: string, line: SeriesLine): Template {
    const quote = line.text.slice(0, QUOTE_LETTERS);
    const considered: Template["considered"] = [];
    const figures = this.templates.size < MOST_TEMPLATES ? this.figures(line) : [];
    const series = figures.map(({ meaning, label, unit, value }) => {
      const reason = typeof meaning === "string" ? meaning : implausible(value, unit);
      const words = labelOf(label, quote);
      const isMemory = typeof meaning !== "string" && reason === undefined;
      const found = isMemory ? this.seriesOf(words, meaning, unit, line.number, quote, key) : undefined;
      const verdict =
        found !== undefined && typeof meaning !== "string" ? describe(meaning) : (reason ?? "too many series");
      const isWorthTelling = isMemory || reason !== "no word of memory" || /free|mem|heap|ram\b/i.test(label);
      if (isWorthTelling && considered.length < 12) {
        considered.push({ line: line.number, quote, label: words, count: 0, verdict, taken: found !== undefined });
      }
      return found;
    });
    const template = { series, considered };
    if (this.templates.size < MOST_TEMPLATES) this.templates.set(key, template);
    return template;
  }

  private seriesOf(
    label: string,
    meaning: Meaning,
    unit: Figure["unit"],
    line: number,
    quote: string,
    key = label,
  ): OpenSeries | undefined {
    const name = `${label}|${meaning.quantity}|${meaning.memory}|${unit}`;
    const known = this.byLabel.get(name) ?? [];
    // The same words in many lines are one figure; in a few, each place of the program tells its own story.
    const own = known.find((one) => one.label === label && this.keys.get(one.id) === key);
    if (own !== undefined) return own;
    if (known.length >= MOST_OF_A_LABEL) return known[0];
    if (this.series.length >= MOST_SERIES) return undefined;
    const series: OpenSeries = {
      id: this.series.length + 1, label, meaning, unit, line, quote, store: new ReadingStore(this.budget),
      count: 0, timed: 0, min: Infinity, max: -Infinity, hasFraction: false,
    }; // prettier-ignore
    this.series.push(series);
    this.keys.set(series.id, key);
    this.byLabel.set(name, [...known, series]);
    return series;
  }

  private readonly keys = new Map<number, string>();

  private add(series: OpenSeries, value: number, line: SeriesLine): void {
    const drop = (series.store.last?.value ?? value) - value;
    series.count++;
    if (line.time !== undefined) series.timed++;
    series.min = Math.min(series.min, value);
    series.max = Math.max(series.max, value);
    series.hasFraction ||= !Number.isInteger(value);
    series.store.add(line.time, line.number, value);
    this.companions.step(series.id, series.meaning.quantity === "used" ? -drop : drop);
  }

  /** A header with names, then rows of as many values: telemetry in CSV. */
  private csvLine(line: SeriesLine): boolean {
    const { text } = line;
    const csv = this.csv;
    if (csv !== undefined) {
      const cells = text.split(csv.separator);
      if (
        cells.length === csv.columns &&
        csv.figures.every(({ column }) => /^\s*"?\d+(\.\d+)?"?\s*$/.test(cells[column] ?? ""))
      ) {
        const stamp = csv.time === undefined ? NaN : Number(cells[csv.time.column]?.replaceAll('"', ""));
        const time = Number.isFinite(stamp) ? stamp * (csv.time?.factor ?? 1) : line.time;
        for (const { column, meaning, label } of csv.figures) {
          const series = this.seriesOf(
            label,
            meaning,
            meaning.quantity === "fragmentation" ? "percent" : "none",
            csv.line,
            csv.header,
            `csv ${csv.line}`,
          );
          const value = Number(cells[column]?.replaceAll('"', ""));
          if (series !== undefined)
            this.add(series, value, { number: line.number, text, ...(time !== undefined && { time }) });
        }
        return true;
      }
    }
    if (/\d{4,}/.test(text) || !/heap|mem|free|ram/i.test(text)) return false;
    const header = csvHeader(text, line.number);
    if (header !== undefined) this.csv = header;
    return header !== undefined;
  }
}

function csvHeader(text: string, line: number): Csv | undefined {
  const separator = [",", ";", "\t"].find((one) => text.split(one).length >= 2);
  if (separator === undefined) return undefined;
  const cells = text.split(separator).map((cell) => cell.trim().replaceAll('"', ""));
  if (!cells.every((cell) => /^[#\w .()[\]%/-]{1,40}$/.test(cell) && !/^\d/.test(cell) && !cell.includes(": ")))
    return undefined;
  if (cells.some((cell) => cell.split(" ").length > 4) || isColumnHeader(cells)) return undefined;
  const figures = cells.flatMap((label, column) => {
    const meaning = meaningOf(wordsOf(label), { named: false, memory: "any" }, /%|pct|percent|frag/i.test(label));
    return typeof meaning === "string" ? [] : [{ column, meaning, label }];
  });
  if (!figures.some(({ meaning }) => meaning.isNamed) && figures.length < 2) return undefined;
  const column = cells.findIndex((cell) =>
    /^#?\s*(?:time|ts|t|timestamp|millis|uptime|seconds?|sec|s|ms|elapsed)(?:[_ ([]|$)/i.test(cell),
  );
  const unit = cells[column] ?? "";
  const factor = /ms\b|_ms|millis/i.test(unit) ? 1e3 : /us\b|_us/i.test(unit) ? 1 : 1e6;
  return {
    separator,
    columns: cells.length,
    figures,
    time: column < 0 ? undefined : { column, factor },
    header: text,
    line,
  };
}

function implausible(value: number, unit: Figure["unit"]): string | undefined {
  if (unit === "percent") return value > 100 ? "more than 100 %" : undefined;
  return value > MOST_BYTES ? "no chip has so much memory" : undefined;
}

/** Figures without a unit that never reach a thousand are KiB, as Tasmota prints them; so are broken numbers. */
function scaleOf(series: OpenSeries): number {
  if (series.unit !== "none" || series.meaning.quantity === "fragmentation") return 1;
  return (series.max < 1000 && series.max >= 4) || (series.hasFraction && series.max < 10_000) ? 1024 : 1;
}

/** "Heap size" that never changes is the total; else it is what is free. */
function quantityOf({ meaning, count, min, max }: OpenSeries): Series["quantity"] {
  if (meaning.quantity !== "size") return meaning.quantity;
  return count > 2 && min === max ? "total" : "free";
}

function labelOf(label: string, quote: string): string {
  const words = label.replace(/["'“”]/g, "").replace(/^[\s:|>]+|[\s:=|(>]+$/g, "");
  return words === "" ? quote.slice(0, 40) : words.slice(-60);
}

const memories: Readonly<Record<MemoryKind, string>> = {
  any: "",
  internal: "internal ",
  dma: "DMA-capable ",
  psram: "PSRAM ",
};

function describe({ quantity, memory }: Meaning): string {
  const what = {
    free: "free memory",
    size: "free memory, presumably",
    largest: "largest free block",
    minimum: "least ever free",
    used: "used memory",
    total: "total memory",
    fragmentation: "fragmentation",
  }[quantity];
  return `${memories[memory]}${what}`;
}
