import { expect, test } from "vitest";
import type { NamedFrame } from "../wire/fields.ts";
import { groupBlocks, groupingBy, methodName, type NameSource } from "./group.ts";
import { TableBuilder, unknownSite } from "./notes.ts";
import type { RunSite } from "./run-records.ts";
import { framesOf, isAllocatorFrame, labelOf, moduleInPlaceOfName, nameOf, placeOfFrames } from "./site-names.ts";
import type { BlockTable, FrameResolver, GroupKey } from "./types.ts";

const site = (more: Partial<RunSite>): RunSite => ({ ...unknownSite(7, 9, 0), ...more });

/** Names addresses from 0x400d0000 on as f0, f1 …; the first is inlined into g. */
const resolver: FrameResolver = {
  frames: (address) =>
    address < 0x400d_0000
      ? []
      : address === 0x400d_0000
        ? [{ function: "f0", file: "/src/components/net/a.c", line: 3 }, { function: "g" }]
        : [{ function: `f${address - 0x400d_0000}` }],
  pointee: () => undefined,
  mismatch: () => undefined,
};

test("frames are what is told, else what the addresses are called, else the macro's own place", () => {
  const frames: NamedFrame[] = [{ function: "x" }];
  expect(framesOf(site({ frames, callers: [0x400d_0001], file: "a.c" }), resolver)).toEqual(frames);
  expect(
    framesOf(site({ frames: [], callers: [0x400d_0000, 0x400d_0002] }), resolver).map((one) => one.function),
  ).toEqual(["f0", "g", "f2"]);
  expect(framesOf(site({ callers: [0x400d_0001] }), undefined)).toEqual([]);
  expect(framesOf(site({ callers: [1], file: "a.c", line: 3 }), resolver)).toEqual([
    { function: "?", file: "a.c", line: 3 },
  ]);
  expect(framesOf(site({ file: "a.c" }), resolver)).toEqual([{ function: "?", file: "a.c" }]);
  expect(framesOf(site({ function: "f" }), resolver)).toEqual([{ function: "f" }]);
  expect(framesOf(site({ line: 3 }), resolver)).toEqual([]);
});

test("a place is named by what the macro told, else by the first frame that is no allocator", () => {
  expect(nameOf(site({ file: "main/a.c", line: 3, callers: [0x400d_0001] }), resolver)).toEqual({
    file: "main/a.c",
    line: 3,
    component: "main",
  });
  expect(nameOf(site({ function: "f" }), resolver)).toEqual({ function: "f" });
  const frames = [
    { function: "malloc" },
    { function: "f", file: "components/lwip/src/x.c", line: 8 },
    { function: "main" },
  ];
  expect(nameOf(site({ frames }), undefined)).toEqual({
    function: "f",
    file: "components/lwip/src/x.c",
    line: 8,
    component: "lwip",
  });
  expect(nameOf(site({ frames: [{ function: "malloc", module: "libc.so" }] }), undefined)).toEqual({
    function: "malloc",
    component: "libc.so",
  });
  expect(nameOf(site({}), undefined)).toEqual({});
  expect(nameOf(site({ callers: [0x400d_0000] }), resolver)).toEqual({
    function: "f0",
    file: "/src/components/net/a.c",
    line: 3,
    component: "net",
  });
});

test.each([
  ["/x/components/lwip/src/x.c", "lwip"],
  ["managed_components\\a__b\\x.c", "a__b"],
  ["components/a/components/b/x.c", "b"],
  ["components/x.c", undefined],
  ["/app/main/net/x.c", "main"],
  ["main", undefined],
  ["src/x.c", undefined],
])("%s belongs to %s", (file, component) => {
  expect(nameOf(site({ file }), undefined).component).toBe(component);
});

test("allocators are passed over, templates of the library too", () => {
  const names = ["malloc", "std::allocator<int>::allocate", "__gnu_cxx::new_allocator<int>::allocate", "my::allocator"];
  expect(names.map((name) => isAllocatorFrame({ function: name }))).toEqual([true, true, true, false]);
  expect(placeOfFrames([]).at).toBe(0);
  expect(placeOfFrames([{ function: "malloc" }])).toMatchObject({ at: 0 });
  expect(placeOfFrames([{ function: "malloc" }, { function: "f" }])).toMatchObject({ at: 1 });
  expect(placeOfFrames([{ function: "malloc" }, { function: "?" }, { function: "?" }])).toEqual({ at: 1 });
});

