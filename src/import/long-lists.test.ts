// A list in JSON is one line, however long: each of its items is read, and the lines behind it keep their numbers.
import { expect, test } from "vitest";
import { toldOf } from "../../test/told.ts";
import { LINE_BYTES } from "./log-text.ts";

const records = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({
    address: `0x${(0x3ffb0000 + i * 64).toString(16)}`,
    size: 20 + (i % 40),
    ccount: i * 1000,
    alloced_by: ["0x400d1111", `0x400d22${10 + (i % 50)}`],
  }));

test.for([100, 1000, 3000])("%d records of a heap trace on one line", async (count) => {
  const list = JSON.stringify(records(count));
  expect(list.length > LINE_BYTES).toBe(count > 800);
  for (const json of [list, `{"trace":${list}}`]) {
    const told = await toldOf(`boot\n${json}\nfree heap: 100000\n`);
    expect(told.match(/^alloc /gm)).toHaveLength(count);
    expect(told).toContain(`section kind="heap trace" firstLine=2 lastLine=2 records=${count} whole=true`);
    expect(told).toMatch(/^series .* line=3 /m);
    expect(told).toMatch(/ lines=3$/m);
    expect(Math.max(...told.split("\n").map((line) => line.length))).toBeLessThan(LINE_BYTES / 2);
  }
});

test("what no list is read of, of any other line, are its first letters", async () => {
  const told = await toldOf(`${"x".repeat(LINE_BYTES)} free heap: 7\n[${"x".repeat(LINE_BYTES)}\nfree heap: 100000\n`);
  expect(told).toMatch(/^series .* line=3 .* readings=1 /m);
});

test("more records than a trace can have are said, in a table as in a dump", async () => {
  const most = 131_072;
  const place = (i: number): string => `0x${(0x3f800000 + i * 4).toString(16)}`;
  const rows = Array.from({ length: most + 3 }, (_, i) => `${place(i)},4`);
  const table = await toldOf(`address,size\n${rows.join("\n")}\n`);
  expect(table.match(/^alloc /gm)).toHaveLength(most);
  expect(table).toContain('reason="the heap trace has 3 records more than the 131072 that are read"');
  const records = rows.map((_, i) => `4 bytes (@ ${place(i)}, PSRAM) allocated CPU 0 ccount 0x${(4 * i).toString(16).padStart(8, "0")}`);
  const dump = await toldOf(`====== Heap Trace: ${most + 3} records (200000 capacity) ======\n${records.join("\n")}\n====== Heap Trace Summary ======\n================================\n`);
  expect(dump.match(/^alloc /gm)).toHaveLength(most);
  expect(dump).toContain('reason="the heap trace has 3 records more than the 131072 that are read"');
}); // prettier-ignore

test("more call stacks than a firmware has are told as none, and said once", async () => {
  const rows = Array.from({ length: (1 << 14) + 3 }, (_, i) => `0x${(0x3f800000 + i * 8).toString(16)},8,0x${(0x400d0000 + i * 4).toString(16)}`);
  const told = await toldOf(`address,size,caller\n${rows.join("\n")}\n`);
  expect(told.match(/^site /gm)).toHaveLength(1 << 14);
  expect(told.match(/^alloc .* site=0 /gm)).toHaveLength(3);
  expect(told.match(/more than 16384 different call stacks/g)).toHaveLength(1);
}); // prettier-ignore

test("a stack of thousands of blanks is read as one", async () => {
  const blanks = " ".repeat(60_000);
  const row = `0x3ffb9000,16,parse${blanks}b,${"0x0 ".repeat(9000)}`;
  expect(await toldOf(`address,size,caller,freed_by\n${`${row}\n`.repeat(5)}`)).toContain("alloc ");
  expect(await toldOf(`address,size,caller\n${`0x3ffb9000,16,${"a:".repeat(30_000)}\n`.repeat(5)}`)).toContain(
    "alloc ",
  );
}, 5000);
