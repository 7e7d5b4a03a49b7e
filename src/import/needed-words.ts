// The words that a line must hold for anybody to read it: each reader's, and those of lines that tell of figures.

import { once } from "../base/once.ts";
import { TIME_WORDS } from "./block-clock.ts";
import { EVENT } from "./companions.ts";
import { ASKED_OF_LINES } from "./failed-allocation-reader.ts";
import type { SectionReader } from "./log-run.ts";
import { HEADER_NEEDS, mayBeLongHeader } from "./long-table.ts";
import { FOREIGN_MEMORY } from "./foreign-words.ts";
import { Needles } from "./needle-finder.ts";

/** Words of lines that may hold figures. */
const FIGURE_WORDS =
  /heap|mem|ram\b|\b(?:h|hp|fh|hf|fm) ?[=:] ?\d{4}|alloc|free|block|blk|frag|largest|psram|umm|available|remaining|internal|external|spiram|max|\bint\b|\bext\b|\bdma\b|oom\b|\[\(\d+, \d+, /i;
/** Words of lines that are told with the figures, and hold none. */
const WORDS_BESIDE = /stack|space|exhaust|leak|null|task|error|fail|buffer/i;

/** True for lines that may hold figures, or tell what goes with them. */
export function tellsOfFigures(text: string): boolean {
  return (
    FIGURE_WORDS.test(text) ||
    EVENT.test(text) ||
    WORDS_BESIDE.test(text) ||
    TIME_WORDS.test(text) ||
    mayBeLongHeader(text) ||
    FOREIGN_MEMORY.test(text)
  );
}

/**
 * By group, patterns of which one is needed: those of each reader, those of lines that may hold figures, those of lines that may go with them, those of
 * `ASKED_OF_LINES`, and what a line of these must hold as well.
 */
export const neededOf = once((readers: readonly SectionReader[]) => {
  const groups: (readonly (RegExp | string)[])[] = readers.map(({ starts }) => starts);
  const figures = groups.push([FIGURE_WORDS, TIME_WORDS, FOREIGN_MEMORY]) - 1;
  const beside = groups.push([EVENT, WORDS_BESIDE]) - 1;
  const header = HEADER_NEEDS.map((need) => groups.push(need) - 1);
  const readersToo = readers.map(({ alsoNeeds }) => (alsoNeeds === undefined ? [] : [groups.push(alsoNeeds) - 1]));
  const firstAsked = groups.length;
  groups.push(...ASKED_OF_LINES.map(([pattern]) => [pattern]));
  const askedToo = ASKED_OF_LINES.map(([, ...also]) => also.map((pattern) => groups.push([pattern]) - 1));
  return { figures, beside, header, readersToo, firstAsked, askedToo, needles: new Needles(groups) };
});
