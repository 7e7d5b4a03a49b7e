// Which lines tell of a block that a program has printed by itself, and what is remembered of them.
import { describe, expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import { ReportBuilder } from "./import-report.ts";
import { LogRun } from "./log-run.ts";
import { OverviewReader } from "./log-text.ts";
import { PrintedBlockReader } from "./printed-block-text.ts";
import { PrintedBlocks } from "./printed-blocks.ts";

const AT = 0x3ffb8e40;

describe("a line tells of a block", () => {
  test.for<readonly [string, number | undefined]>([
    ["rx buffer 0x3ffb8e40 - 0x3ffb8ea4", 100],
    ["rx buffer 0x3ffb8e40-0x3ffb8e41, 64 bytes", 1],
    ["rx buffer 0x3ffb8e40 to 0x3ffb8e40", undefined],
    ["rx buffer 0x3ffb8e40..0x3ffb8e3f", undefined],
    ["rx buffer 0x3ffb8e40 - 0x3ffb8ea40", undefined],
    ["allocated 100 bytes at 0x3ffb8e40", 100],
    ["allocated 1 byte at 0x3ffb8e40", 1],
    ["allocated 0 bytes at 0x3ffb8e40", undefined],
    ["new object 0x3ffb8e40 (size = 24)", 24],
    ["malloc(32) = 0x3ffb8e40", 32],
    ["calloc(4, 32) = 0x3ffb8e40", 32],
    ["0x3ffb8e40: 12 bytes", 12],
    ["rx buffer at 0x3ffb8e40", undefined],
    ["rx buffer at 0x3ffb8e40 of 64 bytes, tx buffer at 0x3ffb9000", undefined],
    ["freed 100 bytes at 0x3ffb8e40", undefined],
    ["allocated 268435456 bytes at 0x3ffb8e40", undefined],
    ["allocated 99999999 bytes at 0x3ffb8e40", 99999999],
    ["100 apples at 0x3ffb8e40", undefined],
  ])("%j: %j", ([text, size]) => {
    const run = new LogRun(new Told(false), new ReportBuilder("a.log", "log"), new OverviewReader().overview, 1);
    // Others may read the line too.
    expect(new PrintedBlockReader(run).line({ number: 7, text: `  ${text}`, tags: [] })).toBe(false);
    const block = size === undefined ? undefined : { address: AT, size, line: 7, quote: text };
    expect(run.printed.at(AT)).toEqual(block);
  });
});

describe("of printed blocks", () => {
  const block = (address: number, size: number, line = 1) => ({ address, size, line, quote: "" });
  const of = (...all: readonly ReturnType<typeof block>[]): PrintedBlocks => {
    const blocks = new PrintedBlocks();
    for (const one of all) blocks.add(one);
    return blocks;
  };

  test("one holds its first byte to its last, and ends behind that", () => {
    const blocks = of(block(100, 8), block(200, 1));
    expect([99, 100, 107, 108, 200, 201].map((at) => blocks.holding(at)?.address)).toEqual([
      ...[undefined, 100, 100, undefined],
      ...[200, undefined],
    ]);
    expect([107, 108, 109].map((end) => blocks.endingAt(end)?.address)).toEqual([undefined, 100, undefined]);
  });

  test("the last one that was printed counts", () => {
    const blocks = of(block(100, 8, 1), block(96, 12, 2), block(100, 16, 3));
    expect([blocks.at(100)?.line, blocks.holding(104)?.line, blocks.endingAt(108)?.line]).toEqual([3, 3, 2]);
    // Printed again, it is the newest.
    blocks.add(block(96, 12, 4));
    expect(blocks.holding(104)?.line).toBe(4);
    blocks.clear();
    expect([blocks.at(100), blocks.holding(104)]).toEqual([undefined, undefined]);
  });

  test("the oldest of more than 4096 is forgotten", () => {
    const all = Array.from({ length: 4096 }, (_, i) => block(16 * (i + 1), 8));
    const blocks = of(...all);
    expect(blocks.at(16)).toBeDefined();
    blocks.add(block(16, 8));
    blocks.add(block(8, 8));
    expect([16, 32, 48].map((address) => blocks.at(address) !== undefined)).toEqual([true, false, true]);
  });
});
