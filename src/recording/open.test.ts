// Recordings of chunks that are made here, so that what each says is known: growing, with holes, out of order, with any section damaged.
import { describe, expect, test } from "vitest";
import { chunk, file, indexed, joined, packed, type Made } from "../../test/made-recording.ts";
import type { Damage } from "../heap/damage.ts";
import { type Note } from "../heap/notes.ts";
import { Rows } from "../heap/rows.ts";
import { fileHeader, SectionId } from "./chunk-format.ts";
import { packNotes, packText } from "./note-codec.ts";
import { openRecording, type Recording } from "./open.ts";
import { bytesSource, type RandomAccess } from "./random-access.ts";
import { StackNumbers } from "./stack-names.ts";

const open = (bytes: Uint8Array): Promise<Recording> => openRecording(bytesSource(bytes));
const mark = (name: string, time = 5): Note => ({ kind: "mark", row: 0, value: { time, name, task: 0, core: 0 } });
const key: readonly [number, Uint8Array] = [SectionId.KEY_FRAME, Uint8Array.of(1, 2, 3)];

test("what is whole", async () => {
  const chunks = [
    chunk({ firstRow: 0, notes: [mark("a")] }),
    chunk({ firstRow: 4, sections: [key] }),
    chunk({ firstRow: 8, rows: 0, notes: [mark("b")] }),
  ];
  for (const [bytes, isComplete] of [
    [file(...chunks), false],
    [indexed(...chunks), true],
  ] as const) {
    const recording = await open(bytes);
    await recording.check();
    expect(recording.condition).toEqual({
      isComplete,
      damagedBytes: 0,
      missingRows: 0,
      remarks: isComplete ? [] : ["The recording was not ended; it goes up to its last whole chunk."],
    });
    expect(recording.chunks.map(({ firstRow, rows, hasKeyFrame }) => [firstRow, rows, hasKeyFrame])).toEqual([
      [0, 4, false],
      [4, 4, true],
      [8, 0, false],
    ]);
    expect(recording.tables.marks.map(({ name }) => name)).toEqual(["a", "b"]);
    const rows = await recording.rows(1);
    expect([rows.length, rows.firstRow, rows.baseTime, ...rows.time.subarray(0, 4)]).toEqual([4, 4, 40, 0, 10, 20, 30]);
    expect(await recording.rows(2)).toMatchObject({ length: 0, firstRow: 8, baseTime: 0 });
    expect(await recording.rows(3)).toMatchObject({ length: 0, firstRow: 0, baseTime: 0 });
    expect(await recording.keyFrame(1)).toEqual(key[1]);
    expect([
      await recording.keyFrame(0),
      await recording.totals(1),
      await recording.notes(1),
      await recording.text(1),
    ]).toEqual([undefined, undefined, [], []]);
    expect(await recording.notes(2)).toEqual([mark("b")]);
    expect(await recording.notes(3)).toEqual([]);
  }
});

test("a chunk of one row, and one of none", async () => {
  const recording = await open(file(chunk({ firstRow: 0, rows: 1 }), chunk({ firstRow: 1, rows: 0 })));
  const lengths = [(await recording.rows(0)).length, (await recording.rows(1)).length];
  expect([lengths, recording.condition.missingRows]).toEqual([[1, 0], 0]);
});

