// The numbers of a line, each with its unit, its words, and what it is or why it is none: all of them for each line.
import { describe, expect, test } from "vitest";
import { figuresOf } from "./figures.ts";
import { numbersIn, placesOf } from "./line-numbers.ts";
import { NO_FIGURE, NO_WORD } from "./memory-words.ts";

/** `value unit [label] quantity of memory, named or not`, or why not. */
function told(line: string, ...names: string[]): string[] {
  return figuresOf(line, names).map(({ index, value, unit, label, meaning }) => {
    const what = typeof meaning === "string" ? meaning : `${meaning.quantity} ${meaning.memory}${meaning.isNamed ? "" : ", not named"}`; // prettier-ignore
    return `${index}: ${value} ${unit} [${label}] ${what}`;
  });
}

const all = (lines: readonly string[], ...names: string[]): string =>
  lines.map((line) => [line, ...told(line, ...names).map((one) => `  ${one}`)].join("\n")).join("\n");

test("numbers: which stand by themselves, how they are written, their units", () => {
  expect(
    all([
      "free heap 1234",
      "free heap 1,234,567 bytes, 12,34 x",
      "free heap 120.344 Bytes",
      "free heap 120.344 x",
      "free heap = 0x1d4c0, at 0x3ffb1234",
      "free heap: 0x0001d4c0",
      "free heap 12.5 kB, 12.5 KiB, 3 kilobytes, 2 k",
      "free heap 1.5MB 2MiB 1 megabytes 4 M",
      "free heap 45% 45 percent 45 pct",
      "free heap 7B 8 octets 9 bytes",
      "v1.2.3 10.0.0.1 12:34 a-1 x.2 file.c:12 aa:bb:12 #3 4-bit 0x1F 5x0 6px_a",
      "free heap 12345bytes 120KBytes 7KB",
      "free heap after 196ru2 8171da 2cc8gu 6vzmpn9: 123456",
      "heap after task 3: -100",
      "free heap -12 +12 12",
      "free heap 12 mV 12 dBm 12 ms 12 lux 12 s 12 V",
      "free 1234 min 567 max 890",
      "free 12 s = 5",
    ]),
  ).toMatchInlineSnapshot(`
    "free heap 1234
      0: 1234 none [free heap] free any
    free heap 1,234,567 bytes, 12,34 x
      0: 1234567 bytes [free heap] free any
      1: 12 none [] its words name no figure of memory
    free heap 120.344 Bytes
      0: 120344 bytes [free heap] free any
    free heap 120.344 x
      0: 120.344 none [free heap] free any
    free heap = 0x1d4c0, at 0x3ffb1234
      0: 120000 none [free heap =] free any
    free heap: 0x0001d4c0
      0: 120000 none [free heap:] free any
    free heap 12.5 kB, 12.5 KiB, 3 kilobytes, 2 k
      0: 12800 bytes [free heap] free any
      1: 12800 bytes [] its words name no figure of memory
      2: 3072 bytes [] its words name no figure of memory
      3: 2048 bytes [] its words name no figure of memory
    free heap 1.5MB 2MiB 1 megabytes 4 M
      0: 1572864 bytes [free heap] free any
      1: 2097152 bytes [] its words name no figure of memory
      2: 1048576 bytes [] its words name no figure of memory
      3: 4194304 bytes [] its words name no figure of memory
    free heap 45% 45 percent 45 pct
      0: 45 percent [free heap] free any
      1: 45 percent [] its words name no figure of memory
      2: 45 percent [] its words name no figure of memory
    free heap 7B 8 octets 9 bytes
      0: 7 bytes [free heap] free any
      1: 8 bytes [] its words name no figure of memory
      2: 9 bytes [] its words name no figure of memory
    v1.2.3 10.0.0.1 12:34 a-1 x.2 file.c:12 aa:bb:12 #3 4-bit 0x1F 5x0 6px_a
    free heap 12345bytes 120KBytes 7KB
      0: 12345 bytes [free heap] free any
      1: 122880 bytes [] its words name no figure of memory
      2: 7168 bytes [] its words name no figure of memory
    free heap after 196ru2 8171da 2cc8gu 6vzmpn9: 123456
      0: 123456 none [free heap after 196ru2 8171da 2cc8gu 6vzmpn9:] free any
    heap after task 3: -100
      0: 3 none [heap after task] it belongs to the words of the next number
      1: 100 none [heap after task 3:] change any
    free heap -12 +12 12
      0: 12 none [free heap] change any
      1: 12 none [] change any
      2: 12 none [] its words name no figure of memory
    free heap 12 mV 12 dBm 12 ms 12 lux 12 s 12 V
      0: 12 none [free heap] “mV” is no unit of memory
      1: 12 none [] “dBm” is no unit of memory
      2: 12 none [] “ms” is no unit of memory
      3: 12 none [] “lux” is no unit of memory
      4: 12 none [] no word of memory
      5: 12 none [s] “V” is no unit of memory
    free 1234 min 567 max 890
      0: 1234 none [free] free any, not named
      1: 567 none [min] minimum any, not named
      2: 890 none [max] largest any, not named
    free 12 s = 5
      0: 12 none [free] no word of memory
      1: 5 none [s =] no word of memory"
  `);
});

