import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import { openModel } from "../heap/model.ts";
import { blockHash } from "../wire/protocol.ts";
import { viewTimeline } from "./timeline-view.ts";

const second = 1e6;

test("a gap is a hole from its first moment to its last, and what follows is in doubt until the device's account proves it", async () => {
  const run = recordRun((teller) => {
    teller.record({ kind: "boot", value: testBoot });
    for (let i = 0; i < 10; i++) {
      if (i === 5 || i === 6) continue;
      if (i === 7) {
        const span = { since: 4.5 * second, time: 7.2 * second };
        teller.record({ kind: "gap", value: { ...span, reason: "frames-lost", lostFrames: 1, lostEvents: 2 } });
      }
      if (i === 9) {
        const beat = { liveBlocks: 1, liveBytes: 10, hash: blockHash(0x3ffb_0000 + 8 * 64, 10, 1) };
        teller.record({ kind: "heartbeat", value: { ...quietHeartbeat, ...beat, time: 8.9 * second } });
      }
      const address = 0x3ffb_0000 + i * 64;
      teller.alloc((i + 0.2) * second, address, 10, 1, 3, 0);
      if (i !== 8) teller.free((i + 0.4) * second, address, 1, 3, 0);
    }
  });
  const model = await openModel(run);
  const { buckets } = await viewTimeline(model, { from: 0, to: 10 * second }, 10);
  expect(buckets.map(({ maximumLiveBytes }) => maximumLiveBytes.certainty)).toEqual([
    ...["exact", "exact", "exact", "exact"],
    "estimated",
    ...["unknown", "unknown"],
    ...["estimated", "estimated"],
    "exact",
  ]);
  expect(buckets.map(({ allocations }) => allocations.certainty)).toEqual([
    ...["exact", "exact", "exact", "exact"],
    ...["bounded", "bounded", "bounded", "bounded"],
    ...["exact", "exact"],
  ]);
});
