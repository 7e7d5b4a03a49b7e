// heaptrack recordings written here: everything that is told of them, in each of their generations, and their fields at their limits.
import { describe, expect, test } from "vitest";
import { toldOfFiles } from "../../test/told.ts";
import { AddressSpace } from "./address-space.ts";
import { heaptrack, isHeaptrack } from "./heaptrack.ts";
import { HeaptrackLine } from "./heaptrack-line.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const told = (text: string): Promise<string> => toldOfFiles({ name: "a.heaptrack", bytes: bytesOf(text) });

test("interpreted: stacks with inlined frames, times, blocks of one number, what is temporary, who attached", async () => {
  expect(
    await told(`v 10400 3
X ./demo
I 1000 3e44e5
# a comment
S suppressed
s f /usr/bin/a demo
s 4 main
s 9 /src/my.c
s 5 inner
s 5 outer
i 401136 1 4 3 a 2 3 14
i 401200 1 5 3 0
i 401300 0 5
i 401400
i 401500 1
i 401600 0 2 63 5
t 1 0
t 2 1
t 3 2
t 4 0
t 5 0
t 6 0
a 64 1
a 10 2
a 8 3
a 9 4
a 7 5
a 6 6
a 5 0
a 4 63
A
+ 0
c 10
+ 1
+ 1
- 1
c 8
- 0
+ 2
+ 3
c 1f4
+ 4
+ 5
+ 6
+ 7
- 7
- 0
- 63
R 100
`),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin=heaptrack
    gap time=0 reason=attached-late lostFrames=0
    site id=1 method=0 caps=0x0 frames=[{function=inner file=/src/my.c line=10 module="/usr/bin/a demo"}, {function=main file=/src/my.c line=20 module="/usr/bin/a demo"}]
    alloc time=0 address=0x10000000 size=100 site=1 task=2 core=0
    site id=2 method=0 caps=0x0 frames=[{function=outer file=/src/my.c module="/usr/bin/a demo"}, {function=inner file=/src/my.c line=10 module="/usr/bin/a demo"}, {function=main file=/src/my.c line=20 module="/usr/bin/a demo"}]
    alloc time=16000 address=0x10000070 size=16 site=2 task=2 core=0
    alloc time=16000 address=0x10000080 size=16 site=2 task=2 core=0
    free time=16000 address=0x10000080 size=0 site=0 task=2 core=0
    free time=16000 address=0x10000000 size=0 site=0 task=2 core=0
    site id=3 method=0 caps=0x0 frames=[{function=outer}, {function=outer file=/src/my.c module="/usr/bin/a demo"}, {function=inner file=/src/my.c line=10 module="/usr/bin/a demo"}, {function=main file=/src/my.c line=20 module="/usr/bin/a demo"}]
    alloc time=16000 address=0x10000080 size=8 site=3 task=2 core=0
    site id=4 method=0 caps=0x0 frames=[{function=0x401400}]
    alloc time=16000 address=0x10000090 size=9 site=4 task=2 core=0
    site id=5 method=0 caps=0x0 frames=[{function="a demo 0x401500" module="/usr/bin/a demo"}]
    alloc time=500000 address=0x100000a0 size=7 site=5 task=2 core=0
    site id=6 method=0 caps=0x0 frames=[{function=main}]
    alloc time=500000 address=0x100000b0 size=6 site=6 task=2 core=0
    alloc time=500000 address=0x100000c0 size=5 site=0 task=2 core=0
    alloc time=500000 address=0x100000d0 size=4 site=0 task=2 core=0
    free time=500000 address=0x100000d0 size=0 site=0 task=2 core=0
    file a.heaptrack, heaptrack
    hint 2 frees of blocks that the file never allocated were left out
    heaptrack allocations=9 temporaryAllocations=3 peakBytes=132 leakedBytes=51
    account events=12 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    12 events"
  `);
});

test("raw: modules, the executable, addresses without names, a pointer that is given out twice, 64-bit pointers", async () => {
  expect(
    await told(`v 10400 3\r
x 9 /bin/demo\r
m 1 x 400000 0 1000 2000 500\r
m c /lib/libc.so 7f0000000000 1000 100000\r
t 400010 0
t 402000 1
t 4024ff 1
t 402500 1
t 7f0000001000 1
t 7f00000fffff 1
t 7f0000101000 0
+ 10 2 fffffffffffffff1
+ 20 3 fffffffffffffff2
+ 30 4 1fffffffffffff
- fffffffffffffff1
- 20000000000000
+ 40 5 1fffffffffffff
+ 50 6 abc
- abc
- abc
+ 60 7 def
+ 60 7 fed
- def
m 1 -
+ 70 5 aaa
`),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin=heaptrack
    site id=1 method=0 caps=0x0 frames=[{function=demo+0x2000 module=/bin/demo}, {function=demo+0x10 module=/bin/demo}]
    alloc time=0 address=0x10000000 size=16 site=1 task=2 core=0
    site id=2 method=0 caps=0x0 frames=[{function=demo+0x24ff module=/bin/demo}, {function=demo+0x10 module=/bin/demo}]
    alloc time=0 address=0x10000010 size=32 site=2 task=2 core=0
    site id=3 method=0 caps=0x0 frames=[{function=0x402500}, {function=demo+0x10 module=/bin/demo}]
    alloc time=0 address=0x10000030 size=48 site=3 task=2 core=0
    free time=0 address=0x10000000 size=0 site=0 task=2 core=0
    free time=0 address=0x10000030 size=0 site=0 task=2 core=0
    site id=4 method=0 caps=0x0 frames=[{function=libc.so+0x1000 module=/lib/libc.so}, {function=demo+0x10 module=/bin/demo}]
    alloc time=0 address=0x10000060 size=64 site=4 task=2 core=0
    site id=5 method=0 caps=0x0 frames=[{function=libc.so+0xfffff module=/lib/libc.so}, {function=demo+0x10 module=/bin/demo}]
    alloc time=0 address=0x100000a0 size=80 site=5 task=2 core=0
    free time=0 address=0x100000a0 size=0 site=0 task=2 core=0
    site id=6 method=0 caps=0x0 frames=[{function=0x7f0000101000}]
    alloc time=0 address=0x100000f0 size=96 site=6 task=2 core=0
    alloc time=0 address=0x10000150 size=96 site=6 task=2 core=0
    free time=0 address=0x100000f0 size=0 site=0 task=2 core=0
    alloc time=0 address=0x100001b0 size=112 site=4 task=2 core=0
    file a.heaptrack, heaptrack
    hint 2 frees of blocks that the file never allocated were left out
    hint this is heaptrack's raw file, without function names: run heaptrack_interpret on it first
    heaptrack allocations=8 temporaryAllocations=2 peakBytes=304 leakedBytes=304
    account events=12 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    12 events"
  `);
});