test("words: before a number, behind it, of the clause it stands in, of who speaks", () => {
  expect(
    all([
      "Internal: free 123456, largest 23456",
      "heap (free=8120 < 10000)",
      "heap (size=8120)",
      "heap()=8120",
      "heap() = 8120, get() 4",
      "[heap] 8120; free 8000 | largest 7000",
      "{heap} free 8120} largest 7000",
      "heap free 8120 / 9000 x",
      'esp_free_heap_bytes{device="a"} 180344',
      "123456 bytes free heap, 23456 largest",
      "loop 12 free heap 3000",
      "123456 : heap free",
      "1234 bytes available 12 heap",
      "heap 1234 sockets",
      "heap 1234 sockets, 12",
      "memory card free 12345",
      "memory stick 12345 heap free 3",
      "RAM:   [==        ]  17.0% (used 55808 bytes from 327680 bytes)",
      "no numbers of the heap",
    ]),
  ).toMatchInlineSnapshot(`
    "Internal: free 123456, largest 23456
      0: 123456 none [Internal: free] free internal, not named
      1: 23456 none [largest] largest internal, not named
    heap (free=8120 < 10000)
      0: 8120 none [free=] free any
      1: 10000 none [<] its words name no figure of memory
    heap (size=8120)
      0: 8120 none [heap (size=] size any
    heap()=8120
      0: 8120 none [heap()=] size any
    heap() = 8120, get() 4
      0: 8120 none [heap() =] size any
      1: 4 none [get()] its words name no figure of memory
    [heap] 8120; free 8000 | largest 7000
      0: 8120 none [[heap]] size any
      1: 8000 none [free] free any
      2: 7000 none [largest] largest any
    {heap} free 8120} largest 7000
      0: 8120 none [free] free any
      1: 7000 none [largest] largest any
    heap free 8120 / 9000 x
      0: 8120 none [heap free] free any
      1: 9000 none [heap free] total any
    esp_free_heap_bytes{device="a"} 180344
      0: 180344 none [esp_free_heap_bytes] free any
    123456 bytes free heap, 23456 largest
      0: 123456 bytes [… free heap] free any
      1: 23456 none [… largest] largest any
    loop 12 free heap 3000
      0: 12 none [loop] no word of memory
      1: 3000 none [free heap] free any
    123456 : heap free
      0: 123456 none [… : heap free] free any
    1234 bytes available 12 heap
      0: 1234 bytes [… available] no word of memory
      1: 12 none [available] no word of memory
    heap 1234 sockets
      0: 1234 none [heap] it counts “sockets”
    heap 1234 sockets, 12
      0: 1234 none [heap] it counts “sockets”
      1: 12 none [] its words name no figure of memory
    memory card free 12345
      0: 12345 none [storagecard free] it is about “storagecard”
    memory stick 12345 heap free 3
      0: 12345 none [storagestick] no word of memory
      1: 3 none [heap free] free any
    RAM:   [==        ]  17.0% (used 55808 bytes from 327680 bytes)
    no numbers of the heap"
  `);
  expect(all(["free 12345", "largest 12", "12345"], "HEAP.x", "net:12")).toMatchInlineSnapshot(`
    "free 12345
      0: 12345 none [free] free any
    largest 12
      0: 12 none [largest] largest any
    12345
      0: 12345 none [] size any"
  `);
});

