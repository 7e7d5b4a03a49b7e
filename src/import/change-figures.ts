// Figures that tell how memory changed and not how much there is: `heap -128`, `lost 64 bytes since the last round`, `diff: -512`. Where a log tells nothing
// else they are added up.

import { smallest } from "../base/values.ts";
import { SUMMED } from "../wire/series-labels.ts";
import type { Figure } from "./figure.ts";
import { isOfOneStart, type OpenSeries, type SeriesSource } from "./open-series.ts";
import { ReadingStore } from "./reading-store.ts";
import { countedNoun, isMemoryWord, wordsOf } from "./memory-words.ts";
import type { FigureMemory } from "../wire/log-records.ts";

const set = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const CHANGES = set("diff difference delta change changed changes since net heap mem memory ram free");
/** The number itself is what went away. */
const LOSSES = set(
  "lost leaked leak leaks leaking loss losing missing used use usage consumed allocated grew grown growth",
);
const FILLERS = set("of by is was about approx byte bytes b kb kib boot start startup begin last check loop round now");
const OCCASION = /\b(?:after|before|during|in|by|for|at|on) [^:=]*/i;
/** More is no change, and as much is no sum of any. */
const MOST = 1 << 22;
/** Fewer are no series. */
const FEW = 3;

/** The figures with those that are changes, on a line that tells of no state. */
export function withChanges(figures: readonly Figure[], isNamed: boolean, memory: FigureMemory): readonly Figure[] {
  if (!isNamed || figures.some(({ meaning }) => typeof meaning !== "string")) return figures;
  return figures.map((figure) => {
    const quantity = changeOf(figure);
    return quantity === undefined ? figure : { ...figure, meaning: { quantity, memory, isNamed: true } };
  });
}

function changeOf({ unit, value, isSigned = false, label }: Figure): "change" | "loss" | undefined {
  if (unit === "percent" || value >= MOST) return undefined;
  // "after request: -48 bytes"
  const words = wordsOf(label.replace(OCCASION, "")).filter((word) => !FILLERS.has(word));
  const last = words.at(-1);
  // "heap after task 3: -128" tells of the heap, "mem: rssi -67" does not.
  const isOther = last !== undefined && !isMemoryWord(last) && !CHANGES.has(last) && !LOSSES.has(last);
  if (isOther || (countedNoun(words) !== undefined && !words.some((word) => CHANGES.has(word) || LOSSES.has(word))))
    return undefined;
  if (isSigned) return words.some((word) => LOSSES.has(word)) ? "loss" : "change";
  if (last === undefined) return undefined;
  if (LOSSES.has(last) && unit === "bytes" && /lo(?:st|ss|sing)|leak|missing|gr[eo]w/.test(last)) return "loss";
  return /^(?:diff|difference|delta|changed?|changes)$/.test(last) ? "change" : undefined;
}

export function isChange({ meaning }: Pick<OpenSeries, "meaning">): boolean {
  return meaning.quantity === "change" || meaning.quantity === "loss";
}

/** What a reading of changes says that was lost. */
export function lossOf({ meaning }: Pick<OpenSeries, "meaning">, value: number): number {
  return meaning.quantity === "loss" ? value : -value;
}

/** All lines that tell changes of one memory are one series: what one takes another may give back. */
export function changesOf(
  meaning: OpenSeries["meaning"],
  from: SeriesSource,
  all: readonly OpenSeries[],
): OpenSeries | undefined {
  if (!isChange({ meaning })) return undefined;
  const { quantity, memory } = meaning;
  return all.find(
    (one) => one.meaning.quantity === quantity && one.meaning.memory === memory && isOfOneStart(one, from),
  );
}

/** What is used, counted from the least; undefined where the log tells a state, or nothing was lost, or not all changes were kept. */
export function summedUp(series: OpenSeries, all: readonly OpenSeries[]): OpenSeries | undefined {
  const { store, count, meaning, label } = series;
  const isTold = all.some((one) => !isChange(one) && one.count >= FEW && isOfOneStart(one, series));
  if (isTold || count < FEW || store.stretch > 1) return undefined;
  const readings = Array.from({ length: store.length }, (_, i) => store.at(i)).filter((one) => one !== undefined);
  const losses = readings.map(({ value }) => lossOf(series, value));
  // Differences without a sign do not tell their direction.
  if (meaning.quantity === "change" && !losses.some((loss) => loss > 0)) return undefined;
  let sum = 0;
  const levels = isLevel(losses) ? losses : losses.map((loss) => (sum += loss));
  const least = Math.min(0, smallest(levels));
  const summed = new ReadingStore();
  for (const [i, { time, line }] of readings.entries()) summed.add(time, line, (levels[i] ?? 0) - least);
  return { ...series, label: `${label}${SUMMED}`, store: summed };
}

/** `diff since start: -128, -256, -384`: added up already. */
function isLevel(losses: readonly number[]): boolean {
  const [first = 0] = losses;
  const last = losses.at(-1) ?? 0;
  const isRising = losses.every((loss, i) => i === 0 || loss >= (losses[i - 1] ?? 0));
  return losses.length >= 4 && isRising && first >= 0 && last >= 3 * Math.max(1, first);
}
