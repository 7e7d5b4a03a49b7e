// A page of the docs as a terminal shows it: paragraphs, items and tables broken into lines of a width; code stays as it is.
import { wrap } from "./wrap.ts";

const ITEM = /^( *)([-*]|\d+\.) +/;
const TABLE_RULE = /^\|[-| :]+\|$/;

/** @param width columns */
export function fitMarkdown(text: string, width: number): string {
  const out: string[] = [];
  let open: { readonly first: string; words: string } | undefined;
  let isCode = false;
  const close = (): void => {
    if (open !== undefined) out.push(...wrap(open.words, width, open.first));
    open = undefined;
  };
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    const item = ITEM.exec(line);
    if (isCode || line.startsWith("```") || line.startsWith("#") || line.trim() === "") {
      close();
      out.push(line);
    } else if (line.startsWith("|")) {
      close();
      // Each row an item, its first cell before the others.
      const cells = line.split("|").slice(1, -1);
      if (!TABLE_RULE.test(line)) out.push(...wrap(cells.map((cell) => cell.trim()).join(": "), width, "- "));
    } else if (item !== null) {
      close();
      open = { first: item[0], words: line.slice(item[0].length) };
    } else if (open === undefined) open = { first: "", words: line.trim() };
    else open.words += ` ${line.trim()}`;
  }
  close();
  return `${out.join("\n")}\n`;
}
