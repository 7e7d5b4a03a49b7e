import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "fflate";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { sharedData } from "../../test/shared-data.ts";
import { anyShare } from "../../test/share.ts";
import { MemmapError } from "../base/errors.ts";
import { importFile, recognize } from "./recognize.ts";

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../test/fixtures/import/${name}`, import.meta.url));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test.each([
  ["log", fixture("heap-trace-5.3-leaks.txt")],
  ["log", fixture("classic.txt")],
  ["log", text("noise\nI (1) heap_init: At 3FFB0000 len 00000400 (1 KiB): DRAM\n")],
  ["heaptrack", text("v 10400 3\nX demo\n")],
  ["systemview", text(";\n; Version     SEGGER SystemViewer V2.42\n;\n")],
  [undefined, text("")],
  ["log", text("Hello, world\n")],
  ["log", text("version 1\n")],
  [undefined, new Uint8Array(4096)],
  [undefined, Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1)],
])("%s is recognized by content", (format, bytes) => {
  expect(recognize(bytes)?.format).toBe(format);
});

test("an unknown file is refused before anything reaches the sink", async () => {
  const run = new CollectedRun();
  const inputs = [
    { name: "good.log", bytes: fixture("classic.txt") },
    { name: "cat.jpg", bytes: Uint8Array.of(0xff, 0xd8, 0xff) },
  ];
  const error = await importFile(inputs, run).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MemmapError);
  expect(error).toMatchObject({
    code: "import-unknown-format",
    message: "cat.jpg is nothing that can be imported; it is a picture (JPEG)",
  });
  expect(run.boots).toEqual([]);
});

test.for<readonly [string, Uint8Array, string]>([
  ["a tar archive in gz", gzipSync(text(`log.txt${"\0".repeat(250)}ustar\0free heap: 1\n`)), "a.gz, unpacked from gz, is nothing that can be imported; it is a tar archive"],
  ["gz in gz", gzipSync(gzipSync(text("free heap: 1\n"))), "a.gz, unpacked from gz, is nothing that can be imported; it is packed again, with gz"],
  ["gz that breaks off at once", gzipSync(text("free heap: 1\n")).slice(0, 10), "a.gz is packed with gz, and nothing of it can be unpacked: the gz data breaks off"],
  ["zst that breaks off at once", fixture("heaptrack-v3.zst").slice(0, 20), "a.gz is packed with zst, and nothing of it can be unpacked: the zst data breaks off"],
  ["gz that breaks off before it tells anything", gzipSync(text("boot\n".repeat(99))).slice(0, -9), "a.gz is text, and nothing in its 99 lines tells of memory; the gz data breaks off"],
  ["an ELF program", text(`\x7fELF${"\0".repeat(5000)}and text for long enough, which is what a program's names are\n`), "a.gz is nothing that can be imported; it is an ELF program, such as the firmware that was built"],
])("what is refused is named: %s", async ([, bytes, message]) => {
  const error = await importFile([{ name: "a.gz", bytes }], new CollectedRun()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "import-unknown-format", message });
}); // prettier-ignore

test("a log in gz is a log; several files are one run with a boot each", async () => {
  const run = new CollectedRun();
  const report = await importFile(
    [
      { name: "a.log.gz", bytes: gzipSync(fixture("heap-trace-5.0-all.txt")) },
      { name: "b.zst", bytes: fixture("heaptrack-v3.zst") },
    ],
    run,
  );
  expect(report.inputs.map(({ path, format, damage }) => [path, format, damage])).toEqual([
    ["a.log.gz", "log", []],
    ["b.zst", "heaptrack", []],
  ]);
  expect(report.events).toBe(report.inputs.reduce((sum, input) => sum + input.events, 0));
  expect(run.boots.map((boot) => boot.origin)).toEqual(["console log", "heaptrack"]);
});

test("packed data that breaks off is damage that is told once, wherever it is noticed", async () => {
  const cut = (bytes: Uint8Array): Uint8Array => gzipSync(bytes).slice(0, -4);
  const log = await importFile([{ name: "a.log.gz", bytes: cut(fixture("classic.txt")) }], new CollectedRun());
  expect(log.inputs[0]?.damage).toContainEqual({ reason: "the gz data breaks off" });
  const recording = text("v 10400 3\na 64 0\n+ 0\n- 0\n");
  const run = new CollectedRun();
  const { inputs } = await importFile([{ name: "a.gz", bytes: cut(recording) }], run);
  expect(inputs[0]?.damage).toEqual([{ line: 4, reason: "the gz data breaks off" }]);
});

test.for<readonly [string, Uint8Array, string]>([
  ["of a line", text("v 10400 3\nq\n"), "; it is damaged from line 2 on: the line is no whole heaptrack line"],
  [
    "at a byte",
    text(`;\n; Version     SEGGER SystemViewer V2.42\n;\n${"\0".repeat(10)}`),
    "; it is damaged from byte 44 on: no start packet tells the clock's frequency; times are ticks",
  ],
  ["that is whole", text("v 10400 3\n"), ""],
])("a recording %s without an event is refused, with what is damaged", async ([, bytes, found]) => {
  const error = await importFile([{ name: "a", bytes }], new CollectedRun()).catch((reason: unknown) => reason);
  expect(String(error)).toContain(`without one allocation or free that can be read${found}`);
  expect(String(error).endsWith(`can be read${found}`)).toBe(true);
});

test("a file is the same boot each time, and another file another one", async () => {
  const bootOf = async (bytes: Uint8Array): Promise<number | undefined> => {
    const run = new CollectedRun();
    await importFile([{ name: "a", bytes }], run);
    return run.boots[0]?.bootId;
  };
  const recording = (size: number): Uint8Array => text(`v 10400 3\na ${size} 0\n+ 0\n`);
  const [first, again, other] = await Promise.all([recording(1), recording(1), recording(2)].map(bootOf));
  expect([typeof first, first === again, first === other]).toEqual(["number", true, false]);
});

const folder = sharedData("systemview");

test.skipIf(folder === undefined)(
  "SystemView files of one core each are one recording, whatever their order",
  async () => {
    const run = new CollectedRun();
    const inputs = ["heap_log1.svdat", "heap_log0.svdat"].map((name) => ({
      name,
      bytes: readFileSync(`${folder ?? ""}/${name}`),
    }));
    const report = await importFile(inputs, run);
    expect(run.boots).toHaveLength(1);
    expect([run.liveBytes, run.blocks.size, report.events]).toEqual([17_706, 45, 99]);
    expect(run.events[0]).toMatchObject({ core: 0 });
  },
);

const real = ["systemview/heap_log_mcore.svdat", "heaptrack/heaptrack.david.18594.gz", "logs/boot-logs.txt"].flatMap(
  (path) => sharedData(path) ?? [],
);

test.skipIf(real.length === 0)("real files, cut or damaged anywhere, give data or a MemmapError", async () => {
  const sources = real.filter(existsSync).map((path) => readFileSync(path));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sources.length - 1),
      anyShare,
      fc.array(fc.tuple(anyShare, fc.nat(255)), { maxLength: 4 }),
      async (which, share, changes) => {
        const source = sources[which] ?? new Uint8Array();
        const bytes = Uint8Array.from(source.subarray(0, Math.floor(source.length * share)));
        for (const [at, value] of changes) bytes[Math.floor(at * bytes.length)] = value;
        const run = new CollectedRun();
        const outcome = await importFile([{ name: "x", bytes }], run).catch((reason: unknown) => reason);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MemmapError);
        expect(run.timeReversals).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
});
