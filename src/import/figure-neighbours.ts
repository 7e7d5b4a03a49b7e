// What the figures of a line say of each other: bare words and letters that only a neighbour makes figures of memory, columns without names behind what
// is free, and figures that another one shows to be something else.

import { FIGURE_OF_BYTES, type Figure } from "./figure.ts";
import {
  countedNoun,
  isAboutMemoryAlone,
  type Meaning,
  namesStore,
  NO_FIGURE,
  NO_WORD,
  type Quantity,
  wordsOf,
} from "./memory-words.ts";

/**
 * @param speaker who says it
 * @param isNamed the line or its speaker names memory
 */
export function confirmedByOthers(
  figures: readonly Figure[],
  text: string,
  speaker: string,
  isNamed: boolean,
): readonly Figure[] {
  const isAlone = isAboutMemoryAlone(wordsOf(`${speaker} ${text}`));
  const plain = withoutStatistics(figures);
  const all = isAlone ? underHeap(plain, [text, `${speaker} ${text}`]) : plain;
  const isOfStore = namesStore(wordsOf(`${speaker} ${text.slice(0, text.search(/\d/))}`));
  return confirmed(blocksBeside(all), text, { isAlone, isNamed, isOfStore });
}

const STATISTIC = /^(?:max|maximum|min|minimum|avg|average|mean)$/;
/** Kinds of memory in letters that name other things as well. */
const SHORT_KIND = /^\W*(?:int|ext|dma|spi)\W*$/i;

/** `adc max 4095 min 1200`: of something else; `int 4095`: too little for a kind of memory, and too much for its KiB. */
function withoutStatistics(figures: readonly Figure[]): readonly Figure[] {
  let noun: string | undefined;
  return figures.map((figure, i) => {
    const { label, unit, value, meaning } = figure;
    const words = wordsOf(label);
    const own = countedNoun(words);
    const isStatistic = unit === "none" && words.some((word) => STATISTIC.test(word));
    const goesOn = words.length === 1 && !/^\s*[|;]/.test(label);
    noun = isStatistic ? (own ?? (goesOn ? noun : undefined)) : undefined;
    if (typeof meaning === "string" || meaning.isNamed) return figure;
    if (noun !== undefined) return { ...figure, meaning: `it is about “${noun}”` };
    if (isOfNumberBefore(figures, i)) return { ...figure, meaning: "it is about the number before it" };
    const isOther = SHORT_KIND.test(label) && unit === "none" && value >= 1000 && value < 8192;
    return isOther ? { ...figure, meaning: NO_WORD } : figure;
  });
}

const EXTREME = /^(?:max|min)(?:imum)?$/;

/** `mV=2450 max=3300 min=812 heap=201173`: both stand behind a number that is no memory, and before the first that names memory. */
function isOfNumberBefore(figures: readonly Figure[], index: number): boolean {
  const isExtreme = (figure: Figure | undefined): boolean => {
    const words = wordsOf(figure?.label ?? "");
    return words.length === 1 && EXTREME.test(words[0] ?? "");
  };
  const first = isExtreme(figures[index - 1]) ? index - 1 : index;
  const [before, ...extremes] = [figures[first - 1], figures[first], figures[first + 1]];
  if (before === undefined || !extremes.every(isExtreme)) return false;
  const isOther = typeof before.meaning === "string" || countedNoun(wordsOf(before.label)) !== undefined;
  if (!isOther || extremes.some((one) => one !== undefined && one.value >= FIGURE_OF_BYTES)) return false;
  const isNamed = ({ meaning }: Figure): boolean => typeof meaning !== "string" && meaning.isNamed;
  return !figures.slice(0, first).some(isNamed);
}

/** Bytes that go somewhere, or a place. */
const MOVED =
  /\b(?:wr[io]t\w*|read\w*|sent|send\w*|rec(?:v|eiv\w+)|cop(?:y|ied)|dump\w*|load\w*|sav\w+|clear\w*|at|addr\w*|offset|size|took)\b/i;

/** `[heap] after display: 171000`: a line that begins with memory, without or with who speaks (`texts`), and has one number. */
function underHeap(figures: readonly Figure[], texts: readonly string[]): readonly Figure[] {
  const [only] = figures;
  if (only === undefined || figures.length > 1 || only.meaning !== NO_FIGURE || only.unit === "percent") return figures;
  const isHeap = texts.some((text) => /^\W*(?:heap|mem|memory|ram)\b/i.test(text)) && wordsOf(only.label).length <= 4;
  const isPlausible = only.value >= 4096 && only.value < 2 ** 23 && !MOVED.test(only.label);
  return isHeap && isPlausible ? [{ ...only, meaning: { quantity: "size", memory: "any", isNamed: true } }] : figures;
}

