// Notes as bytes and back. A record is fields of (key, length, value), so that later versions may add fields and older readers skip
// them. The keys stand in the schemas below and never change meaning.

import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Note, NoteContent, NoteKind, TextPiece } from "../heap/notes.ts";
import type { Microseconds } from "../base/units.ts";
import type { NamedFrame } from "../wire/events.ts";
import type { StackNumbers, StackTable } from "./stack-names.ts";

/** "time" is a double, "integers" varints, "stack" the number of one in the STACKS sections, "records" nested by their own schema. A "?" marks what may be absent. */
type FieldType = "uint" | "int" | "time" | "flag" | "string" | "bytes" | "integers" | "stack" | Schema;
type Field = readonly [key: number, type: FieldType, optional?: "?"];
interface Schema {
  readonly [name: string]: Field;
}

const region: Schema = {
  name: [1, "string", "?"],
  start: [2, "uint"],
  end: [3, "uint"],
  caps: [4, "uint"],
  free: [5, "uint"],
  largestFree: [6, "uint"],
  minimumFree: [7, "uint", "?"],
};

const SCHEMAS: Readonly<Record<NoteKind, Schema>> = {
  boot: {
    bootId: [1, "uint"],
    protocolVersion: [2, "uint"],
    chip: [3, "string", "?"],
    idfVersion: [4, "string", "?"],
    appName: [5, "string", "?"],
    appVersion: [6, "string", "?"],
    elfSha256: [7, "string", "?"],
    configuration: [8, "uint"],
    tableCapacity: [9, "uint"],
    sampleInterval: [10, "uint"],
    stackDepth: [11, "uint"],
    resetReason: [12, "uint", "?"],
    cores: [13, "uint", "?"],
    redZoneBytes: [14, "uint", "?"],
    quarantineBytes: [15, "uint", "?"],
    origin: [16, "string", "?"],
    startedAt: [17, "time"],
    provisional: [18, "flag", "?"],
    continues: [19, "flag", "?"],
    sampleBytes: [20, "uint", "?"],
  },
  site: {
    id: [1, "uint"],
    deviceId: [2, "uint"],
    boot: [3, "int"],
    method: [4, "uint"],
    caps: [5, "uint"],
    file: [6, "string", "?"],
    line: [7, "uint", "?"],
    function: [8, "string", "?"],
    variable: [9, "string", "?"],
    callers: [10, "integers", "?"],
    frames: [11, "stack", "?"],
  },
  task: {
    id: [1, "uint"],
    deviceId: [2, "uint"],
    boot: [3, "int"],
    name: [4, "string"],
    handle: [5, "uint"],
    deleted: [6, "flag", "?"],
    deletedAt: [7, "time", "?"],
  },
  mark: { time: [1, "time"], name: [2, "string"], task: [3, "uint"], core: [4, "uint"] },
  heartbeat: {
    time: [1, "time"],
    liveBlocks: [2, "uint"],
    liveBytes: [3, "uint"],
    hash: [4, "uint"],
    peakBytes: [5, "uint"],
    tableFull: [6, "uint"],
    unknownFrees: [7, "uint"],
    droppedEvents: [8, "uint"],
    faults: [9, "uint"],
    failures: [10, "uint"],
    droppedReports: [11, "uint"],
    quarantinedBytes: [12, "uint"],
    quarantinedBlocks: [13, "uint"],
    verdict: [14, "string"],
  },
  regions: { time: [1, "time"], regions: [2, region] },
  fault: {
    number: [1, "uint"],
    kind: [2, "uint"],
    time: [3, "time"],
    eventNumber: [4, "uint", "?"],
    task: [5, "uint", "?"],
    core: [6, "uint", "?"],
    pointer: [7, "uint"],
    blockAddress: [8, "uint"],
    blockSize: [9, "uint"],
    allocSite: [10, "uint", "?"],
    allocTask: [11, "uint", "?"],
    freeSite: [12, "uint", "?"],
    freeTask: [13, "uint", "?"],
    freeTime: [14, "time", "?"],
    detectedSite: [15, "uint", "?"],
    damageOffset: [16, "int", "?"],
    damageLength: [17, "uint", "?"],
    damageBytes: [18, "bytes", "?"],
    lastGoodTime: [19, "time", "?"],
    lastGoodTask: [20, "uint", "?"],
    activeTasks: [21, "integers", "?"],
  },
  failure: {
    number: [1, "uint"],
    reason: [2, "uint"],
    time: [3, "time"],
    eventNumber: [4, "uint", "?"],
    task: [5, "uint", "?"],
    core: [6, "uint", "?"],
    size: [7, "uint"],
    count: [8, "uint", "?"],
    caps: [9, "uint"],
    site: [10, "uint", "?"],
    alignment: [11, "uint", "?"],
    regions: [12, region],
    quarantineReleased: [13, "uint", "?"],
  },
  gap: { time: [1, "time"], reason: [2, "string"], lostFrames: [3, "uint"], lostEvents: [4, "uint", "?"] },
  anomaly: {
    kind: [1, "string"],
    time: [2, "time"],
    address: [3, "uint"],
    site: [4, "uint"],
    task: [5, "uint"],
    explainedByGap: [6, "flag"],
  },
};

