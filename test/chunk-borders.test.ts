// What is claimed of a moment does not depend on where chunks end: also where the edge of a gap is a chunk's last row.
import { expect, test } from "vitest";
import { openModel } from "../src/heap/model.ts";
import { openRecording } from "../src/recording/open.ts";
import { bytesSource } from "../src/recording/random-access.ts";
import { damaged, randomNumbers, recordingOf, streamOf } from "./bounds.ts";

test.each([2, 3, 4])(
  "the edges of gaps, in chunks of any size (%i)",
  async (seed) => {
    const { stream, truth } = streamOf(900, seed);
    const bytes = damaged(stream, 1 / 1500, randomNumbers(seed));
    const openWith = async (chunkRows: number): ReturnType<typeof openModel> =>
      openModel(await openRecording(bytesSource(recordingOf(bytes, chunkRows))));
    const whole = await openWith(16_384);
    const moments = whole.tables.gaps.flatMap(({ since, time }) => {
      const from = since ?? time;
      return [from - 1, from, from + 1, (from + time) / 2, time - 1, time, time + 1];
    });
    expect(moments.length).toBeGreaterThan(7);
    // Every row is the last one of a chunk in one of them.
    for (const chunkRows of [2, 3, 5, 7, 64]) {
      const model = await openWith(chunkRows);
      for (const moment of moments) {
        const { bytes: claim, blocks } = await model.totalsAt(moment);
        const expected = await whole.totalsAt(moment);
        expect([chunkRows, moment, claim, blocks]).toEqual([chunkRows, moment, expected.bytes, expected.blocks]);
        expect(claim.lowest).toBeLessThanOrEqual(truth.at(moment).bytes);
        expect(claim.highest).toBeGreaterThanOrEqual(truth.at(moment).bytes);
      }
    }
  },
  60_000,
);
