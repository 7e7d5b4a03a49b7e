// The survey of one pass against the plainest counting of what was live when.
import fc from "fast-check";
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { lifetimeBucket } from "../heap/activity.ts";
import { openModel } from "../heap/model.ts";
import { LIFETIME_BUCKETS, type Window } from "../heap/types.ts";
import type { Teller } from "../wire/teller.ts";
import { EPOCHS, STEPS_KEPT, Surveyor, type Survey } from "./survey.ts";

interface Life {
  readonly site: number;
  readonly size: number;
  readonly born: number;
  readonly died: number;
  readonly address: number;
  readonly task: number;
  readonly freeTask: number;
  readonly freeSite: number;
}

const SITES = 3;
const REGIONS = [
  { start: 0x1000_0000, end: 0x1001_0000 },
  { start: 0x2000_0000, end: 0x2001_0000 },
];
const PLACES = [0x1000_0000, 0x2000_0000, 0x3000_0000];
const END = 100_000;

const lives = fc
  .array(
    fc.record({
      site: fc.integer({ min: 1, max: SITES }),
      size: fc.integer({ min: 1, max: 200 }),
      born: fc.integer({ min: 0, max: 1000 }),
      life: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1500 })),
      place: fc.integer({ min: 0, max: 2 }),
      task: fc.integer({ min: 3, max: 4 }),
      freeTask: fc.integer({ min: 3, max: 4 }),
      freeSite: fc.integer({ min: 0, max: SITES }),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ born, life, place, ...one }, i): Life => {
      // No two things at one time, nothing at a border.
      const [from, to] = [100 * born + 2 * i + 1, 100 * (born + life) + 2 * i + 2];
      const address = (PLACES[place] ?? 0) + 512 * i + (i === 0 ? 0 : 4);
      return { ...one, address, born: from, died: to > END ? Infinity : to };
    }),
  );

async function surveyOf(play: (sink: Teller) => void, window: Window): Promise<Survey> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    for (let id = 1; id <= SITES; id++)
      sink.record({ kind: "site", value: { id, method: 1, caps: 4, function: `f${id}`, file: "f.c", line: id } });
    play(sink);
  });
  const model = await openModel(run);
  const surveyor = new Surveyor(model.tables, window, REGIONS);
  await model.scan(window, [surveyor]);
  return surveyor.result;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

