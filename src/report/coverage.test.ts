import { expect, test } from "vitest";
import { recordRun, playText } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import type { Teller } from "../wire/teller.ts";
import { exactly } from "../base/quantity.ts";
import { viewCoverage, type CoverageView } from "./coverage.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";

async function coverageOf(text: string, more: (sink: Teller) => void = () => undefined): Promise<CoverageView> {
  const model = await openModel(
    recordRun((sink) => {
      playText(text, sink);
      more(sink);
    }),
  );
  return viewCoverage(model, model.span, await model.totalsAt(model.span.to));
}

test("verified heartbeats are the proof, and nothing else is said", async () => {
  const coverage = await coverageOf("malloc A 16 main\nfree A main", (sink) =>
    sink.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: 5000 } }),
  );
  expect(coverage).toMatchObject({ heartbeats: 1, verified: 1, complete: true });
  expect(coverage.sentences).toEqual([
    "1 of 1 heartbeats verified: the reconstruction equals the device's own account by count, bytes and hash",
  ]);
});

test("a contradiction comes first", async () => {
  const coverage = await coverageOf("malloc A 16 main", (sink) =>
    sink.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: 5000 } }),
  );
  expect(coverage.complete).toBe(false);
  expect(coverage.sentences[0]).toBe("1 of 1 heartbeats contradicts the reconstruction: take the numbers as estimates");
});

test("losses say what they mean for the numbers", async () => {
  const coverage = await coverageOf("malloc A 16 main\ngap 3", (sink) =>
    sink.record({
      kind: "heartbeat",
      value: { ...quietHeartbeat, time: 5000, tableFull: 7, droppedEvents: 3, unknownFrees: 2 },
    }),
  );
  expect(coverage).toMatchObject({ gaps: 1, lostEvents: exactly(3), tableFull: 7, complete: false });
  const text = coverage.sentences.join("\n");
  expect(text).toContain("1 gap (frames lost on the way): 3 events missing; ");
  expect(text).toContain("table was full for 7 allocations");
  expect(text).toContain("2 frees of blocks that were allocated before tracking began");
});
