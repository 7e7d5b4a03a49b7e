// `memmap list`, and what all commands on recordings say about a file that is none.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { exactly } from "../../src/base/quantity.ts";
import { FILE_HEADER_BYTES, FILE_MAGIC, FORMAT_VERSION } from "../../src/recording/chunk-format.ts";
import { crc32 } from "../../src/base/crc32.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { list, shortRun } from "./recordings.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // processes start slowly on a busy machine

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  await runCli(["record", "-", "-o", "run.memmap"], folder, shortRun().take());
});

test("a table for people: a headline, one line a block, the largest first", async () => {
  const { out, exitCode } = await runCli(["list", "run.memmap"], folder);
  const lines = out.trimEnd().split("\n");
  expect(lines[0]).toBe("12 blocks, 948 B live at 2.00 s");
  expect(lines[2]).toMatch(/^address +size +age +allocated at +task +caps$/);
  expect(lines[3]).toMatch(/^0x3ffb0320 +100 B +1\.00 s +client\.c:120 http_get \(buffer\) +main +DEFAULT$/);
  expect(lines).toHaveLength(15);
  expect(lines.every((line) => line.length <= 100)).toBe(true);
  expect(exitCode).toBe(0);
});

test("moments, orders, limits and filters", async () => {
  expect(await list(folder, "run.memmap", "--at", "start")).toMatchObject({ liveBlocks: exactly(0) });
  expect(await list(folder, "run.memmap", "--at", "500ms")).toMatchObject({ liveBlocks: exactly(10) });
  expect((await list(folder, "run.memmap", "--limit", "2", "--sort", "address")).blocks).toMatchObject([
    { address: "0x3ffb00f0", size: 64 },
    { address: "0x3ffb0140", size: 64 },
  ]);
  expect(await list(folder, "run.memmap", "--to", "500ms")).toMatchObject({ liveBlocks: exactly(10) });
  expect((await list(folder, "run.memmap", "--from", "500ms")).blocks).toHaveLength(5);
  const { out } = await runCli(["list", "run.memmap", "--filter", "site:client.c", "--limit", "2"], folder);
  expect(out).toContain("5 blocks, 500 B match site:client.c, of 12 blocks, 948 B live");
  expect(out).toContain("and 3 more blocks (--limit all)");
});

test("after a gap the numbers have bounds and doubtful blocks a mark", async () => {
  const board = new ScriptedBoard().boot().allocate(4).heartbeat().lose(2, 6).allocate(1);
  await runCli(["record", "-", "-o", "gap.memmap"], folder, board.take());
  const { out } = await runCli(["list", "gap.memmap"], folder);
  expect(out).toContain("? 4 blocks may have been freed");
  expect(await list(folder, "gap.memmap")).toMatchObject({
    liveBlocks: { certainty: "bounded", value: 5, lowest: 1 },
    uncertainBlocks: 4,
  });
});

test.each<[string, () => Uint8Array, string, string]>([
  ["empty", () => new Uint8Array(), "is empty", "Record again"],
  [
    "a log",
    () => new TextEncoder().encode("I (31) boot: hello\n"),
    "is text, and nothing in its 1 line tells of memory",
    "docs/logs.md",
  ],
  ["a raw capture", () => shortRun().take(), "memmap's stream as it came from the line", "memmap record"],
  ["of a newer version", newerVersion, `format version ${FORMAT_VERSION + 1}`, "Update memmap"],
  [
    "cut off in its header",
    () => readFileSync(at("run.memmap")).subarray(0, 9),
    "does not know",
    "memmap takes recordings",
  ],
])("a file that is %s gets a sentence and a hint", async (_, bytes, sentence, hint) => {
  writeFileSync(at("odd.memmap"), bytes());
  const { exitCode, err } = await runCli(["list", "odd.memmap"], folder);
  expect(err).toContain(sentence);
  expect(err).toContain(hint);
  expect(exitCode).toBe(3);
});

test("a recording that was cut off opens up to where it goes, and says so", async () => {
  await runCli(["record", "sim:demo", "-q", "-o", "whole.memmap"], folder);
  const whole = readFileSync(at("whole.memmap"));
  writeFileSync(at("cut.memmap"), whole.subarray(0, whole.length / 2));
  const { exitCode, out, err } = await runCli(["list", "cut.memmap"], folder);
  expect(err).toMatch(/^note: .*not ended/);
  expect(out).toMatch(/live at \d/);
  expect(exitCode).toBe(0);
});

function newerVersion(): Uint8Array {
  const header = new Uint8Array(FILE_HEADER_BYTES);
  header.set(FILE_MAGIC);
  const view = new DataView(header.buffer);
  view.setUint32(FILE_MAGIC.length, FORMAT_VERSION + 1, true);
  view.setUint32(FILE_HEADER_BYTES - 4, crc32(header, 0, FILE_HEADER_BYTES - 4), true);
  return header;
}

test("a query for an address that no block holds names the blocks beside it", async () => {
  const { out, exitCode } = await runCli(["query", "run.memmap", "addr:0x10000000"], folder);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^0 blocks.*\n {2}after it {3}\d+ B at 0x/);
});