test("formats before 3 have no lengths before their strings", async () => {
  expect(
    await told(`v 10200 2
x /bin/my demo
m x 400000 0 1000
m /lib/libc.so 500000 0 100
t 400010 0
t 500010 0
+ 10 1 abc
+ 10 2 abd
`),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin=heaptrack
    site id=1 method=0 caps=0x0 frames=[{function="my demo+0x10" module="/bin/my demo"}]
    alloc time=0 address=0x10000000 size=16 site=1 task=2 core=0
    site id=2 method=0 caps=0x0 frames=[{function=libc.so+0x10 module=/lib/libc.so}]
    alloc time=0 address=0x10000010 size=16 site=2 task=2 core=0
    file a.heaptrack, heaptrack
    hint this is heaptrack's raw file, without function names: run heaptrack_interpret on it first
    heaptrack allocations=2 temporaryAllocations=0 peakBytes=32 leakedBytes=32
    account events=2 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    2 events"
  `);
  expect((await told("v 10200\ns my name\ni 1 0 1\nt 1 0\na 5 1\n+ 0\n")).match(/^site.*/m)?.[0]).toMatchInlineSnapshot(
    `"site id=1 method=0 caps=0x0 frames=[{function="my name"}]"`,
  );
});

test("damage: each line that is not whole, strings and pointers that keep their number, a file that breaks off", async () => {
  expect(
    await told(`v 10400 3
s 4 one
s 3 two
s 3
s
i
i x
i 10 0 2 0 g
t 1
t 2 9
t 3 0
t 3 2
a 5
a
a 7 3
+ 0
+ 2
+ 9
+
+ x
+ 5 3
+ 5 x abc
- x
-
c
c zz
m
m 3
m 9 /lib
m 4 /lib x
m 4 /lib 10 20
?
\u00ff
+ 2`),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin=heaptrack
    alloc time=0 address=0x10000000 size=5 site=0 task=2 core=0
    site id=1 method=0 caps=0x0 frames=[{function=two}]
    alloc time=0 address=0x10000010 size=7 site=1 task=2 core=0
    alloc time=0 address=0x10000020 size=7 site=1 task=2 core=0
    gap time=0 reason=source-incomplete lostFrames=0
    file a.heaptrack, heaptrack
    damage line=2 reason="the line is no whole heaptrack line"
    damage line=4 reason="the line is no whole heaptrack line"
    damage line=5 reason="the line is no whole heaptrack line"
    damage line=6 reason="the line is no whole heaptrack line"
    damage line=7 reason="the line is no whole heaptrack line"
    damage line=8 reason="the line is no whole heaptrack line"
    damage line=9 reason="the line is no whole heaptrack line"
    damage line=10 reason="the line is no whole heaptrack line"
    damage line=13 reason="the line is no whole heaptrack line"
    damage line=14 reason="the line is no whole heaptrack line"
    damage line=18 reason="the line is no whole heaptrack line"
    damage line=19 reason="the line is no whole heaptrack line"
    damage line=20 reason="the line is no whole heaptrack line"
    damage line=21 reason="the line is no whole heaptrack line"
    damage line=22 reason="the line is no whole heaptrack line"
    damage line=23 reason="the line is no whole heaptrack line"
    damage line=24 reason="the line is no whole heaptrack line"
    damage line=25 reason="the line is no whole heaptrack line"
    damage line=26 reason="the line is no whole heaptrack line"
    damage line=27 reason="the line is no whole heaptrack line"
    damage line=28 reason="the line is no whole heaptrack line"
    damage line=29 reason="the line is no whole heaptrack line"
    damage line=30 reason="the line is no whole heaptrack line"
    damage line=31 reason="the line is no whole heaptrack line"
    damage line=32 reason="the line is no whole heaptrack line"
    damage line=33 reason="the line is no whole heaptrack line"
    damage line=34 reason="the file ends inside a line"
    hint this is heaptrack's raw file, without function names: run heaptrack_interpret on it first
    heaptrack allocations=3 temporaryAllocations=0 peakBytes=19 leakedBytes=19
    account events=3 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    3 events"
  `);
});

