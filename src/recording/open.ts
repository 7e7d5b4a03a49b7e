// Opens a recording at any moment without reading it all: index or chunk headers first, names next, rows when they are asked for.

import { MemmapError } from "../base/errors.ts";
import { type Damage, damageRemarks, DamagedPart } from "../heap/damage.ts";
import { LIKELY_SITES, MOST_SITES, TABLE_NOTES, TableBuilder, type Note, type TextPiece } from "../heap/notes.ts";
import { Rows } from "../heap/rows.ts";
import type { ChunkSummary, Run } from "../heap/run.ts";
import type { RunTables } from "../heap/types.ts";
import { crc32 } from "../base/crc32.ts";
import {
  FILE_HEADER_BYTES,
  FILE_MAGIC,
  FORMAT_VERSION,
  readIndex,
  readTrailer,
  readChunkHeader,
  SectionId,
  TRAILER_BYTES,
  type FoundChunk,
  type Section,
} from "./chunk-format.ts";
import { ByteReader } from "../base/bytes.ts";
import { unpackNotes, unpackText } from "./note-codec.ts";
import { RowUnpacker } from "./pack-rows.ts";
import type { RandomAccess } from "./random-access.ts";
import { partOf } from "./damage.ts";
import { followingChunks, scanChunks, type ScanResult } from "./scan.ts";
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
 * Throws MemmapError: `not-a-recording`, `recording-damaged` (nothing of it can be read), `recording-newer` (a later format version). A recording that was cut off or damaged opens; see
 * `condition`. Damage is found where something is read; `check` finds all.
 */
export async function openRecording(source: RandomAccess): Promise<Recording> {
  const headerIsWhole = checkFileHeader(await source.read(0, FILE_HEADER_BYTES));
  const indexed = await readFooter(source);
  const scan = indexed === undefined ? await scanChunks(source, FILE_HEADER_BYTES) : undefined;
  const chunks = indexed ?? scan?.chunks ?? [];
  if (!headerIsWhole && chunks.length === 0) throw damagedHeader();
  const recording = new Recording(source, [...chunks], scan, headerIsWhole);
  await recording.readTables();
  return recording;
}

/** False where it is damaged. */
function checkFileHeader(bytes: Uint8Array): boolean {
  const strange = FILE_MAGIC.filter((byte, i) => bytes[i] !== byte).length;
  if (bytes.length < FILE_HEADER_BYTES || strange > 1) {
    throw new MemmapError("this is not a memmap recording", {
      code: "not-a-recording",
      hint: "Give a file that `memmap record` wrote; other tools' files are read by `memmap import`.",
    });
  }
  const reader = new ByteReader(bytes.subarray(FILE_MAGIC.length));
  const version = reader.u32();
  if (strange > 0 || reader.u32() !== crc32(bytes, 0, FILE_HEADER_BYTES - 4)) return false;
  if (version > FORMAT_VERSION) {
    throw new MemmapError(`this recording has format version ${version}; this memmap reads up to ${FORMAT_VERSION}`, {
      code: "recording-newer",
      hint: "Update memmap (in a clone: `git pull && npm run build`).",
    });
  }
  return true;
}

function damagedHeader(): MemmapError {
  return new MemmapError("the first bytes of this recording are damaged, and nothing behind them can be read", {
    code: "recording-damaged",
    hint: "Copy the file again from where it was recorded.",
  });
}

async function readFooter(source: RandomAccess): Promise<FoundChunk[] | undefined> {
  if (source.size < FILE_HEADER_BYTES + TRAILER_BYTES) return undefined;
  const trailer = readTrailer(await source.read(source.size - TRAILER_BYTES, TRAILER_BYTES));
  if (trailer === undefined || trailer.offset + trailer.length + TRAILER_BYTES !== source.size) return undefined;
  return readIndex(await source.read(trailer.offset, trailer.length));
}

/** A note of a site takes at least so many bytes. */
const LEAST_SITE_BYTES = 8;

export class Recording implements Run {
  readonly chunks: ChunkSummary[];
  private readonly source: RandomAccess;
  private readonly found: FoundChunk[];
  private readonly builder = new TableBuilder(() => this.mostSites);
  private readonly stacks = new StackTable();
  private readonly isComplete: boolean;
  private readonly isIndexed: boolean;
  private readonly damagedBytes: number;
  private readonly missing = new Map<number, number>();
  private readonly kept = new Map<number, Rows>();
  private readonly unpacker = new RowUnpacker();
  /** Sections that were found to be damaged, by chunk and id. */
  private readonly known = new Set<string>();

