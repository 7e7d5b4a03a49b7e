// Figures that a log prints: series with their readings, times and companions, and the account of what was looked at: everything of a small log.
import { describe, expect, test } from "vitest";
import { toldOf } from "./told.ts";

/** What is told of figures, without the boot and the sum. */
async function figuresIn(log: string, series: Parameters<typeof toldOf>[1] = {}): Promise<string> {
  const told = await toldOf(log, series);
  return told.replaceAll(/^(?:boot|account) .*\n?/gm, "").trimEnd();
}

test("lines of one kind are one series for each figure; numbers that are none are accounted for", async () => {
  const log = `I (1000) mem: free heap: 100000, largest 50000, tasks 7
I (2000) mem: free heap:  99000, largest 51000, tasks 8
I (3000) mem: free heap: 98000, largest 51000, tasks -8
I (3500) mem: free heap: 998000000, largest 51000, tasks 8
I (4000) mem: PSRAM free 4000000
I (5000) net: free heap: 97000
free heap: 96000
`;
  expect(await figuresIn(log)).toMatchInlineSnapshot(`
    "series id=1 label="free heap" quote="free heap: 100000, largest 50000, tasks 7" line=1 quantity=free memory=any unit=bytes scale=1 readings=3 timed=true
    readings series=1 stretch=1 times=[1000000, 2000000, 3000000] lines=[1, 2, 3] values=[100000000, 99000000, 98000000]
    series id=2 label=largest quote="free heap: 100000, largest 50000, tasks 7" line=1 quantity=largest memory=any unit=bytes scale=1 readings=4 timed=true
    readings series=2 stretch=1 times=[1000000, 2000000, 3000000, 3500000] lines=[1, 2, 3, 4] values=[50000000, 51000000, 51000000, 51000000]
    series id=3 label="PSRAM free" quote="PSRAM free 4000000" line=5 quantity=free memory=psram unit=bytes scale=1 readings=1 timed=true
    readings series=3 stretch=1 times=[4000000] lines=[5] values=[4000000000]
    series id=4 label="free heap" quote="free heap: 97000" line=6 quantity=free memory=any unit=bytes scale=1 readings=1 timed=true
    readings series=4 stretch=1 times=[5000000] lines=[6] values=[97000000]
    series id=5 label="free heap" quote="free heap: 96000" line=7 quantity=free memory=any unit=bytes scale=1 readings=1 timed=true
    readings series=5 stretch=1 times=[5000000] lines=[7] values=[96000000]
    considered line=1 quote="free heap: 100000, largest 50000, tasks 7" label="free heap" count=4 verdict="free memory" taken=true
    considered line=1 quote="free heap: 100000, largest 50000, tasks 7" label=largest count=4 verdict="largest free block" taken=true
    considered line=1 quote="free heap: 100000, largest 50000, tasks 7" label=tasks count=4 verdict="it is about tasks" taken=false
    considered line=5 quote="PSRAM free 4000000" label="PSRAM free" count=1 verdict="PSRAM free memory" taken=true
    considered line=6 quote="free heap: 97000" label="free heap" count=1 verdict="free memory" taken=true
    considered line=7 quote="free heap: 96000" label="free heap" count=1 verdict="free memory" taken=true"
  `);
});

