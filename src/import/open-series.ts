// What a series of figures turns out to be when all of them were seen: which figure, and in which unit.

import { countWhile } from "../base/bisect.ts";
import type { Series } from "../wire/log-records.ts";
import { FIGURE_OF_BYTES, type Figure } from "./figure.ts";
import { isOfAnotherMemory, isVaguelyNamed, type Meaning } from "./memory-words.ts";
import { MOST_BYTES } from "./plausible.ts";
import type { ReadingStore } from "./reading-store.ts";

/** Whose figures they are. */
export interface SeriesSource {
  /** Of several that print into the log. */
  readonly board?: string | undefined;
  /** How often it had started again by then. */
  readonly start?: number | undefined;
}

export function isOfOneStart(a: SeriesSource, b: SeriesSource): boolean {
  return a.board === b.board && a.start === b.start;
}

export interface OpenSeries extends SeriesSource {
  readonly id: number;
  /** Series that tell the same, each in lines of its own, share it. */
  readonly name: string;
  /** It was told once, and made room for others. */
  isForgotten: boolean;
  /** Lines of one kind share it. */
  readonly key: string | number;
  readonly label: string;
  readonly meaning: Pick<Meaning, "quantity" | "memory">;
  readonly unit: Figure["unit"];
  readonly line: number;
  readonly quote: string;
  readonly store: ReadingStore;
  /** Of all readings, whatever was kept of them. */
  count: number;
  timed: number;
  min: number;
  max: number;
  last: number;
  /** The stamp of another line that was taken for the time of a reading. */
  lent?: number;
  hasFraction: boolean;
  /** How often it was less or more than before. */
  falls: number;
  rises: number;
}

/** Microseconds on the run's axis, or those of a stamp some lines before, which tell when one reading of a series was, and not when the next. */
export type SeriesTime = number | { readonly lent: number };

const KIB = 1024;

export function timeOfReading(series: OpenSeries, told: SeriesTime | undefined): number | undefined {
  if (typeof told !== "object") return told;
  const isUsed = told.lent === series.lent;
  series.lent = told.lent;
  return isUsed ? undefined : told.lent;
}

/**
 * "Heap size" that never changes is the total, else what is free; a part of a whole may be what is used. Of columns without names that never rise, the one that falls most often is the
 * least ever free.
 */
export function quantityOf(one: OpenSeries, all: readonly OpenSeries[]): Series["quantity"] {
  const { key, label, meaning, count, min, max } = one;
  const { quantity } = meaning;
  if (quantity === "change" || quantity === "loss") return "used";
  if (quantity === "size") {
    const isPart = all.some(
      (other) => other.key === key && other.label === label && other.meaning.quantity === "total",
    );
    if (isPart) return growsLikeUsed(one) ? "used" : "free";
    // No heap has more and more free, again and again, up to twice as much.
    if (growsLikeUsed(one) && 2 * min < max && one.rises >= Math.max(6, count / 3)) return "used";
    // "heap 121300 (tls closed)", "heap 84200 (tls open)": of the same words in other lines it is another.
    const isOther = all.some(
      (other) => other.label === label && other.meaning.quantity === "size" && other.max !== max,
    );
    return count > 2 && min === max && !isOther ? "total" : "free";
  }
  if (quantity === "total" && isSumOfFree(one, all)) return "free";
  if (quantity !== "unnamed") return quantity;
  const { memory } = meaning;
  const isBeside = (other: OpenSeries): boolean => other.key === key && other.meaning.memory === memory;
  const columns = all.filter((other) => other.meaning.quantity === "unnamed" && isBeside(other));
  // "heap 327680/143200/65524": behind the whole stands what is free of it.
  const isBesideWhole = all.some(
    (other) => isBeside(other) && other.meaning.quantity === "size" && other.count > 2 && other.min === other.max,
  );
  if (isBesideWhole && columns[0] === one && min !== max) return "free";
  const [least] = columns
    .filter((column) => column.falls > 0 && column.rises === 0 && !isOfClasses(column))
    .sort((a, b) => b.falls - a.falls);
  if (least === one) return "minimum";
  // A line that comes once does not show how its columns behave; the same columns of other lines do.
  const twin = all.find(
    (other) => other.label === label && other.meaning.quantity === "unnamed" && other.count > count,
  );
  return twin === undefined ? "largest" : quantityOf(twin, all);
}

