// What is asked of a log that tells of no blocks: its figures, and never "0 B in 0 blocks".
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();
beforeAll(() => {
  const lines = Array.from({ length: 9 }, (_, i) => `I (${60_000 * i}) app: free heap ${90_000 - 700 * i}\n`);
  writeFileSync(join(folder, "a.log"), lines.join(""));
});

const LONG = { timeout: 60_000 };

test.for([["report"], ["leaks"], ["timeline"]])("%s answers by the log's figures", LONG, async ([command = ""]) => {
  const { exitCode, out } = await runCli([command, "a.log"], folder);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/free heap/i);
  expect(out).not.toMatch(/\b0 blocks|\b0 B\b/);
});

test.for([
  ["top", "a.log"],
  ["list", "a.log"],
  ["diff", "a.log", "a.log"],
  ["block", "a.log", "0x3ffb0000"],
])("%s says that there are no blocks, and what tells the figures", LONG, async (words) => {
  const { exitCode, out, err } = await runCli(words, folder);
  expect(exitCode).toBe(3);
  expect(out).toBe("");
  expect(err).toContain("a.log tells of no single blocks");
  expect(err).toContain("`memmap timeline a.log`");
});
