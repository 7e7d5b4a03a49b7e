// Heap traces of a log, in all forms in which they are printed: everything that is told of a small one.
import { expect, test } from "vitest";
import { toldOf } from "./told.ts";

const boot = `ESP-ROM:esp32s3-20210327
I (30) cpu_start: cpu freq: 240000000 Hz
`;

test("ESP-IDF 5.0: records, who freed them, a place used again, both cores, and no mark at its end", async () => {
  const log = `${boot}I (1000) app: dump
5 allocations trace (100 entry buffer)
8 bytes (@ 0x3ffb68a0) allocated CPU 0 ccount 0xffffff00 caller 0x400d3caf:0x400e3898
freed by 0x400d3d00:0x400e3898
24 bytes (@ 0x3ffb68b0) allocated CPU 1 ccount 0xfffffe00 caller 0x400d3cf8:
0x400d3cf8: start_worker at /home/u/main/worker.c:41
16 bytes (@ 0x3ffb68a0) allocated CPU 0 ccount 0x000005f4 caller 0x400d3caf:0x400e3898
16 bytes (@ 0x3ffb68a0) allocated CPU 0 ccount 0x000005f4 caller 0x400d3caf:0x400e3898
100 bytes (@ 0x3ffb7000, PSRAM) allocated CPU 1 ccount 0x000005f7
140 bytes alive in trace (3/4 allocations)
total allocations 7 total frees 2
I (1100) app: done
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log" chip=esp32s3
    site id=1 method=0 caps=0x0 callers=[0x400d3caf, 0x400e3898]
    site id=2 method=5 caps=0x0 callers=[0x400d3d00, 0x400e3898]
    site id=3 method=0 caps=0x0 callers=[0x400d3cf8] frames=[{function=start_worker file=/home/u/main/worker.c line=41 address=0x400d3cf8}]
    site id=4 method=0 caps=0x400
    gap time=0 reason=attached-late lostFrames=0
    alloc time=999991.5166666667 address=0x3ffb68a0 size=8 site=1 task=2 core=0
    alloc time=999991.5166666667 address=0x3ffb68b0 size=24 site=3 task=2 core=1
    free time=1000000 address=0x3ffb68a0 size=0 site=2 task=2 core=0
    alloc time=1000000 address=0x3ffb68a0 size=16 site=1 task=2 core=0
    alloc time=1000000 address=0x3ffb7000 size=100 site=4 task=2 core=1
    incident kind=heap-trace line=12 quote="140 bytes alive in trace (3/4 allocations)" detail="by site" site=3 size=24 facts=["blocks 1"] time=1100000 count=1 lastLine=12
    incident kind=heap-trace line=12 quote="140 bytes alive in trace (3/4 allocations)" detail="by site" site=1 size=16 facts=["blocks 1"] time=1100000 count=1 lastLine=12
    incident kind=heap-trace line=12 quote="140 bytes alive in trace (3/4 allocations)" facts=["first line 4", "declared records 5", "listed records 5", "listed blocks 3", "listed bytes 140", "told blocks 3", "told bytes 140", "total allocations 7", "total frees 2", "leaks only 0", "new trace 0", "sites 3", "overflowed 0", "allocator frames only 0", "no callers 0", "size 100 1", "size 24 1", "size 16 1"] time=1100000 count=1 lastLine=12
    section kind="heap trace" firstLine=4 lastLine=13 records=4 whole=true
    considered line=2 quote="cpu freq: 240000000 Hz" label="cpu freq" count=1 verdict="“Hz” is no unit of memory" taken=false
    account events=6 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=14"
  `);
});

test("ESP-IDF 5.1: a summary, what it says of modes, and an overflow whose losses its totals tell", async () => {
  const log = `====== Heap Trace: 2 records (2 capacity) ======
    40 bytes (@ 0x3fc94a00, Internal) allocated CPU 0 ccount 0x00001000 caller 0x42001000
    48 bytes (@ 0x3fc94a40, Internal) allocated CPU 0 ccount 0x00002000 caller 0x42001000 freed
====== Heap Trace Summary ======
Mode: Heap Trace All
40 bytes alive in trace (1/2 allocations)
records: 2 (2 capacity, 2 high water mark)
hashmap: 2 used
total allocations: 5
total frees: 3
(NB: New entries were traced while dumping, so trace dump may have duplicate entries.)
(NB: Internal Buffer has overflowed, so trace data is incomplete.)
================================
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x800 callers=[0x42001000]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3fc94a00 size=40 site=1 task=2 core=0
    alloc time=25.6 address=0x3fc94a40 size=48 site=1 task=2 core=0
    free time=25.6 address=0x3fc94a40 size=0 site=0 task=2 core=0
    gap time=25.6 reason=dropped-on-device lostFrames=0 lostEvents=3
    incident kind=heap-trace line=6 quote="40 bytes alive in trace (1/2 allocations)" detail="by site" site=1 size=40 facts=["blocks 1"] time=25.6 count=1 lastLine=6
    incident kind=heap-trace line=6 quote="40 bytes alive in trace (1/2 allocations)" site=1 facts=["first line 1", "declared records 2", "listed records 2", "listed blocks 1", "listed bytes 40", "told blocks 1", "told bytes 40", "told records 2", "total allocations 5", "total frees 3", "leaks only 0", "new trace 0", "sites 1", "overflowed 1", "allocator frames only 0", "no callers 0", "size 40 1"] time=25.6 count=1 lastLine=6
    section kind="heap trace" firstLine=1 lastLine=13 records=2 whole=true
    hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
    hint the trace buffer overflowed on the device: give heap_trace_init_standalone() more records
    account events=4 omittedDamage=0 droppedRecords=3 omittedIncidents=0 lines=13"
  `);
});

