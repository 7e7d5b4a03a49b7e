// Notes as bytes and back. A record is fields of (key, length, value), so that later versions may add fields and older readers skip
// them. The keys stand in the records' descriptions (src/wire/records.ts, src/heap/run-records.ts).

import { ByteReader, ByteWriter, decodeText } from "../base/bytes.ts";
import { KIND_CODE, runRecords } from "../heap/run-records.ts";
import { MOST_TASKS, type Note, type NoteKind, type NoteOf, type TextPiece } from "../heap/notes.ts";
import type { Microseconds } from "../base/units.ts";
import {
  type AnyValues,
  type Choice,
  completed,
  type Description,
  type FieldType,
  type NamedFrame,
  type RecordOf,
} from "../wire/fields.ts";
import type { StackNumbers, StackTable } from "./stack-names.ts";

const KINDS = new Map((Object.entries(KIND_CODE) as [NoteKind, number][]).map(([kind, code]) => [code, kind]));

export function packNotes(notes: readonly Note[], stacks: StackNumbers, into: ByteWriter): void {
  let row = 0;
  for (const note of notes) {
    into.varint(note.row - row);
    into.varint(KIND_CODE[note.kind]);
    into.blob(packRecord({ ...note.value }, runRecords[note.kind], stacks));
    row = note.row;
  }
}

/** What a chunk's notes are read with, and what they can be. */
export interface NoteContext {
  readonly stacks: StackTable;
  readonly endTime: Microseconds;
  /** Ids of sites are below it. */
  readonly mostSites: number;
  /** Told of what no recorder writes, which is left out: a time after the chunk's end, an address of more than 32 bits. */
  readonly onNonsense: () => void;
}

/** Unknown kinds are skipped; what cannot be read ends the list. */
export function unpackNotes(bytes: Uint8Array, context: NoteContext): Note[] {
  const reader = new ByteReader(bytes);
  const notes: Note[] = [];
  let row = 0;
  while (reader.remaining > 0) {
    row += reader.varint();
    const kind = KINDS.get(reader.varint());
    const record = reader.blob();
    if (reader.failed) {
      context.onNonsense();
      break;
    }
    if (kind === undefined) continue;
    const content = unpackNote(kind, record, context);
    if (content !== undefined) notes.push({ ...content, row });
  }
  return notes;
}

export function packText(pieces: readonly TextPiece[], startTime: Microseconds, into: ByteWriter): void {
  for (const piece of pieces) {
    into.varint(piece.row);
    into.varint(piece.time - startTime);
    into.blob(piece.bytes);
  }
}

export function unpackText(
  bytes: Uint8Array,
  { startTime, endTime }: { readonly startTime: Microseconds; readonly endTime: Microseconds },
): TextPiece[] {
  const reader = new ByteReader(bytes);
  const pieces: TextPiece[] = [];
  while (reader.remaining > 0) {
    const [row, time] = [reader.varint(), startTime + reader.varint()];
    const piece = { row, time: Math.min(time, endTime), bytes: reader.blob() };
    if (reader.failed) break;
    pieces.push(piece);
  }
  return pieces;
}

function packRecord(record: AnyValues, { saved }: Description, stacks: StackNumbers): Uint8Array {
  const writer = new ByteWriter(64);
  for (const { name, key, type } of saved) {
    const value = record[name];
    if (value === undefined) continue;
    writer.varint(key);
    writer.blob(packValue(value, type, stacks));
  }
  return writer.toBytes();
}

function packValue(value: unknown, type: FieldType, stacks: StackNumbers): Uint8Array {
  const writer = new ByteWriter(16);
  if (typeof type === "object") {
    if ("oneOf" in type) return packValue(value, typeof value === "string" ? "text" : "count", stacks);
    for (const record of value as readonly AnyValues[]) writer.blob(packRecord(record, type.records, stacks));
    return writer.toBytes();
  }
  switch (type) {
    case "count":
    case "bytes":
    case "address":
    case "word":
    case "caps":
    case "site":
    case "task":
      writer.varint(wholeNumber(value));
      break;
    case "int":
      writer.zigzag(Math.trunc(Number(value)));
      break;
    case "time":
      writer.f64(Number(value));
      break;
    case "flag":
      writer.u8(value === true ? 1 : 0);
      break;
    case "frames":
      writer.varint(stacks.number(value as readonly NamedFrame[]));
      break;
    case "text":
    case "sha256":
      return new TextEncoder().encode(String(value));
    case "octets":
      return value as Uint8Array;
    case "tasks":
    case "addresses":
    case "numbers":
      for (const number of value as readonly number[]) writer.varint(wholeNumber(number));
      break;
    case "times": {
      // In order, so that small steps are what is written.
      let last = 0;
      for (const time of value as readonly number[]) {
        writer.zigzag(Math.round(time) - last);
        last = Math.round(time);
      }
      break;
    }
    case "texts":
      for (const text of value as readonly string[]) writer.blob(new TextEncoder().encode(text));
      break;
  }
  return writer.toBytes();
}

