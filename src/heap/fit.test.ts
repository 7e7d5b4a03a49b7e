// The answer against heaps that are asked themselves: the corpus', which is written apart from src.
import fc from "fast-check";
import { expect, test } from "vitest";
import { TlsfRegion } from "../../test/corpus/tlsf-region.ts";
import { anyShare } from "../../test/share.ts";
import { estimated, exactly, likely } from "../base/quantity.ts";
import { bestFit, fitIn, type FitRegion } from "./fit.ts";

const caps = 0x1004;

/** A region with random blocks and holes, as the device would tell of it with all its blocks known. */
const heap = fc
  .record({
    bytes: fc.constantFrom(12 << 10, 60 << 10, 300 << 10, 5 << 20),
    steps: fc.array(fc.record({ share: anyShare.map((part) => 0.4 * part), frees: fc.boolean() }), {
      maxLength: 60,
    }),
  })
  .map(({ bytes, steps }) => {
    const region = new TlsfRegion({ name: "DRAM", start: 0x3ffb_0000, bytes, caps });
    const blocks: number[] = [];
    for (const { share, frees } of steps) {
      const block = frees ? blocks.shift() : undefined;
      if (block !== undefined) region.release(block);
      else blocks.push(...[region.allocate(Math.ceil(share * bytes) + 1)].filter((one) => one !== undefined));
    }
    return region;
  });

/** Sizes up to 4 MiB, by order of magnitude. */
const size = anyShare.map((part) => Math.round(2 ** (22 * part)));

function asTold(region: TlsfRegion, isExact: boolean): FitRegion {
  const { plan, end, free, largestFree } = region;
  return regionOf(plan.start, end, free, largestFree, isExact, plan.caps);
}

function regionOf(
  start: number,
  end: number,
  free: number,
  largestFree = free,
  isExact = true,
  capBits = caps,
): FitRegion {
  const largestFreeBytes = isExact ? exactly(largestFree) : estimated(largestFree);
  return { start, end, capBits, freeBytes: exactly(free), largestFreeBytes };
}

test("says yes and no as the heap itself does, where all blocks are known", () => {
  fc.assert(
    fc.property(heap, size, (region, request) => {
      const [fit] = fitIn([asTold(region, true)], request, caps, 0);
      expect(fit?.neededBytes).toBe(region.blockFor(request));
      expect(fit?.answer).toBe(region.copy().allocate(request) === undefined ? "refused" : "fits");
    }),
  );
});

test("is never sure of what it cannot know", () => {
  fc.assert(
    fc.property(heap, size, (region, request) => {
      const [fit] = fitIn([asTold(region, false)], request, caps, 0);
      expect(fit?.answer).not.toBe("fits");
      if (fit?.answer === "refused") expect(region.copy().allocate(request)).toBeUndefined();
    }),
  );
});

test("one region is enough; a red zone counts; capabilities that no region has are refused", () => {
  const small = regionOf(0, 16 << 10, 8192);
  const large = regionOf(1 << 20, (1 << 20) + (300 << 10), 20_000, 16_896);
  expect(bestFit(fitIn([small, large], 16_717, caps, 0))).toMatchObject({
    answer: "fits",
    neededBytes: 16_896,
    region: large,
  });
  expect(bestFit(fitIn([small, large], 16_717, caps, 256))).toMatchObject({ answer: "refused" });
  expect(fitIn([small, large], 16, 0x400, 0)).toEqual([]);
});

test("the best is one that fits, else one that could, and of several the one with most room", () => {
  const region = (largestFree: number, isExact: boolean, free = largestFree): FitRegion =>
    regionOf(0, 64 << 10, free, largestFree, isExact);
  const best = (...regions: readonly FitRegion[]): unknown => {
    const fit = bestFit(fitIn(regions, 1000, caps, 0));
    return fit && [fit.answer, likely(fit.region.largestFreeBytes)];
  };
  expect(best()).toBeUndefined();
  expect(best(region(500, true), region(900, true))).toEqual(["refused", 900]);
  expect(best(region(900, true), region(500, false, 5000))).toEqual(["could", 500]);
  expect(best(region(9000, false), region(2000, true), region(3000, true))).toEqual(["fits", 3000]);
});

test("where history is missing only what is larger than the region is refused", () => {
  const region = { ...regionOf(0, 64 << 10, 100, 100, false), freeBytes: estimated(100) };
  expect(fitIn([region], 60_000, caps, 0)[0]?.answer).toBe("could");
  expect(fitIn([region], 70_000, caps, 0)[0]?.answer).toBe("refused");
});

test("what a request becomes depends on how large the region is, not on where it lies", () => {
  const needed = (start: number): unknown[] =>
    [12 << 10, 200 << 10, 4 << 20].map((bytes) => {
      return fitIn([regionOf(start, start + bytes, bytes)], 1000, caps, 0)[0]?.neededBytes;
    });
  expect([needed(0), needed(0x3ffb_0000)]).toEqual([
    [1024, 1024, 1008],
    [1024, 1024, 1008],
  ]);
});
