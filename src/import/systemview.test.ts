import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { sharedData } from "../../test/shared-data.ts";
import { ReportBuilder } from "./import-report.ts";
import { importSystemView, isSystemView } from "./systemview.ts";

interface ExpectedEvent {
  readonly id: number;
  readonly addr: string;
  readonly size: number;
  readonly callers: readonly string[];
  readonly core_id: number;
  readonly ctx_name: string;
  readonly ts: number;
}

const folder = sharedData("systemview");

test.skipIf(folder === undefined).each([
  { files: ["heap_log0.svdat", "heap_log1.svdat"], expected: "expected_output.json" },
  { files: ["heap_log_mcore.svdat"], expected: "expected_output_mcore.json" },
])("$files gives exactly what ESP-IDF's own decoder gives", ({ files, expected }) => {
  const run = new CollectedRun();
  const inputs = files.map((name) => ({
    bytes: readFileSync(`${folder ?? ""}/${name}`),
    report: new ReportBuilder(name, "systemview"),
  }));
  expect(inputs.every((input) => isSystemView(input.bytes))).toBe(true);
  importSystemView(inputs, run);

  const document = JSON.parse(readFileSync(`${folder ?? ""}/${expected}`, "utf8")) as { events: ExpectedEvent[] };
  const events = document.events.filter((event) => event.id === 512 || event.id === 513);
  expect(run.events).toHaveLength(99);
  expect(
    run.events.map((event) => ({
      kind: event.kind,
      address: event.address,
      size: event.size,
      callers: run.sites.get(event.site)?.callers,
      core: event.core,
      task: run.tasks.get(event.task)?.name,
      known: event.known,
    })),
  ).toEqual(
    events.map((event) => ({
      kind: event.id === 512 ? "alloc" : "free",
      address: Number(event.addr),
      size: event.size,
      callers: event.callers.map(Number).filter((pc) => pc !== 0),
      core: event.core_id,
      task: event.ctx_name,
      known: true,
    })),
  );
  // Same clock, same ticks: what is left is the difference between two ways to round a double.
  run.events.forEach((event, i) => expect(event.time / 1e6).toBeCloseTo(events[i]?.ts ?? NaN, 12));
  expect([run.liveBytes, run.blocks.size]).toEqual([17_706, 45]);
  expect(run.timeReversals).toBe(0);
  expect(inputs.flatMap((input) => input.report.finish().damage)).toEqual([]);
});
