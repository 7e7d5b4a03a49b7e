import fc from "fast-check";
import { expect, test } from "vitest";
import { SiteTotals, type SiteSample } from "./site-totals.ts";

/** Numbers of each site: allocations, bytes, and of these ended. */
const column = fc.record({
  allocations: fc.nat(1000),
  allocatedBytes: fc.nat(1_000_000),
  ended: fc.nat(1000),
  endedBytes: fc.nat(1_000_000),
});

test("what was sampled is sampled again after it was restored, and goes on from there", () => {
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 150 }), fc.nat(149), (sites, last) => {
      const of = (value: (site: (typeof sites)[number]) => number): Float64Array => Float64Array.from(sites, value);
      const sample: SiteSample = {
        time: 17,
        sites: sites.length,
        allocations: of((site) => site.allocations),
        allocatedBytes: of((site) => site.allocatedBytes),
        liveBlocks: of((site) => site.allocations - site.ended),
        liveBytes: of((site) => site.allocatedBytes - site.endedBytes),
      };
      const totals = new SiteTotals();
      totals.restore(sample);
      expect(totals.sample(17)).toEqual(sample);
      const site = last % sites.length;
      totals.add(site, 40);
      totals.add(site, 8);
      totals.remove(site, 40);
      const after = totals.sample(18);
      expect(after.liveBytes[site]).toBe((sample.liveBytes[site] ?? 0) + 8);
      expect(after.liveBlocks[site]).toBe((sample.liveBlocks[site] ?? 0) + 1);
      expect(after.allocatedBytes[site]).toBe((sample.allocatedBytes[site] ?? 0) + 48);
      expect(after.allocations[site]).toBe((sample.allocations[site] ?? 0) + 2);
    }),
  );
});
