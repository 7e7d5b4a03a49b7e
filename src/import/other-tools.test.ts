// What other tools print of heaps and crashes, and records that no tool can have meant.

import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { type InputReport, ReportBuilder } from "./import-report.ts";
import { importLog } from "./log.ts";

async function imported(log: string): Promise<{ run: CollectedRun; report: InputReport }> {
  const run = new CollectedRun();
  const report = new ReportBuilder("a.log", "log");
  await importLog(() => [new TextEncoder().encode(log)], run, report);
  return { run, report: report.finish() };
}

test("records that cannot be are damage: cut addresses, negative and absurd sizes, cores that no chip has, regions past 4 GiB", async () => {
  const record = (size: string, address: string, core: number): string =>
    `    ${size} bytes (@ ${address}, Internal) allocated CPU ${core} ccount 0x10000000 caller 0x400d3344:0x400d5566`;
  const log = [
    "====== Heap Trace: 5 records (100 capacity) ======",
    record("120", "0x3ffb8000", 0),
    record("120", "0x3ffb", 0),
    record("-120", "0x3ffb8300", 0),
    record("99999999999", "0x3ffb8400", 0),
    record("120", "0x3ffb8600", 77),
    "Heap summary for capabilities 0x00000004:",
    "  At 0xfffff000 len 100000 free 500 allocated 48000 min_free 490",
    "    largest_free_block 400 alloc_blocks 10 free_blocks 2 total_blocks 12",
    "  At 0xffff0000 len 65536 free 500 allocated 48000 min_free 490",
    "    largest_free_block 400 alloc_blocks 10 free_blocks 2 total_blocks 12",
    "  Totals:",
    "    free 500 allocated 48000 min_free 490 largest_free_block 400",
  ].join("\n");
  const { run, report } = await imported(log);
  expect(run.events.filter(({ kind }) => kind === "alloc")).toMatchObject([{ address: 0x3ffb8000, size: 120 }]);
  expect(report.damage.map(({ line }) => line)).toEqual(expect.arrayContaining([3, 4, 5, 6, 8]));
  // Up to its last byte the address space can be memory.
  expect(run.regionStates.at(-1)?.regions.map(({ start }) => start)).toEqual([0xffff0000]);
});

test("a column of all callers, the last one, has a cell for each of them; more cells behind another column are no record", async () => {
  const { run } = await imported(
    "size, address, memory, callers\n4, 0x3ffb8e40, Internal, 0x400d1111, 0x400d2222, 0x0\n 8, 0x3ffb8f00, Internal, 0x400d1111, 0x400d2222, 0x0\n",
  );
  expect(run.events.map(({ address }) => address)).toEqual([0x3ffb8e40, 0x3ffb8f00]);
  expect(run.sites.get(run.events[0]?.site ?? 0)?.callers).toEqual([0x400d1111, 0x400d2222]);
  await expect(imported("size,address,memory\n4,0x3ffb8e40,Internal,7,8\n")).rejects.toThrow(/nothing in its 2 lines/);
});

test("heap_trace_get's records as CSV and as JSON are a heap trace", async () => {
  const csv =
    "address,size,caller0,caller1,freed\n0x3ffb8e40,84,0x400d1111,0x400d2222,0\n0x3ffb8f00,120,0x400d3333,0x400d2222,1\n";
  const json = `[\n  {\n    "address": "0x3ffb8e40",\n    "size": 84,\n    "alloced_by": ["0x400d1111", "0x400d2222"],\n    "freed_by": []\n  },\n  {"address": "0x3ffb8f00", "size": 120, "alloced_by": ["0x400d3333"], "freed_by": ["0x400d4444"]}\n]\n`;
  const short = `{"records":[\n{"addr":"0x3ffb8e40","size":84,"ccount":16,"alloc":["0x400d1111","0x400d2222"],"freed":[]},\n{"addr":"0x3ffb8f00","size":120,"ccount":32,"alloc":["0x400d3333"],"freed":["0x400d4444"]}\n]}\n`;
  for (const log of [csv, json, short]) {
    const { run } = await imported(log);
    expect(run.sites.get(run.events[0]?.site ?? 0)?.callers?.[0]).toBe(0x400d1111);
    expect(run.events.map(({ kind, address }) => [kind, address])).toEqual([
      ["alloc", 0x3ffb8e40],
      ["alloc", 0x3ffb8f00],
      ["free", 0x3ffb8f00],
    ]);
    const quote = run.incidents[0]?.quote ?? "";
    expect(log).toContain(quote);
  }
});

