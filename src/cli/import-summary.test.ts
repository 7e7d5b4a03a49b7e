import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { importFile } from "../import/recognize.ts";
import { viewImport } from "../report/import-view.ts";
import { describeImport } from "./import-summary.ts";

test("the account leads with what came over, then what did not, what the log tells, and what to do", async () => {
  const inputs = ["corruption-panic.txt", "classic.txt", "task-tracking.txt", "heaptrack-v3.zst"].map((name) => ({
    name,
    bytes: readFileSync(new URL(`../../test/fixtures/import/${name}`, import.meta.url)),
  }));
  const lines = describeImport(viewImport(await importFile(inputs, new CollectedRun()), "run.memmap"), 80);
  expect(lines.slice(0, 4)).toEqual([
    "corruption-panic.txt: console log, 9 events",
    "  1 × heap trace: 3 records",
    "  3 × fault: 3 records",
    "  1 × failed allocation: 1 record",
  ]);
  expect(lines).toContain("  4 allocations, 1 of them temporary; peak 132 B, 32 B not freed");
  expect(lines).toContain("  task worker (deleted): 96 B now, 512 B at most");
  expect(lines).toContain("  - classic.txt:9: a line of the classic tracker is cut or mixed with other");
  expect(lines.find((line) => line.includes("Bad tail"))).toMatch(
    /^ {2}- corruption-panic.txt:14: bad tail: CORRUPT HEAP: Bad tail/,
  );
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.at(-1)).toBe("Wrote run.memmap. Next: memmap report run.memmap");
});
