// States of the heap that a log prints (regions, summaries, dumps of blocks, tables of tasks, Unity's checks): everything that is told of a small one.
import { describe, expect, test } from "vitest";
import { toldOf } from "./told.ts";

test("regions at boot, with the caps of each type of memory, up to the first other line", async () => {
  const log = `I (400) heap_init: Initializing. RAM available for dynamic allocation:
I (407) heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM
I (408) heap_init: At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM
I (409) heap_init: At 4009A4C8 len 00005B38 (22 KiB): IRAM
I (410) heap_init: At 50000000 len 00002000 (8 KiB): RTCRAM
I (411) heap_init: At 3C0A0000 len 00200000 (2048 KiB): SPIRAM
I (412) heap_init: At 30100000 len 00002000 (8 KiB): TCM
I (413) heap_init: At 20000000 len 00002000 (8 KiB): else
I (414) spi_flash: detected chip: generic
I (415) net: At 3FFAE6E0 len 00001920 (6 KiB): DRAM
At 3FFB0000 len 00001000 (4 KiB): RETENTION RAM
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    regions time=413000 regions=[{name=else start=0x20000000 end=0x20002000 caps=0x0 free=8192 largestFree=8192}, {name=TCM start=0x30100000 end=0x30102000 caps=0x10806 free=8192 largestFree=8192}, {name=SPIRAM start=0x3c0a0000 end=0x3c2a0000 caps=0x1406 free=2097152 largestFree=2097152}, {name=DRAM start=0x3ffae6e0 end=0x3ffb0000 caps=0x180e free=6432 largestFree=6432}, {name=D/IRAM start=0x3ffe4350 end=0x40000000 caps=0x180f free=113840 largestFree=113840}, {name=IRAM start=0x4009a4c8 end=0x400a0000 caps=0x803 free=23352 largestFree=23352}, {name=RTCRAM start=0x50000000 end=0x50002000 caps=0x980f free=8192 largestFree=8192}]
    regions time=415000 regions=[{name=else start=0x20000000 end=0x20002000 caps=0x0 free=8192 largestFree=8192}, {name=TCM start=0x30100000 end=0x30102000 caps=0x10806 free=8192 largestFree=8192}, {name=SPIRAM start=0x3c0a0000 end=0x3c2a0000 caps=0x1406 free=2097152 largestFree=2097152}, {name=DRAM start=0x3ffae6e0 end=0x3ffb0000 caps=0x180e free=6432 largestFree=6432}, {name="RETENTION RAM" start=0x3ffb0000 end=0x3ffb1000 caps=0x180e free=4096 largestFree=4096}, {name=D/IRAM start=0x3ffe4350 end=0x40000000 caps=0x180f free=113840 largestFree=113840}, {name=IRAM start=0x4009a4c8 end=0x400a0000 caps=0x803 free=23352 largestFree=23352}, {name=RTCRAM start=0x50000000 end=0x50002000 caps=0x980f free=8192 largestFree=8192}]
    section kind="heap regions at boot" firstLine=2 lastLine=8 records=7 whole=true
    section kind="heap regions at boot" firstLine=11 lastLine=11 records=1 whole=true
    account events=8 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=11"
  `);
});

