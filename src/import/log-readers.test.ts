// What a reader of logs takes is its line alone, and what a damaged dump does not contradict stays.
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { ClassicReader } from "./classic-text.ts";
import { ReportBuilder } from "./import-report.ts";
import { importLog } from "./log.ts";
import { LogRun } from "./log-run.ts";
import { logLine, OverviewReader } from "./log-text.ts";

test("the classic tracker's reader takes its own lines, damaged ones too, and no other", () => {
  const text = `Memory allocated at 0x3ffb0020, caps 0x1804, size 50 bytes, in main/net.c, line 12, function net_open, variable rx
Memory allocated at 0x3ffb
Failed to allocate 65536 bytes for frame in draw at main/ui.c:9
boot - Total free heap: 201344
I (300) app: Memory is allocated elsewhere
`;
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line, i) => logLine(new TextEncoder().encode(line), i + 1));
  const run = new LogRun(new CollectedRun(), new ReportBuilder("a.log", "log"), new OverviewReader().overview, 1);
  const reader = new ClassicReader(run);
  expect(lines.map((line) => reader.line(line))).toEqual([true, true, true, false, false]);
});

test("a heap dump with a hole keeps the blocks that were known before, but for those where it shows free memory", async () => {
  const allocated = (address: string, size: number): string =>
    `Memory allocated at ${address}, caps 0x1804, size ${size} bytes, in main/net.c, line 12, function net_open, variable rx\n`;
  const known = allocated("0x3ffb0020", 50) + allocated("0x3ffb0080", 20) + allocated("0x3ffb0400", 70);
  const dump = (hole: boolean): string => `I (400) app: dump follows
Showing data for heap: 0x3ffb0000
Block 0x3ffb0018 data, size: 64 bytes, Free: No
Block 0x3ffb005c data, size: 240 bytes, Free: Yes
${hole ? "Block 0x3ffb0xx0 data, size: 32 bytes, Free: No" : "Block 0x3ffb0150 data, size: 32 bytes, Free: No"}
Block 0x3ffb0174 data, size: 800 bytes, Free: No
`;
  const liveAfter = async (text: string): Promise<number[]> => {
    const run = new CollectedRun();
    await importLog(() => [new TextEncoder().encode(text)], run, new ReportBuilder("a.log", "log"));
    return [...run.blocks.keys()].sort((a, b) => a - b);
  };
  expect(await liveAfter(known + dump(true))).toEqual([0x3ffb0020, 0x3ffb0400]);
  expect(await liveAfter(known + dump(false))).toEqual([0x3ffb0020, 0x3ffb0150, 0x3ffb0400]);
});