  /** `scan`: where there was no index. */
  constructor(source: RandomAccess, found: FoundChunk[], scan: ScanResult | undefined, headerIsWhole: boolean) {
    this.source = source;
    this.found = inOrder(found);
    this.chunks = this.found.map(({ header }) => header.summary);
    if (this.found.length < found.length) {
      const rowsOf = (chunks: readonly FoundChunk[]): number =>
        chunks.reduce((sum, { header }) => sum + header.summary.rows, 0);
      this.damaged(DamagedPart.NONSENSE, true, {}, rowsOf(found) - rowsOf(this.found));
    }
    this.isComplete = scan === undefined || scan.end === "index";
    this.isIndexed = scan === undefined;
    this.damagedBytes = scan?.damagedBytes ?? 0;
    if (!headerIsWhole) this.damaged(DamagedPart.COPY, false);
    for (const { header } of scan?.restored ?? []) {
      this.damaged(DamagedPart.COPY, false, { from: header.summary.startTime, to: header.summary.endTime });
    }
    // A recording with no chunk at all says so elsewhere.
    if (scan?.end === "damaged" && found.length > 0) this.damaged(DamagedPart.CHUNKS, true);
    if (scan?.end === "index") this.damaged(DamagedPart.COPY, false);
    this.chunks.forEach((chunk, i) => {
      const before = this.chunks[i - 1];
      const expected = before === undefined ? 0 : before.firstRow + before.rows;
      if (chunk.firstRow > expected)
        this.miss(-1 - i, DamagedPart.CHUNKS, chunk.firstRow - expected, before?.endTime ?? 0, i);
      else if (this.isHole(i, scan))
        this.damaged(DamagedPart.CHUNKS, true, { from: before?.endTime ?? 0, to: chunk.startTime });
    });
  }

  /** Whether there are bytes before a chunk that belong to none; where no rows are missing, notes and text may be. */
  private isHole(index: number, scan: ScanResult | undefined): boolean {
    const [before, chunk] = [this.found[index - 1], this.found[index]];
    const end = before === undefined ? FILE_HEADER_BYTES : before.offset + before.header.length;
    return scan !== undefined && chunk !== undefined && chunk.offset > end;
  }

  private damaged(part: DamagedPart, isLost: boolean, span: Pick<Damage, "from" | "to"> = {}, rows = 0): void {
    this.builder.addDamage({ part, isLost, rows, ...span });
  }

  /** As many as the file has room for. */
  get mostSites(): number {
    return Math.min(MOST_SITES, LIKELY_SITES + Math.ceil(this.source.size / LEAST_SITE_BYTES));
  }

  get tables(): RunTables {
    return this.builder.tables;
  }

  get condition(): RecordingCondition {
    const { isComplete, damagedBytes } = this;
    const missingRows = [...this.missing.values()].reduce((sum, rows) => sum + rows, 0);
    const remarks: string[] = [];
    if (!isComplete) remarks.push("The recording was not ended; it goes up to its last whole chunk.");
    remarks.push(...damageRemarks(this.tables.damage));
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
    const before = last === undefined ? [] : [last];
    const kept = inOrder([...before, ...added]).slice(before.length);
    for (const chunk of kept) {
      this.found.push(chunk);
      this.chunks.push(chunk.header.summary);
    }
    if (added.length > 0) await this.readTables(known);
    return added.length;
  }

  /** Reads the notes that make up the tables, from a chunk on: a small part of the chunks has any. */
  async readTables(first = 0): Promise<void> {
    for (let i = first; i < this.chunks.length; i++) {
      if (((this.chunks[i]?.noteKinds ?? 0) & TABLE_NOTES) === 0) continue;
      const stacks = (await this.section(i, SectionId.STACKS)) ?? (await this.section(i, SectionId.STACKS_COPY));
      if (stacks !== undefined) this.stacks.read(stacks);
      for (const note of await this.notes(i)) this.builder.apply(note);
    }
  }

  rows(chunk: number, into?: Rows): Rows | Promise<Rows> {
    const kept = this.kept.get(chunk);
    // A short run is kept as a whole.
    return kept ?? this.loadRows(chunk, this.chunks.length > CHUNKS_KEPT ? into : undefined);
  }