test("a summary: regions that keep their names and bounds, the sums as series, PSRAM apart from internal memory", async () => {
  const log = `I (400) heap_init: At 3FFB0000 len 00010000 (64 KiB): DRAM
I (401) heap_init: At 3F800000 len 00020000 (128 KiB): SPIRAM
I (2000) app: summary
Heap summary for capabilities 0x00001000:
  At 0x3ffb0010 len 65520 free 40000 allocated 20000 min_free 30000
    largest_free_block 32000 alloc_blocks 40 free_blocks 5 total_blocks 45
  At 0x3f800010 len 131056 free 100000 allocated 30000 min_free 90000
    largest_free_block 98304 alloc_blocks 4 free_blocks 2 total_blocks 6
  Totals:
    free 140000 allocated 50000 min_free 120000 largest_free_block 98304
I (3000) app: end
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    regions time=401000 regions=[{name=SPIRAM start=0x3f800000 end=0x3f820000 caps=0x1406 free=131072 largestFree=131072}, {name=DRAM start=0x3ffb0000 end=0x3ffc0000 caps=0x180e free=65536 largestFree=65536}]
    regions time=2000000 regions=[{name=SPIRAM start=0x3f800000 end=0x3f820000 caps=0x1406 free=100000 largestFree=98304 minimumFree=90000}, {name=DRAM start=0x3ffb0000 end=0x3ffc0000 caps=0x180e free=40000 largestFree=32000 minimumFree=30000}]
    series id=1 label="Heap summary for capabilities 0x00001000, internal regions: free" quote="Heap summary for capabilities 0x00001000" line=4 quantity=free memory=internal unit=bytes scale=1 readings=1 timed=true
    readings series=1 stretch=1 times=[2000000] lines=[4] values=[40000000]
    series id=2 label="Heap summary for capabilities 0x00001000, internal regions: largest" quote="Heap summary for capabilities 0x00001000" line=4 quantity=largest memory=internal unit=bytes scale=1 readings=1 timed=true
    readings series=2 stretch=1 times=[2000000] lines=[4] values=[32000000]
    series id=3 label="Heap summary for capabilities 0x00001000, internal regions: minimum" quote="Heap summary for capabilities 0x00001000" line=4 quantity=minimum memory=internal unit=bytes scale=1 readings=1 timed=true
    readings series=3 stretch=1 times=[2000000] lines=[4] values=[30000000]
    series id=4 label="Heap summary for capabilities 0x00001000, internal regions: total" quote="Heap summary for capabilities 0x00001000" line=4 quantity=total memory=internal unit=bytes scale=1 readings=1 timed=true
    readings series=4 stretch=1 times=[2000000] lines=[4] values=[65536000]
    series id=5 label="Heap summary for capabilities 0x00001000, PSRAM regions: free" quote="Heap summary for capabilities 0x00001000" line=4 quantity=free memory=psram unit=bytes scale=1 readings=1 timed=true
    readings series=5 stretch=1 times=[2000000] lines=[4] values=[100000000]
    series id=6 label="Heap summary for capabilities 0x00001000, PSRAM regions: largest" quote="Heap summary for capabilities 0x00001000" line=4 quantity=largest memory=psram unit=bytes scale=1 readings=1 timed=true
    readings series=6 stretch=1 times=[2000000] lines=[4] values=[98304000]
    series id=7 label="Heap summary for capabilities 0x00001000, PSRAM regions: minimum" quote="Heap summary for capabilities 0x00001000" line=4 quantity=minimum memory=psram unit=bytes scale=1 readings=1 timed=true
    readings series=7 stretch=1 times=[2000000] lines=[4] values=[90000000]
    series id=8 label="Heap summary for capabilities 0x00001000, PSRAM regions: total" quote="Heap summary for capabilities 0x00001000" line=4 quantity=total memory=psram unit=bytes scale=1 readings=1 timed=true
    readings series=8 stretch=1 times=[2000000] lines=[4] values=[131072000]
    section kind="heap regions at boot" firstLine=1 lastLine=2 records=2 whole=true
    section kind="heap info" firstLine=4 lastLine=10 records=2 whole=true
    account events=12 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=11"
  `);
});

test("a pool inside another heap's block is counted once", async () => {
  const log = `I (2000) app: summary
Heap summary for capabilities 0x00000008:
  At 0x3ffb0000 len 65536 free 40000 allocated 20000 min_free 30000
    largest_free_block 30000 alloc_blocks 40 free_blocks 5 total_blocks 45
  At 0x3ffb8000 len 8192 free 8000 allocated 100 min_free 7000
    largest_free_block 7900 alloc_blocks 4 free_blocks 2 total_blocks 6
  Totals:
    free 48000 allocated 20100 min_free 37000 largest_free_block 30000
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    regions time=2000000 regions=[{start=0x3ffb0000 end=0x3ffc0000 caps=0x8 free=48000 largestFree=30000 minimumFree=30000}]
    series id=1 label="Heap summary for capabilities 0x00000008: free" quote="Heap summary for capabilities 0x00000008" line=2 quantity=free memory=dma unit=bytes scale=1 readings=1 timed=true
    readings series=1 stretch=1 times=[2000000] lines=[2] values=[48000000]
    series id=2 label="Heap summary for capabilities 0x00000008: largest" quote="Heap summary for capabilities 0x00000008" line=2 quantity=largest memory=dma unit=bytes scale=1 readings=1 timed=true
    readings series=2 stretch=1 times=[2000000] lines=[2] values=[30000000]
    series id=3 label="Heap summary for capabilities 0x00000008: minimum" quote="Heap summary for capabilities 0x00000008" line=2 quantity=minimum memory=dma unit=bytes scale=1 readings=1 timed=true
    readings series=3 stretch=1 times=[2000000] lines=[2] values=[37000000]
    series id=4 label="Heap summary for capabilities 0x00000008: total" quote="Heap summary for capabilities 0x00000008" line=2 quantity=total memory=dma unit=bytes scale=1 readings=1 timed=true
    readings series=4 stretch=1 times=[2000000] lines=[2] values=[65536000]
    section kind="heap info" firstLine=2 lastLine=8 records=2 whole=true
    account events=5 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=8"
  `);
});

