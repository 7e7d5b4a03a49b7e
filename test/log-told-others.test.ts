// Accidents in the words of other systems and tools, and which lines belong to one refused request: everything that is told of a small log.
import { describe, expect, test } from "vitest";
import { toldOf } from "./told.ts";

/** The accidents alone, with the sites that they name. */
async function accidentsIn(log: string): Promise<string> {
  return (await toldOf(log)).match(/^(?:site|incident) .*/gm)?.join("\n") ?? "none";
}

test("umm_malloc's poison: what the line does not show is taken for untouched", async () => {
  const log = `No poison before block at: 0x3fff1234, actual data: 0xa5 0x00 0xa5 0xa5
Rebooting...
No poison after block at: 0x3fff1240, actual data: 0x12 0x34
Rebooting...
No poison after block at: 0x3fff1300, actual data: 0x01 0x02 0x03 0x04 0x05
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "incident line=1 quote="No poison before block at: 0x3fff1234, actual data: 0xa5 0x00 0xa5 0xa5" kind=bad-head address=0x3fff1234 expected=0xa5a5a5a5 found=0xa5a500a5 foundBytes=4 time=0 count=1 lastLine=1
    incident line=3 quote="No poison after block at: 0x3fff1240, actual data: 0x12 0x34" kind=bad-tail address=0x3fff1240 expected=0xa5a5a5a5 found=0xa5a53412 foundBytes=4 time=0 count=1 lastLine=3
    incident line=5 quote="No poison after block at: 0x3fff1300, actual data: 0x01 0x02 0x03 0x04 0x05" kind=bad-tail address=0x3fff1300 expected=0xa5a5a5a5 found=0x4030201 foundBytes=4 time=0 count=1 lastLine=5"
  `);
});

test("Zephyr: assertions, what its heap says, threads and places", async () => {
  const log = `ASSERTION FAIL [chunk_used(h, c)] @ WEST_TOPDIR/zephyr/lib/heap/heap.c:172
	unexpected heap state (double-free?) for memory at 0x3fc9a010
Current thread: 0x3fc98a10 (net_rx)
Rebooting...
corrupted heap bounds (buffer overflow?) for memory at 3fc9a020
Rebooting...
ASSERTION FAIL [x > 0] @ src/main.c:7
ZEPHYR FATAL ERROR 3: Kernel oops on CPU 0
 **  PC 0x400d1234 VADDR 0x00000008
Current thread: 0x3fc98a10 (main)
Rebooting...
 ** PC 0x400d1234 VADDR (nil)
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1237]
    incident line=1 quote="ASSERTION FAIL [chunk_used(h, c)] @ WEST_TOPDIR/zephyr/lib/heap/heap.c:172" kind=double-free detail="unexpected heap state (double-free?)" address=0x3fc9a010 task=net_rx time=0 count=1 lastLine=1
    incident line=5 quote="corrupted heap bounds (buffer overflow?) for memory at 3fc9a020" kind=heap-metadata detail="corrupted heap bounds (buffer overflow?)" address=0x3fc9a020 time=0 count=1 lastLine=5
    incident line=7 quote="ASSERTION FAIL [x > 0] @ src/main.c:7" kind=assert detail="x > 0 (main.c:7)" task=main site=1 also=["8: ZEPHYR FATAL ERROR 3: Kernel oops on CPU 0"] registers=["PC 0x400d1234", "EXCVADDR 0x00000008"] time=0 count=1 lastLine=7"
  `);
});