/** `heap 38120 block 11264`: a block alone is the largest one, where it fits into what is free. */
function blocksBeside(figures: readonly Figure[]): readonly Figure[] {
  const free = figures.find(
    ({ meaning, value, label }) =>
      typeof meaning !== "string" &&
      /^(?:free|size)$/.test(meaning.quantity) &&
      (meaning.isNamed || (value >= 2048 && /^\W*free\W*$/i.test(label))),
  );
  if (free === undefined || typeof free.meaning === "string") return figures;
  const { memory, isNamed } = free.meaning;
  return figures.map((figure) =>
    (figure.meaning === NO_FIGURE || (!isNamed && figure.index > free.index && figure.meaning === NO_WORD)) &&
    figure.value >= 256 &&
    figure.value <= free.value &&
    /^\W*(?:block|blk)\W*$/i.test(figure.label)
      ? { ...figure, meaning: { quantity: "largest", memory, isNamed } }
      : figure,
  );
}

const COUNTABLE: ReadonlySet<Quantity> = new Set(["free", "minimum", "used"]);

/** `OTA remaining 1048576 bytes, heap 120944`: of the update. */
const IS_REST = /(?:remaining|remain|left|rem)\W*$|^(?:bytes )?(?:remaining|left)\b/i;

/** `tokens left 9000`, of a noun in the plural. */
const COUNTED_REST = /[a-z][^suiSUI\W\d_]s (?:left|remaining)\W*$/i;

/** What a line speaks of. */
interface Subject {
  /** Of nothing else that could be free. */
  readonly isAlone: boolean;
  /** It or its speaker names memory. */
  readonly isNamed: boolean;
  /** `[fs] free 1400k`: it begins with what keeps files. */
  readonly isOfStore: boolean;
}

/** `alloc 1000 free 998 live 2`, beside a heap that is told by name and has more free than both: how often. */
function countsFrees(figures: readonly Figure[], index: number): boolean {
  const [before, figure] = [figures[index - 1], figures[index]];
  if (before === undefined || figure === undefined || before.value < figure.value) return false;
  const isOfWord = ({ label, unit }: Figure, word: RegExp): boolean => unit === "none" && word.test(label);
  const isHeap = ({ meaning, value }: Figure): boolean =>
    typeof meaning !== "string" && meaning.isNamed && /^(?:free|size)$/.test(meaning.quantity) && value > before.value + figure.value; // prettier-ignore
  return isOfWord(before, /\bm?allocs?\W*$/i) && isOfWord(figure, /^\W*frees?\W*$/i) && figures.some(isHeap);
}