test("records of such a table that cannot be are damage, and those behind them are read", async () => {
  const csv = "address,size\n0x10,20\n0x3ffb8000,-4\n0x3ffb8040,5000000000\n0x3ffb8080,40\n0xfffffff0,100\n0x3ffb,16\n0x3ffb9000,8\nbye\n";
  const json = `[{"address":"0x3ffb8080","size":40},{"address":"0x10","size":24},{"address":"0x3ffb8100","size":-3},\n{"address":"0x3ffb9000","size":8}]\n`;
  for (const [log, lines] of [[csv, [2, 3, 4, 6, 7]], [json, [1, 1]]] as const) {
    const { run, report } = await imported(log);
    expect(run.events.map(({ address }) => address)).toEqual([0x3ffb8080, 0x3ffb9000]);
    expect(report.damage).toEqual(lines.map((line) => ({ line, reason: "a record of a heap trace that cannot be" })));
  }
}); // prettier-ignore

test.for([
  `"alloc_callers":["0x400d1111","0x400d2222"],"free_callers":["0x400d9999"]`,
  `"callers":[1074598161,1074602530]`,
  `"freed_by":[],"allocated_by_stack":"0x400d1111 0x400d2222"`,
])("who called stands in a field of any such name, in decimal numbers too: %s", async (fields) => {
  const { run } = await imported(`[{"address":"0x3ffb8e40","size":84,${fields}}]\n`);
  expect(run.sites.get(run.events[0]?.site ?? 0)?.callers).toEqual([0x400d1111, 0x400d2222]);
});

test("a row of such a table without a count of cycles comes with the one before it", async () => {
  const log =
    "address,size,ccount,caller0\n0x3ffb8e40,84,160000000,0x400d1111\n0x3ffb8f00,120,,0x400d3333\n0x3ffb9000,84,480000000,0x400d1111\n";
  const { run } = await imported(log);
  expect(run.events.map(({ time }) => time)).toEqual([0, 0, 2e6]);
});

test("lines behind such a table are read as ever", async () => {
  const readings = [180_000, 170_000, 160_000].map((free, i) => `I (${1000 * i}) app: free heap ${free}`).join("\n");
  for (const table of [
    '{"address": "0x3ffb8e40", "size": 84}',
    "address,size\n0x3ffb8e40,84",
    '{"address": 1073450560, "name": "x"}',
  ]) {
    const { run } = await imported(`${table}\n${readings}`);
    expect(run.series.map(({ readings: count }) => count)).toEqual([3]);
  }
});

test("sysviewtrace_proc's text: allocations and frees with task, core and place; its list of leaks is not read twice", async () => {
  const log = [
    "Processed 3 heap events.",
    '[0.002244575] HEAP: Allocated 1 bytes @ 0x3ffaffd8 from task "alloc" on core 0 by:',
    "/home/me/main/sysview.c:47",
    "/home/me/freertos/port.c:355 (discriminator 1)",
    "",
    '[0.002258425] HEAP: Allocated 2 bytes @ 0x3ffaffe0 from task "alloc" on core 1 by:',
    "/home/me/main/sysview.c:48",
    "",
    '[0.002563725] HEAP: Freed bytes @ 0x3ffaffe0 from task "free" on core 0 by:',
    "/home/me/main/sysview.c:31 (discriminator 9)",
    "",
    "=============== HEAP TRACE REPORT ===============",
    '[0.002244575] HEAP: Allocated 1 bytes @ 0x3ffaffd8 from task "alloc" on core 0 by:',
    "/home/me/main/sysview.c:47",
    "",
    "Found 1 leaked bytes in 1 blocks.",
  ].join("\n");
  const { run } = await imported(log);
  expect(run.events.map(({ kind, address, core }) => [kind, address, core])).toEqual([
    ["alloc", 0x3ffaffd8, 0],
    ["alloc", 0x3ffaffe0, 1],
    ["free", 0x3ffaffe0, 0],
  ]);
  expect(run.series).toEqual([]);
});

test("esp-coredump's account: the assertion, and the first frame that is the program's", async () => {
  const log = [
    'Panic reason: assert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && "block already marked as free")',
    "==================== CURRENT THREAD STACK =====================",
    '#0  panic_abort (details=0x3ffb5a10 "assert failed") at /idf/panic.c:408',
    "#1  0x4008a3f0 in esp_system_abort (details=0x3ffb5a10) at /idf/esp_system_chip.c:92",
    "#2  0x400928ca in tlsf_free (tlsf=0x3ffae020, ptr=0x3ffb7e94) at /idf/tlsf.c:1120",
    "#3  0x400d5b21 in release_frame (f=0x3ffb7e94) at /proj/main/frame.c:61",
  ].join("\n");
  const { run } = await imported(log);
  expect(run.incidents[0]).toMatchObject({ kind: "double-free", frames: 3, ownFrame: 3 });
  expect(run.sites.get(run.incidents[0]?.site ?? 0)?.frames?.[0]).toMatchObject({
    function: "release_frame",
    file: "/proj/main/frame.c",
    line: 61,
  });
});
