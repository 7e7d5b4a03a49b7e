// Suppressions through the command line: those that memmap ships, a user's own, none at all, and a file that is none.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { createRecordingFile } from "../../src/capture/recording-file.ts";
import type { VerdictView } from "../../src/report/verdict.ts";
import { Program, second } from "../corpus/program.ts";
import { runCli, scratchFolder, type CliResult } from "./run-cli.ts";

const folder = scratchFolder();

/** A lock for each of 20 tasks, as newlib makes them, and a list of devices that only grows. */
beforeAll(() => {
  const recording = createRecordingFile(join(folder, "run.memmap"));
  const p = new Program(recording.writer, 7);
  p.repeat(
    () => 10 * second,
    () => p.malloc("__retarget_lock_init_recursive:lock", 84),
  );
  p.repeat(
    () => 9 * second,
    () => p.malloc("device_list:entry", 40),
  );
  p.repeat(
    () => 0.5 * second,
    () => p.free(p.malloc("format:text", 30)),
  );
  p.run(200 * second);
  recording.close();
  writeFileSync(join(folder, "mine.supp"), "# found again by every scan, never many\nleak:^device_list$\n");
  writeFileSync(join(folder, "bad.supp"), "# mine\nleak:^device_list$\nrace:mutex\n");
});

const report = (...options: string[]): Promise<CliResult> => runCli(["report", "run.memmap", ...options], folder);

async function verdict(...options: string[]): Promise<VerdictView> {
  const { out, err } = await report("--json", ...options);
  expect(err).toBe("");
  return JSON.parse(out) as VerdictView;
}

const leaksOf = ({ findings }: VerdictView): string[] =>
  findings.flatMap(({ rule, severity, stations }) =>
    rule === "leak" ? [`${severity} ${stations[0]?.site.function}`] : [],
  );

test("shipped ones are applied, and shown with count and reason", async () => {
  const { out, exitCode } = await report("--fail-on", "warning");
  expect(out).toContain("device_list.c");
  expect(out).not.toMatch(/^ *at .*__retarget_lock/m);
  const [, section = ""] = /\nSuppressed\n([^]*?)\n\n/.exec(out) ?? [];
  expect(section.replace(/\s+/g, " ")).toBe(
    " - 1 finding, 1,680 B in 20 blocks: newlib makes the lock of a stream at its first use and keeps it for the life of the program: at most 40" +
      " (leak:^__retarget_lock_init*, shipped with memmap)",
  );
  expect(out.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
  expect(exitCode).toBe(1);
  expect((await verdict()).suppressed).toMatchObject([
    { findingCount: 1, affectedBlocks: 20, affectedBytes: 1680, source: "memmap" },
  ]);
});

test("a user's own are applied too, and what they cover fails no build", async () => {
  const { out, exitCode } = await report("--suppressions", "mine.supp", "--fail-on", "warning");
  expect(exitCode).toBe(0);
  expect(out.replace(/\s+/g, " ")).toContain(
    "found again by every scan, never many (leak:^device_list$, from mine.supp)",
  );
  expect(leaksOf(await verdict("--suppressions", "mine.supp"))).toEqual([
    "note __retarget_lock_init_recursive",
    "note device_list",
  ]);
});

test("without the shipped ones everything is judged by its history", async () => {
  const all = await verdict("--no-default-suppressions");
  expect(leaksOf(all)).toEqual(["error __retarget_lock_init_recursive", "error device_list"]);
  expect(all.suppressed).toEqual([]);
});

test("memmap leaks knows them as well", async () => {
  const { out } = await runCli(["leaks", "run.memmap", "--suppressions", "mine.supp"], folder);
  expect(out).toMatch(/^Suppressed$/m);
  expect(out).toContain("mine.supp");
});

test("a line that is none is said with file and number, a missing file with its name", async () => {
  const bad = await report("--suppressions", "bad.supp");
  expect(bad.exitCode).toBe(3);
  expect(bad.err).toContain('bad.supp:3: "race:mutex" is no suppression');
  expect(bad.err).toContain("hint:");
  expect(bad.out).toBe("");
  const missing = await report("--suppressions", "none.supp");
  expect(missing.err).toContain("cannot read the suppressions none.supp");
});