test("units: KiB where no figure reaches a thousand, fractions, shares, PSRAM in the unit of the rest", async () => {
  expect(await figuresIn("heap free 999\nheap free 4\nheap used 3\nlargest free block 9999.5\n"))
    .toMatchInlineSnapshot(`
      "series id=1 label="heap free" quote="heap free 999" line=1 quantity=free memory=any unit=bytes scale=1024 readings=2 timed=false
      readings series=1 stretch=1 times=[] lines=[1, 2] values=[999000, 4000]
      series id=2 label="heap used" quote="heap used 3" line=3 quantity=used memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=2 stretch=1 times=[] lines=[3] values=[3000]
      series id=3 label="largest free block" quote="largest free block 9999.5" line=4 quantity=largest memory=any unit=bytes scale=1024 readings=1 timed=false
      readings series=3 stretch=1 times=[] lines=[4] values=[9999500]
      considered line=1 quote="heap free 999" label="heap free" count=2 verdict="free memory" taken=true
      considered line=3 quote="heap used 3" label="heap used" count=1 verdict="used memory" taken=true
      considered line=4 quote="largest free block 9999.5" label="largest free block" count=1 verdict="largest free block" taken=true"
    `);
  expect(await figuresIn("heap free 1000\nheap used 10000.5\nheap frag 0.35\nheap frag 1.0\n")).toMatchInlineSnapshot(`
    "series id=1 label="heap free" quote="heap free 1000" line=1 quantity=free memory=any unit=bytes scale=1 readings=1 timed=false
    readings series=1 stretch=1 times=[] lines=[1] values=[1000000]
    series id=2 label="heap used" quote="heap used 10000.5" line=2 quantity=used memory=any unit=bytes scale=1 readings=1 timed=false
    readings series=2 stretch=1 times=[] lines=[2] values=[10000500]
    series id=3 label="heap frag" quote="heap frag 0.35" line=3 quantity=fragmentation memory=any unit=percent scale=100 readings=2 timed=false
    readings series=3 stretch=1 times=[] lines=[3, 4] values=[350, 1000]
    considered line=1 quote="heap free 1000" label="heap free" count=1 verdict="free memory" taken=true
    considered line=2 quote="heap used 10000.5" label="heap used" count=1 verdict="used memory" taken=true
    considered line=3 quote="heap frag 0.35" label="heap frag" count=2 verdict=fragmentation taken=true"
  `);
  expect(await figuresIn("heap frag 1.5\nheap used 45 %\nheap used 101 %\n")).toMatchInlineSnapshot(`
    "series id=1 label="heap frag" quote="heap frag 1.5" line=1 quantity=fragmentation memory=any unit=percent scale=1 readings=1 timed=false
    readings series=1 stretch=1 times=[] lines=[1] values=[1500]
    series id=2 label="heap used" quote="heap used 45 %" line=2 quantity=used memory=any unit=percent scale=1 readings=1 timed=false
    readings series=2 stretch=1 times=[] lines=[2] values=[45000]
    considered line=1 quote="heap frag 1.5" label="heap frag" count=1 verdict=fragmentation taken=true
    considered line=2 quote="heap used 45 %" label="heap used" count=2 verdict="used memory" taken=true"
  `);
  expect(await figuresIn("heap free 200\npsram free 4000\n")).toMatchInlineSnapshot(`
    "series id=1 label="heap free" quote="heap free 200" line=1 quantity=free memory=any unit=bytes scale=1024 readings=1 timed=false
    readings series=1 stretch=1 times=[] lines=[1] values=[200000]
    series id=2 label="psram free" quote="psram free 4000" line=2 quantity=free memory=psram unit=bytes scale=1024 readings=1 timed=false
    readings series=2 stretch=1 times=[] lines=[2] values=[4000000]
    considered line=1 quote="heap free 200" label="heap free" count=1 verdict="free memory" taken=true
    considered line=2 quote="psram free 4000" label="psram free" count=1 verdict="PSRAM free memory" taken=true"
  `);
  expect(await figuresIn("heap free 200\nheap used 40000\npsram free 4000\n")).toMatchInlineSnapshot(`
    "series id=1 label="heap free" quote="heap free 200" line=1 quantity=free memory=any unit=bytes scale=1024 readings=1 timed=false
    readings series=1 stretch=1 times=[] lines=[1] values=[200000]
    series id=2 label="heap used" quote="heap used 40000" line=2 quantity=used memory=any unit=bytes scale=1 readings=1 timed=false
    readings series=2 stretch=1 times=[] lines=[2] values=[40000000]
    series id=3 label="psram free" quote="psram free 4000" line=3 quantity=free memory=psram unit=bytes scale=1 readings=1 timed=false
    readings series=3 stretch=1 times=[] lines=[3] values=[4000000]
    considered line=1 quote="heap free 200" label="heap free" count=1 verdict="free memory" taken=true
    considered line=2 quote="heap used 40000" label="heap used" count=1 verdict="used memory" taken=true
    considered line=3 quote="psram free 4000" label="psram free" count=1 verdict="PSRAM free memory" taken=true"
  `);
  expect(await figuresIn("heap free 200\npsram free 40000\n")).toMatchInlineSnapshot(`
    "series id=1 label="heap free" quote="heap free 200" line=1 quantity=free memory=any unit=bytes scale=1024 readings=1 timed=false
    readings series=1 stretch=1 times=[] lines=[1] values=[200000]
    series id=2 label="psram free" quote="psram free 40000" line=2 quantity=free memory=psram unit=bytes scale=1 readings=1 timed=false
    readings series=2 stretch=1 times=[] lines=[2] values=[40000000]
    considered line=1 quote="heap free 200" label="heap free" count=1 verdict="free memory" taken=true
    considered line=2 quote="psram free 40000" label="psram free" count=1 verdict="PSRAM free memory" taken=true"
  `);
});

