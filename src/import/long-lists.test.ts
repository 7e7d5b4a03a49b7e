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

test("more records than a trace can have are said", async () => {
  const rows = Array.from({ length: 100_003 }, (_, i) => `0x${(0x3ffb0000 + i * 4).toString(16)},4`);
  const told = await toldOf(`address,size\n${rows.join("\n")}\n`);
  expect(told.match(/^alloc /gm)).toHaveLength(100_000);
  expect(told).toContain(`damage line=100002 reason="of a heap trace's records only 100000 are read"`);
});