test("leaks only: what the next dump has no longer was freed, and what it repeats is the same", async () => {
  const dump = (records: string, count: number): string => `====== Heap Trace: ${count} records (100 capacity) ======
${records}
====== Heap Trace Summary ======
Mode: Heap Trace Leaks
${60 * count} bytes 'leaked' in trace (${count} allocations)
records: ${count} (100 capacity, 9 high water mark)
total allocations: 9
total frees: 3
================================
`;
  const a = "60 bytes (@ 0x3ffb0000, Internal) allocated CPU 0 ccount 0x00010000 caller 0x400d1000:0x400d2000";
  const b = "60 bytes (@ 0x3ffb1000, Internal) allocated CPU 1 ccount 0x00020000 caller 0x400d1100";
  const c = "60 bytes (@ 0x3ffb2000, Internal) allocated CPU 0 ccount 0x00030000 caller 0x400d1100";
  const log = `${boot}I (2000) app: first\n${dump(`${a}\n${b}`, 2)}I (3000) app: second\n${dump(`${a}\n${c}`, 2)}I (4000) app: started again\n${dump(c.replace("30000", "90000"), 1)}`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log" chip=esp32s3
    site id=1 method=0 caps=0x800 callers=[0x400d1000, 0x400d2000]
    site id=2 method=0 caps=0x800 callers=[0x400d1100]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=1999726.9333333333 address=0x3ffb0000 size=60 site=1 task=2 core=0
    alloc time=2000000 address=0x3ffb1000 size=60 site=2 task=2 core=1
    alloc time=3000000 address=0x3ffb2000 size=60 site=2 task=2 core=0
    free time=3000000 address=0x3ffb1000 size=0 site=0 task=2 core=1
    gap time=4000000 reason=source-incomplete lostFrames=0
    free time=4000000 address=0x3ffb2000 size=0 site=0 task=2 core=0
    alloc time=4000000 address=0x3ffb2000 size=60 site=2 task=2 core=0
    incident kind=heap-trace line=9 quote="120 bytes 'leaked' in trace (2 allocations)" detail="by site" site=1 size=60 facts=["blocks 1"] time=2000000 count=1 lastLine=9
    incident kind=heap-trace line=9 quote="120 bytes 'leaked' in trace (2 allocations)" detail="by site" site=2 size=60 facts=["blocks 1"] time=2000000 count=1 lastLine=9
    incident kind=heap-trace line=9 quote="120 bytes 'leaked' in trace (2 allocations)" site=1 facts=["first line 4", "declared records 2", "listed records 2", "listed blocks 2", "listed bytes 120", "told blocks 2", "told bytes 120", "told records 2", "total allocations 9", "total frees 3", "leaks only 1", "new trace 0", "sites 2", "overflowed 0", "allocator frames only 0", "no callers 0", "size 60 2"] time=2000000 count=1 lastLine=9
    incident kind=heap-trace line=20 quote="120 bytes 'leaked' in trace (2 allocations)" detail="by site" site=1 size=60 facts=["blocks 1"] time=3000000 count=1 lastLine=20
    incident kind=heap-trace line=20 quote="120 bytes 'leaked' in trace (2 allocations)" detail="by site" site=2 size=60 facts=["blocks 1"] time=3000000 count=1 lastLine=20
    incident kind=heap-trace line=20 quote="120 bytes 'leaked' in trace (2 allocations)" site=1 facts=["first line 15", "declared records 2", "listed records 2", "listed blocks 2", "listed bytes 120", "told blocks 2", "told bytes 120", "told records 2", "total allocations 9", "total frees 3", "leaks only 1", "new trace 0", "sites 2", "overflowed 0", "allocator frames only 0", "no callers 0", "size 60 2"] time=3000000 count=1 lastLine=20
    incident kind=heap-trace line=30 quote="60 bytes 'leaked' in trace (1 allocations)" detail="by site" site=2 size=60 facts=["blocks 1"] time=4000000 count=1 lastLine=30
    incident kind=heap-trace line=30 quote="60 bytes 'leaked' in trace (1 allocations)" site=2 facts=["first line 26", "declared records 1", "listed records 1", "listed blocks 1", "listed bytes 60", "told blocks 1", "told bytes 60", "told records 1", "total allocations 9", "total frees 3", "leaks only 1", "new trace 1", "sites 1", "overflowed 0", "allocator frames only 0", "no callers 0", "size 60 1"] time=4000000 count=1 lastLine=30
    section kind="heap trace" firstLine=4 lastLine=13 records=2 whole=true
    section kind="heap trace" firstLine=15 lastLine=24 records=2 whole=true
    section kind="heap trace" firstLine=26 lastLine=34 records=1 whole=true
    considered line=2 quote="cpu freq: 240000000 Hz" label="cpu freq" count=1 verdict="“Hz” is no unit of memory" taken=false
    account events=9 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=34"
  `);
});

test("a leak trace that overflowed does not say of what is gone that it was freed", async () => {
  const dump = (records: string, count: number): string => `====== Heap Trace: ${count} records (2 capacity) ======
${records}
====== Heap Trace Summary ======
Mode: Heap Trace Leaks
total allocations: 9
(NB: Buffer has overflowed, so trace data is incomplete.)
================================
`;
  const a = "60 bytes (@ 0x3ffb0000) allocated CPU 0 ccount 0x00010000";
  const b = "60 bytes (@ 0x3ffb1000) allocated CPU 0 ccount 0x00020000";
  expect(await toldOf(`${dump(`${a}\n${b}`, 2)}${dump(b, 1)}`)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0000 size=60 site=0 task=2 core=0
    alloc time=409.6 address=0x3ffb1000 size=60 site=0 task=2 core=0
    gap time=409.6 reason=dropped-on-device lostFrames=0
    gap time=409.6 reason=dropped-on-device lostFrames=0
    incident kind=heap-trace line=1 quote="====== Heap Trace: 2 records (2 capacity) ======" facts=["first line 1", "declared records 2", "listed records 2", "listed blocks 2", "listed bytes 120", "total allocations 9", "leaks only 1", "new trace 0", "sites 1", "overflowed 1", "allocator frames only 0", "no callers 1", "size 60 2"] time=409.6 count=1 lastLine=1
    incident kind=heap-trace line=9 quote="====== Heap Trace: 1 records (2 capacity) ======" facts=["first line 9", "declared records 1", "listed records 1", "listed blocks 1", "listed bytes 60", "total allocations 9", "leaks only 1", "new trace 0", "sites 1", "overflowed 1", "allocator frames only 0", "no callers 1", "size 60 1"] time=409.6 count=1 lastLine=9
    section kind="heap trace" firstLine=1 lastLine=8 records=2 whole=true
    section kind="heap trace" firstLine=9 lastLine=15 records=1 whole=true
    hint the heap trace has no callers: RISC-V chips need CONFIG_ESP_SYSTEM_USE_FRAME_POINTER and ESP-IDF 5.5, Xtensa chips a CONFIG_HEAP_TRACING_STACK_DEPTH above 0
    hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
    hint the trace buffer overflowed on the device: give heap_trace_init_standalone() more records
    account events=4 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=15"
  `);
});

