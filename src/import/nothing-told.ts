// A log in which nothing tells of memory: which of its numbers might, so that the user can name them.

import { MemmapError } from "../base/errors.ts";
import { formatNumberOf } from "../base/format.ts";
import { CandidateFinder, sayCandidate } from "./candidates.ts";
import type { ReportBuilder } from "./import-report.ts";
import type { ImportOptions } from "./importer.ts";
import { LineReader } from "./line-reader.ts";
import { type Chunks, EXACT_LINES, type LineOf } from "./log-first-pass.ts";

/** @throws MemmapError which says so, unless the user asks for every number that was considered */
export async function tellNothing(
  chunks: Chunks,
  lineOf: LineOf,
  report: ReportBuilder,
  options: ImportOptions,
): Promise<void> {
  const finder = new CandidateFinder();
  const reader = new LineReader((bytes, start, end) => {
    const { number } = reader;
    if (number <= EXACT_LINES) finder.line(lineOf(bytes.subarray(start, end), number));
  });
  for await (const chunk of chunks()) reader.push(chunk);
  reader.finish();
  const candidates = finder.best().map(sayCandidate);
  if (options.explains !== true) throw tellsNothing(report, candidates);
  for (const candidate of candidates) report.hint(`if this is free memory, name it: ${candidate}`);
}

function tellsNothing(report: ReportBuilder, candidates: readonly string[]): MemmapError {
  const lines = formatNumberOf(report.lines ?? 0, "line");
  const guess =
    candidates.length === 0
      ? "A figure in words of its own can be named: --series 'free=WORDS BEFORE THE NUMBER'"
      : `If one of these is free memory, name it: ${candidates.join("; ")}`;
  return new MemmapError(`${report.path} is text, and nothing in its ${lines} tells of memory`, {
    code: "import-unknown-format",
    hint: `${guess}. Best is to print free memory and the largest block now and then, as docs/logs.md shows; what was looked at, \`memmap import --explain\` tells`,
  });
}
