// What the words beside a number say about memory: which figure it is (free, largest block …) and of which memory. Words are taken apart
// first (freeHeap, min_free_heap, SPIRAM), so that a hundred spellings are one vocabulary.
import type { FigureMemory, FigureQuantity } from "../wire/log-records.ts";
import { inEnglish, isForeign } from "./foreign-words.ts";

/** `change`, `loss`: how much more or less there is than before; `size`: what is free, or the total, or a part of it; `unnamed`: a column beside what is free, the largest block or the least ever free. Behaviour tells which. */
export type Quantity = FigureQuantity | "size" | "unnamed" | "change" | "loss";

export interface Meaning {
  readonly quantity: Quantity;
  readonly memory: FigureMemory;
  /** The words name memory; otherwise only neighbours on the line can confirm it. */
  readonly isNamed: boolean;
}

/** Words that compounds without a mark between them are made of, longest first. */
const PARTS = [
  "fragmentation", "contiguous", "available", "allocated", "remaining", "minimum", "maximum", "largest", "biggest", "internal", "external",
  "fragment", "spiram", "memory", "minimal", "lowest", "sketch", "psram", "block", "total", "avail", "alloc", "flash", "stack", "usage", "bytes",
  "heap", "dram", "sram", "free", "used", "size", "frag", "task", "intern", "mem", "ram", "min", "max", "blk", "larg", "int", "ext", "low", "get", "esp",
].sort((a, b) => b.length - a.length); // prettier-ignore

const KNOWN = new Set(PARTS);

/** `Free 8-bit 104000`: memory by how it is reached. */
const REACHED_BY_BYTES =
  /(?<=(?:free|largest|min(?:imum)?|avail\w*|used)[ _-])8-?bit\b|\b8-?bit(?=[ _-](?:free|largest|min|avail|used)\b(?!-))/gi;

/** Lower-case words; camelCase, snake_case and compounds of known words are taken apart. */
export function wordsOf(text: string): string[] {
  const english = isForeign(text) ? inEnglish(text) : text;
  const spaced = (english.includes("bit") ? english.replace(REACHED_BY_BYTES, "memory") : english)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2");
  const words: string[] = [];
  for (const word of spaced.toLowerCase().match(/\p{L}+/gu) ?? []) words.push(...(partsOf(word) ?? [word]));
  return words;
}