test("what is missing is told: records, the summary, its end", async () => {
  const record = (at: number): string =>
    `8 bytes (@ 0x3ffb00${at}0) allocated CPU 0 ccount 0x0000${at}000 caller 0x400d1000`;
  const head = "====== Heap Trace: 3 records (100 capacity) ======";
  expect(await toldOf(`${head}\n${record(1)}\n${record(2)}\n====== Heap Trace Summary ======\ntotal allocations: 4\n`))
    .toMatchInlineSnapshot(`
      "boot stackDepth=0 origin="console log"
      site id=1 method=0 caps=0x0 callers=[0x400d1000]
      gap time=0 reason=attached-late lostFrames=0
      alloc time=0 address=0x3ffb0010 size=8 site=1 task=2 core=0
      alloc time=25.6 address=0x3ffb0020 size=8 site=1 task=2 core=0
      gap time=25.6 reason=source-incomplete lostFrames=0 lostEvents=1
      incident kind=heap-trace line=1 quote="====== Heap Trace: 3 records (100 capacity) ======" detail="by site" site=1 size=16 facts=["blocks 2"] time=25.6 count=1 lastLine=1
      incident kind=heap-trace line=1 quote="====== Heap Trace: 3 records (100 capacity) ======" site=1 facts=["first line 1", "declared records 3", "listed records 2", "listed blocks 2", "listed bytes 16", "total allocations 4", "leaks only 0", "new trace 0", "sites 1", "overflowed 0", "allocator frames only 0", "no callers 0", "size 8 2"] time=25.6 count=1 lastLine=1
      section kind="heap trace" firstLine=1 lastLine=5 records=2 whole=false
      damage line=5 reason="the heap trace declares 3 records; 1 of them are not there"
      hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
      account events=3 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=5"
    `);
  expect(await toldOf(`${head}\n${record(1)}\n${record(2)}\n${record(3)}\n`)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 callers=[0x400d1000]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0010 size=8 site=1 task=2 core=0
    alloc time=25.6 address=0x3ffb0020 size=8 site=1 task=2 core=0
    alloc time=51.2 address=0x3ffb0030 size=8 site=1 task=2 core=0
    gap time=51.2 reason=source-incomplete lostFrames=0
    incident kind=heap-trace line=1 quote="====== Heap Trace: 3 records (100 capacity) ======" detail="by site" site=1 size=24 facts=["blocks 3"] time=51.2 count=1 lastLine=1
    incident kind=heap-trace line=1 quote="====== Heap Trace: 3 records (100 capacity) ======" site=1 facts=["first line 1", "declared records 3", "listed records 3", "listed blocks 3", "listed bytes 24", "leaks only 0", "new trace 0", "sites 1", "overflowed 0", "allocator frames only 0", "no callers 0", "size 8 3"] time=51.2 count=1 lastLine=1
    section kind="heap trace" firstLine=1 lastLine=4 records=3 whole=false
    damage line=4 reason="the heap trace breaks off before its summary"
    hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
    hint a dump that breaks off is often the interrupt watchdog: a slow console takes longer than it allows
    account events=4 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=4"
  `);
  expect(
    await toldOf(`${head}\n${record(1)}\n${record(2)}\n${record(3)}\n====== Heap Trace Summary ======\nI (1) app: x\n`),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 callers=[0x400d1000]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0010 size=8 site=1 task=2 core=0
    alloc time=25.6 address=0x3ffb0020 size=8 site=1 task=2 core=0
    alloc time=51.2 address=0x3ffb0030 size=8 site=1 task=2 core=0
    gap time=1000 reason=source-incomplete lostFrames=0
    incident kind=heap-trace line=1 quote="====== Heap Trace: 3 records (100 capacity) ======" detail="by site" site=1 size=24 facts=["blocks 3"] time=1000 count=1 lastLine=1
    incident kind=heap-trace line=1 quote="====== Heap Trace: 3 records (100 capacity) ======" site=1 facts=["first line 1", "declared records 3", "listed records 3", "listed blocks 3", "listed bytes 24", "leaks only 0", "new trace 0", "sites 1", "overflowed 0", "allocator frames only 0", "no callers 0", "size 8 3"] time=1000 count=1 lastLine=1
    section kind="heap trace" firstLine=1 lastLine=5 records=3 whole=false
    damage line=5 reason="the heap trace's summary breaks off: whether the buffer had overflowed is not told"
    hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
    account events=4 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=6"
  `);
});

