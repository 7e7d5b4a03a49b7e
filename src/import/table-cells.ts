// The cells of a table's row: CSV with quotes, columns of blanks, Markdown.

export interface Cell {
  /** As it stands there, with its quotes. */
  readonly text: string;
  readonly start: number;
}

/** @param separator a blank: any number of them */
export function cellsOf(text: string, separator: string): readonly Cell[] {
  if (separator === " ") return [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], start: match.index }));
  // The edges of a table in Markdown are no separators.
  const inner = separator === "|" ? text.replace(/^\s*\|/, "").replace(/\|\s*$/, "") : text;
  let start = separator === "|" ? text.indexOf(inner) : 0;
  return partsOf(inner, separator).map((cell) => {
    const here = { text: cell, start };
    start += cell.length + separator.length;
    return here;
  });
}

/** A separator within quotes is a part of the cell: `"heap {host=""shed"", id=""1""}"`. */
function partsOf(text: string, separator: string): readonly string[] {
  const parts = text.split(separator);
  if (!text.includes('"')) return parts;
  const whole: string[] = [];
  let isOpen = false;
  for (const part of parts) {
    const quotes = part.split('"').length - 1;
    if (isOpen) whole[whole.length - 1] += separator + part;
    else whole.push(part);
    if (quotes % 2 === 1) isOpen = !isOpen;
  }
  // A quote that is never closed is a letter.
  return isOpen ? parts : whole;
}

/** What a cell says, without its quotes. */
export function plainCell(text: string): string {
  const [, quoted] = /^\s*"(.*)"\s*$/.exec(text) ?? [];
  return (quoted === undefined ? text : quoted.replaceAll('""', '"')).trim();
}
