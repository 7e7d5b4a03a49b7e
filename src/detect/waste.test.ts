// From where on something is wasted, and what is said of it.
import { expect, test } from "vitest";
import { activityOf, contextOf, type Block } from "../../test/detect-inputs.ts";
import { told } from "../../test/finding-text.ts";
import type { SiteActivity } from "../heap/types.ts";
import type { Boot } from "../wire/records.ts";
import type { Finding } from "./finding.ts";
import type { FoundLeak } from "./detector.ts";
import { waste } from "./waste.ts";

const SECOND = 1e6;
const window = { from: 0, to: 10 * SECOND };

async function wasted(
  activity: SiteActivity,
  blocks: readonly Block[] = [],
  { leaking = [], boot = {} }: { leaking?: readonly number[]; boot?: Partial<Boot> } = {},
): Promise<readonly Finding[]> {
  const leaks = leaking.map((site): FoundLeak => ({
    sites: [site],
    isGrowing: true,
    finding: {} as FoundLeak["finding"],
  }));
  return waste.detect({ ...(await contextOf(window.to, blocks, boot)), activity, leaks });
}

type Sites = Parameters<typeof activityOf>[1];
const of = (...sites: Sites): Promise<readonly Finding[]> => wasted(activityOf(window, sites));

test("allocations that are freed at once", async () => {
  const hot = { allocations: 1000, temporaryAllocations: 900, allocatedBytes: 100_000, temporaryBytes: 90_000 };
  await expect(
    told({
      "900 of 1,000": await of(hot),
      "899 of 1,000": await of({ ...hot, temporaryAllocations: 899 }),
      "all of 999": await of({ ...hot, allocations: 999, temporaryAllocations: 999 }),
      "one in twenty": await of(hot, { allocations: 19_000 }),
      "fewer than one in twenty": await of(hot, { allocations: 19_001 }),
      "512 bytes each": await of({ ...hot, allocatedBytes: 512_000 }),
      "more than 512 bytes each": await of({ ...hot, allocatedBytes: 512_001 }),
      "four places": await of(hot, { ...hot, temporaryAllocations: 1000 }, { ...hot, temporaryAllocations: 950 }, { ...hot, temporaryAllocations: 980 }),
      "one in ten seconds": await wasted(activityOf({ from: 0, to: 10_000 * SECOND }, [hot])),
      "one a second": await wasted(activityOf({ from: 0, to: 1000 * SECOND }, [hot])),
      "less than ten a second": await wasted(activityOf({ from: 50 * SECOND, to: 151 * SECOND }, [hot])),
      "ten a second": await wasted(activityOf({ from: 50 * SECOND, to: 150 * SECOND }, [hot])),
      "at one moment": await wasted(activityOf({ from: SECOND, to: SECOND }, [hot])),
    }),
  ).toMatchFileSnapshot("../../test/answers/waste-temporary.txt");
}); // prettier-ignore

test("places that keep the allocator busy", async () => {
  const busy = { allocations: 1000, frees: 900, allocatedBytes: 100_000, peakBytes: 2_000, lives: [[10, 800], [20, 200]] } as const; // prettier-ignore
  const sites = (...all: readonly object[]): Sites => all;
  await expect(
    told({
      "1,000 of which 900 are freed": await of(...sites(busy)),
      "1,000 of which fewer are freed": await of(...sites({ ...busy, frees: 899 })),
      "fewer than 1,000": await of(...sites({ ...busy, allocations: 999, frees: 999 })),
      "just a hundred a second": await of(...sites({ ...busy, allocations: 1000, frees: 1000 })),
      "fewer than a hundred a second": await wasted(activityOf({ from: 0, to: 10 * SECOND + 1e4 }, sites(busy))),
      "a quarter of all": await of(...sites(busy, { allocations: 3000 })),
      "less than a quarter of all": await of(...sites(busy, { allocations: 3001 })),
      "each block used fifty times": await of(...sites({ ...busy, peakBytes: 2_000 })),
      "each block used less often": await of(...sites({ ...busy, peakBytes: 2_001 })),
      "of half a byte": await of(...sites({ ...busy, allocatedBytes: 500, peakBytes: 20 })),
      "half of them freed in the next bucket": await of(...sites({ ...busy, lives: [[10, 400], [12, 600]] })),
      "three places": await of(...sites(...[1001, 1003, 1002].map((count) => ({ ...busy, allocations: count, frees: count, allocatedBytes: 100 * count })))),
      "four equal places": await of(...sites(busy, busy, busy, busy)),
      "four places": await of(...sites({ ...busy, allocations: 1001, frees: 1001 }, { ...busy, allocations: 1003, frees: 1003 }, { ...busy, allocations: 1002, frees: 1002 })),
      "that are freed at once": await of(...sites({ ...busy, temporaryAllocations: 950 })),
      "that leak": await wasted(activityOf(window, sites(busy)), [], { leaking: [1] }),
    }),
  ).toMatchFileSnapshot("../../test/answers/waste-churn.txt");
}); // prettier-ignore

