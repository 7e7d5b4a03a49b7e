// Replays of a small heap: when it is used up is known beforehand where nothing is left to chance, and of many made-up heaps it is kept in
// test/answers, so that a change of it shows.
import { describe, expect, test } from "vitest";
import { randomFrom } from "../../test/corpus/program.ts";
import { tableOf, type Block } from "../../test/detect-inputs.ts";
import { START, stateOf } from "../../test/made-regions.ts";
import type { RegionState } from "../heap/types.ts";
import { replay, type Loss, type Luck, type ReplayQuestion, type Refused, type Traffic } from "./heap-replay.ts";
import type { Request } from "./tape.ts";

const SECOND = 1e6;
const NOW = 1000 * SECOND;
const LIMIT = 10_000 * SECOND;

/** Half of everything: a loss comes exactly when it is due. */
const even: Luck = { random: (): number => 0.5, speeds: [], growth: 0 };

function loss(more: Partial<Loss> = {}): Loss {
  const rate = 60 / SECOND;
  const range = { low: rate, likely: rate, high: rate };
  return { site: 1, caps: 4, rate: range, sizes: [60], lastAddress: START, isContainer: false, ...more };
}

function question(more: Partial<ReplayQuestion> = {}, regions: readonly RegionState[] = [stateOf([4092])]): ReplayQuestion {
  return { now: NOW, regions, live: tableOf([]), extra: 0, traffic: [], losses: [loss()], ...more };
} // prettier-ignore

const run = (of: ReplayQuestion, luck = even, expected = 60 * SECOND): Refused => replay(of, luck, expected, LIMIT);

describe("a block of 60 bytes each second, into one hole of 4,092", () => {
  // Each takes 64 bytes with its header; the hole's own header is there already. 124 bytes are rounded up to 128.
  test("fills it in 64 seconds, and the next is refused", () => {
    expect(run(question())).toEqual({ after: 65 * SECOND, site: 1, size: 60, caps: 4, free: 0 });
  });

  test("in half the time at twice the speed, or where each is twice as large", () => {
    expect(run(question(), { ...even, speeds: [2] }).after).toBe(32.5 * SECOND);
    expect(run(question({ losses: [loss({ sizes: [124] })] })).after).toBeCloseTo(32 * (124 / 60) * SECOND, 3);
    expect(run(question({ losses: [loss(), loss({ site: 2 })] })).after).toBe(33 * SECOND);
  });

  test("with a red zone around each it takes more", () => {
    expect(run(question({ extra: 20 })).after).toBe(49 * SECOND);
  });

  test("not beyond the limit", () => {
    expect(replay(question(), even, SECOND, 65 * SECOND).after).toBe(65 * SECOND);
    expect(replay(question(), even, SECOND, 65 * SECOND - 1)).toEqual({ after: Infinity, site: 0, size: 0, caps: 0, free: 0 });
  }); // prettier-ignore

  test("goes on in the next region that serves it, and first where it went last", () => {
    const other = { ...stateOf([4092]), region: { ...stateOf([]).region, start: START + 0x4000, end: START + 0x6000 } };
    const two = [stateOf([4092]), { ...other, holes: [{ start: START + 0x4000, bytes: 2044 }], free: 2044 }];
    expect(run(question({}, two)).after).toBe(97 * SECOND);
    const last = [loss({ lastAddress: START + 0x4000 }), loss({ site: 2, lastAddress: START, sizes: [60] })];
    expect(run(question({ losses: last }, two))).toMatchObject({ after: 49 * SECOND, site: 1 });
    const [first, second] = two;
    const unable = second && { ...second, region: { ...second.region, caps: 2 } };
    expect(run(question({}, first && unable ? [first, unable] : [])).after).toBe(65 * SECOND);
    expect(run(question({ losses: [loss({ caps: 8 })] }, two))).toEqual({ after: SECOND, site: 1, size: 60, caps: 8, free: 0 });
  }); // prettier-ignore
});

