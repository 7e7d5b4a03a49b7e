import { expect, test } from "vitest";
import { openModel } from "./model.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";

test("the log of a window is what was printed in it, whichever chunks it lies in", async () => {
  const run = recordRun(
    (sink) => {
      sink.record({ kind: "boot", value: testBoot });
      for (let second = 0; second < 20; second++) {
        sink.record({ kind: "mark", value: { time: second * 1e6, name: `second ${second}`, task: 3, core: 0 } });
        sink.alloc(second * 1e6, 0x3ffb0000 + second * 64, 32, 1, 3, 0);
        if (second % 7 !== 3) sink.text(new TextEncoder().encode(`line ${second}\n`));
      }
    },
    { chunkRows: 3 },
  );
  const model = await openModel(run);
  expect(run.chunks.length).toBeGreaterThan(4);
  const lines = async (from: number, to: number): Promise<string[]> =>
    (await model.log({ from: from * 1e6, to: to * 1e6 })).map(({ text }) => text.trim());
  expect(await lines(5, 8)).toEqual(["line 5", "line 6", "line 7", "line 8"]);
  expect(await lines(12, 12)).toEqual(["line 12"]);
  expect(await lines(10, 10)).toEqual([]);
  expect(await lines(18, 30)).toEqual(["line 18", "line 19"]);
  expect(await lines(0, 1)).toEqual(["line 0", "line 1"]);
});