test.for([
  ["internal memory", "00000800", "3ffb0000", 65536],
  ["PSRAM of the ESP32-P4", "00000400", "48000000", 65537],
  ["PSRAM of the ESP32-S3", "00000400", "3c000000", 65537],
  ["as much as RTC memory at PSRAM's place", "00000000", "50000000", 65536],
] as const)("whose figures a summary of %s gives", async ([, caps, start, length]) => {
  const log = `Heap summary for capabilities 0x${caps}:
  At 0x${start} len ${length} free 40000 allocated 20000 min_free 30000
    largest_free_block 30000 alloc_blocks 40 free_blocks 5 total_blocks 45
  Totals:
    free 40000 allocated 20000 min_free 30000 largest_free_block 30000
`;
  const told = await toldOf(log);
  expect(told.match(/memory=\w+ unit=bytes/g)).toHaveLength(4);
  const isExternal = caps === "00000400";
  const memory = isExternal ? "psram" : caps === "00000800" ? "internal" : "any";
  expect(new Set(told.match(/memory=\w+/g))).toEqual(new Set([`memory=${memory}`]));
});

test("a summary that is damaged in each of its ways", async () => {
  const head = "Heap summary for capabilities 0x00001800:";
  const region = (at: string, length: number, free: number): string =>
    `  At 0x${at} len ${length} free ${free} allocated 100 min_free 50`;
  const detail = (largest: number): string =>
    `    largest_free_block ${largest} alloc_blocks 4 free_blocks 2 total_blocks 6`;
  const totals = (free: number): string => `    free ${free} allocated 100 min_free 50 largest_free_block 80`;
  const damages = async (...lines: string[]): Promise<string> =>
    (await toldOf(lines.join("\n")))
      .split("\n")
      .filter((line) => /^(?:regions|section|damage|readings)/.test(line))
      .join("\n");
  expect(await damages(head, region("3ffb00", 1000, 100), detail(90), totals(100))).toMatchInlineSnapshot(`
    "section kind="heap info" firstLine=1 lastLine=4 records=0 whole=false
    damage line=2 reason="a region cannot lie there"
    damage line=3 reason="the second line of a region without its first one"
    damage line=4 reason="the totals do not fit the regions: lines were lost""
  `);
  expect(await damages(head, region("3ffb0000", 1000, 1001), totals(0))).toMatchInlineSnapshot(`
    "section kind="heap info" firstLine=1 lastLine=3 records=0 whole=false
    damage line=2 reason="a region has more free bytes than it has bytes""
  `);
  expect(await damages(head, region("3ffb0000", 1000, 1000), detail(1000), totals(1000))).toMatchInlineSnapshot(`
    "regions time=0 regions=[{start=0x3ffb0000 end=0x3ffb03e8 caps=0x1800 free=1000 largestFree=1000 minimumFree=50}]
    readings series=1 stretch=1 times=[] lines=[1] values=[1000000]
    readings series=2 stretch=1 times=[] lines=[1] values=[1000000]
    readings series=3 stretch=1 times=[] lines=[1] values=[50000]
    readings series=4 stretch=1 times=[] lines=[1] values=[1000000]
    section kind="heap info" firstLine=1 lastLine=4 records=1 whole=true"
  `);
  expect(await damages(head, region("3ffb0000", 1000, 100), detail(101), totals(100))).toMatchInlineSnapshot(`
    "section kind="heap info" firstLine=1 lastLine=4 records=0 whole=false
    damage line=3 reason="a region's largest free block exceeds what it has free""
  `);
  expect(await damages(head, region("3ffb0000", 1000, 100), region("3ffb1000", 1000, 100), detail(90), totals(200)))
    .toMatchInlineSnapshot(`
    "regions time=0 regions=[{start=0x3ffb1000 end=0x3ffb13e8 caps=0x1800 free=100 largestFree=90 minimumFree=50}]
    readings series=1 stretch=1 times=[] lines=[1] values=[100000]
    readings series=2 stretch=1 times=[] lines=[1] values=[90000]
    readings series=3 stretch=1 times=[] lines=[1] values=[50000]
    readings series=4 stretch=1 times=[] lines=[1] values=[1000000]
    section kind="heap info" firstLine=1 lastLine=5 records=1 whole=false
    damage line=3 reason="the region before lacks its second line""
  `);
  expect(await damages(head, detail(90), region("3ffb0000", 1000, 100), detail(90), detail(90), "min_free", totals(90)))
    .toMatchInlineSnapshot(`
    "regions time=0 regions=[{start=0x3ffb0000 end=0x3ffb03e8 caps=0x1800 free=100 largestFree=90 minimumFree=50}]
    readings series=1 stretch=1 times=[] lines=[1] values=[100000]
    readings series=2 stretch=1 times=[] lines=[1] values=[90000]
    readings series=3 stretch=1 times=[] lines=[1] values=[50000]
    readings series=4 stretch=1 times=[] lines=[1] values=[1000000]
    section kind="heap info" firstLine=1 lastLine=7 records=1 whole=false
    damage line=2 reason="the second line of a region without its first one"
    damage line=5 reason="the second line of a region without its first one"
    damage line=6 reason="a line of the heap summary is damaged"
    damage line=7 reason="the totals do not fit the regions: lines were lost""
  `);
  expect(await damages(head, region("3ffb0000", 1000, 0), detail(0), region("3ffb1000", 1000, 9), detail(9), totals(9)))
    .toMatchInlineSnapshot(`
    "regions time=0 regions=[{start=0x3ffb0000 end=0x3ffb03e8 caps=0x1800 free=0 largestFree=0 minimumFree=50}, {start=0x3ffb1000 end=0x3ffb13e8 caps=0x1800 free=9 largestFree=9 minimumFree=50}]
    readings series=1 stretch=1 times=[] lines=[1] values=[9000]
    readings series=2 stretch=1 times=[] lines=[1] values=[9000]
    readings series=3 stretch=1 times=[] lines=[1] values=[100000]
    readings series=4 stretch=1 times=[] lines=[1] values=[2000000]
    section kind="heap info" firstLine=1 lastLine=6 records=2 whole=true"
  `);
  expect(await damages(head, region("3ffb0000", 1000, 0), detail(0), "  Totals:", "I (1) app: x"))
    .toMatchInlineSnapshot(`
    "regions time=1000 regions=[{start=0x3ffb0000 end=0x3ffb03e8 caps=0x1800 free=0 largestFree=0 minimumFree=50}]
    readings series=1 stretch=1 times=[] lines=[1] values=[0]
    readings series=2 stretch=1 times=[] lines=[1] values=[0]
    readings series=3 stretch=1 times=[] lines=[1] values=[50000]
    readings series=4 stretch=1 times=[] lines=[1] values=[1000000]
    section kind="heap info" firstLine=1 lastLine=4 records=1 whole=false
    damage line=4 reason="the heap summary breaks off before its totals""
  `);
});