test("what a size turns out to be, and columns without names", async () => {
  expect(await figuresIn("heap size 300000\nheap size 300000\nheap size 300000\n")).toMatchInlineSnapshot(`
    "series id=1 label="heap size" quote="heap size 300000" line=1 quantity=total memory=any unit=bytes scale=1 readings=3 timed=false
    readings series=1 stretch=1 times=[] lines=[1, 2, 3] values=[300000000, 300000000, 300000000]
    considered line=1 quote="heap size 300000" label="heap size" count=3 verdict="free memory, presumably" taken=true"
  `);
  expect(await figuresIn("heap size 300000\nheap size 300000\n")).toMatchInlineSnapshot(`
    "series id=1 label="heap size" quote="heap size 300000" line=1 quantity=free memory=any unit=bytes scale=1 readings=2 timed=false
    readings series=1 stretch=1 times=[] lines=[1, 2] values=[300000000, 300000000]
    considered line=1 quote="heap size 300000" label="heap size" count=2 verdict="free memory, presumably" taken=true"
  `);
  const rows = [
    [132540, 65524, 120100],
    [131000, 65524, 119000],
    [132000, 60000, 118000],
    [133000, 65524, 118000],
  ];
  const columns = rows.map((row) => `[HEAP];${row.join(";")}\n`).join("");
  expect(await figuresIn(`boot [HEAP];140000;70000;130000\n${columns}`)).toMatchInlineSnapshot(`
    "series id=1 label="boot [HEAP];" quote="boot [HEAP];140000;70000;130000" line=1 quantity=free memory=any unit=bytes scale=1 readings=1 timed=false
    readings series=1 stretch=1 times=[] lines=[1] values=[140000000]
    series id=2 label="boot [HEAP]; second column" quote="boot [HEAP];140000;70000;130000" line=1 quantity=largest memory=any unit=bytes scale=1 readings=1 timed=false
    readings series=2 stretch=1 times=[] lines=[1] values=[70000000]
    series id=3 label="boot [HEAP]; third column" quote="boot [HEAP];140000;70000;130000" line=1 quantity=largest memory=any unit=bytes scale=1 readings=1 timed=false
    readings series=3 stretch=1 times=[] lines=[1] values=[130000000]
    series id=4 label="[HEAP];" quote="[HEAP];132540;65524;120100" line=2 quantity=free memory=any unit=bytes scale=1 readings=4 timed=false
    readings series=4 stretch=1 times=[] lines=[2, 3, 4, 5] values=[132540000, 131000000, 132000000, 133000000]
    series id=5 label="[HEAP]; second column" quote="[HEAP];132540;65524;120100" line=2 quantity=largest memory=any unit=bytes scale=1 readings=4 timed=false
    readings series=5 stretch=1 times=[] lines=[2, 3, 4, 5] values=[65524000, 65524000, 60000000, 65524000]
    series id=6 label="[HEAP]; third column" quote="[HEAP];132540;65524;120100" line=2 quantity=minimum memory=any unit=bytes scale=1 readings=4 timed=false
    readings series=6 stretch=1 times=[] lines=[2, 3, 4, 5] values=[120100000, 119000000, 118000000, 118000000]
    considered line=1 quote="boot [HEAP];140000;70000;130000" label="boot [HEAP];" count=1 verdict="free memory, presumably" taken=true
    considered line=1 quote="boot [HEAP];140000;70000;130000" label="boot [HEAP]; second column" count=1 verdict="largest free block or least ever free, as it behaves" taken=true
    considered line=1 quote="boot [HEAP];140000;70000;130000" label="boot [HEAP]; third column" count=1 verdict="largest free block or least ever free, as it behaves" taken=true
    considered line=2 quote="[HEAP];132540;65524;120100" label="[HEAP];" count=4 verdict="free memory, presumably" taken=true
    considered line=2 quote="[HEAP];132540;65524;120100" label="[HEAP]; second column" count=4 verdict="largest free block or least ever free, as it behaves" taken=true
    considered line=2 quote="[HEAP];132540;65524;120100" label="[HEAP]; third column" count=4 verdict="largest free block or least ever free, as it behaves" taken=true"
  `);
});

test("what goes with the steps of a series", async () => {
  const free = (bytes: number): string => `I (1) mem: free heap: ${bytes}\n`;
  const request = "I (1) http: GET /index\n";
  const refused = "W (1) wifi: reconnect\n";
  const counts = [1, 3, 0, 2, 4, 1];
  let bytes = 200_000;
  const steps = counts.map((count) => request.repeat(count) + refused + free((bytes -= 100 * count)));
  expect(
    (await figuresIn(`${free(200_000)}${steps.join("")}`)).match(/companion.*/g)?.join("\n"),
  ).toMatchInlineSnapshot(`"companion="GET /index" companionLine=2"`);
  const used = counts.map((count) => request.repeat(count) + refused + free(200_000 - (bytes -= 100 * count)).replace("free", "used")); // prettier-ignore
  expect((await figuresIn(used.join(""))).match(/companion.*/g)?.join("\n")).toMatchInlineSnapshot(
    `"companion="GET /index" companionLine=1"`,
  );
});