test("Rust: its message, the addresses of its backtrace, and their names", async () => {
  const log = `!! A panic occured in 'src/main.rs', at line 12, column 5
panicked at src/main.rs:12:5:
called \`Option::unwrap()\` on a \`None\` value

Backtrace:

0x42001234
app::main
    at src/main.rs:12
0x42005678

Rebooting...
panicked at 'no more', src/lib.rs:7:1
0x42001238
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x42001234, 0x42005678] frames=[{function="app::main" file=src/main.rs line=12 address=0x42001234}, {function=0x42005678 address=0x42005678}]
    site id=2 method=0 caps=0x0 callers=[0x42001238]
    incident line=2 quote="panicked at src/main.rs:12:5:" kind=abort known=rust detail="called \`Option::unwrap()\` on a \`None\` value" component="src/main.rs:12" site=1 frames=2 ownFrame=1 pc=0x42001231 time=0 count=1 lastLine=2
    incident line=13 quote="panicked at 'no more', src/lib.rs:7:1" kind=abort known=rust detail="no more" component="src/lib.rs:7" site=2 frames=1 time=0 count=1 lastLine=13"
  `);
});

test("ESP_ERROR_CHECK: what gave which error, where", async () => {
  const log = `ESP_ERROR_CHECK failed: esp_err_t 0x102 (ESP_ERR_INVALID_ARG) at 0x400d1234
file: "/p/main/app_main.c" line 41
func: app_main
expression: gpio_set_level(99, 1)

abort() was called at PC 0x4008abcd on core 0
Backtrace: 0x40081234:0x3ffb5740 0x4008abca:0x3ffb5760
Rebooting...
ESP_ERROR_CHECK failed: esp_err_t 0xffffffff (ESP_FAIL)
Rebooting...
ESP_ERROR_CHECK failed: esp_err_t 0xffffffff (ESP_FAIL)
func: start
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x40081237, 0x4008abcd]
    incident line=1 quote="ESP_ERROR_CHECK failed: esp_err_t 0x102 (ESP_ERR_INVALID_ARG) at 0x400d1234" kind=abort known=error-check core=0 detail="gpio_set_level(99, 1) gave ESP_ERR_INVALID_ARG, in app_main (app_main.c:41)" site=1 frames=2 also=["6: abort() was called at PC 0x4008abcd on core 0"] stackLow=0x3ffb5740 stackHigh=0x3ffb5760 time=0 count=1 lastLine=1
    incident line=9 quote="ESP_ERROR_CHECK failed: esp_err_t 0xffffffff (ESP_FAIL)" kind=abort known=error-check detail=ESP_FAIL time=0 count=1 lastLine=9
    incident line=11 quote="ESP_ERROR_CHECK failed: esp_err_t 0xffffffff (ESP_FAIL)" kind=abort known=error-check detail="ESP_FAIL, in start" time=0 count=1 lastLine=11"
  `);
});

test("esp-coredump's account: the task that crashed, GDB's registers, and no further threads", async () => {
  const log = `===============================================================
==================== ESP32 CORE DUMP START ====================

Crashed task handle: 0x3ffb7e94, name: 'net', GDB name: 'process 1073446548'

================== CURRENT THREAD REGISTERS ===================
exccause       0x1c (LoadProhibitedCause)
excvaddr       0x4
pc             0x400d1234          0x400d1234 <f+24>
a0             0x800d5678          -2146609544
==================== CURRENT THREAD STACK =====================
#0  0x400d1234 in f (p=0x0) at /p/a.c:12
#1  0x400d5675 in app_main () at /p/main.c:7
======================== THREADS INFO =========================
#0  0x400d9999 in other () at /p/b.c:1
Crashed task handle: 0x3ffb7e94
excvaddr       0x8
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(`
    "site id=1 method=0 caps=0x0 callers=[0x400d1234, 0x400d5675] frames=[{function=f file=/p/a.c line=12 address=0x400d1234}, {function=app_main file=/p/main.c line=7 address=0x400d5675}]
    incident line=4 quote="Crashed task handle: 0x3ffb7e94, name: 'net', GDB name: 'process 1073446548'" kind=panic task=net detail=LoadProhibited facts=["null argument p"] site=1 frames=2 ownFrame=1 pc=0x400d1231 registers=["EXCCAUSE 0x0000001c", "EXCVADDR 0x00000004", "PC 0x400d1234", "A0 0x800d5678"] time=0 count=1 lastLine=4
    incident line=16 quote="Crashed task handle: 0x3ffb7e94" kind=panic registers=["EXCVADDR 0x00000008"] time=0 count=1 lastLine=16"
  `);
});

test("the task watchdog: who starved, and who ran there instead", async () => {
  const log = `E (10) task_wdt: Task watchdog got triggered. The following tasks did not reset the watchdog in time:
E (10) task_wdt:  - IDLE1 (CPU 1)
E (10) task_wdt:  - IDLE0 (CPU 0)
E (10) task_wdt: Tasks currently running:
E (10) task_wdt: CPU 0: main
E (10) task_wdt: CPU 1: worker
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(
    `"incident line=1 quote="Task watchdog got triggered. The following tasks did not reset the watchdog in time:" kind=watchdog detail="Task watchdog got triggered. The following tasks did not reset the watchdog in time:" task=IDLE1 component=worker time=10000 count=1 lastLine=1"`,
  );
});

