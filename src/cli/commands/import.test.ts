import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRecordingFile } from "../../capture/recording-file.ts";
import { openModel } from "../../heap/model.ts";
import { commands } from "../commands.ts";
import { openRun } from "../open-run.ts";
import { buildProgram } from "../program.ts";

const fixture = (name: string): string => new URL(`../../../test/fixtures/import/${name}`, import.meta.url).pathname;

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "memmap-import-"))));
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<unknown> {
  const program = await buildProgram(commands, ["import", ...args]);
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  try {
    return await program.parseAsync(["import", ...args], { from: "user" }).then(
      () => undefined,
      (error: unknown) => error,
    );
  } finally {
    process.stdout.write = write;
  }
}

test("what is imported is a recording like any other", async () => {
  const output = join(folder, "run.memmap");
  expect(await run(fixture("heap-trace-5.0-all.txt"), "-o", output)).toBeUndefined();
  const { recording, close } = await openRecordingFile(output);
  const model = await openModel(recording);
  expect((await model.totalsAt(Infinity)).bytes.value).toBe(140);
  close();
  expect(readdirSync(folder)).toEqual(["run.memmap"]);
});

test("an unknown file leaves an older recording as it was", async () => {
  const [output, picture] = [join(folder, "run.memmap"), join(folder, "cat.jpg")];
  writeFileSync(output, "older");
  writeFileSync(picture, Uint8Array.of(0xff, 0xd8, 0xff));
  expect(await run(picture, "-o", output)).toMatchObject({ code: "usage-file-exists" });
  expect(await run(picture, "-o", output, "--force")).toMatchObject({ code: "import-unknown-format" });
  expect(readFileSync(output, "utf8")).toBe("older");
  expect(readdirSync(folder).sort()).toEqual(["cat.jpg", "run.memmap"]);
});

test("a missing file and an output that is an input are refused", async () => {
  const log = join(folder, "a.log");
  expect(await run(log, "-o", join(folder, "b"))).toMatchObject({ code: "file-missing" });
  writeFileSync(log, readFileSync(fixture("classic.txt")));
  expect(await run(log, "-o", log)).toMatchObject({ code: "usage-output-is-input" });
  expect(existsSync(`${log}.partial`)).toBe(false);
});

test("a recording, a core dump and firmware are told what they are, and what to do with them", async () => {
  const output = join(folder, "run.memmap");
  await run(fixture("heap-trace-5.0-all.txt"), "-o", output);
  expect(await run(output, "-o", join(folder, "b.memmap"))).toMatchObject({
    code: "import-recording",
    hint: expect.stringContaining("memmap report") as string,
  });
  const dump = join(folder, "dump.b64");
  writeFileSync(dump, "tCQAAAIBAAAAAAAAAAAAAAAAAAAsAQAA\nf0VMRgEBAQAAAAAAAAAAAAQAXgABAAAAAAAAADQAAAAA\n");
  expect(await run(dump, "-o", join(folder, "b.memmap"))).toMatchObject({
    code: "import-unknown-format",
    message: expect.stringContaining("core dump in base64") as string,
    hint: expect.stringContaining("esp-coredump") as string,
  });
  expect(readdirSync(folder).sort()).toEqual(["dump.b64", "run.memmap"]);
});

test("a log with a heap summary and no blocks can be asked for its regions, one with a table of tasks for who holds most", async () => {
  const summary = join(folder, "summary.log");
  const lines = readFileSync(fixture("heap-info-dump.txt"), "utf8").split("\n");
  const from = lines.findIndex((line) => line.startsWith("Heap summary"));
  writeFileSync(summary, lines.slice(from, from + 7).join("\n"));
  await run(summary, "-o", join(folder, "a.memmap"));
  const opened = await openRun(join(folder, "a.memmap"));
  expect((await opened.model.regionsAt(Infinity)).map(({ free }) => free)).toEqual([640, 15000]);
  opened.close();
  const table = join(folder, "table.log");
  writeFileSync(table, readFileSync(fixture("task-tracking.txt"), "utf8").split("\n").slice(0, 7).join("\n"));
  await run(table, "-o", join(folder, "b.memmap"));
  const sums = await openRun(join(folder, "b.memmap"));
  expect(sums.model.tables.series.map(({ label }) => label)).toEqual(["task worker", "task main"]);
  sums.close();
});
