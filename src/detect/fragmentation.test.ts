// Who stands between holes, against the plain definition; and from where on a region is called split, and what is said of it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { contextOf, type Block } from "../../test/detect-inputs.ts";
import { told } from "../../test/finding-text.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { madeRegion, START, stateOf } from "../../test/made-regions.ts";
import { openModel } from "../heap/model.ts";
import type { RegionState } from "../heap/types.ts";
import type { Region } from "../wire/records.ts";
import type { Teller } from "../wire/teller.ts";
import type { Finding } from "./finding.ts";
import { fragmentation, measureFragmentation, type Wall } from "./fragmentation.ts";
import { largestWithout, piecesOf } from "./room.ts";

test("walls are blocks between two holes with no room for others, and no thicker than half of what they cost", async () => {
  const { model } = await contextOf(100, []);
  await fc.assert(
    fc.asyncProperty(madeRegion, async ({ state, live }) => {
      const walls = state.holes.flatMap((left, i): Wall[] => {
        const right = state.holes[i + 1];
        if (right === undefined) return [];
        const rows = [...live.address.keys()].filter((row) => {
          const address = live.address[row] ?? 0;
          return address >= left.start + left.bytes && address < right.start;
        });
        const ends = rows.map((row) => (live.address[row] ?? 0) + (live.size[row] ?? 0));
        const starts = [...rows.map((row) => live.address[row] ?? 0), right.start];
        const isWhole = starts.every((start, n) => start - (ends[n - 1] ?? left.start + left.bytes) <= 64);
        const bytes = rows.reduce((sum, row) => sum + (live.size[row] ?? 0), 0);
        const gain = right.start + right.bytes - left.start - Math.max(left.bytes, right.bytes);
        const isWall = rows.length > 0 && isWhole && 2 * bytes <= gain;
        return isWall ? [{ rows, bytes, left: left.bytes, right: right.bytes, gain }] : [];
      });
      const [found] = (await measureFragmentation(model, 100, live, [state])).regions;
      expect(found?.walls).toEqual(walls.toSorted((a, b) => b.gain - a.gain));
      const pieces = piecesOf(state, live, 0);
      const makers = [1, 2, 3].flatMap((site) => {
        const rows = walls.flatMap((wall) => wall.rows).filter((row) => live.site[row] === site);
        if (rows.length === 0) return [];
        const gain = largestWithout(pieces, (row) => live.site[row] === site) - largestWithout(pieces, () => false);
        const bytes = rows.reduce((sum, row) => sum + (live.size[row] ?? 0), 0);
        const oldest = Math.min(...rows.map((row) => live.origin[row] ?? 0));
        return [{ site, blocks: rows.length, bytes, oldest, gain }];
      });
      expect(found?.makers.toSorted((a, b) => a.site - b.site)).toEqual(makers);
      expect(found?.makers.map(({ gain }) => gain)).toEqual(makers.map(({ gain }) => gain).sort((a, b) => b - a));
    }),
  );
});

const region: Region = { name: "DRAM", start: START, end: START + 0x2000, caps: 4, free: 8000, largestFree: 8000 };

/** At boot the region was one hole of 8,000 bytes or so; later it has these. */
async function splitOf(
  regions: readonly RegionState[],
  blocks: readonly Block[] = [],
  before: (sink: Teller) => void = (sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.record({ kind: "regions", value: { time: 0, regions: [region] } });
  },
): Promise<readonly Finding[]> {
  const run = recordRun((sink) => {
    before(sink);
    sink.record({ kind: "mark", value: { time: 100e6, name: "end", task: 0, core: 0 } });
  });
  const context = await contextOf(100e6, blocks);
  return fragmentation.detect({ ...context, model: await openModel(run), regions });
}

/** Nothing but what is asked. */
async function largestAtBoot(): Promise<number> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.record({ kind: "regions", value: { time: 0, regions: [region] } });
  });
  return (await (await openModel(run)).regionsAt(0))[0]?.largestFree ?? 0;
}

test("from where on a region is split", async () => {
  const isSplit = async (holes: readonly number[], more: Partial<RegionState> = {}): Promise<boolean> =>
    (await splitOf([stateOf(holes, { region, ...more })])).length > 0;
  const dust = [100, 100, 100, 100];
  const half = (await largestAtBoot()) / 2;
  const splits = await Promise.all([
    // Their root sum of squares is three quarters of their sum.
    isSplit([2900, 700, 300, 100], { free: 5801 }),
    isSplit([2900, 700, 300, 99], { free: 5801 }),
    isSplit(dust, { largestFree: half - 1, free: 8000 }),
    isSplit(dust, { largestFree: half, free: 8001 }),
    isSplit(dust, { largestFree: 1000, free: 2001 }),
    isSplit(dust, { largestFree: 1000, free: 2000 }),
    isSplit(dust, { largestFree: 100, free: 820 }),
    isSplit(dust, { largestFree: 100, free: 819 }),
    isSplit(dust, { region: { ...region, start: START + 4 } }),
  ]);
  expect(splits).toEqual([true, false, true, false, true, false, true, false, false]);
});

