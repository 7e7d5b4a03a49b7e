// What a file is, by its content, and the import of one or several files into one run.

import { MemmapError } from "../base/errors.ts";
import type { EventSink } from "../wire/events.ts";
import { contentNumber } from "./identity.ts";
import { type ImportReport, type InputDamage, ReportBuilder } from "./import-report.ts";
import type { Importer, ImporterInput, ImportOptions } from "./importer.ts";
import { importers } from "./importers.ts";
import { otherFile } from "./other-files.ts";
import { type ByteChunks, howToUnpack, type Packing, packingOf, unpack } from "./unpack.ts";

export interface ImportInput {
  /** For messages; a digit before its extension tells the core of a SystemView file. */
  readonly name: string;
  /** All of it, or what reads it from the beginning, in chunks, as often as it is asked. */
  readonly bytes: Uint8Array | ByteChunks;
}

/** The importer of a file by its unpacked beginning; undefined where none knows it. */
export function recognize(head: Uint8Array): Importer | undefined {
  return importers.find((importer) => importer.recognize(head));
}

/** Completes "import takes …". */
export function importTakes(): string {
  const takes = importers.map((importer) => importer.takes);
  return `${takes.slice(0, -1).join("; ")}; ${takes.at(-1) ?? ""}; gz and zst as well`;
}

/**
 * Imports files in their order, each as a boot of its own; the parts of one recording together, where the first of them stands.
 * Broken files give what is whole, and the report says what is not.
 * @throws MemmapError `import-unknown-format` where a file is nothing that can be imported, `import-packed` where it must be unpacked first,
 * `import-bomb` where it unpacks to absurdly much, `import-newer-format` where its format is too new, `import-no-events` where a recording of
 * allocations holds none, which must not pass for a program without faults
 */
export async function importFile(
  inputs: readonly ImportInput[],
  sink: EventSink,
  options: ImportOptions = {},
): Promise<ImportReport> {
  // Before anything reaches the sink: an unknown file shall not leave half a run behind.
  const opened: OpenInput[] = [];
  for (const input of inputs) opened.push(await open(input, options));

  for (const input of opened) {
    const { importer, isPart } = input;
    const parts = opened.filter((other) => other.importer === importer && other.isPart);
    if (isPart && parts[0] !== input) continue;
    try {
      await importer.import(isPart ? [input, ...parts.slice(1)] : [input], sink);
    } catch (error) {
      throw withProblem(error, input.problem());
    }
  }
  for (const { report, problem } of opened) {
    const why = problem();
    if (why !== undefined && !report.hasDamage(why)) report.damage({ reason: why });
  }
  for (const input of opened) refuseEmpty(input, input.isPart ? opened.filter((other) => other.isPart) : [input]);
  const reports = opened.map(({ report }) => report.finish());
  return { inputs: reports, events: reports.reduce((sum, { events }) => sum + events, 0) };
}

interface OpenInput extends ImporterInput {
  readonly importer: Importer;
  readonly isPart: boolean;
}

/** Enough to tell what a file is. */
export const HEAD_BYTES = 64 * 1024;

async function open({ name, bytes }: ImportInput, options: ImportOptions): Promise<OpenInput> {
  const source: ByteChunks = bytes instanceof Uint8Array ? () => slices(bytes) : bytes;
  const packed = await beginning(source());
  const packing = packingOf(packed);
  const unpacking = howToUnpack(packing, name);
  if (unpacking !== undefined)
    throw new MemmapError(`${name} is packed with ${packing}, which memmap does not unpack`, {
      code: "import-packed",
      hint: unpacking,
    });
  const { chunks, problem } = unpack(name, packing, source);
  const head = packing === "none" ? packed : await beginning(chunks());
  const importer = recognize(head);
  if (importer === undefined) throw unknown(name, packing, head, problem());
  const refusal = importer.refuse?.(name, head);
  if (refusal !== undefined) throw refusal;
  return {
    importer,
    chunks,
    problem,
    options,
    report: new ReportBuilder(name, importer.format),
    isPart: importer.isPart?.(head) === true,
    async contentNumber() {
      let number = contentNumber(new Uint8Array());
      for await (const chunk of source()) number = contentNumber(chunk, number);
      return number;
    },
  };
}

/** Of a file that tells nothing also why there was not more of it. */
function withProblem(error: unknown, problem: string | undefined): unknown {
  if (!(error instanceof MemmapError) || problem === undefined) return error;
  return new MemmapError(`${error.message}; ${problem}`, { code: error.code, hint: error.hint, cause: error });
}

/** @param problem why not all of it could be unpacked */
function unknown(name: string, packing: Packing, head: Uint8Array, problem: string | undefined): MemmapError {
  const code = "import-unknown-format";
  if (problem !== undefined && head.length === 0)
    return new MemmapError(`${name} is packed with ${packing}, and nothing of it can be unpacked: ${problem}`, {
      code,
      hint: "Copy the whole file again.",
    });
  const again = packingOf(head);
  const other =
    packing !== "none" && again !== "none"
      ? { seems: `is packed again, with ${again}`, hint: "Unpack it once, and give what is inside." }
      : otherFile(head, packing === "none" ? name : "FILE");
  const inside = packing === "none" ? "" : `, unpacked from ${packing},`;
  const seems = other === undefined ? "" : `; it ${other.seems}`;
  return new MemmapError(`${name}${inside} is nothing that can be imported${seems}`, {
    code,
    hint: other?.hint ?? `import takes ${importTakes()}`,
  });
}

/** @param parts all files of the recording that the first is of */
function refuseEmpty({ importer, report: { path: name } }: OpenInput, parts: readonly OpenInput[]): void {
  if (importer.whereEmpty === undefined || parts.some(({ report }) => report.events > 0)) return;
  const damage = parts.flatMap(({ report }) => report.finish().damage);
  const [first] = damage;
  const found = first === undefined ? "" : `; it is damaged${placeOf(first)}: ${first.reason}`;
  throw new MemmapError(`${name} is a ${importer.title} without one allocation or free that can be read${found}`, {
    code: "import-no-events",
    hint: importer.whereEmpty,
  });
}

/** Of what was unpacked, where the packing is damaged nothing tells where. */
function placeOf({ line, offset }: InputDamage): string {
  if (offset !== undefined) return ` from byte ${offset} on`;
  return line === undefined ? "" : ` from line ${line} on`;
}

const SLICE_BYTES = 1 << 16;

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

async function beginning(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  for await (const chunk of chunks) {
    const part = chunk.subarray(0, HEAD_BYTES - length);
    head.set(part, length);
    length += part.length;
    if (length === HEAD_BYTES) break;
  }
  return head.subarray(0, length);
}
