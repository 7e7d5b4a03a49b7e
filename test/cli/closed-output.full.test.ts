// Every command whose reader is gone before it says anything, as behind `| head -0`: it ends at once, without a stack or an error.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { fixturePath } from "../symbols/fixtures.ts";
import { shortRun } from "./recordings.ts";
import { runCli, scratchFolder, startCli } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // processes start slowly on a busy machine

const folder = scratchFolder();

beforeAll(async () => {
  writeFileSync(join(folder, "capture.bin"), shortRun().take());
  const log = Array.from({ length: 40 }, (_, i) => `I (${i}000) app: free heap ${90_000 - 700 * i}\n`).join("");
  writeFileSync(join(folder, "console.log"), log);
  await runCli(["record", "capture.bin", "-q", "-o", "run.memmap"], folder);
});

/** What a command is called with; those that are not here take a recording. */
const words: Readonly<Record<string, readonly string[]>> = {
  demo: ["overflow", "-o", "demo.memmap", "--force"],
  init: ["."],
  doctor: ["run.memmap"],
  ports: [],
  record: ["capture.bin", "-o", "again.memmap", "--force"],
  import: ["console.log", "-o", "log.memmap", "--force"],
  fits: ["run.memmap", "--size", "16k"],
  diff: ["run.memmap", "--from", "start"],
  query: ["run.memmap", "size>1"],
  block: ["run.memmap", "0x3ffb0000"],
  export: ["run.memmap", "--format", "collapsed", "-o", "-"],
  symbolize: [fixturePath("riscv"), "0x42000020"],
  guide: [],
  completion: ["bash"],
  elf: ["nowhere.elf"],
};
/** They go on until they are told to end, and do not write to standard output. */
const servers = ["serve", "live", "mcp"];

test.each(commands.map(({ name }) => name).filter((name) => !servers.includes(name)))("memmap %s", async (name) => {
  const running = startCli([name, ...(words[name] ?? ["run.memmap"])], folder);
  running.stopReading();
  running.end();
  const { exitCode, err } = await running.done;
  expect(err).not.toMatch(/EPIPE|\n\s+at /);
  expect([0, 3]).toContain(exitCode);
  if (exitCode === 3) expect(err).toMatch(/^error: .*\nhint: .*\n$/);
});

test("the recording that a reader left behind is whole", async () => {
  const { exitCode, out } = await runCli(["list", "again.memmap"], folder);
  expect([exitCode, out.split("\n").length > 10]).toEqual([0, true]);
});
