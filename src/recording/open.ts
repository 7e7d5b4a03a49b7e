// Opens a recording at any moment without reading it all: index or chunk headers first, names next, rows when they are asked for.

import { MemmapError } from "../base/errors.ts";
import { TABLE_NOTES, TableBuilder, type Note, type TextPiece } from "../heap/notes.ts";
import { Rows } from "../heap/rows.ts";
import type { ChunkSummary, Run } from "../heap/run.ts";
import type { RunTables } from "../heap/types.ts";
import { crc32 } from "../wire/crc32.ts";
import {
  FILE_HEADER_BYTES,
  FILE_MAGIC,
  FORMAT_VERSION,
  readIndex,
  readTrailer,
  SectionId,
  TRAILER_BYTES,
  type FoundChunk,
} from "./chunk-format.ts";
import { ByteReader } from "../base/bytes.ts";
import { unpackNotes, unpackText } from "./note-codec.ts";
import { unpackRows } from "./pack-rows.ts";
import type { RandomAccess } from "./random-access.ts";
import { followingChunks, scanChunks } from "./scan.ts";
import { StackTable } from "./stack-names.ts";

/** In what state a recording was found. */
export interface RecordingCondition {
  /** The recording was ended; otherwise the program that wrote it was stopped, and the file goes to its last whole chunk. */
  readonly isComplete: boolean;
  /** Bytes at the end, or between chunks, that are no whole chunk. */
  readonly damagedBytes: number;
  /** Rows known to be missing, those of chunks found damaged so far included. */
  readonly missingRows: number;
  /** Sentences for the user; empty where all is well. */
  readonly remarks: readonly string[];
}

/** Decoded chunks kept: neighbouring questions ask for the same ones. 300 KiB each. */
const CHUNKS_KEPT = 16;

/**
 * Throws MemmapError: `not-a-recording`, `recording-damaged` (its first bytes), `recording-newer` (a later format version). A recording that was cut off or damaged opens; see
 * `condition`.
 */
export async function openRecording(source: RandomAccess): Promise<Recording> {
  checkFileHeader(await source.read(0, FILE_HEADER_BYTES));
  const indexed = await readFooter(source);
  const { chunks, damagedBytes } = indexed ?? (await scanChunks(source, FILE_HEADER_BYTES));
  const recording = new Recording(source, [...chunks], indexed !== undefined, damagedBytes);
  await recording.readTables();
  return recording;
}

function checkFileHeader(bytes: Uint8Array): void {
  if (bytes.length < FILE_HEADER_BYTES || FILE_MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new MemmapError("this is not a memmap recording", {
      code: "not-a-recording",
      hint: "Give a file that `memmap record` wrote; other tools' files are read by `memmap import`.",
    });
  }
  const reader = new ByteReader(bytes.subarray(FILE_MAGIC.length));
  const version = reader.u32();
  if (reader.u32() !== crc32(bytes, 0, FILE_HEADER_BYTES - 4)) {
    throw new MemmapError("the first bytes of this recording are damaged", {
      code: "recording-damaged",
      hint: "Copy the file again from where it was recorded.",
    });
  }
  if (version > FORMAT_VERSION) {
    throw new MemmapError(`this recording has format version ${version}; this memmap reads up to ${FORMAT_VERSION}`, {
      code: "recording-newer",
      hint: "Update memmap (in a clone: `git pull && npm run build`).",
    });
  }
}

async function readFooter(source: RandomAccess): Promise<{ chunks: FoundChunk[]; damagedBytes: number } | undefined> {
  if (source.size < FILE_HEADER_BYTES + TRAILER_BYTES) return undefined;
  const trailer = readTrailer(await source.read(source.size - TRAILER_BYTES, TRAILER_BYTES));
  if (trailer === undefined || trailer.offset + trailer.length + TRAILER_BYTES !== source.size) return undefined;
  const chunks = readIndex(await source.read(trailer.offset, trailer.length));
  return chunks === undefined ? undefined : { chunks, damagedBytes: 0 };
}

export class Recording implements Run {
  readonly chunks: ChunkSummary[];
  private readonly source: RandomAccess;
  private readonly found: FoundChunk[];
  private readonly builder = new TableBuilder();
  private readonly stacks = new StackTable();
  private readonly isComplete: boolean;
  private readonly damagedBytes: number;
  private readonly missing = new Map<number, number>();
  private readonly kept = new Map<number, Rows>();

