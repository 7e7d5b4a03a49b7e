import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { exactly } from "../base/quantity.ts";
import { makeNames } from "../detect/names.ts";
import { openModel } from "../heap/model.ts";
import { RunRecorder } from "../heap/run-recorder.ts";
import { Teller } from "../wire/teller.ts";
import { type DiffKey, viewDiff, type DiffQuestion } from "./diff.ts";

async function side(text: string): Promise<DiffQuestion> {
  const model = await heapFromText(text);
  return { model, names: makeNames(model.tables), time: model.span.to };
}

test("a moved line is the same site, a new function is not", async () => {
  const before = await side(`
    malloc A 100 main>http.c:12:fetch
    malloc B 64 main>http.c:30:parse`);
  const after = await side(`
    malloc A 100 main>http.c:15:fetch
    malloc B 100 main>http.c:15:fetch
    malloc C 32 main>json.c:3:load`);
  const diff = await viewDiff(before, after);
  expect(diff.sites.map(({ site, siteBefore, change }) => [site.text, siteBefore?.text, change.liveBytes])).toEqual([
    ["http.c:15 fetch", "http.c:12 fetch", exactly(100)],
    ["http.c:30 parse", undefined, exactly(-64)],
    ["json.c:3 load", undefined, exactly(32)],
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
  const diff = await viewDiff(before, after);
  expect(diff.unchangedSites).toBe(1);
  expect(diff.sites).toMatchObject([
    { site: { text: "http.c:25 fetch" }, siteBefore: { text: "http.c:20 fetch" }, change: { liveBytes: exactly(40) } },
  ]);
});

test("equal sides have no rows", async () => {
  const one = await side("malloc A 100 main>fetch");
  expect(await viewDiff(one, one)).toMatchObject({
    sites: [],
    unchangedSites: 1,
    before: { liveBytes: exactly(100) },
    after: { liveBytes: exactly(100) },
  });
});

test("a nameless place of a library is the same place, wherever the run loaded the library", async () => {
  const sideAt = (frame: string, size: number): Promise<DiffQuestion> => side(`malloc A ${String(size)} main>${frame}`);
  const before = await sideAt("lib.so+0x1b32", 100);
  expect((await viewDiff(before, await sideAt("lib.so+0x1b32", 100))).sites).toEqual([]);
  const loaded = await side("malloc A 100 main>fetch");
  const at = (text: string): DiffQuestion => ({
    ...loaded,
    names: { ...loaded.names, site: () => ({ text, function: text, frames: [], callers: [], stack: [] }) },
  });
  const places = [at("libQt5Core.so.5 0x7fbba86b5b32"), at("libQt5Core.so.5 0x7f1400001b32")] as const;
  expect(await viewDiff(...places)).toMatchObject({ sites: [], unchangedSites: 1 });
});

test("what a function, a file or a task holds more of", async () => {
  const before = await side(`
    malloc A 100 main>http.c:12:fetch
    malloc B 64 main>http.c:30:parse`);
  const after = await side(`
    malloc A 100 main>http.c:15:fetch
    malloc B 100 main>http.c:18:fetch
    malloc C 64 main>http.c:33:parse`);
  const changes = async (by: DiffKey): Promise<unknown> => {
    const { sites, unchangedSites } = await viewDiff(before, after, { by });
    return [sites.map(({ site, change }) => [site.text, change.liveBytes, change.liveBlocks]), unchangedSites];
  };
  expect(await changes("function")).toEqual([[["fetch", exactly(100), exactly(1)]], 1]);
  expect(await changes("file")).toEqual([[["http.c", exactly(100), exactly(1)]], 0]);
  expect(await changes("size-class")).toEqual([[[expect.any(String), exactly(100), exactly(1)]], 1]);
});

test("places of one library that only share their place within a page are told apart by how far the library moved", async () => {
  const sites = (names: readonly string[]): string =>
    names.map((name, i) => `malloc ${"ABCDE"[i] ?? ""} 100 main>${name}`).join("\n");
  const named = async (frames: readonly string[]): Promise<DiffQuestion> => {
    const one = await side(sites(frames.map((_, i) => `f${i}`)));
    const text = (id: number): string => {
      const name = one.names.site(id).text;
      return `libGL.so.1 ${frames[Number(name.replace(/\D/g, ""))] ?? name}`;
    };
    return {
      ...one,
      names: {
        ...one.names,
        site: (id) => ({ text: text(id), function: text(id), frames: [], callers: [], stack: [] }),
      },
    };
  };
  // Moved by 0x5000; …1b32 stands at three places of it.
  const before = await named(["0x7f0000001b32", "0x7f0000002b32", "0x7f0000003c40"]);
  const after = await named(["0x7f0000007b32", "0x7f0000008c40", "0x7f0000009b32"]);
  const diff = await viewDiff(before, after);
  expect(diff.unchangedSites).toBe(2);
  expect(diff.sites.map(({ site, change }) => [site.text, change.liveBytes])).toEqual([
    ["libGL.so.1 0x7f0000009b32", exactly(100)],
    ["libGL.so.1 0x7f0000001b32", exactly(-100)],
  ]);
});

test("the peak is a moment within its microsecond", async () => {
  const recorder = new RunRecorder();
  const teller = new Teller(recorder);
  teller.alloc(10, 0x1000, 100, 0, 0, 0);
  teller.alloc(10, 0x2000, 500, 0, 0, 0);
  teller.free(10, 0x2000, 0, 0, 0);
  teller.alloc(20, 0x3000, 50, 0, 0, 0);
  teller.flush();
  recorder.flush();
  const model = await openModel(recorder.run);
  const question = { model, names: makeNames(model.tables), time: 10 };
  const diff = await viewDiff({ ...question, atPeak: true }, { ...question, time: 20 });
  expect([diff.before.liveBytes, diff.after.liveBytes]).toEqual([exactly(600), exactly(150)]);
});