test("every block of a heap: what was known keeps its site, the same heap again is a later state", async () => {
  const log = `I (400) heap_init: At 3FFB0000 len 00010000 (64 KiB): DRAM
I (500) app: known
Memory allocated at 0x3ffb0020, caps 0x1804, size 50 bytes, in main/net.c, line 12, function net_open, variable rx
Memory allocated at 0x3fff0000, caps 0x1804, size 50 bytes, in main/net.c, line 13, function net_open, variable tx
I (600) app: dump
Showing data for heap: 0x3ffb0000
Block 0x3ffb0018 data, size: 64 bytes, Free: No
Block 0x3ffb005c data, size: 240 bytes, Free: Yes
Block 0x3ffb0150 data, size: 32 bytes, Free: No
Block 0x3ffb0174 data, size: 0 bytes, Free: No
Showing data for heap: 0x3ffe0000
Block 0x3ffe0018 data, size: 100 bytes, Free: Yes
Block 0x3ffe0080 data, size: 300 bytes, Free: Yes
I (700) app: again
Showing data for heap: 0x3ffb0000
Block 0x3ffb0018 data, size: 64 bytes, Free: Yes
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    regions time=400000 regions=[{name=DRAM start=0x3ffb0000 end=0x3ffc0000 caps=0x180e free=65536 largestFree=65536}]
    site id=1 method=0 caps=0x1804 file=main/net.c line=12 function=net_open variable=rx
    gap time=400000 reason=attached-late lostFrames=0
    alloc time=500000 address=0x3ffb0020 size=50 site=1 task=2 core=0
    site id=2 method=0 caps=0x1804 file=main/net.c line=13 function=net_open variable=tx
    alloc time=500000 address=0x3fff0000 size=50 site=2 task=2 core=0
    snapshotBegin time=600000
    live address=0x3ffb0020 size=50 site=1 task=2 moving=false
    live address=0x3ffb0150 size=32 site=0 task=2 moving=false
    live address=0x3fff0000 size=50 site=2 task=2 moving=false
    snapshotEnd time=600000 records=3
    regions time=600000 regions=[{name=DRAM start=0x3ffb0000 end=0x3ffc0000 caps=0x180e free=240 largestFree=240}, {start=0x3ffe0000 end=0x3ffe01b0 caps=0x0 free=400 largestFree=300}]
    snapshotBegin time=700000
    live address=0x3ffb0150 size=32 site=0 task=2 moving=false
    live address=0x3fff0000 size=50 site=2 task=2 moving=false
    snapshotEnd time=700000 records=2
    regions time=700000 regions=[{name=DRAM start=0x3ffb0000 end=0x3ffc0000 caps=0x180e free=64 largestFree=64}, {start=0x3ffe0000 end=0x3ffe01b0 caps=0x0 free=400 largestFree=300}]
    section kind="heap regions at boot" firstLine=1 lastLine=1 records=1 whole=true
    section kind="classic tracker" firstLine=3 lastLine=4 records=2 whole=true
    section kind="heap dump" firstLine=6 lastLine=10 records=4 whole=true
    section kind="heap dump" firstLine=11 lastLine=13 records=2 whole=true
    section kind="heap dump" firstLine=15 lastLine=16 records=1 whole=true
    hint the classic tracker prints no frees: a block counts as live until another one takes its place; memmap's own probe, which offers the same functions, reports frees too
    account events=11 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=16"
  `);
});

