import { expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import { runRecords } from "../heap/run-records.ts";
import { MOST_TASKS, type Note } from "../heap/notes.ts";
import type { Description, Field, FieldType } from "../wire/fields.ts";
import { packNotes, unpackNotes, type NoteContext } from "./note-codec.ts";
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

/** What is read of such notes, with how much of it made no sense. */
function readBack(bytes: Uint8Array, more: Partial<NoteContext> = {}): { notes: readonly Note[]; nonsense: number } {
  let nonsense = 0;
  const onNonsense = (): void => void nonsense++;
  const notes = unpackNotes(bytes, { stacks: new StackTable(), endTime: 1000, mostSites: 10, onNonsense, ...more });
  return { notes, nonsense };
}

function packed(...notes: readonly unknown[]): Uint8Array {
  const writer = new ByteWriter();
  packNotes(notes as readonly Note[], new StackNumbers(), writer);
  return writer.toBytes();
}

const anomaly = { kind: "unknown-free", time: 5, address: 16, site: 1, task: 3, explainedByGap: true };
const noted = (more: object): unknown => ({ kind: "anomaly", row: 7, value: { ...anomaly, ...more } });

test("a note that is cut anywhere makes no sense, and what stands before it is read", () => {
  const [one, two] = [packed(noted({})), packed(noted({}), noted({ address: 32 }))];
  for (let end = one.length + 1; end <= two.length; end++) {
    const { notes, nonsense } = readBack(two.subarray(0, end));
    expect([end, notes.length, nonsense]).toEqual([end, end === two.length ? 2 : 1, end === two.length ? 0 : 1]);
  }
  expect(readBack(two.subarray(0, one.length))).toMatchObject({ notes: [{ row: 7 }], nonsense: 0 });
});

test("numbers that cannot be are left out, each as its kind has it", () => {
  const kept = (name: keyof typeof anomaly, value: number): unknown => {
    const { notes, nonsense } = readBack(packed(noted({ [name]: value })));
    const found = notes[0]?.value as Partial<typeof anomaly> | undefined;
    expect(nonsense).toBe(found?.[name] === value ? 0 : 1);
    return found?.[name] === value;
  };
  const borders: readonly (readonly [keyof typeof anomaly, last: number, beyond: number])[] = [
    ["time", 1000, 1000.5],
    ["time", -1000, -1000.5],
    ["address", 0xffff_ffff, 2 ** 32],
    ["site", 9, 10],
    ["task", MOST_TASKS - 1, MOST_TASKS],
  ];
  for (const [name, last, beyond] of borders)
    expect([name, kept(name, last), kept(name, beyond)]).toEqual([name, true, false]);
});

test("of the records of one field 256 are read", () => {
  const region = { name: "DRAM", start: 0, end: 16, caps: 4, free: 8, largestFree: 8, minimumFree: 8 };
  const read = (count: number): unknown => {
    const value = { time: 5, regions: new Array<typeof region>(count).fill(region) };
    const { notes, nonsense } = readBack(packed({ kind: "regions", row: 0, value }));
    const [note] = notes;
    return [note?.kind === "regions" ? note.value.regions.length : undefined, nonsense];
  };
  expect([read(0), read(1), read(256), read(257), read(300)]).toEqual([
    [0, 0],
    [1, 0],
    [256, 0],
    [256, 1],
    [256, 1],
  ]);
});

test("times in a list are the chunk's, but for what rounding adds", () => {
  const read = (times: readonly number[]): unknown => {
    const value = { series: 1, stretch: 1, boot: 0, lines: [1], values: [1], times };
    const { notes, nonsense } = readBack(packed({ kind: "readings", row: 0, value }));
    const [note] = notes;
    return [note?.kind === "readings" ? note.value.times : undefined, nonsense];
  };
  expect(read([5, 1001, -1001])).toEqual([[5, 1001, -1001], 0]);
  expect([read([5, 1002]), read([-1002])]).toEqual([
    [[], 1],
    [[], 1],
  ]);
});

test("the numbers of fields in recordings stay what they are: old recordings have them", () => {
  const numbers = Object.entries<Description>(runRecords).map(([kind, { fields }]) => {
    const saved = Object.entries<Field>(fields).filter(([, field]) => field.saved !== undefined);
    return `${kind}: ${saved.map(([name, field]) => `${name} ${field.saved}`).join(", ")}`;
  });
  expect(numbers).toMatchInlineSnapshot(`
    [
      "boot: bootId 1, protocolVersion 2, chip 3, idfVersion 4, appName 5, appVersion 6, elfSha256 7, configuration 8, tableCapacity 9, sampleInterval 10, stackDepth 11, resetReason 12, cores 13, redZoneBytes 14, quarantineBytes 15, sampleBytes 20, origin 16, provisional 18, continues 19, furtherStarts 21, startedAt 17",
      "site: id 1, method 4, caps 5, file 6, line 7, function 8, variable 9, callers 10, frames 11, deviceId 2, boot 3",
      "task: id 1, name 4, handle 5, deleted 6, deviceId 2, boot 3, deletedAt 7",
      "fault: number 1, kind 2, time 3, eventNumber 4, task 5, core 6, pointer 7, blockAddress 8, blockSize 9, allocSite 10, allocTask 11, freeSite 12, freeTask 13, freeTime 14, detectedSite 15, damageOffset 16, damageLength 17, damageBytes 18, lastGoodTime 19, lastGoodTask 20, activeTasks 21",
      "failure: number 1, reason 2, time 3, eventNumber 4, task 5, core 6, size 7, count 8, caps 9, site 10, alignment 11, regions 12, quarantineReleased 13",
      "gap: time 1, since 5, reason 2, lostFrames 3, lostEvents 4",
      "mark: time 1, name 2, task 3, core 4",
      "regions: time 1, regions 2",
      "anomaly: kind 1, time 2, address 3, site 4, task 5, explainedByGap 6",
      "heartbeat: time 1, hash 4, liveBlocks 2, liveBytes 3, peakBytes 5, tableFull 6, unknownFrees 7, droppedEvents 8, faults 9, failures 10, droppedReports 11, quarantinedBytes 12, quarantinedBlocks 13, verdict 14",
      "series: id 1, label 2, quote 3, line 4, quantity 5, memory 6, unit 7, scale 8, readings 9, timed 10, companion 11, companionLine 12, board 14, start 15, boot 13",
      "readings: series 1, stretch 2, times 3, lines 4, values 5, boot 6",
      "incident: kind 1, time 2, line 3, quote 4, count 5, lastLine 6, size 7, caps 8, function 9, component 10, known 11, free 12, freeHighest 13, freeLine 14, largest 15, largestLine 16, minimum 17, minimumLine 18, address 19, expected 20, found 21, foundBytes 22, detail 23, task 24, core 25, site 26, frames 27, ownFrame 28, pc 39, stackLow 29, stackHigh 30, blockAddress 31, blockSize 32, allocSite 33, freeSite 34, also 35, registers 36, stackAt 41, stackWords 42, facts 37, board 43, boot 40",
    ]
  `);
});
