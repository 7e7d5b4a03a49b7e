// Every command on a terminal of 80 columns, with names as long as C++ and deep folders make them: no line is longer, and of a call site both its
// file and its function can be read.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createRecordingFile } from "../../src/capture/recording-file.ts";
import { columnsOf } from "../../src/base/safe-text.ts";
import { Method } from "../../src/wire/protocol.ts";
import { Teller } from "../../src/wire/teller.ts";
import { startAsker, type Asker } from "../crafted/ask.ts";
import { testBoot } from "../heap-text.ts";
import { tellTroubles } from "./recordings.ts";
import { scratchFolder } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = scratchFolder();
const file = join(folder, "wide.memmap");
let asker: Asker;
afterAll(() => asker.end());

const long = (name: string, length: number): string => `${name}_${"of_many_words_".repeat(10)}`.slice(0, length);

beforeAll(() => {
  asker = startAsker();
  const recording = createRecordingFile(file);
  const teller = new Teller(recording.writer);
  const names = { chip: "esp32s3", idfVersion: "v5.4.1", appName: long("application", 31), appVersion: long("v1", 31) };
  teller.record({ kind: "boot", value: { ...testBoot, ...names } });
  teller.record({ kind: "task", value: { id: 3, name: long("task", 15), handle: 0 } });
  for (let id = 1; id <= 9; id++) {
    const place = {
      file: `components/${long("folder", 40)}/${long("file", 30)}${id}.cpp`,
      line: 12_345,
      function: long(`function${id}`, 60),
      variable: long("variable", 40),
    };
    teller.record({ kind: "site", value: { id, method: Method.MALLOC, caps: 0x1c0e, ...place } });
  }
  const size = { start: 0x3ffb0000, end: 0x3ffd0000, caps: 0x1c0e, free: 40_000, largestFree: 30_000 };
  const region = { ...size, name: long("region", 30) };
  teller.record({ kind: "regions", value: { time: 1, regions: [region] } });
  for (let second = 1; second <= 900; second++) {
    const address = 0x3ffb0000 + second * 128;
    teller.alloc(second * 1e6, address, 96, 1 + (second % 9), 3, 0);
    if (second % 2 === 0) teller.free(second * 1e6 + 2000, address, 2, 3, 1);
    if (second === 60)
      teller.record({ kind: "mark", value: { time: 60.5e6, name: long("mark", 60), task: 3, core: 0 } });
  }
  teller.record({
    kind: "gap",
    value: { time: 500e6, since: 400e6, reason: "frames-lost", lostFrames: 3, lostEvents: 40 },
  });
  tellTroubles(teller, 900.5e6, [region]);
  teller.flush();
  recording.close();
});

test.each([
  ["report"],
  ["report", "--verbose"],
  ["leaks"],
  ["faults"],
  ["failures"],
  ["fragmentation"],
  ["fragmentation", "--caps"],
  ["fits", "--size", "16717", "--caps", "8BIT|DMA"],
  ["list"],
  ["top"],
  ...["function", "file", "component", "variable", "task", "region", "caps", "generation"].map((by) => [
    "top",
    "--by",
    by,
  ]),
  ["timeline"],
  ["timeline", "--from", "100s", "--to", "100.001s"],
  ["map"],
  ["diff", "--from", "start"],
  ["block", "0x3ffb0090"],
  ["query", "size>1"],
])("memmap %s %s %s", async (name, ...options) => {
  const answer = await asker.ask([name, file, ...options], 60, 80);
  expect(answer?.exitCode).toBe(0);
  const lines = (answer?.out ?? "").split("\n");
  const tooLong = lines.filter((line) => columnsOf(line) > 80);
  // A word that has no blank stays whole in sentences, so that it can be copied.
  expect(
    tooLong.filter(
      (line) =>
        !line
          .trim()
          .split(" ")
          .some((word) => columnsOf(word) > 40),
    ),
  ).toEqual([]);
  expect(tooLong.filter((line) => /^\S.* {2}\S/.test(line))).toEqual([]);
});

test("of a call site in a table both ends are left", async () => {
  const { out = "" } = (await asker.ask(["top", file], 60, 80)) ?? {};
  expect(out).toMatch(/ fi\S*….*\)$/m);
});

test.each([["demo", "--list"], ["ports"], ["guide"], ["doctor", "--help"]])("memmap %s %s", async (...words) => {
  const { out = "" } = (await asker.ask(words, 60, 80)) ?? {};
  expect(out).not.toBe("");
  expect(out.split("\n").filter((line) => columnsOf(line) > 80)).toEqual([]);
});
