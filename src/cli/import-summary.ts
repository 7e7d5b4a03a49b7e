// An import's account for the terminal: what came over, what did not, what the files themselves told of, what to do next.
import { formatAddress, formatBytes, formatNumberOf } from "../base/format.ts";
import { safeText } from "../base/safe-text.ts";
import { importers } from "../import/importers.ts";
import type { ImportView, IncidentView, InputView } from "../report/import-view.ts";
import { wrap } from "./terminal/wrap.ts";

/** Lines of one list before the rest is only counted. */
const MAX_LINES = 12;

/** @param width columns that lines may take */
export function describeImport({ inputs, events, output }: ImportView, width: number): string[] {
  const lines = inputs.flatMap(describeInput);
  const damage = inputs.flatMap(({ path, damage: places }) =>
    places.map(
      ({ line, offset, reason }) => `${path}${line === undefined ? ` byte ${offset ?? 0}` : `:${line}`}: ${reason}`,
    ),
  );
  const further = inputs.reduce((sum, input) => sum + input.omittedDamage, 0);
  const incidents = inputs.flatMap(({ path, incidents: told }) =>
    told.map((incident) => describeIncident(path, incident)),
  );
  lines.push(...list("Not imported", damage, further, width));
  lines.push(...list("Faults that the log tells of", incidents, 0, width));
  lines.push(...list("Hints", [...new Set(inputs.flatMap(({ hints }) => hints))], 0, width));
  const next =
    events > 0
      ? `Next: memmap report ${output}`
      : "It holds no blocks: what the files tell stands above, and nothing more can be asked.";
  lines.push("", ...wrap(`Wrote ${output}. ${next}`, width));
  return lines;
}

function describeInput(input: InputView): string[] {
  const { path, format, events, droppedRecords: dropped, heaptrack } = input;
  const lost = dropped > 0 ? `; ${formatNumberOf(dropped, "record")} dropped when it was made` : "";
  const title = importers.find((importer) => importer.format === format)?.title ?? format;
  const lines = [`${path}: ${title}, ${formatNumberOf(events, "event")}${lost}`];
  const kinds = new Map<string, { count: number; records: number; broken: number }>();
  for (const section of input.sections) {
    const kind = kinds.get(section.kind) ?? { count: 0, records: 0, broken: 0 };
    kind.count++;
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
  for (const { label, freeBytes } of input.memory.slice(0, MAX_LINES))
    lines.push(`  ${label}: ${formatBytes(freeBytes)}`);
  return lines.map(safeText);
}

function describeIncident(path: string, incident: IncidentView): string {
  const { block, task, note } = incident;
  const where = block === undefined ? "" : `; block of ${formatBytes(block.size)} at ${formatAddress(block.address)}`;
  const who = task === undefined ? "" : ` in task ${task}`;
  // "Bad tail at …" needs no "bad tail:" in front.
  const kind = incident.message.toLowerCase().startsWith(incident.kind) ? "" : `${incident.kind}: `;
  return `${path}:${incident.line}: ${kind}${incident.message}${who}${where}${note === undefined ? "" : ` (${note})`}`;
}

function list(title: string, items: readonly string[], further: number, width: number): string[] {
  if (items.length === 0) return [];
  const more = items.length + further - Math.min(items.length, MAX_LINES);
  const shown = items.slice(0, MAX_LINES).flatMap((item) => wrap(item, width, "  - "));
  return ["", `${title}:`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
}
