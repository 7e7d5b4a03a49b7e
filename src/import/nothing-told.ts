// A log in which nothing tells of memory: which of its numbers might, so that the user can name them.

import { MemmapError } from "../base/errors.ts";
import { formatNumberOf } from "../base/format.ts";
import { CandidateFinder, sayCandidate } from "./candidates.ts";
import type { ReportBuilder } from "./import-report.ts";
import type { ImportOptions } from "./importer.ts";
import { LineReader } from "./line-reader.ts";
import { type Chunks, EXACT_LINES } from "./log-first-pass.ts";
import type { LineOf } from "./log-text.ts";

/** @throws MemmapError which says so, unless the user asks for every number that was considered */
export async function tellNothing(
  chunks: Chunks,
  lineOf: LineOf,
  report: ReportBuilder,
  options: ImportOptions,
): Promise<void> {
  const finder = new CandidateFinder();
  let rows = 0;
  const reader = new LineReader((bytes, start, end) => {
    const { number } = reader;
    if (number > EXACT_LINES) return;
    const line = lineOf(bytes.subarray(start, end), number);
    finder.line(line);
    if (ROW.test(line.text)) rows++;
  });
  for await (const chunk of chunks()) reader.push(chunk);
  reader.finish();
  const candidates = finder.best().map(sayCandidate);
  const isTable = rows > 0.8 * (report.lines ?? 0);
  if (options.explains !== true) throw tellsNothing(report, candidates, isTable);
  if (isTable) report.hint(NAME_COLUMNS);
  for (const candidate of candidates) report.hint(`if this is free memory, name it: ${candidate}`);
}

/** Of a table, its numbers alone. */
const ROW = /^\s*"?[\d:./T Z-]+"?(?:\s?[,;\t|]\s?"?-?\d[\d.]*"?)+\s*$/;
const NAME_COLUMNS =
  "It looks like a table without the names of its columns: put a line with them before it, such as `time,free_heap,largest_block,rssi`";

function tellsNothing(report: ReportBuilder, candidates: readonly string[], isTable: boolean): MemmapError {
  const lines = formatNumberOf(report.lines ?? 0, "line");
  const guess = isTable
    ? NAME_COLUMNS
    : candidates.length === 0
      ? "A figure in words of its own can be named: --series 'free=WORDS BEFORE THE NUMBER'"
      : `If one of these is free memory, name it: ${candidates.join("; ")}`;
  return new MemmapError(`${report.path} is text, and nothing in its ${lines} tells of memory`, {
    code: "import-unknown-format",
    hint: `${guess}. Best is to print free memory and the largest block now and then, as docs/logs.md shows; what was looked at, \`memmap import --explain\` tells`,
  });
}
