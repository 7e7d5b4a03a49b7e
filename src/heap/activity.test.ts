import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { lifetimeBucket } from "./activity.ts";
import { openModel } from "./model.ts";
import { LIFETIME_BUCKETS } from "./types.ts";

const start = 0x3ffb_0000;

test("a life of 2^k µs is the shortest of bucket k; the last one takes all that are longer", () => {
  for (let bucket = 1; bucket < LIFETIME_BUCKETS; bucket++) {
    const shortest = 2 ** bucket;
    expect([shortest - 1, shortest, shortest * 1.5].map(lifetimeBucket)).toEqual([bucket - 1, bucket, bucket]);
  }
  expect([0, 0.5, 1, 2 ** 60].map(lifetimeBucket)).toEqual([0, 0, 0, LIFETIME_BUCKETS - 1]);
});

test("a block that was replaced unseen is no call of the startup task", async () => {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      sink.alloc(1, start, 8, 1, 3, 0);
      sink.alloc(2, start + 64, 8, 2, 0, 0);
      sink.alloc(3, start, 16, 1, 3, 0);
      sink.free(4, start + 64, 0, 0, 0);
    }),
  );
  expect([...(await model.activity()).temporaryAllocations]).toEqual([0, 0, 1]);
});

test("a realloc has moved its block, also where its new place was taken by one whose free was not seen", async () => {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      sink.alloc(1, start, 8, 1, 3, 0);
      sink.alloc(2, start + 64, 8, 1, 3, 0);
      sink.record({ kind: "reallocBegin", value: { time: 3, address: start, task: 3, core: 0 } });
      const moved = { oldAddress: start, address: start + 64, size: 20, site: 2 };
      sink.record({ kind: "reallocEnd", value: { time: 4, ...moved, task: 3, core: 0 } });
    }),
  );
  const { reallocs, moves } = await model.activity();
  expect([[...reallocs], [...moves]]).toEqual([
    [0, 0, 1],
    [0, 0, 1],
  ]);
});

test("calls are counted for each task alone, however many blocks live", async () => {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      for (let i = 0; i < 600; i++) {
        const [task, address] = [2 + (i % 2), start + 64 * i];
        sink.alloc(i, address, 8, 1, task, 0);
        sink.alloc(i, address + 16, 4, 3, task, 0);
        // Freed by the next call of its task, with a call of another one between.
        sink.alloc(i, address + 32, 4, 2, task, 0);
        if (i % 7 === 0) sink.alloc(i, address + 48, 4, 4, 5 - task, 0);
        sink.free(i, address + 32, 2, task, 0);
        sink.free(i, address + 16, 3, task, 0);
      }
    }),
  );
  const { temporaryAllocations, liveBlocks } = await model.activity();
  expect([...temporaryAllocations]).toEqual([0, 0, 600, 0, 0]);
  expect([...liveBlocks]).toEqual([0, 600, 0, 0, 86]);
});