describe("a recording that grows", () => {
  const growing = (bytes: Uint8Array): { source: RandomAccess; grow: (by: Uint8Array) => void } => {
    let now = bytes;
    return {
      source: {
        get size() {
          return now.length;
        },
        read: (offset, length) => now.subarray(offset, offset + length),
      },
      grow: (by) => {
        now = joined(now, by);
      },
    };
  };

  test("takes in each whole chunk once, with its names and marks", async () => {
    const [a, b, c, d] = [
      chunk({ firstRow: 0, notes: [mark("a")] }),
      chunk({ firstRow: 4, notes: [mark("b")] }),
      chunk({ firstRow: 8, notes: [mark("c")] }),
      chunk({ firstRow: 12 }),
    ];
    const { source, grow } = growing(file(a));
    const recording = await openRecording(source);
    expect(await recording.refresh()).toBe(0);
    grow(b.bytes);
    expect(await recording.refresh()).toBe(1);
    expect(recording.tables.marks.map(({ name }) => name)).toEqual(["a", "b"]);
    grow(c.bytes.slice(0, 50));
    expect(await recording.refresh()).toBe(0);
    grow(c.bytes.slice(50));
    grow(d.bytes);
    expect(await recording.refresh()).toBe(2);
    expect(await recording.refresh()).toBe(0);
    expect(recording.tables.marks.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(recording.chunks.map(({ firstRow }) => firstRow)).toEqual([0, 4, 8, 12]);
    expect((await recording.rows(3)).firstRow).toBe(12);
  });

  test("from nothing on", async () => {
    const { source, grow } = growing(fileHeader());
    const recording = await openRecording(source);
    expect(await recording.refresh()).toBe(0);
    grow(chunk({ firstRow: 0, notes: [mark("a")] }).bytes);
    expect(await recording.refresh()).toBe(1);
    expect(recording.tables.marks.length).toBe(1);
  });

  test("but not what goes back behind what is there", async () => {
    const { source, grow } = growing(file(chunk({ firstRow: 4, startTime: 0 })));
    const recording = await openRecording(source);
    grow(chunk({ firstRow: 7, startTime: 100 }).bytes);
    grow(chunk({ firstRow: 8, startTime: 50 }).bytes);
    expect(await recording.refresh()).toBe(2);
    expect(recording.chunks.map(({ firstRow }) => firstRow)).toEqual([4, 8]);
  });
});

describe("chunks that are read", () => {
  /** A source that tells how often each chunk's rows were asked for. */
  const counted = (
    count: number,
  ): { readonly opened: Promise<Recording>; readonly readsOf: (chunk: number) => number } => {
    const chunks = Array.from({ length: count }, (_, i) => chunk({ firstRow: 4 * i }));
    const whole = indexed(...chunks);
    const reads = new Map<number, number>();
    const memory = bytesSource(whole);
    const size = chunks[0]?.bytes.length ?? 1;
    const source: RandomAccess = {
      size: whole.length,
      read: (offset, length) => {
        const at = Math.floor((offset - 16) / size);
        reads.set(at, (reads.get(at) ?? 0) + 1);
        return memory.read(offset, length);
      },
    };
    return { opened: openRecording(source), readsOf: (at) => reads.get(at) ?? 0 };
  };

  test("are kept, the last sixteen", async () => {
    const { opened, readsOf } = counted(20);
    const recording = await opened;
    const first = await recording.rows(0);
    expect(await recording.rows(0)).toBe(first);
    for (let i = 1; i < 16; i++) await recording.rows(i);
    expect(await recording.rows(0)).toBe(first);
    await recording.rows(16);
    expect([readsOf(0), readsOf(1), readsOf(16)]).toEqual([1, 1, 1]);
    await recording.rows(1);
    expect(await recording.rows(0)).not.toBe(first);
    expect([readsOf(0), readsOf(1)]).toEqual([2, 1]);
    await recording.rows(1);
    expect(readsOf(1)).toBe(2);
  });

  test("in room that is given, of a long run only", async () => {
    for (const [count, isUsed] of [
      [16, false],
      [17, true],
    ] as const) {
      const { opened, readsOf } = counted(count);
      const recording = await opened;
      const room = new Rows(10, 0, 0);
      const rows = await recording.rows(0, room);
      expect([rows === room, rows.length]).toEqual([isUsed, 4]);
      // What lies in somebody's room is not kept.
      await recording.rows(0);
      expect(readsOf(0)).toBe(isUsed ? 2 : 1);
    }
  });
});

describe("what is missing is told with its place", () => {
  const told = async (recording: Recording): Promise<readonly Damage[]> => {
    await recording.check();
    return recording.tables.damage;
  };
  const gap = (since: number, time: number, lostEvents: number): unknown => ({
    time,
    since,
    reason: "recording-damaged",
    lostFrames: 0,
    lostEvents,
  });

  test("rows between two chunks: up to the next key frame, the next chunk's included", async () => {
    const [a, far] = [chunk({ firstRow: 0 }), { firstRow: 10, startTime: 500 }];
    for (const [chunks, time] of [
      [[a, chunk({ ...far, sections: [key] }), chunk({ firstRow: 14, startTime: 600, sections: [key] })], 500],
      [[a, chunk(far), chunk({ firstRow: 14, startTime: 600, sections: [key] })], 600],
      [[a, chunk(far), chunk({ firstRow: 14, startTime: 600 })], 640],
    ] as const) {
      const recording = await open(indexed(...chunks));
      expect(await told(recording)).toEqual([{ part: "stretch", isLost: true, rows: 6, from: 40, to: 500 }]);
      expect(recording.tables.gaps).toEqual([gap(40, time, 6)]);
      expect(recording.condition.missingRows).toBe(6);
    }
  });

  test("rows before the first chunk", async () => {
    const recording = await open(file(chunk({ firstRow: 3, startTime: 70 })));
    expect(await told(recording)).toEqual([{ part: "stretch", isLost: true, rows: 3, from: 0, to: 70 }]);
    expect(recording.tables.gaps).toEqual([gap(0, 110, 3)]);
  });

  test("rows before a chunk and those of any chunk add up", async () => {
    for (const hole of [0, 1, 2, 3]) {
      const chunks = Array.from({ length: 4 }, (_, i) => {
        const { header, bytes } = chunk({ firstRow: 4 * i + (i < hole ? 0 : 100), startTime: 40 * i });
        return { header, bytes: bytes.with(-1, 0x77) };
      });
      const recording = await open(indexed(...chunks));
      await recording.check();
      expect(recording.condition.missingRows).toBe(116);
    }
  });

  test("bytes between two chunks of which no row is missing may have been notes and text", async () => {
    const [a, b] = [chunk({ firstRow: 0 }), chunk({ firstRow: 4 })];
    const hole = { bytes: new Uint8Array(30) };
    const recording = await open(file(a, hole, b));
    expect(await told(recording)).toEqual([{ part: "stretch", isLost: true, rows: 0, from: 40, to: 40 }]);
    expect(recording.condition).toMatchObject({ damagedBytes: 30, missingRows: 0 });
    expect(await told(await open(file(hole, a)))).toEqual([{ part: "stretch", isLost: true, rows: 0, from: 0, to: 0 }]);
    expect(await told(await open(file(a, { bytes: new Uint8Array(20) })))).toEqual([
      { part: "stretch", isLost: true, rows: 0 },
    ]);
    expect(await told(await open(file({ bytes: new Uint8Array(20) })))).toEqual([]);
    expect(await told(await open(indexed(a, b)))).toEqual([]);
  });

  test("chunks that no recorder writes, whose rows or times go back", async () => {
    const [a, b] = [chunk({ firstRow: 0, startTime: 100 }), chunk({ firstRow: 4, startTime: 100 })];
    for (const wrong of [
      chunk({ firstRow: 3, rows: 7, startTime: 200 }),
      chunk({ firstRow: 4, rows: 7, startTime: 99 }),
    ]) {
      const recording = await open(file(a, wrong, b));
      expect(recording.chunks.map(({ firstRow }) => firstRow)).toEqual([0, 4]);
      expect((await told(recording))[0]).toEqual({ part: "nonsense", isLost: true, rows: 7 });
    }
  });

  test("the file's own header, an index that is damaged, and the copy of a header in it", async () => {
    const a = chunk({ firstRow: 0 });
    for (const at of [0, 7, 9, 13]) {
      const recording = await open(indexed(a).with(at, 0x77));
      expect([at, await told(recording), recording.condition.isComplete]).toEqual([
        at,
        [{ part: "copy", isLost: false, rows: 0 }],
        true,
      ]);
    }
    const hit = await open(indexed(a).with(-30, 0x77));
    expect([await told(hit), hit.condition.isComplete, hit.condition.damagedBytes > 0]).toEqual([
      [{ part: "copy", isLost: false, rows: 0 }],
      true,
      true,
    ]);
    const header = await open(indexed(a).with(16 + 20, 0x77));
    expect(await told(header)).toEqual([{ part: "copy", isLost: false, rows: 0, from: 0, to: 40 }]);
    await expect(open(indexed(a).with(0, 0x77).with(1, 0x77))).rejects.toMatchObject({ code: "not-a-recording" });
    await expect(open(fileHeader().subarray(0, 15))).rejects.toMatchObject({ code: "not-a-recording" });
    await expect(open(joined(fileHeader().with(9, 0x77), new Uint8Array(50)))).rejects.toMatchObject({
      code: "recording-damaged",
    });
  });

  test("rows that are not those of the header", async () => {
    for (const count of [3, 5, 0]) {
      const recording = await open(
        indexed(chunk({ firstRow: 0, packed: count }), chunk({ firstRow: 4, sections: [key] })),
      );
      expect(await recording.rows(0)).toMatchObject({ length: 0, firstRow: 0, baseTime: 0 });
      await recording.rows(0);
      expect(recording.tables.damage).toEqual([{ part: "events", isLost: true, rows: 4, from: 0, to: 40 }]);
      expect(recording.tables.gaps).toEqual([gap(0, 40, 4)]);
    }
  });

  /** One chunk with these sections, the first of which is damaged; what is told of it. */
  const damaged = async (
    sections: readonly (readonly [number, Uint8Array])[],
    made: Partial<Made> = {},
    noteKinds: readonly Note[] = [],
  ): Promise<readonly Damage[]> => {
    const one = chunk({ firstRow: 0, rows: 0, sections, notes: noteKinds, ...made });
    const bytes = indexed(one);
    const at = 16 + one.header.length;
    const recording = await open(bytes.with(at, (bytes[at] ?? 0) ^ 1));
    await recording.check();
    await recording.check();
    return recording.tables.damage;
  };
  const content = Uint8Array.of(1, 2, 3);
  const span = { rows: 0, from: 0, to: 40 };

  test.each([
    ["text", SectionId.TEXT, "text", true],
    ["a key frame", SectionId.KEY_FRAME, "shortcut", false],
    ["totals", SectionId.TOTALS, "shortcut", false],
    ["a copy of notes", SectionId.NOTES_COPY, "copy", false],
    ["a copy of stacks", SectionId.STACKS_COPY, "copy", false],
    ["the header before", SectionId.HEADER_BEFORE, "copy", false],
    ["a later version's section", 77, "unknown", true],
    ["stacks without a copy", SectionId.STACKS, "names", true],
    ["notes that make up no tables", SectionId.NOTES, "notes", false],
  ] as const)("%s", async (_, id, part, isLost) => {
    expect(await damaged([[id, content]])).toEqual([{ part, isLost, ...span }]);
  });

  test("stacks with a copy, notes with and without one, rows", async () => {
    expect(
      await damaged([
        [SectionId.STACKS, content],
        [SectionId.STACKS_COPY, content],
      ]),
    ).toEqual([{ part: "names", isLost: false, ...span }]);
    const notes = [mark("a")];
    const copy = packed((writer) => packNotes(notes, new StackNumbers(), writer));
    expect(await damaged([[SectionId.NOTES, content]], {}, notes)).toEqual([{ part: "tables", isLost: true, ...span }]);
    expect(
      await damaged(
        [
          [SectionId.NOTES, content],
          [SectionId.NOTES_COPY, copy],
        ],
        {},
        notes,
      ),
    ).toEqual([{ part: "notes", isLost: false, ...span }]);
    expect(await damaged([], { rows: 4 })).toEqual([{ part: "events", isLost: true, rows: 4, from: 0, to: 40 }]);
  });

  test("what makes no sense in notes, once a chunk", async () => {
    const recording = await open(indexed(chunk({ firstRow: 0, notes: [mark("a", 41)] })));
    await recording.notes(0);
    expect(recording.tables.damage).toEqual([{ part: "nonsense", isLost: true, ...span }]);
    expect(await open(indexed(chunk({ firstRow: 0, notes: [mark("a", 40)] })))).toMatchObject({
      tables: { damage: [], marks: [{ time: 40 }] },
    });
  });
});

test("text is read with its times, which end with the chunk's", async () => {
  const bytes = new TextEncoder().encode("hello\n");
  const text = packed((writer) =>
    packText(
      [12, 41].map((time) => ({ row: 0, time, bytes })),
      0,
      writer,
    ),
  );
  const recording = await open(file(chunk({ firstRow: 0, sections: [[SectionId.TEXT, text]] })));
  expect(await recording.text(0)).toEqual([12, 40].map((time) => ({ row: 0, time, bytes })));
});
