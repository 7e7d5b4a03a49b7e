// What is judged of many made-up histories of one site, near the borders between one verdict and another; and what the evidence is, counted plainly.
// Whether the verdicts are right is test/corpus' to say: test/answers/leak-judgements.txt shows what a change alters.
import { describe, expect, test } from "vitest";
import { randomFrom } from "../../test/corpus/program.ts";
import { LIFETIME_BUCKETS } from "../heap/types.ts";
import { fillsEvenly, findSuspects, measureGrowth, type SiteHistory } from "./leak-evidence.ts";
import { firstEpochs, judgeLeak } from "./leak-judgement.ts";
import { EPOCHS } from "./survey.ts";

const NOTHING: SiteHistory = {
  floorBlocks: new Float64Array(EPOCHS),
  floorBytes: new Float64Array(EPOCHS),
  births: new Float64Array(EPOCHS),
  survivors: new Float64Array(EPOCHS),
  freedLate: 0,
  epochLength: 10e6,
  allocations: 0,
  frees: 0,
  lifetimes: new Float64Array(LIFETIME_BUCKETS),
  steps: [],
  end: 480e6,
  growths: 0,
  shrinks: 0,
  rises: 0,
  falls: 0,
  liveBlocks: 0,
  lastGrowth: 0,
  growthBefore: 0,
  oldest: 0,
  generations: Float64Array.of(0),
};

const LENGTHS = [30e6, 45e6 - 1, 45e6, 60e6, 180e6 - 1, 180e6, 600e6, 3600e6];

/** A site that loses, frees, queues or grows, in whole blocks. */
function madeUp(seed: number): { readonly history: SiteHistory; readonly length: number; readonly isSettingUp: boolean } {
  const random = randomFrom(seed);
  const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const length = LENGTHS[pick(0, LENGTHS.length - 1)] ?? 0;
  const epochLength = (0.98 * length) / EPOCHS;
  const [from, to] = [pick(0, 20), pick(24, EPOCHS)];
  const [share, most] = [random() ** 1.5, pick(1, 3)];
  const survivors = new Float64Array(EPOCHS);
  for (let epoch = from; epoch < to; epoch++) if (random() < share) survivors[epoch] = pick(1, most);
  const working = seed % 3 === 0 ? 0 : pick(0, 30);
  const load = seed % 5 === 0 ? 1 / EPOCHS : 0;
  const births = survivors.map((lost, epoch) => lost + Math.floor(working * random() * (1 + load * epoch)));
  let held = pick(0, 5);
  const queue = seed % 7 === 0 ? 0.5 + 2 * random() : 0;
  const floorBlocks = survivors.map((lost, epoch) => Math.round((held += lost) + queue * epoch));
  const size = pick(8, 64);
  const floorBytes = floorBlocks.map((blocks) => blocks * size);
  const allocations = births.reduce((a, b) => a + b, 0);
  const lost = survivors.reduce((a, b) => a + b, 0);
  const lifetimes = new Float64Array(LIFETIME_BUCKETS);
  const bucket = pick(8, 26);
  for (let i = 0; i < allocations - lost; i++) lifetimes[bucket + pick(-2, 1)]! += 1; // eslint-disable-line @typescript-eslint/no-non-null-assertion
  const growing = seed % 4 === 0;
  const steps = Array.from({ length: growing ? pick(0, 9) : 0 }, (_, i) => ({ time: (i + 1) ** 2 * 1e6, size: 16 * 2 ** i }));
  const lastGrowth = length * random();
  const history: SiteHistory = {
    ...{ floorBlocks, floorBytes, births, survivors, epochLength, allocations, lifetimes, steps },
    freedLate: seed % 6 === 0 ? Math.round(lost * random()) : 0,
    frees: allocations - lost,
    end: 0.98 * length,
    growths: growing ? pick(3, 24) : 0,
    shrinks: growing ? pick(0, 5) : 0,
    rises: growing ? pick(3, 24) : pick(0, 3),
    falls: pick(0, 4),
    liveBlocks: growing ? pick(0, 3) : lost,
    lastGrowth,
    growthBefore: lastGrowth * random(),
    oldest: length * random() * 0.7,
    generations: Float64Array.from({ length: pick(1, 8) }, () => pick(0, 4)),
  };
  return { history, length, isSettingUp: seed % 11 === 0 };
} // prettier-ignore

const short = (value: number): number => Number(value.toPrecision(6));

test("made-up histories", async () => {
  const lines = Array.from({ length: 900 }, (_, seed) => {
    const { history, length, isSettingUp } = madeUp(seed);
    const verdict = judgeLeak(history, length, isSettingUp);
    if (verdict === undefined) return `${seed}:`;
    const { kind, pace, isClear, confidence, ...numbers } = verdict;
    return `${seed}: ${kind} ${pace} ${isClear ? "clear " : ""}${confidence} ${Object.values(numbers).map(short).join(" ")}`;
  });
  const silent = lines.filter((line) => line.endsWith(":")).map((line) => line.slice(0, -1));
  const text = [...lines.filter((line) => !line.endsWith(":")), `nothing: ${silent.join(" ")}`].join("\n");
  await expect(`${text}\n`).toMatchFileSnapshot("../../test/answers/leak-judgements.txt");
});

