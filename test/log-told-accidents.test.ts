// Accidents of a log: damage that the heap finds, assertions, panics, watchdogs, requests that fail: everything that is told of a small one.
import { expect, test } from "vitest";
import { toldOf } from "./told.ts";

/** Without the account of what was read. */
async function accidentsIn(log: string): Promise<string> {
  const told = await toldOf(log);
  return told.replaceAll(/^(?:boot|considered|account|hint) .*\n?/gm, "").trimEnd();
}

const block = (address: string, size: number, line: number): string =>
  `Memory allocated at ${address}, caps 0x1804, size ${size} bytes, in main/net.c, line ${line}, function net_open, variable rx\n`;

test("damage: canaries of known blocks, what lies beside them, free memory that was written to", async () => {
  const log = `${block("0x3ffb0010", 100, 1)}${block("0x3ffb0100", 50, 2)}${block("0x3ffb0100", 52, 3)}I (100) app: x
CORRUPT HEAP: Bad head at 0x3ffb0008. Expected 0xabba1234 got 0xdeadbeef
CORRUPT HEAP: Bad tail at 0x3ffb0074. Expected 0xbaad5678 got 0x00
I (110) app: x
CORRUPT HEAP: Bad tail at 0x3ffb0200. Expected 0xbaad5678 got 0x0000
CORRUPT HEAP: Invalid data at 0x3ffb0120. Expected 0xfefefefe got 0x123456
CORRUPT HEAP: Invalid data at 0x3ffb0160. Expected 0xfefefefe got 0x123456789a
CORRUPT HEAP: Invalid data at 0x3ffb01a1. Expected 0xfefefefe got 0xfe
CORRUPT HEAP: block 0x3ffb0300 has a bad size
CORRUPT HEAP: multi_heap.c:432 detected at 0x3ffb0400
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x1804 file=main/net.c line=1 function=net_open variable=rx
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0010 size=100 site=1 task=2 core=0
    site id=2 method=0 caps=0x1804 file=main/net.c line=2 function=net_open variable=rx
    alloc time=0 address=0x3ffb0100 size=50 site=2 task=2 core=0
    site id=3 method=0 caps=0x1804 file=main/net.c line=3 function=net_open variable=rx
    free time=0 address=0x3ffb0100 size=0 site=0 task=2 core=0
    alloc time=0 address=0x3ffb0100 size=52 site=3 task=2 core=0
    incident line=5 quote="CORRUPT HEAP: Bad head at 0x3ffb0008. Expected 0xabba1234 got 0xdeadbeef" kind=bad-head address=0x3ffb0008 expected=0xabba1234 found=0xdeadbeef foundBytes=4 blockAddress=0x3ffb0010 blockSize=100 allocSite=1 facts=["checked 1"] time=100000 count=1 lastLine=5
    incident line=6 quote="CORRUPT HEAP: Bad tail at 0x3ffb0074. Expected 0xbaad5678 got 0x00" kind=bad-tail address=0x3ffb0074 expected=0xbaad5678 found=0x0 foundBytes=1 blockAddress=0x3ffb0010 blockSize=100 allocSite=1 facts=["checked 1"] also=["8: CORRUPT HEAP: Bad tail at 0x3ffb0200. Expected 0xbaad5678 got 0x0000"] time=100000 count=1 lastLine=6
    incident line=9 quote="CORRUPT HEAP: Invalid data at 0x3ffb0120. Expected 0xfefefefe got 0x123456" kind=write-after-free address=0x3ffb0120 expected=0xfefefefe found=0x123456 foundBytes=3 blockAddress=0x3ffb0100 blockSize=52 allocSite=3 facts=["checked 1"] also=["10: CORRUPT HEAP: Invalid data at 0x3ffb0160. Expected 0xfefefefe got 0x123456789a", "11: CORRUPT HEAP: Invalid data at 0x3ffb01a1. Expected 0xfefefefe got 0xfe", "12: CORRUPT HEAP: block 0x3ffb0300 has a bad size", "13: CORRUPT HEAP: multi_heap.c:432 detected at 0x3ffb0400"] time=110000 count=1 lastLine=9
    section kind="classic tracker" firstLine=1 lastLine=3 records=3 whole=true
    section kind=fault firstLine=5 lastLine=5 records=1 whole=true
    section kind=fault firstLine=6 lastLine=8 records=1 whole=true
    section kind=fault firstLine=9 lastLine=13 records=1 whole=true"
  `);
});