describe("a recording is known by its first line", () => {
  test.for<readonly [string, boolean, boolean]>([
    ["v 10400\n", true, true],
    ["v 10400 3\r\n", true, true],
    ["v 10400 4\n", true, false],
    ["v 10400 a\n", true, false],
    ["v 10400 10\n", true, false],
    ["v 1040\n", true, true],
    ["v 104\n", false, true],
    ["v 123456789\n", false, true],
    ["v 10400", false, true],
    ["w 10400\n", false, true],
  ])("%j: %j, and read: %j", ([head, is, isRead]) => {
    expect(isHeaptrack(bytesOf(head))).toBe(is);
    const refusal = heaptrack.refuse("a.heaptrack", bytesOf(head));
    expect(refusal === undefined).toBe(isRead);
    if (refusal !== undefined) {
      expect(refusal.code).toBe("import-newer-format");
      expect(refusal.message).toBe(
        `a.heaptrack is a heaptrack recording in file format ${Number.parseInt(head.slice(8), 16)}`,
      );
      expect(refusal.hint).toContain("formats 0 to 3");
    }
  });
});

describe("the fields of a line", () => {
  const line = (text: string): HeaptrackLine => {
    const fields = new HeaptrackLine();
    const bytes = bytesOf(`xx${text} 12 34`);
    fields.open(bytes, 2, 2 + bytesOf(text).length);
    return fields;
  };

  test.for<readonly [string, number | undefined]>([
    ["+ 0", 0],
    ["+ f", 15],
    ["+ 1234567", 0x1234567],
    ["+ 12345678", 0x12345678],
    ["+ ffffffff", 0xffffffff],
    ["+ FfFfFfF", 0xfffffff],
    ["+ 1fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["+ 12 3", 0x12],
    ["+12", 0x12],
    ["+ 1g", undefined],
    ["+ 1234567g", undefined],
    ["+ 123456789g", undefined],
    ["+ g", undefined],
    ["+ ", undefined],
    ["+", undefined],
    ["+  1", undefined],
    ["+ 1:", undefined],
    ["+ 1/", undefined],
    ["+ 1`", undefined],
    ["+ 1@", undefined],
  ])("the number of %j is %j", ([text, value]) => {
    expect(line(text).hex()).toBe(value);
  });

  test("are read one after the other", () => {
    const fields = line("+ 1 abc 12345678 rest of it");
    expect([fields.atEnd, fields.hex()]).toEqual([false, 1]);
    expect([fields.word(), fields.hex(), fields.rest(), fields.atEnd]).toEqual(["abc", 0x12345678, "rest of it", true]);
    expect([fields.hex(), fields.word(), fields.rest(), fields.text(0), fields.text(1)]).toEqual([undefined, undefined, "", "", undefined]); // prettier-ignore
  });

  test("strings have as many bytes as they say", () => {
    expect(line("s my näme x").text(8)).toBe("my näme");
    expect([line("s abc").text(3), line("s abc").text(4), line("s abc").text(0)]).toEqual(["abc", undefined, ""]);
    expect([line("s ").word(), line("s  a").word(), line("s a ").word()]).toEqual([undefined, undefined, "a"]);
  });

  test("pointers are numbers as far as these are exact", () => {
    expect(line("- 1fffffffffffff").pointer()).toBe(Number.MAX_SAFE_INTEGER);
    expect(line("- 20000000000000 1").pointer()).toBe("20000000000000");
    expect([line("- x").pointer(), line("-").pointer()]).toEqual([undefined, undefined]);
  });
});

describe("addresses for blocks that have none", () => {
  test("are the next free ones, of sixteen bytes, and used again by blocks of their size", () => {
    const space = new AddressSpace();
    expect([0, 1, 16, 17, 100].map((size) => space.take(size))).toEqual([0x10000000, 0x10000010, 0x10000020, 0x10000030, 0x10000050]); // prettier-ignore
    space.give(0x10000000, 0);
    space.give(0x10000010, 1);
    expect([space.take(17), space.take(16), space.take(5), space.take(5)]).toEqual([0x100000c0, 0x10000010, 0x10000000, 0x100000e0]); // prettier-ignore
  });

  test("end before the last 64 KiB", () => {
    const space = new AddressSpace();
    expect(space.take(0xefff0000 - 16)).toBe(0x10000000);
    expect([space.take(17), space.take(16), space.take(1)]).toEqual([undefined, 0xfffefff0, undefined]);
  });
});

test("a program that holds more than there are addresses for", async () => {
  expect(await told("v 10400 1\nt 1 0\na e0000000 0\na 20000000 0\n+ 0\n+ 1\nc 1\n+ 1\n- 1\n- 0\n+ 1\n"))
    .toMatchInlineSnapshot(`
    "boot stackDepth=0 origin=heaptrack
    alloc time=0 address=0x10000000 size=3758096384 site=0 task=2 core=0
    gap time=0 reason=source-incomplete lostFrames=0
    free time=1000 address=0x10000000 size=0 site=0 task=2 core=0
    file a.heaptrack, heaptrack
    hint 1 frees of blocks that the file never allocated were left out
    hint the program held nearly 4 GiB at once: allocations beyond that were left out
    heaptrack allocations=4 temporaryAllocations=1 peakBytes=3758096384 leakedBytes=0
    account events=2 omittedDamage=0 droppedRecords=3 omittedIncidents=0
    2 events"
  `);
});

test("numbers of allocations whose line is damaged stand for nothing of nobody", async () => {
  const log = "v 10400 3\ns 4 main\ni 10 0 1\nt 1 0\na x 1\na 5\na 7 1\n+ 0\n+ 1\n+ 2\n";
  expect((await told(log)).match(/^(?:alloc|damage) .*/gm)?.join("\n")).toMatchInlineSnapshot(`
    "alloc time=0 address=0x10000000 size=0 site=0 task=2 core=0
    alloc time=0 address=0x10000010 size=5 site=0 task=2 core=0
    alloc time=0 address=0x10000020 size=7 site=1 task=2 core=0
    damage line=5 reason="the line is no whole heaptrack line"
    damage line=6 reason="the line is no whole heaptrack line""
  `);
});

test("where pointers are told, a block without a place is left out as well", async () => {
  const log = "v 10400 1\n+ e0000000 0 aa\n+ 20000000 0 bb\n- bb\n- aa\n+ 20000000 0 bb\n";
  expect((await told(log)).match(/^(?:alloc|free|gap|hint|heaptrack|account|damage) .*/gm)?.join("\n"))
    .toMatchInlineSnapshot(`
    "alloc time=0 address=0x10000000 size=3758096384 site=0 task=2 core=0
    gap time=0 reason=source-incomplete lostFrames=0
    free time=0 address=0x10000000 size=0 site=0 task=2 core=0
    hint 1 frees of blocks that the file never allocated were left out
    hint the program held nearly 4 GiB at once: allocations beyond that were left out
    heaptrack allocations=3 temporaryAllocations=1 peakBytes=3758096384 leakedBytes=0
    account events=2 omittedDamage=0 droppedRecords=2 omittedIncidents=0"
  `);
});
