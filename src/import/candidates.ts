// Numbers of a log that behave like free memory although no word says so: where nothing else is found, they are offered by name.

import { figuresOf } from "./figures.ts";
import type { LogLine } from "./log-text.ts";
import { templateOf } from "./template.ts";

interface Candidate {
  readonly label: string;
  readonly line: number;
  readonly first: number;
  last: number;
  lowest: number;
  highest: number;
  count: number;
  falls: number;
}

/** What a chip may have free, in bytes. */
const LEAST = 2048;
const MOST = 2 ** 23;
const MOST_TEMPLATES = 256;
const ENOUGH = 5;

/** Why a number is no figure of memory, where nothing speaks against it but its words. */
const UNTOLD: ReadonlySet<string> = new Set(["no word of memory", "its words name no figure of memory"]);

export class CandidateFinder {
  private readonly templates = new Map<number, (Candidate | undefined)[]>();

  line({ text, tags, number }: Pick<LogLine, "text" | "tags" | "number">): void {
    if (!/\d{4}/.test(text)) return;
    const key = templateOf(text, tags);
    if (!this.templates.has(key) && this.templates.size >= MOST_TEMPLATES) return;
    const figures = figuresOf(text, tags);
    const known = this.templates.get(key) ?? figures.map(() => undefined);
    this.templates.set(key, known);
    figures.forEach(({ value, unit, label, meaning }, i) => {
      const before = known[i];
      if (before === undefined) {
        if (typeof meaning !== "string" || !UNTOLD.has(meaning) || unit === "percent") return;
        known[i] = {
          label,
          line: number,
          first: value,
          last: value,
          lowest: value,
          highest: value,
          count: 1,
          falls: 0,
        };
        return;
      }
      if (value < before.last) before.falls++;
      before.last = value;
      before.lowest = Math.min(before.lowest, value);
      before.highest = Math.max(before.highest, value);
      before.count++;
    });
  }

  /** Those that look most like it, best first. */
  best(): readonly Candidate[] {
    return [...this.templates.values()]
      .flat()
      .filter((one) => one !== undefined)
      .filter(
        ({ count, lowest, highest, falls }) =>
          count >= ENOUGH && lowest >= LEAST && highest <= MOST && lowest > highest / 8 && falls * 4 >= count - 1,
      )
      .sort((a, b) => b.count - a.count)
      .slice(0, 3);
  }
}

export function sayCandidate({ label, line, first, last, count }: Candidate): string {
  const words = label.replace(/^[\s\W]+|[\s=:[(]+$/g, "");
  const named = words === "" ? "the number that stands alone" : `“${words}”`;
  return `${named} (line ${line}: ${first} … ${last} in ${count} lines): --series 'free=${words}'`;
}