function partsOf(word: string): string[] | undefined {
  if (KNOWN.has(word)) return [word];
  for (const part of PARTS) {
    if (part.length >= word.length || !word.startsWith(part)) continue;
    const rest = partsOf(word.slice(part.length));
    if (rest !== undefined) return [part, ...rest];
  }
  return undefined;
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const HEAP = set("heap mem memory ram dram sram psram spiram malloc gc umm iram uordblks fordblks");
const FREE = set("free avail available left remaining rem libre frei fordblks");
const LARGEST = set(
  "groesster groesste grosster largest larg biggest big contiguous lfb largestblock maxblock mfb mayor maior",
);
const MINIMUM = set("min minimum minimal lowest least low lwm watermark ever worst");
const USED = set("used use using usage allocated inuse occupied consumed belegt uordblks");
const TOTAL = set("total capacity");
const FRAGMENTATION = set("frag fragmentation fragmented fragment");
const BLOCK = set("block blk chunk sz alloc allocatable bloque bloco bloc");
const INTERNAL = set("internal int intern inter dram sram onchip");
const PSRAM = set("psram psr spiram spi external ext extern");
const DMA = set("dma");
/** Other things that are full, free or left. */
const OTHER = set(
  "stack flash sketch disk fs spiffs littlefs sd card storage nvs partition ota eeprom queue slots slot parking spaces space seats " +
    "buffers buf buffer ringbuf ringbuffer fifo packets sockets connections handles timers tasks entries file files inodes clusters cpu battery rtc video gpu texture " +
    "sms sim himem retention channels channel hands licenses days minutes seconds",
);
/** Of these, those of which thousands can be free. */
const PLACES = set(
  "stack flash sketch disk fs spiffs littlefs sd card storage nvs partition ota eeprom parking spaces space seats entries file files inodes clusters sectors himem",
);
/** The number is a change, a limit or a wish, and no state. */
const NO_STATE = set(
  "delta diff difference change changed lost leaked leak since by need needs needed require required requires requested request threshold " +
    "exception limit below alloc_size grow grew growth peak hwm minus plus cost costs saved found detected history adding added reserving reserved allocating",
);

/** Of these, those that also name the occasion of a reading. */
const OCCASIONS = set(
  "request requests requested requires required need needs since by cost costs grow leak leaked saved peak plus minus",
);

/** Nouns that make a figure of memory even beside one of the other things: "free heap after flash write". */
const STRONG = set("heap psram spiram dram sram malloc umm");

const ALL = new Set(
  [
    HEAP,
    FREE,
    LARGEST,
    MINIMUM,
    USED,
    TOTAL,
    FRAGMENTATION,
    BLOCK,
    INTERNAL,
    PSRAM,
    DMA,
    OTHER,
    NO_STATE,
    ["max", "bytes"],
  ].flatMap((words) => [...words]),
);

/** True for a word that tells of memory, or of what could be taken for it. */
export function isMemoryWord(word: string): boolean {
  return ALL.has(word);
}

/** Words that name something else that is full, free or left: a row `spiffs 1378241 230000` of a table. */
export function namesOther(words: readonly string[]): boolean {
  return words.some((word) => OTHER.has(word)) && !words.some((word) => STRONG.has(word));
}

const STORES = set("disk fs spiffs littlefs fatfs sd sdcard card storage nvs eeprom");

/** What keeps files. */
export function namesStore(words: readonly string[]): boolean {
  return words.some((word) => STORES.has(word));
}

/** True where a line speaks of nothing else that could be free. */
export function isAboutMemoryAlone(words: readonly string[]): boolean {
  return !words.some((word) => PLACES.has(word) || NO_STATE.has(word));
}

/** What a heap of something else has, and what is done with memory. */
const MEASURED = set(
  "dump dumped wrote written copied oben unten mitte fullstand füllstand temp temperature temperatur humidity moisture pressure voltage weight position angle speed distance",
);

/** Right before a number: a place in the source. */
const LINE_NUMBER = set("line lineno ln");

/** Right before a number: how often. */
const COUNTS = set("count counter cnt calls times");

/** Right before a number: how often, or which. */
const COUNTERS = set(
  "count counter cnt number num nr no iteration iter index idx id cycle loop round seq run pass step",
);

/** Of these, those that are counted; "heap after tasks: 120000" tells when. */
const COUNTED = set("entries slots sockets packets connections handles timers tasks items records files tx rx");
const OCCASION = set("before after during when with without");

const MOMENTS = set("before after start begin end now current");
const BYTES = set("byte bytes kb kib mb mib kilobytes megabytes octets");
/** Of a high-water mark; before "memory" they are none. */
const WATERMARK = set("water high mark");
/** Words that leave open what is counted. */
const OPEN: ReadonlySet<string> = new Set([
  ...KNOWN, ...FREE, ...LARGEST, ...MINIMUM, ...USED, ...TOTAL, ...FRAGMENTATION, ...BLOCK, ...INTERNAL, ...PSRAM, ...DMA, ...MOMENTS, ...BYTES,
  ...set("max maximum cur curr still is was are in of the for at on and so far a an val value"), ...WATERMARK,
]); // prettier-ignore

/** A noun that is no memory and that some number of is free: `msys free 9`. */
export function countedNoun(words: readonly string[]): string | undefined {
  if (words.some((word) => HEAP.has(word) || BYTES.has(word))) return undefined;
  return words.find((word) => word.length > 1 && !OPEN.has(word));
}

const VAGUE = set("memory mem");

/** Its only noun of memory is "memory" itself, which other things have as well. */
export function isVaguelyNamed(label: string): boolean {
  const words = wordsOf(label);
  return words.some((word) => VAGUE.has(word)) && !words.some((word) => HEAP.has(word) && !VAGUE.has(word));
}

/** `water memory`: right before it stands another noun. */
export function isOfAnotherMemory(label: string): boolean {
  const words = wordsOf(label);
  const owner = words[words.findIndex((word) => VAGUE.has(word)) - 1];
  return owner !== undefined && (WATERMARK.has(owner) || countedNoun([owner]) !== undefined);
}

export interface Context {
  /** Memory was named earlier on the line. */
  named: boolean;
  memory: FigureMemory;
  /** The line tells kinds of memory by their first letters. */
  readonly isByLetter?: boolean;
}

const LETTERS: Readonly<Record<string, string>> = { i: "internal", d: "dram", p: "psram" };

/** What asks for memory: `ps_malloc 6291456 ok`. */
const REQUESTS = set("malloc calloc realloc");
/** Nothing but a heap has one. */
const OF_A_HEAP = /\bmax alloc\b|\b(?:largest|biggest|max) (?:free|contiguous) (?:block|blk|chunk)\b/;

export const NO_WORD = "no word of memory";
export const NO_FIGURE = "its words name no figure of memory";

/** @param told words of the label @param before what stands earlier on the line; it is brought up to date */
export function meaningOf(told: readonly string[], before: Context, isPercent: boolean): Meaning | string {
  // "int 80000 ps 4000000": beside another kind of memory two letters are enough.
  const isLetter = before.isByLetter === true && before.named && told.length === 1;
  const words = isLetter
    ? told.map((word) => LETTERS[word] ?? word)
    : before.memory === "any"
      ? told
      : told.map((word) => (word === "ps" ? "psram" : word));
  const has = (vocabulary: ReadonlySet<string>): boolean => words.some((word) => vocabulary.has(word));
  const own = kindOf(words);
  if (own !== undefined) before.memory = own;
  const other = words.find((word) => OTHER.has(word));
  if (other !== undefined && !words.some((word) => STRONG.has(word) || PSRAM.has(word))) {
    return `it is about ${other}`;
  }
  const lastWord = words.at(-1) ?? "";
  if (LINE_NUMBER.has(lastWord)) return "it is a line's number";
  if (COUNTED.has(lastWord) && !has(OCCASION)) return `it counts “${lastWord}”`;
  const measured = words.findLastIndex((word) => MEASURED.has(word));
  if (measured > words.findLastIndex((word) => HEAP.has(word))) return `it is about ${words[measured] ?? ""}`;
  const isNamed = has(HEAP) || before.named || OF_A_HEAP.test(words.join(" "));
  if (has(HEAP)) before.named = true;
  if (
    words.some(
      (word, i) =>
        word === "stack" && ["size", "free", "left", "water", "high", "min", "used"].includes(words[i + 1] ?? ""),
    )
  ) {
    return "it is about a stack";
  }
  if (REQUESTS.has(words.at(-1) ?? "") && !has(FREE) && !has(USED)) return "it is what was asked for";
  // "Free heap before the request" is a reading all the same.
  const isPlain = has(FREE) && has(HEAP);
  const noState = words.find((word) => NO_STATE.has(word) && !(isPlain && OCCASIONS.has(word)));
  if (noState !== undefined && !(has(FREE) && noState === "below")) return `“${noState}” makes it no reading`;
  const quantity = quantityOf(words, has, isPercent, isNamed);
  if (quantity === undefined) return isNamed ? NO_FIGURE : NO_WORD;
  // heap_alloc_bytes_total, as Prometheus names what only grows.
  if (quantity === "total" && lastWord === "total" && words.some((word) => /^(?:allocs?|frees|freed)$/.test(word))) return "it counts up all that was asked for"; // prettier-ignore
  if (COUNTS.has(lastWord)) return `it counts, as “${lastWord}” says`;
  return { quantity, memory: before.memory, isNamed };
}

/** The kind of memory that words name. */
export function kindOf(words: readonly string[]): FigureMemory | undefined {
  if (words.some((word) => DMA.has(word))) return "dma";
  if (words.some((word) => PSRAM.has(word))) return "psram";
  return words.some((word) => INTERNAL.has(word)) ? "internal" : undefined;
}

function quantityOf(
  words: readonly string[],
  has: (vocabulary: ReadonlySet<string>) => boolean,
  isPercent: boolean,
  isNamed: boolean,
): Quantity | undefined {
  const isMax = words.includes("max") || words.includes("maximum");
  // "Max heap fragment: 62112"
  if (words.includes("fragment") && !isPercent && (isMax || has(LARGEST))) return "largest";
  if (has(FRAGMENTATION)) return isPercent || !has(FREE) ? "fragmentation" : undefined;
  if (has(LARGEST) || (isMax && (has(BLOCK) || has(FREE)) && !has(USED)) || (isMax && words.length === 1)) {
    return has(MINIMUM) ? undefined : "largest";
  }
  // `gc.mem_alloc()` beside `gc.mem_free()`.
  if (words.at(-1) === "alloc" && !isMax && words.every((word) => HEAP.has(word) || word === "alloc")) return "used";
  if (has(BLOCK) && !has(FREE) && !words.includes("heap")) return undefined;
  // "Low memory: 5120 bytes" warns of what is free now.
  const isWarning = words.some(
    (word, i) => word === "low" && (words[i + 1] === "memory" || /^(?:ram|heap)$/.test(words[i + 1] ?? "")),
  );
  if (isWarning && words.filter((word) => MINIMUM.has(word)).length === 1) return "free";
  if (has(MINIMUM)) return has(USED) ? undefined : "minimum";
  if (has(FREE)) return has(USED) && isPercent ? "used" : "free";
  if (has(USED)) return isMax ? undefined : "used";
  if (has(TOTAL)) return "total";
  if (isPercent) return words.some((word) => HEAP.has(word)) && words.length <= 3 ? "used" : undefined;
  // "[mem] before=180000 after=179936"
  if (isNamed && words.length === 1 && MOMENTS.has(words[0] ?? "")) return "size";
  // "MEM: Count: 6"
  if (COUNTERS.has(words.at(-1) ?? "")) return undefined;
  // "Heap: 23456" and "heap size 23456": what is left, as everybody prints it; its behaviour has the last word.
  const occasion = words.findIndex((word) => word === "after" || word === "before");
  const last = (occasion > 0 ? words.slice(0, occasion) : words).filter(
    (word) =>
      !["bytes", "byte", "avg", "average", "mean", "is", "now", "value", "at", "the", "esp", "get"].includes(word),
  );
  const tail = last.slice(-3);
  if (
    tail.some((word) => HEAP.has(word)) ||
    (last.length <= 2 && kindOf(last) !== undefined && last.every((word) => OPEN.has(word)))
  )
    return "size";
  return undefined;
}
