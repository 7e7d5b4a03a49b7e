// All that an import tells, for tests that compare the whole of it: a line for each record in its order, and below them the file's account.

import type { ImportOptions } from "../src/import/importer.ts";
import { type InputReport, ReportBuilder } from "../src/import/import-report.ts";
import { importLog } from "../src/import/log.ts";
import { importFile, type ImportInput } from "../src/import/recognize.ts";
import { type EventBatch, eventsOf } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";
import type { AnyRecord } from "../src/wire/records.ts";

const ADDRESSES =
  /^(?:address|start|end|callers|handle|pc|blockAddress|stackAt|stackWords|stackLow|stackHigh|caps|expected|found)$/;
/** The same for all imports, or a number made of the file's bytes. */
const OMITTED = /^(?:bootId|protocolVersion|configuration|tableCapacity|sampleInterval)$/;

function shown(value: unknown, key = ""): string {
  if (typeof value === "number") return ADDRESSES.test(key) ? `0x${value.toString(16)}` : String(value);
  if (Array.isArray(value)) return `[${value.map((one) => shown(one, key)).join(", ")}]`;
  if (typeof value === "object" && value !== null) return `{${fields(value)}}`;
  return typeof value === "string" && !/^[\w./+-]+$/.test(value) ? JSON.stringify(value) : String(value);
}

function fields(value: object): string {
  return Object.entries(value)
    .filter(([key, one]) => one !== undefined && !OMITTED.test(key))
    .map(([key, one]) => `${key}=${shown(one, key)}`)
    .join(" ");
}

/** Keeps what it is told as lines of text. */
export class Told implements EventSink {
  readonly lines: string[] = [];
  private readonly withText: boolean;

  constructor(withText: boolean) {
    this.withText = withText;
  }

  calls(batch: EventBatch): void {
    for (const { isFree, ...event } of eventsOf(batch))
      this.lines.push(`${isFree ? "free" : "alloc"} ${fields(event)}`);
  }

  record({ kind, value }: AnyRecord): void {
    this.lines.push(`${kind} ${fields(value)}`);
  }

  text(bytes: Uint8Array): void {
    if (this.withText) this.lines.push(`text ${JSON.stringify(new TextDecoder().decode(bytes))}`);
  }
}

/** What the report adds: incidents and series stand among the records. */
export function accountOf({ sections, damage, hints, taskTotals, considered, ...rest }: InputReport): string[] {
  const { events, omittedDamage, droppedRecords, omittedIncidents, lines, heaptrack } = rest;
  return [
    ...sections.map((one) => `section ${fields(one)}`),
    ...damage.map((one) => `damage ${fields(one)}`),
    ...taskTotals.map((one) => `totals ${fields(one)}`),
    ...considered.map((one) => `considered ${fields(one)}`),
    ...hints.map((hint) => `hint ${hint}`),
    ...(heaptrack === undefined ? [] : [`heaptrack ${fields(heaptrack)}`]),
    `account ${fields({ events, omittedDamage, droppedRecords, omittedIncidents, lines })}`,
  ];
}

/** Of a console log, an account of which is asked for. */
export async function toldOf(log: string | Uint8Array, options: ImportOptions = {}): Promise<string> {
  const bytes = typeof log === "string" ? new TextEncoder().encode(log) : log;
  const sink = new Told(false);
  const report = new ReportBuilder("console.log", "log");
  await importLog(() => [bytes], sink, report, { explains: true, ...options });
  return [...sink.lines, ...accountOf(report.finish())].join("\n");
}

/** Of files of any format, and of each the account. */
export async function toldOfFiles(...inputs: readonly ImportInput[]): Promise<string> {
  const sink = new Told(true);
  const { inputs: reports, events } = await importFile(inputs, sink);
  const accounts = reports.map((report) => [`file ${report.path}, ${report.format}`, ...accountOf(report)]);
  return [...sink.lines, ...accounts.flat(), `${events} events`].join("\n");
}
