// Sampling end to end: the probe tracks some of the blocks, the host says what all of them hold. Over many runs the estimates are right on
// average, within four times their standard error.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeNames } from "../../src/detect/names.ts";
import { openModel } from "../../src/heap/model.ts";
import { RunRecorder } from "../../src/heap/run-recorder.ts";
import { likely } from "../../src/base/quantity.ts";
import { viewCoverage } from "../../src/report/coverage.ts";
import type { LiveView } from "../../src/report/doubt.ts";
import { viewLiveList } from "../../src/report/live-list.ts";
import { viewGroups, viewSites } from "../../src/report/top-sites.ts";
import { Decoder } from "../../src/wire/decoder.ts";
import { atLength, covered } from "../length.ts";
import { allNeedCommands } from "../toolchain.ts";
import { buildProbeTest } from "./sources.ts";

allNeedCommands("gcc");

const runs = atLength({ short: 10, long: 40 });

interface Truth {
  readonly blocks: number;
  readonly bytes: number;
  readonly tracked: number;
}

async function estimatesOf(file: string): Promise<readonly { readonly blocks: number; readonly bytes: number }[]> {
  const recorder = new RunRecorder();
  const decoder = new Decoder(recorder);
  decoder.push(readFileSync(file));
  decoder.end();
  recorder.flush();
  const model = await openModel(recorder.run);
  const names = makeNames(model.tables);
  const totals = await model.totalsAt(Infinity);
  const coverage = await viewCoverage(model, model.span, totals);
  expect(coverage).toMatchObject({ estimated: true, diverged: 0, complete: false });
  expect(coverage.sentences.join()).toContain("are estimates");
  const { sites } = await viewSites(model, names, model.span, { order: "live" });
  const { groups } = await viewGroups(model, model.span, { by: "size-class", order: "live" });
  const list = await viewLiveList(model, names, { time: Infinity });
  const sum = (rows: readonly LiveView[]): { readonly blocks: number; readonly bytes: number } => {
    expect(rows.every((row) => row.liveBytes.certainty === "estimated")).toBe(true);
    return {
      blocks: rows.reduce((all, row) => all + likely(row.liveBlocks), 0),
      bytes: rows.reduce((all, row) => all + likely(row.liveBytes), 0),
    };
  };
  // What stood between an allocation and its free is not known: none is called temporary.
  expect((await model.activity()).temporaryAllocations.every((count) => count === 0)).toBe(true);
  const timeline = await model.timeline(model.span, 4);
  return [
    { blocks: totals.blocks.value, bytes: totals.bytes.value },
    sum(sites),
    sum(groups),
    sum([list]),
    { blocks: timeline.lastBlocks.at(-1) ?? 0, bytes: timeline.lastBytes.at(-1) ?? 0 },
  ];
}

test.each([
  { mode: "bytes", distance: "512", most: 0.5 },
  { mode: "calls", distance: "8", most: 0.2 },
])("by $mode", async ({ mode, distance, most }) => {
  const program = await buildProbeTest({
    name: "sample",
    sources: ["sample.c"],
    defines: { CONFIG_MEMMAP_TABLE_CAPACITY: 8192, CONFIG_MEMMAP_FRAME_COUNT: 255 },
    sanitizer: "none",
  });
  const folder = mkdtempSync(join(tmpdir(), "memmap-sample-"));
  try {
    const errors: { readonly blocks: number; readonly bytes: number }[] = [];
    for (let seed = 1; seed <= runs; seed++) {
      const file = join(folder, "stream.bin");
      const result = spawnSync(program, [file, mode, distance, String(seed * 7919)], { encoding: "utf8" });
      const truth = JSON.parse(result.stdout) as Truth;
      expect(truth.tracked).toBeLessThan(truth.blocks * most);
      const [first, ...others] = await estimatesOf(file);
      if (first === undefined) throw new Error("no estimate");
      for (const other of others) {
        expect(Math.abs(other.bytes - first.bytes)).toBeLessThan(20); // rounded in other places
        expect(Math.abs(other.blocks - first.blocks)).toBeLessThan(20);
      }
      errors.push({ blocks: first.blocks / truth.blocks - 1, bytes: first.bytes / truth.bytes - 1 });
    }
    covered(`${runs} runs by ${mode}`);
    for (const key of ["blocks", "bytes"] as const) {
      const mean = errors.reduce((sum, error) => sum + error[key], 0) / runs;
      const variance = errors.reduce((sum, error) => sum + (error[key] - mean) ** 2, 0) / (runs - 1);
      expect(Math.abs(mean), `${key} by ${mode}: mean error ${mean}`).toBeLessThan(4 * Math.sqrt(variance / runs));
      expect(Math.sqrt(variance)).toBeLessThan(0.2);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
