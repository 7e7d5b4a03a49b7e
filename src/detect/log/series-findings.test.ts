// What is said of the figures of a log, word by word in test/answers, and where one thing begins to be said instead of another.

import { expect, test } from "vitest";
import { told } from "../../../test/finding-text.ts";
import type { Finding } from "../finding.ts";
import type { LogSeries } from "./read-series.ts";
import { detectLogSeries } from "./series-findings.ts";

const MINUTE = 60e6;
const EVER = { from: -Infinity, to: Infinity };

/** A reading in each tenth line, without times. */
function series(values: readonly number[], more: Partial<LogSeries> = {}): LogSeries {
  const lines = values.map((_, i) => 10 * (i + 1));
  return {
    ...{ boot: 0, label: "Free heap", quote: "I (10) app: Free heap: 1", line: lines[0] ?? 0, lastLine: lines.at(-1) ?? 0 },
    ...{ quantity: "free", memory: "any", unit: "bytes", readings: values.length, stretch: 1, times: [], lines, values },
    ...more,
  }; // prettier-ignore
}

/** The same with a reading each minute. */
function timed(values: readonly number[], more: Partial<LogSeries> = {}): LogSeries {
  return series(values, { times: values.map((_, i) => i * MINUTE), ...more });
}

function said(...all: readonly LogSeries[]): readonly Finding[] {
  return detectLogSeries(all, EVER, false);
}

/** `count` readings from `first` on, each `step` lower. */
function line(count: number, first: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => first - i * step);
}

const level = (count: number, value: number): number[] => line(count, value, 0);
const used = { quantity: "used", label: "Used heap" } as const;
const largest = { quantity: "largest", label: "Largest block" } as const;
const minimum = { quantity: "minimum", label: "Minimum ever free" } as const;
const split = { quantity: "fragmentation", unit: "percent", label: "Fragmentation" } as const;
const total = { quantity: "total", label: "Total heap" } as const;
const psram = { memory: "psram", label: "Free PSRAM" } as const;
const internal = { memory: "internal", label: "Free internal" } as const;

