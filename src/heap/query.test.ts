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
])("%s is refused: %s", async (query, message) => {
  const model = await heapFromText(text);
  expect(() => model.filter(query)).toThrow(message);
  expect(() => model.filter(query)).toThrow(expect.objectContaining({ code: "usage-query" }) as Error);
});
