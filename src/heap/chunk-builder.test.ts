// Where chunks end, what their headers say, and which of them begin with a key frame or totals.
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import type { Teller } from "../wire/teller.ts";
import { LIKELY_SITES, MOST_TASKS, noteBit, TABLE_NOTES, TableBuilder } from "./notes.ts";
import { KIND_CODE } from "./run-records.ts";
import { CHUNK_ROWS, ROW_BYTES, Rows, rowsBefore, rowsUntil } from "./rows.ts";
import { MemoryRun } from "./run.ts";

const at = 0x3ffb_0000;

function run(play: (sink: Teller) => void, chunkRows?: number): MemoryRun {
  return recordRun(
    (sink) => {
      sink.record({ kind: "boot", value: testBoot });
      play(sink);
    },
    chunkRows === undefined ? {} : { chunkRows },
  );
}

/** A block comes at even calls and goes at odd ones, every so many microseconds. */
function calls(sink: Teller, count: number, step: number, from = 0): void {
  for (let i = 0; i < count; i++) {
    if (i % 2 === 0) sink.alloc(from + i * step, at, 8, 1, 3, 0);
    else sink.free(from + i * step, at, 0, 3, 0);
  }
}

const rowsOf = ({ chunks }: MemoryRun): number[] => chunks.map(({ rows }) => rows);

test("a chunk ends when it is full, or has lasted for a second with 1,024 rows", () => {
  expect(rowsOf(run((sink) => calls(sink, CHUNK_ROWS + 1, 1)))).toEqual([CHUNK_ROWS, 1]);
  // Whether a chunk is old enough is looked at when it has 1,024 rows, and every 1,024 rows more.
  expect(rowsOf(run((sink) => calls(sink, 3000, 1000)))).toEqual([1024, 1024, 952]);
  expect(rowsOf(run((sink) => calls(sink, 3000, 900)))).toEqual([2048, 952]);
  const until = (time: number): number[] =>
    rowsOf(
      run((sink) => {
        calls(sink, 1024, 1);
        sink.alloc(time, at, 8, 1, 3, 0);
      }),
    );
  expect([until(999_999), until(1_000_000)]).toEqual([[1025], [1024, 1]]);
  expect(rowsOf(run((sink) => calls(sink, 1023, 10_000)))).toEqual([1023]);
});

test("notes and text close a chunk too", () => {
  const mark = { kind: "mark", value: { time: 5, name: "m", task: 3, core: 0 } } as const;
  const notesOf = (count: number): number[] => {
    const recorded = run((sink) => {
      for (let i = 0; i < count; i++) sink.record(mark);
    });
    return recorded.chunks.map((_, chunk) => recorded.notes(chunk).length);
  };
  // The boot is one of them.
  expect([notesOf(1023), notesOf(1024)]).toEqual([[1024], [1024, 1]]);
  const textsOf = (...lengths: number[]): number[] => {
    const recorded = run((sink) => {
      for (const length of lengths) sink.text(new Uint8Array(length).fill(65));
    });
    return recorded.chunks.map((_, chunk) => recorded.text(chunk).reduce((sum, { bytes }) => sum + bytes.length, 0));
  };
  expect([textsOf(65_535, 5, 7), textsOf(65_536, 5), textsOf(1, 70_000, 2)]).toEqual([
    [65_540, 7],
    [65_536, 5],
    [70_001, 2],
  ]);
});

test("a realloc's two rows are in one chunk", () => {
  const recorded = run((sink) => {
    sink.alloc(1, at, 8, 1, 3, 0);
    sink.record({ kind: "reallocBegin", value: { time: 2, address: at, task: 3, core: 0 } });
    const moved = { oldAddress: at, address: at + 64, size: 16, site: 1 };
    sink.record({ kind: "reallocEnd", value: { time: 3, ...moved, task: 3, core: 0 } });
  }, 3);
  expect(rowsOf(recorded)).toEqual([2, 2]);
});

