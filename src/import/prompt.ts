// What an interpreter or a console was asked for at its prompt, whose answer stands below it.

/** Letters of a call at a prompt. */
const MOST_OF_CALL = 64;

/** `>>> gc.mem_free()`, `> =node.heap()`: a call at a prompt, whose value is printed below it. */
export function askedIn(text: string): string | undefined {
  if (text.length > MOST_OF_CALL) return undefined;
  // ESP-IDF's console prints a number alone.
  if (/^\S{0,24}> ?free\s*$/i.test(text)) return "free heap";
  if (!text.includes("()")) return undefined;
  if (/^[>=\s]*node\.free\(\)\s*$/.test(text)) return "node.free() heap";
  return /^[>=\s]*((?:[a-z_]\w*[.:])*\w*(?:heap|mem)\w*\(\))\s*$/i.exec(text)?.[1];
}
