// `memmap export` as a user calls it: files and standard output, what exists stays, what makes no sense is refused.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { exporters } from "../../src/export/exports.ts";
import { shortRun } from "./recordings.ts";
import { runCli, scratchFolder, startCli } from "./run-cli.ts";

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);
const run = (...args: string[]): ReturnType<typeof runCli> => runCli(["export", ...args], folder);

beforeAll(async () => {
  await runCli(["record", "-", "-o", "run.memmap"], folder, shortRun().take());
});

test("each format goes into a file named after the recording, and says what it is", async () => {
  for (const { format, extension, takes } of exporters) {
    const { err, exitCode } = await run("run.memmap", "--format", format, "--force");
    expect(err, format).toMatch(/^run\.\S+, [\d,.]+ \w+: /);
    expect(exitCode).toBe(0);
    expect(readFileSync(at(`run${takes === "table" ? ".blocks" : ""}${extension}`)).length).toBeGreaterThan(100);
  }
});

test("a file that exists stays, also where the export fails; --force replaces it", async () => {
  writeFileSync(at("mine.csv"), "mine");
  const { err, exitCode } = await run("run.memmap", "--format", "csv", "-o", "mine.csv");
  expect(err).toContain("exists already");
  expect(exitCode).toBe(2);
  const aged = await run("run.memmap", "--format", "massif", "-o", "mine.csv", "-f", "--filter", "live>1s");
  expect(aged.err).toContain("come and go");
  expect(readFileSync(at("mine.csv"), "utf8")).toBe("mine");
  await run("run.memmap", "--format", "csv", "-o", "mine.csv", "--force");
  expect(readFileSync(at("mine.csv"), "utf8")).toMatch(/^address,size,/);
  const self = await run("run.memmap", "--format", "csv", "-o", "run.memmap", "--force");
  expect(self.err).toContain("both read and written");
});

test("standard output, compressed names, windows, filters, tables, costs", async () => {
  const csv = async (...args: string[]): Promise<number> =>
    (await run("run.memmap", "--format", "csv", "-o", "-", ...args)).out.trimEnd().split("\r\n").length - 1;
  expect(await csv("--at", "500ms")).toBe(10);
  expect(await csv("--filter", "site:client.c", "--to", "end")).toBe(5);
  expect(await csv("--table", "events")).toBe(15 + 3);
  expect(await csv("--table", "events", "--from", "mark:warm")).toBe(10 + 5 + 3);
  await run("run.memmap", "--format", "collapsed", "-o", "live.folded.gz");
  const { out } = await run("run.memmap", "--format", "collapsed", "-o", "-");
  expect(gunzipSync(readFileSync(at("live.folded.gz"))).toString()).toBe(out);
  expect((await run("run.memmap", "--format", "collapsed", "-o", "-", "--cost", "allocations")).out).toContain(
    "allocations",
  );
});

test("what makes no sense is refused, and nothing is written", async () => {
  expect((await run("run.memmap", "--format", "svg")).err).toContain("Write one of: pprof, perfetto");
  expect((await run("run.memmap")).exitCode).toBe(2);
  expect((await run("run.memmap", "--format", "pprof", "--base", "run.memmap", "-o", "x")).err).toContain(
    "Only collapsed-diff",
  );
  expect((await run("run.memmap", "--format", "csv", "--table", "stacks", "-o", "x")).err).toContain("--table stacks");
  expect((await run("none.memmap", "--format", "csv", "-o", "x")).exitCode).toBe(3);
  expect(existsSync(at("x"))).toBe(false);
});

test("a reader that stops early ends it quietly", async () => {
  const running = startCli(["export", "run.memmap", "--format", "csv", "-o", "-"], folder);
  running.stopReading();
  running.end();
  expect(await running.done).toMatchObject({ exitCode: 0, err: "" });
});

test("a log of figures: those are exported, and formats of blocks say that there are none", async () => {
  const log = Array.from(
    { length: 20 },
    (_, i) => `I (${1000 * (i + 1)}) app: free heap: ${200_000 - i * 1000}\n`,
  ).join("");
  writeFileSync(at("console.log"), log);
  const { out, exitCode } = await run("console.log", "--format", "csv", "--table", "readings", "-o", "-");
  expect(exitCode).toBe(0);
  expect(out.split("\r\n")[2]).toMatch(/,2000000,2,199000,bytes,/);
  const perfetto = await run("console.log", "--format", "perfetto");
  expect(perfetto.exitCode).toBe(0);
  expect(readFileSync(at("console.perfetto-trace")).includes("live bytes")).toBe(false);
  const refused = await run("console.log", "--format", "pprof", "-o", "none.pb.gz");
  expect(refused.err).toContain("tells of no single blocks");
  expect(existsSync(at("none.pb.gz"))).toBe(false);
});
