// Heaps of interpreters, which fall until a collection gives garbage back.

import type { LogSeries } from "./read-series.ts";

/** MicroPython's and Lua's own words, and those of others beside a word for memory. */
const INTERPRETER =
  /\bgc\.(?:mem_|allocated|count)|^GC: total|\bgc ?#|\bnode\.(?:heap|free)\(|\bcollectgarbage\b|\b(?:lua|js|jerry\w*|mjs|berry|bry|duk(?:tape)?|quickjs|wren|micropython|circuitpython|mpy|python|m?ruby|toit|u?lisp|vm)[ _.-]?(?:heap|mem\w*|gc|ram|free|used|alloc\w*)\b/i;
/** `alloc: 30000 free: 70000`, and no other word of memory. */
const BOTH =
  /\balloc(?:ated)?\b["']?\s?[:=]?\s?\d+[^a-z]{1,8}free\b|\bfree\b["']?\s?[:=]?\s?\d+[^a-z]{1,8}alloc(?:ated)?\b/i;
const OF_A_HEAP = /heap|largest|block|psram|spiram|internal|dma|min/i;

/** The heap of an interpreter, as its line says. */
export function mayBeCollected({ quote }: Pick<LogSeries, "quote">): boolean {
  return INTERPRETER.test(quote) && !isCollected({ quote });
}

/** Told right after a collection: `after collect: GC: total: …`, `collected_free = 72144`. */
export function isCollected({ quote }: Pick<LogSeries, "quote">): boolean {
  return /\b(?:after|post)[ _-](?:gc[. _]?)?(?:collect\w*|gc)\b|\bcollected[ _]?(?:free|mem)/i.test(quote);
}

/** It may be one. */
export function looksCollected({ quote }: Pick<LogSeries, "quote">): boolean {
  return BOTH.test(quote) && !OF_A_HEAP.test(quote);
}
