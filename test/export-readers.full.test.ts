// What others' programs say of our exports: heaptrack_print and ms_print of Debian.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { exporters } from "../src/export/exports.ts";
import { openModel } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { askedOf } from "../src/report/asked.ts";
import { recordRun } from "./heap-text.ts";
import { LOSSLESS, ReferenceDevice, steps } from "./random-run.ts";
import { needsCommands } from "./toolchain.ts";

const folder = mkdtempSync(join(tmpdir(), "memmap-readers-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function exported(format: string, model: HeapModel): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const exporter = exporters.find((one) => one.format === format);
  const question = {
    asked: askedOf(model),
    name: "run",
    window: model.span,
    table: "blocks",
    cost: "liveBytes",
  } as const;
  await exporter?.write(question, { write: (bytes) => pieces.push(bytes.slice()) });
  return Buffer.concat(pieces);
}

/** Some runs; without losses, so that sums are exact. */
async function eachRun(check: (model: HeapModel) => Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps(LOSSLESS, 150), async (all) => {
      const model = await openModel(recordRun((sink) => new ReferenceDevice(sink).play(all)));
      if (model.rows > 0) await check(model);
    }),
    { numRuns: 12 },
  );
}

/** `1.50K` as heaptrack writes sizes: thousands, two digits. */
function near(printed: string | undefined, bytes: number): void {
  const [, number = "x", unit = "B"] = /^([\d.]+)([BKMG])$/.exec(printed ?? "") ?? [];
  const value = Number(number) * { B: 1, K: 1e3, M: 1e6, G: 1e9 }[unit as "B"];
  expect(Math.abs(value - bytes)).toBeLessThanOrEqual(0.0051 * { B: 1, K: 1e3, M: 1e6, G: 1e9 }[unit as "B"]);
}

test("heaptrack_print finds the model's totals, plain and compressed", async (context) => {
  needsCommands(context, "heaptrack_print");
  await eachRun(async (model) => {
    const bytes = await exported("heaptrack", model);
    const activity = await model.activity();
    const allocations = activity.allocations.reduce((sum, one) => sum + one, 0);
    const peak = await model.peak();
    const { bytes: live } = await model.totalsAt(model.span.to);
    for (const [name, content] of [
      ["run.heaptrack", bytes],
      ["run.heaptrack.gz", gzipSync(bytes)],
    ] as const) {
      writeFileSync(join(folder, name), content);
      const out = execFileSync("heaptrack_print", [join(folder, name)], { encoding: "utf8" });
      expect(Number(/calls to allocation functions: (\d+)/.exec(out)?.[1])).toBe(allocations);
      near(/peak heap memory consumption: (\S+)/.exec(out)?.[1], peak.bytes);
      near(/total memory leaked: (\S+)/.exec(out)?.[1], live.value);
    }
  });
});

test("ms_print draws massif's snapshots and their trees", async (context) => {
  needsCommands(context, "ms_print");
  await eachRun(async (model) => {
    const file = join(folder, "run.massif");
    writeFileSync(file, await exported("massif", model));
    const out = execFileSync("ms_print", [file], { encoding: "utf8" });
    const peak = await model.peak();
    const rows = [...out.matchAll(/^ +\d+ +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+) +0$/gm)];
    const useful = rows.map(([, , , heap]) => Number(heap?.replaceAll(",", "")));
    expect(Math.max(...useful)).toBe(peak.bytes);
    expect(useful.at(-1)).toBe((await model.totalsAt(model.span.to)).bytes.value);
    expect(out).toContain("(peak)");
  });
});