test("every column is what counting gives", async () => {
  const marks = [20_000, 45_000, 80_000];
  await fc.assert(
    fc.asyncProperty(lives, fc.constantFrom(0.5, 30_000.5), async (all, from) => {
      const window = { from, to: END - 0.5 };
      const survey = await surveyOf((sink) => {
        const calls = all.flatMap((one) => [
          { time: one.born, play: () => sink.alloc(one.born, one.address, one.size, one.site, one.task, 0) },
          { time: one.died, play: () => sink.free(one.died, one.address, one.freeSite, one.freeTask, 0) },
        ]);
        calls.push(...marks.map((time) => ({ time, play: () => sink.record({ kind: "mark", value: { time, name: "m", task: 3, core: 0 } }) })));
        for (const { play } of calls.filter(({ time }) => time < Infinity).sort((a, b) => a.time - b.time)) play();
        sink.record({ kind: "mark", value: { time: END, name: "end", task: 3, core: 0 } });
      }, window);
      const judgedAt = from + 0.98 * (window.to - from);
      const epoch = (judgedAt - from) / EPOCHS;
      expect([survey.judgedAt, survey.epochLength, survey.sites]).toEqual([judgedAt, epoch, SITES + 1]);
      const epochOf = (time: number): number => Math.max(0, Math.min(EPOCHS - 1, Math.floor((time - from) / epoch)));
      /** The least of a sum over the blocks that are live, in each epoch. */
      const floors = (some: readonly Life[], amount: (one: Life) => number): number[] =>
        Array.from({ length: EPOCHS }, (_, e) => {
          const start = from + e * epoch;
          const end = e === EPOCHS - 1 ? judgedAt : start + epoch;
          const moments = [start, ...some.flatMap(({ born, died }) => [born, died]).filter((time) => time > start && time < end)];
          return least(moments.map((time) => some.reduce((sum, one) => sum + (one.born <= time && time < one.died ? amount(one) : 0), 0)));
        });
      const count = (some: readonly Life[]): number => some.length;
      const bySite = (value: (own: readonly Life[], site: number) => number): number[] =>
        Array.from({ length: SITES + 1 }, (_, site) => value(all.filter((one) => one.site === site), site));
      const inWindow = (own: readonly Life[]): readonly Life[] => own.filter(({ born }) => born > from && born < window.to).sort((a, b) => a.born - b.born);
      const atEnd = (own: readonly Life[]): readonly Life[] => own.filter(({ born, died }) => born < window.to && died > window.to);
      const freed = (own: readonly Life[]): readonly Life[] => own.filter(({ died }) => died > from && died <= judgedAt);
      const atJudgement = (own: readonly Life[]): readonly Life[] => own.filter(({ born, died }) => born <= judgedAt && died > judgedAt);
      const inEpochs = (own: readonly Life[]): number[] => Array.from({ length: EPOCHS }, (_, e) => own.filter(({ born }) => epochOf(born) === e).length);
      const steps = (own: readonly Life[]): number[] => inWindow(own).map(({ size }, i, some) => (i === 0 ? 0 : Math.sign(size - (some[i - 1]?.size ?? 0))));
      const own = (site: number): readonly Life[] => all.filter((one) => one.site === site);
      const columns = (row: (site: number) => readonly number[]): number[] => [0, 1, 2, 3].flatMap(row);
      const ends = marks.filter((time) => time > from);
      expect({
        floorBlocks: [...survey.floorBlocks],
        floorBytes: [...survey.floorBytes],
        births: [...survey.births],
        survivors: [...survey.survivors],
        freedLate: [...survey.freedLate],
        liveBlocks: [...survey.liveBlocks],
        liveBytes: [...survey.liveBytes],
        oldest: [...survey.oldest],
        firstBirth: [...survey.firstBirth],
        lastBirth: [...survey.lastBirth],
        rises: [...survey.rises],
        falls: [...survey.falls],
        largest: [...survey.largest],
        allocations: [...survey.allocations],
        frees: [...survey.frees],
        foreignFrees: [...survey.foreignFrees],
        lifetimes: [...survey.lifetimes],
        generationEnds: survey.generationEnds,
        generations: [...survey.generations],
        regionFloor: [...survey.regionFloor],
        regionSiteBytes: [...survey.regionSiteBytes],
        freedBy: [...survey.freedBy].sort(([a], [b]) => a - b),
        nothing: [survey.growths, survey.shrinks, survey.handedOn].flatMap((column) => [...column]),
      }).toEqual({
        floorBlocks: columns((site) => floors(own(site), () => 1)),
        floorBytes: columns((site) => floors(own(site), ({ size }) => size)),
        births: columns((site) => inEpochs(inWindow(own(site)).filter(({ born }) => born <= judgedAt))),
        survivors: columns((site) => inEpochs(atJudgement(own(site)))),
        freedLate: bySite((some) => count(atJudgement(some).filter(({ died }) => died < window.to))),
        liveBlocks: bySite((some) => count(atEnd(some))),
        liveBytes: bySite((some) => atEnd(some).reduce((sum, { size }) => sum + size, 0)),
        oldest: bySite((some) => least(atEnd(some).map(({ born }) => born))),
        firstBirth: bySite((some) => least(inWindow(some).map(({ born }) => born))),
        lastBirth: bySite((some) => inWindow(some).at(-1)?.born ?? 0),
        rises: bySite((some) => steps(some).filter((step) => step > 0).length),
        falls: bySite((some) => steps(some).filter((step) => step < 0).length),
        largest: bySite((some) => inWindow(some).reduce((most, { size }) => Math.max(most, size), 0)),
        allocations: bySite((some) => count(inWindow(some))),
        frees: bySite((some) => count(freed(some))),
        foreignFrees: bySite((some) => count(freed(some).filter(({ task, freeTask }) => task !== freeTask))),
        lifetimes: columns((site) =>
          Array.from({ length: LIFETIME_BUCKETS }, (_, bucket) => freed(own(site)).filter(({ born, died }) => lifetimeBucket(died - born) === bucket).length),
        ),
        generationEnds: ends,
        generations: columns((site) =>
          [-Infinity, ...ends].map((start, i) => count(atEnd(own(site)).filter(({ born }) => born >= start && born < (ends[i] ?? Infinity)))),
        ),
        regionFloor: REGIONS.flatMap(({ start, end }) => floors(all.filter(({ address }) => address >= start && address < end), ({ size }) => size)),
        regionSiteBytes: REGIONS.flatMap(({ start, end }) =>
          bySite((some) => atEnd(some).filter(({ address }) => address >= start && address < end).reduce((sum, { size }) => sum + size, 0)),
        ),
        freedBy: Array.from({ length: (SITES + 1) ** 2 }, (_, pair): [number, number] => {
          const [site, freeSite] = [Math.floor(pair / (SITES + 1)), pair % (SITES + 1)];
          return [pair, own(site).filter((one) => one.freeSite === freeSite && freeSite > 0 && one.died > from && one.died < window.to).length];
        }).filter(([, times]) => times > 0),
        nothing: Array<number>(3 * (SITES + 1)).fill(0),
      });
    }),
    { numRuns: 40 },
  );
}); // prettier-ignore