  constructor(source: RandomAccess, found: FoundChunk[], isComplete: boolean, damagedBytes: number) {
    this.source = source;
    this.found = found;
    this.chunks = found.map(({ header }) => header.summary);
    this.isComplete = isComplete;
    this.damagedBytes = damagedBytes;
    this.chunks.forEach((chunk, i) => {
      const before = this.chunks[i - 1];
      const expected = before === undefined ? 0 : before.firstRow + before.rows;
      if (chunk.firstRow > expected) this.miss(-1 - i, chunk.firstRow - expected, chunk.startTime);
    });
  }

  get tables(): RunTables {
    return this.builder.tables;
  }

  get condition(): RecordingCondition {
    const { isComplete, damagedBytes } = this;
    const missingRows = [...this.missing.values()].reduce((sum, rows) => sum + rows, 0);
    const remarks: string[] = [];
    if (!isComplete) remarks.push("The recording was not ended; it goes up to its last whole chunk.");
    if (missingRows > 0) remarks.push(`${missingRows} events are missing where the file is damaged.`);
    return { isComplete, damagedBytes, missingRows, remarks };
  }

  /**
   * Takes in the whole chunks that were appended since it was opened, or since the last call: for a recording that is still being written.
   * Resolves to how many there were.
   */
  async refresh(): Promise<number> {
    const last = this.found.at(-1);
    const known = this.found.length;
    const added = await followingChunks(
      this.source,
      last === undefined ? FILE_HEADER_BYTES : last.offset + last.header.length,
    );
    this.found.push(...added);
    for (const { header } of added) this.chunks.push(header.summary);
    if (added.length > 0) await this.readTables(known);
    return added.length;
  }

  /** Reads the notes that make up the tables, from a chunk on: a small part of the chunks has any. */
  async readTables(first = 0): Promise<void> {
    for (let i = first; i < this.chunks.length; i++) {
      if (((this.chunks[i]?.noteKinds ?? 0) & TABLE_NOTES) === 0) continue;
      const stacks = await this.section(i, SectionId.STACKS);
      if (stacks !== undefined) this.stacks.read(stacks);
      for (const note of await this.notes(i)) this.builder.apply(note);
    }
  }

  rows(chunk: number): Rows | Promise<Rows> {
    const kept = this.kept.get(chunk);
    return kept ?? this.loadRows(chunk);
  }

  private async loadRows(chunk: number): Promise<Rows> {
    const summary = this.chunks[chunk];
    if (summary === undefined || summary.rows === 0) return new Rows(0, summary?.firstRow ?? 0, 0);
    const bytes = await this.section(chunk, SectionId.ROWS);
    const unpacked = bytes === undefined ? undefined : unpackRows(bytes, summary.firstRow);
    const isWhole = unpacked?.length === summary.rows;
    if (!isWhole) this.miss(chunk, summary.rows, summary.startTime);
    const rows = isWhole ? unpacked : new Rows(0, summary.firstRow, summary.startTime);
    const oldest = this.kept.size >= CHUNKS_KEPT ? this.kept.keys().next().value : undefined;
    if (oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(chunk, rows);
    return rows;
  }

  async keyFrame(chunk: number): Promise<Uint8Array | undefined> {
    const bytes = await this.section(chunk, SectionId.KEY_FRAME);
    return bytes;
  }

  async totals(chunk: number): Promise<Uint8Array | undefined> {
    return this.section(chunk, SectionId.TOTALS);
  }

  async notes(chunk: number): Promise<readonly Note[]> {
    const bytes = await this.section(chunk, SectionId.NOTES);
    return bytes === undefined ? [] : unpackNotes(bytes, this.stacks);
  }

  async text(chunk: number): Promise<readonly TextPiece[]> {
    const bytes = await this.section(chunk, SectionId.TEXT);
    return bytes === undefined ? [] : unpackText(bytes, this.chunks[chunk]?.startTime ?? 0);
  }

  /** A section's bytes; undefined where the chunk has none or it is damaged. */
  private async section(chunk: number, id: number): Promise<Uint8Array | undefined> {
    const found = this.found[chunk];
    const section = found?.header.sections.find((candidate) => candidate.id === id);
    if (found === undefined || section === undefined) return undefined;
    const bytes = await this.source.read(found.offset + section.offset, section.length);
    return bytes.length === section.length && crc32(bytes) === section.crc ? bytes : undefined;
  }

  /** Notes once for each place that rows are missing. */
  private miss(place: number, rows: number, time: number): void {
    if (this.missing.has(place)) return;
    this.missing.set(place, rows);
    this.builder.apply({
      kind: "gap",
      value: { time, reason: "recording-damaged", lostFrames: 0, lostEvents: rows },
    });
  }
}
