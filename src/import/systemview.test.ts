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

const earlier = sharedData("systemview-4.4/heap_log_mcore.svdat");

test.skipIf(earlier === undefined)("ESP-IDF 4.4's stream of both cores gives what its decoder gives", () => {
  const run = new CollectedRun();
  const bytes = readFileSync(earlier ?? "");
  const report = new ReportBuilder("heap_log_mcore.svdat", "systemview");
  importSystemView([{ bytes, report }], run);
  const text = readFileSync(sharedData("systemview-4.4/expected_output_mcore") ?? "", "utf8");
  const lines = [
    ...text.matchAll(
      /\[([\d.]+)\] HEAP: (Allocated (\d+)|Freed) bytes @ 0x([0-9a-f]+) from task "([^"]*)" on core (\d)/g,
    ),
  ];
  // The list of all events comes first, then the blocks that were not freed once more.
  const expected = lines
    .slice(0, 612)
    .map(([, time, kind = "", size = "0", address = "", task, core]) => [
      Number(time).toFixed(6), kind.startsWith("A") ? "alloc" : "free", Number(size), Number.parseInt(address, 16), task, Number(core),
    ]); // prettier-ignore
  expect(
    run.events.map(({ kind, time, size, address, task, core }) => [
      (time / 1e6).toFixed(6), kind, size, address, run.tasks.get(task)?.name, core,
    ]),
  ).toEqual(expected); // prettier-ignore
  expect([run.events.length, run.liveBytes, run.blocks.size]).toEqual([612, 17_520, 18]);
  expect(report.finish().damage).toEqual([]);
});