test("a block that a trace saw freed: who had it and who freed it", async () => {
  const log = `HEAP: Allocated 32 bytes @ 0x3ffb0008 from task "net" on core 0 by:
/p/net.c:12
HEAP: Freed bytes @ 0x3ffb0008 from task "net" on core 0 by:
/p/net.c:20

I (5) app: x
CORRUPT HEAP: Invalid data at 0x3ffb0010. Expected 0xfefefefe got 0x12345678
Rebooting...
I (6) app: x
CORRUPT HEAP: Bad head at 0x3ffb0000. Expected 0xabba1234 got 0x12345678
Rebooting...
I (7) app: x
KASAN error: WRITE of size 4 at 3ffb0027
   Bug type: use-after-free
Backtrace: 0x400d1000:0x3ffb5740
I (8) app: x
KASAN error: READ of size 1 at 3ffb0028
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 file=/p/net.c line=12
    task id=3 name=net handle=0x0
    gap time=0 reason=attached-late lostFrames=0
    alloc time=0 address=0x3ffb0008 size=32 site=1 task=3 core=0
    site id=2 method=5 caps=0x0 file=/p/net.c line=20
    free time=0 address=0x3ffb0008 size=0 site=2 task=2 core=0
    site id=3 method=0 caps=0x0 callers=[0x400d1003]
    incident line=7 quote="CORRUPT HEAP: Invalid data at 0x3ffb0010. Expected 0xfefefefe got 0x12345678" kind=write-after-free address=0x3ffb0010 expected=0xfefefefe found=0x12345678 foundBytes=4 blockAddress=0x3ffb0008 blockSize=32 allocSite=1 freeSite=2 time=5000 count=1 lastLine=7
    incident line=10 quote="CORRUPT HEAP: Bad head at 0x3ffb0000. Expected 0xabba1234 got 0x12345678" kind=bad-head address=0x3ffb0000 expected=0xabba1234 found=0x12345678 foundBytes=4 blockAddress=0x3ffb0008 blockSize=32 allocSite=1 freeSite=2 time=6000 count=1 lastLine=10
    incident detail=use-after-free line=13 quote="KASAN error: WRITE of size 4 at 3ffb0027" kind=sanitizer address=0x3ffb0027 size=4 function=WRITE blockAddress=0x3ffb0008 blockSize=32 allocSite=1 freeSite=2 site=3 frames=1 ownFrame=1 pc=0x400d1000 stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=7000 count=1 lastLine=13
    incident line=17 quote="KASAN error: READ of size 1 at 3ffb0028" kind=sanitizer address=0x3ffb0028 size=1 function=READ time=8000 count=1 lastLine=17
    section kind="SystemView heap trace" firstLine=1 lastLine=3 records=2 whole=true
    section kind=fault firstLine=7 lastLine=7 records=1 whole=true
    section kind=fault firstLine=10 lastLine=10 records=1 whole=true
    section kind=fault firstLine=13 lastLine=15 records=1 whole=true
    section kind=fault firstLine=17 lastLine=17 records=1 whole=true"
  `);
});

test("assertions of all generations, and what they prove", async () => {
  const log = `assert failed: block_locate_free heap_tlsf.c:441 (block_size(block) >= size)
I (1) app: x
Backtrace: 0x40081234:0x3ffb5740 0x40085555:0x3ffb5760 0x4008aaaa:0x3ffb5780 0x400d1234:0x3ffb57a0
Rebooting...
assert failed: heap_caps_free heap_caps.c:381 (heap != NULL && "free() target pointer is outside heap areas")
Rebooting...
assert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && "block already marked as free")
Rebooting...
assert failed: app_start main.c:12 (x == 1)
Rebooting...
assert failed: something else
Rebooting...
assertion "heap != NULL" failed: file "/home/u/heap_caps.c", line 290, function: heap_caps_free
Rebooting...
assertion "p" failed: file "C:\\u\\own.c", line 7
Rebooting...
assertion "q" failed
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1237]
    incident line=1 quote="assert failed: block_locate_free heap_tlsf.c:441 (block_size(block) >= size)" kind=heap-metadata detail="block_size(block) >= size (heap_tlsf.c:441)" function=block_locate_free site=1 frames=4 ownFrame=4 pc=0x400d1234 stackLow=0x3ffb5740 stackHigh=0x3ffb57a0 time=0 count=1 lastLine=1
    incident line=5 quote="assert failed: heap_caps_free heap_caps.c:381 (heap != NULL && \\"free() target pointer is outside heap areas\\")" kind=invalid-free detail="heap != NULL && \\"free() target pointer is outside heap areas\\" (heap_caps.c:381)" function=heap_caps_free time=1000 count=1 lastLine=5
    incident line=7 quote="assert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && \\"block already marked as free\\")" kind=double-free detail="!block_is_free(block) && \\"block already marked as free\\" (tlsf.c:1120)" function=tlsf_free time=1000 count=1 lastLine=7
    incident line=9 quote="assert failed: app_start main.c:12 (x == 1)" kind=assert detail="x == 1 (main.c:12)" function=app_start time=1000 count=1 lastLine=9
    incident line=11 quote="assert failed: something else" kind=assert detail="something else" time=1000 count=1 lastLine=11
    incident line=13 quote="assertion \\"heap != NULL\\" failed: file \\"/home/u/heap_caps.c\\", line 290, function: heap_caps_free" kind=heap-metadata detail="heap != NULL (heap_caps.c:290)" function=heap_caps_free time=1000 count=1 lastLine=13
    incident line=15 quote="assertion \\"p\\" failed: file \\"C:\\\\u\\\\own.c\\", line 7" kind=assert detail="p (own.c:7)" time=1000 count=1 lastLine=15
    incident line=17 quote="assertion \\"q\\" failed" kind=assert detail=q time=1000 count=1 lastLine=17
    section kind=fault firstLine=1 lastLine=3 records=1 whole=true
    section kind=fault firstLine=5 lastLine=5 records=1 whole=true
    section kind=fault firstLine=7 lastLine=7 records=1 whole=true
    section kind=fault firstLine=9 lastLine=9 records=1 whole=true
    section kind=fault firstLine=11 lastLine=11 records=1 whole=true
    section kind=fault firstLine=13 lastLine=13 records=1 whole=true
    section kind=fault firstLine=15 lastLine=15 records=1 whole=true
    section kind=fault firstLine=17 lastLine=17 records=1 whole=true"
  `);
});

