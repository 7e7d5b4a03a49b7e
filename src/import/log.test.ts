import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { sharedData } from "../../test/shared-data.ts";
import { type InputReport, ReportBuilder } from "./import-report.ts";
import { isText } from "./is-text.ts";
import { importLog } from "./log.ts";

const fixtures = [
  "heap-trace-5.0-all.txt",
  "heap-trace-5.3-leaks.txt",
  "heap-trace-5.5-riscv.txt",
  "heap-info-dump.txt",
  "task-tracking.txt",
  "corruption-panic.txt",
  "classic.txt",
];

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../test/fixtures/import/${name}`, import.meta.url));
}

async function imported(source: Uint8Array | string): Promise<{ run: CollectedRun; report: InputReport }> {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  const run = new CollectedRun();
  const report = new ReportBuilder("a.log", "log");
  await importLog(() => [bytes], run, report);
  expect(run.timeReversals).toBe(0);
  return { run, report: report.finish() };
}

const brief = (run: CollectedRun): unknown[] =>
  run.events
    .filter(({ kind }) => kind === "alloc" || kind === "free")
    .map(({ kind, address, size, core }) => [kind, address, size, core]);

test("a trace of ESP-IDF 5.0: all records, decoded lines in between, a place used twice", async () => {
  const { run, report } = await imported(fixture("heap-trace-5.0-all.txt"));
  expect(report.damage).toEqual([]);
  expect(report.sections).toMatchObject([
    { kind: "heap regions at boot", firstLine: 5, lastLine: 6, records: 2, whole: true },
    { kind: "heap trace", firstLine: 9, lastLine: 22, records: 4, whole: true },
  ]);
  expect(brief(run)).toEqual([
    ["alloc", 0x3ffb68a0, 8, 0],
    ["alloc", 0x3ffb68b0, 24, 1],
    ["free", 0x3ffb68a0, 0, 0],
    ["alloc", 0x3ffb68a0, 16, 0],
    ["alloc", 0x3ffb7000, 100, 0],
  ]);
  expect(run.liveBytes).toBe(140);
  // 0x249f00 cycles at 240 MHz from first to last record, which lies before the dump at 2 s.
  const allocations = run.events.filter((event) => event.kind === "alloc");
  expect(allocations.at(-1)?.time).toBe(2_000_000);
  expect((allocations.at(-1)?.time ?? 0) - (allocations[0]?.time ?? 0)).toBeCloseTo(0x249f00 / 240, 6);
  expect(run.sites.get(1)).toMatchObject({
    callers: [0x400d3caf, 0x400e3898],
    frames: [
      { function: "start_worker", file: "/home/u/blinky/main/worker.c", line: 41, address: 0x400d3caf },
      { function: "app_main", file: "/home/u/blinky/main/main.c", line: 20 },
      { function: "main_task", line: 208, address: 0x400e3898 },
    ],
  });
  expect(run.boots).toMatchObject([
    { appName: "blinky", appVersion: "1.2.0", idfVersion: "v5.0.4", origin: "console log" },
  ]);
  expect(run.gaps.map((gap) => gap.reason)).toEqual(["attached-late"]);
});

test("two traces of leaks in one log: what both hold is one block, what is gone was freed", async () => {
  const { run, report } = await imported(fixture("heap-trace-5.3-leaks.txt"));
  expect(report.damage).toEqual([]);
  expect(report.sections.map(({ kind, records, whole }) => [kind, records, whole])).toEqual([
    ["heap trace", 2, true],
    ["heap trace", 2, true],
  ]);
  expect(brief(run)).toEqual([
    ["alloc", 0x3ffb9000, 64, 0],
    ["alloc", 0x3f801000, 4096, 1],
    ["alloc", 0x3ffb9100, 64, 0],
    ["free", 0x3f801000, 0, 1],
  ]);
  expect([run.liveBytes, run.blocks.size]).toEqual([128, 2]);
  expect([...run.sites.values()].map((site) => site.caps)).toEqual([1 << 11, 1 << 10]);
  expect(run.sites.get(1)?.frames?.[1]).toMatchObject({ function: "handle", line: 99 });
});

test("a trace of ESP-IDF 5.5: no stacks without frame pointers, freed words, overflow as a gap", async () => {
  const { run, report } = await imported(fixture("heap-trace-5.5-riscv.txt"));
  expect(report.damage).toEqual([]);
  expect(brief(run)).toEqual([
    ["alloc", 0x3fc94a00, 40, 0],
    ["alloc", 0x3fc94a40, 48, 0],
    ["alloc", 0x3fc94a80, 56, 0],
    ["free", 0x3fc94a00, 0, 0],
    ["free", 0x3fc94a40, 0, 0],
  ]);
  expect(run.sites.get(run.events.at(-1)?.site ?? 0)?.callers).toEqual([0x42001300, 0x42001fe2]);
  expect(report.droppedRecords).toBe(9);
  expect(run.gaps.at(-1)).toMatchObject({ reason: "dropped-on-device", lostEvents: 9 });
  expect(run.boots.at(-1)).toMatchObject({ chip: "esp32c3", appName: "sensor" });
});

test("a trace that breaks off gives its whole records and says what is missing", async () => {
  const text = new TextDecoder().decode(fixture("heap-trace-5.3-leaks.txt"));
  const { run, report } = await imported(text.slice(0, text.indexOf("4096 bytes") + 20));
  expect(run.blocks.size).toBe(1);
  expect(report.damage).toEqual([
    { line: 6, reason: "a record of the heap trace is cut or mixed with other output" },
    { line: 3, reason: "the heap trace declares 2 records; 1 of them are not there" },
  ]);
  expect(report.sections).toMatchObject([{ whole: false, records: 1 }]);
  expect(run.gaps.at(-1)).toMatchObject({ reason: "source-incomplete", lostEvents: 1 });
});

test("summary and dump of the heap: regions as the device answers, blocks keep their site", async () => {
  const { run, report } = await imported(fixture("heap-info-dump.txt"));
  expect(report.damage).toEqual([]);
  expect(report.sections.map(({ kind }) => kind)).toEqual([
    "heap regions at boot",
    "classic tracker",
    "heap info",
    "heap dump",
  ]);
  expect(run.regionStates[1]?.regions).toEqual([
    { name: "DRAM", start: 0x3ffb0000, end: 0x3ffb0400, caps: 0x180e, free: 640, largestFree: 400, minimumFree: 600 },
    {
      name: "D/IRAM",
      start: 0x3ffe0440,
      end: 0x3ffe4000,
      caps: 0x180f,
      free: 15000,
      largestFree: 14000,
      minimumFree: 15000,
    },
  ]);
  expect(run.regionStates.at(-1)?.regions[0]).toMatchObject({ free: 640, largestFree: 400 });
  expect([...run.blocks.values()].map(({ address, size, site }) => [address, size, site])).toEqual([
    // The traced block lies 8 bytes into the heap's block: behind the canary.
    [0x3ffb0020, 50, 1],
    [0x3ffb0150, 32, 0],
    [0x3ffb0308, 244, 0],
  ]);
});

test("a dump with a lost line is not taken for the whole heap", async () => {
  const text = new TextDecoder().decode(fixture("heap-info-dump.txt"));
  const { run, report } = await imported(
    text.replace(/Block 0x3ffb0018.*\nBlock 0x3ffb005c.*\n/, "").replace(/Block 0x3ffb0174.*\n/, ""),
  );
  expect(report.damage).toEqual([
    { line: 17, reason: "blocks are missing before this one, or have another layout than ESP-IDF's" },
  ]);
  expect([...run.blocks.keys()].sort()).toEqual([0x3ffb0020, 0x3ffb0150, 0x3ffb0308]);
});

test("task tables: totals in the report, blocks with their tasks", async () => {
  const { run, report } = await imported(fixture("task-tracking.txt"));
  expect(report.damage).toEqual([]);
  expect(report.taskTotals).toEqual([
    { line: 5, task: "worker", deleted: true, currentBytes: 96, peakBytes: 512, heaps: 2 },
    { line: 6, task: "main", deleted: false, currentBytes: 1024, peakBytes: 2048, heaps: 1 },
    { line: 9, task: "worker", deleted: true, currentBytes: 96, peakBytes: 512, heaps: 2 },
    { line: 13, task: "main", deleted: false, currentBytes: 1024, peakBytes: 2048, heaps: 1 },
  ]);
  expect([...run.blocks.values()].map((block) => [block.address, block.size, run.tasks.get(block.task)?.name])).toEqual(
    [
      [0x3fc9a000, 32, "worker"],
      [0x3fc9a040, 64, "worker"],
      [0x3fc9b000, 1024, "main"],
    ],
  );
  expect([...run.tasks.values()].find((task) => task.name === "worker")?.deleted).toBe(true);
});

test("corrupt heap lines are tied to the blocks that the log told of; panics are reported", async () => {
  const { run } = await imported(fixture("corruption-panic.txt"));
  expect(run.incidents.filter(({ detail }) => detail !== "by site")).toMatchObject([
    { kind: "heap-trace", line: 9 },
    {
      kind: "bad-tail", line: 14, address: 0x3ffb9015, found: 0x42414f21, blockAddress: 0x3ffb9000, blockSize: 21, allocSite: 1,
      also: ["15: CORRUPT HEAP: Bad head at 0x3ffb9020. Expected 0xabba1234 got 0x00444342"],
    },
    {
      kind: "write-after-free", address: 0x3ffb9088, blockAddress: 0x3ffb9080, blockSize: 32, allocSite: 3, freeSite: 4,
      frames: 3, ownFrame: 3, also: [expect.stringMatching(/Size at/) as string, expect.stringMatching(/multi_heap_free/) as string],
    },
    { kind: "restart", detail: "SW_CPU_RESET" },
    { kind: "failed-allocation", size: 0x4000, caps: 8 },
    { kind: "panic", core: 1, detail: "LoadProhibited" },
  ]); // prettier-ignore
  expect(run.boots).toHaveLength(2);
  expect(new Set(run.boots.map((boot) => boot.bootId)).size).toBe(2);
});

test.each([
  ["CORRUPT HEAP: Bad tail at 0x3ffb9015. Expected 0xbaad5678 got 0x00000000", "bad-tail", 0x3ffb9015],
  ["CORRUPT HEAP: Bad head at 0x3ffb9020. Expected 0xabba1234 got 0x00000000", "bad-head", 0x3ffb9020],
  ["CORRUPT HEAP: Invalid data at 0x3ffb9088. Expected 0xfe got 0x07", "write-after-free", 0x3ffb9088],
  ["CORRUPT HEAP: multi_heap.c:165 detected at 0x3ffee3d8", "heap-metadata", 0x3ffee3d8],
  ["KASAN error: WRITE of size 4 at 0x3fc90010\n  Bug type: heap-buffer-overflow (right redzone)", "sanitizer", 0x3fc90010],
  ["KASAN error: READ of size 1 at 0x3fc90010\n  Bug type: use-after-free", "sanitizer", 0x3fc90010],
  ['assert failed: tlsf_free tlsf.c:630 (!block_is_free(block) && "block already marked as free")', "double-free", undefined],
  ['assert failed: heap_caps_free heap_caps.c:388 (heap != NULL && "free() target pointer is outside heap areas")', "invalid-free", undefined],
  ['assertion "heap != NULL && "free() target pointer is outside heap areas"" failed: file "heap_caps.c", line 268, function: heap_caps_free', "invalid-free", undefined],
  ["abort() was called at PC 0x400d1234 on core 1", "abort", undefined],
  ["***ERROR*** A stack overflow in task wifi rx has been detected.", "stack-overflow", undefined],
  ["assert failed: app_main main.c:3 (ok)", "assert", undefined],
])("%s is an incident", async (text, kind, address) => {
  const { run } = await imported(text);
  expect(run.incidents).toMatchObject([{ kind, line: 1, ...(address !== undefined && { address }) }]);
  expect(run.incidents[0]).not.toHaveProperty("blockSize");
}); // prettier-ignore

test("what one component says of one failure is one, explained by the line that says most; another's is another", async () => {
  const { run } = await imported(
    "E (1) wifi: fail to alloc timer, type=12\nW (2) wifi: malloc buffer fail\nE (3) audio: malloc(3000) failed\nE (4) audio: Memory exhausted\n",
  );
  expect(run.incidents).toMatchObject([
    { line: 1, known: "wifi-eb", component: "Wi-Fi driver", also: ["2: malloc buffer fail"] },
    { line: 3, known: "generic", component: "audio", size: 3000, also: ["4: Memory exhausted"] },
  ]);
});

test("the classic tracker: sites with variables, repeated lines, failures, free memory", async () => {
  const { run, report } = await imported(fixture("classic.txt"));
  expect(brief(run)).toEqual([
    ["alloc", 0x3ffb1000, 128, 0],
    ["alloc", 0x3ffb2000, 2048, 0],
    ["free", 0x3ffb1000, 0, 0],
    ["alloc", 0x3ffb1000, 64, 0],
  ]);
  expect(run.sites.get(1)).toMatchObject({
    file: "main/http.c",
    line: 40,
    function: "http_get",
    variable: "body",
    caps: 0x1800,
  });
  expect(run.incidents).toMatchObject([{ kind: "failed-allocation", size: 65536 }]);
  expect(run.sites.get(run.incidents[0]?.site ?? 0)).toMatchObject({
    file: "main/ui.c",
    line: 9,
    function: "draw",
    variable: "frame",
  });
  expect(run.series.map(({ label, quantity, memory }) => [label, quantity, memory])).toEqual([
    ["boot - Total free heap", "free", "any"],
    ["boot - Free internal memory (DRAM)", "free", "internal"],
    ["boot - Free 8-bit accessible memory", "free", "any"],
  ]);
  expect(run.readings.map(({ values }) => values)).toEqual([[201344000], [150000000], [201344000]]);
  expect(report.damage).toEqual([
    { line: 9, reason: "a line of the classic tracker is cut or mixed with other output" },
  ]);
  expect(report.hints.join()).toMatch(/prints no frees/);
});

test("an array that overflows is a failure with its whole size, a snapshot is none", async () => {
  const { run } = await imported(
    "Failed to allocate 65537 x 65536 bytes for heap_caps_calloc in load at main/map.c:8: more than the address space\n" +
      "Snapshot, nothing has failed: 99 bytes for heap_caps_malloc in f at a.c:5\n",
  );
  expect(run.incidents).toMatchObject([{ size: 65537 * 65536, known: "size-overflow" }]);
});

test.each(fixtures)("%s: colours, CRLF, terminal timestamps and UTF-16 change nothing", async (name) => {
  const plain = await imported(fixture(name));
  const text = new TextDecoder().decode(fixture(name)).replace(/^2026-03-01 \S+ /gm, "");
  const dressed = text.replace(/^(.+)$/gm, "[12:34:56.789] \u001b[0;32m$1\u001b[0m\r");
  const utf16 = new Uint8Array(2 + text.length * 2);
  utf16.set([0xff, 0xfe]);
  [...text].forEach((letter, i) => utf16.set([letter.charCodeAt(0) & 0xff, letter.charCodeAt(0) >> 8], 2 + 2 * i));
  for (const other of [await imported(dressed), await imported(utf16)]) {
    expect(other.run.events).toEqual(plain.run.events);
    const timeless = ({ incidents }: CollectedRun): unknown => incidents.map((incident) => ({ ...incident, time: 0 }));
    expect(timeless(other.run)).toEqual(timeless(plain.run));
    expect([...other.run.sites.values()]).toEqual([...plain.run.sites.values()]);
    expect(other.report.sections).toEqual(plain.report.sections);
    expect(other.report.damage).toEqual(plain.report.damage);
  }
});

test("one log may hold all formats, each boot by itself", async () => {
  const decoder = new TextDecoder();
  const text = fixtures
    .map((name) => `ets Jul 29 2019 12:21:46\n\nrst:0x1 (POWERON_RESET)\n${decoder.decode(fixture(name))}`)
    .join("\n");
  const { run, report } = await imported(text);
  const apart = await Promise.all(fixtures.map((name) => imported(fixture(name))));
  const boots = apart.map((one) => one.run.boots.length).reduce((sum, count) => sum + count, 0);
  // The RISC-V log begins with a reset of its own.
  expect(run.boots).toHaveLength(boots + 1);
  expect(report.sections.map(({ kind, records, whole }) => [kind, records, whole])).toEqual(
    apart.flatMap((one) => one.report.sections.map(({ kind, records, whole }) => [kind, records, whole])),
  );
  expect(run.events.map(({ kind, address, size }) => [kind, address, size])).toEqual(
    apart.flatMap((one) => one.run.events.map(({ kind, address, size }) => [kind, address, size])),
  );
});

test.each(fixtures)("%s: the text passes through unharmed", async (name) => {
  expect((await imported(fixture(name))).run.passedText).toEqual(Uint8Array.from(fixture(name)));
});

const bootLogs = sharedData("logs/boot-logs.txt");

test.skipIf(bootLogs === undefined)("real boot logs: five regions, all text unharmed, nothing else", async () => {
  const bytes = readFileSync(bootLogs ?? "");
  expect(isText(bytes)).toBe(true);
  const { run, report } = await imported(bytes);
  expect(run.passedText).toEqual(Uint8Array.from(bytes));
  expect(run.regionStates).toHaveLength(1);
  expect(run.regionStates[0]?.regions.map(({ name, start, end }) => [name, start, end - start])).toEqual([
    ["DRAM", 0x3ffaff10, 0xf0],
    ["DRAM", 0x3ffd21d0, 0xde30],
    ["D/IRAM", 0x3ffe0440, 0x3bc0],
    ["D/IRAM", 0x3ffe4350, 0x1bcb0],
    ["IRAM", 0x40095b84, 0xa47c],
  ]);
  expect(report.damage).toEqual([]);
  expect(report.incidents).toEqual([]);
});

test("whatever happens to a log, import gives data, never an exception", async () => {
  const sources = fixtures.map(fixture);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sources.length - 1),
      fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(60), fc.constantFrom("drop", "twice", "swap")), { maxLength: 6 }),
      async (which, changes, edits) => {
        const lines = new TextDecoder().decode(sources[which]).split("\n");
        for (const [at, edit] of edits) {
          const line = lines[at];
          if (line === undefined) continue;
          if (edit === "drop") lines.splice(at, 1);
          else if (edit === "twice") lines.splice(at, 0, line);
          else lines.splice(at, 2, lines[at + 1] ?? "", line);
        }
        const bytes = new TextEncoder().encode(lines.join("\n"));
        // A byte order mark would make it another text.
        for (const [at, value] of changes) if (at > 2 && at < bytes.length) bytes[at] = value;
        const { run, report } = await imported(bytes);
        expect(run.passedText.length).toBeGreaterThan(bytes.length - 4);
        for (const section of report.sections) expect(section.lastLine).toBeGreaterThanOrEqual(section.firstLine);
      },
    ),
  );
});