/** `MEM Total: 4012344 Bytes, Inter: 98204 Bytes`: what there is in all does not go up and down; of what is free it is the sum. */
function isSumOfFree({ key, meaning, count, falls, rises }: OpenSeries, all: readonly OpenSeries[]): boolean {
  const isTold = all.some((other) => other.key === key && other.meaning.memory === meaning.memory && /^(?:free|used|size)$/.test(other.meaning.quantity)); // prettier-ignore
  return count >= 3 && falls > 0 && falls + rises >= (count - 1) / 2 && !isTold;
}

/** TLSF tells of its largest block the class that it is in, all of them multiples of 256 from 8 KiB on: the least ever free is no such number again and again. */
function isOfClasses({ min, max, last }: OpenSeries): boolean {
  return min >= 8 * KIB && min !== max && [min, max, last].every((value) => value % 256 === 0);
}

/** `RAM 143/320 KB`, then 144, 147 and so on: what is free of a whole does not grow again and again. */
function growsLikeUsed({ count, falls, rises, last, min, max }: OpenSeries): boolean {
  const grown = max - min;
  return count >= 8 && rises >= 3 * falls && last >= max - 0.1 * grown && grown >= 0.05 * max;
}

/**
 * What a figure is to be multiplied by. A program prints what is free of PSRAM in the unit of the rest: thousands of KiB, where that is in hundreds.
 */
export function scaleOf(one: OpenSeries, all: readonly OpenSeries[], refused: readonly Refused[] = []): number {
  const scale = ownScale(one);
  const isInKib = (other: OpenSeries): boolean =>
    other.key === one.key && isPlain(other) && isWholeOf(other, one) && ownScale(other) > 1 && other.max >= one.max;
  if (scale > 1 && isPlain(one) && !all.some(isInKib) && all.some((other) => isPartOf(one, other))) return 1;
  if (scale > 1 && isPlain(one) && all.some((other) => isOtherMemoryInBytes(other, one))) return 1;
  if (scale > 1 && isPlain(one) && refused.length > 0 && all.some((other) => other.key === one.key && isTooLittle(other, refused))) return 1; // prettier-ignore
  if (scale > 1 || !isPlain(one) || one.meaning.memory !== "psram" || one.max >= FIGURE_OF_BYTES) return scale;
  const others = all.filter((other) => isPlain(other) && other.meaning.memory !== "psram");
  return others.some((other) => ownScale(other) === KIB) && others.every(({ max }) => max < FIGURE_OF_BYTES)
    ? KIB
    : scale;
}

/** No chip whose whole heap is smaller prints a log. */
const LEAST_HEAP = 8 * KIB;
/** Places for codes or messages are told in tens, KiB of memory in hundreds. */
const MOST_PLACES = 100;

/**
 * `modem memory free 30 of 30`, `water memory 3012`: what only the word "memory" names may be another thing's. So it is where it is less than hundred beside
 * a heap in bytes, where all of it is free, or where it is another noun's and at its best less than any heap.
 */
export function isNoHeap(one: OpenSeries, all: readonly OpenSeries[]): boolean {
  const { label, meaning, max, hasFraction } = one;
  if (!isPlain(one) || hasFraction || meaning.memory !== "any" || !isVaguelyNamed(label)) return false;
  if (max >= MOST_UNITLESS) return meaning.quantity === "size" && max < LEAST_HEAP && isOfAnotherMemory(label);
  return all.some((other) => (max < MOST_PLACES && isHeapInBytes(other)) || isWholeAndFree(one, other));
}