test("a dump that is damaged in each of its ways", async () => {
  const log = `Block 0x3ffb0018 data, size: 64 bytes, Free: No
Showing data for heap: 0x3ffb0000
Block 0x3ffb0018 data, size: 64 bytes, Free: No
Block 0x3ffb005c data, size: 240 by
Block 0x3ffb00 data, size: 240 bytes, Free: No
Block 0x3ffb0018 data, size: 240 bytes, Free: No
Block 0x3ffb0100 data, size: 240 bytes, Free: No
Showing data for heap: 0x3ffc0000
Block 0x3ffc0018 data, size: 64 bytes, Free: No
Block 0x3ffc005d data, size: 64 bytes, Free: Yes
Block 0x3ffc00a2 data, size: 64 bytes, Free: Yes
Showing data for heap: 0x3ffd0000
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    snapshotBegin time=0
    live address=0x3ffb0018 size=64 site=0 task=2 moving=false
    live address=0x3ffb0100 size=240 site=0 task=2 moving=false
    live address=0x3ffc0018 size=64 site=0 task=2 moving=false
    snapshotEnd time=0 records=3
    section kind="heap dump" firstLine=2 lastLine=7 records=2 whole=false
    section kind="heap dump" firstLine=8 lastLine=11 records=3 whole=false
    damage line=1 reason="a block of a heap dump without its heap's first line"
    damage line=4 reason="a line of the heap dump is damaged"
    damage line=5 reason="a block of the heap dump cannot lie there"
    damage line=6 reason="a block lies below the one before it"
    damage line=10 reason="blocks are missing before this one, or have another layout than ESP-IDF's"
    account events=3 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=12"
  `);
});

const overview = (rows: readonly (readonly [string, string, number, number, number])[]): string =>
  [
    "┌────────────────────┬─────────┬──────────────────────┬───────────────────┬─────────────────┐",
    "│ TASK               │ STATUS  │ CURRENT MEMORY USAGE │ PEAK MEMORY USAGE │ TOTAL HEAP USED │",
    "├────────────────────┼─────────┼──────────────────────┼───────────────────┼─────────────────┤",
    ...rows.map((row) => `│ ${row.join(" │ ")} │`),
    "└────────────────────┴─────────┴──────────────────────┴───────────────────┴─────────────────┘",
  ].join("\n");

