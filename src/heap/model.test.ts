import { expect, test } from "vitest";
import { heapFromText, recordRun, testBoot } from "../../test/heap-text.ts";
import { openModel } from "./model.ts";
import type { BlockTable } from "./types.ts";

const sizes = (blocks: BlockTable): number[] => [...blocks.size].sort((a, b) => a - b);

const server = `
  malloc A 100 app.c:10:main>http.c:12:fetch caps:DMA var:body
  @1s malloc B 200 app.c:10:main>json.c:3:parse
  mark connected
  @2s task wifi core 1
  malloc C 300 wifi.c:7:rx
  @3s free B app.c:11:main
  @4s malloc D 50 wifi.c:7:rx
  @4.5s realloc A E 400 app.c:10:main>http.c:20:grow
  @5s free D
`;

test("what is live depends on the moment", async () => {
  const model = await heapFromText(server);
  expect(sizes(await model.liveAt(0.5e6))).toEqual([100]);
  expect(sizes(await model.liveAt(2.5e6))).toEqual([100, 200, 300]);
  expect(sizes(await model.liveAt(3e6))).toEqual([100, 300]);
  expect(sizes(await model.liveAt(Infinity))).toEqual([300, 400]);
  expect((await model.totalsAt(Infinity)).bytes).toEqual({ value: 700, lowest: 700, highest: 700 });
});

test("survivors, peak and activity of a window", async () => {
  const model = await heapFromText(server);
  expect(sizes(await model.survivors({ from: 1.5e6, to: 4.2e6 }))).toEqual([50, 300]);
  const peak = await model.peak();
  expect([peak.bytes, peak.blocks, peak.time]).toEqual([750, 3, 4.5e6]);
  expect((await model.peak({ from: 0, to: 3.5e6 })).bytes).toBe(600);
  expect((await model.peak(undefined, model.filter("task:wifi -func:grow"))).bytes).toBe(350);
  const activity = await model.activity();
  const rx = model.tables.sites.findIndex((site) => site.frames?.[0]?.file === "wifi.c");
  expect(activity.allocations[rx]).toBe(2);
  expect(activity.liveBytes[rx]).toBe(300);
  expect(activity.longestEnded[rx]).toBe(1e6);
});

test("an age in a filter holds for allocations too: at a block's death, or at the end of the window", async () => {
  const model = await heapFromText(server);
  const allocations = async (query: string, from = 0): Promise<number> => {
    const activity = await model.activity({ from, to: model.span.to }, model.filter(query));
    return activity.allocations.reduce((sum, count) => sum + count, 0);
  };
  expect(await allocations("live>0s")).toBe(5);
  expect(await allocations("live>1500ms")).toBe(3); // A, B, C; D lived for 1 s, and E has for half a second
  expect(await allocations("live>2500ms")).toBe(2); // A, C
  expect(await allocations("live>2500ms", 1.5e6)).toBe(1); // C; A was there before
  expect(await allocations("task:wifi -func:grow")).toBe(2);
});

test("a realloc goes on with the life of its block", async () => {
  const model = await heapFromText(server);
  const grown = await model.liveAt(Infinity, model.filter("func:grow"));
  expect([grown.reallocs[0], grown.born[0], grown.origin[0]]).toEqual([1, 4.5e6, 1000]);
  const activity = await model.activity();
  const site = grown.site[0] ?? 0;
  expect([activity.reallocs[site], activity.moves[site], activity.longestChain[site]]).toEqual([1, 1, 1]);
});

test("what is freed by the task's next call is temporary", async () => {
  const model = await heapFromText(`
    malloc A 10 f
    free A
    malloc B 10 g
    malloc C 10 h
    free B
    task other
    free C
  `);
  const { temporaryAllocations } = await model.activity();
  const byFunction = model.tables.sites.map((site, id) => [site.frames?.[0]?.function, temporaryAllocations[id]]);
  expect(byFunction.filter(([, count]) => count !== 0)).toEqual([["f", 1]]);
});

test("groups carry names and not ids", async () => {
  const model = await heapFromText(server);
  const blocks = await model.liveAt(2.5e6);
  const keys = (by: Parameters<typeof model.group>[1]): string[] => model.group(blocks, by).map((group) => group.key);
  expect(keys("site")).toEqual(["wifi.c:7 rx", "json.c:3 parse", "http.c:12 fetch"]);
  expect(keys("task")).toEqual(["startup", "wifi"]);
  expect(keys("caps")).toEqual(["none", "DMA"]);
  expect(keys("function")).toEqual(["rx", "parse", "fetch"]);
  expect(keys("size-class")).toEqual(["257–512 B", "129–256 B", "65–128 B"]);
  expect(keys("generation")).toEqual(["before the first mark", "1: connected"]);
  expect(keys("stack")).toEqual(["rx", "parse < main", "fetch < main"]);
});

test("a timeline has each bucket's extremes", async () => {
  const model = await heapFromText(server);
  const series = await model.timeline({ from: 0, to: 5e6 }, 5);
  expect([...series.lastBytes]).toEqual([100, 300, 600, 400, 700]);
  expect([...series.maxBytes]).toEqual([100, 300, 600, 600, 750]);
  const sites = await model.siteSeries({ from: 0, to: 5e6 }, 5);
  const total = (i: number): number =>
    sites.bytes.slice(i * sites.sites, (i + 1) * sites.sites).reduce((a, b) => a + b, 0);
  expect([0, 1, 2, 3, 4].map(total)).toEqual([300, 300, 400, 450, 700]);
});

test("after a gap, totals have bounds and blocks are uncertain", async () => {
  const model = await heapFromText(`
    malloc A 100 f
    @1s gap ?
    @2s malloc B 10 f
  `);
  expect((await model.totalsAt(0.5e6)).bytes).toEqual({ value: 100, lowest: 100, highest: 100 });
  expect((await model.totalsAt(2e6)).bytes).toEqual({ value: 110, lowest: 10, highest: Infinity });
  expect([...(await model.liveAt(2e6)).flags]).toEqual([1, 0]);
});

test("a run begins with its first event, also where that is the only one of its chunk", async () => {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    for (const time of [10, 1e10, 1e10 + 5]) sink.alloc(time, 0x3ffb_0000 + (time % 4096) * 16, 8, 1, 3, 0);
  });
  expect(run.chunks.map(({ rows }) => rows)).toEqual([1, 2]);
  const model = await openModel(run);
  expect([model.span, model.rows]).toEqual([{ from: 0, to: 1e10 + 5 }, 3]);
});