test("evidence on made-up histories", async () => {
  const lines = Array.from({ length: 150 }, (_, seed) => {
    const { history } = madeUp(1000 + seed);
    const numbers = { ...findSuspects(history), ...measureGrowth(history, 1 + (seed % 4)) };
    return `${seed}: ${Object.values(numbers).map(short).join(" ")}`;
  });
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../../test/answers/leak-evidence.txt");
});

describe("suspects", () => {
  const one = (epoch: number, count = 1): Float64Array => {
    const column = new Float64Array(EPOCHS);
    column[epoch] = count;
    return column;
  };
  const lives = (bucket: number, count: number): Float64Array => {
    const column = new Float64Array(LIFETIME_BUCKETS);
    column[bucket] = count;
    return column;
  };

  test("are what was left after the program had settled", () => {
    for (const [epoch, count] of [[4, 0], [5, 3], [47, 3]] as const) {
      const { count: found } = findSuspects({ ...NOTHING, survivors: one(epoch, 3), births: one(epoch, 3) });
      expect(found, `epoch ${epoch}`).toBe(count);
    }
  }); // prettier-ignore

  test("are older than three usual lives, where eight were freed", () => {
    // 2^24 µs are 16.8 s, three of them 50.3 s: five epochs and a bit.
    const found = (frees: number, epoch: number): number =>
      findSuspects({ ...NOTHING, lifetimes: lives(23, frees), survivors: one(epoch), births: one(epoch) }).count;
    expect([found(8, 41), found(8, 42), found(8, 47), found(7, 47)]).toEqual([1, 0, 0, 1]);
  });

  test("are spread, mixed with freed ones, and quiet in the end", () => {
    const survivors = new Float64Array(EPOCHS);
    for (const epoch of [10, 20, 30]) survivors[epoch] = 2;
    const births = survivors.map((lost, epoch) => (epoch === 20 ? lost + 1 : lost));
    expect(findSuspects({ ...NOTHING, survivors, births })).toMatchObject({
      ...{ count: 6, epochs: 3, activeEpochs: 3, mixedShare: 1 / 3, usualLife: 0, strays: 0, strayEpochs: 0 },
      oldest: 38 * 10e6,
      spread: 21 / 43,
      quiet: (17 * 3) / 21,
    });
  });
});

describe("growth", () => {
  test("is measured from when the program had settled, in thirds", () => {
    const floor = Float64Array.from({ length: EPOCHS }, (_, i) => i);
    const growth = measureGrowth({ ...NOTHING, floorBlocks: floor, floorBytes: floor.map((one) => 10 * one) });
    expect(growth).toMatchObject({
      from: 5,
      to: 47,
      lastThird: 14,
      persistence: 1,
      byteSteadiness: 1,
      straightness: 1,
    });
    expect(growth.blocksPerTime).toBeCloseTo(1 / 10e6, 15);
    expect(growth.bytesPerTime).toBeCloseTo(10 / 10e6, 15);
    expect(growth.p).toBeLessThan(1e-10);
  });

  test("in stretches it is that of the least of each, counted back from the end", () => {
    const floor = Float64Array.from({ length: EPOCHS }, (_, i) => i + (i % 4 === 3 ? 0 : 50));
    expect(measureGrowth({ ...NOTHING, floorBlocks: floor }, 4)).toMatchObject({ from: 11, to: 47, straightness: 1 });
    expect(measureGrowth({ ...NOTHING, floorBlocks: floor.subarray(1) }, 4)).toMatchObject({ from: 15, to: 47 });
  });
});

test("a container that grows by a factor fills evenly where the times of its steps lie on a line over their sizes", () => {
  const steps = (count: number, factor = 2): SiteHistory["steps"] =>
    Array.from({ length: count }, (_, i) => ({ time: 1e6 * factor ** i, size: 64 * factor ** i }));
  const fills = (all: SiteHistory["steps"], end: number): boolean => fillsEvenly({ ...NOTHING, steps: all, end });
  // The fifth comes at 16 s; the next is due 8 s times 2 later, at 32 s, and overdue 2.4 s after that.
  expect([fills(steps(5), 34.4e6), fills(steps(5), 34.5e6), fills(steps(4), 10e6), fills([], 0)]).toEqual([true, false, false, false]);
  expect([fills(steps(5, 8 ** 0.25), 1e6), fills(steps(5, 1.6), 1e6)]).toEqual([true, false]);
  expect(fills(steps(5).map((one, i) => ({ ...one, time: 1e6 * (i + 1) })), 1e6)).toBe(false);
}); // prettier-ignore

test("of no time nothing is judged, and the first epochs are those of a run that ends there", () => {
  const { history } = madeUp(3);
  expect(judgeLeak({ ...history, epochLength: 0 }, 0, false)).toBeUndefined();
  const first = firstEpochs(history, 10);
  expect([first.floorBlocks, first.floorBytes, first.births, first.survivors].map(({ length }) => length)).toEqual([10, 10, 10, 10]);
  expect(first.floorBlocks[9]).toBe(history.floorBlocks[9]);
}); // prettier-ignore
