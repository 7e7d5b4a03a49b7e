import { expect, test } from "vitest";
import { heapFromText, recordRun, testBoot } from "../../test/heap-text.ts";
import { openModel } from "./model.ts";
import type { Run } from "./run.ts";

const text = `
  malloc A 100 app.c:10:main>http_client.c:12:fetch caps:DMA|INTERNAL var:body
  @1s malloc B 2000 components/json/json.c:3:parse caps:8BIT
  mark begin
  @5s task wifi core 1
  malloc C 64 wifi.c:7:rx caps:DMA
  mark the end
  @10s malloc D 48 wifi.c:9:tx
`;

test("of marks of one name the last is meant, with and without mark:, as by --at", async () => {
  const model = await heapFromText("mark round\n@1s malloc A 100\nmark round\n@2s malloc B 50");
  const { length } = await model.liveAt(model.span.to);
  const bornSince = async (query: string): Promise<number> =>
    (await model.liveAt(model.span.to, model.filter(query))).length;
  expect([length, await bornSince("born>=round"), await bornSince("born>=mark:round")]).toEqual([2, 1, 1]);
});

test.each([
  ["site:http_client.c", "A"],
  ["http_client", "A"],
  ["file:wifi func:rx,tx", "CD"],
  ["wifi -func:tx", "C"],
  ["SITE:Json.C", "B"],
  ["component:json", "B"],
  ["var:body", "A"],
  ["task:wifi", "CD"],
  ["task:startup", "AB"],
  ["core:1", "CD"],
  ["caps:DMA", "AC"],
  ["caps:dma|internal", "A"],
  ["caps:MALLOC_CAP_8BIT,0x8", "ABC"],
  ["size>1k", "B"],
  ["size<=64", "CD"],
  ["size:64", "C"],
  ["size:48..100", "ACD"],
  ["size:..64", "CD"],
  ["live>8s", "AB"],
  ["live<100ms", "D"],
  ["born>=5s", "CD"],
  ['born:begin.."the end"', "C"],
  ["addr:0x3ffb0004", "A"],
  ["addr:0x3ffb0000..0x3ffb0100", "AB"],
  ["site:#1", "A"],
  ["", "ABCD"],
  ["addr:0x3ffb0050", "A"], // inside the block
  ["addr:0x3ffb0104..", "BCD"],
  ["task:wifi or component:json", "BCD"],
  ["task:wifi func:rx OR size:2000", "BC"],
  ["not task:wifi and not size>1k", "A"],
  ["!task:wifi", "AB"],
  ["func:f*", "A"],
  ["func:?x", "CD"],
  ["file:http*", "A"],
  ["http_client.c:12 fetch (body)", "A"],
  ['"http_client.c:12 fetch (body)"', "A"],
  ["http_cli…etch", "A"],
  ["born:start..mark:begin", "AB"],
  ["born:-6s..end", "CD"],
  ["born>60%", "D"],
  ['size:"33–64 B"', "CD"],
  ['live>"4.5 s"', "ABC"],
  ['core:"core 1"', "CD"],
  ["-task:wifi live>1s size<1k", "A"],
])("%s finds %s", async (query, found) => {
  const model = await heapFromText(text);
  const blocks = await model.liveAt(10e6, model.filter(query));
  const names = new Map([
    [100, "A"],
    [2000, "B"],
    [64, "C"],
    [48, "D"],
  ]);
  expect([...blocks.size].map((size) => names.get(size)).join("")).toBe(found);
});

test.each([
  ["task:wifi sise>1k", /column 11, "sise>1k": there is no "sise"/],
  ["size>big", /column 1, .*"big" is not a size/],
  ["live>10parsecs", /not a duration/],
  ["caps:DNA", /no capability "DNA"/],
  ['site:"http', /quote is not closed/],
  ["task>3", /cannot be compared/],
  ["site:", /has no value/],
  ["born:begin..middle", /"middle" is not a time/],
  ["method:foo", /no such method/],
  ["task:wifi or", /nothing stands after/],
  ["or task:wifi", /nothing stands before/],
])("%s is refused: %s", async (query, message) => {
  const model = await heapFromText(text);
  expect(() => model.filter(query)).toThrow(message);
  expect(() => model.filter(query)).toThrow(expect.objectContaining({ code: "usage-query" }) as Error);
});