  private async loadRows(chunk: number, into: Rows | undefined): Promise<Rows> {
    const summary = this.chunks[chunk];
    if (summary === undefined || summary.rows === 0) return new Rows(0, summary?.firstRow ?? 0, 0);
    const bytes = await this.section(chunk, SectionId.ROWS);
    const limits = { ...summary, mostSites: this.mostSites };
    const unpacked = bytes === undefined ? undefined : this.unpacker.unpack(bytes, summary.firstRow, limits, into);
    const fits = unpacked?.length === summary.rows;
    if (!fits) this.miss(chunk, DamagedPart.EVENTS, summary.rows, summary.startTime, chunk + 1);
    const rows = fits ? unpacked : new Rows(0, summary.firstRow, summary.startTime);
    if (rows === into) return rows;
    const oldest = this.kept.size >= CHUNKS_KEPT ? this.kept.keys().next().value : undefined;
    if (oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(chunk, rows);
    return rows;
  }

  async keyFrame(chunk: number): Promise<Uint8Array | undefined> {
    return this.section(chunk, SectionId.KEY_FRAME);
  }

  async totals(chunk: number): Promise<Uint8Array | undefined> {
    return this.section(chunk, SectionId.TOTALS);
  }

  async notes(chunk: number): Promise<readonly Note[]> {
    const bytes = (await this.section(chunk, SectionId.NOTES)) ?? (await this.section(chunk, SectionId.NOTES_COPY));
    const { stacks, mostSites } = this;
    const { endTime = 0 } = this.chunks[chunk] ?? {};
    const onNonsense = (): void => this.nonsense(chunk);
    return bytes === undefined ? [] : unpackNotes(bytes, { stacks, endTime, mostSites, onNonsense });
  }

  async text(chunk: number): Promise<readonly TextPiece[]> {
    const bytes = await this.section(chunk, SectionId.TEXT);
    const summary = this.chunks[chunk];
    return bytes === undefined || summary === undefined ? [] : unpackText(bytes, summary);
  }

  /** Reads everything, so that all damage is known. */
  async check(): Promise<void> {
    for (let chunk = 0; chunk < this.found.length; chunk++) {
      const found = this.found[chunk];
      if (found === undefined) continue;
      const bytes = await this.source.read(found.offset, found.header.length);
      if (this.isIndexed && readChunkHeader(bytes) === undefined) this.damaged(DamagedPart.COPY, false, spanOf(found));
      for (const section of found.header.sections) {
        const part = bytes.subarray(section.offset, section.offset + section.length);
        if (!isWhole(part, section)) await this.damagedSection(chunk, section);
      }
      if (chunk % 64 === 63) await Promise.resolve();
    }
  }

  /** A section's bytes; undefined where the chunk has none or it is damaged. */
  private async section(chunk: number, id: number): Promise<Uint8Array | undefined> {
    const found = this.found[chunk];
    const section = found?.header.sections.find((candidate) => candidate.id === id);
    if (found === undefined || section === undefined) return undefined;
    const bytes = await this.source.read(found.offset + section.offset, section.length);
    if (isWhole(bytes, section)) return bytes;
    await this.damagedSection(chunk, section);
    return undefined;
  }

  /** Says once that a chunk's notes hold what makes no sense. */
  private nonsense(chunk: number): void {
    const [key, found] = [`${chunk} notes`, this.found[chunk]];
    if (found === undefined || this.known.has(key)) return;
    this.known.add(key);
    this.damaged(DamagedPart.NONSENSE, true, spanOf(found));
  }

  /** Says once that a section is damaged, and what that means. */
  private async damagedSection(chunk: number, { id }: Section): Promise<void> {
    const found = this.found[chunk];
    const key = `${chunk} ${id}`;
    if (found === undefined || this.known.has(key)) return;
    this.known.add(key);
    const span = spanOf(found);
    const { summary, sections } = found.header;
    if (id === SectionId.ROWS) {
      this.miss(chunk, DamagedPart.EVENTS, summary.rows, summary.startTime, chunk + 1);
    } else if (id === SectionId.NOTES) {
      const hasTables = (summary.noteKinds & TABLE_NOTES) !== 0;
      const copied = !hasTables || (await this.section(chunk, SectionId.NOTES_COPY)) !== undefined;
      const isLost = !copied || (summary.noteKinds & ~TABLE_NOTES) !== 0;
      this.damaged(copied ? DamagedPart.NOTES : DamagedPart.TABLES, isLost, span);
    } else if (id === SectionId.STACKS) {
      const copied = (await this.section(chunk, SectionId.STACKS_COPY)) !== undefined;
      this.damaged(DamagedPart.NAMES, !copied, span);
    } else {
      const isLost = id === SectionId.TEXT || partOf(id) === DamagedPart.UNKNOWN;
      if (sections.length > 0) this.damaged(partOf(id), isLost, span);
    }
  }

  /** Notes once for each place that rows are missing: from `since` to the key frame, of chunk `next` or a later one, from which all is known again. */
  private miss(place: number, part: DamagedPart, rows: number, since: number, next: number): void {
    if (this.missing.has(place)) return;
    this.missing.set(place, rows);
    const to = this.chunks[next]?.startTime ?? this.chunks.at(-1)?.endTime ?? since;
    this.damaged(part, true, { from: since, to }, rows);
    const healed = this.chunks.find((chunk, i) => i >= next && chunk.hasKeyFrame);
    const time = healed?.startTime ?? this.chunks.at(-1)?.endTime ?? since;
    this.builder.apply({
      kind: "gap",
      value: { time, since, reason: "recording-damaged", lostFrames: 0, lostEvents: rows },
    });
  }
}

/** Chunks as a recorder writes them: rows and times never go back. Others are left out. */
function inOrder(found: readonly FoundChunk[]): FoundChunk[] {
  const kept: FoundChunk[] = [];
  let [row, time] = [0, 0];
  for (const chunk of found) {
    const { firstRow, rows, startTime } = chunk.header.summary;
    if (firstRow < row || startTime < time) continue;
    kept.push(chunk);
    row = firstRow + rows;
    time = startTime;
  }
  return kept;
}

function isWhole(bytes: Uint8Array, section: Section): boolean {
  return bytes.length === section.length && crc32(bytes) === section.crc;
}

function spanOf({ header }: FoundChunk): Pick<Damage, "from" | "to"> {
  return { from: header.summary.startTime, to: header.summary.endTime };
}