describe("tables", () => {
  test("CSV with milliseconds, one cell short, and a header that comes again", async () => {
    const log = `time_ms,free_heap,largest,label
1000,100000,50000,a
2000,99000.5,49000,b
x,98000,48000,c
time_ms,free_heap,largest,label
3000,97000
4000,96000,"47000",d
I (5000) app: free heap: 95000
`;
    expect(await figuresIn(log)).toMatchInlineSnapshot(`
      "series id=1 label=free_heap quote="time_ms,free_heap,largest,label" line=1 quantity=free memory=any unit=bytes scale=1 readings=4 timed=false
      readings series=1 stretch=1 times=[] lines=[2, 3, 4, 7] values=[100000000, 99000500, 98000000, 96000000]
      series id=2 label=largest quote="time_ms,free_heap,largest,label" line=1 quantity=largest memory=any unit=bytes scale=1 readings=4 timed=false
      readings series=2 stretch=1 times=[] lines=[2, 3, 4, 7] values=[50000000, 49000000, 48000000, 47000000]
      series id=3 label="free heap" quote="free heap: 95000" line=8 quantity=free memory=any unit=bytes scale=1 readings=1 timed=true
      readings series=3 stretch=1 times=[5000000] lines=[8] values=[95000000]
      considered line=8 quote="free heap: 95000" label="free heap" count=1 verdict="free memory" taken=true"
    `);
  });

  test.for<readonly [string, string, string, readonly number[]]>([
    ["seconds", "t;free heap;min", "1.5;100000;5000\n3;100000;5000", [1_500_000, 3_000_000]],
    ["microseconds", "t_us;free heap;min", "1500;100000;5000\n3000;100000;5000", [1500, 3000]],
    ["milliseconds", "millis\tfree heap\tmin", "1500\t100000\t5000\n3000\t100000\t5000", [1_500_000, 3_000_000]],
    ["seconds since 1970", "ts,free heap,min", "1767225600,100000,5000\n1767225660,99000,5000", [0, 60_000_000]],
    ["milliseconds since 1970", "ts,free heap,min", "1767225600000,100000,5000\n1767225660500,99000,5000", [0, 60_500_000]],
    ["milliseconds of a counter", "time_ms,free heap,min", "1767225600,100000,5000\n1767225660,99000,5000", [1_767_225_600_000, 1_767_225_660_000]],
    ["the first since 1970", "ts,free heap,min", "1500000000,100000,5000\n1500000001,99000,5000", [0, 1_000_000]],
    ["the last since 1970", "ts,free heap,min", "1999999998,100000,5000\n1999999999,99000,5000", [0, 1_000_000]],
    ["less than those since 1970", "ts,free heap,min", "1499999998,100000,5000\n1499999999,99000,5000", [1_499_999_998_000_000, 1_499_999_999_000_000]],
    ["more than those since 1970", "ts,free heap,min", "2000000000,100000,5000\n2000000001,99000,5000", [2e15, 2_000_000_001_000_000]],
    ["the first milliseconds since 1970", "ts_ms,free heap,min", "1500000000000,100000,5000\n1500000001000,99000,5000", [0, 1_000_000]],
    ["the last milliseconds since 1970", "ts_ms,free heap,min", "1999999998999,100000,5000\n1999999999999,99000,5000", [0, 1_000_000]],
    ["less than milliseconds since 1970", "ts_ms,free heap,min", "1499999998999,100000,5000\n1499999999999,99000,5000", [1_499_999_998_999_000, 1_499_999_999_999_000]],
    ["more than milliseconds since 1970", "ts_ms,free heap,min", "2000000000000,100000,5000\n2000000000001,99000,5000", [2e15, 2_000_000_000_001_000]],
    ["times of day", "time|free heap|min", "10:00:00|100000|5000\n10:00:30|99000|5000", [0, 30_000_000]],
    ["dates and times", "date,time,free heap,min", "2026-03-04,10:00:00,100000,5000\n2026-03-05,10:00:00,99000,5000", [0, 86_400_000_000]],
    ["behind the figures", "free heap,min,time", "100000,5000,10:00:00\n99000,5000,10:01:00", [0, 60_000_000]],
  ])("times: %s", async ([, header, rows, times]) => {
    const told = await toldOf(`${header}\n${rows}\n`);
    expect(told).toContain("values=[100000000,");
    expect(told).toContain(`times=[${times.join(", ")}]`);
  }); // prettier-ignore

  test.for<readonly [string, string, (i: number) => string, (i: number) => number]>([
    ["seconds", "t,free heap,min", (i) => `1${i},`, (i) => (10 + i) * 1e6],
    ["fractions", "t,free heap,min", (i) => `1.${i},`, (i) => (10 + i) * 1e5],
    ["times of day", "time,free heap,min", (i) => `10:00:0${i},`, (i) => i * 1e6],
    ["seconds since 1970", "ts,free heap,min", (i) => `176722560${i},`, (i) => i * 1e6],
    ["none", "free heap,min", () => "", () => NaN],
  ])("rows of one layout are read again by their places: %s", async ([, header, stamp, timeOf]) => {
    const row = (i: number): string => `${stamp(i)}10000${i},500${i}`;
    const told = await toldOf(`${header}\n${[0, 1, 2, 3].map((i) => `${row(i)}\n`).join("")}`);
    const times = [0, 1, 2, 3].map(timeOf).filter((time) => !Number.isNaN(time));
    expect(told.match(/^readings .*/gm)).toEqual(
      [
        [100_000_000, 100_001_000, 100_002_000, 100_003_000],
        [5_000_000, 5_001_000, 5_002_000, 5_003_000],
      ].map(
        (values, i) =>
          `readings series=${i + 1} stretch=1 times=[${times.join(", ")}] lines=[2, 3, 4, 5] values=[${values.join(", ")}]`,
      ),
    );
  });

  test.for<readonly [string, string, number]>([
    ["twelve columns of blanks", "a  b  c  d  e  f  g  h  i  used  free  total", 3],
    ["thirteen", "a  b  c  d  e  f  g  h  i  j  used  free  total", 0],
    ["three", "a  used  free", 2],
    ["two", "used  free", 0],
    ["single blanks", "some used free", 0],
    ["no free", "a  used  total", 0],
    ["no other", "a  b  free", 0],
  ])("a header of %s", async ([, header, series]) => {
    const columns = header.split("  ").length;
    const row = Array.from({ length: columns }, (_, i) => 100_000 + i).join("  ");
    const told = await toldOf(`${header}\n${row}\n`);
    expect(told.match(/^series/gm) ?? []).toHaveLength(series);
  });

  test("Markdown, columns of blanks, and rows with a name of their own", async () => {
    expect(await figuresIn("| uptime | free heap | largest |\n|---|---|---|\n| 10 | 100000 | 50000 |\n| 20 | 99000 | 49000 |\n")).toMatchInlineSnapshot(`
      "series id=1 label="free heap" quote="| uptime | free heap | largest |" line=1 quantity=free memory=any unit=bytes scale=1 readings=2 timed=true
      readings series=1 stretch=1 times=[10000000, 20000000] lines=[3, 4] values=[100000000, 99000000]
      series id=2 label=largest quote="| uptime | free heap | largest |" line=1 quantity=largest memory=any unit=bytes scale=1 readings=2 timed=true
      readings series=2 stretch=1 times=[10000000, 20000000] lines=[3, 4] values=[50000000, 49000000]"
    `); // prettier-ignore
    expect(await figuresIn("      total       used       free    largest\nUmem:  321456  41000  280456  270000\n321456  42000  279456  260000\n1 2 3\n")).toMatchInlineSnapshot(`
      "series id=1 label=total quote="total       used       free    largest" line=1 quantity=total memory=any unit=bytes scale=1 readings=2 timed=false
      readings series=1 stretch=1 times=[] lines=[2, 3] values=[321456000, 321456000]
      series id=2 label=used quote="total       used       free    largest" line=1 quantity=used memory=any unit=bytes scale=1 readings=2 timed=false
      readings series=2 stretch=1 times=[] lines=[2, 3] values=[41000000, 42000000]
      series id=3 label=free quote="total       used       free    largest" line=1 quantity=free memory=any unit=bytes scale=1 readings=2 timed=false
      readings series=3 stretch=1 times=[] lines=[2, 3] values=[280456000, 279456000]
      series id=4 label=largest quote="total       used       free    largest" line=1 quantity=largest memory=any unit=bytes scale=1 readings=2 timed=false
      readings series=4 stretch=1 times=[] lines=[2, 3] values=[270000000, 260000000]"
    `); // prettier-ignore
  });

  test("columns for the kinds of memory, and headings above figures", async () => {
    expect(
      await figuresIn(`Description              Internal     External
Current Free Memory        163000      4102344
Largest Free Block:        110592      4063232
Not a figure               1           2
Min. Ever Free Size        150000
`),
    ).toMatchInlineSnapshot(`
      "series id=1 label="Current Free Memory, internal" quote="Current Free Memory        163000      4102344" line=2 quantity=free memory=internal unit=bytes scale=1 readings=1 timed=false
      readings series=1 stretch=1 times=[] lines=[2] values=[163000000]
      series id=2 label="Current Free Memory, psram" quote="Current Free Memory        163000      4102344" line=2 quantity=free memory=psram unit=bytes scale=1 readings=1 timed=false
      readings series=2 stretch=1 times=[] lines=[2] values=[4102344000]
      series id=3 label="Largest Free Block, internal" quote="Largest Free Block:        110592      4063232" line=3 quantity=largest memory=internal unit=bytes scale=1 readings=1 timed=false
      readings series=3 stretch=1 times=[] lines=[3] values=[110592000]
      series id=4 label="Largest Free Block, psram" quote="Largest Free Block:        110592      4063232" line=3 quantity=largest memory=psram unit=bytes scale=1 readings=1 timed=false
      readings series=4 stretch=1 times=[] lines=[3] values=[4063232000]
      considered line=2 quote="Current Free Memory        163000      4102344" label="Current Free Memory, internal" count=1 verdict="internal free memory" taken=true
      considered line=2 quote="Current Free Memory        163000      4102344" label="Current Free Memory, psram" count=1 verdict="PSRAM free memory" taken=true
      considered line=3 quote="Largest Free Block:        110592      4063232" label="Largest Free Block, internal" count=1 verdict="internal largest free block" taken=true
      considered line=3 quote="Largest Free Block:        110592      4063232" label="Largest Free Block, psram" count=1 verdict="PSRAM largest free block" taken=true
      considered line=5 quote="Min. Ever Free Size        150000" label="Min. Ever Free Size" count=1 verdict="no word of memory" taken=false"
    `);
    expect(
      await figuresIn(`===== PSRAM =====
Free: 4000000
Largest: 3900000
Internal heap:
Free: 123456
other words
Summary:
Free: 7
`),
    ).toMatchInlineSnapshot(`
      "series id=1 label=Free quote="Free: 4000000" line=2 quantity=free memory=psram unit=bytes scale=1 readings=1 timed=false
      readings series=1 stretch=1 times=[] lines=[2] values=[4000000000]
      series id=2 label=Largest quote="Largest: 3900000" line=3 quantity=largest memory=psram unit=bytes scale=1 readings=1 timed=false
      readings series=2 stretch=1 times=[] lines=[3] values=[3900000000]
      series id=3 label=Free quote="Free: 123456" line=5 quantity=free memory=internal unit=bytes scale=1 readings=1 timed=false
      readings series=3 stretch=1 times=[] lines=[5] values=[123456000]
      considered line=2 quote="Free: 4000000" label=Free count=1 verdict="PSRAM free memory" taken=true
      considered line=3 quote="Largest: 3900000" label=Largest count=1 verdict="PSRAM largest free block" taken=true
      considered line=5 quote="Free: 123456" label=Free count=1 verdict="internal free memory" taken=true
      considered line=8 quote="Free: 7" label=Free count=1 verdict="no word of memory" taken=false"
    `);
  });

  test("rows and headed lines end a dozen lines behind their header", async () => {
    const rows = (count: number): string =>
      Array.from({ length: count }, (_, i) => `Current Free Memory  ${163_000 - i}  ${4_102_344 - i}\n`).join("");
    const series = async (count: number): Promise<number | undefined> =>
      (await toldOf(`Description  Internal  PSRAM\n${rows(count)}Largest Free Block  1000  2000\n`)).match(/^series/gm)
        ?.length;
    expect([await series(11), await series(12)]).toEqual([4, 3]);
    const headed = Array.from({ length: 14 }, (_, i) => `Free: ${163_000 - i}\n`).join("");
    expect((await toldOf(`PSRAM:\n${headed}`)).match(/memory=\w+ unit=bytes scale=1 readings=\d+/g)?.join("\n")).toMatchInlineSnapshot(`
      "memory=psram unit=bytes scale=1 readings=12
      memory=any unit=bytes scale=1 readings=2"
    `); // prettier-ignore
  });

  test("what tools print in words of their own", async () => {
    expect(
      await figuresIn(`GC: total: 111168, used: 2224, free: 108944
 No. of 1-blocks: 21, 2-blocks: 7, max blk sz: 40, max free sz: 6804
[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]
  Total Entries       30    Used Entries       20    Free Entries       10
  Total Blocks      6000    Used Blocks       100    Free Blocks      5900
  Usage Metric:        5
  Fragmentation Metric:         12
={ "free": 2000, "usage": 300, "total": 2300, "history": 0, "gc": 0 }
>>> gc.mem_free()
98765
>>> gc.mem_free()
text
> =node.heap()
 43210
`),
    ).toMatchInlineSnapshot(`
      "series id=1 label="GC: total" quote="GC: total: 111168, used: 2224, free: 108944" line=1 quantity=total memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=1 stretch=1 times=[] lines=[1] values=[111168000]
      series id=2 label=used quote="GC: total: 111168, used: 2224, free: 108944" line=1 quantity=used memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=2 stretch=1 times=[] lines=[1] values=[2224000]
      series id=3 label=free quote="GC: total: 111168, used: 2224, free: 108944" line=1 quantity=free memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=3 stretch=1 times=[] lines=[1] values=[108944000]
      series id=4 label="max free sz" quote="No. of 1-blocks: 21, 2-blocks: 7, max blk sz: 40, max free sz: 6804" line=2 quantity=largest memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=4 stretch=1 times=[] lines=[2] values=[108864000]
      series id=5 label="idf_heap_info: total" quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" line=3 quantity=total memory=internal unit=bytes scale=1 readings=1 timed=false
      readings series=5 stretch=1 times=[] lines=[3] values=[107360000]
      series id=6 label="idf_heap_info: free" quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" line=3 quantity=free memory=internal unit=bytes scale=1 readings=1 timed=false
      readings series=6 stretch=1 times=[] lines=[3] values=[51020000]
      series id=7 label="idf_heap_info: largest" quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" line=3 quantity=largest memory=internal unit=bytes scale=1 readings=1 timed=false
      readings series=7 stretch=1 times=[] lines=[3] values=[40000000]
      series id=8 label="idf_heap_info: least ever free" quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" line=3 quantity=minimum memory=internal unit=bytes scale=1 readings=1 timed=false
      readings series=8 stretch=1 times=[] lines=[3] values=[30800000]
      series id=9 label="Total Blocks (8 B each)" quote="Total Blocks      6000    Used Blocks       100    Free Blocks      5900" line=5 quantity=total memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=9 stretch=1 times=[] lines=[5] values=[48000000]
      series id=10 label="Free Blocks (8 B each)" quote="Total Blocks      6000    Used Blocks       100    Free Blocks      5900" line=5 quantity=free memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=10 stretch=1 times=[] lines=[5] values=[47200000]
      series id=11 label="Fragmentation Metric" quote="Fragmentation Metric:         12" line=7 quantity=fragmentation memory=any unit=percent scale=1 readings=1 timed=false
      readings series=11 stretch=1 times=[] lines=[7] values=[12000]
      series id=12 label="used variables" quote="={ \\"free\\": 2000, \\"usage\\": 300, \\"total\\": 2300, \\"history\\": 0, \\"gc\\": 0 }" line=8 quantity=used memory=any unit=percent scale=1 readings=1 timed=false
      readings series=12 stretch=1 times=[] lines=[8] values=[13040]
      series id=13 label="gc.mem_free()" quote="gc.mem_free() 98765" line=10 quantity=free memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=13 stretch=1 times=[] lines=[10] values=[98765000]
      series id=14 label="node.heap()" quote="=node.heap() 43210" line=14 quantity=free memory=any unit=bytes scale=1 readings=1 timed=false
      readings series=14 stretch=1 times=[] lines=[14] values=[43210000]
      considered line=1 quote="GC: total: 111168, used: 2224, free: 108944" label="GC: total" count=1 verdict="total memory" taken=true
      considered line=1 quote="GC: total: 111168, used: 2224, free: 108944" label=used count=1 verdict="used memory" taken=true
      considered line=1 quote="GC: total: 111168, used: 2224, free: 108944" label=free count=1 verdict="free memory" taken=true
      considered line=2 quote="No. of 1-blocks: 21, 2-blocks: 7, max blk sz: 40, max free sz: 6804" label="max free sz" count=1 verdict="largest free block" taken=true
      considered line=3 quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" label="idf_heap_info: total" count=1 verdict="internal total memory" taken=true
      considered line=3 quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" label="idf_heap_info: free" count=1 verdict="internal free memory" taken=true
      considered line=3 quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" label="idf_heap_info: largest" count=1 verdict="internal largest free block" taken=true
      considered line=3 quote="[(7360, 1020, 900, 800), (100000, 50000, 40000, 30000)]" label="idf_heap_info: least ever free" count=1 verdict="internal least ever free" taken=true
      considered line=5 quote="Total Blocks      6000    Used Blocks       100    Free Blocks      5900" label="Total Blocks (8 B each)" count=1 verdict="total memory" taken=true
      considered line=5 quote="Total Blocks      6000    Used Blocks       100    Free Blocks      5900" label="Free Blocks (8 B each)" count=1 verdict="free memory" taken=true
      considered line=7 quote="Fragmentation Metric:         12" label="Fragmentation Metric" count=1 verdict=fragmentation taken=true
      considered line=8 quote="={ \\"free\\": 2000, \\"usage\\": 300, \\"total\\": 2300, \\"history\\": 0, \\"gc\\": 0 }" label="used variables" count=1 verdict="used memory" taken=true
      considered line=10 quote="gc.mem_free() 98765" label="gc.mem_free()" count=1 verdict="free memory" taken=true
      considered line=14 quote="=node.heap() 43210" label="node.heap()" count=1 verdict="free memory, presumably" taken=true"
    `);
  });
});