test("aborts: the frame that abort() names, what failed in new, and an abort without a backtrace", async () => {
  const log = `abort() was called at PC 0x400d4444 on core 1
Backtrace: 0x40081234:0x3ffb5740 0x40085555:0x3ffb5760 0x400d4441:0x3ffb5780 0x400d1234:0x3ffb57a0 |<-CORRUPTED
ELF file SHA256: 0123456789abcdef
I (1) app: x
abort() was called at PC 0x400d4448
Rebooting...
I (2) app: x
abort() was called at PC 0x400d8888 on core 0
Backtrace: 0x40081234:0x3ffb5740 0x400d8885:0x3ffb5760 0x400d1238:0x3ffb5780
Rebooting...
0x400d8885: operator new(unsigned int) at /gcc/new_op.cc:54
0x400d1238: app_start at /p/main.cpp:7
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x40081237, 0x40085558, 0x400d4444, 0x400d1237]
    site id=2 method=0 caps=0x0 callers=[0x400d444b]
    site id=3 method=0 caps=0x0 callers=[0x400d123b] frames=[{function=app_start file=/p/main.cpp line=7 address=0x400d1238}]
    incident line=1 quote="abort() was called at PC 0x400d4444 on core 1" kind=abort core=1 site=1 frames=4 stackLow=0x3ffb5740 stackHigh=0x3ffb57a0 time=0 count=1 lastLine=1
    incident line=5 quote="abort() was called at PC 0x400d4448" kind=abort site=2 time=1000 count=1 lastLine=5
    incident line=8 quote="abort() was called at PC 0x400d8888 on core 0" kind=failed-allocation core=0 known=bad-alloc component="C++ new" site=3 frames=3 ownFrame=3 pc=0x400d1238 stackLow=0x3ffb5740 stackHigh=0x3ffb5780 time=2000 count=1 lastLine=8
    section kind=fault firstLine=1 lastLine=2 records=1 whole=true
    section kind=fault firstLine=5 lastLine=5 records=1 whole=true
    section kind=fault firstLine=8 lastLine=9 records=1 whole=true
    damage line=2 reason="the device could not walk the stack to its end""
  `);
});

test("panics of Xtensa chips: registers, a backtrace that was wrapped, another core's behind it", async () => {
  const log = `Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.

Core  1 register dump:
PC      : 0x400d1234  PS      : 0x00060b30  A0      : 0x800d5678  A1      : 0x3ffb5740
EXCVADDR: 0x00000004  LBEG    : 0x4000c2e0  PC      : 0x400dffff

Backtrace: 0x400d1231:0x3ffb5740 0x00000000:0x3ffb5750
0x400d5675:0x3ffb5760 0x400d9999:0x0ffb5780

Core  0 register dump:
Backtrace: 0x400daaaa:0x3ffb9740
Rebooting...
0x400d1231: heap_caps_malloc at /idf/heap_caps.c:4
0x400d5675: app_start at /p/main.c:7
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d5678, 0x400d999c] frames=[{function=app_start file=/p/main.c line=7 address=0x400d5675}, {function=0x400d999c address=0x400d999c}]
    incident line=1 quote="Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled." kind=panic detail=LoadProhibited core=1 function=heap_caps_malloc site=1 frames=3 ownFrame=2 pc=0x400d5675 registers=["PC 0x400d1234", "PS 0x00060b30", "A0 0x800d5678", "A1 0x3ffb5740", "EXCVADDR 0x00000004", "LBEG 0x4000c2e0"] stackLow=0x3ffb5740 stackHigh=0x3ffb5760 time=0 count=1 lastLine=1
    section kind=fault firstLine=1 lastLine=11 records=1 whole=true"
  `);
});

