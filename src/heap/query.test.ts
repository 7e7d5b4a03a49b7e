import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";

const text = `
  malloc A 100 app.c:10:main>http_client.c:12:fetch caps:DMA|INTERNAL var:body
  @1s malloc B 2000 components/json/json.c:3:parse caps:8BIT
  mark begin
  @5s task wifi core 1
  malloc C 64 wifi.c:7:rx caps:DMA
  mark the end
  @10s malloc D 48 wifi.c:9:tx
`;

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
