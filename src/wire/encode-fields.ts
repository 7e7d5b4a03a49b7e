// Writes described records (records.ts) as the bodies of frames, in the order of their keys or places: as SPEC.md section 9 and the probe do.

import { ByteWriter, encodeText } from "../base/bytes.ts";
import { endsWithItsBytes } from "./decode-fields.ts";
import type { AnyValues, Description, NamedField, RecordOf } from "./fields.ts";

/** `key, length, value` for each field that the record has. */
export function writeKeyed<D extends Description>(
  description: D,
  record: RecordOf<D>,
  microsecondsPerTick: number,
): Uint8Array {
  const writer = new ByteWriter();
  const values: AnyValues = { ...record };
  for (const field of description.wire) {
    for (const bytes of valuesOf(field, values, microsecondsPerTick)) {
      writer.varint(field.key);
      writer.blob(bytes);
    }
  }
  return writer.toBytes();
}

/** Most bytes that `writeInOrder` writes of a record of numbers: a word has four, the varint of any other five. */
export function mostBytesInOrder({ wire }: Description): number {
  return wire.reduce((sum, { type }) => sum + (type === "word" ? 4 : 5), 0);
}

/** The fields of the record one behind the other; zero or nothing for what it does not have. */
export function writeInOrder<D extends Description>(
  description: D,
  record: RecordOf<D>,
  microsecondsPerTick: number,
  writer: ByteWriter,
  count = description.wire.length,
): void {
  const values: AnyValues = { ...record };
  for (const field of description.wire.slice(0, count)) {
    const { type } = field;
    if (typeof type === "object" && "records" in type) {
      for (const inner of values[field.name] as readonly RecordOf<Description>[]) {
        writeInOrder(type.records, inner, microsecondsPerTick, writer);
      }
    } else if (endsWithItsBytes(field)) {
      const [bytes = new Uint8Array(0)] = valuesOf(field, values, microsecondsPerTick);
      writer.blob(bytes);
    } else {
      writeNumber(field, Number(values[field.name] ?? 0), microsecondsPerTick, writer);
    }
  }
}

/** The value's bytes: none where it is absent, several of a list of records. */
function valuesOf(field: NamedField, values: AnyValues, microsecondsPerTick: number): readonly Uint8Array[] {
  const { name, type, part } = field;
  const value = values[name];
  const writer = new ByteWriter(64);
  // Both parts of a number are written with the first.
  if (value === undefined || part === "core") return [];
  if (part === "task") {
    writer.varint(Number(value) * 4 + Number(values["core"] ?? 0));
  } else if (typeof type === "object" && "records" in type) {
    return (value as readonly RecordOf<Description>[]).map((record) => {
      const own = new ByteWriter(64);
      writeInOrder(type.records, record, microsecondsPerTick, own, type.wireFields);
      return own.view();
    });
  } else {
    switch (type) {
      case "text":
        return [encodeText(value as string)];
      case "octets":
        return [value as Uint8Array];
      case "sha256":
        return [bytesOf(value as string)];
      case "tasks":
      case "addresses":
        for (const number of value as readonly number[]) writer.varint(number);
        break;
      default:
        writeNumber(field, Number(value), microsecondsPerTick, writer);
    }
  }
  return [writer.view()];
}

function writeNumber({ type }: NamedField, value: number, microsecondsPerTick: number, writer: ByteWriter): void {
  switch (type) {
    case "address":
    case "word":
      writer.u32(value);
      break;
    case "int":
      writer.zigzag(value);
      break;
    case "time":
      writer.varint(Math.round(value / microsecondsPerTick));
      break;
    case "flag":
      writer.u8(value);
      break;
    default:
      writer.varint(value);
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}
