// What a series is called, and what its figures are taken for.

import { LVGL_POOL } from "../wire/series-labels.ts";
import type { Meaning } from "./memory-words.ts";
import type { FigureMemory } from "../wire/log-records.ts";

/** Of what stands beside a number, as much is looked at. */
const MOST_LETTERS = 200;

/** `chip=A1B2 fw=1.4.2 heap_free`: whose figure it is stands in the line. */
const OTHER_FIELDS = /^(?:[\w.-]+=[^\s=]+\s+)+(?=\p{L})/u;

/** The words beside a number, without what only sets them off. */
export function labelOf(label: string, quote: string): string {
  const words = label
    .slice(-MOST_LETTERS)
    .replace(/["'“”\\]/g, "")
    .replace(/^[\s:|│>*)}=~#-]+|[\s:=|│([>]+$/g, "")
    .replace(/^[[(](?=[^()[\]]*$)/, "")
    .replace(OTHER_FIELDS, "")
    .trim();
  return words === "" ? quote.slice(0, 40) : words.slice(-60);
}

/** Whose memory a line tells of, before the words of its label: nothing for the heap. */
export function poolOf(text: string, tags: readonly string[]): string {
  return /\blv_\w|^\W*lvgl\b/i.test(text) || tags.some((tag) => /^lv(?:gl|_)/i.test(tag)) ? LVGL_POOL : "";
}

const MEMORIES: Readonly<Record<FigureMemory, string>> = {
  any: "",
  internal: "internal ",
  dma: "DMA-capable ",
  psram: "PSRAM ",
};

/** What a figure was taken for. */
export function describe({ quantity, memory }: Pick<Meaning, "quantity" | "memory">): string {
  const what = {
    free: "free memory",
    size: "free memory, presumably",
    largest: "largest free block",
    minimum: "least ever free",
    used: "used memory",
    total: "total memory",
    fragmentation: "fragmentation",
    change: "change of free memory",
    loss: "loss of memory",
    unnamed: "largest free block or least ever free, as it behaves",
  }[quantity];
  return `${MEMORIES[memory]}${what}`;
}
