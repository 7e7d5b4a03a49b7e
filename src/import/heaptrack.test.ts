import { readFileSync } from "node:fs";
import fc from "fast-check";
import { gzipSync } from "fflate";
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { sharedData } from "../../test/shared-data.ts";
import { heaptrackInput } from "../../test/heaptrack-input.ts";
import { importHeaptrack, isHeaptrack } from "./heaptrack.ts";
import { type InputReport, ReportBuilder } from "./import-report.ts";

const recording = sharedData("heaptrack/heaptrack.david.18594.gz");

async function imported(bytes: Uint8Array | string): Promise<{ run: CollectedRun; report: InputReport }> {
  const run = new CollectedRun();
  const source = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const report = new ReportBuilder("a.heaptrack", "heaptrack");
  await importHeaptrack(heaptrackInput(source, report), run);
  return { run, report: report.finish() };
}

test.skipIf(recording === undefined)("a real recording gives the totals of heaptrack_print", async () => {
  const { run, report } = await imported(readFileSync(recording ?? ""));
  expect(report.heaptrack).toEqual({
    allocations: 2896,
    temporaryAllocations: 729,
    peakBytes: 996_970,
    leakedBytes: 30_463,
  });
  expect(report.damage).toEqual([]);
  expect(run.events.filter((event) => event.kind === "alloc")).toHaveLength(2896);
  expect(run.events.filter((event) => event.kind === "free")).toHaveLength(2859);
  expect([run.peakBytes, run.liveBytes, run.blocks.size]).toEqual([996_970, 30_463, 37]);
  // A temporary allocation is one that the very next call frees; the events show as many as heaptrack counts.
  const temporary = run.events.filter(
    (event, i) =>
      event.kind === "free" && run.events[i - 1]?.kind === "alloc" && run.events[i - 1]?.address === event.address,
  );
  expect(temporary).toHaveLength(729);
  expect(run.timeReversals).toBe(0);
});

const interpreted = (v: number): string => {
  const s = (text: string): string => (v >= 3 ? `s ${text.length.toString(16)} ${text}` : `s ${text}`);
  return [
    `v 10400 ${String(v)}`,
    "X ./demo --fast",
    "I 1000 3e44e5",
    s("/usr/bin/a demo"),
    s("main"),
    s("/src/my main.c"),
    s("inner"),
    "i 401136 1 4 3 a 2 3 14",
    "t 1 0",
    "a 64 1",
    "a 10 1",
    "+ 0",
    "c a",
    "+ 1",
    "- 1",
    "R 100",
    "+ 1",
    "+ 1",
    "c 14",
    "- 0",
    "",
  ].join("\n");
};

test.each([1, 2, 3])("an interpreted file of format %i gives allocations with named frames", async (version) => {
  const bytes = new TextEncoder().encode(interpreted(version));
  expect(isHeaptrack(bytes)).toBe(true);
  const { run, report } = await imported(bytes);
  expect(report.damage).toEqual([]);
  expect(run.events.map((event) => [event.kind, event.time, event.size])).toEqual([
    ["alloc", 0, 100],
    ["alloc", 10_000, 16],
    ["free", 10_000, 0],
    ["alloc", 10_000, 16],
    ["alloc", 10_000, 16],
    ["free", 20_000, 0],
  ]);
  expect(run.events.filter(({ kind }) => kind === "alloc").map(({ site }) => site)).toEqual([1, 1, 1, 1]);
  expect(run.sites.get(1)?.frames).toEqual([
    { function: "inner", file: "/src/my main.c", line: 10, module: "/usr/bin/a demo" },
    { function: "main", file: "/src/my main.c", line: 20, module: "/usr/bin/a demo" },
  ]);
  expect(report.heaptrack).toEqual({ allocations: 4, temporaryAllocations: 1, peakBytes: 132, leakedBytes: 32 });
});

test.each([
  { version: 1, x: "x /bin/demo", m: ["m -", "m x 400000 0 2000", "m /lib/libc.so 7f0000000000 0 100000"] },
  { version: 3, x: "x b /bin/a demo", m: ["m 1 -", "m 1 x 400000 0 2000", "m c /lib/lib c.s 7f0000000000 0 100000"] },
])(
  "a raw file of format $version gives addresses in modules, and asks for heaptrack_interpret",
  async ({ version, x, m }) => {
    const { run, report } = await imported(
      [
      `v 10400 ${String(version)}`, x, "X demo", "I 1000 100", ...m, "t 401136 0", "t 7f0000000123 1", "c 5",
      "+ 20 2 7ffff0001010", "+ 30 1 55550000", "- 7ffff0001010", "+ 8 1 7ffff0001010", "- dead", "- 7ffff0001010", "",
    ].join("\n"), // prettier-ignore
    );
    expect(report.damage).toEqual([]);
    expect(run.events.map((event) => [event.kind, event.size])).toEqual([
    ["alloc", 32], ["alloc", 48], ["free", 0], ["alloc", 8], ["free", 0],
  ]); // prettier-ignore
    expect(run.liveBytes).toBe(48);
    expect(run.sites.get(1)?.frames?.map((frame) => [frame.function, frame.module])).toEqual([
      [version === 3 ? "lib c.s+0x123" : "libc.so+0x123", version === 3 ? "/lib/lib c.s" : "/lib/libc.so"],
      [version === 3 ? "a demo+0x1136" : "demo+0x1136", version === 3 ? "/bin/a demo" : "/bin/demo"],
    ]);
    expect(report.hints.join()).toMatch(/heaptrack_interpret.*/);
    expect(report.hints.join()).toMatch(/1 frees of blocks/);
  },
);

test("a zst file gives what the plain file gives, and a broken-off one what lies before the break", async () => {
  const bytes = readFileSync(new URL("../../test/fixtures/import/heaptrack-v3.zst", import.meta.url));
  const { report } = await imported(bytes);
  expect(report.damage).toEqual([]);
  expect(report.heaptrack).toEqual({ allocations: 4, temporaryAllocations: 1, peakBytes: 132, leakedBytes: 32 });
  const broken = await imported(bytes.subarray(0, bytes.length - 9));
  expect(broken.report.damage.at(-1)?.reason).toMatch(/the zst data breaks off/);
});

test("a broken-off gz file gives its lines up to the break, and says so", async () => {
  const text = interpreted(2) + "+ 0\n- 0\n".repeat(5000);
  const whole = gzipSync(new TextEncoder().encode(text));
  const { run, report } = await imported(whole.subarray(0, whole.length - 20));
  expect(run.events.length).toBeGreaterThan(6);
  expect(report.damage.at(-1)?.reason).toMatch(/gz data (breaks off|is damaged)/);
  expect(run.gaps.map((gap) => gap.reason)).toEqual(["source-incomplete"]);
});

test("whatever happens to a file, import gives data, never an exception", async () => {
  const source = new TextEncoder().encode(interpreted(3));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(source.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(source.length),
      async (changes, length) => {
        const bytes = source.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        const { run, report } = await imported(bytes);
        expect(run.liveBytes).toBe(report.heaptrack?.leakedBytes);
        expect(run.timeReversals).toBe(0);
      },
    ),
  );
});