test("the overview of tasks, printed again and again, becomes series", async () => {
  const table = (used: number): string =>
    overview([
      ["worker", "DELETED", 96, 512, 2],
      ["main", "ALIVE", used, 2048, 1],
    ]);
  const log = [1, 2, 3, 4].map((i) => `I (${i}000) app: tasks\n${table(i * 1000)}\n`).join("");
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    task id=3 name=worker handle=0x0 deleted=true
    task id=4 name=main handle=0x0
    incident kind=leak-check line=5 quote="│ worker │ DELETED │ 96 │ 512 │ 2 │" task=worker size=96 facts=["ended tasks 1"] time=1000000 count=4 lastLine=26
    series id=1 label="task worker" quote="│ worker │ DELETED │ 96 │ 512 │ 2 │" line=5 quantity=used memory=any unit=bytes scale=1 readings=4 timed=true
    readings series=1 stretch=1 times=[1000000, 2000000, 3000000, 4000000] lines=[5, 12, 19, 26] values=[96000, 96000, 96000, 96000]
    series id=2 label="task main" quote="│ main │ ALIVE │ 1000 │ 2048 │ 1 │" line=6 quantity=used memory=any unit=bytes scale=1 readings=4 timed=true
    readings series=2 stretch=1 times=[1000000, 2000000, 3000000, 4000000] lines=[6, 13, 20, 27] values=[1000000, 2000000, 3000000, 4000000]
    section kind="task tracking" firstLine=5 lastLine=11 records=2 whole=true
    section kind="task tracking" firstLine=12 lastLine=18 records=2 whole=true
    section kind="task tracking" firstLine=19 lastLine=25 records=2 whole=true
    section kind="task tracking" firstLine=26 lastLine=28 records=2 whole=true
    totals line=5 task=worker deleted=true currentBytes=96 peakBytes=512 heaps=2
    totals line=6 task=main deleted=false currentBytes=1000 peakBytes=2048 heaps=1
    totals line=12 task=worker deleted=true currentBytes=96 peakBytes=512 heaps=2
    totals line=13 task=main deleted=false currentBytes=2000 peakBytes=2048 heaps=1
    totals line=19 task=worker deleted=true currentBytes=96 peakBytes=512 heaps=2
    totals line=20 task=main deleted=false currentBytes=3000 peakBytes=2048 heaps=1
    totals line=26 task=worker deleted=true currentBytes=96 peakBytes=512 heaps=2
    totals line=27 task=main deleted=false currentBytes=4000 peakBytes=2048 heaps=1
    hint print_all_task_stat() lists blocks too; the overview alone tells only sums per task
    account events=9 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=28"
  `);
});

test("the tree of tasks and their blocks: deleted tasks, blocks that are not listed, ones that are known", async () => {
  const log = `I (500) app: known
Memory allocated at 0x3fc9a00c, caps 0x1804, size 20 bytes, in main/net.c, line 12, function net_open, variable rx
Memory allocated at 0x3fc9a04d, caps 0x1804, size 20 bytes, in main/net.c, line 13, function net_open, variable tx
Memory allocated at 0x3fc9c000, caps 0x1804, size 20 bytes, in main/net.c, line 14, function net_open, variable zx
I (600) app: tree
├ DELETED: worker, CURRENT MEMORY USAGE 96, PEAK MEMORY USAGE 512, TOTAL HEAP USED 2:
│    ├ HEAP: RAM, CAPS: 0x0010580e, SIZE: 345678, USAGE: CURRENT 96 (0%), PEAK 512 (0%), ALLOC COUNT: 3
│    │    ├ ALLOC 0x3fc9a000, SIZE 32
│    │    ├ ALLOC 0x3fc9a040, SIZE 64
│    ├ HEAP: RAM, CAPS: 0x0010580e, SIZE: 345678, USAGE: CURRENT 96 (0%), PEAK 512 (0%), ALLOC COUNT: 1
│    │    ├ ALLOC 0x3fc9, SIZE 64
│    │    ├ ALLOC 0x3fc9b
I (650) other: goes on meanwhile
└ ALIVE: Pre-scheduler, CURRENT MEMORY USAGE 1024, PEAK MEMORY USAGE 2048, TOTAL HEAP USED 1:
     └ HEAP: RAM, CAPS: 0x0010580e, SIZE: 345678, USAGE: CURRENT 1024 (0%), PEAK 2048 (0%), ALLOC COUNT: 1
          └ ALLOC 0x3fc9b000, SIZE 1024

└ ALIVE: main, CURRENT MEMORY USAGE 24, PEAK MEMORY USAGE 2048, TOTAL HEAP USED 1:
     └ HEAP: RAM, CAPS: 0x0010580e, SIZE: 345678, USAGE: CURRENT 24 (0%), PEAK 2048 (0%), ALLOC COUNT: 2
          └ ALLOC 0x3fc9d000, SIZE 24
the end
          └ ALLOC 0x3fc9e000, SIZE 24
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x1804 file=main/net.c line=12 function=net_open variable=rx
    gap time=0 reason=attached-late lostFrames=0
    alloc time=500000 address=0x3fc9a00c size=20 site=1 task=2 core=0
    site id=2 method=0 caps=0x1804 file=main/net.c line=13 function=net_open variable=tx
    alloc time=500000 address=0x3fc9a04d size=20 site=2 task=2 core=0
    site id=3 method=0 caps=0x1804 file=main/net.c line=14 function=net_open variable=zx
    alloc time=500000 address=0x3fc9c000 size=20 site=3 task=2 core=0
    task id=3 name=worker handle=0x0 deleted=true
    task id=0 name=Pre-scheduler handle=0x0
    task id=5 name=main handle=0x0
    snapshotBegin time=600000
    live address=0x3fc9a00c size=20 site=1 task=3 moving=false
    live address=0x3fc9a040 size=64 site=0 task=3 moving=false
    live address=0x3fc9b000 size=1024 site=0 task=0 moving=false
    live address=0x3fc9c000 size=20 site=3 task=2 moving=false
    live address=0x3fc9d000 size=24 site=0 task=5 moving=false
    snapshotEnd time=600000 records=5
    incident kind=leak-check line=6 quote="├ DELETED: worker, CURRENT MEMORY USAGE 96, PEAK MEMORY USAGE 512, TOTAL HEAP USED 2:" task=worker size=96 facts=["ended tasks 1"] time=600000 count=1 lastLine=6
    series id=1 label="task worker" quote="├ DELETED: worker, CURRENT MEMORY USAGE 96, PEAK MEMORY USAGE 512, TOTAL HEAP USED 2:" line=6 quantity=used memory=any unit=bytes scale=1 readings=1 timed=true
    readings series=1 stretch=1 times=[600000] lines=[6] values=[96000]
    series id=2 label="task Pre-scheduler" quote="└ ALIVE: Pre-scheduler, CURRENT MEMORY USAGE 1024, PEAK MEMORY USAGE 2048, TOTAL HEAP USED 1:" line=14 quantity=used memory=any unit=bytes scale=1 readings=1 timed=true
    readings series=2 stretch=1 times=[600000] lines=[14] values=[1024000]
    series id=3 label="task main" quote="└ ALIVE: main, CURRENT MEMORY USAGE 24, PEAK MEMORY USAGE 2048, TOTAL HEAP USED 1:" line=18 quantity=used memory=any unit=bytes scale=1 readings=1 timed=true
    readings series=3 stretch=1 times=[600000] lines=[18] values=[24000]
    section kind="classic tracker" firstLine=2 lastLine=4 records=3 whole=true
    section kind="task tracking" firstLine=6 lastLine=20 records=3 whole=false
    damage line=9 reason="1 of 3 blocks of a task are not listed"
    damage line=11 reason="a block of the task table cannot lie there"
    damage line=12 reason="a line of the task table is damaged"
    damage line=12 reason="1 of 1 blocks of a task are not listed"
    damage line=20 reason="1 of 2 blocks of a task are not listed"
    damage line=22 reason="a block of a task table without its task"
    totals line=6 task=worker deleted=true currentBytes=96 peakBytes=512 heaps=2
    totals line=14 task=Pre-scheduler deleted=false currentBytes=1024 peakBytes=2048 heaps=1
    totals line=18 task=main deleted=false currentBytes=24 peakBytes=2048 heaps=1
    hint the classic tracker prints no frees: a block counts as live until another one takes its place; memmap's own probe, which offers the same functions, reports frees too
    account events=12 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=22"
  `);
});

test("Unity's checks: leaks with their test, verdicts that repeat them, what a threshold allows", async () => {
  const log = `Running one...
MALLOC_CAP_8BIT potential leak: Before 1000 bytes free, After 900 bytes free (delta -100)
MALLOC_CAP_8BIT usage: Free memory delta: -100 Leak threshold: -50
x
8BIT leak: Before 1000 bytes free, After 899 bytes free (delta -101)
x
x
MALLOC_CAP_32BIT critical leak: Before 1000 bytes free, After 899 bytes free (delta -101)
MALLOC_CAP_32BIT critical leak: Before 1000 bytes free, After 1001 bytes free (delta 1)
MALLOC_CAP_32BIT leak: Before 1000 bytes free, After 1000 bytes free (delta 0)
TEST(group, two)
MALLOC_CAP_8BIT usage: Free memory delta: -51 Leak threshold: -50
MALLOC_CAP_8BIT usage: Free memory delta: -50 Leak threshold: -50
MALLOC_CAP_8BIT usage: Free memory delta: -49 Leak threshold: -50
test.c:12:three:PASS
MALLOC_CAP_8BIT usage: Free memory delta: -60 Leak threshold: -50
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    incident kind=leak-check line=2 quote="MALLOC_CAP_8BIT potential leak: Before 1000 bytes free, After 900 bytes free (delta -100)" size=100 component=MALLOC_CAP_8BIT detail=potential function=one free=900 time=0 count=1 lastLine=2
    incident kind=leak-check line=5 quote="8BIT leak: Before 1000 bytes free, After 899 bytes free (delta -101)" size=101 component=8BIT detail=threshold function=one free=899 time=0 count=1 lastLine=5
    incident kind=leak-check line=8 quote="MALLOC_CAP_32BIT critical leak: Before 1000 bytes free, After 899 bytes free (delta -101)" size=101 component=MALLOC_CAP_32BIT detail=critical function=one free=899 time=0 count=1 lastLine=8
    incident kind=leak-check line=9 quote="MALLOC_CAP_32BIT critical leak: Before 1000 bytes free, After 1001 bytes free (delta 1)" facts=["passed 1"] time=0 count=4 lastLine=14
    incident kind=leak-check line=12 quote="MALLOC_CAP_8BIT usage: Free memory delta: -51 Leak threshold: -50" size=51 component=MALLOC_CAP_8BIT detail=threshold function="group, two" time=0 count=1 lastLine=12
    incident kind=leak-check line=16 quote="MALLOC_CAP_8BIT usage: Free memory delta: -60 Leak threshold: -50" size=60 component=MALLOC_CAP_8BIT detail=threshold function=three time=0 count=1 lastLine=16
    section kind="leak check" firstLine=2 lastLine=2 records=1 whole=true
    section kind="leak check" firstLine=5 lastLine=5 records=1 whole=true
    section kind="leak check" firstLine=8 lastLine=8 records=1 whole=true
    section kind="leak check" firstLine=9 lastLine=9 records=0 whole=true
    section kind="leak check" firstLine=10 lastLine=10 records=0 whole=true
    section kind="leak check" firstLine=12 lastLine=12 records=1 whole=true
    section kind="leak check" firstLine=13 lastLine=13 records=0 whole=true
    section kind="leak check" firstLine=14 lastLine=14 records=0 whole=true
    section kind="leak check" firstLine=16 lastLine=16 records=1 whole=true
    account events=6 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=16"
  `);
});

test("a test that measures its heap and then gives its verdict: without one it is no leak", async () => {
  const measured = (delta: number): string => `MALLOC_CAP_8BIT: Before 385196 bytes free, After ${385196 + delta} bytes free (delta ${delta})\nMALLOC_CAP_32BIT: Before 385196 bytes free, After ${385196 + delta} bytes free (delta ${delta})\n`; // prettier-ignore
  const verdict = "./main/test_vbus.c:24:vbus:FAIL:Function [tinyusb].  memory leak\n";
  expect(
    await toldOf(
      `Running set_up...\n${measured(-52)}./main/test_vbus.c:9:set_up:PASS\nRunning vbus...\n${measured(-4520)}${verdict}${verdict}${measured(-60)}x\nx\nx\n${verdict}`,
    ),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    incident kind=leak-check line=6 quote="MALLOC_CAP_8BIT: Before 385196 bytes free, After 380676 bytes free (delta -4520)" size=4520 component=MALLOC_CAP_8BIT detail=threshold function=vbus free=380676 time=0 count=1 lastLine=6
    section kind="leak check" firstLine=6 lastLine=6 records=1 whole=true
    account events=1 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=15"
  `);
});

