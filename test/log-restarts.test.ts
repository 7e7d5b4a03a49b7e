// Deaths that a log tells of in few words: by the ROM at the next start, by what a program publishes after it, by assertions that name no condition,
// by Rust's structure; and starts and lines beside them that are none.

import { describe, expect, test } from "vitest";
import { type Accident, panic, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const rom = (reset: string): string => `ets Jul 29 2019 12:21:46\n\nrst:${reset},boot:0x13 (SPI_FAST_FLASH_BOOT)\nconfigsip: 0, SPIWP:0xee\nentry 0x400805e4\n`; // prettier-ignore

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "a watchdog that only the ROM names": {
    log: rom("0x7 (TG0WDT_SYS_RESET)"),
    says: ["warning crash", /a watchdog had restarted the board: TG0WDT_SYS_RESET/, /Timer group 0 has ESP-IDF's task watchdog/, /Next: Keep the console's log/],
    never: [/The program told it/],
  },
  "a watchdog in each boot, and what was said last before it": {
    log: `I (120) app: start\nI (5120) app: reading sensor\n${rom("0x8 (TG1WDT_SYS_RESET)")}I (120) app: start\nI (5120) app: reading sensor\n${rom("0x8 (TG1WDT_SYS_RESET)")}`,
    says: ["warning crash", /Timer group 1 has ESP-IDF's interrupt watchdog/, /in line 2: “reading sensor”/, /Told 2 times/, /Next: Look at what runs after that line/],
  },
  "where the processor stood, as the ROM has kept it, and the program's word for the same": {
    log: `ESP-ROM:esp32s3-20210327\nBuild:Mar 27 2021\nrst:0x7 (TG0WDT_SYS_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)\nSaved PC:0x4209a1c2\nI (200) app: Reset reason: ESP_RST_WDT\n`,
    says: ["warning crash", /TG0WDT_SYS_RST/, /0x4209a1c2 \(Saved PC\)/, /Next: Decode Saved PC/],
    never: [/ESP_RST_WDT/],
  },
  "a supply that fell, as the ROM names it": {
    log: rom("0xf (RTCWDT_BROWN_OUT_RESET)"),
    says: ["warning crash", /supply/],
  },
  "what ended the boot before is told once": {
    log: `I (120) app: start\n${panic("Interrupt wdt timeout on CPU0", "PC      : 0x400d1c2a  PS      : 0x00060930  A0      : 0x800d2b3c", "Backtrace: 0x400d1c27:0x3ffb1f00 0x400d2b39:0x3ffb1f20")}Rebooting...\n${rom("0x8 (TG1WDT_SYS_RESET)")}I (200) app: Reset reason: INT_WDT\n`,
    says: ["warning crash", /a watchdog bit: Interrupt wdt timeout on CPU0/],
    never: [/had restarted the board/],
  },
  "a pointer from flash that could not be read": {
    log: panic("InstrFetchProhibited", "PC      : 0xbad00bad  PS      : 0x00060730  A0      : 0x800e1c5c  A1      : 0x3ffb6d20\nEXCVADDR: 0xbad00bac", "Backtrace: 0x3ad00baa:0x3ffb6d20 0x400e1c59:0x3ffb6d40"),
    says: ["error crash", /flash or PSRAM was read while the cache was off/, /IRAM_ATTR/],
    never: [/freed, overwritten or never filled/],
  },
  "code that could not be read": {
    log: "Guru Meditation Error: Core  1 panic'ed (IllegalInstruction). Exception was unhandled.\nMemory dump at 0x40159f5c: bad00bad bad00bad bad00bad\nCore 1 register dump:\nPC      : 0x40159f60  PS      : 0x00060c30\n\nBacktrace: 0x40159f60:0x3ffb1f00 0x400d2b39:0x3ffb1f20\n",
    says: ["error crash", /reads 0xBAD00BAD, as all of flash and PSRAM does while the ESP32's cache is off/, /Next: Look at interrupts/],
  },
  "Rust's structure, field by field": {
    log: "PanicInfo {\n    payload: Any { .. },\n    message: Some(\n        index out of bounds: the len is 4 but the index is 4,\n    ),\n    location: Location {\n        file: \"src/main.rs\",\n        line: 62,\n        col: 10,\n    },\n    can_unwind: true,\n}\n\nBacktrace:\n\n0x42001c2a\n0x4200a5c4\n",
    says: ["error crash", /the program panicked at src\/main\.rs:62: index out of bounds: the len is 4 but the index is 4$/m],
  },
  "Rust's structure in one line": {
    log: 'PanicInfo { payload: Any { .. }, message: Some(explicit panic), location: Location { file: "src/bin/a.rs", line: 7, col: 1 }, can_unwind: true }\n',
    says: ["error crash", /the program panicked at src\/bin\/a\.rs:7: explicit panic$/m],
  },
  "Rust's allocator in a structure, and its heading": {
    log: "INFO - free heap: 4312\n!! A panic occured in 'src/bin/main.rs', at line 41, column 20\n\nPanicInfo {\n    message: Some(\n        memory allocation of 8192 bytes failed,\n    ),\n    location: Location {\n        file: \"src/bin/main.rs\",\n        line: 41,\n    },\n}\n",
    says: ["error allocation-failure", /8,192 B by Rust's allocator failed: only 4,312 B were free/, /the panic at src\/bin\/main\.rs:41 is its consequence/],
  },
  "an error of the radio without memory, in Rust": {
    log: "PanicInfo {\n    message: Some(\n        called `Result::unwrap()` on an `Err` value: InternalError(EspErrNoMem),\n    ),\n    location: Location {\n        file: \"src/main.rs\",\n        line: 62,\n    },\n}\n",
    says: ["error allocation-failure", /by the radio's driver failed/, /the panic at src\/main\.rs:62/],
  },
  "the fields of a crash in JSON": {
    log: '{"Epc1":"0x40105fd4","Epc2":"0x00000000","Epc3":"0x00000000","ExcVAddr":"0x00000000","Depc":"0x00000000","ExcCause":"29"}\n',
    says: ["error crash", /a write through a NULL pointer at PC 0x40105fd4 \(exception 29\)/, /after the restart/],
  },
  "the fields of a crash in decimal numbers": {
    log: '{"boot":{"reason":2,"exccause":28,"epc1":1075851280,"epc2":0,"epc3":0,"excvaddr":16,"depc":0}}\n',
    says: ["error crash", /a read through a NULL pointer at PC 0x40203010 \(exception 28\)/, /a field 16 B into a structure/],
  },
  "the fields of a watchdog": {
    log: "rst_info: reason=3 exccause=4 epc1=0x40203010 epc2=0x00000000 excvaddr=0x00000000\n",
    says: ["warning crash", /a watchdog bit: Software Watchdog/, /about 3 s/],
  },
  "the fields of a crash, each on a line, and a stack": {
    log: "Crash # 1 at 43200 ms\nRestart reason: 2\nException cause: 28\nepc1=0x40201c10 epc2=0x00000000 epc3=0x00000000 excvaddr=0x00000010 depc=0x00000000\n>>>stack>>>\n3ffffe30:  3fff0d54 00000011 3ffedda0 40203034\n<<<stack<<<\n",
    says: ["error crash", /a read through a NULL pointer at PC 0x40201c10 \(exception 28\)/, /a field 16 B/, /after the restart/],
  },
  "the address of the access on a line behind": {
    log: "[000317] [DEBUG] Exception cause: 29\n[000320] [DEBUG] epc1=0x4000df64 epc2=0x00000000 epc3=0x00000000\n[000322] [DEBUG] excvaddr=0x00000000 depc=0x00000000\n",
    says: ["error crash", /a write through a NULL pointer at PC 0x4000df64 \(exception 29\)/],
  },
  "a watchdog, by the exception that it comes as": {
    log: "Exception cause: 4\nepc1=0x40203010 epc2=0x00000000 excvaddr=0x00000000\n",
    says: ["warning crash", /a watchdog bit: Watchdog/],
  },
  "NuttX on Xtensa": {
    log: "xtensa_user_panic: User Exception: EXCCAUSE=001c task: Telnet session\n_assert: Assertion failed panic: at file: common/xtensa_assert.c:187 task: Telnet session 0x400d7a4c\nup_dump_register:    PC: 400dda98    PS: 00060f30\nup_dump_register:   SAR: 0000001f CAUSE: 0000001c VADDR: 00000050\n",
    says: ["error crash", /a read through a NULL pointer at PC 0x400dda98 \(exception 28\) in task Telnet session/, /a field 80 B/],
  },
  "NuttX on RISC-V": {
    log: "riscv_exception: EXCEPTION: Store/AMO access fault. MCAUSE: 00000007, EPC: 42008a1c, MTVAL: 00000014\nup_assert: Assertion failed at file:common/riscv_exception.c line: 88 task: sensor\n",
    says: ["error crash", /a write through a NULL pointer at PC 0x42008a1c \(Store\/AMO access fault\)/, /a field 20 B/],
  },
  "Zephyr on RISC-V, whose address has no zeros before it": {
    log: "<err> os:  mcause: 5, Load access fault\n<err> os:   mtval: 8\n<err> os:      a0: 00000000    t0: 42002a10\n<err> os:    mepc: 42001c2a\n<err> os: >>> ZEPHYR FATAL ERROR 0: CPU exception on CPU 0\n<err> os: Current thread: 0x3fc8a2c0 (main)\n",
    says: ["error crash", /a read through a NULL pointer at PC 0x42001c2a \(Load access fault\) in task main/],
  },
  "Matter's": {
    log: "E (41238) chip[SPT]: VerifyOrDie failure at /w/src/lib/support/Pool.h:317: Allocated() == 0\n\nabort() was called at PC 0x4203c81f on core 0\n",
    says: ["error crash", /an assertion failed: Allocated\(\) == 0 \(Pool\.h:317\)/, /has not given them back/, /goes on in line 3/],
  },
  "OpenThread's, behind its own stamp": {
    log: "E (9344) OPENTHREAD:[C] Platform------: assert failed at message.cpp:812\n",
    says: ["error crash", /its condition is not told \(message\.cpp:812\)/],
  },
  "FreeRTOS's assertion as a program defines it": {
    log: "I (812) wifi: connected\nRTOS Assert: heap_5.c Line 214\n",
    says: ["error crash", /its condition is not told \(heap_5\.c:214\)/, /FreeRTOS's own heap stops at a block/],
  },
  "an assertion of a file and a line alone": {
    log: "Assert failed in function vQueueDelete, file freertos/queue.c, line 2031\n",
    says: ["error crash", /an assertion failed in vQueueDelete\(\): its condition is not told \(queue\.c:2031\)/, /who calls it is not in the log/],
  },
  "LVGL's": {
    log: "[Error]\t(0.512, +512)\t lv_obj_set_pos: Asserted at expression: obj != NULL (NULL pointer) \t(in lv_obj_pos.c line #80)\n",
    says: ["error crash", /obj != NULL \(lv_obj_pos\.c:80\)/, /got an object that is NULL/],
  },
  "NuttX's heap": {
    log: "[    1.200000] _assert: Assertion failed at file:mm_heap/mm_free.c line: 118 task: wifi\n",
    says: ["error heap-corruption", /NuttX's heap found a block/],
  },
  "TinyUSB's": {
    log: "tud_task_ext 618: ASSERT FAILED\n",
    says: ["error crash", /in tud_task_ext\(\): its condition is not told, line 618/],
  },
  "calls that somebody has decoded in a sentence": {
    log: "it died in abort at 0x400d1234: foo at main.c:12 and that was called from 0x400d2345: bar at main.c:44, which app_main called.\n\nabort() was called at PC 0x400d1234 on core 0\n\nBacktrace: 0x40081b2e:0x3ffb5c10 0x400d1234:0x3ffb5c30 0x400d2345:0x3ffb5c50\n",
    says: ["error crash", /\ndetected main\.c:12 foo\n/],
  },
}; // prettier-ignore

describe.each(Object.entries(ACCIDENTS))("%s", (_, accident) => {
  test("is told as an expert would", () => tells(accident));
});

test("a task that could not be created, and later overflowed, is two findings that know of each other", async () => {
  const { texts } = await answerTo(
    'E (2210) app: failed to create task "audio_task", stack 8192\nI (5210) app: audio_task created\n***ERROR*** A stack overflow in task audio_task has been detected.\n\nBacktrace: 0x40081b2e:0x3ffb5c10 0x400d1c27:0x3ffb5cd0\n',
  );
  const [overflow, refused] = texts;
  expect(overflow).toMatch(/^error stack-overflow: the stack of task audio_task overflowed/);
  expect(overflow).toMatch(/could not be created in line 1, for lack of memory/);
  expect(overflow).not.toMatch(/The last that the program told of this stack/);
  expect(refused).toMatch(/^error allocation-failure: an allocation of 8,192 B by FreeRTOS failed/);
});

test.each([
  "rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\nrst:0x15 (USB_UART_CHIP_RESET),boot:0x8\nSaved PC:0x40041a76\nrst:0x5 (DSLEEP),boot:0x8\nrst:0x10 (RTCWDT_RTC_RST),boot:0x8\nrst:0xc (SW_CPU_RESET),boot:0x13",
  '{"boot":{"reason":6,"exccause":0,"epc1":0,"epc2":0,"epc3":0,"excvaddr":0,"depc":0}}',
  "Crash counter: 0\nRestart reason: 6\nException cause: 0\nepc1=0x00000000 epc2=0x00000000 epc3=0x00000000 excvaddr=0x00000000 depc=0x00000000",
  '{"boot":{"reason":4,"exccause":28,"epc1":1075851280,"excvaddr":0}}',
  "I (100) test: assert in foo.c:12 passed\nI (100) test: assertion checks enabled, see main.c:12\nmain/test_app.c:34:test_assert:PASS\nassert.c:12 ok",
])("%j is no accident", async (log) => {
  const { texts } = await answerTo(`I (1) app: free heap 180000\n${log}\nI (2) app: free heap 180000\n`);
  expect(texts.filter((text) => !text.startsWith("note"))).toEqual([]);
});