test("key frames come every 65,536 rows, or twelve for each block; totals every 8,192, or 32 for each site", () => {
  const firsts = ({ chunks }: MemoryRun, has: "hasKeyFrame" | "hasTotals"): number[] =>
    chunks.filter((chunk) => chunk[has]).map(({ firstRow }) => firstRow / CHUNK_ROWS);
  const few = run((sink) => calls(sink, 9 * CHUNK_ROWS, 1));
  expect([firsts(few, "hasKeyFrame"), firsts(few, "hasTotals")]).toEqual([
    [0, 4, 8],
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  ]);
  const blocks = (6 * CHUNK_ROWS) / 12;
  const many = run((sink) => {
    for (let i = 0; i < blocks; i++) sink.alloc(0, at + 64 * (i + 1), 8, 1 + (i % 1000), 3, 0);
    calls(sink, 15 * CHUNK_ROWS, 1);
  });
  // 1,001 sites: more than a chunk's rows, and less than two chunks'.
  expect([firsts(many, "hasKeyFrame"), firsts(many, "hasTotals")]).toEqual([
    [0, 6, 12],
    [0, 2, 4, 6, 8, 10, 12, 14],
  ]);
});

test("a header says what happened in its chunk, and what was live at most, at least and last", () => {
  const { chunks } = run((sink) => {
    for (const [time, place, size] of [
      [1, 1, 100],
      [2, 2, 50],
      [3, 1, 0],
      [4, 3, 10],
      [5, 2, 0],
      [6, 3, 0],
    ] as const) {
      if (size > 0) sink.alloc(time, at + 256 * place, size, 1, 3, 0);
      else sink.free(time, at + 256 * place, 0, 3, 0);
    }
    sink.record({ kind: "mark", value: { time: 9, name: "m", task: 3, core: 0 } });
  }, 3);
  const common = { hasText: false, hasKeyFrame: true, hasTotals: true };
  expect(chunks).toEqual([
    {
      ...common,
      firstRow: 0,
      rows: 3,
      startTime: 0,
      endTime: 3,
      minBytes: 0,
      maxBytes: 150,
      maxRow: 2,
      lastBytes: 50,
      lastBlocks: 1,
      allocations: 2,
      frees: 1,
      allocatedBytes: 150,
      noteKinds: noteBit("boot") | noteBit("site"),
    },
    {
      ...common,
      hasKeyFrame: false,
      firstRow: 3,
      rows: 3,
      startTime: 4,
      endTime: 9,
      minBytes: 0,
      maxBytes: 60,
      maxRow: 4,
      lastBytes: 0,
      lastBlocks: 0,
      allocations: 1,
      frees: 2,
      allocatedBytes: 10,
      noteKinds: noteBit("mark"),
    },
  ]);
});

test("a run in memory knows how much it keeps, and has nothing of chunks that are not there", () => {
  const recorded = run((sink) => {
    calls(sink, 5, 1);
    sink.text(new Uint8Array(7));
    sink.text(new Uint8Array(9));
  }, 4);
  const frames = [0, 1].map((chunk) => (recorded.keyFrame(chunk)?.length ?? 0) + (recorded.totals(chunk)?.length ?? 0));
  expect(rowsOf(recorded)).toEqual([4, 1]);
  expect(recorded.bytes).toBe(5 * ROW_BYTES + (frames[0] ?? 0) + (frames[1] ?? 0) + 16);
  expect([recorded.keyFrame(5), recorded.totals(5), recorded.notes(5), recorded.text(5)]).toEqual([
    undefined,
    undefined,
    [],
    [],
  ]);
  const none = recorded.rows(5);
  expect([none.length, none.capacity, none.firstRow, none.baseTime]).toEqual([0, 0, 0, 0]);
  expect(new MemoryRun(recorded.tables).bytes).toBe(0);
});