/** Codes of the kinds in a file. */
const KIND_CODES: Readonly<Record<NoteKind, number>> = {
  boot: 1,
  site: 2,
  task: 3,
  mark: 4,
  fault: 5,
  failure: 6,
  gap: 7,
  anomaly: 8,
  heartbeat: 9,
  regions: 10,
};
const KIND_NAMES = new Map(Object.entries(KIND_CODES).map(([kind, code]) => [code, kind as NoteKind]));

export function packNotes(notes: readonly Note[], stacks: StackNumbers, into: ByteWriter): void {
  let row = 0;
  for (const note of notes) {
    into.varint(note.row - row);
    into.varint(KIND_CODES[note.kind]);
    into.blob(packRecord({ ...note.value }, SCHEMAS[note.kind], stacks));
    row = note.row;
  }
}

/** Unknown kinds are skipped; what cannot be read ends the list. */
export function unpackNotes(bytes: Uint8Array, stacks: StackTable): Note[] {
  const reader = new ByteReader(bytes);
  const notes: Note[] = [];
  let row = 0;
  while (reader.remaining > 0) {
    row += reader.varint();
    const kind = KIND_NAMES.get(reader.varint());
    const record = reader.blob();
    if (reader.failed) break;
    if (kind === undefined) continue;
    const value = unpackRecord(record, SCHEMAS[kind], stacks);
    // The schemas give every required field of the kind's type, so the record is one.
    if (value !== undefined) notes.push({ ...({ kind, value } as unknown as NoteContent), row });
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

export function unpackText(bytes: Uint8Array, startTime: Microseconds): TextPiece[] {
  const reader = new ByteReader(bytes);
  const pieces: TextPiece[] = [];
  while (reader.remaining > 0) {
    const piece = { row: reader.varint(), time: startTime + reader.varint(), bytes: reader.blob() };
    if (reader.failed) break;
    pieces.push(piece);
  }
  return pieces;
}

function packRecord(record: Readonly<Record<string, unknown>>, schema: Schema, stacks: StackNumbers): Uint8Array {
  const writer = new ByteWriter(64);
  for (const [name, [key, type]] of Object.entries(schema)) {
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
    for (const record of value as readonly Readonly<Record<string, unknown>>[]) {
      writer.blob(packRecord(record, type, stacks));
    }
    return writer.toBytes();
  }
  switch (type) {
    case "uint":
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
    case "stack":
      writer.varint(stacks.number(value as readonly NamedFrame[]));
      break;
    case "string":
      return new TextEncoder().encode(String(value));
    case "bytes":
      return value as Uint8Array;
    case "integers":
      for (const number of value as readonly number[]) writer.varint(wholeNumber(number));
      break;
  }
  return writer.toBytes();
}

/** What a varint can hold: odd values of importers must not make a file unreadable. */
function wholeNumber(value: unknown): number {
  const number = Math.trunc(Number(value));
  return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : 0;
}

function unpackRecord(bytes: Uint8Array, schema: Schema, stacks: StackTable): Record<string, unknown> | undefined {
  const reader = new ByteReader(bytes);
  const record: Record<string, unknown> = {};
  const byKey = new Map(Object.entries(schema).map(([name, [key, type]]) => [key, { name, type }]));
  for (const [name, [, type, optional]] of Object.entries(schema)) {
    if (optional === undefined) record[name] = zeroOf(type);
  }
  while (reader.remaining > 0) {
    const field = byKey.get(reader.varint());
    const value = reader.blob();
    if (reader.failed) return undefined;
    if (field !== undefined) record[field.name] = unpackValue(value, field.type, stacks);
  }
  return record;
}

function unpackValue(bytes: Uint8Array, type: FieldType, stacks: StackTable): unknown {
  const reader = new ByteReader(bytes);
  if (typeof type === "object") {
    const records: Record<string, unknown>[] = [];
    while (reader.remaining > 0) {
      const record = unpackRecord(reader.blob(), type, stacks);
      if (record !== undefined && !reader.failed) records.push(record);
    }
    return records;
  }
  switch (type) {
    case "uint":
      return reader.varint();
    case "int":
      return reader.zigzag();
    case "stack":
      return stacks.stack(reader.varint());
    case "time": {
      const time = reader.f64();
      return Number.isFinite(time) ? time : 0;
    }
    case "flag":
      return reader.u8() === 1;
    case "string":
      return new TextDecoder().decode(bytes);
    case "bytes":
      return new Uint8Array(bytes);
    case "integers": {
      const numbers: number[] = [];
      while (reader.remaining > 0) numbers.push(reader.varint());
      return numbers;
    }
  }
}

function zeroOf(type: FieldType): unknown {
  if (typeof type === "object") return [];
  switch (type) {
    case "string":
      return "";
    case "flag":
      return false;
    case "bytes":
      return new Uint8Array(0);
    case "integers":
    case "stack":
      return [];
    case "uint":
    case "int":
    case "time":
      return 0;
  }
}