test("panics of RISC-V chips: registers and the stack's words, and a backtrace whose first counter is a place", async () => {
  const log = `ESP-ROM:esp32c3-api1-20210207
Guru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled.

Core  0 register dump:
MEPC    : 0x42001000  RA      : 0x42002000  SP      : 0x3fc8ea70  GP      : 0x3fc8a000

Stack memory:
3fc8ea70: 0x00000001 0x00000002 0x00000003 0x00000004
3fc8ea80: 0x00000005 0x00000006 0x00000007 0x00000008
3fc8eaa0: 0x00000009 0x0000000a 0x0000000b 0x0000000c

ELF file SHA256: 0123456789abcdef

Rebooting...
Guru Meditation Error: Core  0 panic'ed (Illegal instruction). Exception was unhandled.
MEPC    : 0x00000000  RA      : 0x42002000  SP      : 0x3fc8ea70  GP      : 0x3fc8a000
Rebooting...
Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled.
Backtrace: 0x42001000:0x3fc8ea70 0x42002000:0x3fc8ea80
BT0: 0x42003000
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x42001001, 0x42002000]
    site id=2 method=0 caps=0x0 callers=[0x42002000]
    site id=3 method=0 caps=0x0 callers=[0x42001001, 0x42002000, 0x42003000]
    incident line=2 quote="Guru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled." kind=panic detail="Load access fault" core=0 site=1 registers=["MEPC 0x42001000", "RA 0x42002000", "SP 0x3fc8ea70", "GP 0x3fc8a000"] stackAt=0x3fc8ea70 stackWords=[0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8] time=0 count=1 lastLine=2
    incident line=15 quote="Guru Meditation Error: Core  0 panic'ed (Illegal instruction). Exception was unhandled." kind=panic detail="Illegal instruction" core=0 site=2 registers=["MEPC 0x00000000", "RA 0x42002000", "SP 0x3fc8ea70", "GP 0x3fc8a000"] time=0 count=1 lastLine=15
    incident line=18 quote="Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled." kind=panic detail="Store access fault" core=0 site=3 frames=3 ownFrame=1 pc=0x42001000 stackLow=0x3fc8ea70 stackHigh=0x3fc8ea80 time=0 count=1 lastLine=18
    section kind=fault firstLine=2 lastLine=11 records=1 whole=true
    section kind=fault firstLine=15 lastLine=16 records=1 whole=true
    section kind=fault firstLine=18 lastLine=20 records=1 whole=true"
  `);
});

test("stack overflows: found at a switch of tasks, by the canary, by the compiler", async () => {
  const log = `***ERROR*** A stack overflow in task wifi has been detected.
Backtrace: 0x40081234:0x3ffb5740 0x40085555:0x3ffb5760
Rebooting...
Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception).
Debug exception reason: Stack canary watchpoint triggered (net task)
Core  0 register dump:
Backtrace: 0x400d1231:0x3ffb5740
Rebooting...
Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception).
Debug exception reason: BREAK instr
Rebooting...
Guru Meditation Error: Core  1 panic'ed (Stack protection fault).
Detected in task "ui" at 0x42001000
Detected in task "other" at 0x42001000
Rebooting...
Stack smashing protect failure!
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x40081237, 0x40085558]
    site id=2 method=0 caps=0x0 callers=[0x400d1234]
    incident line=1 quote="***ERROR*** A stack overflow in task wifi has been detected." kind=stack-overflow task=wifi site=1 frames=2 stackLow=0x3ffb5740 stackHigh=0x3ffb5760 time=0 count=1 lastLine=1
    incident line=4 quote="Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception)." kind=stack-overflow detail="Debug exception reason: Stack canary watchpoint triggered (net task)" core=0 task="net task" site=2 frames=1 ownFrame=1 pc=0x400d1231 stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=0 count=1 lastLine=4
    incident line=9 quote="Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception)." kind=panic detail="BREAK instr" core=0 time=0 count=1 lastLine=9
    incident line=12 quote="Guru Meditation Error: Core  1 panic'ed (Stack protection fault)." kind=stack-overflow task=ui time=0 count=1 lastLine=12
    incident line=16 quote="Stack smashing protect failure!" kind=stack-overflow time=0 count=1 lastLine=16
    section kind=fault firstLine=1 lastLine=2 records=1 whole=true
    section kind=fault firstLine=4 lastLine=7 records=1 whole=true
    section kind=fault firstLine=9 lastLine=10 records=1 whole=true
    section kind=fault firstLine=12 lastLine=14 records=1 whole=true
    section kind=fault firstLine=16 lastLine=16 records=1 whole=true"
  `);
});

