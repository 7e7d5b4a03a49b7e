// A run that is looked about in answers as one that is read from its key frames each time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { withFewKeyFrames } from "../../test/few-key-frames.ts";
import { LOSSY, ReferenceDevice, steps } from "../../test/random-run.ts";
import { anyShare } from "../../test/share.ts";
import { KeptStates } from "./kept-states.ts";
import { openModel } from "./model.ts";
import { RunRecorder } from "./run-recorder.ts";
import type { Run } from "./run.ts";

test("whatever moments are looked at, in whatever order", async () => {
  let reused = 0;
  const property = fc.asyncProperty(
    fc.array(steps([...LOSSY, "boot", "regions"]), { minLength: 8, maxLength: 12 }),
    fc.array(anyShare, { minLength: 3, maxLength: 12 }),
    async (history, places) => {
      const recorder = new RunRecorder({ chunkRows: 3 });
      new ReferenceDevice(recorder).play(history.flat());
      recorder.flush();
      const states = new KeptStates();
      const sparse = withFewKeyFrames(recorder.run);
      const looked: Run = { ...sparse, states };
      const [plain, quick] = [await openModel(sparse), await openModel(looked)];
      for (const place of places) {
        const time = plain.span.from + place * (plain.span.to - plain.span.from);
        expect(await quick.momentAt(time)).toEqual(await plain.momentAt(time));
        expect(await quick.momentAt(time)).toEqual({
          totals: await plain.totalsAt(time),
          blocks: await plain.liveAt(time),
          regions: await plain.regionsAt(time),
        });
      }
      if (sparse.chunks.some((_, chunk) => states.at(chunk) !== undefined)) reused++;
    },
  );
  await fc.assert(property, { numRuns: 25 });
  expect(reused).toBeGreaterThan(10);
});