test("names that nothing has are told, with the nearest that exist", async () => {
  const model = await heapFromText(text);
  const remarks = (query: string): readonly string[] => model.filter(query).remarks;
  expect(remarks("task:wfi")).toEqual(["no task of this run matches wfi; near are wifi"]);
  expect(remarks("func:fetsch,rx")).toEqual(["no func of this run matches fetsch; near are fetch"]);
  expect(remarks("-http_cleint.c")).toHaveLength(1);
  expect(remarks("core:7")).toEqual(["no block is of core 7: the chip has cores 0 and 1"]);
  expect(remarks("task:wifi func:f* component:json core:1")).toEqual([]);
});

const odd = `
  malloc A 10 a.c:1:main
  @1s malloc B 20 b.c:2:rx caps:DMA
  @2s malloc C 30
  @3s task wifi core 1 malloc D 0 c.c:3:tx
`;

test.each([
  ["caps:none", "ACD"],
  ["caps:none,DMA", "ABCD"],
  ["addr>=0x3ffb0024", "CD"],
  ["addr<3ffb0014", "A"],
  ["addr:..0x3ffb0014", "AB"],
  ["addr:3ffb000d", "A"], // the last byte of A
  ["addr:0x3ffb000e", ""], // behind it
  ["addr:1073414148", "A"],
  ["addr:0x3ffb0050", "D"], // no bytes, but a place
  ["addr:0x3ffb0004,0x3ffb0020", "AB"],
  ["method:malloc", "ABD"],
  ["method:unknown", "C"],
  ['site:"a place that is not known"', "C"],
  ["size<10", "D"],
  ["size>10", "BC"],
  ["size:10,30..", "AC"],
  ["born<1s", "A"],
  ["born:1s", "B"],
  ["born:..2s", "ABC"],
  ["live>=2s", "AB"],
  ["live:0..1s", "CD"],
  ["core:0,1", "ABCD"],
  ["task:startup,wi*", "ABCD"],
  ["site:a.c,b.c", "AB"],
  ["a.c,b.c", ""],
  ["file:a.c", "A"],
  ["func:RX", "B"],
  ["region:DRAM", ""],
  ["(rx", ""],
])("%s finds %s of blocks at their limits", async (query, found) => {
  const model = await heapFromText(odd);
  const { size } = await model.liveAt(3e6, model.filter(query));
  const names = new Map([
    [10, "A"],
    [20, "B"],
    [30, "C"],
    [0, "D"],
  ]);
  expect([...size].map((one) => names.get(one)).join("")).toBe(found);
});

test.each([
  ["size>big", '"big" is not a size such as 64, 4k or 1M', "Write size> and a size such as 64, 4k or 1M."],
  ["size:1..x", '"x" is not a size such as 64, 4k or 1M', "Write size: and a size such as 64, 4k or 1M."],
  ["live>x", '"x" is not a duration such as 500ms, 10s or 2h', "Write live> and a duration such as 500ms, 10s or 2h."],
  [
    "born>x",
    '"x" is not a time such as 10s, 50% or mark:NAME, or the name of a mark',
    "Write born> and a time such as 10s, 50% or mark:NAME, or the name of a mark.",
  ],
  ["core:x", '"x" is not a core\'s number', "Write core: and a core's number."],
  ["addr>x", '"x" is not an address', "Write addr> and an address."],
  ["addr:x", '"x" is not an address', "Write addr: and an address."],
  ["task>3", '"task" is a name and cannot be compared with >', "Write task:3."],
  ["caps>DMA", '"caps" is a name and cannot be compared with >', "Write caps:DMA."],
  ["core>1", '"core" is a name and cannot be compared with >', "Write core:1."],
  [
    "method:foo",
    "there is no such method",
    "Known ones: unknown, malloc, calloc, realloc, aligned alloc, free, registered.",
  ],
  [
    "sise>1k",
    'there is no "sise" to ask for',
    "Did you mean site or size? Use one of site, file, func, function, var, variable, component, method, task, caps, region, core, addr, size, live, born; a name with : < or > in it goes in quotes.",
  ],
])("%s is refused in full: %s", async (query, what, hint) => {
  const model = await heapFromText(odd);
  const message = `the query cannot be read at column 1, "${query}": ${what}`;
  expect(() => model.filter(query)).toThrow(expect.objectContaining({ message, hint, code: "usage-query" }) as Error);
});