test("two names for two numbers, and a part with its whole", () => {
  expect(
    all([
      "Free heap/contiguous: 152340/110580",
      "loop 5, free heap/contiguous: 152340/110580",
      "rssi -60, loop 7, free heap/min/largest: 152340/110580/65536 and 4",
      "118432/294912 bytes free",
      "23276 of 163984 used",
      "heap used 23276 out of 163984",
      "heap 118432 bytes free of total 294912 bytes",
      "heap 294912/118432",
      "heap -5/7 free",
      "heap 45% (150000 of 320000 bytes)",
      "frag 45% (150000 of 320000)",
      "12 of 34 x",
    ]),
  ).toMatchInlineSnapshot(`
    "Free heap/contiguous: 152340/110580
      0: 152340 none [Free heap] free any
      1: 110580 none [contiguous] largest any
    loop 5, free heap/contiguous: 152340/110580
      0: 5 none [loop] no word of memory
      1: 152340 none [free heap] free any
      2: 110580 none [contiguous] largest any
    rssi -60, loop 7, free heap/min/largest: 152340/110580/65536 and 4
      0: 60 none [rssi] it has a sign: a change, and no state
      1: 7 none [loop] no word of memory
      2: 152340 none [free heap] free any
      3: 110580 none [min] minimum any
      4: 65536 none [largest] largest any
      5: 4 none [and] its words name no figure of memory
    118432/294912 bytes free
      0: 118432 none [free] free any, not named
      1: 294912 bytes [free] no word of memory
    23276 of 163984 used
      0: 23276 none [used] no word of memory
      1: 163984 none [used] no word of memory
    heap used 23276 out of 163984
      0: 23276 none [heap used] used any
      1: 163984 none [heap used] total any
    heap 118432 bytes free of total 294912 bytes
      0: 118432 bytes [heap] free any
      1: 294912 bytes [heap] total any
    heap 294912/118432
      0: 294912 none [heap] size any
      1: 118432 none [heap second column] unnamed any
    heap -5/7 free
      0: 5 none [heap] it has a sign: a change, and no state
      1: 7 none [… free] free any
    heap 45% (150000 of 320000 bytes)
      0: 45 percent [heap] used any
      1: 150000 none [(] used any
      2: 320000 bytes [(] total any
    frag 45% (150000 of 320000)
      0: 45 percent [frag] no word of memory
      1: 150000 none [(] no word of memory
      2: 320000 none [(] no word of memory
    12 of 34 x
      0: 12 none [x] no word of memory
      1: 34 none [x] no word of memory"
  `);
});

describe("numbers alone, by their places", () => {
  test("of a line whose words are known", () => {
    const numbers = numbersIn("free -5 12.5 kB 0x10 x=0x20 45% 1,234 +7");
    expect(numbers.map(({ value }) => value)).toEqual([5, 12_800, 0x20, 45, 1234, 7]);
    expect(numbers.map(({ signed, isNegative }) => [signed, isNegative])).toEqual([
      [true, true],
      ...Array.from({ length: 4 }, () => [false, false]),
      [true, false],
    ]);
  });

  test("those that are read by their digits alone", () => {
    expect(placesOf("a 12 b 3.5 kB c -4 d=0x20 e 1,234 f 120.344 Bytes g 5% h 7 B i 2 MB")).toEqual([
      { start: 2, end: 4, factor: undefined, hasFraction: false },
      { start: 7, end: 10, factor: 1024, hasFraction: true },
      undefined,
      undefined,
      undefined,
      undefined,
      { start: 52, end: 53, factor: undefined, hasFraction: false },
      { start: 57, end: 58, factor: 1, hasFraction: false },
      { start: 63, end: 64, factor: 1_048_576, hasFraction: false },
    ]);
  });

  test("at most 512 of a line", () => {
    expect(numbersIn("1 ".repeat(511))).toHaveLength(511);
    expect(numbersIn("1 ".repeat(513))).toHaveLength(512);
  });
});