test("copies of rows have all of them, with room for few more; clearing leaves nothing", () => {
  for (const length of [0, 3, 95, 96, 100]) {
    const rows = new Rows(100, 7, 0);
    for (let i = 0; i < length; i++) rows.push(1, 1000 + i, i + 1, i + 2, i + 3, i + 4);
    const copy = rows.copy();
    expect([copy.length, copy.firstRow, copy.baseTime, copy.capacity]).toEqual([
      length,
      7,
      length === 0 ? 0 : 1000,
      length > 95 ? 100 : length,
    ]);
    for (const column of ["op", "time", "address", "size", "site", "context"] as const)
      expect([...copy[column].subarray(0, length)]).toEqual([...rows[column].subarray(0, length)]);
    for (let time = 999; time <= 1000 + length; time++) {
      const times = Array.from({ length }, (_, i) => 1000 + i);
      expect([rowsUntil(rows, time), rowsBefore(rows, time)]).toEqual([
        times.filter((one) => one <= time).length,
        times.filter((one) => one < time).length,
      ]);
    }
    rows.clear(9, 5);
    expect([rows.length, rows.firstRow, rows.baseTime, ...rows.size]).toEqual([
      0,
      9,
      5,
      ...new Array<number>(100).fill(0),
    ]);
  }
});

test("the kinds of notes that make up tables are all but heartbeats and regions", () => {
  const bits = Object.values(KIND_CODE).reduce((all, code) => all + 2 ** (code - 1), 0);
  expect(TABLE_NOTES).toBe(bits - noteBit("heartbeat") - noteBit("regions"));
});

test("tables give each number up to the highest an entry, as far as numbers can be", () => {
  const builder = new TableBuilder(() => 5);
  const { tables } = builder;
  const [site, task] = [
    { id: 0, deviceId: 0, boot: 0, method: 1, caps: 0 },
    { id: 0, deviceId: 0, boot: 0, name: "t", handle: 16 },
  ] as const;
  builder.apply({ kind: "site", value: { ...site, id: 3 } });
  builder.apply({ kind: "site", value: { ...site, id: 0 } });
  builder.apply({ kind: "site", value: { ...site, id: 4 } });
  builder.apply({ kind: "site", value: { ...site, id: 5 } });
  const unknown = { deviceId: 0, boot: -1, method: 0, caps: 0 };
  expect(tables.sites).toEqual([0, 1, 2, 3, 4].map((id) => (id < 3 ? { ...unknown, id } : { ...site, id })));
  builder.apply({ kind: "task", value: { ...task, id: 4 } });
  builder.apply({ kind: "task", value: { ...task, id: MOST_TASKS } });
  expect(tables.tasks.map(({ id, deviceId, boot, name, handle }) => [id, deviceId, boot, name, handle])).toEqual([
    [0, 0, -1, "startup", 0],
    [1, 1, -1, "interrupt", 0],
    [2, 2, -1, "other", 0],
    [3, 3, -1, "task 3", 0],
    [4, 0, 0, "t", 16],
  ]);
  builder.apply({ kind: "task", value: { ...task, id: MOST_TASKS - 1 } });
  expect(tables.tasks.length).toBe(MOST_TASKS);
  // Without a limit there are as many sites as any firmware may have.
  const wide = new TableBuilder();
  wide.apply({ kind: "site", value: { ...site, id: LIKELY_SITES } });
  expect(wide.tables.sites.length).toBe(LIKELY_SITES + 1);
});

test("a boot that is told again where it began is the same one", () => {
  const boot = { ...testBoot, startedAt: 5 };
  const after = (...boots: readonly (typeof boot & { readonly continues?: boolean })[]): number[] => {
    const builder = new TableBuilder();
    for (const value of boots) builder.apply({ kind: "boot", value });
    return builder.tables.boots.map(({ bootId, startedAt }) => 100 * bootId + startedAt);
  };
  expect(after(boot, boot)).toEqual([105]);
  expect(after(boot, { ...boot, startedAt: 6 })).toEqual([105, 106]);
  expect(after(boot, { ...boot, bootId: 2 })).toEqual([105, 205]);
  expect(after(boot, { ...boot, bootId: 2, continues: true })).toEqual([205]);
  expect(after(boot, { ...boot, bootId: 2, startedAt: 6, continues: true })).toEqual([105, 206]);
});