test("what is said of it", async () => {
  /** `count` holes with a block between each and the next; blocks of sites in turn. */
  const comb = (count: number, sites: readonly number[], more: Partial<RegionState> = {}, start = START): [RegionState, Block[]] => {
    const [tooth, hole] = [48, 160];
    const holes = Array.from({ length: count }, (_, i) => ({ start: start + i * (tooth + hole + 8), bytes: hole }));
    const blocks = holes.slice(1).map((next, i) => ({
      ...{ address: next.start - 4 - tooth, size: tooth - i, site: sites[i % sites.length] ?? 0, born: (5 + i) * 1e6 },
    }));
    return [stateOf(holes, { region: { ...region, start, end: start + 0x2000 }, free: 3000, ...more }), blocks];
  };
  /** With a hole elsewhere that is larger than what one place could open. */
  const aside = ([state, blocks]: [RegionState, Block[]]): [RegionState, Block[]] => {
    return [{ ...state, largestFree: 900, holes: [...state.holes, { start: START + 0x1800, bytes: 900 }] }, blocks];
  };
  const of = ([state, blocks]: [RegionState, Block[]], before?: (sink: Teller) => void): Promise<readonly Finding[]> =>
    splitOf([state], blocks, before);
  const other = { ...region, name: "D/IRAM", start: START + 0x4000, end: START + 0x6000 };
  const both = (...[first, second]: readonly [Partial<RegionState>, Partial<RegionState>]): Promise<readonly Finding[]> => {
    const [near, nearBlocks] = comb(6, [1], first);
    const [far, farBlocks] = comb(5, [2], { ...second, region: other }, other.start);
    return splitOf([near, far], [...nearBlocks, ...farBlocks], (sink) => {
      sink.record({ kind: "boot", value: testBoot });
      sink.record({ kind: "regions", value: { time: 0, regions: [region, other] } });
    });
  };
  const boot = (sink: Teller, bootId: number, largestFree: number): void => {
    sink.record({ kind: "boot", value: { ...testBoot, bootId } });
    sink.record({ kind: "regions", value: { time: 1e6, regions: [{ ...region, free: largestFree, largestFree }] } });
  };
  const late = (reason: "attached-late" | "frames-lost") => (sink: Teller): void => {
    sink.record({ kind: "boot", value: testBoot });
    sink.record({ kind: "gap", value: { time: 0, reason, lostFrames: 1 } });
    sink.record({ kind: "regions", value: { time: 0, regions: [region] } });
  };
  await expect(
    told({
      "one place": await of(comb(5, [1])),
      "four places": await of(comb(9, [1, 2, 3, 4])),
      "one block, and many of another place": await of(comb(9, [1, 2, 2, 2, 2, 2, 2, 2])),
      "two holes, and what is free elsewhere": await of(comb(2, [1])),
      "places that open nothing alone": await of(aside(comb(5, [1, 2, 2, 3]))),
      "nobody that is known": await of([stateOf([100, 100, 100, 100], { region, free: 3000 }), []]),
      "twenty blocks": await of(comb(21, [1])),
      "an estimate": await of(comb(5, [1], { exact: false })),
      "two regions": await both({}, {}),
      "two regions, the second lost more": await both({}, { largestFree: 100 }),
      "two regions, the first an estimate that lost more": await both({ exact: false, largestFree: 100 }, {}),
      "two regions, the second an estimate": await both({}, { exact: false, largestFree: 100 }),
      "heard of late": await of(comb(5, [1]), late("attached-late")),
      "a loss at the beginning": await of(comb(5, [1]), late("frames-lost")),
      "split as at the last boot": await of(comb(5, [1]), (sink) => { boot(sink, 1, 8000); boot(sink, 2, 200); }),
      "split since the last boot": await of(comb(5, [1]), (sink) => { boot(sink, 1, 200); boot(sink, 2, 8000); }),
      "a boot behind the end": await of(comb(5, [1]), (sink) => { boot(sink, 1, 8000); sink.record({ kind: "mark", value: { time: 101e6, name: "later", task: 0, core: 0 } }); boot(sink, 2, 200); }),
      "no answer of the device": await of(comb(5, [1]), (sink) => sink.record({ kind: "boot", value: testBoot })),
    }),
  ).toMatchFileSnapshot("../../test/answers/fragmentation.txt");
}); // prettier-ignore