describe("requests that come and go", () => {
  const each = (count: number, size: number, life: number | undefined): readonly Request[] =>
    Array.from({ length: count }, (_, i) => {
      const request = { time: NOW - (count - i) * 10 * SECOND, size, address: START };
      return life === undefined ? request : { ...request, life };
    });
  const traffic = (requests: readonly Request[], staying = 0): Traffic => {
    return { site: 9, caps: 4, requests, period: requests.length * 10 * SECOND, staying };
  };

  test("are refused where they no longer fit, before the leak is", () => {
    const found = run(question({ traffic: [traffic(each(10, 1600, 5 * SECOND))] }));
    expect(found).toMatchObject({ after: 40 * SECOND, site: 9, size: 1600 });
    expect(found.free).toBeLessThan(1668);
  });

  test("take nothing for good where none stays", () => {
    const none = question({ losses: [], traffic: [traffic(each(10, 500, 5 * SECOND))] });
    expect(run(none).after).toBe(Infinity);
    const some = question({ losses: [], traffic: [traffic(each(10, 500, 5 * SECOND), 1)] });
    expect(run(some, { ...even, growth: 1 }).after).toBeLessThan(200 * SECOND);
  });
});

test("made-up heaps", async () => {
  const lines = Array.from({ length: 120 }, (_, seed) => {
    const random = randomFrom(seed + 1);
    const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
    const words = (from: number, to: number): number => 4 * pick(from, to);
    const blocks: Block[] = [];
    const holes: { start: number; bytes: number }[] = [];
    for (let at = START + 4; at < START + 7000;) {
      const bytes = words(4, 150);
      if (random() < 0.4) blocks.push({ address: at, size: bytes - pick(0, 3), site: pick(1, 3), born: NOW - pick(1, 900) * SECOND });
      else holes.push({ start: at, bytes });
      at += bytes + 4;
    }
    const isExact = seed % 3 !== 0;
    const largest = Math.max(0, ...holes.map(({ bytes }) => bytes));
    const region = stateOf(holes, isExact ? {} : { exact: false, largestFree: pick(largest >> 1, largest), free: pick(1000, 4000) });
    const far = { ...stateOf([]).region, start: START + 0x8000, end: START + 0xa000, caps: 6 };
    const second = stateOf([{ start: far.start, bytes: words(50, 500) }], { region: far });
    const losses = Array.from({ length: pick(1, 2) }, (_, i) => {
      const likely = pick(1, 200) / SECOND;
      const size = words(3, 60);
      return loss({ site: 1 + i, rate: { low: likely / 2, likely, high: likely * 2 }, sizes: seed % 4 === 0 ? [size, size - (seed % 8 === 0 ? 16 : size >> 1)] : [size, words(3, 60), 13], isContainer: seed % 4 === 0, lastAddress: blocks[i]?.address ?? far.start });
    });
    const traffic = Array.from({ length: pick(0, 3) }, (_, i): Traffic => {
      const count = pick(1, 12);
      const requests = Array.from({ length: count }, (__, n): Request => {
        const request = { time: NOW - 500 * SECOND + Math.floor((480 * SECOND * n) / count), size: pick(8, 900), address: blocks[n]?.address ?? 0 };
        return random() < 0.2 ? request : { ...request, life: pick(1, 90) * SECOND };
      });
      return { site: 4 + i, caps: i === 2 ? 2 : 4, requests, period: 500 * SECOND, staying: i === 1 ? 0.3 : 0 };
    });
    const luck = { random: randomFrom(seed + 1000), speeds: seed % 5 === 0 ? [] : [0.5 + random(), 1], growth: random() };
    const found = replay({ now: NOW, regions: [region, second], live: tableOf(blocks), extra: seed % 2 === 0 ? 0 : 8, traffic, losses }, luck, pick(1, 5000) * SECOND, LIMIT);
    return `${seed}: ${Object.values(found).map((value) => Number(Number(value).toPrecision(9))).join(" ")}`;
  });
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../../test/answers/replays.txt");
}); // prettier-ignore