/** What a varint can hold: odd values of importers must not make a file unreadable. */
function wholeNumber(value: unknown): number {
  const number = Math.trunc(Number(value));
  return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : 0;
}

function unpackNote<K extends NoteKind>(kind: K, bytes: Uint8Array, context: NoteContext): NoteOf<K> | undefined {
  const value = unpackRecord(bytes, runRecords[kind], context);
  return value === undefined ? undefined : { kind, value };
}

/** Undefined where it cannot be read, or tells of a kind of thing that this version does not know. */
function unpackRecord<D extends Description>(
  bytes: Uint8Array,
  description: D,
  context: NoteContext,
): RecordOf<D> | undefined {
  const reader = new ByteReader(bytes);
  const found: Record<string, unknown> = {};
  while (reader.remaining > 0) {
    const key = reader.varint();
    const value = reader.blob();
    if (reader.failed) {
      context.onNonsense();
      return undefined;
    }
    const field = description.saved.find((one) => one.key === key);
    if (field !== undefined) found[field.name] = unpackValue(value, field.type, context);
  }
  const isWhole = description.saved.every(({ name, type }) => !isDemanding(type) || found[name] !== undefined);
  return isWhole ? completed(description, found) : undefined;
}

/** A choice for which nothing else can be taken. */
function isDemanding(type: FieldType): boolean {
  return typeof type === "object" && "oneOf" in type && type.else === undefined;
}

/** More records in one field than any device has regions. */
const MOST_RECORDS = 256;

/** Undefined where it makes no sense. */
function unpackValue(bytes: Uint8Array, type: FieldType, context: NoteContext): unknown {
  const reader = new ByteReader(bytes);
  const value = readValue(reader, bytes, type, context);
  if (!reader.failed && (typeof value !== "number" || isPossible(value, type, context))) return value;
  context.onNonsense();
  return undefined;
}

function isPossible(value: number, type: FieldType, { endTime, mostSites }: NoteContext): boolean {
  switch (type) {
    case "time":
      return value <= endTime && value >= -endTime;
    case "address":
    case "word":
    case "caps":
      return value <= 0xffff_ffff;
    case "site":
      return value < mostSites;
    case "task":
      return value < MOST_TASKS;
    default:
      return true;
  }
}

function readValue(reader: ByteReader, bytes: Uint8Array, type: FieldType, context: NoteContext): unknown {
  if (typeof type === "object") {
    if ("oneOf" in type) return unpackChoice(bytes, type);
    const records: unknown[] = [];
    while (reader.remaining > 0) {
      const record = unpackRecord(reader.blob(), type.records, context);
      if (record !== undefined && !reader.failed) records.push(record);
      if (records.length === MOST_RECORDS && reader.remaining > 0) {
        context.onNonsense();
        break;
      }
    }
    return records;
  }
  switch (type) {
    case "count":
    case "bytes":
    case "address":
    case "word":
    case "caps":
    case "site":
    case "task":
      return reader.varint();
    case "int":
      return reader.zigzag();
    case "frames":
      return context.stacks.stack(reader.varint());
    case "time":
      return reader.f64();
    case "flag":
      return reader.u8() === 1;
    case "text":
    case "sha256":
      return decodeText(bytes);
    case "octets":
      return new Uint8Array(bytes);
    case "times": {
      const times: number[] = [];
      let last = 0;
      while (reader.remaining > 0) {
        last += reader.zigzag();
        // Rounded when it was written.
        if (Math.abs(last) > context.endTime + 1) {
          context.onNonsense();
          return undefined;
        }
        times.push(last);
      }
      return times;
    }
    case "texts": {
      const texts: string[] = [];
      while (reader.remaining > 0) texts.push(new TextDecoder().decode(reader.blob()));
      return texts;
    }
    case "tasks":
    case "addresses":
    case "numbers": {
      const numbers: number[] = [];
      while (reader.remaining > 0) numbers.push(reader.varint());
      // Without the room for more that it has grown.
      return numbers.slice();
    }
  }
}

/** Undefined for a choice that only a later version knows. */
function unpackChoice(bytes: Uint8Array, { oneOf, else: otherwise }: Choice): number | string | undefined {
  const known = Object.values(oneOf);
  const value = typeof known[0] === "string" ? new TextDecoder().decode(bytes) : new ByteReader(bytes).varint();
  return known.includes(value) ? value : otherwise;
}