test("watchdogs, resets and panics of other systems", async () => {
  const log = `I (9) boot: x
E (10) task_wdt: Task watchdog got triggered. The following tasks did not reset the watchdog in time:
E (10) task_wdt:  - IDLE0 (CPU 0)
E (10) task_wdt: Tasks currently running:
E (10) task_wdt: CPU 0: main
Backtrace: 0x400d1231:0x3ffb5740
Rebooting...
Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0).
Rebooting...
rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)
rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)
Guru Meditation Error of type LoadProhibited occurred on core  1. Exception was unhandled.
Rebooting...
Exception (29):
epc1=0x40201234 epc2=0x00000000 epc3=0x00000000 excvaddr=0x00000008 depc=0x00000000
>>>stack>>>
ctx: cont
3ffffe10:  00000001 00000002 00000003 00000004
<<<stack<<<
Rebooting...
Fatal exception (28):
Rebooting...
ZEPHYR FATAL ERROR 4: Kernel panic on CPU 0
Rebooting...
Unhandled exception in thread
Rebooting...
Exception occurred 'StoreProhibited'
Rebooting...
Panic: core dumped
Rebooting...
Brownout detector was triggered
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1234]
    incident line=2 quote="Task watchdog got triggered. The following tasks did not reset the watchdog in time:" kind=watchdog detail="Task watchdog got triggered. The following tasks did not reset the watchdog in time:" task=IDLE0 component=main site=1 frames=1 ownFrame=1 pc=0x400d1231 stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=10000 count=1 lastLine=2
    incident line=8 quote="Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0)." kind=watchdog detail="Interrupt wdt timeout on CPU0" core=0 time=10000 count=1 lastLine=8
    incident kind=restart line=10 quote="rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)" detail=SW_CPU_RESET time=0 count=1 lastLine=10
    site id=1 method=0 caps=0x0 callers=[0x40201237]
    incident line=12 quote="Guru Meditation Error of type LoadProhibited occurred on core  1. Exception was unhandled." kind=panic detail=LoadProhibited core=1 time=0 count=1 lastLine=12
    incident line=14 quote="Exception (29):" kind=panic detail="exception 29" site=1 registers=["epc1 0x40201234", "epc2 0x00000000", "epc3 0x00000000", "excvaddr 0x00000008", "depc 0x00000000"] time=0 count=1 lastLine=14
    incident line=21 quote="Fatal exception (28):" kind=panic detail="exception 28" time=0 count=1 lastLine=21
    incident line=23 quote="ZEPHYR FATAL ERROR 4: Kernel panic on CPU 0" kind=panic detail="Kernel panic on CPU 0" time=0 count=1 lastLine=23
    incident line=27 quote="Exception occurred 'StoreProhibited'" kind=panic detail=StoreProhibited facts=["error before 25 Unhandled exception in thread"] time=0 count=1 lastLine=27
    incident line=29 quote="Panic: core dumped" kind=panic detail="Panic: core dumped" time=0 count=1 lastLine=29
    incident line=31 quote="Brownout detector was triggered" kind=panic detail="Brownout detector was triggered" time=0 count=1 lastLine=31
    section kind=fault firstLine=2 lastLine=6 records=1 whole=true
    section kind=fault firstLine=8 lastLine=8 records=1 whole=true
    section kind=fault firstLine=12 lastLine=12 records=1 whole=true
    section kind=fault firstLine=14 lastLine=19 records=1 whole=true
    section kind=fault firstLine=21 lastLine=21 records=1 whole=true
    section kind=fault firstLine=23 lastLine=23 records=1 whole=true
    section kind=fault firstLine=27 lastLine=27 records=1 whole=true
    section kind=fault firstLine=29 lastLine=29 records=1 whole=true
    section kind=fault firstLine=31 lastLine=31 records=1 whole=true"
  `);
});

test("an accident is over with a new backtrace's crash, or with thirteen other lines", async () => {
  const other = (count: number): string =>
    Array.from({ length: count }, (_, i) => `I (${i}) app: line ${i}\n`).join("");
  const panic = "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\n";
  const backtrace = "Backtrace: 0x400d1231:0x3ffb5740\n";
  expect(await accidentsIn(`${panic}${other(12)}${backtrace}`)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1234]
    incident line=1 quote="Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled." kind=panic detail=LoadProhibited core=0 site=1 frames=1 ownFrame=1 pc=0x400d1231 stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=0 count=1 lastLine=1
    section kind=fault firstLine=1 lastLine=14 records=1 whole=true"
  `);
  expect(await accidentsIn(`${panic}${other(13)}${backtrace}`)).toMatchInlineSnapshot(`
    "incident line=1 quote="Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled." kind=panic detail=LoadProhibited core=0 time=0 count=1 lastLine=1
    section kind=fault firstLine=1 lastLine=1 records=1 whole=true"
  `);
  expect(await accidentsIn(`${panic}${other(12)}\n${other(12)}${backtrace}`)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1234]
    incident line=1 quote="Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled." kind=panic detail=LoadProhibited core=0 site=1 frames=1 ownFrame=1 pc=0x400d1231 stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=0 count=1 lastLine=1
    section kind=fault firstLine=1 lastLine=27 records=1 whole=true"
  `);
  expect(await accidentsIn(`${panic}${backtrace}${panic.replace("Load", "Store")}`)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1234]
    incident line=1 quote="Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled." kind=panic detail=LoadProhibited core=0 site=1 frames=1 ownFrame=1 pc=0x400d1231 stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=0 count=1 lastLine=1
    incident line=3 quote="Guru Meditation Error: Core  0 panic'ed (StoreProhibited). Exception was unhandled." kind=panic detail=StoreProhibited core=0 time=0 count=1 lastLine=3
    section kind=fault firstLine=1 lastLine=2 records=1 whole=true
    section kind=fault firstLine=3 lastLine=3 records=1 whole=true"
  `);
  expect(
    await accidentsIn(`abort() was called at PC 0x400d4444\n${panic}${backtrace}${panic.replace("Load", "Store")}`),
  ).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1234]
    incident line=1 quote="abort() was called at PC 0x400d4444" kind=abort core=0 site=1 frames=1 also=["2: Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled."] stackLow=0x3ffb5740 stackHigh=0x3ffb5740 time=0 count=1 lastLine=1
    incident line=4 quote="Guru Meditation Error: Core  0 panic'ed (StoreProhibited). Exception was unhandled." kind=panic detail=StoreProhibited core=0 time=0 count=1 lastLine=4
    section kind=fault firstLine=1 lastLine=3 records=1 whole=true
    section kind=fault firstLine=4 lastLine=4 records=1 whole=true"
  `);
});

