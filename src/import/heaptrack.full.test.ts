// The same recording, read here and by heaptrack's own tools, where those are installed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { sharedData } from "../../test/shared-data.ts";
import { heaptrackInput } from "../../test/heaptrack-input.ts";
import { importHeaptrack } from "./heaptrack.ts";
import { type HeaptrackTotals, ReportBuilder } from "./import-report.ts";

const folder = mkdtempSync(join(tmpdir(), "memmap-heaptrack-"));
afterAll(() => rmSync(folder, { recursive: true }));

function isInstalled(tool: string): boolean {
  try {
    execFileSync(tool, ["--version"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

async function ours(file: string): Promise<HeaptrackTotals | undefined> {
  const report = new ReportBuilder(file, "heaptrack");
  await importHeaptrack(heaptrackInput(readFileSync(file), report), new CollectedRun());
  expect(report.finish().damage).toEqual([]);
  return report.heaptrack;
}

/** heaptrack_print's totals; sizes come rounded to four digits. */
function theirs(file: string): { allocations: number; temporary: number; peak: string; leaked: number } {
  const text = execFileSync("heaptrack_print", ["-f", file, "-p", "0", "-a", "0", "-T", "0"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const find = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? "";
  return {
    allocations: Number(find(/calls to allocation functions: (\d+)/)),
    temporary: Number(find(/temporary memory allocations: (\d+)/)),
    peak: find(/peak heap memory consumption: (\S+)/),
    leaked: bytesOf(find(/total memory leaked: (\S+)/)) + bytesOf(find(/suppressed leaks: (\S+)/)),
  };
}

function bytesOf(text: string): number {
  const match = /^([\d.]+)([BKMG]?)$/.exec(text);
  return Number(match?.[1] ?? 0) * 1000 ** "BKMG".indexOf(match?.[2] ?? "B");
}

async function compare(file: string, printed = file): Promise<void> {
  const mine = await ours(file);
  const other = theirs(printed);
  expect([mine?.allocations, mine?.temporaryAllocations]).toEqual([other.allocations, other.temporary]);
  expect(Math.abs((mine?.peakBytes ?? 0) / bytesOf(other.peak) - 1)).toBeLessThan(0.001);
  // Two roundings: leaked and suppressed.
  expect(Math.abs((mine?.leakedBytes ?? 0) - other.leaked)).toBeLessThanOrEqual(10 + other.leaked / 500);
}

const shared = sharedData("heaptrack/heaptrack.david.18594.gz");

test.skipIf(!isInstalled("heaptrack_print") || shared === undefined)("a format 2 file", async () => {
  await compare(shared ?? "");
});

test.skipIf(!isInstalled("heaptrack"))("a recording made now, raw and interpreted", async () => {
  const record = (...options: string[]): string => {
    execFileSync("heaptrack", [...options, "-o", join(folder, `run${String(options.length)}`), "sort", "--version"], {
      stdio: "pipe",
    });
    const prefix = `run${String(options.length)}.`;
    return join(folder, readdirSync(folder).find((name) => name.startsWith(prefix)) ?? "");
  };
  await compare(record());
  const raw = record("--raw");
  const totals = await ours(raw);
  expect(totals?.allocations).toBeGreaterThan(0);
  expect(totals?.leakedBytes).toBeGreaterThanOrEqual(0);
});