test("damage: no first line, a record that is cut, one that cannot be, a list that is corrupt", async () => {
  const log = `12 bytes (@ 0x3ffb0000) allocated CPU 1 ccount 0x00001000 caller 0x400d1000
12 bytes (@ 0x3ffb00) allocated CPU 0 ccount 0x00001000
12 bytes (@ 0x3ffb0000) allocated CPU 2 ccount 0x00001000
268435457 bytes (@ 0x3ffb0000) allocated CPU 0 ccount 0x00001000
heap trace linked list is corrupt
====== Heap Trace Summary ======
================================
freed by 0x400d1000
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 callers=[0x400d1000]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0000 size=12 site=1 task=2 core=1
    gap time=0 reason=source-incomplete lostFrames=0
    incident kind=heap-trace line=1 quote="12 bytes (@ 0x3ffb0000) allocated CPU 1 ccount 0x00001000 caller 0x400d1000" detail="by site" site=1 size=12 facts=["blocks 1"] time=0 count=1 lastLine=1
    incident kind=heap-trace line=1 quote="12 bytes (@ 0x3ffb0000) allocated CPU 1 ccount 0x00001000 caller 0x400d1000" site=1 facts=["first line 1", "listed records 1", "listed blocks 1", "listed bytes 12", "leaks only 0", "new trace 0", "sites 1", "overflowed 0", "allocator frames only 0", "no callers 0", "size 12 1"] time=0 count=1 lastLine=1
    section kind="heap trace" firstLine=1 lastLine=7 records=1 whole=false
    damage line=1 reason="a heap trace without its first line"
    damage line=2 reason="a record of the heap trace is cut or mixed with other output"
    damage line=3 reason="a record of the heap trace is cut or mixed with other output"
    damage line=4 reason="a record of the heap trace is cut or mixed with other output"
    damage line=5 reason="the device found its own list of records corrupt"
    account events=2 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=8"
  `);
});