test("what a filter says of itself", async () => {
  const model = await heapFromText(odd);
  const told = (query: string): unknown => {
    const { query: shown, hasAge, remarks } = model.filter(query);
    return { query: shown, hasAge, remarks };
  };
  expect(told("  rx   or -live>1s ")).toEqual({ query: "rx   or -live>1s", hasAge: true, remarks: [] });
  expect(told("method:malloc caps:DMA addr>0 size:1 born:start func:tx")).toMatchObject({ hasAge: false, remarks: [] });
  expect(told("zzzz,y")).toMatchObject({ remarks: ["no call site of this run matches zzzz,y"] });
  expect(told("site:zzzz,rx,yyyy")).toMatchObject({ remarks: ["no call site of this run matches zzzz, yyyy"] });
  expect(told("file:bc")).toMatchObject({ remarks: ["no file of this run matches bc; near are b.c"] });
  expect(told("region:x")).toMatchObject({ remarks: ["no region of this run matches x"] });
  expect(told("core:1,2")).toMatchObject({ remarks: ["no block is of core 2: the chip has cores 0 and 1"] });
});

test("what looks like a term is a site where a site is called so", async () => {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.record({ kind: "site", value: { id: 1, method: 1, caps: 0, function: "get<int>" } });
    sink.alloc(1, 0x3ffb0000, 8, 1, 3, 0);
    sink.alloc(1, 0x3ffb0100, 16, 2, 3, 0);
  });
  const model = await openModel(run);
  expect([...(await model.liveAt(1, model.filter("get<int>"))).size]).toEqual([8]);
  expect([...(await model.liveAt(1, model.filter("-get<int>"))).size]).toEqual([16]);
  expect(model.filter("get<int>").remarks).toEqual([]);
});

/** Remarks on `core:1` of a run of this chip. */
async function remarksOf(chip: string | undefined, query: string): Promise<readonly string[]> {
  const { chip: _, ...boot } = testBoot;
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...boot, ...(chip !== undefined && { chip }) } });
    sink.alloc(1, 0x3ffb0000, 8, 1, 3, 0);
  });
  return (await openModel(run)).filter(query).remarks;
}

test("a chip with one core has none but the first", async () => {
  for (const chip of ["esp32c3", "ESP32-S2", "esp32-h2", "ESP32-C6"]) {
    expect(await remarksOf(chip, "core:0,1")).toEqual(["no block is of core 1: the chip has one core, 0"]);
    expect(await remarksOf(chip, "core:0")).toEqual([]);
  }
  for (const chip of ["esp32", "esp32s3", "esp32p4", undefined]) expect(await remarksOf(chip, "core:1")).toEqual([]);
});

test("a block of a site or a task that nothing describes is found by what tables print", async () => {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.alloc(1, 0x3ffb0000, 8, 1, 3, 0);
    sink.alloc(2, 0x3ffb0100, 16, 0, 4, 1);
  });
  const model = await openModel(run);
  const found = async (query: string): Promise<number[]> => [...(await model.liveAt(9, model.filter(query))).size];
  expect(await found('"site 1"')).toEqual([8]);
  expect(await found("task:3")).toEqual([8]);
  expect(await found('"place that is not"')).toEqual([16]);
  // Sites that came after the tables were read count as not known.
  const later = Object.create(run, {
    tables: { value: { ...run.tables, sites: run.tables.sites.slice(0, 1) } },
  }) as Run;
  const early = await openModel(later);
  expect([...(await early.liveAt(9, early.filter('"place that is not"'))).size]).toEqual([8, 16]);
  const none = await openModel(Object.create(run, { tables: { value: { ...run.tables, sites: [] } } }) as Run);
  expect([...(await none.liveAt(9, none.filter("*"))).size]).toEqual([]);
});
