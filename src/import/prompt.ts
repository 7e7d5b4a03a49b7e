// What an interpreter or a console was asked for at its prompt, or what a line announces, whose number stands alone below it.

import { meaningOf, wordsOf } from "./memory-words.ts";

/** Letters of a call at a prompt. */
const MOST_OF_CALL = 64;

/** `Free heap:`, and the number on the next line. */
const LABEL = /^\s*(\p{L}[\p{L} _.-]{2,40}?)\s*[:=]\s*$/u;

/** Node-RED's debug panel: the topic, and the number on the next line. */
const NODE_RED = /^\s*([\w./-]{3,60})\s*:\s*msg\.payload\s*:\s*number\s*$/;

/** `>>> gc.mem_free()`, `> =node.heap()`: a call at a prompt, whose value is printed below it. */
export function askedIn(text: string): string | undefined {
  if (text.length > MOST_OF_CALL) return undefined;
  // ESP-IDF's console prints a number alone.
  if (/^\S{0,24}> ?free\s*$/i.test(text)) return "free heap";
  const label = LABEL.exec(text)?.[1] ?? NODE_RED.exec(text)?.[1];
  if (label !== undefined) {
    const meaning = meaningOf(wordsOf(label), { named: false, memory: "any" }, false);
    if (typeof meaning === "string") return undefined;
    // "Largest block:" has no word of memory, and nothing else has one.
    return meaning.isNamed ? label : /^(?:largest|minimum)$/.test(meaning.quantity) ? `heap: ${label}` : undefined;
  }
  if (!text.includes("()")) return undefined;
  if (/^[>=\s]*node\.free\(\)\s*$/.test(text)) return "node.free() heap";
  return /^[>=\s]*((?:[a-z_]\w*[.:])*\w*(?:heap|mem)\w*\(\))\s*$/i.exec(text)?.[1];
}