test("the account that GDB or esp-coredump gives of a crash: return addresses, names with arguments", async () => {
  const log = `Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.
#0  0x400d5b21 in release_frame (f=0x3ffb7e94) at frame.c:61
#1  0x400d5b44 in app_main () at /p/main.c:12
#2 0x400d5b60:0x3ffb1234 in main_task at ??:?
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d5b21, 0x400d5b44] frames=[{function=release_frame file=frame.c line=61 address=0x400d5b21}, {function=app_main file=/p/main.c line=12 address=0x400d5b44}]
    incident line=1 quote="Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled." kind=panic detail=LoadProhibited core=0 site=1 frames=2 ownFrame=1 pc=0x400d5b1e time=0 count=1 lastLine=1
    section kind=fault firstLine=1 lastLine=4 records=1 whole=true"
  `);
});

test("where the log names frames: the first that is neither the system's nor the heap's", async () => {
  const log = `assert failed: block_locate_free heap_tlsf.c:441 (block_size(block) >= size)
Backtrace: 0x40081231:0x3ffb5740 0x400d1231:0x3ffb5760 0x400d5675:0x3ffb5780
Rebooting...
0x40081231: heap_caps_malloc at /idf/heap_caps.c:4
0x400d1231: buffer_new at /p/buffer.c:12
 (inlined by) session_start at /p/session.c:40
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1234, 0x400d5678] frames=[{function=buffer_new file=/p/buffer.c line=12 address=0x400d1231}, {function=session_start file=/p/session.c line=40}, {function=0x400d5678 address=0x400d5678}]
    incident line=1 quote="assert failed: block_locate_free heap_tlsf.c:441 (block_size(block) >= size)" kind=heap-metadata detail="block_size(block) >= size (heap_tlsf.c:441)" function=block_locate_free site=1 frames=3 ownFrame=2 pc=0x400d1231 stackLow=0x3ffb5740 stackHigh=0x3ffb5780 time=0 count=1 lastLine=1
    section kind=fault firstLine=1 lastLine=2 records=1 whole=true"
  `);
});

test("failed requests: who asked for how much of what, what was free, and echoes that join them", async () => {
  const log = `E (10) wifi: alloc eb len=76 type=3 fail, heap:23456
E (11) wifi: m f null
E (20) net: heap_caps_malloc was called but failed to allocate 4096 bytes with 0x1800 capabilities
E (21) net: failed to allocate 4096 bytes
E (22) net: no memory for it
E (40) app: Failed to allocate 2000 bytes from PSRAM, free 1500, largest block 900
E (41) app: Failed to allocate 2000 bytes from PSRAM, free 1200, largest block 800
E (60) app: malloc(100) failed
E (61) app: malloc(101) failed
x
x
E (70) mqtt: Error: ESP_ERR_NO_MEM
E (71) mqtt: start failed: ESP_ERR_NO_MEM
Mem alloc fail. size 0x00000400 caps 0x00000804
E (90) app: heap_caps_malloc failed: MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL size 12 kB
E (91) lib.c:12: alloc of buffers failed
E (92) lib:12: alloc of buffers failed
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "incident kind=failed-allocation line=1 quote="alloc eb len=76 type=3 fail, heap:23456" known=wifi-eb component="Wi-Fi driver" free=23456 time=10000 count=1 lastLine=1 also=["2: m f null"]
    incident kind=failed-allocation line=3 quote="heap_caps_malloc was called but failed to allocate 4096 bytes with 0x1800 capabilities" known=callback function=heap_caps_malloc size=4096 caps=0x1800 time=20000 count=1 lastLine=3 component=net also=["4: failed to allocate 4096 bytes", "5: no memory for it"]
    incident kind=failed-allocation line=6 quote="Failed to allocate 2000 bytes from PSRAM, free 1500, largest block 900" known=generic component=app size=2000 caps=0x400 free=1200 largest=800 time=40000 count=2 lastLine=7 freeHighest=1500
    incident kind=failed-allocation line=8 quote="malloc(100) failed" known=generic component=app function=malloc size=100 time=60000 count=1 lastLine=8
    incident kind=failed-allocation line=9 quote="malloc(101) failed" known=generic component=app function=malloc size=101 time=61000 count=1 lastLine=9 also=["12: Error: ESP_ERR_NO_MEM", "13: start failed: ESP_ERR_NO_MEM"]
    incident kind=failed-allocation line=14 quote="Mem alloc fail. size 0x00000400 caps 0x00000804" known=abort-on-failure size=1024 caps=0x804 time=71000 count=1 lastLine=14
    incident kind=failed-allocation line=15 quote="heap_caps_malloc failed: MALLOC_CAP_DMA | MALLOC_CAP_INTERNAL size 12 kB" known=generic component=app function=heap_caps_malloc size=12288 caps=0x808 time=90000 count=1 lastLine=15 also=["16: 12: alloc of buffers failed"]
    incident kind=failed-allocation line=17 quote="12: alloc of buffers failed" known=generic component=lib time=92000 count=1 lastLine=17
    section kind="failed allocation" firstLine=1 lastLine=1 records=1 whole=true
    section kind="failed allocation" firstLine=3 lastLine=3 records=1 whole=true
    section kind="failed allocation" firstLine=6 lastLine=6 records=1 whole=true
    section kind="failed allocation" firstLine=7 lastLine=7 records=1 whole=true
    section kind="failed allocation" firstLine=8 lastLine=8 records=1 whole=true
    section kind="failed allocation" firstLine=9 lastLine=9 records=1 whole=true
    section kind="failed allocation" firstLine=14 lastLine=14 records=1 whole=true
    section kind="failed allocation" firstLine=15 lastLine=15 records=1 whole=true
    section kind="failed allocation" firstLine=17 lastLine=17 records=1 whole=true"
  `);
});

