// The sections of a recording taken apart to their fields and put together again, after src/recording/FORMAT.md: so that a test can change any
// field to any value, and lengths and checksums are right again.
import { ByteReader, ByteWriter } from "../../src/base/bytes.ts";
import { KIND_CODE, runRecords, type RunRecordKind } from "../../src/heap/run-records.ts";
import { SectionId } from "../../src/recording/chunk-format.ts";
import type { Description, FieldType } from "../../src/wire/fields.ts";

/** A number in one of the forms of the format, bytes, or fields whose length stands before them. */
export type Field =
  | { readonly form: "varint" | "f64" | "u8"; value: number }
  | { readonly form: "bytes"; value: Uint8Array }
  | { readonly form: "blob" | "list"; fields: Field[] }
  /** The columns of ROWS: their lengths first. */
  | { readonly form: "columns"; fields: Field[] };

const number = (form: "varint" | "f64" | "u8", value: number): Field => ({ form, value });
const list = (fields: Field[]): Field => ({ form: "list", fields });

export function takeApart(id: number, bytes: Uint8Array): Field {
  const reader = new ByteReader(bytes);
  const varint = (): Field => number("varint", reader.varint());
  const varints = (count: number): Field => list(Array.from({ length: count }, varint));
  switch (id) {
    case SectionId.ROWS: {
      const head = [varint(), number("f64", reader.f64()), number("u8", reader.u8())];
      const lengths = Array.from({ length: 6 }, () => reader.varint());
      const columns = lengths.map((length, column): Field => {
        const content = reader.take(length);
        return column === 0 ? { form: "bytes", value: content.slice() } : allVarints(content);
      });
      return list([...head, { form: "columns", fields: columns }]);
    }
    case SectionId.NOTES:
    case SectionId.NOTES_COPY: {
      const notes: Field[] = [];
      while (reader.remaining > 0) {
        const row = varint();
        const kind = reader.varint();
        const name = (Object.keys(KIND_CODE) as RunRecordKind[]).find((one) => KIND_CODE[one] === kind);
        const record = reader.blob();
        const content = name === undefined ? rest(record) : recordFields(record, runRecords[name]);
        notes.push(list([row, number("varint", kind), { form: "blob", fields: [content] }]));
      }
      return list(notes);
    }
    case SectionId.TEXT: {
      const pieces: Field[] = [];
      while (reader.remaining > 0)
        pieces.push(list([varint(), varint(), { form: "blob", fields: [rest(reader.blob())] }]));
      return list(pieces);
    }
    case SectionId.STACKS:
    case SectionId.STACKS_COPY: {
      const tables = [1, 5, 2].map((each, table): Field => {
        const before = varint();
        const count = reader.varint();
        const entries = Array.from({ length: count }, (): Field =>
          table === 0 ? { form: "blob", fields: [rest(reader.blob())] } : varints(each),
        );
        return list([before, number("varint", count), list(entries)]);
      });
      return list(tables);
    }
    case SectionId.KEY_FRAME: {
      const head = [number("f64", reader.f64()), number("u8", reader.u8()), varints(9)];
      const count = reader.varint();
      const columns = [number("u8", reader.u8()), ...Array.from({ length: 5 }, () => varints(count))];
      return list([...head, number("varint", count), ...columns, rest(reader.take(reader.remaining))]);
    }
    case SectionId.TOTALS: {
      const time = number("f64", reader.f64());
      const sites = reader.varint();
      return list([time, number("varint", sites), ...Array.from({ length: 4 }, () => varints(sites))]);
    }
    default:
      return rest(bytes);
  }
}

function rest(bytes: Uint8Array): Field {
  return { form: "bytes", value: bytes.slice() };
}

function allVarints(bytes: Uint8Array): Field {
  const reader = new ByteReader(bytes);
  const fields: Field[] = [];
  while (reader.remaining > 0) fields.push(number("varint", reader.varint()));
  return list(fields);
}

function recordFields(bytes: Uint8Array, { saved }: Description): Field {
  const reader = new ByteReader(bytes);
  const fields: Field[] = [];
  while (reader.remaining > 0) {
    const key = reader.varint();
    const type = saved.find((one) => one.key === key)?.type;
    fields.push(number("varint", key), { form: "blob", fields: [valueFields(reader.blob(), type)] });
  }
  return list(fields);
}

function valueFields(bytes: Uint8Array, type: FieldType | undefined): Field {
  if (type === "time") return number("f64", new ByteReader(bytes).f64());
  if (type === "flag") return number("u8", bytes[0] ?? 0);
  if (typeof type === "object" && "records" in type) {
    const reader = new ByteReader(bytes);
    const records: Field[] = [];
    while (reader.remaining > 0) records.push({ form: "blob", fields: [recordFields(reader.blob(), type.records)] });
    return list(records);
  }
  const isText = type === undefined || type === "text" || type === "sha256" || type === "octets" || type === "texts";
  const isWord = typeof type === "object" && typeof Object.values(type.oneOf)[0] === "string";
  return isText || isWord ? rest(bytes) : allVarints(bytes);
}

export function putTogether(field: Field, into: ByteWriter): void {
  switch (field.form) {
    case "varint":
      into.varint(field.value);
      break;
    case "f64":
      into.f64(field.value);
      break;
    case "u8":
      into.u8(field.value);
      break;
    case "bytes":
      into.raw(field.value);
      break;
    case "list":
      for (const one of field.fields) putTogether(one, into);
      break;
    case "blob": {
      const content = new ByteWriter(64);
      for (const one of field.fields) putTogether(one, content);
      into.blob(content.view());
      break;
    }
    case "columns": {
      const columns = field.fields.map((one) => {
        const content = new ByteWriter(64);
        putTogether(one, content);
        return content.toBytes();
      });
      for (const { length } of columns) into.varint(length);
      for (const column of columns) into.raw(column);
      break;
    }
  }
}

/** All of it that holds no other: numbers and bytes, in their order. */
export function leaves(field: Field): Exclude<Field, { readonly fields: Field[] }>[] {
  return "fields" in field ? field.fields.flatMap(leaves) : [field];
}

/** All that hold others. */
export function nodes(field: Field): Extract<Field, { readonly fields: Field[] }>[] {
  return "fields" in field ? [field, ...field.fields.flatMap(nodes)] : [];
}