test("labels have what is known", () => {
  const label = (more: Partial<RunSite>, name: Parameters<typeof labelOf>[1]): string => labelOf(site(more), name);
  expect(label({}, { file: "a/b.c", line: 3, function: "f" })).toBe("b.c:3 f");
  expect(label({}, { file: "a/b.c", function: "f" })).toBe("b.c f");
  expect(label({}, { file: "a/b.c", line: 3 })).toBe("b.c:3");
  expect(label({}, { file: "a/b.c", line: 3, through: "g" })).toBe("b.c:3 through g");
  expect(label({}, { component: "libc.so" })).toBe("somewhere in libc.so");
  expect(label({}, { function: "??", component: "libc.so" })).toBe("somewhere in libc.so");
  expect(label({}, { function: "f", component: "libc.so" })).toBe("f");
  expect(label({ callers: [0x4008_0000, 0x400d_1234] }, {})).toBe("0x400d1234");
  expect(label({ callers: [0x4008_0000] }, {})).toBe("0x40080000");
  expect(label({}, {})).toBe("site 9");
  expect(label({ id: 0 }, {})).toBe("unknown site");
  expect([
    moduleInPlaceOfName(undefined, undefined),
    moduleInPlaceOfName("", "m"),
    moduleInPlaceOfName("f", "m"),
  ]).toEqual([undefined, "somewhere in m", undefined]);
});

/** [size, site] of each block. */
function table(blocks: readonly (readonly [number, number])[]): BlockTable {
  const { length } = blocks;
  return {
    length,
    address: new Uint32Array(length),
    size: Uint32Array.from(blocks, ([size]) => size),
    site: Uint32Array.from(blocks, ([, id]) => id),
    task: new Uint16Array(length),
    core: new Uint8Array(length),
    born: new Float64Array(length),
    origin: new Float64Array(length),
    reallocs: new Uint16Array(length),
    flags: new Uint8Array(length),
  };
}

function sourceOf(sites: readonly Partial<RunSite>[]): NameSource {
  const known = [unknownSite(0, 0, -1), ...sites.map((one, i) => ({ ...unknownSite(i + 1, i + 1, 0), ...one }))];
  return { tables: { ...new TableBuilder().tables, sites: known }, resolver, regions: [] };
}

test("equal groups go by the number of blocks, then by name; equal sites by number", () => {
  const source = sourceOf([
    { function: "b" },
    { function: "a" },
    { function: "c" },
    { function: "b" },
    { function: "d" },
  ]);
  const blocks = table([
    [10, 1],
    [20, 2],
    [30, 3],
    [10, 4],
    [20, 5],
  ]);
  expect(
    groupBlocks(blocks, "function", source).map(({ key, bytes, blocks: count, sites }) => [key, bytes, count, sites]),
  ).toEqual([
    ["c", 30, 1, [3]],
    ["b", 20, 2, [1, 4]],
    ["a", 20, 1, [2]],
    ["d", 20, 1, [5]],
  ]);
  const uneven = table([
    [1, 1],
    [9, 4],
  ]);
  expect(groupBlocks(uneven, "function", source)[0]?.sites).toEqual([4, 1]);
  // Sites that came after the tables were read are as not known.
  expect(groupBlocks(table([[5, 77]]), "site", source)).toMatchObject([{ key: "unknown site", sites: [77] }]);
});

test.each<[GroupKey, readonly string[]]>([
  ["stack", ["unknown site", "f0 < g < f1", "0x00000001 < 0x00000002", "f"]],
  ["variable", ["?", "v"]],
  ["method", ["unknown", "aligned alloc"]],
  ["caps", ["none", "DMA"]],
  ["file", ["?", "/src/components/net/a.c"]],
  ["component", ["?", "net"]],
  ["function", ["?", "f0", "f"]],
])("by %s there are %o", (by, expected) => {
  const source = sourceOf([
    { callers: [0x400d_0000, 0x400d_0001], variable: "v" },
    { callers: [1, 2], method: 4 },
    { function: "f", caps: 8 },
  ]);
  const blocks = table([
    [9, 0],
    [8, 1],
    [7, 2],
    [6, 3],
  ]);
  const keys = groupBlocks(blocks, by, source).map(({ key }) => key);
  expect(new Set(keys)).toEqual(new Set(expected));
  expect(new Set(groupingBy(by, source).keys)).toEqual(new Set(["?", ...expected]));
});

test("groups that are known before any block is", () => {
  const source = sourceOf([]);
  expect(groupingBy("core", source).keys).toEqual(["core 0", "core 1", "core 2", "core 3"]);
  expect(groupingBy("boot", source).keys).toEqual(["boot 1"]);
  expect(groupingBy("generation", source).keys).toEqual(["before the first mark"]);
  expect(groupingBy("task", source).keys).toEqual(["?", "startup", "interrupt", "other"]);
  const { keys, groupOf } = groupingBy("size-class", source);
  expect([keys.length, keys[0], keys[1], keys[3], keys[33]]).toEqual([
    34,
    "0 B",
    "1 B",
    "3–4 B",
    "2147483649–4294967296 B",
  ]);
  const classOf = (size: number): string | undefined => keys[groupOf(0, size, 0, 0, 0)];
  expect([0, 1, 2, 3, 4, 5, 8, 9, 2 ** 31, 2 ** 32 - 1].map(classOf)).toEqual([
    "0 B",
    "1 B",
    "2 B",
    "3–4 B",
    "3–4 B",
    "5–8 B",
    "5–8 B",
    "9–16 B",
    "1073741825–2147483648 B",
    "2147483649–4294967296 B",
  ]);
  expect([0, 4, 99].map(methodName)).toEqual(["unknown", "aligned alloc", "unknown"]);
});