test("reallocs: growths and shrinks, what is handed on, and the steps that are kept", async () => {
  const window = { from: 0, to: 100_000 };
  const sizes = [100, 150, 150, 120, 400];
  const survey = await surveyOf((sink) => {
    let address = 0x1000_0004;
    sink.alloc(1000, address, 50, 1, 3, 0);
    const realloc = (time: number, size: number, site: number, to = address): void => {
      sink.record({ kind: "reallocBegin", value: { time, address, task: 3, core: 0 } });
      sink.record({ kind: "reallocEnd", value: { time, oldAddress: address, address: to, size, site, task: 3, core: 0 } });
      address = to;
    };
    sizes.forEach((size, i) => realloc(2000 * (i + 1), size, 1));
    realloc(20_000, 500, 2, 0x1000_1004);
    realloc(30_000, 500, 3);
    sink.free(40_000, address, 2, 4, 0);
    for (let i = 0; i < STEPS_KEPT + 3; i++) sink.alloc(50_000 + 1000 * i, 0x2000_0004 + 256 * i, 10 + i, 1, 3, 0);
    sink.record({ kind: "mark", value: { time: 100_000, name: "end", task: 3, core: 0 } });
  }, window);
  const of = (column: Float64Array): readonly number[] => [...column.subarray(1)];
  expect([of(survey.growths), of(survey.shrinks), of(survey.handedOn)]).toEqual([[3, 1, 0], [1, 0, 0], [1, 1, 0]]);
  expect([of(survey.lastGrowth), of(survey.growthBefore)]).toEqual([[10_000, 20_000, 0], [8000, 10_000, 0]]);
  expect([of(survey.allocations), of(survey.frees), of(survey.foreignFrees)]).toEqual([[20, 1, 1], [1, 1, 1], [0, 0, 1]]);
  expect([of(survey.rises), of(survey.falls)]).toEqual([[18, 1, 0], [0, 0, 0]].map((row, i) => (i === 0 ? [STEPS_KEPT + 2, 0, 0] : [1, 0, 0])));
  // Three growths and eighteen rises: the sixteen last of them, each with the size that had become too small.
  const kept = Array.from({ length: STEPS_KEPT }, (_, i) => {
    const step = 5 + i;
    const at = STEPS_KEPT + (step % STEPS_KEPT);
    return [survey.stepTimes[at], survey.stepSizes[at]];
  });
  expect(kept).toEqual(Array.from({ length: STEPS_KEPT }, (_, i) => [53_000 + 1000 * i, 12 + i]));
  expect(of(survey.largest)).toEqual([400, 500, 500]);
}); // prettier-ignore

test("what is born at the moment of judgement belongs to the last stretch, what comes later to none", async () => {
  const window = { from: 0, to: 100_000 };
  const born = async (...times: readonly number[]): Promise<readonly number[]> => {
    const { births, survivors } = await surveyOf((sink) => {
      for (const [i, time] of times.entries()) sink.alloc(time, 0x1000_0004 + 64 * i, 8, 1, 3, 0);
      sink.record({ kind: "mark", value: { time: 100_000, name: "end", task: 3, core: 0 } });
    }, window);
    const of = (column: Float64Array, site: number): readonly number[] => [...column.subarray(site * EPOCHS, (site + 1) * EPOCHS)];
    expect(of(survivors, 1)).toEqual(of(births, 1));
    expect([...of(births, 0), ...of(births, 2), ...of(survivors, 2)]).toEqual(Array<number>(3 * EPOCHS).fill(0));
    return [of(births, 1)[EPOCHS - 1] ?? 0, of(births, 1).reduce((sum, count) => sum + count, 0)];
  };
  expect(await born(97_999, 98_000)).toEqual([2, 2]);
  expect(await born(98_001, 100_000)).toEqual([0, 0]);
}); // prettier-ignore
