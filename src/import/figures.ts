// The numbers of a line with what stands beside them: their label, their unit, and what both say of memory.

import {
  type Context,
  countedNoun,
  kindOf,
  meaningOf,
  type Meaning,
  namesOther,
  type Quantity,
  wordsOf,
} from "./memory-words.ts";
import type { FigureMemory } from "../wire/log-records.ts";
import type { Figure } from "./figure.ts";
import { confirmedByOthers } from "./figure-neighbours.ts";
import { withChanges } from "./change-figures.ts";
import { type LineNumber, numbersIn } from "./line-numbers.ts";
import { nameOfValue } from "./value-names.ts";

/** `memfree_pct=54` */
const SHARE_NAME = /(?:%|_pct|_percent|Pct|Percent)\W*$/;

/** Of other things; a short one that leads to the next number is its name ("free 1234 min 567"). */
const OTHER_UNIT =
  /^\s?(?:(?:[mkµ][VAW]|[mk]?[AW]h|dBm?|°\w?|[kMG]?Hz|rpm|[kc]m|ms|µs|us|seconds?|minutes?|hours?|days?|lux|ppm|[hk]?Pa|m?bar|fps|[mk]g|ml|lit(?:er|re)s?|gal(?:lons?)?)\b|(?:[VAWCFmslg]|sec|min)\b(?!\s*[=:]?\s*\d))/;