test("words that are further away than 400 letters say nothing", () => {
  const far = (before: number, behind: number): string[] =>
    told(`heap free${" ".repeat(before)}12345${" ".repeat(behind)}`);
  expect(far(391, 0)).toEqual(["0: 12345 none [heap free] free any"]);
  expect(far(400, 0)).toEqual(["0: 12345 none [] no word of memory"]);
});

test("columns behind what is free are no larger than it and no less than 256; a whole is no less than its part", () => {
  const what = (line: string): readonly string[] =>
    figuresOf(line).map(({ meaning }) => (typeof meaning === "string" ? "none" : meaning.quantity));
  expect(what("[HEAP];132540;132540;256;300")).toEqual(["size", "unnamed", "unnamed", "unnamed"]);
  expect(what("[HEAP];132540;255;300")).toEqual(["size", "none", "none"]);
  expect(what("[HEAP];132540;132541;300")).toEqual(["size", "none", "none"]);
  expect(what("[HEAP];132540; largest 300")).toEqual(["size", "largest"]);
  expect(what("heap 118432/118432 bytes free")).toEqual(["free", "total"]);
  expect(what("heap 118433/118432 bytes free").slice(1)).not.toEqual(["total"]);
});

test("letters alone are figures of memory where what they would mean fits", () => {
  const what = (line: string): readonly string[] =>
    figuresOf(line).map(({ meaning }) => (typeof meaning === "string" ? "none" : `${meaning.quantity} ${meaning.isNamed}`));
  const both = ["free true", "largest true"];
  const none = ["none", "none"];
  expect(what("H=183220 MB=110592 MIN=180112")).toEqual([...both, "minimum true"]);
  expect(what('"mem":{"f":92144,"m":61428,"b":49140}')).toEqual(["free true", "minimum true", "largest true"]);
  expect(what("f=92144 b=61428")).toEqual(none);
  expect([what("H=183220 MB=183220"), what("H=183220 MB=183221")]).toEqual([both, none]);
  expect([what("H=1024 MB=1024"), what("H=1024 MB=1023"), what("H=1023 MB=1023")]).toEqual([both, none, none]);
  expect([what("H=8388608 MB=5000"), what("H=8388609 MB=5000")]).toEqual([both, none]);
  expect([what("H=50000% MB=40000%"), what("H=5000.5 MB=4000")]).toEqual([none, none]);
  expect([what("H=183220 x=110592"), what("MB=110592 MIN=100000")]).toEqual([none, none]);
  expect(what("H=183220 MB=110592 n=5")).toEqual([...both, "none"]);
}); // prettier-ignore

test("columns without names are counted, and named as what stands before them", () => {
  expect(told("at 5 [HEAP];132540;120100;65524;400;300;300;300;300")).toEqual([
    "0: 5 none [at] no word of memory",
    "1: 132540 none [[HEAP];] size any",
    ...["second", "third", "fourth", "fifth", "sixth", "further", "further"].map((column, i) => {
      const value = [120100, 65524, 400, 300, 300, 300, 300][i];
      return `${i + 2}: ${value} none [[HEAP]; ${column} column] unnamed any`;
    }),
  ]);
});

