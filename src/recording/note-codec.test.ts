import { expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import { runRecords } from "../heap/run-records.ts";
import type { Note } from "../heap/notes.ts";
import type { Description, Field, FieldType } from "../wire/fields.ts";
import { packNotes, unpackNotes } from "./note-codec.ts";
import { StackNumbers, StackTable } from "./stack-names.ts";

const samples: Readonly<Record<Extract<FieldType, string>, unknown>> = {
  count: 300,
  int: -5,
  bytes: 4096,
  address: 0x3ffb_0010,
  word: 0xffff_fffe,
  caps: 0x180c,
  time: 12.5,
  site: 2,
  task: 3,
  tasks: [3, 4],
  addresses: [0x4008_0000, 0x4200_1234],
  numbers: [1, 300, 0],
  times: [10, 5, 400],
  texts: ["ä", ""],
  flag: true,
  text: "wörter",
  sha256: "ab".repeat(32),
  octets: Uint8Array.of(1, 2, 0),
  frames: undefined, // their own test: stack-names.test.ts
};

function sampleOf({ type }: Field): unknown {
  if (typeof type === "string") return samples[type];
  return "records" in type ? [filled(type.records)] : Object.values(type.oneOf).at(-1);
}

/** A record with a value in each field that recordings keep. */
function filled({ fields }: Description): Record<string, unknown> {
  const values = Object.entries<Field>(fields)
    .filter(([, { saved }]) => saved !== undefined)
    .map(([name, field]) => [name, sampleOf(field)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

test.each(Object.entries<Description>(runRecords))("every field of a %s comes back", (kind, description) => {
  const value = filled(description);
  const note = { kind, row: 70, value } as unknown as Note;
  const writer = new ByteWriter();
  packNotes([note, note], new StackNumbers(), writer);
  const read: Note[] = unpackNotes(writer.toBytes(), {
    stacks: new StackTable(),
    endTime: 1000,
    mostSites: 10,
    onNonsense: () => expect.unreachable("nonsense was read"),
  });
  expect(read.map(({ row }) => row)).toEqual([70, 70]);
  expect(read[1]?.value).toMatchObject(value);
});