test("losses", async () => {
  const rising = (count: number, first: number, step: number): number[] => line(count, first, -step);
  await expect(
    told({
      "nothing": said(),
      "only totals": said(series(level(9, 300_000), total)),
      "ten readings without times": said(series(line(10, 100_000, 100))),
      "ten readings, one a minute": said(timed(line(10, 100_000, 100))),
      "readings of one time": said(series(line(10, 100_000, 100), { times: level(10, MINUTE) })),
      "a byte a minute": said(timed(line(20, 100_000, 1))),
      "so slowly that an hour loses next to nothing": said(series(line(20, 100_000, 2), { times: line(20, 0, -8 * 3600e6) })),
      "within less than a minute": said(series(line(10, 100_000, 100), { times: line(10, 0, -6e6) })),
      "within a minute": said(series(line(11, 100_000, 100), { times: line(11, 0, -6e6) })),
      "gone within a minute": said(series(line(11, 1_500, 100), { times: line(11, 0, -6e6) })),
      "gone after more than sixty days": said(timed(line(10, 1_000_000_000, 10))),
      "three readings": said(timed([100_000, 99_900, 99_800])),
      "five readings": said(timed(line(5, 100_000, 100))),
      "six readings": said(timed(line(6, 100_000, 100))),
      "the first step settling": said(timed([120_000, ...line(9, 100_000, 100)])),
      "the first steps settling": said(timed([190_000, 150_000, 120_000, ...line(9, 100_000, 100)])),
      "steps of several sizes": said(timed([100_000, 99_900, 99_780, 99_680, 99_560, 99_460, 99_340, 99_240, 99_120])),
      "thirteen steps of several sizes": said(timed(line(14, 100_000, 100).map((one, i) => one - (i % 2)))),
      "steps that come now and then": said(timed(line(40, 100_000, 100).map((_, i) => 100_000 - 400 * Math.floor(i / 4)))),
      "to an interval without an end": said(timed([100_000, 99_900, 99_900, 99_900, 99_800, 99_800, 99_800, 99_700, 99_700, 99_600, 99_600, 99_500])),
      "a label with its event": said(series(line(10, 100_000, 100), { label: "Free heap after publishing" })),
      "a label with its event, one a minute": said(timed(line(10, 100_000, 100), { label: "heap when idle" })),
      "with a line in between": said(timed(line(10, 100_000, 100), { companion: "connected", companionLine: 5 })),
      "with a line in between that is not told": said(timed(line(10, 100_000, 100), { companion: "connected" })),
      "internal memory": said(timed(line(10, 100_000, 100), internal)),
      "DMA-capable memory": said(timed(line(10, 100_000, 100), { memory: "dma" })),
      "PSRAM": said(timed(line(10, 4_000_000, 100_000), psram)),
      "per cent free": said(timed(line(10, 90, 5), { unit: "percent" })),
      "per cent free, too few to count": said(timed(line(4, 90, 1), { unit: "percent" })),
      "used memory": said(timed(rising(10, 100_000, 100), used)),
      "used internal memory of a total": said(timed(rising(10, 100_000, 100), { ...used, memory: "internal" }), series(level(2, 120_000), { ...total, memory: "internal" })),
      "used memory beside another total": said(timed(rising(10, 100_000, 100), used), series([120_000], { ...total, memory: "internal" }), series([110_000], { ...total, boot: 1 }), series([90], { ...total, unit: "percent" })),
      "used memory beside a total that is less": said(timed(rising(10, 100_000, 100), used), series([100_899], total)),
      "used memory beside a total that is reached": said(timed(rising(10, 100_000, 100), used), series([100_900], total)),
      "per cent used": said(timed(rising(10, 20, 5), { ...used, unit: "percent" })),
      "used and free memory": said(timed(rising(10, 100_000, 100), used), timed(line(10, 100_000, 100))),
      "used memory beside two readings of free": said(timed(rising(10, 100_000, 100), used), timed([100_000, 90_000])),
      "the least ever free alone": said(timed(line(10, 100_000, 100), minimum)),
      "the least ever free, that falls no more": said(timed([...line(10, 100_000, 100), 99_100, 99_100], minimum)),
      "the least ever free, a byte each time": said(timed(line(20, 100_000, 1), minimum)),
      "the least ever free in four steps": said(timed(line(5, 100_000, 100), minimum)),
      "the least ever free in three steps": said(timed(line(4, 100_000, 100), minimum)),
      "the least ever free, of which three late steps in four fall": said(timed([100_000, 99_900, 99_800, 99_700, 99_600, 99_500, 99_400, 99_300, 99_300], minimum)),
      "the least ever free beside what is free": said(timed(line(10, 100_000, 100), minimum), timed(level(3, 200_000))),
      "the least ever free beside two readings of free": said(timed(line(10, 100_000, 100), minimum), timed(level(2, 200_000))),
      "in a stretch of several readings": said(timed(line(10, 100_000, 100), { stretch: 3, readings: 30 })),
      "of two boots": said(timed(line(10, 100_000, 100)), timed(line(9, 100_000, 200), { boot: 1, label: "Free" })),
      "of two boots, in one wording": said(timed(line(10, 100_000, 100)), timed(line(9, 100_000, 200), { boot: 1 })),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-losses.txt");
}); // prettier-ignore

test("a loss that is seen in several figures", async () => {
  const free = timed(line(10, 100_000, 100));
  await expect(
    told({
      "in internal memory too": said(free, timed(line(10, 50_000, 100), internal)),
      "in internal memory, where less is left, told before": said(timed(line(10, 50_000, 100), internal), free),
      "used memory of two kinds": said(timed(line(10, 100_000, -100), used), timed(line(10, 50_000, -100), { ...used, memory: "internal" })),
      "a third slower": said(free, timed(line(10, 50_000, 65), internal)),
      "more than a third slower": said(free, timed(line(10, 50_000, 64), internal)),
      "in PSRAM is another": said(free, timed(line(10, 4_000_000, 100), psram)),
      "in per cent is another": said(free, timed(line(10, 90, 5), { unit: "percent", label: "Heap" })),
      "in two PSRAMs": said(timed(line(10, 4_000_000, 100), psram), timed(line(9, 4_000_000, 100), { ...psram, label: "SPIRAM" })),
      "in two wordings without times": said(series(line(10, 100_000, 100)), series(line(9, 90_000, 100), { label: "heap" })),
      "in two wordings, one without times": said(free, series(line(9, 90_000, 100), { label: "heap" })),
      "in two wordings, one without times and faster": said(free, series(line(9, 90_000, 200), { label: "heap" })),
      "of two wordings of the same memory, where less is left": said(free, timed(line(10, 90_000, 100), { label: "heap" })),
      "in six wordings": said(free, ...[1, 2, 3, 4, 5].map((i) => timed(line(10, 100_000 + i, 100), { label: `heap ${i}` }))),
      "the more readings, the better told": said(timed(line(10, 100_000, 100)), timed(line(12, 100_000, 100), { label: "heap" })),
      "with the largest block": said(free, timed(line(10, 50_000, 100), largest)),
      "beside a largest block that stays": said(free, timed(level(10, 50_000), largest)),
      "beside a largest block told once": said(free, timed([50_000], largest)),
      "beside the largest blocks of two memories": said(timed(line(10, 100_000, 100), internal), timed(level(9, 50_000), largest), timed(level(5, 40_000), { ...largest, memory: "internal" })),
      "beside two largest blocks, the more readings": said(free, timed(level(5, 40_000), largest), timed(level(9, 50_000), { ...largest, label: "block" })),
      "beside two largest blocks of as many readings": said(free, timed(level(9, 40_000), largest), timed(level(9, 50_000), { ...largest, label: "block" })),
      "beside a largest block of PSRAM": said(free, timed(level(9, 50_000), { ...largest, memory: "psram" })),
      "beside a largest block of another boot": said(free, timed(level(9, 50_000), { ...largest, boot: 1 })),
      "beside fragmentation that stays": said(free, timed(level(10, 12), split)),
      "beside fragmentation that grows": said(free, timed(line(10, 10, -5), split)),
      "beside fragmentation told once": said(free, timed([12], split)),
      "beside the least ever free": said(free, timed(level(10, 5_000), minimum)),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-losses-together.txt");
}); // prettier-ignore

test("levels: the largest block, internal memory beside PSRAM, what is nearly used up", async () => {
  const K = 1024;
  const free = timed(level(10, 100_000));
  const shrinks = (to: number, more: Partial<LogSeries> = {}): LogSeries =>
    timed([...level(5, 50_000), ...level(5, to)], { ...largest, ...more });
  const evenly = timed(line(10, 50_000, 2_000), largest);
  const table = { ...total, label: "Heap summary for capabilities 0x1800: total" } as const;
  await expect(
    told({
      "a largest block that shrinks evenly": said(free, evenly),
      "a largest block that shrinks evenly, to 85 per cent": said(free, timed(line(16, 50_000, 500), largest)),
      "a largest block that shrinks evenly, to less": said(free, timed(line(16, 50_000, 501), largest)),
      "a largest block that shrinks at once": said(free, shrinks(29_999)),
      "a largest block that shrinks at once to six tenths": said(free, shrinks(30_000)),
      "a largest block that was smaller once": said(free, timed([...level(5, 50_000), ...level(5, 20_000), ...level(2, 22_000)], largest)),
      "a largest block that was much smaller once": said(free, timed([...level(5, 50_000), ...level(5, 20_000), ...level(2, 22_001)], largest)),
      "a largest block told twice": said(free, timed([50_000, 10_000], largest)),
      "a largest block told three times": said(free, timed([50_000, 10_000, 10_000], largest)),
      "a largest block that falls with all that is free": said(timed(line(10, 100_000, 1_100)), timed(line(10, 50_000, 2_000), largest)),
      "a largest block that falls more than twice as fast": said(timed(line(10, 100_000, 900)), timed(line(10, 50_000, 2_000), largest)),
      "a largest block that falls just twice as fast": said(timed(line(10, 100_000, 1_000)), timed(line(10, 50_000, 2_000), largest)),
      "a largest block beside hardly any loss": said(timed(line(10, 100_000, 555)), timed(line(10, 50_000, 1_000), largest)),
      "a largest block beside a little loss": said(timed(line(10, 100_000, 556)), timed(line(10, 50_000, 1_000), largest)),
      "what is free falls to six tenths": said(timed([...level(5, 100_000), ...level(5, 60_000)]), shrinks(100, { values: [...level(5, 150_000), ...level(5, 100)] })),
      "what is free falls to less": said(timed([...level(5, 100_000), ...level(5, 59_999)]), shrinks(100, { values: [...level(5, 150_000), ...level(5, 100)] })),
      "a largest block without what is free": said(evenly),
      "a share that grows": said(timed(line(10, 10, -5), split)),
      "a share that grows beside what is free": said(free, timed(line(10, 10, -5), split)),
      "a share that stays": said(timed(level(10, 12), split)),
      "a largest block that shrinks, and a share": said(free, evenly, timed(level(10, 12), split)),
      "a largest block of PSRAM": said(free, { ...evenly, memory: "psram" }),
      "the largest blocks of two memories": said(timed(level(10, 100_000), internal), timed(level(12, 50_000), largest), { ...evenly, memory: "internal" }),
      "of the longest boot": said(free, timed(line(9, 50_000, 2_000), largest), timed(level(10, 100_000), { boot: 1 }), { ...evenly, boot: 1 }),
      "of the boot with more readings, however many figures the other has": said(timed(level(10, 100_000)), { ...evenly }, ...[6, 6, 6, 3].map((count, i) => timed(level(count, 100_000 + i), { boot: 1, label: `heap ${i}` }))),
      "of the later of two boots as long": said(free, timed(level(10, 50_000), largest), timed(level(10, 100_000), { boot: 1 }), { ...evenly, boot: 1 }),
      "internal memory gone beside PSRAM": said(timed(level(3, 8 * K - 1), internal), timed(level(3, 64 * K), psram)),
      "internal memory not gone": said(timed(level(3, 8 * K), internal), timed(level(3, 64 * K), psram)),
      "internal memory gone beside little PSRAM": said(timed(level(3, 8 * K - 1), internal), timed(level(3, 64 * K - 1), psram)),
      "DMA-capable memory gone, and its largest block": said(timed([9_000, 900], { memory: "dma", label: "Free DMA" }), timed(level(3, 64 * K), psram), timed([800], { ...largest, memory: "dma" })),
      "internal memory gone, later than that for DMA": said(timed([9_000, 9_000, 900], internal), timed([9_000, 9_000], { memory: "dma" }), timed(level(3, 64 * K), psram)),
      "internal memory gone, told as early as that for DMA": said(timed([900, 900], internal), timed([9_000, 9_000], { memory: "dma" }), timed(level(3, 64 * K), psram)),
      "internal memory of which the share is told": said(timed(level(3, 5), { ...internal, unit: "percent" }), timed(level(3, 64 * K), psram)),
      "the least ever free below 4 KiB": said(timed(level(3, 4 * K - 1), minimum)),
      "the least ever free at 4 KiB": said(timed(level(3, 4 * K), minimum)),
      "the least ever free below 4 KiB, and what is free now": said(timed(level(3, 4 * K), { ...minimum, values: level(3, 100) }), timed(level(3, 101))),
      "as little free now as ever": said(timed(level(3, 100), minimum), timed(level(3, 100))),
      "as little free now, and 4 KiB": said(timed(level(3, 4 * K - 1))),
      "free now at 4 KiB": said(timed(level(3, 4 * K))),
      "PSRAM nearly used up": said(timed(level(3, 100), psram)),
      "a heap that is 85 per cent full": said(series([15_000]), series([100_000], total)),
      "a heap that is less full": said(series([15_001]), series([100_000], total)),
      "a heap that is 97 per cent full": said(series([6_000]), series([200_000], total)),
      "a heap that is nearly 97 per cent full": said(series([6_001]), series([200_000], total)),
      "a heap that is full": said(series([0]), series([100_000], total), series([0], largest)),
      "a heap of nothing": said(series([0]), series([0], total)),
      "a heap of no size": said(series([15_000]), series([0], total)),
      "a heap that is larger than all of it": said(series([15_000]), series([14_999], total)),
      "a full heap in one piece": said(series([15_000]), series([100_000], total), series([10_500], largest), series([9_000], minimum)),
      "a full heap in pieces": said(series([15_000]), series([100_000], total), series([10_499], largest)),
      "a full heap of another memory": said(series([15_000]), series([100_000], { ...total, memory: "internal" })),
      "a full heap of two totals, the last": said(series([15_000]), series([100_000], total), series([99_000], { ...total, label: "Heap size" })),
      "a table of several capabilities": said(series([15_000], { label: "Heap summary for capabilities 0x1800: free" }), series([100_000], table), series([90_000], { ...table, label: "Heap summary for capabilities 0x400: total" })),
      "a full heap beside a loss": said(timed(line(10, 15_000, 100)), series([100_000], total)),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-levels.txt");
}); // prettier-ignore

test("what is neither a loss nor a level", async () => {
  const wavy = (count: number): number[] => Array.from({ length: count }, (_, i) => 100_000 + (i % 2) * 5_000);
  await expect(
    told({
      "told once": said(series([100_000])),
      "told twice": said(series([100_000, 90_000])),
      "told twice, beside other things": detectLogSeries([series([100_000, 90_000])], EVER, true),
      "told three times": said(series([100_000, 95_000, 100_000])),
      "told three times, beside other things": detectLogSeries([series([100_000, 95_000, 100_000])], EVER, true),
      "uneven steps": said(series([100_000, 99_900, 90_000, 89_999])),
      "used, in uneven steps": said(series([10_000, 10_100, 20_000, 20_001], used)),
      "ever the same": said(timed(level(10, 100_000))),
      "ever the same, of which some are kept": said(timed(level(10, 100_000), { stretch: 3, readings: 30 })),
      "settled, of which some are kept": said(timed([400_000, ...level(9, 100_000)], { stretch: 3, readings: 30 })),
      "up and down": said(timed(wavy(10))),
      "up and down by less than is shown": said(timed([100_000, 100_001, 100_000, 100_001, 100_000])),
      "used, up and down": said(timed(wavy(10), used)),
      "settled": said(timed([200_000, ...wavy(9)])),
      "settled in two": said(timed([400_000, 200_000, ...level(9, 100_000)])),
      "down by a fiftieth at the end": said(series([...wavy(10), 98_000])),
      "down by more at the end": said(series([...wavy(10), 97_999])),
      "down, and up again a thousandth": said(series([...wavy(10), 95_000, 95_095])),
      "down, and up again more": said(series([...wavy(10), 95_000, 95_096])),
      "down at the end of 23 readings": said(series([...wavy(22), 90_000])),
      "down at the end of 24 readings": said(series([...wavy(23), 90_000])),
      "used, up at the end": said(series([...wavy(10).map((one) => one / 10), 20_000], used)),
      "largest blocks only": said(series(level(5, 50_000), largest)),
      "the more readings of two": said(series(level(5, 50_000)), series(level(6, 60_000), { label: "heap" })),
      "as many readings of two": said(series(level(5, 50_000)), series(level(5, 60_000), { label: "heap" })),
      "per cent": said(timed([50, 51.5, 50, 51, 50], { unit: "percent" })),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-readings.txt");
}); // prettier-ignore

test("a window has the readings of its time, both ends included", async () => {
  const all = timed([...level(5, 200_000), ...line(10, 100_000, 100)]);
  const within = (from: number, to: number, one = all): readonly Finding[] =>
    detectLogSeries([one], { from: from * MINUTE, to: to * MINUTE }, false);
  await expect(
    told({
      "all of it": within(0, 14),
      "its second part": within(5, 14),
      "its first part": within(0, 4),
      "one reading": within(3, 3),
      none: within(3.2, 3.8),
      "readings without times": within(3.2, 3.8, series(line(10, 100_000, 100))),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-windows.txt");
});

test("the order in which figures are told changes nothing but the order", () => {
  const all = [timed(line(10, 100_000, 100)), timed(line(12, 50_000, 110), internal), timed(level(9, 40_000), largest)];
  const text = (some: readonly LogSeries[]): readonly string[] => said(...some).map((one) => JSON.stringify(one));
  expect(text([...all].reverse())).toEqual(text(all));
});

test("as many readings as a log may hold exactly", () => {
  const count = 300_000;
  const of = (value: (i: number) => number): LogSeries => timed(Array.from({ length: count }, (_, i) => value(i)));
  const rules = (value: (i: number) => number, more: Partial<LogSeries> = {}): readonly string[] =>
    said({ ...of(value), ...more }).map(({ rule }) => rule);
  expect(rules((i) => 180_000 + ((i * 7919) % 3000))).toEqual(["log-readings"]);
  expect(rules((i) => 180_000 - (i % 1000) * 100)).toEqual(["log-readings"]);
  expect(rules((i) => 400_000 - Math.floor(i / 3000) * 3000)).toEqual(["leak"]);
  expect(rules((i) => 400_000 - i)).toEqual(["leak"]);
  expect(rules((i) => (i === 150_000 ? 900 : 180_000))).toEqual(["low-memory", "log-readings"]);
  expect(rules((i) => 100_000 + i, { ...used })).toEqual(["leak"]);
});