test("series that the user names", async () => {
  const log = "budget 123456 x 5\nbudget 123400 x 6\n99\n98\n";
  const free = { quantity: "free", memory: "internal" } as const;
  expect(await figuresIn(log, { series: [{ ...free, pattern: "BUDGET" }] })).toMatchInlineSnapshot(`
    "series id=1 label=budget quote="budget 123456 x 5" line=1 quantity=free memory=internal unit=bytes scale=1 readings=2 timed=false
    readings series=1 stretch=1 times=[] lines=[1, 2] values=[123456000, 123400000]
    considered line=1 quote="budget 123456 x 5" label=budget count=2 verdict="internal free memory" taken=true"
  `);
  expect(await figuresIn(log, { series: [{ ...free, pattern: "" }] })).toMatchInlineSnapshot(`
    "series id=1 label=99 quote=99 line=3 quantity=free memory=internal unit=bytes scale=1024 readings=2 timed=false
    readings series=1 stretch=1 times=[] lines=[3, 4] values=[99000, 98000]
    considered line=3 quote=99 label=99 count=2 verdict="internal free memory" taken=true"
  `);
});

describe("as many as are told apart", () => {
  const seriesIn = async (log: string): Promise<number[]> =>
    [...(await toldOf(log)).matchAll(/^series .* readings=(\d+)/gm)].map(([, count]) => Number(count));

  test("sixteen kinds of lines of one label, then all in the first", async () => {
    const kinds = (count: number): string =>
      Array.from({ length: count }, (_, i) => `I (1) tag${String.fromCharCode(97 + i)}: free heap 12345\n`).join("");
    expect(await seriesIn(kinds(16))).toEqual(Array.from({ length: 16 }, () => 1));
    expect(await seriesIn(kinds(18))).toEqual([3, ...Array.from({ length: 15 }, () => 1)]);
  });

  test("512 series", async () => {
    const name = (i: number): string => `${String.fromCharCode(97 + (i % 26))}${String.fromCharCode(97 + Math.floor(i / 26))}`; // prettier-ignore
    const kinds = (count: number): string =>
      Array.from({ length: count }, (_, i) => `free heap x${name(i)}x 12345\n`.repeat(2)).join("");
    expect(await seriesIn(kinds(512))).toHaveLength(512);
    expect(await seriesIn(kinds(514))).toHaveLength(512);
    expect((await toldOf(kinds(513))).match(/too many series/g)).toHaveLength(1);
    const once = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, i) => `free heap y${name(from + i)}y 12345\n`).join("");
    // Those that were told once make room, and are back with all their readings.
    expect(await seriesIn(once(0, 513))).toEqual([1]);
    expect(await seriesIn(once(0, 513) + once(3, 5))).toEqual([1, 2, 2]);
    expect(await seriesIn(kinds(512) + once(0, 3))).toHaveLength(512);
    expect(await seriesIn(kinds(506) + once(0, 7) + once(0, 7))).toHaveLength(512);
  });

  test("twelve numbers of a line, 160 letters of a label, 200 of a quote", async () => {
    const told = await toldOf(`free heap 5000${", free heap 4000".repeat(13)} ${"x".repeat(200)}\n`);
    expect(told.match(/^considered/gm)).toHaveLength(12);
    expect(told.match(/quote="([^"]*)"/)?.[1]).toHaveLength(200);
    const label = `${"w".repeat(300)} free heap`;
    expect((await toldOf(`${label} 5000\n`)).match(/label="([^"]*)"/)?.[1]).toBe(label.slice(-60));
    expect((await toldOf(`${" ".repeat(3)}5000 of heap free\n`)).match(/label="([^"]*)"/)?.[1]).toBe("… of heap free");
  });
});

test("where nothing is found, numbers that behave like free memory are offered by name", async () => {
  const log = [60_000, 59_000, 58_000, 58_500, 57_000].map((value) => `pool level ${value} of x\n`).join("");
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "hint if this is free memory, name it: “pool level” (line 1: 60000 … 57000 in 5 lines): --series 'free=pool level'
    account events=0 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=5"
  `);
});
