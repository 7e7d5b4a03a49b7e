// What a series is called, and what its figures are taken for.

import { LVGL_POOL } from "../wire/series-labels.ts";
import type { Figure } from "./figure.ts";
import { numbersIn } from "./line-numbers.ts";
import type { Meaning } from "./memory-words.ts";
import type { FigureMemory } from "../wire/log-records.ts";

/** Of what stands beside a number, as much is looked at. */
const MOST_LETTERS = 200;

/** `chip=A1B2 fw=1.4.2 heap_free`: whose figure it is stands in the line. */
const OTHER_FIELDS = /^(?:[\w.-]+=[^\s=]+\s+)+(?=\p{L})/u;

const QUOTED_FIELDS = /^(?=[^"]*=")(?:[^\s=]+(?:=(?:"[^"]*"|[^\s="]+))?\s+)+(?=\p{L})/u;

/** The words beside a number, without what only sets them off. */
export function labelOf(label: string, quote: string): string {
  const words = label
    .slice(-MOST_LETTERS)
    // "</uptime><free_heap>", `level=info msg="memory" free=`
    .replace(/^.*<(?=[^<>]*>?\s*$)/s, "")
    .replace(QUOTED_FIELDS, "")
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

/** What tells the objects of a list apart. */
const ID = /["']?(?:id|name|node|mac|addr(?:ess)?|dev(?:ice)?|host)["']?\s*[:=]\s*["']?([\w:.-]{1,24})/gi;

/** `[{"id":1,"heap":31200},{"id":2,"heap":30400}]`: figures of one name in one line are several. */
export function namesApart(figures: readonly Figure[], text: string): readonly string[] {
  const nameOf = ({ label, meaning }: Figure): string =>
    typeof meaning === "string" ? "" : `${label}|${meaning.quantity}|${meaning.memory}`;
  const numbers = numbersIn(text);
  return figures.map((figure, i) => {
    const { label, index } = figure;
    const alike = figures.filter((other) => nameOf(other) === nameOf(figure));
    const start = numbers[index]?.start;
    if (nameOf(figure) === "" || alike.length < 2 || start === undefined) return label;
    const own = text.slice(0, start).replace(/.*[{[]/s, "");
    const id = [...own.matchAll(ID)].at(-1)?.[1] ?? String(figures.slice(0, i + 1).filter((other) => alike.includes(other)).length); // prettier-ignore
    return `${label} (${id})`;
  });
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
