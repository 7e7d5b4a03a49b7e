import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { likely } from "../base/quantity.ts";
import { makeNames } from "../detect/names.ts";
import type { GroupKey } from "../heap/types.ts";
import { viewGroups, viewSites } from "./top-sites.ts";

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

const tasks = `
    task wifi core 0
    malloc A 500 main>burst
    free A
    malloc B 60 main>rx
    @1s task http core 1
    malloc C 400 main>fetch
    free C
    malloc D 400 main>fetch
    mark quiet
    @2s free D
    malloc E 30 main>rx`;

test.each([
  ["live", ["wifi", "http"]],
  ["peak", ["wifi", "http"]],
  ["own-peak", ["wifi", "http"]],
  ["allocations", ["http", "wifi"]],
  ["churn", ["http", "wifi"]],
] as const)("groups by any key in any order: tasks by %s", async (order, expected) => {
  const model = await heapFromText(tasks);
  const { groups } = await viewGroups(model, model.span, { by: "task", order });
  expect(groups.map(({ key }) => key)).toEqual(expected);
  const of = Object.fromEntries(groups.map((group) => [group.key, group]));
  const numbers = (key: string): number[] => {
    const { liveBytes, bytesAtPeak, peakBytes, allocations, allocatedBytes, frees } = of[key]!; // eslint-disable-line @typescript-eslint/no-non-null-assertion -- it is in the run
    return [liveBytes, bytesAtPeak, peakBytes, allocations, allocatedBytes, frees].map(likely);
  };
  expect(numbers("wifi")).toEqual([60, 500, 500, 2, 560, 1]);
  expect(numbers("http")).toEqual([30, 0, 400, 3, 830, 2]);
});

const keys = [
  ...["site", "stack", "function", "file", "component", "variable", "method", "task"],
  ...["core", "caps", "region", "size-class", "generation", "boot"],
] as readonly GroupKey[];

test.each(keys)("by %s nothing is left out and nothing counted twice", async (by) => {
  const model = await heapFromText(tasks);
  const { groups } = await viewGroups(model, model.span, { by, order: "churn" });
  const sum = (field: "liveBytes" | "bytesAtPeak" | "allocations" | "allocatedBytes" | "frees"): number =>
    groups.reduce((total, group) => total + likely(group[field]), 0);
  const { bytes, allocations, allocatedBytes, frees } = await model.totalsAt(Infinity);
  expect([sum("liveBytes"), sum("allocations"), sum("allocatedBytes"), sum("frees")]).toEqual([
    bytes.value,
    allocations,
    allocatedBytes,
    frees,
  ]);
  expect(sum("bytesAtPeak")).toBe((await model.peak()).bytes);
  expect(groups.every((group) => likely(group.peakBytes) >= likely(group.bytesAtPeak))).toBe(true);
  expect(groups.every((group) => likely(group.peakBytes) >= likely(group.liveBytes))).toBe(true);
});

test("a window's beginning counts by every key", async () => {
  const model = await heapFromText(tasks);
  const { groups } = await viewGroups(model, { from: 1.5e6, to: model.span.to }, { by: "function", order: "churn" });
  expect(groups.map(({ key, allocations, frees }) => [key, likely(allocations), likely(frees)])).toEqual([
    ["rx", 1, 0],
    ["fetch", 0, 1],
  ]);
});