/** The same at the end of a name: `free_m3=12.1`. */
const OTHER_UNIT_NAMED =
  /(?<=[a-z]_)(?:m[23]|[mc]l|[kc]m|m?Ah|k?Wh|ms|sec|secs|k?Hz|dBm?|mV|kg|deg|ppm|lux|rpm|[hk]Pa)(?=["']?\s*[=:]\s*$)/i;
/** Right behind a number, whatever follows; `3276 free=41%` leads to the next. */
const OWN_WORD = /^\s*(?:bytes?\s+)?(?:free|used|total|available|left|remaining)\b(?!["']?\s*=)/i;
/** Words further away say nothing of a number. */
const MOST_LETTERS = 400;
/** A time of day, and what it stands behind. */
const TIME_BEFORE = /^.{0,80}\b\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?[\])]?:?\s+(?=\p{L})/u;
/** What ends the words that belong to a number before them. */
const CLAUSE_END = /[,;|{}()[\]]|\s-\s|\s\/\s/;

const AVERAGE = new Set(["avg", "average", "mean", "median"]);

/** The linker's account of static memory, which a build prints; the rows of Toit's report of its heap. */
const NO_FIGURES = /^RAM: +\[|\bRAM\b.{0,20}\bROM\b|^│ *\d+ *│ *\d+ *│ *[a-z]/;

/** Of Toit's collector: its own objects, and what was before. */
const COLLECTED = /^\[gc @.*?(?=\bused: )|\b\d+kb->(?=\d)/g;

/** `[MEM] I:81234/45056 P:7912345/7864320`: kinds of memory by their first letters. */
const LETTERS = [/\b[ID] ?[:=] ?\d/, /\bP ?[:=] ?\d/];

/** `Dump #12 Free internal 23560` */
const ORDINAL = /^\W{0,3}(?:[a-z]+ )?(?:dump|snapshot|report|sample|reading|round|pass|loop|cycle) ?#\d+\b[:.,]?/i;

/** @param names who speaks, in the log's own words; `HEAP` or `MemMon` name memory as well as the line does */
export function figuresOf(line: string, names: readonly string[] = []): readonly Figure[] {
  // A card is no memory.
  const plain = line.replace(/\bmemory (?=(?:card|stick)\b)/gi, "storage");
  // What says nothing of memory is left out; the other numbers keep their places.
  const isCollector = plain.startsWith("[gc @");
  const text = plain.replace(isCollector ? COLLECTED : ORDINAL, (told) => " ".repeat(told.length));
  const numbers = numbersIn(plain);
  const context: Context = { named: isCollector, memory: "any", isByLetter: LETTERS.every((one) => one.test(text)) };
  if (numbers.length === 0 || NO_FIGURES.test(text)) return [];
  const speaker = names.map((name) => name.replace(/[.:].*/, "")).join(" ");
  meaningOf(wordsOf(speaker), context, false);
  const figures: Figure[] = [];
  /** Names of the numbers that follow. */
  let row: string[] = [];
  let ofStretch = false;
  /** Where the other unit of the number before ends. */
  let behindUnit = 0;
  /** Of the part and the whole that were read last. */
  let pairLabel = "";
  // "loop 12 free heap 3000": where no words follow the last number, they stand before all of them.
  const leads = !/\p{L}/u.test(text.slice(numbers.at(-1)?.afterUnit));
  numbers.forEach((number, index) => {
    const from = numbers[isOrdinal(text, numbers, index - 1) ? index - 2 : index - 1]?.afterUnit ?? 0;
    const left = text.slice(Math.max(from, behindUnit, number.start - MOST_LETTERS), number.start);
    const before =
      metricBefore(text.slice(0, number.start)) ??
      nameOfValue(text, number.start) ??
      (index === 0 ? tagOf(left) : undefined) ??
      lastClause(left);
    const label = before.replace(TIME_BEFORE, "");
    // Words further left give the context: "Internal: free 1, largest 2".
    const earlier = wordsOf(left.slice(0, left.length - label.length));
    meaningOf(earlier, context, false);
    const { value, signed } = number;
    const unit = number.unit === "none" && value <= 100 && SHARE_NAME.test(label) ? "percent" : number.unit;
    const describe = (meaning: Meaning | string, words: string): void => {
      figures.push({ index, value, unit, ...(signed && { isSigned: true }), label: words, meaning });
    };
    if (text[number.start] === " ") {
      describe("it is not of the memory that is free or used", "");
      return;
    }
    if (isOrdinal(text, numbers, index)) {
      describe("it belongs to the words of the next number", label.trim());
      return;
    }
    if (signed) {
      meaningOf(wordsOf(label), context, false);
      describe("it has a sign: a change, and no state", label.trim());
      return;
    }
    const next = numbers[index + 1];
    const right = text.slice(number.afterUnit, Math.min(next?.start ?? text.length, number.afterUnit + MOST_LETTERS));
    const unitBehind = unit === "none" ? OTHER_UNIT.exec(text.slice(number.afterUnit, number.afterUnit + 24))?.[0].trim() : undefined; // prettier-ignore
    const otherUnit = unitBehind ?? (unit === "none" ? OTHER_UNIT_NAMED.exec(label)?.[0] : undefined);
    if (otherUnit !== undefined) {
      if (unitBehind !== undefined) behindUnit = text.indexOf(unitBehind, number.afterUnit) + unitBehind.length;
      describe(`“${otherUnit}” is no unit of memory`, label.trim());
      return;
    }
    if (/#\s?[:=]?\s?$/.test(label)) {
      describe("it counts", label.trim());
      return;
    }
    const last = figures.at(-1)?.meaning;
    if (typeof last === "object" && last.quantity === "largest" && /^\D{0,8}\((?:min|lowest)\w*\W*$/i.test(left)) {
      describe("it is the least that the figure before it was", label.trim());
      return;
    }
    const clauseEnd = right.search(CLAUSE_END);
    // Words behind a number are its own unless they lead to the next one, or the number leads to them.
    const isOwn =
      !right.startsWith(":") &&
      (clauseEnd >= 0 || next === undefined || (!(leads && /\p{L}/u.test(label)) && OWN_WORD.test(right)));
    const behind = isOwn ? right.slice(0, clauseEnd < 0 ? 48 : clauseEnd) : "";
    if (row.length === 0) row = [...namesInRow(text, numbers, index, left)];
    const name = row.shift();
    if (name !== undefined) {
      const words = wordsOf(name);
      // Of a stretch of time: the most that was free says nothing.
      if (words.some((word) => AVERAGE.has(word))) ofStretch = true;
      const isMost = ofStretch && words.every((word) => word === "max" || word === "maximum");
      describe(isMost ? "it is the most of a stretch" : meaningOf(words, context, unit === "percent"), name.trim());
      return;
    }
    if (isPair(text, numbers, index)) pairLabel = label;
    const pair = pairOf(text, numbers, index, pairLabel);
    if (pair !== undefined) {
      // "148405/272808 bytes free (0)": the words belong to the pair.
      if (next?.unit === "none" && /^[^(]*\($/.test(right)) behindUnit = next.start - 1;
      const told = meaningOf(wordsOf(pair.words), context, false);
      // "45% (150000 of 320000 bytes)": the share before says which.
      const share = figures.findLast((figure) => figure.unit === "percent")?.meaning;
      const meaning = typeof told === "string" && typeof share === "object" ? share : told;
      if (typeof meaning === "string") describe(meaning, pair.label);
      else {
        const quantity = pair.quantity(meaning.quantity);
        // "mem=212.4KB/512KB (41%)": a bare share of memory is what is used.
        const isUsed = quantity === "size" && isShareBehind(text, numbers, index);
        describe({ ...meaning, quantity: isUsed ? "used" : quantity }, pair.label);
      }
      return;
    }
    if (isOfAll(wordsOf(label), context.memory, figures)) context.memory = "any";
    let meaning = meaningOf(wordsOf(label), context, unit === "percent");
    let words = label;
    // "Heap: 82% free"
    const isShare = unit === "percent" && !/us(?:ed|age|e)\b/i.test(label) && /^\s*(?:free|avail|left)/i.test(behind);
    const isVague =
      isShare || (typeof meaning === "string" ? !/about|makes it/.test(meaning) : meaning.quantity === "size");
    if (isVague && behind.trim() !== "") {
      const both = meaningOf(wordsOf(`${label} ${behind}`), context, unit === "percent");
      if (typeof both !== "string" && both.quantity !== "size") {
        meaning = both;
        words = `${label} … ${behind.trim()}`;
      } else if (typeof meaning === "string") meaning = both;
    }
    const behindWord = isOwn ? /^\s*([a-z]{3,})\b/.exec(behind)?.[1] : undefined;
    // `"free":"12 seats"`
    if (
      behindWord !== undefined &&
      unit === "none" &&
      namesOther([behindWord]) &&
      typeof meaning !== "string" &&
      !meaning.isNamed
    )
      meaning = `it counts “${behindWord}”`;
    if (typeof meaning !== "string" && behindWord !== undefined && unit === "none") {
      // "memory left 40 codes"
      const isCount = meaning.quantity === "free" && value < 1000 && /[^s]s$/.test(behindWord) && countedNoun([behindWord]) !== undefined; // prettier-ignore
      if (isCount || meaning.quantity === "size") meaning = `it counts “${behindWord}”`;
    }
    describe(meaning, words.trim());
  });
  return withChanges(
    confirmedByOthers(figures, text, speaker, context.named),
    context.named || /leak/i.test(text),
    context.memory,
  );
}

/** `PSRAM free 4012345, heap 98200`, `dma_free=5200 total_free=2101248`: the other kind of memory is told already, and these words name none. */
function isOfAll(words: readonly string[], memory: FigureMemory, figures: readonly Figure[]): boolean {
  const isAll =
    words.some((word) => /^(?:heap|mem|memory|ram)$/.test(word)) || (words.includes("total") && words.includes("free"));
  return (
    memory !== "any" &&
    isAll &&
    kindOf(words) === undefined &&
    figures.some(
      ({ meaning }) =>
        typeof meaning !== "string" && meaning.memory === memory && /^(?:free|size|used)$/.test(meaning.quantity),
    )
  );
}

/** `Free heap in probe 2: 4397092`: which one of several is told. */
function isOrdinal(text: string, numbers: readonly LineNumber[], index: number): boolean {
  const number = numbers[index];
  const next = numbers[index + 1];
  if (number === undefined || next === undefined || number.unit !== "none" || number.value >= 100) return false;
  return (next.signed || next.value >= 1000) && /^ ?[:=] ?$/.test(text.slice(number.end, next.start)) && /[\p{L}_] ?#?$/u.test(text.slice(0, number.start)); // prettier-ignore
}

/** Behind the pair that begins here stands its own share, and before it memory alone. */
function isShareBehind(text: string, numbers: readonly LineNumber[], index: number): boolean {
  const [part, whole, share] = [numbers[index], numbers[index + 1], numbers[index + 2]];
  if (part === undefined || share?.unit !== "percent" || whole === undefined || whole.value === 0) return false;
  const isBare = /\b(?:mem|memory|ram)\b[\s"'=:]*$/i.test(text.slice(0, part.start));
  return isBare && /^[\s(,]*$/.test(text.slice(whole.afterUnit, share.start)) && Math.abs((100 * part.value) / whole.value - share.value) <= 1; // prettier-ignore
}

/** `Free heap/contiguous: 152340/110580`, `heap avg/min/max: 1/2/3`: as many names as numbers. */
function namesInRow(text: string, numbers: readonly LineNumber[], index: number, left: string): readonly string[] {
  let last = index;
  for (; last + 1 < numbers.length; last++)
    if (!/^\s*\/\s*$/.test(text.slice(numbers[last]?.afterUnit, numbers[last + 1]?.start))) break;
  const others = last - index;
  if (others === 0) return [];
  const parts = left
    .slice(left.search(/[^,;|{}\]]*$/))
    .replace(/\)?\s*[:=(]*\s*$/, "")
    .split(/ ?\/ ?/);
  const first = parts.slice(0, -others).join("/");
  const rest = parts.slice(-others);
  const isNamed = parts.length > others && /[\p{L}_]$/u.test(first);
  return isNamed && rest.every((name) => /^\p{L}[\p{L}_ ]*$/u.test(name)) ? [first, ...rest] : [];
}

const QUANTITY_WORD = /^\s*(?:free|avail|used|left|largest|biggest|max|min|total)/i;

/** Prometheus: esp_free_heap_bytes{caps="internal",core="0"} 180344. Of its labels only the kind of memory is told. */
function metricBefore(text: string): string | undefined {
  if (!/\}\s*$/.test(text)) return undefined;
  const [, metric, labels = ""] = /([A-Za-z_]\w*)\{([^{}]*)\}\s*$/.exec(text.slice(-MOST_LETTERS)) ?? [];
  if (metric === undefined) return undefined;
  const kind = labels.match(/(?<=")[^"]+(?=")/g)?.find((value) => kindOf(wordsOf(value)) !== undefined);
  return kind === undefined ? metric : `${metric} ${kind}`;
}

/** A row that its first cell names: `FREE_HEAP,98200,0`. */
const TAGGED = /^\s*"?([A-Za-z][A-Za-z]*[_ ][A-Za-z_ ]{1,24})"?[,;]\s*$/;

function tagOf(left: string): string | undefined {
  const [, tag] = TAGGED.exec(left) ?? [];
  const isFigure =
    tag !== undefined && typeof meaningOf(wordsOf(tag), { named: false, memory: "any" }, false) !== "string";
  return isFigure ? tag : undefined;
}

/** The words since the last separator; a separator at the very end (`heap: (`) does not cut. */
function lastClause(left: string): string {
  // Erlang and Elixir: {esp32_free_heap_size,224512}
  const paired = /\{\s*:?["']?([A-Za-z]\w*_\w+)["']?,\s*$/.exec(left)?.[1];
  if (paired !== undefined) return paired;
  const end = left.replace(/[\s"'()[\]{:=|;]+$/, "").length;
  for (let at = end - 1; at >= 0; at--) {
    const letter = left[at] ?? "";
    // "heap low (free=8120 < 10000)"
    if (letter === "(" && QUANTITY_WORD.test(left.slice(at + 1))) return left.slice(at + 1);
    const isSlash = letter === "/" && /[\s\d]/.test(left[at - 1] ?? " ");
    const isBracket = letter === ")" && left[at - 1] !== "(" && left[at - 1] !== undefined;
    if (",;|{}".includes(letter) || isSlash || isBracket || letter === "]") return left.slice(at + 1);
  }
  return left;
}

/**
 * `118432/294912 bytes free`, `23276 of 163984 used`: a part and the whole.
 * @param before the words before both
 */
function pairOf(
  text: string,
  numbers: readonly LineNumber[],
  index: number,
  before: string,
): { readonly words: string; readonly label: string; readonly quantity: (told: Quantity) => Quantity } | undefined {
  const first = isPair(text, numbers, index) ? index : isPair(text, numbers, index - 1) ? index - 1 : undefined;
  if (first === undefined) return undefined;
  const second = numbers[first + 1];
  if (second === undefined) return undefined;
  const rest = text.slice(second.afterUnit, numbers[first + 2]?.start ?? text.length);
  const clause = rest.replace(/[,;|({[].*/s, "");
  // "sram 98/290 kB psram 7/8 MB": they lead to the next number.
  const leadsOn = clause === rest && numbers[first + 2] !== undefined && /\p{L}/u.test(before);
  const after = leadsOn ? (OWN_WORD.exec(rest)?.[0] ?? "") : clause;
  const words = `${before} ${after}`;
  return {
    words: `${words} ${text.slice(numbers[first]?.afterUnit, second.start)}`,
    label: before.trim() || after.trim(),
    quantity: (told) => (first === index ? (told === "total" ? "free" : told) : "total"),
  };
}

function isPair(text: string, numbers: readonly LineNumber[], index: number): boolean {
  const first = numbers[index];
  const second = numbers[index + 1];
  if (first === undefined || second === undefined || second.signed || first.signed) return false;
  if (second.value < first.value) return false;
  const between = text.slice(first.afterUnit, second.start);
  // "dram":[120000,327680]
  const isArray = /^, ?$/.test(between) && /[\w"'] ?[:=] ?\[ ?$/.test(text.slice(0, first.start)) && /^ ?\]/.test(text.slice(second.afterUnit)); // prettier-ignore
  return (
    isArray || /^\s*(?:bytes\s*)?(?:free|used|left|available)?\s*(?:\/|of|out of|from)\s*(?:total )?$/i.test(between)
  );
}
