import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { likely } from "../base/quantity.ts";
import { makeNames } from "../detect/names.ts";
import { viewSites } from "./top-sites.ts";

test("at the peak: what each site held when all together held the most, which its own peak is not", async () => {
  const model = await heapFromText(`
    malloc A 100 main>early
    free A
    malloc B 60 main>late
    malloc C 70 main>both
    free C
    malloc D 10 main>early`);
  const { sites } = await viewSites(model, makeNames(model.tables), model.span, { order: "peak" });
  expect(sites.map((row) => [row.site.text, likely(row.bytesAtPeak), likely(row.peakBytes)])).toEqual([
    ["both", 70, 70],
    ["late", 60, 60],
    ["early", 0, 100],
  ]);
  const { bytes } = await model.peak();
  expect(sites.reduce((sum, row) => sum + likely(row.bytesAtPeak), 0)).toBe(bytes);
  const own = await viewSites(model, makeNames(model.tables), model.span, { order: "own-peak" });
  expect(own.sites[0]?.site.text).toBe("early");
});

test("two stacks of one place, one after the other, never hold more than the whole did", async () => {
  const model = await heapFromText(`
    malloc A 100 main>one>place
    free A
    malloc B 100 main>two>place
    free B`);
  const { sites } = await viewSites(model, makeNames(model.tables), model.span, { order: "peak" });
  expect(sites.map((row) => [likely(row.bytesAtPeak), likely(row.peakBytes)])).toEqual([[100, 100]]);
});
