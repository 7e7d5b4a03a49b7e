// What a file is, by its content, and the import of one or several files into one run.

import { MemmapError } from "../base/errors.ts";
import type { EventSink } from "../wire/events.ts";
import { type ImportReport, ReportBuilder } from "./import-report.ts";
import type { Importer, ImporterInput } from "./importer.ts";
import { importers } from "./importers.ts";
import { compressionOf, decompress, joined } from "./lines.ts";

export interface ImportInput {
  /** For messages; a digit before its extension tells the core of a SystemView file. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The importer of a file's unpacked bytes, or of their beginning; undefined where none knows them. */
export function recognize(bytes: Uint8Array): Importer | undefined {
  return importers.find((importer) => importer.recognize(bytes));
}

/** Completes "import takes …". */
export function importTakes(): string {
  const takes = importers.map((importer) => importer.takes);
  return `${takes.slice(0, -1).join(", ")}, and ${takes.at(-1) ?? ""}; gz and zst as well`;
}

/**
 * Imports files in their order, each as a boot of its own; the parts of one recording together, where the first of them stands.
 * Broken files give what is whole, and the report says what is not.
 * @throws MemmapError `import-unknown-format` where a file is nothing that can be imported, `import-newer-format` where its format is too new
 */
export async function importFile(inputs: readonly ImportInput[], sink: EventSink): Promise<ImportReport> {
  // Before anything reaches the sink: an unknown file shall not leave half a run behind.
  const opened: OpenInput[] = [];
  for (const input of inputs) opened.push(await open(input));

  for (const input of opened) {
    const { importer, isPart } = input;
    const parts = opened.filter((other) => other.importer === importer && other.isPart);
    if (!isPart) await importer.import([input], sink);
    else if (parts[0] === input) await importer.import([input, ...parts.slice(1)], sink);
  }
  const reports = opened.map(({ report }) => report.finish());
  return { inputs: reports, events: reports.reduce((sum, { events }) => sum + events, 0) };
}

interface OpenInput extends ImporterInput {
  readonly importer: Importer;
  readonly isPart: boolean;
}

async function open({ name, bytes: source }: ImportInput): Promise<OpenInput> {
  const isPacked = compressionOf(source) !== "none";
  const head = isPacked ? await unpackedHead(source) : source;
  const unpacking = importers.find(({ unpacks, recognize: knows }) => unpacks === true && knows(head));
  const { bytes, brokenOff } =
    isPacked && unpacking === undefined ? await unpack(source) : { bytes: source, brokenOff: undefined };
  const importer = unpacking ?? recognize(bytes);
  if (importer === undefined) {
    throw new MemmapError(`${name} is nothing that can be imported`, {
      code: "import-unknown-format",
      hint: `import takes ${importTakes()}`,
    });
  }
  const refusal = importer.refuse?.(name, unpacking === undefined ? bytes : head);
  if (refusal !== undefined) throw refusal;
  const report = new ReportBuilder(name, importer.format);
  if (brokenOff !== undefined) report.damage({ offset: source.length, reason: brokenOff });
  return { importer, bytes, report, isPart: importer.isPart?.(bytes) === true };
}

async function unpack(source: Uint8Array): Promise<{ bytes: Uint8Array; brokenOff: string | undefined }> {
  const chunks: Uint8Array[] = [];
  const brokenOff = await decompress(source, (chunk) => {
    chunks.push(chunk.slice());
    return true;
  });
  return { bytes: chunks.length > 0 ? joined(chunks) : source, brokenOff };
}

/** Enough to recognize those by that unpack their files themselves. */
const HEAD_BYTES = 64;

async function unpackedHead(source: Uint8Array): Promise<Uint8Array> {
  let first = new Uint8Array(0);
  await decompress(source, (chunk) => {
    first = joined([first, chunk]).slice();
    return first.length < HEAD_BYTES;
  });
  return first;
}