function isHeapInBytes({ label, unit, meaning, max }: OpenSeries): boolean {
  const isState = meaning.quantity === "free" || meaning.quantity === "size";
  return isState && unit !== "percent" && max >= FIGURE_OF_BYTES && !isVaguelyNamed(label);
}

function isWholeAndFree(one: OpenSeries, other: OpenSeries): boolean {
  const isBoth = [one, other].map(({ meaning }) => meaning.quantity).sort().join() === "free,total"; // prettier-ignore
  return isBoth && one.key === other.key && one.label === other.label && one.max === other.max;
}

/** `free psram 4728344 internal 263`: one line has one unit. */
function isOtherMemoryInBytes(other: OpenSeries, { key, meaning: { memory } }: OpenSeries): boolean {
  return other.key === key && isPlain(other) && other.meaning.memory !== memory && other.max >= FIGURE_OF_BYTES;
}

/** A request that the heap refused. */
export interface Refused {
  readonly line: number;
  readonly size: number;
}

/** Lines around a refusal in which a program tells what was free then. */
const LINES_OF_REFUSAL = 3;

/** A largest block of less than was asked for, right where that was refused: as many KiB would have been enough by far. */
function isTooLittle(one: OpenSeries, refused: readonly Refused[]): boolean {
  if (!isPlain(one) || one.meaning.quantity !== "largest") return false;
  return refused.some(({ line, size }) => {
    if (size >= MOST_UNITLESS) return false;
    const from = countWhile(one.store.length, (i) => one.store.lineAt(i) < line - LINES_OF_REFUSAL);
    const reading = one.store.at(from);
    return (
      reading !== undefined &&
      reading.line <= line + LINES_OF_REFUSAL &&
      reading.value < size &&
      reading.value * KIB >= size
    );
  });
}

/** A block, or the least of what was free, of what another figure tells in bytes: in KiB it would be more than the whole. */
function isPartOf(one: OpenSeries, whole: OpenSeries): boolean {
  return (
    isWholeOf(whole, one) &&
    isPlain(whole) &&
    ownScale(whole) === 1 &&
    one.max <= whole.max &&
    one.max * KIB > whole.max
  );
}

function isWholeOf(whole: OpenSeries, { meaning: { quantity, memory } }: OpenSeries): boolean {
  return (
    (quantity === "largest" || quantity === "minimum") &&
    (whole.meaning.quantity === "free" || whole.meaning.quantity === "size") &&
    whole.meaning.memory === memory
  );
}

/** `mem_free_ratio=0.62`: a share of one. */
export function isRatio({ unit, max, hasFraction }: Pick<OpenSeries, "unit" | "max" | "hasFraction">): boolean {
  return unit === "none" && hasFraction && max <= 1;
}

/** From here on a figure is of bytes. */
const MOST_UNITLESS = 1000;

/** Figures without a unit that never reach a thousand are KiB, as Tasmota prints them; so are broken numbers. */
function ownScale({ unit, meaning, max, hasFraction }: OpenSeries): number {
  if (unit !== "none") return 1;
  // "frag=0.35"
  if (meaning.quantity === "change" || meaning.quantity === "loss") return 1;
  if (meaning.quantity === "fragmentation") return max <= 1 && hasFraction ? 100 : 1;
  if (isRatio({ unit, max, hasFraction })) return 100;
  return (max < MOST_UNITLESS && max >= 4) || (hasFraction && max < 10_000) ? KIB : 1;
}

function isPlain({ unit, meaning }: OpenSeries): boolean {
  return unit === "none" && meaning.quantity !== "fragmentation";
}

/** Why no memory has such a figure; undefined where one may. */
export function implausible(value: number, unit: Figure["unit"]): string | undefined {
  if (unit === "percent") return value > 100 ? "more than 100 %" : undefined;
  return value > MOST_BYTES ? "no chip has so much memory" : undefined;
}
