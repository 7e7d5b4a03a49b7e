import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { makeNames } from "../detect/names.ts";
import { viewBlock } from "./block-view.ts";

test("the story of an address: allocated, resized, moved away, allocated by another, freed; its neighbours", async () => {
  const model = await heapFromText(`
    malloc L@0x3ffb0000 32 main>low
    malloc A@0x3ffb0100 100 main>init
    @1s realloc A 120 main>grow
    @2s realloc A C@0x3ffb8000 300 main>move
    @3s task wifi core 1
    malloc D@0x3ffb00e0 200 wifi>rx
    @4s free D wifi>done
    @5s malloc E@0x3ffb0400 16 main>high
  `);
  const names = makeNames(model.tables);
  const story = await viewBlock(model, names, model.span, 0x3ffb0104);
  expect(story.events.map(({ kind, task, site }) => [kind, task, site?.text])).toEqual([
    ["allocated", "startup", "init"],
    ["resized", "startup", "grow"],
    ["moved-away", "startup", "move"],
    ["allocated", "wifi", "rx"],
    ["freed", "wifi", "done"],
  ]);
  expect([story.block, story.before?.address, story.after?.address]).toEqual([undefined, 0x3ffb0000, 0x3ffb0400]);
  const then = await viewBlock(model, names, { from: 0, to: 3.5e6 }, 0x3ffb0104);
  expect(then.block).toMatchObject({ address: 0x3ffb00e0, size: 200, site: { text: "rx" } });
});
