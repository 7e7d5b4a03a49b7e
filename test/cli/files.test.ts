// No command destroys a file, and a disk that is full is told by sentence and exit code.
import { existsSync, openSync, closeSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { simulatorModule } from "../simulator.ts";
import { fixturePath } from "../symbols/fixtures.ts";
import { shortRun } from "./recordings.ts";
import { cliScript, runCli, scratchFolder } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 300_000 }); // processes and compilers are slow on a busy machine

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);
const precious = "precious";

beforeAll(async () => {
  await simulatorModule();
  writeFileSync(at("capture.bin"), shortRun().take());
  await runCli(["record", "capture.bin", "-q", "-o", "run.memmap"], folder);
});

test.each([
  [["record", "capture.bin", "-o", "capture.bin", "--force"], "read and written"],
  [["record", "capture.bin", "-o", "x.memmap", "--log", "capture.bin", "--force"], "read and written"],
  [["record", "capture.bin", "-o", "x.memmap", "--log", "./x.memmap"], "written twice"],
  [["record", "capture.bin", "-o", "x.memmap", "--log", "important.c"], "exists already"],
  [["record", "/dev/ttyUSB99", "-o", "x.memmap", "--log", "important.c", "--force"], "there is no port"],
  [["record", "important.c", "-o", "old.memmap", "--force"], "nothing was recorded"],
  [["record", "nowhere.bin", "-o", "old.memmap", "--force"], "does not exist"],
  [["demo", "overflow", "-o", "important.c"], "exists already"],
  [["demo", "nosuch", "-o", "important.c", "--force"], "has no scenario"],
  [["import", "important.c", "-o", "old.memmap"], "exists already"],
  [["import", "important.c", "-o", "old.memmap", "--force"], "tells of memory"],
])("%j leaves every file as it was", async (args, sentence) => {
  writeFileSync(at("important.c"), precious);
  writeFileSync(at("old.memmap"), precious);
  const capture = readFileSync(at("capture.bin"));
  const before = readdirSync(folder).sort();
  const { exitCode, err } = await runCli(args, folder);
  expect(err).toContain(sentence);
  expect(exitCode).toBeGreaterThanOrEqual(2);
  expect([readFileSync(at("important.c"), "utf8"), readFileSync(at("old.memmap"), "utf8")]).toEqual([
    precious,
    precious,
  ]);
  expect(readFileSync(at("capture.bin"))).toEqual(capture);
  expect(readdirSync(folder).sort()).toEqual(before);
});

test("a second demo takes another name", async () => {
  for (const name of ["memmap-demo.memmap", "memmap-demo-2.memmap"]) {
    const { out, exitCode } = await runCli(["demo", "overflow"], folder);
    expect(out).toContain(`The recording is ${name}.`);
    expect(exitCode).toBe(0);
  }
});

test.skipIf(!existsSync("/dev/full")).each([
  [["report", "run.memmap"], "out"],
  [["list", "run.memmap", "--json"], "out"],
  [["symbolize", fixturePath("riscv"), "0x42000020"], "out"],
  [["record", "capture.bin", "-o", "full-out.memmap"], "out"],
  [["record", "capture.bin", "-q", "-o", "full-log.memmap", "--log", "/dev/full"], "log"],
  [["record", "capture.bin", "-q", "-o", "/dev/full"], "recording"],
])("%j with a full disk ends with 3 and two lines (%s)", (args, where) => {
  const full = openSync("/dev/full", "w");
  try {
    const stdio: ("pipe" | number)[] = ["pipe", where === "out" ? full : "pipe", "pipe"];
    const { status, stderr } = spawnSync(process.execPath, [cliScript, ...args], { cwd: folder, stdio });
    const err = stderr.toString();
    expect(err).toContain("error: the disk is full");
    expect(err).not.toContain("    at ");
    expect(status).toBe(3);
    // The recording itself does not suffer.
    const output = args[args.indexOf("-o") + 1] ?? "";
    if (output.startsWith("full")) expect(err).toMatch(/recorded 2\.00 s/);
  } finally {
    closeSync(full);
  }
});