test("ESP-IDF tells what leaked as a positive number, once or with the change before it", async () => {
  const incidents = (await toldOf(`Running three...
MALLOC_CAP_8BIT critical leak: Before 288012 bytes free, After 286688 bytes free (delta 1324)
x
x
MALLOC_CAP_32BIT usage: Free memory delta: -2048 Leak threshold: -1024 
MALLOC_CAP_32BIT critical leak: Before 288012 bytes free, After 285964 bytes free (delta 2048)
MALLOC_CAP_DMA usage: Free memory delta: -100 Leak threshold: -1024 
MALLOC_CAP_DMA potential leak: Before 288012 bytes free, After 287912 bytes free (delta 100)
`)).split("\n").filter((line) => /incident kind/.test(line)); // prettier-ignore
  expect(incidents.map((line) => line.match(/line=\d+|size=\d+/g)?.join(" "))).toEqual([
    "line=2 size=1324",
    "line=5 size=2048",
    // Within what the test allows: a check that passed.
    "line=7",
  ]);
});

test("a leak without a test's name", async () => {
  expect(await toldOf("MALLOC_CAP_8BIT potential leak: Before 1000 bytes free, After 900 bytes free (delta -100)\n"))
    .toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    incident kind=leak-check line=1 quote="MALLOC_CAP_8BIT potential leak: Before 1000 bytes free, After 900 bytes free (delta -100)" size=100 component=MALLOC_CAP_8BIT detail=potential free=900 time=0 count=1 lastLine=1
    section kind="leak check" firstLine=1 lastLine=1 records=1 whole=true
    account events=1 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=1"
  `);
});

test("core dumps in base64 are said, with where they end", async () => {
  const log = `I (1) app: x
================= CORE DUMP START =================
ABCD1234
+/==
not base64 !
================= CORE DUMP END =================
ABCD
================= CORE DUMP START =================
ABCD1234
================= CORE DUMP START =================
AB==
I (2) app: x
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    damage line=2 reason="a core dump, up to line 6"
    damage line=8 reason="a core dump, up to line 9"
    damage line=10 reason="a core dump, up to line 12"
    hint the log holds a core dump: save its lines of base64 in a file and read it with \`esp-coredump info_corefile -t b64 -c FILE build/APP.elf\`
    account events=0 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=12"
  `);
});