test("an illegal instruction: what was read there", async () => {
  const log = `Guru Meditation Error: Core  0 panic'ed (IllegalInstruction). Exception was unhandled.
Memory dump at 0x400d1234: 00000000 bad00bad 36a10020
Rebooting...
`;
  expect(await accidentsIn(log)).toMatchInlineSnapshot(
    `"incident line=1 quote="Guru Meditation Error: Core  0 panic'ed (IllegalInstruction). Exception was unhandled." kind=panic detail=IllegalInstruction core=0 facts=["memory 00000000 bad00bad 36a10020"] time=0 count=1 lastLine=1"`,
  );
});

describe("lines of one refused request", () => {
  /** How many failures, and how many lines belong to them besides. */
  const failures = async (...lines: readonly (string | number)[]): Promise<number[]> => {
    const log = lines.map((line) => (typeof line === "number" ? "x\n".repeat(line) : `${line}\n`)).join("");
    const told = await toldOf(log);
    const incidents = [...told.matchAll(/^incident kind=failed-allocation .* count=(\d+)/gm)];
    const also = [...told.matchAll(/"\d+: [^"]*"/g)];
    return [incidents.reduce((sum, [, count]) => sum + Number(count), 0), also.length];
  };
  const driver = "E (1) net: failed to allocate 4096 bytes";
  const layer = "E (1) net: no mem, malloc failed for 4096 bytes of it";
  const echo = "E (1) app: Error: ESP_ERR_NO_MEM";
  const callback = "heap_caps_malloc was called but failed to allocate 4096 bytes with 0x1800 capabilities";

  test("echoes come within eight lines, and each goes on from the last", async () => {
    expect(await failures(driver, 7, echo)).toEqual([1, 1]);
    expect(await failures(driver, 8, echo)).toEqual([2, 0]);
    expect(await failures(driver, 7, echo, 7, echo)).toEqual([1, 2]);
  });

  test("other layers come within two lines, and ask for at most 64 bytes more or less", async () => {
    expect(await failures(driver, 1, layer)).toEqual([1, 1]);
    expect(await failures(driver, 2, layer)).toEqual([2, 0]);
    expect(await failures(driver, layer.replace("4096", "4160"))).toEqual([1, 1]);
    expect(await failures(driver, layer.replace("4096", "4161"))).toEqual([2, 0]);
    expect(await failures(driver, layer.replace("4096", "4032"))).toEqual([1, 1]);
    expect(await failures(driver, layer.replace("4096", "4031"))).toEqual([2, 0]);
    expect(await failures(driver, layer.replace("net", "ui"))).toEqual([2, 0]);
    expect(await failures(driver, `${layer}, free 3000`)).toEqual([2, 0]);
    expect(await failures(driver, driver)).toEqual([2, 0]);
    expect(await failures(driver, layer, layer)).toEqual([2, 1]);
  });

  test("who asked comes within four lines of what the allocator said, with its size or none", async () => {
    expect(await failures(callback, 3, driver)).toEqual([1, 1]);
    expect(await failures(callback, 4, driver)).toEqual([2, 0]);
    expect(await failures(callback, driver.replace("4096", "4095"))).toEqual([2, 0]);
    expect(await failures(callback, "E (1) net: out of memory")).toEqual([1, 1]);
    expect(await failures(callback, callback.replace("4096", "4097"))).toEqual([2, 0]);
    expect(await failures(driver, callback)).toEqual([2, 0]);
  });

  test("the ESP8266's last failed call is told again within a hundred lines", async () => {
    const last = "last failed alloc call: 40201234(1460)";
    expect(await failures(":oom(1460)@WiFiClient.cpp:12", 99, last)).toEqual([1, 1]);
    expect(await failures(":oom(1460)@WiFiClient.cpp:12", 100, last)).toEqual([2, 0]);
    expect(await failures(":oom(1600)@WiFiClient.cpp:12", last)).toEqual([2, 0]);
    expect(await failures("std::bad_alloc", 99, last)).toEqual([1, 1]);
  });

  test("what() repeats a bad_alloc; Python's traceback says who asked, right above", async () => {
    expect(await failures("std::bad_alloc", "  what():  std::bad_alloc")).toEqual([1, 1]);
    const error = "MemoryError: memory allocation failed, allocating 4096 bytes";
    const site = async (blanks: number): Promise<boolean> =>
      (await toldOf(`  File "main.py", line 12, in run\n${"\n".repeat(blanks)}${error}\n`)).includes(
        "site id=1 method=0 caps=0x0 file=main.py line=12 function=run",
      );
    expect([await site(0), await site(1), await site(2)]).toEqual([true, true, false]);
    expect(await toldOf(`  File "main.py", line 12\n${error}\n`)).toContain('function="<module>"');
  });
});

describe("what was free around a refused request", () => {
  const freeOf = async (before: number, after: number): Promise<string | undefined> => {
    const figure = (count: number, bytes: number): string =>
      count < 0 ? "" : `${"x\n".repeat(count)}free heap: ${bytes}\n`;
    const above = before < 0 ? "" : `free heap: 50000\n${"x\n".repeat(before)}`;
    const told = await toldOf(`${above}malloc(100) failed\n${figure(after, 40_000)}`);
    return / free=(\d+) freeLine/.exec(told)?.[1];
  };

  test("is the last figure within two thousand lines, or one within three lines behind it", async () => {
    expect([await freeOf(0, -1), await freeOf(1999, -1), await freeOf(2000, -1)]).toEqual([
      "50000",
      "50000",
      undefined,
    ]);
    expect([await freeOf(5, 0), await freeOf(5, 2), await freeOf(5, 3)]).toEqual(["40000", "40000", "50000"]);
  });

  test("is one within twenty lines behind it where there is none before", async () => {
    expect([await freeOf(-1, 19), await freeOf(-1, 20)]).toEqual(["40000", undefined]);
    expect([await freeOf(2000, 19), await freeOf(2000, 20)]).toEqual(["40000", undefined]);
  });
});

test("what was free around a failure is told in bytes, whatever the figures were printed in", async () => {
  const told = await toldOf(["I (10) app: free heap: 45", "I (20) app: free heap: 44", "E (30) app: malloc(100) failed"].join("\n"));
  expect(told).toContain("free=45056 freeLine=2");
}); // prettier-ignore

test("a table with a row for each value may tell its times as seconds since 1970 or parts of them", async () => {
  const times = async (digits: number): Promise<string | undefined> => {
    const rows = [0, 60, 180].map((second, i) => `${String(1_767_225_600 + second).padEnd(digits, "0")},free_heap,${81_000 + i}`);
    return /times=(\[.*?\])/.exec(await toldOf(["time,name,value", ...rows].join("\n")))?.[1];
  };
  for (const digits of [10, 13, 16, 19]) expect(await times(digits)).toBe("[0, 60000000, 180000000]");
}); // prettier-ignore