test("sizes and sites of a leak trace: the largest of them, and stacks that end in the allocator", async () => {
  const records = Array.from(
    { length: 14 },
    (_, i) =>
      `${100 + i} bytes (@ 0x3ffb${(0x1000 + 256 * i).toString(16)}, Internal) allocated CPU 0 ccount 0x000${(0x10000 + 16 * i).toString(16)} caller 0x400d10${(0x10 + (i % 10)).toString(16)}:0x400d2000`,
  );
  const names = Array.from(
    { length: 10 },
    (_, i) => `0x400d10${(0x10 + i).toString(16)}: ${i === 3 ? "heap_caps_malloc" : `own_${i}`} at /p/heap.c:${i + 1}`,
  );
  const log = `====== Heap Trace: 14 records (100 capacity) ======\n${records.join("\n")}\n====== Heap Trace Summary ======\nMode: Heap Trace Leaks\n1491 bytes 'leaked' in trace (14 allocations)\n================================\n${names.join("\n")}\n`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x800 callers=[0x400d1010, 0x400d2000] frames=[{function=own_0 file=/p/heap.c line=1 address=0x400d1010}, {function=0x400d2000 address=0x400d2000}]
    site id=2 method=0 caps=0x800 callers=[0x400d1011, 0x400d2000] frames=[{function=own_1 file=/p/heap.c line=2 address=0x400d1011}, {function=0x400d2000 address=0x400d2000}]
    site id=3 method=0 caps=0x800 callers=[0x400d1012, 0x400d2000] frames=[{function=own_2 file=/p/heap.c line=3 address=0x400d1012}, {function=0x400d2000 address=0x400d2000}]
    site id=4 method=0 caps=0x800 callers=[0x400d1013, 0x400d2000] frames=[{function=heap_caps_malloc file=/p/heap.c line=4 address=0x400d1013}, {function=0x400d2000 address=0x400d2000}]
    site id=5 method=0 caps=0x800 callers=[0x400d1014, 0x400d2000] frames=[{function=own_4 file=/p/heap.c line=5 address=0x400d1014}, {function=0x400d2000 address=0x400d2000}]
    site id=6 method=0 caps=0x800 callers=[0x400d1015, 0x400d2000] frames=[{function=own_5 file=/p/heap.c line=6 address=0x400d1015}, {function=0x400d2000 address=0x400d2000}]
    site id=7 method=0 caps=0x800 callers=[0x400d1016, 0x400d2000] frames=[{function=own_6 file=/p/heap.c line=7 address=0x400d1016}, {function=0x400d2000 address=0x400d2000}]
    site id=8 method=0 caps=0x800 callers=[0x400d1017, 0x400d2000] frames=[{function=own_7 file=/p/heap.c line=8 address=0x400d1017}, {function=0x400d2000 address=0x400d2000}]
    site id=9 method=0 caps=0x800 callers=[0x400d1018, 0x400d2000] frames=[{function=own_8 file=/p/heap.c line=9 address=0x400d1018}, {function=0x400d2000 address=0x400d2000}]
    site id=10 method=0 caps=0x800 callers=[0x400d1019, 0x400d2000] frames=[{function=own_9 file=/p/heap.c line=10 address=0x400d1019}, {function=0x400d2000 address=0x400d2000}]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb1000 size=100 site=1 task=2 core=0
    alloc time=0.1 address=0x3ffb1100 size=101 site=2 task=2 core=0
    alloc time=0.2 address=0x3ffb1200 size=102 site=3 task=2 core=0
    alloc time=0.3 address=0x3ffb1300 size=103 site=4 task=2 core=0
    alloc time=0.4 address=0x3ffb1400 size=104 site=5 task=2 core=0
    alloc time=0.5 address=0x3ffb1500 size=105 site=6 task=2 core=0
    alloc time=0.6 address=0x3ffb1600 size=106 site=7 task=2 core=0
    alloc time=0.7 address=0x3ffb1700 size=107 site=8 task=2 core=0
    alloc time=0.8 address=0x3ffb1800 size=108 site=9 task=2 core=0
    alloc time=0.9 address=0x3ffb1900 size=109 site=10 task=2 core=0
    alloc time=1 address=0x3ffb1a00 size=110 site=1 task=2 core=0
    alloc time=1.1 address=0x3ffb1b00 size=111 site=2 task=2 core=0
    alloc time=1.2 address=0x3ffb1c00 size=112 site=3 task=2 core=0
    alloc time=1.3 address=0x3ffb1d00 size=113 site=4 task=2 core=0
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=4 size=216 facts=["blocks 2"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=3 size=214 facts=["blocks 2"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=2 size=212 facts=["blocks 2"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=1 size=210 facts=["blocks 2"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=10 size=109 facts=["blocks 1"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=9 size=108 facts=["blocks 1"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=8 size=107 facts=["blocks 1"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" detail="by site" site=7 size=106 facts=["blocks 1"] time=1.3 count=1 lastLine=18
    incident kind=heap-trace line=18 quote="1491 bytes 'leaked' in trace (14 allocations)" site=4 facts=["first line 1", "declared records 14", "listed records 14", "listed blocks 14", "listed bytes 1491", "told blocks 14", "told bytes 1491", "leaks only 1", "new trace 0", "sites 10", "overflowed 0", "allocator frames only 0", "no callers 0", "size 113 1", "size 112 1", "size 111 1", "size 110 1", "size 109 1", "size 108 1", "size 107 1", "size 106 1", "size 105 1", "size 104 1", "size 103 1", "size 102 1"] time=1.3 count=1 lastLine=18
    section kind="heap trace" firstLine=1 lastLine=19 records=14 whole=true
    hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
    account events=15 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=29"
  `);
  const allocator = `====== Heap Trace: 1 records (100 capacity) ======\n10 bytes (@ 0x3ffb1000) allocated CPU 0 ccount 0x00010000 caller 0x400d1013\n====== Heap Trace Summary ======\n================================\n0x400d1013: heap_caps_malloc at /p/heap.c:4\n`;
  expect(await toldOf(allocator)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 callers=[0x400d1013] frames=[{function=heap_caps_malloc file=/p/heap.c line=4 address=0x400d1013}]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb1000 size=10 site=1 task=2 core=0
    incident kind=heap-trace line=1 quote="====== Heap Trace: 1 records (100 capacity) ======" site=1 facts=["first line 1", "declared records 1", "listed records 1", "listed blocks 1", "listed bytes 10", "leaks only 0", "new trace 0", "sites 1", "overflowed 0", "allocator frames only 1", "no callers 0", "size 10 1"] time=0 count=1 lastLine=1
    section kind="heap trace" firstLine=1 lastLine=4 records=1 whole=true
    account events=2 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=5"
  `);
});

test("records that a program writes itself, as CSV and as JSON", async () => {
  const csv = `address,size,ccount,caller0,caller1,freed
0x3ffb0000,100,4096,0x400d1000,0x400d2000,0
0x3ffb1000,60,0x2000,0x400d1000,0x00000000,0x400d3000
1073422336,7,8192,,,no
I (10) app: done
`;
  expect(await toldOf(csv)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 callers=[0x400d1000, 0x400d2000]
    site id=2 method=0 caps=0x0 callers=[0x400d1000]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0000 size=100 site=1 task=2 core=0
    alloc time=25.6 address=0x3ffb1000 size=60 site=2 task=2 core=0
    alloc time=25.6 address=0x3ffb2000 size=7 site=0 task=2 core=0
    free time=25.6 address=0x3ffb1000 size=0 site=0 task=2 core=0
    incident kind=heap-trace line=2 quote="0x3ffb0000,100,4096,0x400d1000,0x400d2000,0" detail="by site" site=1 size=100 facts=["blocks 1"] time=10000 count=1 lastLine=2
    incident kind=heap-trace line=2 quote="0x3ffb0000,100,4096,0x400d1000,0x400d2000,0" site=1 facts=["first line 2", "listed records 3", "listed blocks 2", "listed bytes 107", "told blocks 2", "told bytes 107", "leaks only 0", "new trace 0", "sites 2", "overflowed 0", "allocator frames only 0", "own table 1", "no callers 0", "size 100 1", "size 7 1"] time=10000 count=1 lastLine=2
    section kind="heap trace" firstLine=2 lastLine=4 records=3 whole=true
    hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
    account events=5 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=5"
  `);
  const json = `[{"address":"0x3ffb0000","size":100,"ccount":4096,"callers":["0x400d1000","0x400d2000"]},
{"addr":1073422336,
 "bytes":7,"cycles":"0x2000","stack":"0x400d1000","freed":false}]
{"name":"other"}
`;
  expect(await toldOf(json)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 callers=[0x400d1000, 0x400d2000]
    site id=2 method=0 caps=0x0 callers=[0x400d1000]
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0000 size=100 site=1 task=2 core=0
    alloc time=25.6 address=0x3ffb2000 size=7 site=2 task=2 core=0
    incident kind=heap-trace line=1 quote="[{\\"address\\":\\"0x3ffb0000\\",\\"size\\":100,\\"ccount\\":4096,\\"callers\\":[\\"0x400d1000\\",\\"0x400d2000\\"]}," detail="by site" site=1 size=100 facts=["blocks 1"] time=25.6 count=1 lastLine=1
    incident kind=heap-trace line=1 quote="[{\\"address\\":\\"0x3ffb0000\\",\\"size\\":100,\\"ccount\\":4096,\\"callers\\":[\\"0x400d1000\\",\\"0x400d2000\\"]}," detail="by site" site=2 size=7 facts=["blocks 1"] time=25.6 count=1 lastLine=1
    incident kind=heap-trace line=1 quote="[{\\"address\\":\\"0x3ffb0000\\",\\"size\\":100,\\"ccount\\":4096,\\"callers\\":[\\"0x400d1000\\",\\"0x400d2000\\"]}," site=1 facts=["first line 1", "listed records 2", "listed blocks 2", "listed bytes 107", "told blocks 2", "told bytes 107", "leaks only 1", "new trace 0", "sites 2", "overflowed 0", "allocator frames only 0", "own table 1", "no callers 0", "size 100 1", "size 7 1"] time=25.6 count=1 lastLine=1
    section kind="heap trace" firstLine=1 lastLine=3 records=2 whole=true
    hint the log does not tell the CPU's frequency: cycle counts were read as 160 MHz
    account events=3 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=4"
  `);
});

test("tables of records that are none: no size, no address, numbers as names, rows that do not fit", async () => {
  expect(await toldOf(`address,length\n0x3ffb0000,100\nname,size\nx,100\naddress,size,12345\n0x3ffb0000,1,2\n`))
    .toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    account events=0 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=6"
  `);
  expect(
    await toldOf(
      `ptr;size (bytes);is_freed\n"0x3ffb0000";"12";true\n0x3ffb0020;13\n0x3ffb0040;14;none\naddr\tbytes\n3ffb0060\t15\n0x3ffb00\t16\n`,
    ),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0000 size=12 site=0 task=2 core=0
    alloc time=0 address=0x3ffb0040 size=14 site=0 task=2 core=0
    free time=0 address=0x3ffb0000 size=0 site=0 task=2 core=0
    gap time=0 reason=source-incomplete lostFrames=0
    alloc time=0 address=0x3ffb0060 size=15 site=0 task=2 core=0
    gap time=0 reason=source-incomplete lostFrames=0
    incident kind=heap-trace line=2 quote="\\"0x3ffb0000\\";\\"12\\";true" facts=["first line 2", "listed records 2", "listed blocks 1", "listed bytes 14", "told blocks 1", "told bytes 14", "leaks only 0", "new trace 0", "sites 1", "overflowed 0", "allocator frames only 0", "own table 1", "no callers 1", "size 14 1"] time=0 count=1 lastLine=2
    incident kind=heap-trace line=6 quote="3ffb0060\\t15" facts=["first line 6", "listed records 1", "listed blocks 1", "listed bytes 15", "told blocks 1", "told bytes 15", "leaks only 1", "new trace 1", "sites 1", "overflowed 0", "allocator frames only 0", "own table 1", "no callers 1", "size 15 1"] time=0 count=1 lastLine=6
    section kind="heap trace" firstLine=2 lastLine=4 records=2 whole=true
    section kind="heap trace" firstLine=6 lastLine=6 records=1 whole=false
    damage line=7 reason="a record of a heap trace that cannot be"
    account events=6 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=7"
  `);
});

test("the classic tracker: blocks with their variables, one listed again, one in its place, what is cut, what failed", async () => {
  const at = (address: string, size: number, rest: string): string =>
    `Memory allocated at ${address}, caps 0x1804, size ${size} bytes, in ${rest}`;
  const log = `I (500) app: start
${at("0x3ffb0000", 100, "main/net.c, line 12, function net_open, variable rx")}
${at("0x3ffb0000", 100, "main/net.c, line 12, function net_open, variable rx")}
${at("0x3ffb0000", 40, "main/net.c, line 12, function , variable (null)")}
I (600) app: more
${at("0x00000000", 40, "main/net.c, line 14, function net_close, variable ")}
${at("0x3ffb00", 40, "main/net.c, line 14, function net_close, variable tx")}
Failed to allocate 65536 bytes for frame in draw at main/ui.c:9
Failed to allocate 65537 x 65536 bytes for frames in draw at main/ui.c:10
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x1804 file=main/net.c line=12 function=net_open variable=rx
    gap time=0 reason=attached-late lostFrames=0
    alloc time=500000 address=0x3ffb0000 size=100 site=1 task=2 core=0
    site id=2 method=0 caps=0x1804 file=main/net.c line=12
    free time=500000 address=0x3ffb0000 size=0 site=0 task=2 core=0
    alloc time=500000 address=0x3ffb0000 size=40 site=2 task=2 core=0
    site id=3 method=0 caps=0x0 file=main/ui.c line=9 function=draw variable=frame
    site id=4 method=0 caps=0x0 file=main/ui.c line=10 function=draw variable=frames
    incident kind=failed-allocation known=generic line=8 quote="Failed to allocate 65536 bytes for frame in draw at main/ui.c:9" size=65536 component=frame site=3 time=600000 count=1 lastLine=8
    incident kind=failed-allocation known=size-overflow line=9 quote="Failed to allocate 65537 x 65536 bytes for frames in draw at main/ui.c:10" size=4295032832 component=frames site=4 time=600000 count=1 lastLine=9
    section kind="classic tracker" firstLine=2 lastLine=7 records=3 whole=false
    section kind="failed allocation" firstLine=8 lastLine=8 records=1 whole=true
    section kind="failed allocation" firstLine=9 lastLine=9 records=1 whole=true
    damage line=6 reason="a line of the classic tracker is cut or mixed with other output"
    damage line=7 reason="a line of the classic tracker is cut or mixed with other output"
    hint the classic tracker prints no frees: a block counts as live until another one takes its place; memmap's own probe, which offers the same functions, reports frees too
    account events=5 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=9"
  `);
});

test("what sysviewtrace_proc.py prints: events with places, tasks and cores, up to its report", async () => {
  const log = `HEAP: Allocated 32 bytes @ 0x3ffb0000 from task "net" on core 0 by:
/p/net.c:12
/p/main.c:5 (discriminator 2)

HEAP: Allocated 16 bytes @ 0x3ffb1000 from task "ui" on core 1 by:
0x400d1000: /p/ui.c:9
HEAP: Freed bytes @ 0x3ffb0000 from task "net" on core 0 by:
/p/net.c:20
HEAP: Freed bytes @ 0x3ffb5000 from ISR on core 1 by:
HEAP: Allocated 16 bytes @ 0x3ffb20 from task "ui" on core 1 by:
HEAP: Allocated 16 bytes @ 0x3ffb2000 from task "ui" on core 2 by:
HEAP: Allocated 8 bytes @ 0x3ffb3000 from task "ui" on core 1 by:
=============== HEAP TRACE REPORT ===============
HEAP: Allocated 8 bytes @ 0x3ffb3000 from task "ui" on core 1 by:
`;
  expect(await toldOf(log)).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log"
    site id=1 method=0 caps=0x0 file=/p/net.c line=12
    task id=3 name=net handle=0x0
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0000 size=32 site=1 task=3 core=0
    site id=2 method=0 caps=0x0 file=/p/ui.c line=9
    task id=4 name=ui handle=0x0
    alloc time=0 address=0x3ffb1000 size=16 site=2 task=4 core=1
    site id=3 method=5 caps=0x0 file=/p/net.c line=20
    free time=0 address=0x3ffb0000 size=0 site=3 task=2 core=0
    unknownFree time=0 address=0x3ffb5000 site=0 task=2 core=1
    alloc time=0 address=0x3ffb3000 size=8 site=0 task=4 core=1
    section kind="SystemView heap trace" firstLine=1 lastLine=12 records=5 whole=false
    damage line=10 reason="an event of the heap trace that cannot be"
    damage line=11 reason="an event of the heap trace that cannot be"
    account events=5 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=14"
  `);
});

test("a record may say on its own line who freed it, and an overflow without totals says only that there was one", async () => {
  const told = await toldOf(`I (1000) app: x
====== Heap Trace: 2 records (2 capacity) ======
    40 bytes (@ 0x3fc94a00, Internal) allocated CPU 0 ccount 0x00001000 caller 0x42001000:0x42002000 freed by 0x42003000:0x42004000
    24 bytes (@ 0x3fc94b00, PSRAM) allocated CPU 0 ccount 0x00002000 caller 0x42001000 freed
====== Heap Trace Summary ======
Mode: Heap Trace All
0 bytes alive in trace (0/2 allocations)
(NB: Internal Buffer has overflowed, so trace data is incomplete.)
================================
`);
  expect(told).toContain("callers=[0x42003000, 0x42004000]");
  expect(told).toContain("droppedRecords=0");
  expect(told).toMatch(/gap time=\d+ reason=dropped-on-device lostFrames=0(?!.*lostEvents)/);
});

test("of a trace the sizes that hold most come first", async () => {
  const record = (i: number, bytes: number): string => `    ${bytes} bytes (@ 0x3fc9${(0x4000 + 512 * i).toString(16)}, Internal) allocated CPU 0 ccount 0x0000${1000 + i} caller 0x42001000\n`; // prettier-ignore
  const sizes = [10, 10, 10, 10, 35, 12, 12];
  const told = await toldOf(`====== Heap Trace: 7 records (7 capacity) ======
${sizes.map((bytes, i) => record(i, bytes)).join("")}====== Heap Trace Summary ======
Mode: Heap Trace Leaks
111 bytes 'leaked' in trace (7 allocations)
================================
`);
  expect(told).toContain('"size 10 4", "size 35 1", "size 12 2"]');
});

test("records of a program's own: what are no cycles count as none, objects may be cut anywhere, long ones are cut", async () => {
  const told = await toldOf(`address,size,cycles,caller
0x3ffb0000,100,x,0x400d1000
0x3ffb0100,50,4096,0x400d1000
0x3ffb0200,60,,0x400d1000
`);
  expect(told.match(/alloc time=\S+ address=\S+/g)).toEqual([
    "alloc time=0 address=0x3ffb0000",
    "alloc time=25.6 address=0x3ffb0100",
    "alloc time=25.6 address=0x3ffb0200",
  ]);
  const object = (letters: number): string => `{"address":"0x3ffb0000","x":"${"x".repeat(letters)}","size":100\n}\n`;
  const isRead = async (letters: number): Promise<boolean> => (await toldOf(object(letters))).includes("alloc time");
  expect([await isRead(8000), await isRead(8192)]).toEqual([true, false]);
});

test("objects within objects end where they end", async () => {
  const told = await toldOf(`{"a":{"address":"0x3ffb0000","size":100}}
{"b":{"address":"0x3ffb0100","size":50}}
`);
  expect(told.match(/address=0x\w+ size=\d+/g)).toEqual(["address=0x3ffb0000 size=100", "address=0x3ffb0100 size=50"]);
});

test("the classic tracker's caps have 32 bits, nothing lies at address 0, and of what failed 240 letters are kept", async () => {
  const line = (address: string): string =>
    `Memory allocated at ${address}, caps 0x80001804, size 50 bytes, in main/net.c, line 1, function f, variable rx`;
  const told = await toldOf(`${line("0x3ffb0000")}\n${line("0x00000000")}\nFailed to allocate 10 bytes for ${"x".repeat(300)} in f at main/a.c:1\n`);
  expect(told).toContain("caps=0x80001804");
  expect(told.match(/alloc time=0 address=\w+/g)).toEqual(["alloc time=0 address=0x3ffb0000"]);
  expect(/quote="(.*?)"/.exec(told)?.[1]?.length).toBe(240);
}); // prettier-ignore
