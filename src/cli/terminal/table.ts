// Aligns columns of text to the width of a terminal. One column may be the elastic one: it gives way when the row is too wide.
import { greatest } from "../../base/values.ts";
import { formatNumberOf } from "../../base/format.ts";
import { columnsOf, safeText } from "../../base/safe-text.ts";

export type Cut = "start" | "middle" | "end";

export interface Column {
  readonly title: string;
  /** Numbers to the right, words to the left. */
  readonly align?: "left" | "right";
  /** Shortened when the table is wider than asked for, there; "start" keeps the end, as is right for paths, "middle" both, as is for call sites. */
  readonly shorten?: Cut;
  /** Applied after alignment, so that colour codes do not count as width. */
  readonly style?: (text: string) => string;
}

const GAP = "  ";
const NARROWEST = 12;

/** What stands below a table that the limit has shortened. @param what a row, in the singular: "more site" */
export function omittedLine(count: number, what: string): string {
  return `and ${formatNumberOf(count, what)} (--limit all)`;
}

/**
 * Lines of a table, headings first, without trailing blanks. Cells may be empty.
 * @param width columns of the terminal; undefined where nothing needs to be shortened
 */
export function formatTable(
  columns: readonly Column[],
  data: readonly (readonly string[])[],
  width: number | undefined,
  styleHeading: (text: string) => string = (text) => text,
): string[] {
  const rows = data.map((row) => row.map(safeText));
  const titles = columns.map((column) => column.title);
  const widths = columns.map((_, index) => greatest([titles, ...rows].map((row) => columnsOf(row[index] ?? ""))));
  if (width !== undefined) narrow(columns, widths, width);
  const line = (cells: readonly string[], style: (text: string, column: Column) => string): string =>
    columns
      .map((column, index) => {
        const cell = shorten(cells[index] ?? "", widths[index] ?? 0, column.shorten ?? "end");
        const blanks = " ".repeat(Math.max(0, (widths[index] ?? 0) - columnsOf(cell)));
        if (column.align === "right") return blanks + style(cell, column);
        return style(cell, column) + (index === columns.length - 1 ? "" : blanks);
      })
      .join(GAP)
      .trimEnd();
  return [
    line(titles, (text) => styleHeading(text)),
    ...rows.map((row) => line(row, (text, column) => column.style?.(text) ?? text)),
  ];
}

/** Takes what is too much from the shortenable columns, widest first. */
function narrow(columns: readonly Column[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    columns.forEach((column, index) => {
      const own = widths[index] ?? 0;
      if (column.shorten !== undefined && own > NARROWEST && own > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
}

/** At most `width` columns of `text`; an ellipsis replaces what is cut. */
export function shorten(text: string, width: number, cut: Cut): string {
  if (columnsOf(text) <= width) return text;
  if (width < 1) return "";
  const characters = [...text];
  const before = cut === "start" ? 0 : cut === "end" ? width - 1 : Math.ceil((width - 1) / 2);
  const head = within(characters, before);
  const tail = within(characters.reverse(), width - 1 - before);
  return `${head.join("")}…${tail.reverse().join("")}`;
}

/** The first characters that fit. */
function within(characters: readonly string[], width: number): string[] {
  let columns = 0;
  const end = characters.findIndex((character) => (columns += columnsOf(character)) > width);
  return characters.slice(0, end < 0 ? characters.length : end);
}
