// Reads described records (records.ts) from the bodies of frames: keyed, or their fields one behind the other (protocol/SPEC.md, sections 5 to 7).

import { ByteReader, decodeText, hexOf } from "../base/bytes.ts";
import { type AnyValues, type Choice, completed, type Description, type NamedField, type RecordOf } from "./fields.ts";

/** What a keyed frame says: the values that are there and of the form asked for. */
export interface KeyedValues {
  readonly values: AnyValues;
  /** It has a choice that this version does not know. */
  readonly unknownChoice: boolean;
}

/** Keys with lengths, in any order; unknown ones are skipped. Undefined where a length reaches past the frame's end. */
export function readKeyed(
  description: Description,
  cursor: ByteReader,
  microsecondsPerTick: number,
): KeyedValues | undefined {
  const given = new Map<number, Uint8Array[]>();
  while (cursor.remaining > 0) {
    const key = cursor.varint32();
    const value = cursor.take(cursor.varint32());
    const earlier = given.get(key);
    if (earlier === undefined) given.set(key, [value]);
    else earlier.push(value);
  }
  if (cursor.failed) return undefined;
  const values: Record<string, unknown> = {};
  let unknownChoice = false;
  for (const field of description.wire) {
    const all = given.get(field.key) ?? [];
    const { type } = field;
    if (typeof type === "object" && "records" in type) {
      const { records, wireFields } = type;
      values[field.name] = all
        .map((bytes) => readInOrder(records, new ByteReader(bytes), microsecondsPerTick, wireFields))
        .filter((record) => record !== undefined);
      continue;
    }
    const [first] = all;
    if (first === undefined) continue;
    const value = readWhole(field, new ByteReader(first), microsecondsPerTick);
    if (value === unknown) unknownChoice = true;
    else values[field.name] = value;
  }
  return { values, unknownChoice };
}

/** A numbered record of a keyed frame. "unknown": of a kind that this version does not know. Undefined where the frame makes no sense. */
export function readReport<D extends Description>(
  description: D,
  cursor: ByteReader,
  microsecondsPerTick: number,
): { readonly number: number; readonly record: RecordOf<D> } | "unknown" | undefined {
  const given = readKeyed(description, cursor, microsecondsPerTick);
  if (given === undefined) return undefined;
  const { values, unknownChoice } = given;
  for (const { name, type, needed } of description.wire) {
    const isUnknown = unknownChoice && typeof type === "object";
    if (needed === true && values[name] === undefined && !isUnknown) return undefined;
  }
  if (unknownChoice) return "unknown";
  return { number: Number(values["number"]), record: completed(description, values) };
}

/** The fields of a record one behind the other. Undefined where they are not all there. */
export function readInOrder<D extends Description>(
  description: D,
  cursor: ByteReader,
  microsecondsPerTick: number,
  count = description.wire.length,
): RecordOf<D> | undefined {
  const values: Record<string, unknown> = {};
  for (const field of description.wire.slice(0, count)) {
    const { type } = field;
    if (typeof type === "object" && "records" in type) {
      values[field.name] = readAll(type.records, cursor, microsecondsPerTick);
    } else {
      values[field.name] = endsWithItsBytes(field)
        ? readWhole(field, new ByteReader(cursor.take(cursor.varint32())), microsecondsPerTick)
        : readNumber(field, cursor, microsecondsPerTick);
    }
  }
  return cursor.failed ? undefined : completed(description, values);
}

/** Record behind record to the end. */
function readAll<D extends Description>(
  description: D,
  cursor: ByteReader,
  microsecondsPerTick: number,
): RecordOf<D>[] {
  const all: RecordOf<D>[] = [];
  while (cursor.remaining > 0) {
    const record = readInOrder(description, cursor, microsecondsPerTick);
    if (record !== undefined) all.push(record);
  }
  return all;
}

/** Stands for a choice that this version does not know. */
const unknown = Symbol("unknown");

/** Whether a value takes all bytes that it is given, so that among others it needs a length. */
export function endsWithItsBytes({ type }: NamedField): boolean {
  return type === "text" || type === "octets" || type === "tasks" || type === "addresses";
}

/** A value to which all bytes under the cursor belong; undefined where they are not of its form. */
function readWhole(field: NamedField, cursor: ByteReader, microsecondsPerTick: number): unknown {
  switch (field.type) {
    case "text":
      return decodeText(cursor.rest());
    case "octets":
      return cursor.rest().slice();
    case "sha256":
      return cursor.remaining === 32 ? hexOf(cursor.rest()) : undefined;
    case "tasks":
    case "addresses": {
      const numbers: number[] = [];
      while (cursor.remaining > 0) numbers.push(cursor.varint32());
      return cursor.failed ? undefined : numbers;
    }
    default: {
      const value = readNumber(field, cursor, microsecondsPerTick);
      return cursor.failed ? undefined : value;
    }
  }
}

function readNumber({ type, part }: NamedField, cursor: ByteReader, microsecondsPerTick: number): unknown {
  if (typeof type === "object") return "oneOf" in type ? readChoice(type, cursor) : undefined;
  if (part !== undefined) return part === "task" ? cursor.varint32() >>> 2 : cursor.varint32() & 3;
  switch (type) {
    case "address":
    case "word":
      return cursor.u32();
    case "int":
      return cursor.zigzag32();
    case "time":
      return cursor.varint() * microsecondsPerTick;
    case "flag":
      return (cursor.u8() & 1) !== 0;
    default:
      return cursor.varint32();
  }
}

function readChoice({ oneOf, else: otherwise }: Choice, cursor: ByteReader): unknown {
  const code = cursor.varint32();
  return cursor.failed || Object.values(oneOf).includes(code) ? code : (otherwise ?? unknown);
}