describe("memory that lies where PSRAM is mapped", () => {
  const at = (start: number, bytes = 0x20000): string =>
    `  At 0x${start.toString(16).padStart(8, "0")} len ${bytes} free 40000 allocated 20000 min_free 30000
    largest_free_block 32000 alloc_blocks 40 free_blocks 5 total_blocks 45
`;
  const kindsOf = async (...regions: readonly string[]): Promise<string[]> => {
    const told = await toldOf(`Heap summary for capabilities 0x00000004:
${regions.join("")}  Totals:
    free ${40000 * regions.length} allocated 50000 min_free 120000 largest_free_block 32000
`);
    return [...told.matchAll(/quantity=free memory=(\w+)/g)].map(([, memory = ""]) => memory);
  };

  test.for<readonly [number, number]>([
    [0x3c000000, 0x3e000000],
    [0x3f400000, 0x3fc00000],
    [0x42000000, 0x44000000],
    [0x48000000, 0x4c000000],
    [0x50000000, 0x54000000],
  ])("begins and ends at its borders", async ([from, to]) => {
    const kinds = await Promise.all([from - 1, from, to - 1, to].map((start) => kindsOf(at(start))));
    expect(kinds.flat()).toEqual(["any", "psram", "psram", "any"]);
  });

  test("has more than 64 KiB", async () => {
    expect([await kindsOf(at(0x50000000, 0x10000)), await kindsOf(at(0x50000000, 0x10001))]).toEqual([
      ["any"],
      ["psram"],
    ]);
    expect(await kindsOf(at(0x3ffb0000), at(0x3f800000))).toEqual(["internal", "psram"]);
  });
});

test("the highest bit of what was asked for is one of a region's", async () => {
  const told = await toldOf(`Heap summary for capabilities 0x80000400:
  At 0x3ffb0000 len 65520 free 40000 allocated 20000 min_free 30000
    largest_free_block 32000 alloc_blocks 40 free_blocks 5 total_blocks 45
  Totals:
    free 40000 allocated 20000 min_free 30000 largest_free_block 32000
`);
  expect(told).toContain("caps=0x80000400");
});
