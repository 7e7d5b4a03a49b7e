// An import's account for the terminal: what came over, what did not, what the files themselves told of, what to do next.
import { formatBytes, formatNumberOf } from "../base/format.ts";
import { safeText } from "../base/safe-text.ts";
import { importers } from "../import/importers.ts";
import { describe } from "../import/series-names.ts";
import type { ImportView, IncidentView, InputView, FoundSeriesView } from "../report/import-view.ts";
import { wrap } from "./terminal/wrap.ts";

/** Lines of one list before the rest is only counted. */
const MAX_LINES = 12;

/** @param width columns that lines may take */
export function describeImport({ inputs, events, output }: ImportView, width: number): string[] {
  const lines = inputs.flatMap((input) => describeInput(input, width));
  const damage = inputs.flatMap(({ path, damage: places }) =>
    places.map(
      ({ line, offset, reason }) =>
        `${path}${line !== undefined ? `:${line}` : offset !== undefined ? ` byte ${offset}` : ""}: ${reason}`,
    ),
  );
  const further = inputs.reduce((sum, input) => sum + input.omittedDamage, 0);
  const incidents = inputs.flatMap(({ path, incidents: told }) =>
    told.map((incident) => describeIncident(path, incident)),
  );
  lines.push(...list("Not imported", damage, further, width));
  const furtherIncidents = inputs.reduce((sum, input) => sum + input.omittedIncidents, 0);
  lines.push(...list("What the log tells of", incidents, furtherIncidents, width));
  lines.push(
    ...list("Hints", [...new Set(inputs.flatMap(({ remarks = [], hints }) => [...remarks, ...hints]))], 0, width),
  );
  const next =
    events > 0
      ? `Next: memmap report ${output ?? ""}`
      : "It holds no blocks: what the files tell stands above, and nothing more can be asked.";
  lines.push("", ...wrap(`Wrote ${output ?? ""}. ${next}`, width));
  return lines;
}

function describeInput(input: InputView, width: number): string[] {
  const { path, format, events, droppedRecords: dropped, heaptrack } = input;
  const lost = dropped > 0 ? `; ${formatNumberOf(dropped, "record")} dropped when it was made` : "";
  const title = importers.find((importer) => importer.format === format)?.title ?? format;
  const lines = [`${path}: ${title}, ${formatNumberOf(events, "event")}${lost}`];
  const kinds = new Map<string, { count: number; records: number; broken: number }>();
  for (const section of input.sections) {
    const kind = kinds.get(section.kind) ?? { count: 0, records: 0, broken: 0 };
    kind.count += section.parts ?? 1;
    kind.records += section.records;
    if (!section.whole) kind.broken++;
    kinds.set(section.kind, kind);
  }
  for (const [kind, { count, records, broken }] of kinds) {
    const state = broken > 0 ? `, ${broken} not whole` : "";
    lines.push(`  ${count} × ${kind}: ${formatNumberOf(records, "record")}${state}`);
  }
  if (heaptrack !== undefined) {
    const { allocations, temporaryAllocations, peakBytes, leakedBytes } = heaptrack;
    lines.push(
      `  ${formatNumberOf(allocations, "allocation")}, ${temporaryAllocations} of them temporary; peak ${formatBytes(peakBytes)}, ${formatBytes(leakedBytes)} not freed`,
    );
  }
  for (const { task, deleted, currentBytes, peakBytes } of input.taskTotals.slice(0, MAX_LINES)) {
    lines.push(
      `  task ${task}${deleted ? " (deleted)" : ""}: ${formatBytes(currentBytes)} now, ${formatBytes(peakBytes)} at most`,
    );
  }
  for (const series of input.series.slice(0, MAX_LINES)) lines.push(...wrap(describeSeries(series), width, "  "));
  if (input.series.length > MAX_LINES) lines.push(`  and ${input.series.length - MAX_LINES} more figures`);
  return lines.map(safeText);
}

function describeSeries(series: FoundSeriesView): string {
  const { label, readings, line } = series;
  return `“${label}”: ${describe(series)}, ${formatNumberOf(readings, "reading")} from line ${line} on`;
}

/** Every figure of a log that was considered, and why it was taken or not. */
export function explainImport({ inputs }: ImportView, width: number): string[] {
  return inputs.flatMap((input) => {
    const { path, considered, lines = 0 } = input;
    const taken = considered.filter((one) => one.taken);
    const head = `${path}: ${formatNumberOf(lines, "line")}; ${formatNumberOf(taken.length, "figure")} taken as memory, ${considered.length - taken.length} not`;
    return [
      head,
      ...considered.flatMap(({ line, quote, label, count, verdict, taken: isTaken }) => [
        "",
        ...wrap(
          `${isTaken ? "taken" : "not taken"}: “${label}”: ${verdict}; ${formatNumberOf(count, "line")}, first in line ${line}`,
          width,
          isTaken ? "+ " : "- ",
        ),
        ...wrap(quote, width, "    "),
      ]),
      ...input.series
        .filter(({ quote }) => quote.startsWith("Heap summary"))
        .map((series) => `+ ${describeSeries(series)}`),
      ...input.hints.flatMap((hint) => ["", ...wrap(hint, width)]),
      "",
    ];
  });
}

function describeIncident(path: string, { line, kind, quote, count }: IncidentView): string {
  return `${path}:${line}: ${kind.replaceAll("-", " ")}: ${quote}${count > 1 ? ` (${count} times)` : ""}`;
}

function list(title: string, items: readonly string[], further: number, width: number): string[] {
  if (items.length === 0) return [];
  const more = items.length + further - Math.min(items.length, MAX_LINES);
  const shown = items.slice(0, MAX_LINES).flatMap((item) => wrap(item, width, "  - "));
  return ["", `${title}:`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
}
