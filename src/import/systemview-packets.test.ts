// SystemView recordings written here, packet by packet, for what the real ones do not hold: overflow, interrupts, other
// event offsets, damage.
import fc from "fast-check";
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { TaskNumber } from "../wire/protocol.ts";
import { type InputReport, ReportBuilder } from "./import-report.ts";
import { importFile } from "./recognize.ts";
import { importSystemView } from "./systemview.ts";

const sync = new Array<number>(10).fill(0);
const header = [
  ...new TextEncoder().encode(";\n; Version     SEGGER SystemViewer V2.42\n; Author      Espressif Inc\n;\n"),
];

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

function text(value: string): number[] {
  return [value.length, ...new TextEncoder().encode(value)];
}

function packet(id: number, delta: number, payload: readonly number[] = []): number[] {
  if (id < 24) return [id, ...payload, ...leb(delta)];
  const idBytes = id < 0x80 ? [id] : [(id & 0x7f) | 0x80, id >> 7];
  return [...idBytes, ...leb(payload.length), ...payload, ...leb(delta)];
}

/** 1 MHz: a tick is a microsecond. */
const init = packet(24, 0, [...leb(1e6), ...leb(160e6), ...leb(0x3f400000), ...leb(2)]);
const module = (offset: number): number[] =>
  packet(22, 0, [...leb(0), ...leb(offset), ...text("M=ESP32 SystemView Heap Tracing Module, 0 alloc")]);
const taskId = (0x3ffb8000 - 0x3f400000) >> 2;
const task = [...packet(9, 1, [...leb(taskId), ...leb(5), ...text("wifi")]), ...packet(4, 1, leb(taskId))];
const alloc = (address: number, size: number, callers: number[] = [], id = 512): number[] =>
  packet(id, 10, [...leb(address), ...leb(size), ...callers.flatMap(leb), 0, 0]);
const free = (address: number, id = 513): number[] => packet(id, 10, [...leb(address), 0, 0]);

function imported(...files: (readonly number[])[]): { run: CollectedRun; reports: InputReport[] } {
  const run = new CollectedRun();
  const inputs = files.map((bytes, i) => ({
    bytes: Uint8Array.from(bytes),
    report: new ReportBuilder(`${String(i)}.svdat`, "systemview"),
  }));
  importSystemView(inputs, run);
  expect(run.timeReversals).toBe(0);
  return { run, reports: inputs.map(({ report }) => report.finish()) };
}

test("tasks, interrupts and frees of blocks from before the trace", () => {
  const { run } = imported([
    ...header, ...sync, ...packet(10, 777), ...init, ...module(512), ...task,
    ...alloc(0x3ffb0000, 100, [0x400d0001, 0x400d0002]),
    ...packet(2, 1, leb(31)),
    ...alloc(0x3ffb0100, 20),
    ...packet(18, 1),
    ...free(0x3ffb0000),
    ...free(0x3ffb9999),
    ...alloc(0, 5),
  ]); // prettier-ignore
  expect(run.events.map(({ kind, time, address, size, known }) => [kind, time, address, size, known])).toEqual([
    ["alloc", 12, 0x3ffb0000, 100, true],
    ["alloc", 23, 0x3ffb0100, 20, true],
    ["free", 34, 0x3ffb0000, 0, true],
    ["free", 44, 0x3ffb9999, 0, false],
  ]);
  expect(run.events.map((event) => event.task)).toEqual([
    TaskNumber.FIRST, TaskNumber.INTERRUPT, TaskNumber.FIRST, TaskNumber.FIRST,
  ]); // prettier-ignore
  expect([...run.tasks.values()]).toEqual([{ id: TaskNumber.FIRST, name: "wifi", handle: 0x3ffb8000 }]);
  expect(run.sites.get(1)?.callers).toEqual([0x400d0001, 0x400d0002]);
});

test("heap events at the offset that the module description names, even when it comes late", () => {
  const { run } = imported([
    ...header,
    ...sync,
    ...init,
    ...alloc(0x3ffb0000, 7, [], 600),
    ...free(0x3ffb0000, 601),
    ...module(600),
  ]);
  expect(run.events.map((event) => event.kind)).toEqual(["alloc", "free"]);
});

test("drop counts run on: each overflow is a gap of what was dropped since the last", () => {
  const { run, reports } = imported([
    ...header, ...sync, ...init, ...alloc(0x3ffb0000, 7), ...packet(1, 5, leb(3)), ...alloc(0x3ffb0010, 7),
    ...packet(1, 5, leb(10)), ...packet(1, 5, leb(2)),
  ]); // prettier-ignore
  expect(run.gaps.slice(1).map((gap) => [gap.reason, gap.lostFrames, gap.lostEvents])).toEqual([
    ["dropped-on-device", 3, undefined],
    ["dropped-on-device", 7, undefined],
    ["dropped-on-device", 2, undefined],
  ]);
  expect(reports[0]?.droppedRecords).toBe(12);
  expect(reports[0]?.hints.join()).toMatch(/packets were dropped/);
});

test("damage: reading goes on at the next sync mark, and the gap is told", () => {
  const before = [...header, ...sync, ...init, ...alloc(0x3ffb0000, 7)];
  const { run, reports } = imported([
    ...before,
    1,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    ...sync,
    ...alloc(0x3ffb0010, 9),
  ]);
  expect(run.events.map((event) => event.size)).toEqual([7, 9]);
  expect(reports[0]?.damage).toEqual([{ offset: before.length, reason: "a number has more than 32 bits" }]);
  expect(run.gaps.at(-1)?.reason).toBe("frames-lost");
});

