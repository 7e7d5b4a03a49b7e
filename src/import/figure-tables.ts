// Figures whose names do not stand beside them: MicroPython's dumps, the tuples of esp32.idf_heap_info(), umm_malloc's counts of blocks, ESP-AT's answers, and
// tables with a column for each kind of memory.

import { greatest } from "../base/values.ts";
import type { Figure } from "./figure.ts";
import { TELEPLOT } from "./log-times.ts";
import { kindOf as kindOfWords, type Meaning, meaningOf, type Quantity, wordsOf } from "./memory-words.ts";
import type { FigureMemory } from "../wire/log-records.ts";

/** Rows of a table with columns come so soon after its header. */
const MOST_ROWS = 12;
/** Bytes of a block of umm_malloc on the ESP8266, and of MicroPython's on 32-bit chips. */
const UMM_BLOCK = 8;
const MICROPYTHON_BLOCK = 16;

export class FigureTables {
  private columns: readonly FigureMemory[] = [];
  private rowsLeft = 0;
  private heading: string | undefined;
  private headedLeft = 0;
  /** umm_info() was printed, a line for each of its counts. */
  private isOfUmm = false;
  /** Headers of columns, and headings, so far. */
  headers = 0;

  /** True where the next line may be a row. */
  get isOpen(): boolean {
    return this.rowsLeft > 0;
  }

  /**
   * The heading that a line stands under, which names its kind of memory: `PSRAM:`, `===== Internal heap =====`, and below it `Free: 123456`.
   */
  headingOf(text: string): string | undefined {
    this.isOfUmm ||= UMM_ENTRIES.test(text);
    if (isHeading(text)) {
      const kind = /lvgl/i.test(text) ? "lvgl" : kindOfWords(wordsOf(text));
      const isSame = kind === undefined ? this.headedLeft <= 0 : this.heading === text;
      if (!isSame) this.headers++;
      this.heading = kind === undefined ? undefined : text;
      this.headedLeft = kind === undefined ? 0 : MOST_ROWS;
      return undefined;
    }
    if (this.headedLeft <= 0) return undefined;
    if (--this.headedLeft === 0) this.headers++;
    return /^\s*[\p{L}][\p{L} ._-]*[:=|]/u.test(text) ? this.heading : undefined;
  }

  /** Undefined where the line is none of these. */
  figures(text: string): readonly Figure[] | undefined {
    return this.ofTool(text) ?? this.row(text);
  }

  /** Of lines that are known by their own words, and by those that came before. */
  ofTool(text: string): readonly Figure[] | undefined {
    return figuresOfTool(text) ?? (this.isOfUmm ? ummCount(text) : undefined);
  }

  /** `Current Free Memory  163000  4102344` below `Description  Internal  External`, as esp_rainmaker and others print. */
  private row(text: string): readonly Figure[] | undefined {
    if (!/\d/.test(text)) {
      const columns = columnsOf(text.trim().split(/\t+| {2,}| ?\| ?/));
      if (columns !== undefined) {
        this.columns = columns;
        this.rowsLeft = MOST_ROWS;
        this.headers++;
      }
      return undefined;
    }
    if (this.rowsLeft === 0) return undefined;
    this.rowsLeft--;
    const match = /^([^\d]*[a-z%.)]):?\s+((?:\d+\s*\|?\s*)+)$/i.exec(text.trim());
    const values = match?.[2]?.match(/\d+/g)?.map(Number) ?? [];
    if (match === null || values.length !== this.columns.length) return undefined;
    const label = match[1] ?? "";
    const meaning = meaningOf(wordsOf(label), { named: true, memory: "any" }, false);
    if (typeof meaning === "string") return undefined;
    return values.map((value, index) => {
      const memory = this.columns[index] ?? "any";
      return { index, value, unit: "bytes", label: `${label.trim()}, ${memory}`, meaning: { ...meaning, memory } };
    });
  }
}

/** `Device Memory`, `LVGL Memory`: nothing but what memory it is, and no news of it. */
const BARE_HEADING =
  /^\s*(?:(?:device|system|esp32\w*|lvgl|lv|internal|external|psram|spiram|dram|sram|dma|memory|heap|ram|pool|info|usage|status|stats?)\b ?){2,4}\s*$/i;