test("small blocks that are mostly header, and equal ones", async () => {
  const idle = activityOf(window, []);
  /** `count` blocks of `size` bytes, `apart` from one to the next. */
  const row = (count: number, size: number, apart: number, more: Partial<Block> = {}): readonly Block[] =>
    Array.from({ length: count }, (_, i) => ({ address: 0x3ffb_0004 + apart * i, size, ...more }));
  const many = (sizes: readonly number[], site = 1): readonly Block[] =>
    sizes.map((size, i) => ({ address: 0x3ffb_0004 + 64 * i, size, site }));
  const mixed = Array.from({ length: 400 }, (_, i) => 4 + (i % 5));
  await expect(
    told({
      "171 blocks of 4 bytes": await wasted(idle, row(171, 4, 16)),
      "170 blocks of 4 bytes": await wasted(idle, row(170, 4, 16)),
      "blocks of 11 bytes": await wasted(idle, row(500, 11, 16)),
      "blocks of 10 bytes": await wasted(idle, row(500, 10, 16)),
      "blocks that lie apart": await wasted(idle, many(mixed)),
      "blocks of which some lie apart": await wasted(idle, [...row(200, 4, 16), ...many(mixed.slice(0, 100)).map((one) => ({ ...one, address: one.address + 0x1_0000 }))]),
      "with red zones": await wasted(idle, row(200, 4, 24), { boot: { redZoneBytes: 8 } }),
      "of two places": await wasted(idle, [...many(mixed), ...many(mixed.map(() => 3), 2).map((one) => ({ ...one, address: one.address + 0x1_0000 }))]),
      "of four places": await wasted(idle, [1, 2, 3, 4].flatMap((site) => many(mixed.slice(0, 300 + (site % 3) * 20), site).map((one) => ({ ...one, address: one.address + 0x1_0000 * site })))),
      "that leak": await wasted(idle, row(300, 4, 16), { leaking: [1] }),
      "a hundred of 41 bytes": await wasted(idle, row(100, 41, 48)),
      "a hundred of 40 bytes": await wasted(idle, row(100, 40, 48)),
      "99 of 100 bytes": await wasted(idle, row(99, 100, 112)),
      "103 of 40 bytes": await wasted(idle, row(103, 40, 48)),
      "a hundred, with red zones": await wasted(idle, row(100, 41, 56), { boot: { redZoneBytes: 8 } }),
      "a hundred that are old enough": await wasted(idle, row(100, 41, 48, { born: 9.5 * SECOND })),
      "a hundred that are young": await wasted(idle, row(100, 41, 48, { born: 9.5 * SECOND + 1 })),
      "a hundred that were moved lately": await wasted(idle, row(100, 41, 48, { born: 9.9 * SECOND, origin: 1 })),
      "of several sizes, most bytes first": await wasted(idle, [50, 80, 60, 70].flatMap((size, i) => row(100 + i, size, 96).map((one) => ({ ...one, address: one.address + 0x1_0000 * i })))),
      "equal ones that leak": await wasted(idle, row(100, 41, 48), { leaking: [1] }),
    }),
  ).toMatchFileSnapshot("../../test/answers/waste-blocks.txt");
}); // prettier-ignore