test.each([
  ["systemview", [...header, ...sync, ...init, ...task]],
  ["systemview", [...header, ...sync, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ["heaptrack", [...new TextEncoder().encode("v 10400 3\nX demo\n")]],
])(
  "a recording of %s without one event is refused: it must not pass for a program without faults",
  async (_, bytes) => {
    const input = { name: "a", bytes: Uint8Array.from(bytes) };
    const error: unknown = await importFile([input], new CollectedRun()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "import-no-events" });
  },
);

/** The core in bit 6 of the id's last byte. */
const onCore = (core: number, bytes: readonly number[]): number[] =>
  bytes.map((byte, i) => (core === 1 && i === ((bytes[0] ?? 0) < 0x80 ? 0 : 1) ? byte | 0x40 : byte));

test.each(["ESP_Extension", "Comment"])("all cores in one stream, each with its task: header says %s", (line) => {
  const { run, reports } = imported([
    ...new TextEncoder().encode(`;\n; Version     SEGGER SystemViewer V2.42\n; ${line}\n;\n`),
    ...sync, ...packet(10, 777), ...init, ...module(512), ...task,
    ...onCore(1, packet(9, 1, [...leb(taskId + 64), ...leb(5), ...text("idle hands")])),
    ...onCore(1, packet(4, 1, leb(taskId + 64))),
    ...alloc(0x3ffb0000, 100),
    ...onCore(1, alloc(0x3ffb0100, 20)),
    ...onCore(1, packet(2, 1, leb(31))),
    ...free(0x3ffb0000),
    ...onCore(1, free(0x3ffb0100)),
    ...onCore(1, packet(17, 1)),
    ...onCore(1, alloc(0x3ffb0100, 5)),
  ]); // prettier-ignore
  expect(reports[0]?.damage).toEqual([]);
  expect(run.boots[0]?.cores).toBe(2);
  expect(run.events.map(({ kind, core, task: id }) => [kind, core, run.tasks.get(id)?.name ?? id])).toEqual([
    ["alloc", 0, "wifi"],
    ["alloc", 1, "idle hands"],
    ["free", 0, "wifi"],
    ["free", 1, TaskNumber.INTERRUPT],
    ["alloc", 1, TaskNumber.OTHER],
  ]);
});

test("overwritten bytes in the middle are a gap that is said, and what lies behind them is read", () => {
  const before = [...header, ...sync, ...packet(10, 777), ...init, ...module(512), ...task];
  const calls = Array.from({ length: 60 }, (_, i) => alloc(0x3ffb0000 + 64 * i, 40, [0x400d0001, 0x400d0002])).flat();
  const [whole] = [imported([...before, ...calls])];
  expect(whole.run.gaps).toHaveLength(1);
  // Evenly random: fc prefers small numbers, and rows of zeros with few others among them are found that are packets and a sync mark.
  const random = (seed: number) => (i: number) =>
    Math.imul(Math.imul(seed + i, 0x9e37_79b1) ^ (seed >>> 7), 0x85eb_ca6b) >>> 24;
  const fillings = fc.oneof(fc.constantFrom(0, 0xff).map((byte) => () => byte), fc.integer().map(random)); // prettier-ignore
  fc.assert(
    fc.property(fc.integer({ min: 100, max: calls.length - 600 }), fc.integer({ min: 32, max: 80 }), fillings, (at, length, fill) => {
      const bytes = [...before, ...calls];
      for (let i = 0; i < length; i++) bytes[before.length + at + i] = fill(i);
      const { run, reports } = imported(bytes);
      expect(reports[0]?.damage.length).toBeGreaterThan(0);
      expect(run.gaps.length).toBeGreaterThan(1);
      expect(run.events.at(-1)).toMatchObject({ address: 0x3ffb0000 + 64 * 59, size: 40 });
    }),
    { numRuns: 60, seed: 1 }, // the format has no checksum: one stretch in 1,500 reads like packets
  ); // prettier-ignore
});

test("two cores: merged by time, tasks shared", () => {
  const one = [...header, ...sync, ...init, ...task, ...alloc(0x3ffb0000, 7)];
  const two = [...header, ...sync, ...init, ...packet(4, 3, leb(taskId)), ...free(0x3ffb0000), ...alloc(0x3ffb0100, 1)];
  const { run } = imported(one, two);
  expect(run.events.map(({ kind, time, core, task: id }) => [kind, time, core, run.tasks.get(id)?.name])).toEqual([
    ["alloc", 12, 0, "wifi"],
    ["free", 13, 1, "wifi"],
    ["alloc", 23, 1, "wifi"],
  ]);
});

test("whatever happens to a file, import gives data, never an exception", () => {
  const source = [
    ...header,
    ...sync,
    ...init,
    ...module(512),
    ...task,
    ...alloc(0x3ffb0000, 100, [1, 2]),
    ...free(0x3ffb0000),
  ];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(source.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(source.length),
      (changes, length) => {
        const bytes = source.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        const { run, reports } = imported(bytes);
        // An allocation that gives address 0 was refused.
        expect(run.events.length + run.failures.length).toBe(reports[0]?.events);
      },
    ),
    { examples: [[[[172, 0]], 183]] },
  );
});
