// A recording whose file is damaged: each command says so, in JSON too, and a gate does not take it for a clean one.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { shortRun } from "./recordings.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = scratchFolder();

beforeAll(async () => {
  writeFileSync(join(folder, "capture.bin"), shortRun().take());
  const { exitCode } = await runCli(["record", "capture.bin", "-q", "-o", "whole.memmap"], folder);
  expect(exitCode).toBe(0);
  const bytes = readFileSync(join(folder, "whole.memmap"));
  // The chunk's header is some 100 bytes; behind it are key frame, rows and notes, before the copies of the notes.
  bytes.fill(0x55, 230, 330);
  writeFileSync(join(folder, "damaged.memmap"), bytes);
});

test("a gate ends with 3 on it, unless told to judge it nevertheless", async () => {
  const gate = ["report", "--fail-on", "error"];
  expect((await runCli([...gate, "whole.memmap"], folder)).exitCode).toBe(1); // the double free
  const refused = await runCli([...gate, "damaged.memmap"], folder);
  expect([refused.exitCode, refused.err]).toEqual([3, expect.stringContaining("The file is damaged")]);
  const allowed = await runCli([...gate, "damaged.memmap", "--allow-damage"], folder);
  expect([0, 1]).toContain(allowed.exitCode);
  expect(allowed.out).toContain("The file is damaged");
});

test.each([
  ["report"],
  ["list"],
  ["top"],
  ["timeline"],
  ["map"],
  ["fragmentation"],
  ["fits", "--size", "16k"],
  ["query", "size>1"],
  ["block", "0x3ffb0000"],
  ["leaks"],
  ["faults"],
  ["failures"],
])("memmap %s %s tells it in JSON and beside the text", async (name, ...rest) => {
  const json = await runCli([name, "damaged.memmap", ...rest, "--json"], folder);
  expect(JSON.parse(json.out)).toMatchObject({ damage: { sentences: [expect.stringContaining("damaged")] } });
  const text = await runCli([name, "damaged.memmap", ...rest], folder);
  expect(text.err + text.out).toContain("The file is damaged");
  expect(JSON.parse((await runCli([name, "whole.memmap", ...rest, "--json"], folder)).out)).not.toHaveProperty(
    "damage",
  );
});

test("diff tells it of the side that is damaged", async () => {
  const { out } = await runCli(["diff", "whole.memmap", "damaged.memmap", "--json"], folder);
  const diff = JSON.parse(out) as { readonly before: object; readonly after: object };
  expect(diff.after).toHaveProperty("damage");
  expect(diff.before).not.toHaveProperty("damage");
});