test("a part and its whole are named by what stands before them and behind", () => {
  expect(told("heap 1000/2000 x")).toEqual(["0: 1000 none [heap] size any", "1: 2000 none [heap] total any"]);
  expect(told("heap total 1000 of 2000").map((one) => one.replace(/.*] /, ""))).toEqual(["free any", "total any"]);
  expect(told("1000/2000 used heap, 5").slice(0, 2)).toEqual([
    "0: 1000 none [used heap] used any",
    "1: 2000 none [used heap] total any",
  ]);
  expect(told("12 heap used 1000/2000 (5)").slice(1, 3)).toEqual([
    "1: 1000 none [heap used] used any",
    "2: 2000 none [heap used] total any",
  ]);
  expect(told("1000/2000 free heap 7").slice(0, 2)).toEqual([
    "0: 1000 none [free heap] free any",
    "1: 2000 none [free heap] total any",
  ]);
});

test.each<readonly [string, readonly string[]]>([
  ["[heap] after display: 4096", ["size"]],
  ["[heap] after display: 4095", ["no figure"]],
  ["[heap] after display: 8388607", ["size"]],
  ["[heap] after display: 8388608", ["no figure"]],
  ["[heap] after write: 171000", ["no figure"]],
  ["[heap] a b c d: 171000", ["size"]],
  ["[heap] a b c d e: 171000", ["no figure"]],
  ["[heap] after display: 50000%", ["no figure"]],
  ["[heap] after display: 171000, x 5", ["no figure", "no figure"]],
  ["heap 38120 block 11264", ["size", "largest"]],
  ["heap 38120 block 38120", ["size", "largest"]],
  ["heap 38120 block 38121", ["size", "no figure"]],
  ["heap 38120 block 256", ["size", "largest"]],
  ["heap 38120 block 255", ["size", "no figure"]],
  ["free 38120 block 11264", ["free?", "largest?"]],
  ["block 1000 free 38120", ["no word", "free?"]],
  ["free 2048 blk 300", ["free?", "largest?"]],
  ["free 2047 blk 300", ["no word", "no word"]],
  ["free heap 38120 blocks 11264", ["free", "no figure"]],
  ["free 30296, sockets 2", ["free?", "it is about sockets"]],
  ["free 2048", ["free?"]],
  ["free 2047", ["no word"]],
  ["free 8388607", ["free?"]],
  ["free 8388608", ["no word"]],
  ["free 1024 bytes", ["free?"]],
  ["free 1023 bytes", ["no word"]],
  ["my free 1024 bytes", ["free?"]],
  ["my own free 1024 bytes", ["it is about “my”"]],
  ["free 33554431 bytes", ["free?"]],
  ["free 33554432 bytes", ["no word"]],
  ["free flash 30296", ["it is about flash"]],
  ['{"Heap":25,"Free":900}', ["size", "beside Heap"]],
  ["msys free 9, free heap 32768", ["it counts “msys”", "free"]],
  ["msys free 999, free heap 32768", ["it counts “msys”", "free"]],
  ["msys free 1000, free heap 32768", ["it is about “msys”", "free"]],
  ["msys free 9, free heap 32767", ["it is about “msys”", "free"]],
  ["heap avg/max/min: 5000/6000/4000", ["size", "most", "minimum"]],
  ["heap cur/avg/max: 5000/6000/7000", ["size", "no figure", "most"]],
  ["psram total 4000000", ["total psram"]],
  ["psram total 4000000 used 30000 free 2000", ["total psram", "used psram", "free psram"]],
  ["internal 5000", ["size internal?"]],
  ["free: 1 | max: 2", ["free?", "largest?"]],
  ["free 50 min 40 total 90", ["free?", "minimum?", "total?"]],
  ["heap free 50, total 90", ["free", "total"]],
])("at the limits of what a figure may be: %j", (line, is) => {
  const SHORT: Readonly<Record<string, string>> = {
    [NO_FIGURE]: "no figure",
    [NO_WORD]: "no word",
    "it is the most of a stretch": "most",
    "“Heap” beside it is the figure of memory": "beside Heap",
  };
  const what = figuresOf(line).map(({ meaning }) =>
    typeof meaning === "string"
      ? (SHORT[meaning] ?? meaning)
      : `${meaning.quantity}${meaning.memory === "any" ? "" : ` ${meaning.memory}`}${meaning.isNamed ? "" : "?"}`,
  );
  expect(what).toEqual(is);
}); // prettier-ignore
