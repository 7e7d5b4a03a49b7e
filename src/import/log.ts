// A console log: every reader of a text format sees every line, because one log may hold several of them. The text itself
// passes through to the sink unchanged.

import type { EventSink } from "../wire/events.ts";
import { ClassicReader } from "./classic-text.ts";
import { CorruptionReader } from "./corruption-text.ts";
import { CoreDumpReader } from "./core-dump-text.ts";
import { HeapDumpReader } from "./heap-dump-text.ts";
import { HeapInfoReader } from "./heap-info-text.ts";
import { HeapTraceReader } from "./heap-trace-text.ts";
import { contentNumber } from "./identity.ts";
import type { ReportBuilder } from "./import-report.ts";
import type { Importer } from "./importer.ts";
import { LogRun, type SectionReader } from "./log-run.ts";
import { logLines, overviewOf } from "./log-text.ts";
import { TaskTrackingReader } from "./task-tracking-text.ts";

export const consoleLog = {
  format: "log",
  title: "console log",
  takes:
    "console logs with heap traces, heap summaries and dumps, task tables, CORRUPT HEAP lines, panics, or lines of the " +
    "classic tracker",
  recognize: isLog,
  import: ([{ bytes, report }], sink) => {
    importLog(bytes, sink, report);
  },
} as const satisfies Importer;

/** Words that only a log with something for us holds. */
const MARKERS = [
  /heap_init: At [0-9A-F]{8} len/,
  /Heap Trace: \d+ records|allocations trace \(|bytes \(@ /,
  /Heap summary for capabilities|Showing data for heap/,
  /CORRUPT HEAP:|Guru Meditation Error|assert failed: |abort\(\) was called|KASAN error: |A stack overflow in task/,
  /Mem alloc fail\.|Failed to allocate (?:\d+ x )?\d+ bytes|Total free heap: *\d/,
  /(CURRENT|PEAK) MEMORY USAGE/,
  /Memory allocated at (0x)?[0-9a-f]+, caps/i,
];

/** True if some line of the text is one that a reader here knows. */
export function isLog(bytes: Uint8Array): boolean {
  for (const { text } of logLines(bytes)) if (MARKERS.some((marker) => marker.test(text))) return true;
  return false;
}

export function importLog(bytes: Uint8Array, sink: EventSink, report: ReportBuilder): void {
  const lines = [...logLines(bytes)];
  const run = new LogRun(sink, report, overviewOf(lines), contentNumber(bytes));
  let readers = readersOf(run);
  for (const line of lines) {
    // What readers remember of the boot before is void.
    if (run.beginLine(line)) readers = readersOf(run);
    readers.some((reader) => reader.line(line));
    run.endLine(line);
  }
  run.finish();
}

function readersOf(run: LogRun): SectionReader[] {
  return [
    new HeapTraceReader(run),
    new HeapInfoReader(run),
    new HeapDumpReader(run),
    new TaskTrackingReader(run),
    new CorruptionReader(run),
    new ClassicReader(run),
    new CoreDumpReader(run),
  ];
}