/** Bare words such as `free: 1 | max: 2` count where several of one line are figures of memory, or one of them names it. */
function confirmed(
  figures: readonly Figure[],
  text: string,
  { isAlone, isNamed, isOfStore }: Subject,
): readonly Figure[] {
  const told = figures.flatMap(({ meaning }) => (typeof meaning === "string" ? [] : [meaning]));
  const bare = new Set(told.filter(({ isNamed }) => !isNamed).map(({ quantity }) => quantity));
  const isLone = ({ unit, value, label }: Figure): boolean =>
    (unit === "bytes" &&
      !isOfStore &&
      value >= 1024 &&
      value < 2 ** 25 &&
      wordsOf(label).length <= 2 &&
      /\bfree\b/.test(wordsOf(label).join(" "))) ||
    // "free 30296, sockets 2": nothing else is counted in such numbers.
    (unit === "none" &&
      isAlone &&
      value >= 2048 &&
      value < 2 ** 23 &&
      // What a heap has free is a multiple of four.
      (value % 4 === 0 ? /^free(?: size)?$/ : /^free$/).test(wordsOf(label).join(" ")));
  const someNamed = told.some(({ isNamed }) => isNamed);
  // "dma_free=5200 total_free=2101248"
  const isOfKinds = told.some(({ quantity, memory }) => quantity === "free" && memory !== "any");
  const isToldFree = told.some(({ isNamed, quantity }) => isNamed && (quantity === "free" || quantity === "size"));
  const quantities = new Set<Quantity>(["free", "largest", "fragmentation", "minimum"]);
  const short = abbreviated(figures, isNamed) ?? unnamedColumns(figures, text);
  if (short !== undefined) return short;
  const enough = [...bare].filter((quantity) => quantities.has(quantity)).length >= 2;
  /** `freeMem 181 … freeApp 1984`: beside what names no noun it is about that noun. */
  const isPlainBeside = (told: Meaning, one: Figure): boolean =>
    figures.some(
      ({ meaning, label }, i) =>
        figures[i] !== one &&
        typeof meaning !== "string" &&
        meaning.quantity === told.quantity &&
        meaning.memory === told.memory &&
        countedNoun(wordsOf(label)) === undefined,
    );
  const isInBytes = figures.some(({ value, meaning }) => typeof meaning !== "string" && value >= FIGURE_OF_BYTES);
  const heap = figures.find(({ label }) => /^"heap"\s*:$/i.test(label));
  return figures.map((figure, index) => {
    const { meaning } = figure;
    // Tasmota's "Free" beside its "Heap" is flash.
    if (heap !== undefined && typeof heap.meaning !== "string" && /^"free"\s*:$/i.test(figure.label)) {
      return { ...figure, meaning: "“Heap” beside it is the figure of memory" };
    }
    if (typeof meaning === "string") return figure;
    const counted =
      figure.unit === "none" && figure.value < 1000 && isInBytes ? countedNoun(wordsOf(figure.label)) : undefined;
    if (counted !== undefined && COUNTABLE.has(meaning.quantity))
      return { ...figure, meaning: `it counts “${counted}”` };
    // "free: 231288 (alloc: 36356), blocks free: 6 (alloc: 97, total: 103)"
    if (figure.unit === "none" && figure.value < 1000 && isInBytes && /^(?:used|total)$/.test(meaning.quantity))
      return { ...figure, meaning: "it is too small beside bytes: a count" };
    // LVGL's "size: 65536, free: 12304"
    const isWhole = (other: Figure): boolean =>
      typeof other.meaning !== "string" &&
      other.meaning.quantity === "free" &&
      other.meaning.memory === meaning.memory &&
      other.value < figure.value;
    if (meaning.quantity === "size" && wordsOf(figure.label).at(-1) === "size" && figures.some(isWhole))
      return { ...figure, meaning: { ...meaning, quantity: "total" } };
    // "freeHeap=162448 maxHeap=109568"
    if (meaning.quantity === "size" && wordsOf(figure.label).some((word) => word === "max" || word === "maximum")) {
      const free = figures.find((other) => typeof other.meaning !== "string" && other.meaning.quantity === "free" && other.meaning.memory === meaning.memory); // prettier-ignore
      if (free !== undefined)
        return { ...figure, meaning: { ...meaning, quantity: figure.value <= free.value ? "largest" : "total" } };
    }
    if (
      meaning.quantity === "free" &&
      figure.unit === "none" &&
      COUNTED_REST.test(figure.label) &&
      countedNoun(wordsOf(figure.label)) !== undefined
    )
      return { ...figure, meaning: "it counts what is left of something" };
    if (meaning.isNamed) return figure;
    // "peers 3/20 free 17 mem 151040"
    if (
      isToldFree &&
      isInBytes &&
      meaning.memory === "any" &&
      meaning.quantity === "free" &&
      figure.unit === "none" &&
      figure.value < 1000
    )
      // prettier-ignore
      return { ...figure, meaning: "it is too small beside bytes: a count" };
    if (countsFrees(figures, index)) return { ...figure, meaning: "it counts what was freed" };
    if (isToldFree && IS_REST.test(figure.label.trim()))
      return { ...figure, meaning: "what is free is told beside it" };
    if (meaning.memory !== "any" && (meaning.quantity !== "total" || bare.size > 1)) return figure;
    if (meaning.quantity === "free" && isLone(figure)) return figure;
    const noun = COUNTABLE.has(meaning.quantity) ? countedNoun(wordsOf(figure.label)) : undefined;
    const other = !enough || isPlainBeside(meaning, figure) ? noun : undefined;
    if (other !== undefined) return { ...figure, meaning: `it is about “${other}”` };
    const isAllOfKinds = isOfKinds && meaning.quantity === "free";
    return enough || isAllOfKinds || (someNamed && meaning.quantity !== "total")
      ? figure
      : { ...figure, meaning: NO_WORD };
  });
}

