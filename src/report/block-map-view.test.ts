// The map while somebody looks about in a run: states that are left behind, and columns written over those of maps before, change nothing of it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { withFewKeyFrames } from "../../test/few-key-frames.ts";
import { LOSSY, ReferenceDevice, steps } from "../../test/random-run.ts";
import { anyShare } from "../../test/share.ts";
import { KeptStates } from "../heap/kept-states.ts";
import { openModel } from "../heap/model.ts";
import { RunRecorder } from "../heap/run-recorder.ts";
import { askedOf } from "./asked.ts";
import { viewBlockMap } from "./block-map-view.ts";

test("a map is the same after whatever other maps, back and forth in small steps and in large ones", async () => {
  let withWalls = 0;
  const property = fc.asyncProperty(
    fc.array(steps([...LOSSY, "boot", "regions"]), { minLength: 4, maxLength: 8 }),
    fc.array(fc.record({ place: anyShare, step: fc.constantFrom(-0.02, -0.001, 0.001, 0.02) }), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.constantFrom("", "size>100"),
    async (history, walks, filter) => {
      const recorder = new RunRecorder({ chunkRows: 3 });
      new ReferenceDevice(recorder).play(history.flat());
      recorder.flush();
      const run = withFewKeyFrames(recorder.run);
      const used = new ArrayBuffer(1 << 20);
      const fresh = askedOf(await openModel(run));
      const looking = {
        ...askedOf(await openModel({ ...run, states: new KeptStates() })),
        buffers: { take: () => (new Uint8Array(used).fill(0xa5), used) },
      };
      const { from, to } = fresh.model.span;
      for (const { place, step } of walks) {
        for (let i = 0; i < 6; i++) {
          const time = Math.round(from + Math.min(1, Math.max(0, place + i * step)) * (to - from));
          const accepts = filter === "" ? undefined : fresh.model.filter(filter);
          const map = await viewBlockMap(looking, time, accepts);
          expect(map).toEqual(await viewBlockMap(fresh, time, accepts));
          if (map.gainBytes.some((gain) => gain > 0)) withWalls++;
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 20 });
  expect(withWalls).toBeGreaterThan(10);
});