test("what is no failed request: counters, advice, other resources", async () => {
  const log = `I (1) app: alloc failures: 0
I (2) app: to avoid out of memory, use PSRAM
E (3) rmt: failed to allocate an RMT channel
E (4) app: failed to allocate a slot
E (5) app: failed to create a partition task
E (6) app: failed to create a partition
E (7) app: failed to allocate 100 B for the channel
I (8) app: no memory leak
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "incident kind=failed-allocation line=5 quote="failed to create a partition task" known=task component=FreeRTOS time=5000 count=1 lastLine=5
    incident kind=failed-allocation line=7 quote="failed to allocate 100 B for the channel" known=generic component=app size=100 time=7000 count=1 lastLine=7
    section kind="failed allocation" firstLine=5 lastLine=5 records=1 whole=true
    section kind="failed allocation" firstLine=7 lastLine=7 records=1 whole=true"
  `);
});

test("a request that is repeated: a crash's last one on the ESP8266, what() behind bad_alloc, the same again", async () => {
  const log = `:oom(1460)@WiFiClient.cpp:12
Exception (29):
epc1=0x40201234 epc2=0x00000000
${"x\n".repeat(90)}last failed alloc call: 40201234(1460)
last failed alloc call: 40201234(1461)
terminate called after throwing an instance of 'std::bad_alloc'
  what():  std::bad_alloc
std::bad_alloc
${"I (5) app: x\n".repeat(9)}std::bad_alloc
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x40201237]
    site id=2 method=0 caps=0x0 callers=[0x40201234]
    incident kind=failed-allocation line=1 quote=":oom(1460)@WiFiClient.cpp:12" known=esp8266-oom component=umm_malloc size=1460 time=0 count=1 lastLine=1 site=2 pc=0x40201234 also=["94: last failed alloc call: 40201234(1460)"]
    incident line=2 quote="Exception (29):" kind=panic detail="exception 29" site=1 registers=["epc1 0x40201234", "epc2 0x00000000"] time=0 count=1 lastLine=2
    incident kind=failed-allocation line=95 quote="last failed alloc call: 40201234(1461)" known=esp8266-oom component=umm_malloc size=1461 site=2 pc=0x40201234 time=0 count=1 lastLine=95 also=["96: terminate called after throwing an instance of 'std::bad_alloc'", "97: what():  std::bad_alloc", "98: std::bad_alloc"]
    incident kind=failed-allocation line=108 quote="std::bad_alloc" known=bad-alloc component="C++ new" time=5000 count=1 lastLine=108
    section kind="failed allocation" firstLine=1 lastLine=1 records=1 whole=true
    section kind=fault firstLine=2 lastLine=3 records=1 whole=true
    section kind="failed allocation" firstLine=95 lastLine=95 records=1 whole=true
    section kind="failed allocation" firstLine=108 lastLine=108 records=1 whole=true"
  `);
});

