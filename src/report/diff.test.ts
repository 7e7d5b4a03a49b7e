import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { makeNames } from "../detect/names.ts";
import { diffLive, type DiffSide } from "./diff.ts";

async function side(text: string): Promise<DiffSide> {
  const model = await heapFromText(text);
  return { live: await model.liveAt(Infinity), names: makeNames(model.tables), time: model.span.to };
}

test("a moved line is the same site, a new function is not", async () => {
  const before = await side(`
    malloc A 100 main>http.c:12:fetch
    malloc B 64 main>http.c:30:parse`);
  const after = await side(`
    malloc A 100 main>http.c:15:fetch
    malloc B 100 main>http.c:15:fetch
    malloc C 32 main>json.c:3:load`);
  const diff = diffLive(before, after);
  expect(diff.rows.map(({ where, before: was, change }) => [where, was, change])).toEqual([
    ["http.c:15 fetch", "http.c:12 fetch", 100],
    ["http.c:30 parse", undefined, -64],
    ["json.c:3 load", undefined, 32],
  ]);
});

test("two sites of one function keep their order when both lines move", async () => {
  const before = await side(`
    malloc A 100 main>http.c:12:fetch
    malloc B 40 main>http.c:20:fetch`);
  const after = await side(`
    malloc A 100 main>http.c:17:fetch
    malloc B 40 main>http.c:25:fetch
    malloc C 40 main>http.c:25:fetch`);
  const diff = diffLive(before, after);
  expect(diff.unchangedSites).toBe(1);
  expect(diff.rows).toMatchObject([{ where: "http.c:25 fetch", before: "http.c:20 fetch", change: 40 }]);
});

test("equal sides have no rows", async () => {
  const one = await side("malloc A 100 main>fetch");
  expect(diffLive(one, one)).toMatchObject({ rows: [], unchangedSites: 1, bytesA: 100, bytesB: 100 });
});
