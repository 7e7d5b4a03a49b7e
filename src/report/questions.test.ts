import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { exactly, likely } from "../base/quantity.ts";
import { askedOf } from "./asked.ts";
import { groupMap, neighboursOf, rowAt } from "./block-map.ts";
import { flameRows } from "./flame-view.ts";
import { answer } from "./questions.ts";
import { viewSites } from "./top-sites.ts";

const text = `
  malloc A 100 main>http.c:12:fetch
  malloc B 64 main>http.c:30:parse
  malloc C 100 main>http.c:12:fetch
  free B main
  malloc D 32 main>json.c:3:load`;

async function asked() {
  return askedOf(await heapFromText(text));
}

test("every view of a moment has the same bytes and blocks", async () => {
  const run = await asked();
  const { to, from } = run.model.span;
  const window = { from, to };
  const totals = await answer(run, { kind: "totals", time: to, filter: "" });
  const map = await answer(run, { kind: "map", time: to, filter: "" });
  const groups = groupMap(map, "site");
  const blocks = await answer(run, {
    kind: "blocks",
    time: to,
    filter: "",
    order: "size",
    descending: true,
    offset: 0,
    count: 10,
  });
  const sites = await answer(run, {
    kind: "sites",
    window,
    filter: "",
    order: "liveBytes",
    descending: true,
    offset: 0,
    count: 10,
  });
  const flame = await answer(run, {
    kind: "flame",
    window,
    cost: "liveBytes",
    group: "stack",
    inverted: false,
    filter: "",
  });
  const growth = await answer(run, { kind: "growth", window, by: "site", filter: "", limit: 10 });
  expect(totals).toMatchObject({ liveBytes: exactly(232), liveBlocks: exactly(3) });
  expect(map.length).toBe(3);
  expect(groups.liveBytes.reduce((a, b) => a + b, 0)).toBe(232);
  expect(blocks).toMatchObject({ rowCount: 3, liveBytes: exactly(232), liveBlocks: exactly(3) });
  expect(sites.sites.reduce((sum, { liveBytes }) => sum + likely(liveBytes), 0)).toBe(232);
  expect(flame.value[0]).toBe(232);
  expect(growth.after.liveBytes).toEqual(exactly(232));
});

test("where events are missing, sites, blocks, growth and comparison are estimates, and the sites' bounds those of memmap top", async () => {
  const run = askedOf(await heapFromText("malloc A 100 main>a.c:1:f\ngap 3\nmalloc B 64 main>b.c:2:g"));
  const { span: window } = run.model;
  const stretch = { filter: "", offset: 0, count: 10, descending: true } as const;
  const sites = await answer(run, { kind: "sites", window, order: "liveBytes", ...stretch });
  const top = await viewSites(run.model, run.names, window, { order: "live" });
  expect(sites.sites).toEqual(top.sites);
  expect(sites.sites.map(({ liveBytes }) => liveBytes.certainty)).toEqual(["bounded", "bounded"]);
  const bounded = { liveBytes: { certainty: "bounded" } };
  expect(await answer(run, { kind: "blocks", time: window.to, order: "size", ...stretch })).toMatchObject(bounded);
  expect(await answer(run, { kind: "growth", window, by: "site", filter: "", limit: 10 })).toMatchObject({
    before: { liveBytes: exactly(0) },
    after: bounded,
    change: bounded,
  });
  const moments = { before: window.from, after: window.to, other: false, by: "site", filter: "", limit: 10 } as const;
  expect(await answer(run, { kind: "compare", ...moments })).toMatchObject({
    before: { liveBytes: exactly(0) },
    after: bounded,
    change: bounded,
  });
});

test("a filter dims on the map what the table leaves out", async () => {
  const run = await asked();
  const { to } = run.model.span;
  const map = await answer(run, { kind: "map", time: to, filter: "size>50" });
  expect([...map.dimmed].reduce((a, b) => a + b, 0)).toBe(1);
  const totals = await answer(run, { kind: "totals", time: to, filter: "size>50" });
  expect(totals).toMatchObject({
    filter: "size>50",
    total: { liveBytes: exactly(232) },
    ...{ liveBytes: exactly(200), liveBlocks: exactly(2) },
  });
});

test("a filter that cannot be read says what is wrong with it", async () => {
  const run = await asked();
  await expect(answer(run, { kind: "map", time: 1, filter: "colour:red" })).rejects.toMatchObject({
    code: "usage-query",
  });
});

test("rows come sorted, and only those that are in view", async () => {
  const run = await asked();
  const ask = { kind: "blocks", time: run.model.span.to, filter: "", offset: 1, count: 1 } as const;
  const bySite = await answer(run, { ...ask, order: "site", descending: false });
  expect(bySite).toMatchObject({ rowCount: 3, firstRow: 1, siteNames: [expect.stringContaining("fetch")] });
  const bySize = await answer(run, { ...ask, order: "size", descending: false });
  expect([...bySize.size]).toEqual([100]);
});

test("the flame graph has each path once, and its table each name", async () => {
  const run = await asked();
  const { span } = run.model;
  const flame = await answer(run, {
    kind: "flame",
    window: span,
    cost: "allocations",
    group: "stack",
    inverted: false,
    filter: "",
  });
  expect(flame.value[0]).toBe(4);
  for (let node = 1; node < flame.length; node++) {
    const parent = flame.parent[node] ?? -1;
    expect(parent).toBeLessThan(node);
    expect(flame.value[node]).toBeLessThanOrEqual(flame.value[parent] ?? 0);
  }
  const selfs = flameRows(flame).reduce((sum, { self }) => sum + self, 0);
  expect(selfs).toBe(4);
});

test("a comparison says what is new and what is gone", async () => {
  const run = await asked();
  const { from, to } = run.model.span;
  const compare = await answer(run, {
    kind: "compare",
    before: from,
    after: to,
    other: false,
    by: "site",
    filter: "",
    limit: 10,
  });
  const { before, after, change } = compare;
  expect(likely(after.liveBytes) - likely(before.liveBytes)).toBe(likely(change.liveBytes));
  expect(compare.groups.map(({ key }) => key).join()).toContain("load");
});

test("the map finds a block by any of its addresses, and its neighbours", async () => {
  const run = await asked();
  const map = await answer(run, { kind: "map", time: run.model.span.to, filter: "" });
  const first = map.address[0] ?? 0;
  expect(rowAt(map, first)).toBe(0);
  expect(rowAt(map, first + 50)).toBe(0);
  expect(rowAt(map, first - 1)).toBe(-1);
  expect(neighboursOf(map, 0).after).toBe(1);
});
