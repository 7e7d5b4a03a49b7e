// What is kept of each site's requests: the last ones, with how long each was held.
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import type { Teller } from "../wire/teller.ts";
import { Tape, type Request } from "./tape.ts";

async function taped(play: (sink: Teller) => void): Promise<ReadonlyMap<number, readonly Request[]>> {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      play(sink);
    }),
  );
  const tape = new Tape();
  await model.scan(model.span, [tape]);
  return tape.requests;
}

test("each has its life, where it ended by a call", async () => {
  const found = await taped((sink) => {
    sink.alloc(10, 0x1000, 8, 1, 3, 0);
    sink.alloc(20, 0x2000, 16, 2, 3, 0);
    sink.free(25, 0x1000, 0, 3, 0);
    sink.alloc(30, 0x1000, 24, 1, 3, 0);
    sink.record({ kind: "reallocBegin", value: { time: 40, address: 0x1000, task: 3, core: 0 } });
    sink.record({ kind: "reallocEnd", value: { time: 41, oldAddress: 0x1000, address: 0x3000, size: 32, site: 3, task: 3, core: 0 } });
    sink.alloc(50, 0x2000, 40, 2, 3, 0); // the one before was freed unseen
    sink.alloc(60, 0x4000, 48, 4, 3, 0);
    sink.record({ kind: "boot", value: { ...testBoot, bootId: 2 } });
  });
  expect(Object.fromEntries(found)).toEqual({
    1: [{ time: 10, size: 8, address: 0x1000, life: 15 }, { time: 30, size: 24, address: 0x1000, life: 11 }],
    2: [{ time: 20, size: 16, address: 0x2000 }, { time: 50, size: 40, address: 0x2000 }],
    3: [{ time: 41, size: 32, address: 0x3000 }],
    4: [{ time: 60, size: 48, address: 0x4000 }],
  });
}); // prettier-ignore

test.each([1, 255, 256, 257, 300, 512, 600])("of %i requests the last 256, the oldest first", async (count) => {
  const found = await taped((sink) => {
    for (let i = 0; i < count; i++) sink.alloc(i, 0x1000 + 16 * i, 8, 1, 3, 0);
  });
  const first = Math.max(0, count - 256);
  expect(found.get(1)?.map(({ time }) => time)).toEqual(Array.from({ length: count - first }, (_, i) => first + i));
});