test("what was free around a failed request: on its line, right behind it, before it, and of its own memory first", async () => {
  const log = `I (1) app: free heap: 50000, largest free block: 20000, minimum free heap: 40000
I (2) app: internal free heap: 30000
I (3) app: psram free heap: 900000
I (4) app: dma free heap: 10000
E (5) net: heap_caps_malloc was called but failed to allocate 4096 bytes with 0x1800 capabilities
E (6) net: heap_caps_malloc was called but failed to allocate 4097 bytes with 0x400 capabilities
E (7) net: heap_caps_malloc was called but failed to allocate 4098 bytes with 0x8 capabilities
E (8) net: heap_caps_malloc was called but failed to allocate 4099 bytes with 0x1000 capabilities
I (9) app: free heap: 49000, largest free block: 19000, minimum free heap: 39000
E (10) app: malloc(100) failed, free 1234
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "incident kind=failed-allocation line=5 quote="heap_caps_malloc was called but failed to allocate 4096 bytes with 0x1800 capabilities" known=callback function=heap_caps_malloc size=4096 caps=0x1800 time=5000 count=1 lastLine=5 free=30000 freeLine=2 largest=20000 largestLine=1 minimum=40000 minimumLine=1
    incident kind=failed-allocation line=6 quote="heap_caps_malloc was called but failed to allocate 4097 bytes with 0x400 capabilities" known=callback function=heap_caps_malloc size=4097 caps=0x400 time=6000 count=1 lastLine=6 free=900000 freeLine=3
    incident kind=failed-allocation line=7 quote="heap_caps_malloc was called but failed to allocate 4098 bytes with 0x8 capabilities" known=callback function=heap_caps_malloc size=4098 caps=0x8 time=7000 count=1 lastLine=7 free=10000 freeLine=4 largest=19000 largestLine=9 minimum=39000 minimumLine=9
    incident kind=failed-allocation line=8 quote="heap_caps_malloc was called but failed to allocate 4099 bytes with 0x1000 capabilities" known=callback function=heap_caps_malloc size=4099 caps=0x1000 time=8000 count=1 lastLine=8 free=49000 freeLine=9 largest=19000 largestLine=9 minimum=39000 minimumLine=9
    incident kind=failed-allocation line=10 quote="malloc(100) failed, free 1234" known=generic component=app function=malloc size=100 free=1234 time=10000 count=1 lastLine=10 largest=19000 largestLine=9 minimum=39000 minimumLine=9
    series id=1 label="free heap" quote="free heap: 50000, largest free block: 20000, minimum free heap: 40000" line=1 quantity=free memory=any unit=bytes scale=1 readings=2 timed=true
    readings series=1 stretch=1 times=[1000, 9000] lines=[1, 9] values=[50000000, 49000000]
    series id=2 label="largest free block" quote="free heap: 50000, largest free block: 20000, minimum free heap: 40000" line=1 quantity=largest memory=any unit=bytes scale=1 readings=2 timed=true
    readings series=2 stretch=1 times=[1000, 9000] lines=[1, 9] values=[20000000, 19000000]
    series id=3 label="minimum free heap" quote="free heap: 50000, largest free block: 20000, minimum free heap: 40000" line=1 quantity=minimum memory=any unit=bytes scale=1 readings=2 timed=true
    readings series=3 stretch=1 times=[1000, 9000] lines=[1, 9] values=[40000000, 39000000]
    series id=4 label="internal free heap" quote="internal free heap: 30000" line=2 quantity=free memory=internal unit=bytes scale=1 readings=1 timed=true
    readings series=4 stretch=1 times=[2000] lines=[2] values=[30000000]
    series id=5 label="psram free heap" quote="psram free heap: 900000" line=3 quantity=free memory=psram unit=bytes scale=1 readings=1 timed=true
    readings series=5 stretch=1 times=[3000] lines=[3] values=[900000000]
    series id=6 label="dma free heap" quote="dma free heap: 10000" line=4 quantity=free memory=dma unit=bytes scale=1 readings=1 timed=true
    readings series=6 stretch=1 times=[4000] lines=[4] values=[10000000]
    section kind="failed allocation" firstLine=5 lastLine=5 records=1 whole=true
    section kind="failed allocation" firstLine=6 lastLine=6 records=1 whole=true
    section kind="failed allocation" firstLine=7 lastLine=7 records=1 whole=true
    section kind="failed allocation" firstLine=8 lastLine=8 records=1 whole=true
    section kind="failed allocation" firstLine=10 lastLine=10 records=1 whole=true"
  `);
});

test("boots: each keeps its own accidents, clock and blocks", async () => {
  const log = `ESP-ROM:esp32s3-20210327
I (30) cpu_start: Project name:     one
I (31) app_init: App version:      1.2
I (32) app_init: ELF file SHA256:  ${"ab".repeat(32)}
${block("0x3ffb0010", 100, 1)}E (1000) app: malloc(100) failed
ets Jul 29 2019 12:21:46

rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)
I (25) heap_init: Initializing. RAM available for dynamic allocation:
CORRUPT HEAP: Bad head at 0x3ffb0008. Expected 0xabba1234 got 0xdeadbeef
I (50) heap_init: Initializing. RAM available for dynamic allocation:
E (60) app: malloc(100) failed
`;
  const told = await toldOf(log);
  expect(told.replaceAll(/^(?:considered|hint) .*\n?/gm, "").trimEnd()).toMatchInlineSnapshot(`
    "boot stackDepth=0 origin="console log" chip=esp32s3 appName=one appVersion=1.2 elfSha256=abababababababababababababababababababababababababababababababab
    site id=1 method=0 caps=0x1804 file=main/net.c line=1 function=net_open variable=rx
    gap time=0 reason=attached-late lostFrames=0
    alloc time=32000 address=0x3ffb0010 size=100 site=1 task=2 core=0
    incident kind=failed-allocation line=6 quote="malloc(100) failed" known=generic component=app function=malloc size=100 time=1000000 count=1 lastLine=6
    boot stackDepth=0 origin="console log"
    incident line=11 quote="CORRUPT HEAP: Bad head at 0x3ffb0008. Expected 0xabba1234 got 0xdeadbeef" kind=bad-head address=0x3ffb0008 expected=0xabba1234 found=0xdeadbeef foundBytes=4 time=25000 count=1 lastLine=11
    boot stackDepth=0 origin="console log"
    incident kind=failed-allocation line=13 quote="malloc(100) failed" known=generic component=app function=malloc size=100 time=60000 count=1 lastLine=13
    section kind="failed allocation" firstLine=6 lastLine=6 records=1 whole=true
    section kind="classic tracker" firstLine=5 lastLine=5 records=1 whole=true
    section kind=fault firstLine=11 lastLine=11 records=1 whole=true
    section kind="failed allocation" firstLine=13 lastLine=13 records=1 whole=true
    account events=4 omittedDamage=0 droppedRecords=0 omittedIncidents=0 lines=13"
  `);
});