/** Of what is printed often, people keep the first letters: `H=183220 MB=110592 MIN=180112`, `"mem":{"f":92144,"m":61428,"b":49140}`. */
const ABBREVIATIONS: readonly (readonly [alone: RegExp, besideMemory: RegExp, Quantity])[] = [
  [/^(?:h|hp|fh|hf|fm)$/i, /^f$/i, "free"],
  [/^(?:mb|lb|mfb|lfb|mab|mxb|mblk|max)$/i, /^[bl]$/i, "largest"],
  [/^(?:min|mh|mfh|mhf|minh)$/i, /^m$/i, "minimum"],
];

/** Letters alone are memory where what they would mean fits: the largest block and the least ever free are no more than what is free. */
function abbreviated(figures: readonly Figure[], isBesideMemory: boolean): readonly Figure[] | undefined {
  if (figures.some(({ meaning }) => typeof meaning !== "string" && meaning.isNamed)) return undefined;
  const meanings = figures.map(({ label, unit, value }): Quantity | undefined => {
    const letters = /(?:^|[\s"'])([a-z]{1,4})["']?\s?[=:]$/i.exec(label)?.[1] ?? "";
    const [, , told] =
      ABBREVIATIONS.find(([alone, beside]) => alone.test(letters) || (isBesideMemory && beside.test(letters))) ?? [];
    return unit === "percent" || value < 1024 || value > 2 ** 23 || !Number.isInteger(value) ? undefined : told;
  });
  const of = (quantity: Quantity): number | undefined => figures[meanings.indexOf(quantity)]?.value;
  const free = of("free");
  const others = [of("largest"), of("minimum")].filter((value) => value !== undefined);
  if (free === undefined || others.length === 0 || others.some((value) => value > free)) return undefined;
  return figures.map((figure, i) => {
    const quantity = meanings[i];
    return quantity === undefined ? figure : { ...figure, meaning: { quantity, memory: "any", isNamed: true } };
  });
}

const COLUMNS = ["first", "second", "third", "fourth", "fifth", "sixth"];

const ROW_OF_MEMORY =
  /\b(?:heap|mem|memory|ram)\]?\s*[:=]?\s*\d+k?(?:\s*\/\s*\d+k?)+\s*(?:$|[,;|)\]}]|bytes?\b|[kK]?i?B\b)/i;

/** A kind of memory by its first letter, with what is free of it. */
const LETTER = /^\W*[IDP] ?[:=]$/;
/** `"heap":[132540,120100,65524]`, `"dram":[…]` */
const ARRAY = /\b\w*(?:heap|mem|memory|ram|internal|dma)["']?\s*[:=]\s*\[\s*$/i;

/** `[HEAP];132540;120100;65524`, `heap 143200/140020/65524`, `I:81234/45056 P:7912345/7864320`: numbers in columns behind what is free, none of them larger. */
function unnamedColumns(figures: readonly Figure[], text: string): readonly Figure[] | undefined {
  const isInRow = ROW_OF_MEMORY.test(text);
  const heads = isInRow ? /\b(?:heap|mem|memory|ram)\]?\s*[:=]?\s*$/i : /\b(?:heap|mem)\]?\s*[;,|]\s*$/i;
  const beginsRow = ({ meaning, label }: Figure): boolean =>
    typeof meaning !== "string" &&
    (meaning.quantity === "size" || (isInRow && meaning.quantity === "free")) &&
    (heads.test(label) || (meaning.isNamed && LETTER.test(label)) || ARRAY.test(label));
  let free: Figure | undefined;
  let column = 0;
  let hasRow = false;
  const columns = figures.map((figure) => {
    if (beginsRow(figure)) {
      free = figure;
      column = 0;
      hasRow = true;
      return figure;
    }
    if (free === undefined || typeof free.meaning === "string") return figure;
    if (typeof figure.meaning !== "string" && figure.meaning.quantity === "total") return figure;
    column++;
    if (!/^[\s;,|]*$/.test(figure.label) || figure.value > free.value || figure.value < 256) {
      free = undefined;
      return figure;
    }
    return {
      ...figure,
      label: `${free.label.replace(/["']?\s*[:=]\s*\[\s*$/, "")} ${COLUMNS[column] ?? "further"} column`,
      meaning: { quantity: "unnamed" as const, memory: free.meaning.memory, isNamed: true },
    };
  });
  return hasRow ? columns : undefined;
}
