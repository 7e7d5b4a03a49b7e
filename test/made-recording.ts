// Recordings of chunks that are made here, so that what each says is known.
import { ByteWriter } from "../src/base/bytes.ts";
import { noteBit, type Note } from "../src/heap/notes.ts";
import { RowOp, Rows } from "../src/heap/rows.ts";
import type { ChunkSummary } from "../src/heap/run.ts";
import { fileHeader, indexEntry, SectionId, writeChunk, writeIndex } from "../src/recording/chunk-format.ts";
import { packNotes } from "../src/recording/note-codec.ts";
import { RowPacker } from "../src/recording/pack-rows.ts";
import { StackNumbers } from "../src/recording/stack-names.ts";

export interface Made {
  readonly firstRow: number;
  readonly rows?: number;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly notes?: readonly Note[];
  readonly sections?: readonly (readonly [id: number, bytes: Uint8Array])[];
  /** Other than the header says. */
  readonly packed?: number;
}

export const packed = (pack: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter();
  pack(writer);
  return writer.toBytes();
};

/** A chunk of SYNC rows, ten microseconds each from its start on. */
export function chunk({
  firstRow,
  rows = 4,
  startTime = firstRow * 10,
  endTime = startTime + 40,
  notes = [],
  sections = [],
  packed: count = rows,
}: Made): { readonly header: Uint8Array; readonly bytes: Uint8Array } {
  const made = new Rows(count, firstRow, startTime);
  for (let i = 0; i < count; i++) made.push(RowOp.SYNC, startTime + 10 * i, 0, 0, 0, 0);
  const own = sections.map(([id, bytes]) => ({ id, bytes }));
  if (count > 0) own.push({ id: SectionId.ROWS, bytes: packed((writer) => new RowPacker().pack(made, writer)) });
  if (notes.length > 0)
    own.push({ id: SectionId.NOTES, bytes: packed((writer) => packNotes(notes, new StackNumbers(), writer)) });
  const summary: ChunkSummary = {
    ...{ firstRow, rows, startTime, endTime, minBytes: 0, maxBytes: 0, maxRow: 0, lastBytes: 0, allocatedBytes: 0 },
    ...{ lastBlocks: 0, allocations: 0, frees: 0, hasKeyFrame: false, hasTotals: false, hasText: false },
    noteKinds: notes.reduce((kinds, { kind }) => kinds | noteBit(kind), 0),
  };
  const { header, chunk: bytes } = writeChunk(summary, own);
  return { header, bytes: bytes.slice() };
}

export const joined = (...pieces: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(pieces));
export const file = (...chunks: readonly { readonly bytes: Uint8Array }[]): Uint8Array =>
  joined(fileHeader(), ...chunks.map(({ bytes }) => bytes));

export function indexed(...chunks: readonly { readonly header: Uint8Array; readonly bytes: Uint8Array }[]): Uint8Array {
  const headers = new ByteWriter();
  let at = fileHeader().length;
  for (const { header, bytes } of chunks) {
    headers.f64(at);
    headers.blob(indexEntry(header));
    at += bytes.length;
  }
  return joined(file(...chunks), writeIndex(headers, at));
}
