// A run that is looked about in answers as one that is read from its key frames each time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LOSSY, ReferenceDevice, steps } from "../../test/random-run.ts";
import { anyShare } from "../../test/share.ts";
import { KeptStates } from "./kept-states.ts";
import { openModel } from "./model.ts";
import { RunRecorder } from "./run-recorder.ts";
import type { Run } from "./run.ts";

test("whatever moments are looked at, in whatever order", async () => {
  let reused = 0;
  const property = fc.asyncProperty(
    fc.array(steps([...LOSSY, "boot"]), { minLength: 8, maxLength: 12 }),
    fc.array(anyShare, { minLength: 3, maxLength: 12 }),
    async (history, places) => {
      const recorder = new RunRecorder({ chunkRows: 3 });
      new ReferenceDevice(recorder).play(history.flat());
      recorder.flush();
      const states = new KeptStates();
      const { run } = recorder;
      // A short run has a key frame in nearly every chunk; a long one in every twentieth or so.
      const sparse: Run = {
        tables: run.tables,
        mostSites: run.mostSites,
        chunks: run.chunks.map((chunk, i) => (i % 12 === 0 ? chunk : { ...chunk, hasKeyFrame: false })),
        rows: (chunk) => run.rows(chunk),
        keyFrame: (chunk) => run.keyFrame(chunk),
        totals: (chunk) => run.totals(chunk),
        notes: (chunk) => run.notes(chunk),
        text: (chunk) => run.text(chunk),
      };
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
      if (run.chunks.some((_, chunk) => states.at(chunk) !== undefined)) reused++;
    },
  );
  await fc.assert(property, { numRuns: 25 });
  expect(reused).toBeGreaterThan(10);
});
