// Certain and exact mean it: of damaged lines and damaged files, every claim about every random moment holds the truth.
import { expect, test } from "vitest";
import { openModel } from "../src/heap/model.ts";
import { openRecording } from "../src/recording/open.ts";
import { bytesSource } from "../src/recording/random-access.ts";
import { damaged, damagedRun, holdClaims, randomNumbers, recordingOf, streamOf } from "./bounds.ts";
import { atLength, covered } from "./length.ts";

/** Each of 250 moments. */
const runs = atLength({ short: 1, long: 40 });

test.each([0, 1 / 10_000, 1 / 1000, 1 / 100])(
  "bounds hold the truth with a share of %f of the line's bytes damaged",
  async (rate) => {
    let exact = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const run = await damagedRun(6000, seed * 7919, rate);
      const claims = await holdClaims(run, 250, randomNumbers(seed));
      expect(claims.wrong, `seed ${seed}`).toEqual([]);
      exact += claims.exact;
    }
    if (rate === 0) expect(exact).toBe(runs * 250);
    covered(`${runs * 250} moments of lines with ${rate} of their bytes damaged, ${exact} of them exact`);
  },
);

test.each([
  ["whole line", 0, 1 / 10_000],
  ["whole line", 0, 1 / 1000],
  ["whole line", 0, 1 / 100],
  ["damaged line", 1 / 3000, 1 / 30_000],
  ["damaged line", 1 / 3000, 1 / 3000],
  ["damaged line", 1 / 1000, 1 / 1000],
])("bounds hold the truth of a %s (%f) with a share of %f of the file's bytes damaged", async (_, lineRate, rate) => {
  for (let seed = 1; seed <= runs; seed++) {
    const { stream, truth } = streamOf(6000, seed);
    const whole = recordingOf(damaged(stream, lineRate, randomNumbers(seed * 31)));
    const bytes = damaged(whole, rate, randomNumbers(seed));
    bytes.set(whole.subarray(0, 16));
    const model = await openModel(await openRecording(bytesSource(bytes)));
    expect((await holdClaims({ model, truth }, 100, randomNumbers(seed))).wrong, `seed ${seed}`).toEqual([]);
  }
  covered(`${runs * 100} moments of files of a line with ${lineRate} damaged, with ${rate} of their bytes damaged`);
});

test.each([
  ["a part of a snapshot that comes first after a gap says nothing of the moments within it", 39, 1 / 100],
  ["a gap at the end of an earlier chunk is not the one that is asked about", 23, 1 / 1000],
])("%s", async (_, seed, rate) => {
  const run = await damagedRun(6000, seed * 7919, rate);
  expect((await holdClaims(run, 250, randomNumbers(seed))).wrong).toEqual([]);
});
