// The order of groups, and of the sites within one: what is equal by one measure is ordered by the next.
import { expect, test } from "vitest";
import { heapFromText, testBoot } from "../../test/heap-text.ts";
import type { HeapModel } from "./model-api.ts";
import { groupBlocks } from "./group.ts";

async function groupsOf(text: string, by: Parameters<HeapModel["group"]>[1]): Promise<unknown> {
  const model = await heapFromText(text);
  const blocks = await model.liveAt(model.span.to);
  const names = model.tables.sites.map((site) => site.frames?.[0]?.function ?? "?");
  return model
    .group(blocks, by)
    .map((group) => [group.key, group.bytes, group.blocks, group.sites.map((id) => names[id])]);
}

test("groups come by bytes, then by blocks, then by their names", async () => {
  const text = `
    malloc A 10 zeta
    malloc B 10 alpha
    malloc C 5 twice
    malloc D 5 twice
    malloc E 11 most
  `;
  expect(await groupsOf(text, "function")).toEqual([
    ["most", 11, 1, ["most"]],
    ["twice", 10, 2, ["twice"]],
    ["alpha", 10, 1, ["alpha"]],
    ["zeta", 10, 1, ["zeta"]],
  ]);
});

test("sites of a group come by bytes, those with as many as they came about, wherever their blocks lie", async () => {
  const text = `
    malloc A@0x3ffb8000 8 first
    malloc B@0x3ffb4000 8 second
    malloc C 20 most
    malloc D@0x3ffb9000 1 first
    malloc E@0x3ffb3000 1 second
    malloc F 1 least
  `;
  expect(await groupsOf(text, "core")).toEqual([["core 0", 39, 6, ["most", "first", "second", "least"]]]);
});

test("of a sample, each block stands for several", async () => {
  const model = await heapFromText("task one\nmalloc A 8 f\nmalloc B 100 g");
  const blocks = await model.liveAt(model.span.to);
  const sampled = { tables: { ...model.tables, boots: [{ ...testBoot, startedAt: 0, sampleInterval: 10 }] } };
  const [group] = groupBlocks(blocks, "task", { ...sampled, resolver: undefined, regions: [] });
  expect(group).toMatchObject({ key: "one", blocks: 20, bytes: 1080 });
});
