// A moment that opens from a key frame knows as much as one that was reached from the start.
import fc from "fast-check";
import { expect, test } from "vitest";
import { testBoot } from "../../test/heap-text.ts";
import { LOSSY, ReferenceDevice, steps } from "../../test/random-run.ts";
import { anyShare } from "../../test/share.ts";
import type { LiveSet } from "./live-set.ts";
import { totalsOf } from "./live-totals.ts";
import { Replay } from "./replay.ts";
import { RunRecorder } from "./run-recorder.ts";
import { Teller } from "../wire/teller.ts";

test("what is uncertain in a key frame bounds the totals, in bytes and blocks", async () => {
  const tracker = new RunRecorder({ chunkRows: 4 });
  const teller = new Teller(tracker);
  teller.record({ kind: "boot", value: testBoot });
  for (let i = 0; i < 5; i++) teller.alloc(i, 0x3ffb0000 + i * 256, 100 + i, 1, 3, 0);
  teller.record({ kind: "gap", value: { reason: "frames-lost", time: 10, lostFrames: 1, lostEvents: 3 } });
  for (let i = 5; i < 25; i++) teller.alloc(10 + i, 0x3ffb0000 + i * 256, 10, 1, 3, 0);
  teller.flush();
  const expected = totalsOf(tracker.state, 100);
  tracker.flush();
  const { live } = await Replay.at(tracker.run, { row: tracker.state.row });
  expect(tracker.run.chunks.length).toBeGreaterThan(3);
  expect(totalsOf(live, 100)).toEqual(expected);
  // 20 blocks of 10 bytes are sure; of five of 100 to 104 bytes as many may be gone, or have come, as events are missing.
  expect(totalsOf(live, 100)).toMatchObject({
    bytes: { value: 710, lowest: 710 - 104 - 103 - 102, highest: Infinity },
    blocks: { value: 25, lowest: 22, highest: 28 },
  });
});

/** Each live block with all that is known of it, and the sums. */
function stateOf(live: LiveSet): unknown {
  const { blocks, liveBytes, liveBlocks, uncertainBytes, uncertainBlocks } = live;
  const known = [...live.slotsByAddress()].map((slot) => ({
    address: blocks.address[slot],
    size: blocks.size[slot],
    site: blocks.site[slot],
    context: blocks.context[slot],
    born: blocks.born[slot],
    origin: blocks.originOf(slot),
    reallocs: blocks.reallocs[slot],
    flags: blocks.state[slot],
    mover: live.moverOfSlot(slot),
  }));
  return { known, liveBytes, liveBlocks, uncertainBytes, uncertainBlocks };
}

test("every block of a key frame is as it was, its realloc chain too", async () => {
  let chained = 0;
  let keyFrames = 0;
  const property = fc.asyncProperty(steps([...LOSSY, "realloc"]), anyShare, async (history, place) => {
    const [whole, prefix] = [new RunRecorder({ chunkRows: 3 }), new RunRecorder()];
    new ReferenceDevice(whole).play(history);
    new ReferenceDevice(prefix).play(history.slice(0, place * history.length));
    whole.flush();
    keyFrames += whole.run.chunks.filter(({ hasKeyFrame }) => hasKeyFrame).length;
    const { live } = await Replay.at(whole.run, { row: prefix.state.row });
    expect(stateOf(live)).toEqual(stateOf(prefix.state));
    if (live.blocks.slots().some((slot) => live.blocks.originOf(slot) !== live.blocks.born[slot])) chained++;
  });
  await fc.assert(property, { numRuns: 50 });
  expect(chained).toBeGreaterThan(5);
  expect(keyFrames).toBeGreaterThan(200);
});
