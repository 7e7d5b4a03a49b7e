// Which lines of a log are one failed request: echoes, layers, callers and repetitions, at the borders of each.
import { describe, expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import { type Asks, FailedAllocationReader } from "./failed-allocation-reader.ts";
import { ReportBuilder } from "./import-report.ts";
import { LogRun } from "./log-run.ts";
import { OverviewReader } from "./log-text.ts";

type Line = readonly [number: number, text: string, tag?: string, milliseconds?: number];
const ALL: Asks = { mayBe: () => true, some: () => true };

function readerOf(asks = ALL): { readonly run: LogRun; readonly reader: FailedAllocationReader; readonly told: Told } {
  const told = new Told(false);
  const run = new LogRun(told, new ReportBuilder("a.log", "log"), new OverviewReader().overview, 1);
  return { run, reader: new FailedAllocationReader(run, asks), told };
}
const lineOf = ([number, text, tag, milliseconds]: Line) => ({
  number,
  text,
  tags: tag === undefined ? [] : [tag],
  ...(milliseconds === undefined ? {} : { uptime: milliseconds * 1e3 }),
});

/** Of each request its line and what it was known as, and the lines that joined it. */
function requests(...lines: readonly Line[]): string[] {
  const { run, reader } = readerOf();
  for (const line of lines) reader.line(lineOf(line));
  run.endBoot();
  return run.report.finish().incidents.map(({ line, known, size, count, also = [] }) => {
    const joined = also.map((one) => one.replace(/:.*/s, ""));
    return [line, known, ...(size === undefined ? [] : [`${size} B`]), ...(count > 1 ? [`x${count}`] : []), ...joined.map((one) => `+${one}`)].join(" "); // prettier-ignore
  });
}

describe("an echo", () => {
  const failed: Line = [10, "malloc(100) failed", "net"];
  test.for<readonly [string, readonly Line[], readonly string[]]>([
    ["comes within eight lines", [failed, [18, "start failed: ESP_ERR_NO_MEM", "app"]], ["10 generic 100 B +18"]],
    ["not after nine", [failed, [19, "start failed: ESP_ERR_NO_MEM", "app"]], ["10 generic 100 B", "19 no-mem"]],
    [
      "counts from the one before",
      [failed, [18, "start failed: ESP_ERR_NO_MEM", "app"], [26, "stop failed: ESP_ERR_NO_MEM", "app"]],
      ["10 generic 100 B +18 +26"],
    ],
  ])("%s", ([, lines, is]) => {
    expect(requests(...lines)).toEqual(is);
  });
});

describe("the layers of one driver", () => {
  const first: Line = [10, "failed to allocate 4096 bytes", "net"];
  test.for<readonly [string, Line, readonly string[]]>([
    ["say it within two lines", [12, "could not allocate 4096 bytes of it", "net"], ["10 generic 4096 B +12"]],
    ["not within three", [13, "could not allocate 4096 bytes of it", "net"], ["10 generic 4096 B x2"]],
    ["with a header less", [11, "could not allocate 4032 bytes of it", "net"], ["10 generic 4096 B +11"]],
    ["or more", [11, "could not allocate 4160 bytes of it", "net"], ["10 generic 4096 B +11"]],
    ["of no more than 64 bytes", [11, "could not allocate 4161 bytes of it", "net"], ["10 generic 4096 B", "11 generic 4161 B"]],
    ["nor less", [11, "could not allocate 4031 bytes of it", "net"], ["10 generic 4096 B", "11 generic 4031 B"]],
    ["by the same name", [11, "could not allocate 4096 bytes of it", "ui"], ["10 generic 4096 B", "11 generic 4096 B"]],
    ["without a size", [11, "could not allocate memory for it", "net"], ["10 generic 4096 B +11"]],
    ["and without what is free", [11, "could not allocate 4096 bytes, free 100", "net"], ["10 generic 4096 B x2"]],
    ["in words of their own", [11, "failed to allocate 4096 bytes", "net"], ["10 generic 4096 B x2"]],
  ])("%s", ([, next, is]) => {
    expect(requests(first, next)).toEqual(is);
  }); // prettier-ignore

  test("where the first told no size it is another", () => {
    expect(requests([10, "could not allocate memory for it", "net"], first)).toEqual([
      "10 generic",
      "10 generic 4096 B",
    ]);
    expect(requests([9, "could not allocate memory for it", "net"], first)).toEqual(["9 generic", "10 generic 4096 B"]);
  });

  test("also of others in the same moment, where it is told", () => {
    const at = (milliseconds: number | undefined, number = 12): readonly string[] =>
      requests([10, "failed to allocate 4096 bytes", "net", 100], milliseconds === undefined ? [number, "out of memory", "ui"] : [number, "out of memory", "ui", milliseconds]); // prettier-ignore
    expect(at(120)).toEqual(["10 generic 4096 B +12"]);
    expect(at(80)).toEqual(["10 generic 4096 B +12"]);
    expect(at(120.001)).toHaveLength(2);
    expect(at(79.999)).toHaveLength(2);
    expect(at(undefined)).toHaveLength(2);
    expect(at(120, 13)).toHaveLength(2);
    expect(requests([10, "failed to allocate 4096 bytes", "net"], [12, "out of memory", "ui", 100])).toHaveLength(2);
  });

  test("sockets say it of lwIP's buffers, in any moment", () => {
    const pool: Line = [10, "memp_malloc: out of memory", "net"];
    expect(requests(pool, [18, "errno 12", "app"])).toEqual(["10 lwip +18"]);
    expect(requests(pool, [19, "errno 12", "app"])).toEqual(["10 lwip", "19 enomem"]);
    expect(requests(pool, [13, "out of memory", "app"])).toHaveLength(2);
    expect(requests([10, "malloc(100) failed", "net"], [13, "errno 12", "app"])).toHaveLength(2);
  });
});

describe("who asked an allocator", () => {
  const allocator: Line = [10, "Mem alloc fail. size 0x00000400 caps 0x00000804", "heap"];
  test.for<readonly [string, Line, readonly string[]]>([
    ["says it within four lines", [14, "buffer: malloc(1024) failed", "ui"], ["10 abort-on-failure 1024 B +14"]],
    ["not within five", [15, "buffer: malloc(1024) failed", "ui"], ["10 abort-on-failure 1024 B", "15 generic 1024 B"]],
    [
      "of the same size",
      [14, "buffer: malloc(1023) failed", "ui"],
      ["10 abort-on-failure 1024 B", "14 generic 1023 B"],
    ],
    ["or of none", [14, "no memory for the buffer", "ui"], ["10 abort-on-failure 1024 B +14"]],
    ["and is no allocator", [14, "E:M 1024", "ui"], ["10 abort-on-failure 1024 B", "14 esp8266-em 1024 B"]],
  ])("%s", ([, next, is]) => {
    expect(requests(allocator, next)).toEqual(is);
  });
});

describe("the ESP8266's last request", () => {
  const oom: Line = [10, ":oom(1460)@WiFiClient.cpp:12"];
  const again = (number: number, size = 1460): Line => [number, `last failed alloc call: 40201234(${size})`];
  test("stands up to a hundred lines below, and is the same where its size is", () => {
    expect(requests(oom, again(110))).toEqual(["10 esp8266-oom 1460 B +110"]);
    expect(requests(oom, again(111))).toEqual(["10 esp8266-oom 1460 B", "111 esp8266-oom 1460 B"]);
    expect(requests(oom, again(20, 1461))).toEqual(["10 esp8266-oom 1460 B", "20 esp8266-oom 1461 B"]);
  });

  test("tells of what C++ could not have how much it was, and of nothing else", () => {
    expect(requests([10, "std::bad_alloc"], again(60))).toEqual(["10 bad-alloc 1460 B +60"]);
    expect(requests([10, "malloc(1460) failed"], again(60))).toEqual(["10 generic 1460 B", "60 esp8266-oom 1460 B"]);
  });
});

test("what() repeats the line before, and the same words again are the next failure", () => {
  expect(requests([10, "std::bad_alloc"], [18, "what():  std::bad_alloc"])).toHaveLength(1);
  expect(requests([10, "std::bad_alloc"], [19, "what():  std::bad_alloc"])).toEqual(["10 bad-alloc x2"]);
  expect(requests([10, "std::bad_alloc"], [11, "std::bad_alloc"])).toEqual(["10 bad-alloc x2"]);
});

test("the same refusal of C++ in other words is no further one, as long as it is near", () => {
  const words = "terminate called after throwing an instance of 'std::bad_alloc'";
  expect([requests([10, "std::bad_alloc"], [18, words]), requests([10, "std::bad_alloc"], [19, words])].map(({ length }) => length)).toEqual([1, 1]); // prettier-ignore
  expect(requests([10, "std::bad_alloc"], [18, words])[0]).not.toContain("x2");
  expect(requests([10, "malloc(5) failed"], [18, "std::bad_alloc"])).toHaveLength(2);
});

test("words that say more of it make it known", () => {
  expect(requests([10, "failed to allocate memory", "app"], [11, "E:M 100"])).toHaveLength(2);
  expect(requests([10, "failed to allocate memory", "AES driver"], [11, "alloc failed", "esp-aes"])).toEqual(["10 aes +11"]); // prettier-ignore
});

describe("what was asked for", () => {
  const announced: Line = [10, "Allocating 115200 bytes in PSRAM", "cam"];
  test("stands up to two lines before, told by the same one", () => {
    expect(requests(announced, [12, "malloc failed", "cam"])).toEqual(["12 generic 115200 B"]);
    expect(requests(announced, [13, "malloc failed", "cam"])).toEqual(["13 generic"]);
    expect(requests(announced, [11, "malloc failed", "ui"])).toEqual(["11 generic"]);
    expect(requests(announced, [11, "malloc(5) failed", "cam"])).toEqual(["11 generic 5 B"]);
    expect(requests(announced, [11, "malloc failed", "cam"], [12, "calloc failed: none", "cam"]).slice(1)).toEqual([]);
  });

  test("and is no request by itself", () => {
    const { reader } = readerOf();
    expect(reader.line(lineOf(announced))).toBe(false);
    expect(reader.mayTake(lineOf(announced))).toBe(true);
    expect(reader.mayTake(lineOf([1, "text"]))).toBe(false);
    expect(reader.mayTake(lineOf([1, "malloc(5) failed"]))).toBe(true);
    expect(reader.mayTake(lineOf([1, '  File "a.py", line 3, in f']))).toBe(true);
    expect(readerOf({ mayBe: () => false, some: () => true }).reader.mayTake(lineOf(announced))).toBe(false);
    expect([true, false].map((some) => readerOf({ mayBe: () => true, some: () => some }).reader.mayTake())).toEqual([true, false]); // prettier-ignore
  });
});

describe("who asked", () => {
  const sites = (...lines: readonly Line[]): readonly string[] => {
    const { run, reader, told } = readerOf();
    for (const line of lines) reader.line(lineOf(line));
    run.finish();
    return told.lines.filter((line) => line.startsWith("site"));
  };

  test("is the last frame of a traceback that ends up to two lines before", () => {
    const frames: Line[] = [
      [8, '  File "main.py", line 7, in run'],
      [10, '  File "lib.py", line 12'],
    ];
    const site = ["site id=1 method=0 caps=0x0 file=lib.py line=12 function=<module>"];
    const shown = (number: number) => sites(...frames, [number, "MemoryError: memory allocation failed, allocating 100 bytes"]).map((one) => one.replaceAll('"', "")); // prettier-ignore
    expect([shown(11), shown(12), shown(13)]).toEqual([site, site, []]);
    expect(sites([10, '  File "a.py", line 3, in f'], [11, "MemoryError: memory allocation failed, allocating 100 bytes"])).toEqual(["site id=1 method=0 caps=0x0 file=a.py line=3 function=f"]); // prettier-ignore
  });

  test("is the return address of its call", () => {
    expect(sites([10, "last failed alloc call: 40201234(1460)"])).toEqual(["site id=1 method=0 caps=0x0 callers=[0x40201234]"]); // prettier-ignore
  });
});

test("240 letters of the line are kept, 160 of those that join it", () => {
  const { run, reader } = readerOf();
  reader.line(lineOf([1, `  malloc(100) failed ${"x".repeat(300)}`, "net"]));
  reader.line(lineOf([2, `  failed: ESP_ERR_NO_MEM ${"y".repeat(300)}`, "net"]));
  run.endBoot();
  const [incident] = run.report.finish().incidents;
  expect([incident?.quote.length, incident?.also?.map(({ length }) => length)]).toEqual([240, [163]]);
});
