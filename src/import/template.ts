// A line's template: its fixed words, with a mark for each number. Lines of one template differ in numbers alone.

const MOST_LETTERS = 240;

/** `Free heap: 1234 (0x3ffb0000)` becomes `Free heap: # (#)`. */
export function templateOf(text: string): string {
  // Numbers that are padded with blanks leave more or fewer of them.
  return text
    .slice(0, MOST_LETTERS)
    .replace(/0x[0-9a-f]+|[+-]?\d+(?:[.,:]\d+)*/gi, "#")
    .replace(/[ \t]+/g, " ");
}
