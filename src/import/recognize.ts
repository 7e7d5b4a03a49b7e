// What a file is, by its content, and the import of one or several files into one run.

import { MemmapError } from "../base/errors.ts";
import type { EventSink } from "../wire/events.ts";
import { heaptrackFormat, importHeaptrack, isHeaptrack, NEWEST_HEAPTRACK_FORMAT } from "./heaptrack.ts";
import { type Format, type ImportReport, ReportBuilder } from "./import-report.ts";
import { compressionOf, decompress, joined } from "./lines.ts";
import { importLog, isLog } from "./log.ts";
import { hasSeveralCores, importSystemView, isSystemView, type SystemViewInput } from "./systemview.ts";

export interface ImportInput {
  /** For messages; a digit before its extension tells the core of a SystemView file. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The format of a file's (decompressed) bytes, or undefined where none of ours is recognized. */
export function recognize(bytes: Uint8Array): Format | undefined {
  if (isSystemView(bytes)) return "systemview";
  if (isHeaptrack(bytes)) return "heaptrack";
  return isLog(bytes) ? "log" : undefined;
}

/**
 * Imports files in their order, each as a boot of its own; SystemView files of one core each are one recording together.
 * Broken files give what is whole, and the report says what is not.
 * @throws MemmapError `import-unknown-format` where a file is nothing that can be imported, `import-newer-format` where its format is too new
 */
export async function importFile(inputs: readonly ImportInput[], sink: EventSink): Promise<ImportReport> {
  // Before anything reaches the sink: an unknown file shall not leave half a run behind.
  const opened = [];
  for (const input of inputs) opened.push(await open(input));

  const cores = byCore(opened.filter(({ format, bytes }) => format === "systemview" && !hasSeveralCores(bytes)));
  let coresDone = false;
  for (const input of opened) {
    const { bytes, report, format } = input;
    if (format === "heaptrack") {
      await importHeaptrack(input.source, sink, report);
    } else if (format === "log") {
      importLog(bytes, sink, report);
    } else if (!cores.includes(input)) {
      importSystemView([input], sink);
    } else if (!coresDone) {
      importSystemView(cores, sink);
      coresDone = true;
    }
  }
  const reports = opened.map(({ report }) => report.finish());
  return { inputs: reports, events: reports.reduce((sum, { events }) => sum + events, 0) };
}

interface OpenInput extends SystemViewInput {
  readonly name: string;
  readonly format: Format;
  /** The bytes as they were given, compressed where they were. */
  readonly source: Uint8Array;
}

async function open({ name, bytes: source }: ImportInput): Promise<OpenInput> {
  if (compressionOf(source) !== "none" && isHeaptrack(await head(source))) {
    refuseNewer(name, await head(source));
    return { name, format: "heaptrack", bytes: source, source, report: new ReportBuilder(name, "heaptrack") };
  }
  const chunks: Uint8Array[] = [];
  const brokenOff =
    compressionOf(source) === "none"
      ? undefined
      : await decompress(source, (chunk) => {
          chunks.push(chunk.slice());
          return true;
        });
  const bytes = chunks.length > 0 ? joined(chunks) : source;
  const format = recognize(bytes);
  if (format === undefined) {
    throw new MemmapError(`${name} is nothing that can be imported`, {
      code: "import-unknown-format",
      hint:
        "import takes SystemView heap traces (.svdat), heaptrack files, and console logs with heap traces, heap summaries " +
        "and dumps, task tables, CORRUPT HEAP lines, panics, or lines of the classic tracker; gz and zst as well",
    });
  }
  if (format === "heaptrack") refuseNewer(name, bytes);
  const report = new ReportBuilder(name, format);
  if (brokenOff !== undefined) report.damage({ offset: source.length, reason: brokenOff });
  return { name, format, bytes, source, report };
}

/** What a newer format means by its lines is anyone's guess. */
function refuseNewer(name: string, start: Uint8Array): void {
  const format = heaptrackFormat(start);
  if (format <= NEWEST_HEAPTRACK_FORMAT) return;
  throw new MemmapError(`${name} is a heaptrack recording in file format ${format}`, {
    code: "import-newer-format",
    hint: `memmap reads formats 0 to ${NEWEST_HEAPTRACK_FORMAT}: update memmap, or record with an older heaptrack.`,
  });
}

/** The first decompressed bytes. */
async function head(source: Uint8Array): Promise<Uint8Array> {
  let first = new Uint8Array(0);
  await decompress(source, (chunk) => {
    first = joined([first, chunk]).slice();
    return first.length < 64;
  });
  return first;
}

/** In order of the digits at their names' ends where all have different ones, else as given. */
function byCore<T extends { readonly name: string }>(inputs: readonly T[]): T[] {
  const numbered = inputs.map((input) => ({ input, core: /(\d)(?:\.[a-z]+)*$/i.exec(input.name)?.[1] }));
  const isClear =
    numbered.every(({ core }) => core !== undefined) &&
    new Set(numbered.map(({ core }) => core)).size === inputs.length;
  if (!isClear) return [...inputs];
  return numbered.sort((a, b) => Number(a.core) - Number(b.core)).map(({ input }) => input);
}