/** A line of a few words alone, set off by a colon or a ruler. */
export function isHeading(text: string): boolean {
  if (text.length > 60 || /\d/.test(text)) return false;
  const isOfMemory = BARE_HEADING.test(text) && /\bmemory\b|heap|ram\b|lvgl/i.test(text);
  return isOfMemory || /^(?:[=*#-]+\s*\p{L}[\p{L} ._-]*[\s:=*#-]*|\p{L}[\p{L} ._-]*:\s*)$/u.test(text.trim());
}

export function isColumnHeader(cells: readonly string[]): boolean {
  return columnsOf(cells) !== undefined;
}

/** Kinds of memory, one a column, perhaps after a word for the rows. */
function columnsOf(cells: readonly string[]): readonly FigureMemory[] | undefined {
  const kinds = cells.map((cell) => kindOf(cell));
  const [first, ...rest] = kinds;
  const columns = first === undefined ? rest : kinds;
  return columns.length >= 2 && columns.every((kind) => kind !== undefined) && new Set(columns).size === columns.length
    ? columns.filter((kind) => kind !== undefined)
    : undefined;
}

function kindOf(cell: string): FigureMemory | undefined {
  if (/^\W*(?:ps ?ram|spi ?ram|external)\b.{0,8}$/i.test(cell)) return "psram";
  if (/^\W*dma\b.{0,8}$/i.test(cell)) return "dma";
  return /^\W*(?:internal|dram|sram)\b.{0,8}$/i.test(cell) ? "internal" : undefined;
}

function figuresFor(values: readonly (readonly [Quantity, number, string])[], memory: FigureMemory): readonly Figure[] {
  return values.map(([quantity, value, label], index) => {
    const meaning: Meaning = { quantity, memory, isNamed: true };
    return { index, value, unit: quantity === "fragmentation" ? "percent" : "bytes", label, meaning };
  });
}

/** Of lines that are known by their own words. */
export function figuresOfTool(text: string): readonly Figure[] | undefined {
  return (
    micropython(text) ??
    heapTuples(text) ??
    ummBlocks(text) ??
    espruino(text) ??
    espAt(text) ??
    berry(text) ??
    teleplot(text)
  );
}

/** micropython.mem_info(): its second line counts blocks. */
function micropython(text: string): readonly Figure[] | undefined {
  const match = /No\. of 1-blocks: \d+, 2-blocks: \d+, max blk sz: \d+, max free sz: (\d+)/.exec(text);
  if (match === null) return undefined;
  return figuresFor([["largest", Number(match[1]) * MICROPYTHON_BLOCK, "max free sz"]], "any");
}

/** esp32.idf_heap_info(): total, free, largest block, least ever free of each region of ESP-IDF's heap. */
function heapTuples(text: string): readonly Figure[] | undefined {
  if (!/^\W*\[\(\d+, \d+, \d+, \d+\)(?:, \(\d+, \d+, \d+, \d+\))*\]\s*$/.test(text)) return undefined;
  const regions = [...text.matchAll(/\((\d+), (\d+), (\d+), (\d+)\)/g)];
  const column = (group: number): readonly number[] => regions.map((region) => Number(region[group]));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return figuresFor(
    [
      ["total", sum(column(1)), "idf_heap_info: total"],
      ["free", sum(column(2)), "idf_heap_info: free"],
      ["largest", greatest(column(3)), "idf_heap_info: largest"],
      ["minimum", sum(column(4)), "idf_heap_info: least ever free"],
    ],
    "internal",
  );
}

/** Files have blocks as well, and no entries beside them. */
const UMM_ENTRIES = /^\s*(?:Total|Free) Entries\s*[:=]?\s*\d/i;

/** A line of umm_info() with one of its counts, or with all: `Free Blocks: 552`. */
function ummCount(text: string): readonly Figure[] | undefined {
  if (/^\s*Total Blocks: *\d+\D+Used Blocks: *\d+\D+Free Blocks: *\d+\s*$/i.test(text))
    return ummBlocks(text.replace(/[:,;|]/g, " "));
  const [, kind, count] = /^\s*(Total|Free) Blocks\s*[:=]\s*(\d+)\s*$/i.exec(text) ?? [];
  if (kind === undefined) return undefined;
  return figuresFor([[kind.toLowerCase() === "free" ? "free" : "total", Number(count) * UMM_BLOCK, `${kind} Blocks (8 B each)`]], "any"); // prettier-ignore
}

/** umm_info() of the ESP8266 core. */
function ummBlocks(text: string): readonly Figure[] | undefined {
  const blocks = /^\s*Total Blocks\s+(\d+)\s+Used Blocks\s+(\d+)\s+Free Blocks\s+(\d+)/i.exec(text);
  if (blocks !== null) {
    return figuresFor(
      [
        ["total", Number(blocks[1]) * UMM_BLOCK, "Total Blocks (8 B each)"],
        ["free", Number(blocks[3]) * UMM_BLOCK, "Free Blocks (8 B each)"],
      ],
      "any",
    );
  }
  const share = /^\s*Fragmentation Metric:\s*(\d+)\s*$/i.exec(text);
  if (share !== null) return figuresFor([["fragmentation", Number(share[1]), "Fragmentation Metric"]], "any");
  // Counts of entries, and used for each free block: no figures of bytes.
  return UMM_ENTRIES.test(text) || /^\s*Usage Metric:\s*\d/i.test(text) ? [] : undefined;
}

/** Espruino's process.memory() counts variables, whose size depends on the board: of these a share says all. */
function espruino(text: string): readonly Figure[] | undefined {
  const told = /\busage"?: (\d+), "?total"?: (\d+), "?(?:history|gc)\b/.exec(text);
  if (told === null) return undefined;
  const share = Math.round((1e4 * Number(told[1])) / Math.max(1, Number(told[2]))) / 100;
  const meaning: Meaning = { quantity: "used", memory: "any", isNamed: true };
  return [{ index: 0, value: share, unit: "percent", label: "used variables", meaning }];
}

/** Teleplot's `>heap:5210:172340|B`: its name, the time, the value. */
function teleplot(text: string): readonly Figure[] | undefined {
  const [, name, value, unit] = TELEPLOT.exec(text) ?? [];
  if (name === undefined) return undefined;
  const meaning = meaningOf(wordsOf(name), { named: false, memory: "any" }, unit === "%");
  return [{ index: 0, value: Number(value), unit: unit === "%" ? "percent" : unit === "B" ? "bytes" : "none", label: name, meaning }]; // prettier-ignore
}

/** `BRY: GC from 15204 to 12096 bytes`: of an interpreter's own objects, which are no heap. */
function berry(text: string): readonly Figure[] | undefined {
  return /\bGC from \d+ to \d+ bytes\b/.test(text) ? [] : undefined;
}

/** ESP-AT's answer to AT+SYSRAM?: what is free, and the least that ever was. */
function espAt(text: string): readonly Figure[] | undefined {
  const told = /\+SYSRAM:(\d+),(\d+)\s*$/.exec(text);
  if (told === null) return undefined;
  return figuresFor(
    [
      ["free", Number(told[1]), "SYSRAM"],
      ["minimum", Number(told[2]), "SYSRAM, least ever free"],
    ],
    "any",
  );
}
