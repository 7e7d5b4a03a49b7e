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

  test("come more rarely from three stretches on, in which they could have been born", () => {
    // Three usual lives are 402.7 s.
    const trend = (epochLength: number): number =>
      findSuspects({ ...NOTHING, lifetimes: lives(26, 8), survivors: one(5, 2), births: one(5, 2), epochLength }).trend;
    expect(trend(10.2e6)).toBeCloseTo(-Math.sqrt(3), 12);
    expect(trend(10e6)).toBe(0);
  });

  test("are a share of all that is never freed, as far as one can see beyond three usual lives", () => {
    const survivors = one(10, 3);
    const share = (lifetimes: Float64Array): number =>
      findSuspects({ ...NOTHING, lifetimes, survivors }).neverFreedShare;
    expect(share(lives(10, 9))).toBe(0.25);
    // Too few were freed to tell a usual life: those are left out that were freed at once.
    expect(share(lives(0, 1))).toBe(0.75);
    expect(share(lives(1, 1))).toBe(1);
    // Nothing is older than what has no limit.
    expect(share(lives(LIFETIME_BUCKETS - 1, 9))).toBe(0);
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

  test("is straight between two stretches, as two points always are", () => {
    const floorBlocks = Float64Array.of(0, 0, 1);
    expect(measureGrowth({ ...NOTHING, floorBlocks }).straightness).toBe(1);
    expect(measureGrowth({ ...NOTHING, floorBlocks: floorBlocks.fill(1) }).straightness).toBe(0);
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
  // The last is 8 times the first, or a little less.
  expect([fills(steps(5, 1.6818), 1e6), fills(steps(5, 1.6817), 1e6)]).toEqual([true, false]);
  expect(fills(steps(5).map((one, i) => ({ ...one, time: 1e6 * (i + 1) })), 1e6)).toBe(false);
}); // prettier-ignore

test("of no time nothing is judged, and the first epochs are those of a run that ends there", () => {
  const { history } = madeUp(3);
  expect(judgeLeak({ ...history, epochLength: 0 }, 0, false)).toBeUndefined();
  const first = firstEpochs(history, 10);
  expect([first.floorBlocks, first.floorBytes, first.births, first.survivors].map(({ length }) => length)).toEqual([10, 10, 10, 10]);
  expect(first.floorBlocks[9]).toBe(history.floorBlocks[9]);
}); // prettier-ignore

interface Site {
  /** Lost in each of these epochs. */
  readonly lost?: readonly (readonly [epoch: number, blocks: number])[];
  /** Born and freed in each epoch, and the bucket of their lives: 2^(bucket + 1) µs at most. */
  readonly freed?: number;
  readonly bucket?: number;
  readonly length?: number;
  readonly isSettingUp?: boolean;
  readonly more?: Partial<SiteHistory>;
}

/** Kind, pace, whether it is clear, and confidence. */
function verdictOf({ lost = [], freed = 0, bucket = 10, length = 600e6, isSettingUp = false, more = {} }: Site): string {
  const survivors = new Float64Array(EPOCHS);
  for (const [epoch, blocks] of lost) survivors[epoch] = blocks;
  let held = 0;
  const floorBlocks = survivors.map((blocks) => (held += blocks));
  const frees = freed * EPOCHS;
  const lifetimes = new Float64Array(LIFETIME_BUCKETS);
  lifetimes[bucket] = frees;
  const columns = { survivors, floorBlocks, floorBytes: floorBlocks.map((blocks) => 64 * blocks), lifetimes };
  const history: SiteHistory = {
    ...{ ...NOTHING, ...columns, births: survivors.map((blocks) => blocks + freed), epochLength: (0.98 * length) / EPOCHS },
    ...{ end: 0.98 * length, allocations: held + frees, frees, liveBlocks: held, ...more },
  };
  const verdict = judgeLeak(history, length, isSettingUp);
  if (verdict === undefined) return "nothing";
  return `${verdict.kind} ${verdict.pace} ${verdict.isClear ? "clear" : "unclear"} ${verdict.confidence}`;
} // prettier-ignore

/** `blocks` in each of `count` epochs, as far apart as they fit between two of them. */
function evenly(count: number, blocks = 1, from = 5, to = 47): [number, number][] {
  return Array.from({ length: count }, (_, i) => [
    Math.round(from + (i * (to - from)) / Math.max(1, count - 1)),
    blocks,
  ]);
}

test("from where on something is a leak, and a clear one", () => {
  const NEVER = { lost: evenly(43) };
  const SOME = { lost: evenly(12), freed: 3 };
  const marks = (...generations: readonly number[]): Partial<SiteHistory> => ({ generations: Float64Array.from(generations) });
  const cases: Readonly<Record<string, readonly Site[]>> = {
    "never freed: 9, 10, 11, 12 blocks": [9, 10, 11, 12].map((count) => ({ lost: evenly(count) })),
    "never freed, 12 blocks from 6 and 7 rounds": [{ lost: evenly(6, 2) }, { lost: [...evenly(5, 2), [26, 1], [30, 1]] }],
    "never freed: 59, 60 blocks": [[[20, 17] as [number, number]], [[20, 18] as [number, number]]].map((some) => ({ lost: [...NEVER.lost.filter(([epoch]) => epoch !== 20), ...some] })),
    "none for long at the end": [{ lost: evenly(12, 1, 5, 36) }, { lost: evenly(12, 1, 5, 38) }, { lost: evenly(15, 2, 5, 36) }],
    "in 30 s, 45 s and just less": [30e6, 45e6 - 1, 45e6].map((length) => ({ ...NEVER, length })),
    "in 3 min and just less, of 19 and 20 rounds": [180e6, 180e6 - 1].flatMap((length) => [19, 20].map((count) => ({ lost: evenly(count), length }))),
    "while parts begin": [{ ...NEVER, isSettingUp: true }, { ...SOME, isSettingUp: true }],
    "half and more freed in the last moments": [6, 7].map((freedLate) => ({ lost: evenly(12), more: { freedLate } })),
    "one in ten freed, and fewer": [10, 9].map((frees) => ({ ...NEVER, more: { allocations: 100, frees } })),
    "in one step at the end": [{ lost: [[5, 1], [6, 1], [46, 3]] }],
    "99 and 100 freed": [99, 100].map((frees) => ({ lost: evenly(6, 1, 0, 20), freed: 3, more: { frees, allocations: 6 + frees } })),
    "grown by 2 and 3 blocks": [[2, 2, 1], [1, 2, 1, 1]].map((blocks) => ({ lost: blocks.map((count, i): [number, number] => [5 + 14 * i, count]) })),
    "from 2, 3 and 4 rounds, half of the time": [[30, 2], [30, 3], [27, 4], [26, 4]].map(([from, count]) => ({ lost: evenly(count ?? 0, 2, from) })),
    "sometimes freed: 3 to 11 blocks": [3, 4, 5, 6, 9, 10, 11].map((count) => ({ ...SOME, lost: evenly(count) })),
    "sometimes freed, in a short run": [[30e6, 3], [30e6, 0], [60e6, 0], [60e6, 3]].map(([length = 0, freed = 0]) => ({ ...SOME, length, freed })),
    "19 and 20 freed in a short run": [19, 20].map((frees) => ({ ...SOME, length: 100e6, more: { frees, allocations: 31 + frees } })),
    "half freed in seconds, and less": [24, 23].map((frees) => ({ ...SOME, length: 30e6, more: { frees, allocations: 48 } })),
    "old among many that are freed, 5 and 6, from 3 and 4 rounds": [[5, 1], [6, 1], [3, 2], [4, 2]].map(([count = 0, blocks]) => ({ ...SOME, lost: evenly(count, blocks, 0, 40) })),
    "stretches between marks that all left blocks: 3, 4, 4 and one before that did not": [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 0], [1, 0, 1, 1, 1, 1, 0], [1, 1, 1, 0, 1, 0]].map((all) => ({ lost: evenly(4), length: 30e6, more: marks(...all) })),
    "births that come more rarely": [[0.5, 30], [0.7, 30], [1, 30], [1.5, 30], [0.7, 90], [1, 90]].map(([power = 1, count = 0]) => ({
      lost: Array.from({ length: 43 }, (_, i): [number, number] => [5 + i, Math.round((count / 8) * (1 - i / 43) ** power)]),
    })),
    "ended: 9, 10 blocks": [9, 10].map((count) => ({ freed: 3, lost: evenly(count, 1, 10, 19) })),
    "ended, in one and in two rounds": [{ freed: 3, lost: evenly(1, 10, 15, 15) }, { freed: 3, lost: evenly(2, 5, 15, 16) }],
    "ended, one in five freed and fewer": [20, 19].map((frees) => ({ freed: 3, lost: evenly(10, 1, 10, 19), more: { frees, allocations: 100 } })),
    "ended, freed in the last moments": [5, 6].map((freedLate) => ({ freed: 3, lost: evenly(10, 1, 10, 19), more: { freedLate } })),
    "ended, in 45 s and just less": [45e6 - 1, 45e6].map((length) => ({ freed: 3, lost: evenly(10, 1, 10, 19), length })),
    "ended, of which three in ten were born among others": [2, 3].map((mixed) => ({ freed: 3, lost: evenly(10, 1, 10, 19), more: { births: Float64Array.from({ length: EPOCHS }, (_, i) => (i >= 10 && i < 10 + mixed ? 2 : 1)) } })),
    "not yet ended": [{ freed: 3, lost: evenly(10, 1, 10, 30) }, { freed: 3, lost: evenly(10, 1, 10, 36) }],
  };
  const lines = Object.entries(cases).map(([name, all]) => `${name}: ${all.map(verdictOf).join(" | ")}`);
  expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
    "
    never freed: 9, 10, 11, 12 blocks: never-freed steady unclear 0.4 | never-freed steady unclear 0.8 | never-freed steady unclear 0.8 | never-freed steady clear 0.97
    never freed, 12 blocks from 6 and 7 rounds: never-freed steady unclear 0.4 | never-freed steady unclear 0.4
    never freed: 59, 60 blocks: never-freed steady clear 0.97 | never-freed steady clear 0.985
    none for long at the end: never-freed slower unclear 0.5 | never-freed steady unclear 0.8 | never-freed slower unclear 0.5
    in 30 s, 45 s and just less: nothing | nothing | never-freed steady clear 0.97
    in 3 min and just less, of 19 and 20 rounds: never-freed steady clear 0.97 | never-freed steady clear 0.97 | never-freed steady unclear 0.8 | never-freed steady clear 0.97
    while parts begin: nothing | sometimes-freed steady clear 0.985
    half and more freed in the last moments: never-freed steady clear 0.97 | freed-at-shutdown steady clear 0.97
    one in ten freed, and fewer: queue steady clear 0.97 | never-freed steady clear 0.97
    in one step at the end: never-freed steady unclear 0.4
    99 and 100 freed: nothing | nothing
    grown by 2 and 3 blocks: nothing | never-freed steady unclear 0.4
    from 2, 3 and 4 rounds, half of the time: nothing | nothing | nothing | never-freed steady unclear 0.4
    sometimes freed: 3 to 11 blocks: nothing | nothing | sometimes-freed steady unclear 0.75 | sometimes-freed steady unclear 0.75 | sometimes-freed steady clear 0.985 | sometimes-freed steady clear 0.985 | sometimes-freed steady clear 0.985
    sometimes freed, in a short run: sometimes-freed steady unclear 0.85 | nothing | never-freed steady unclear 0.8 | sometimes-freed steady clear 0.985
    19 and 20 freed in a short run: queue steady unclear 0.4 | sometimes-freed steady clear 0.985
    half freed in seconds, and less: sometimes-freed steady unclear 0.85 | nothing
    old among many that are freed, 5 and 6, from 3 and 4 rounds: sometimes-freed steady unclear 0.75 | sometimes-freed steady clear 0.985 | nothing | sometimes-freed steady clear 0.985
    stretches between marks that all left blocks: 3, 4, 4 and one before that did not: nothing | never-freed steady unclear 0.8 | never-freed steady unclear 0.8 | nothing
    births that come more rarely: never-freed slower unclear 0.5 | never-freed ending unclear 0.4 | never-freed ending unclear 0.4 | never-freed ending unclear 0.4 | never-freed ending unclear 0.4 | never-freed ending unclear 0.4
    ended: 9, 10 blocks: nothing | ended ending unclear 0.8
    ended, in one and in two rounds: ended ending unclear 0.6 | ended ending unclear 0.8
    ended, one in five freed and fewer: ended ending unclear 0.8 | nothing
    ended, freed in the last moments: ended ending unclear 0.8 | nothing
    ended, in 45 s and just less: nothing | ended ending unclear 0.8
    ended, of which three in ten were born among others: nothing | ended ending unclear 0.8
    not yet ended: ended ending unclear 0.8 | sometimes-freed steady clear 0.985
    "
  `);
}); // prettier-ignore

test("from where on a container grows, and a queue gets longer", () => {
  const grows = (count: number, from = 1, to = count): Float64Array => Float64Array.from({ length: EPOCHS }, (_, i) => 1000 * (from + Math.floor(((to - from) * i) / (EPOCHS - 1))));
  const epochLength = (0.98 * 600e6) / EPOCHS;
  const span = epochLength * EPOCHS;
  const BLOCK = { growths: 20, floorBytes: grows(20), lastGrowth: span - 5e6, growthBefore: span - 35e6, oldest: 1e6 };
  const COPIES = { rises: 20, floorBytes: grows(20), liveBlocks: 1, allocations: 30, births: new Float64Array(EPOCHS).fill(1), frees: 29 };
  const births = (early: number, late: number): Float64Array => Float64Array.from({ length: EPOCHS }, (_, i) => (i < 29 ? early : late));
  const line = (step: number, from = 4): Float64Array => Float64Array.from({ length: EPOCHS }, (_, i) => from + Math.round(step * i));
  const QUEUE = { births: births(5, 5), floorBlocks: line(1), survivors: Float64Array.from({ length: EPOCHS }, (_, i) => (i < 40 ? 0 : i === 40 ? 3 : 5)), allocations: 240, frees: 200, liveBlocks: 40 };
  const cases: Readonly<Record<string, readonly Site[]>> = {
    "a block: 3, 4, 9, 10, 19 and 20 steps": [3, 4, 9, 10, 19, 20].map((growths) => ({ more: { ...BLOCK, growths } })),
    "a block that shrinks once in four, and more": [5, 6].map((shrinks) => ({ more: { ...BLOCK, shrinks } })),
    "a block by half and less": [[10, 15.5], [10, 14]].map(([from, to]) => ({ more: { ...BLOCK, floorBytes: grows(20, from, to) } })),
    "a block that came in the first half, and later": [span / 2, span / 2 + 1].map((oldest) => ({ more: { ...BLOCK, oldest } })),
    "a block whose next step is due, and overdue": [-1000, 1000].map((late) => ({ more: { ...BLOCK, lastGrowth: span - 120e6 - late, growthBefore: span - 120e6 - (120e6 - 2 * epochLength) / 3 } })),
    "a block whose last step lies in the second half, and before": [span / 2, span / 2 - 1].map((lastGrowth) => ({ more: { ...BLOCK, lastGrowth, growthBefore: 1 } })),
    "copies: 3, 4, 9, 10, 19 and 20 steps": [3, 4, 9, 10, 19, 20].map((rises) => ({ more: { ...COPIES, rises } })),
    "copies of which one in six is smaller, and more": [3, 4].map((falls) => ({ more: { ...COPIES, falls } })),
    "copies: 0, 1, 7 and 8 of 30 at once": [0, 1, 7, 8].map((liveBlocks) => ({ more: { ...COPIES, liveBlocks } })),
    "copies in 45 s and just less": [45e6 - 1, 45e6].map((length) => ({ length, more: COPIES })),
    "copies by four in ten and less": [[10, 14.5], [10, 13]].map(([from, to]) => ({ more: { ...COPIES, floorBytes: grows(20, from, to) } })),
    "copies of 255 and 256 bytes": [255, 256].map((last) => ({ more: { ...COPIES, floorBytes: Float64Array.from({ length: EPOCHS }, (_, i) => last - 5 * (EPOCHS - 1 - i)) } })),
    "copies that stopped, and stopped long ago": [27, 26, 22, 20].map((lastBirth) => ({ more: { ...COPIES, births: Float64Array.from({ length: EPOCHS }, (_, i) => (i <= lastBirth ? 1 : 0)) } })),
    "a queue": [{ more: QUEUE }],
    "a queue in 45 s and just less": [45e6 - 1, 45e6].map((length) => ({ length, more: QUEUE })),
    "a queue by 8 and 7 blocks": [line(8 / 42, 0), line(7 / 42, 0)].map((floorBlocks) => ({ more: { ...QUEUE, floorBlocks } })),
    "a queue of which a tenth is freed, and less": [24, 23].map((frees) => ({ more: { ...QUEUE, frees } })),
    "a queue under twice the load, and more": [10, 11].map((late) => ({ more: { ...QUEUE, births: births(5, late), floorBlocks: line(2, 0), survivors: births(0, late) } })),
    "a queue that is as long as the load asks": [2, 4, 6, 8, 12].map((from) => ({ more: { ...QUEUE, floorBlocks: line(0.5, from) } })),
    "a queue out of order": [{ more: { ...QUEUE, survivors: Float64Array.from({ length: EPOCHS }, (_, i) => (i % 2 === 0 ? 2 : 1)) } }],
    "a queue of nearly all, and fewer": [32, 33, 34, 35].map((last) => ({ more: { ...QUEUE, survivors: Float64Array.from({ length: EPOCHS }, (_, i) => (i < 40 ? 0 : i === 47 ? last - 30 : 5)) } })),
    "a queue in waves": [0, 4, 8, 12, 16].map((wave) => ({ more: { ...QUEUE, floorBlocks: line(1).map((held, i) => held + wave * Math.round(Math.sin(i / 3) + 1)) } })),
    "a queue that rests at last": [30, 36, 42].map((end) => ({ more: { ...QUEUE, floorBlocks: line(1).map((held, i) => Math.min(held, end) + (i > 45 ? 1 : 0)) } })),
    "few births early": [1, 0.4].map((early) => ({ more: { ...QUEUE, births: births(early, early), frees: 30, allocations: 60 } })),
  };
  const lines = Object.entries(cases).map(([name, all]) => `${name}: ${all.map(verdictOf).join(" | ")}`);
  expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
    "
    a block: 3, 4, 9, 10, 19 and 20 steps: nothing | growing-block steady unclear 0.97 | growing-block steady unclear 0.97 | growing-block steady clear 0.97 | growing-block steady clear 0.97 | growing-block steady clear 0.97
    a block that shrinks once in four, and more: growing-block steady clear 0.97 | nothing
    a block by half and less: growing-block steady clear 0.97 | nothing
    a block that came in the first half, and later: growing-block steady clear 0.97 | nothing
    a block whose next step is due, and overdue: growing-block steady clear 0.97 | nothing
    a block whose last step lies in the second half, and before: growing-block steady clear 0.97 | nothing
    copies: 3, 4, 9, 10, 19 and 20 steps: nothing | growing-copies steady unclear 0.8 | growing-copies steady unclear 0.8 | growing-copies steady clear 0.97 | growing-copies steady clear 0.97 | growing-copies steady clear 0.97
    copies of which one in six is smaller, and more: growing-copies steady clear 0.97 | nothing
    copies: 0, 1, 7 and 8 of 30 at once: nothing | growing-copies steady clear 0.97 | growing-copies steady clear 0.97 | nothing
    copies in 45 s and just less: nothing | growing-copies steady clear 0.97
    copies by four in ten and less: growing-copies steady clear 0.97 | nothing
    copies of 255 and 256 bytes: nothing | growing-copies steady clear 0.97
    copies that stopped, and stopped long ago: growing-copies steady clear 0.97 | growing-copies steady clear 0.97 | growing-copies steady clear 0.97 | nothing
    a queue: queue steady clear 0.97
    a queue in 45 s and just less: nothing | queue steady clear 0.97
    a queue by 8 and 7 blocks: queue steady clear 0.97 | nothing
    a queue of which a tenth is freed, and less: queue steady clear 0.97 | nothing
    a queue under twice the load, and more: queue steady clear 0.97 | nothing
    a queue that is as long as the load asks: queue steady clear 0.97 | queue steady clear 0.97 | queue steady clear 0.97 | nothing | nothing
    a queue out of order: queue steady unclear 0.4
    a queue of nearly all, and fewer: queue steady unclear 0.4 | queue steady unclear 0.4 | queue steady clear 0.97 | queue steady clear 0.97
    a queue in waves: queue steady clear 0.97 | queue steady clear 0.97 | nothing | nothing | nothing
    a queue that rests at last: nothing | nothing | nothing
    few births early: queue steady clear 0.97 | queue steady clear 0.97
    "
  `);
}); // prettier-ignore
