// Sentences broken into lines.
import { columnsOf, safeText } from "../../base/safe-text.ts";

/** Columns to write for: the terminal's, at most 100; 80 in a pipe or a file. */
export function textWidth(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.min(100, Math.max(40, stream.columns)) : 80;
}

/**
 * Breaks at blanks. A word that is longer than a line stays whole: paths can be copied.
 * @param first what the first line begins with; the others are indented by as much
 */
export function wrap(text: string, width: number, first = ""): string[] {
  const indent = " ".repeat(columnsOf(first));
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of unbreakable(safeText(text))) {
    if (!empty && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines;
}

const UNIT = /^(B|[KMG]iB|%|µs|ms|s|min|h|d)[,.;:)]*$/;

/** Words; a number stays together with its unit. */
function unbreakable(text: string): string[] {
  const words: string[] = [];
  for (const word of text.split(/ +/)) {
    const last = words.at(-1);
    if (last !== undefined && UNIT.test(word) && /\d$/.test(last)) words[words.length - 1] = `${last} ${word}`;
    else words.push(word);
  }
  return words;
}
