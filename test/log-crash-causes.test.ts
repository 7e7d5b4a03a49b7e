// What the registers, the first calls and the context of a crash say of its cause: functions of the C library, interrupts, ends that a core dump tells.

import { expect, test } from "vitest";
import { type Accident, IDF, panic, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const REGISTERS = "PC      : 0x400898dd  PS      : 0x00060830  A0      : 0x800f6d26  A1      : 0x3ffb7d10";
const dump = (details: string): string =>
  `Crashed task handle: 0x3ffb74e0, name: 'main', GDB name: 'process 1073444064'\n\n================== CURRENT THREAD REGISTERS ===================\nexccause       0x1d (StoreProhibitedCause)\nexcvaddr       0x0\npc             0x40081a01          0x40081a01 <panic_abort+21>\n\n==================== CURRENT THREAD STACK =====================\n#0  0x40081a01 in panic_abort (details=0x3ffb736b "${details}") at /idf/components/esp_system/panic.c:403\n#1  0x4008518c in esp_system_abort (details=0x3ffb736b "${details}") at /idf/components/esp_system/esp_system.c:135\nBacktrace stopped: previous frame identical to this frame (corrupt stack?)\n\n======================== THREADS INFO =========================\n  Id   Target Id          Frame \n* 1    process 1073444064 0x40081a01 in panic_abort (details=0x3ffb736b "${details}") at /idf/components/esp_system/panic.c:403\n  2    process 1073444412 vPortTaskWrapper (pxCode=0x0, pvParameters=0x0) at /idf/components/freertos/port.c:140\n\n==================== THREAD 1 (TCB: 0x3ffb74e0, name: 'main') =====================\n#0  0x40081a01 in panic_abort (details=0x3ffb736b "${details}") at /idf/components/esp_system/panic.c:403\n`;

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "strlen() of a member of nothing: the caller is to look at": {
    log: panic("LoadProhibited", `${REGISTERS}\nA2      : 0x0000000c  A3      : 0x00000008\nEXCVADDR: 0x0000000c`, "Backtrace: 0x400898da:0x3ffb7d10 0x400f6d23:0x3ffb7d20 0x400d3c61:0x3ffb7d60\n0x400898da: strlen at /b/newlib/strlen.S:82\n0x400f6d23: String::String(char const*) at /b/packages/framework-arduinoespressif32/cores/esp32/WString.cpp:33\n0x400d3c61: Page::render(Sensor*) at src/page.cpp:117"),
    says: ["error crash", /: a call of strlen\(\) with 0x0000000c \(LoadProhibited\) on core 0\n/, /or a small number that was taken for one/, /Next: Look at page\.cpp:117 Page::render\(Sensor\*\) .*: where the pointer comes from that it hands to strlen\(\)/],
    never: [/typical after malloc/, /%s/],
  },
  "strlen() below printf() is of a %s": {
    log: panic("LoadProhibited", `${REGISTERS}\nA2      : 0x00000000\nEXCVADDR: 0x00000000`, "Backtrace: 0x400898da:0x3ffb7d10 0x400f6d23:0x3ffb7d20 0x400d3c61:0x3ffb7d60\n0x400898da: strlen at /b/newlib/strlen.S:82\n0x400f6d23: _svfprintf_r at /b/newlib/vfprintf.c:1529\n0x400d3c61: say_name at /p/main/name.c:12"),
    says: ["error crash", /: a call of strlen\(\) with a NULL pointer/, /the argument of a %s/, /name\.c:12 say_name/],
  },
  "which of two arguments it is, by what is done there": {
    log: panic("StoreProhibited", `${REGISTERS}\nA2      : 0x00000000  A3      : 0x3ffb1000  A4      : 0x00000134\nEXCVADDR: 0x00000000`, "Backtrace: 0x400898da:0x3ffb7d10 0x400f6d23:0x3ffb7d20\n0x400898da: memcpy at /b/newlib/memcpy.S:82\n0x400f6d23: keep_frame at /p/main/frame.c:33"),
    says: ["error crash", /: a call of memcpy\(\) with a NULL pointer as its destination/, /It was to copy 308 B \(A4\)/, /Next: Look at frame\.c:33 keep_frame/],
  },
  "which of two arguments it is, by the registers": {
    log: panic("Load access fault", "MEPC    : 0x42012a10  RA      : 0x42008a44  SP      : 0x3fc9a000  GP      : 0x3fc8f400\nA0      : 0x3fc91234  A1      : 0x00000010\nMCAUSE  : 0x00000005  MTVAL   : 0x00000010\n--- 0x42012a10: strcmp in ROM\n--- 0x42008a44: find_topic at /p/main/topics.c:61"),
    says: ["error crash", /: a call of strcmp\(\) with 0x00000010 as its second argument/, /Next: Look at topics\.c:61 find_topic/],
  },
  "the ESP32's ROM, without a name": {
    log: panic("LoadProhibited", "PC      : 0x400014fd  PS      : 0x00060330  A0      : 0x800d4a3d  A1      : 0x3ffe3540\nA2      : 0x00000000\nEXCVADDR: 0x00000000  LBEG    : 0x400014fd  LEND    : 0x4000150d", "Backtrace: 0x400014fa:0x3ffe3540 0x400d4a3a:0x3ffe3840"),
    says: ["error crash", /: a call of strlen\(\) with a NULL pointer/, /\ndetected 0x400d4a3a\n/, /Next: Decode 0x400d4a3a \(/],
  },
  "a loop of code in RAM, without a name": {
    log: panic("StoreProhibited", "PC      : 0x40093a54  PS      : 0x00060630  A0      : 0x801d433b  A1      : 0x3fff8cf0\nA2      : 0x00000000  A3      : 0x00000000  A4      : 0x00000134  A5      : 0x00000000\nEXCVADDR: 0x00000000  LBEG    : 0x40093a54  LEND    : 0x40093a5f  LCOUNT  : 0x00000012", "Backtrace: 0x40093a51:0x3fff8cf0 0x401d4338:0x3fff8d00"),
    says: ["error crash", /\ndetected 0x401d4338\n/, /A4, where memset\(\) and memcpy\(\) have their length, 308 B/, /Next: Decode 0x401d4338/],
  },
  "a loop of the program's own is its own": {
    log: panic("StoreProhibited", "PC      : 0x400d3a54  PS      : 0x00060630  A0      : 0x801d433b  A1      : 0x3fff8cf0\nA2      : 0x00000000  A4      : 0x00000134\nEXCVADDR: 0x00000000  LBEG    : 0x400d3a54  LEND    : 0x400d3a5f  LCOUNT  : 0x00000012", "Backtrace: 0x400d3a51:0x3fff8cf0 0x401d4338:0x3fff8d00"),
    says: ["error crash", /\ndetected 0x400d3a51\n/],
    never: [/memset|308 B/],
  },
  "a function of such a name that got a good pointer from nowhere near": {
    log: panic("LoadProhibited", `${REGISTERS}\nA2      : 0x00000000\nEXCVADDR: 0x00000014`, "Backtrace: 0x400d1234:0x3ffb7d10 0x400d3c61:0x3ffb7d60\n0x400d1234: Meter::strlen_max() at src/meter.cpp:8"),
    says: ["error crash", /a read through a NULL pointer/],
    never: [/a call of|does as it is told/],
  },
  "a jump into text in an interrupt": {
    log: panic("InstrFetchProhibited", "PC      : 0x2c343032  PS      : 0x00060031  A0      : 0x40082848  A1      : 0x3ffbe470\nEXCVADDR: 0x2c343030\nCore 0 was running in ISR context:\nEPC1    : 0x2c343032  EPC2    : 0x00000000", "Backtrace: 0x2c34302f:0x3ffbe470 |<-CORRUPTED"),
    says: ["error crash", /in an interrupt on core 0\n/, /reads “204,” as text/, /Next: Decode 0x40082845 \(`--elf build\/APP\.elf`\), which made the call/],
    never: [/second frame|all look like|“004,”/],
  },
  "a jump from nowhere": {
    log: panic("InstrFetchProhibited", "PC      : 0x2c343032  PS      : 0x00060031  A0      : 0x00000000  A1      : 0x3ffbe470\nEXCVADDR: 0x2c343030", "Backtrace: 0x2c34302f:0x3ffbe470 |<-CORRUPTED"),
    says: ["error crash", /Next: No backtrace leads to who made the call/],
    never: [/interrupt|frame/],
  },
  "a crash in a handler, by its calls": {
    log: panic("LoadProhibited", `${REGISTERS}\nEXCVADDR: 0x00000008`, `Backtrace: 0x400d4a3a:0x3fff0780 0x40082b8e:0x3fff09b0\n0x400d4a3a: button_isr at /p/main/button.c:44\n0x40082b8e: _xt_lowint1 at ${IDF}/xtensa/xtensa_vectors.S:1105`),
    says: ["error crash", /in an interrupt on core 0\n/, /\ndetected button\.c:44 button_isr\n/, /not the task that ran/],
  },
  "a crash in a task is none of an interrupt": {
    log: panic("LoadProhibited", `${REGISTERS}\nEXCVADDR: 0x00000008`, `Backtrace: 0x400d4a3a:0x3fff0780 0x40082b8e:0x3fff09b0\n0x400d4a3a: button_task at /p/main/button.c:44\n0x40082b8e: vPortTaskWrapper at ${IDF}/freertos/port.c:140`),
    says: ["error crash", /\ndetected button\.c:44 button_task\n/],
    never: [/interrupt/],
  },
  "a core dump of an abort is no write through NULL, and what called abort() is its place": {
    log: dump("abort() was called at PC 0x400d4b3b on core 0"),
    says: ["error crash", /: abort\(\) was called at PC 0x400d4b3b in task main/, /\ndetected 0x400d4b3b\n/, /Next: Decode 0x400d4b3b, where abort\(\) was called/],
    never: [/NULL pointer|StoreProhibited/],
  },
  "a core dump of an assertion is that": {
    log: dump("assert failed: app_push main.c:45 (item)"),
    says: ["error crash", /: an assertion failed in app_push\(\): item \(main\.c:45\)/],
    never: [/NULL pointer|StoreProhibited/],
  },
  "Arduino's decoder of an ESP8266 says which exception, and lwIP in the core is a library": {
    log: "Exception 29: StoreProhibited: A store referenced a page mapped with an attribute that does not permit stores\nPC: 0x4000e1c3\nEXCVADDR: 0x00000018\n\nDecoding stack results\n0x4021b328: ip4_output_if_opt_src at core/ipv4/ip4.c line 1764\n0x40213c72: Page::fill(char*) at C:\\Users\\ada\\Arduino\\page.cpp line 61\n",
    says: ["error crash", /: a write through a NULL pointer at PC 0x4000e1c3 \(exception 29\)/, /\ndetected page\.cpp:61 Page::fill/],
    never: [/last error/],
  },
  "a link of the heap that was overwritten is no pointer that nobody checked": {
    log: panic("LoadProhibited", `${REGISTERS}\nEXCVADDR: 0xffffffff`, `Backtrace: 0x40087d7e:0x3ffd74a0 0x400d6c32:0x3ffd7530\n0x40087d7e: multi_heap_malloc at ${IDF}/heap/multi_heap.c:547\n0x400d6c32: forward at /p/main/forward.c:72`),
    says: ["error heap-corruption", /inside the heap, in multi_heap_malloc\(\)/, /\ndetected forward\.c:72 forward\n/],
    never: [/below NULL|error code/],
  },
  "the Bluetooth controller had no memory": {
    log: `ASSERT_PARAM(-218959118 0), in arch_main.c at line 343\n${panic("Interrupt wdt timeout on CPU0", REGISTERS, "Backtrace: 0x400845b9:0x3ffbe280 0x40118361:0x3ffbe2a0")}`,
    says: ["error crash", /a check of the Bluetooth controller, which had no memory \(arch_main\.c:343\)/, /RESET_MEM_ALLOC_FAIL/, /Next: Print free internal memory/],
  },
  "another check of it is not of memory": {
    log: `ASSERT_PARAM(512 0), in rwble.c at line 222\n${panic("Interrupt wdt timeout on CPU0", REGISTERS, "Backtrace: 0x400845b9:0x3ffbe280 0x40118361:0x3ffbe2a0")}`,
    says: ["error crash", /a check of the Bluetooth controller \(rwble\.c:222\)/],
    never: [/RESET_MEM/],
  },
  "a number that a register holds where a pointer should be": {
    log: panic("StoreProhibited", "PC      : 0x401b9952  PS      : 0x00060430  A0      : 0x800eb1be  A1      : 0x3ffb1ed0\nA2      : 0x3ffdb82c  A8      : 0x0000e302  A9      : 0x0000d108\nEXCVADDR: 0x0000e318", "Backtrace: 0x401b994f:0x3ffb1ed0 0x400eb1bb:0x3ffb1ef0"),
    says: ["error crash", /a field 22 B behind what A8 holds, 0x0000e302: most likely a number/, /look at the object from which the first frame reads/],
  },
  "the calls of a crash that a program publishes in a field": {
    log: 'devices/17/crash {"exc_task":"sensor","exc_pc":"0x400d4512","exc_cause":28,"exc_vaddr":"0x00000000","bt":["0x400d4512","0x400d4120"]}\nfree heap 181220\n',
    says: ["error crash", /in task sensor/, /\ndetected 0x400d4512\n/],
  },
  "an exception that nobody caught is told by its type and words": {
    log: "terminate called after throwing an instance of 'std::length_error'\n  what():  basic_string::_M_create\n\nabort() was called at PC 0x4014a2b7 on core 1\n\n\nBacktrace: 0x400838a1:0x3ffcf0e0 0x4008f3c9:0x3ffcf100 0x4014a2b7:0x3ffcf1a0 0x400d7a66:0x3ffcf220\n",
    says: ["error crash", /: an exception that nobody caught: std::length_error \(basic_string::_M_create\) on core 1\n/, /no want of memory/, /Next: Decode the backtrace/],
    never: [/bad_alloc/],
  },
  "an end of std::terminate() that names no exception is an abort": {
    log: "terminate called recursively\n\nabort() was called at PC 0x4014a2b7 on core 1\n\nBacktrace: 0x400838a1:0x3ffcf0e0 0x4008f3c9:0x3ffcf100 0x4014a2b7:0x3ffcf1a0 0x400d7a66:0x3ffcf220\n",
    says: ["error crash", /: abort\(\) was called/],
    never: [/nobody caught: /],
  },
  "who throws stands in the calls": {
    log: `terminate called after throwing an instance of 'std::logic_error'\n  what():  basic_string: construction from null is not valid\n\nabort() was called at PC 0x4014a2b7 on core 1\n\nBacktrace: 0x400838a1:0x3ffcf0e0 0x4008f3c9:0x3ffcf100 0x4014a2b7:0x3ffcf1a0 0x400d7a66:0x3ffcf220\n0x400838a1: panic_abort at ${IDF}/esp_system/panic.c:408\n0x4008f3c9: esp_system_abort at ${IDF}/esp_system/esp_system.c:137\n0x4014a2b7: __cxxabiv1::__terminate(void (*)()) at /b/eh_terminate.cc:48\n0x400d7a66: Settings::load() at /p/main/settings.cpp:61\n`,
    says: ["error crash", /A std::string was made from a pointer that is NULL/, /Next: Look at settings\.cpp:61 Settings::load\(\)/],
  },
  "a thread for which no task could be had": {
    log: "I (6120) gw: internal free 38112 largest 2816\nE (6131) pthread: Failed to create task!\nterminate called after throwing an instance of 'std::system_error'\n  what():  Resource temporarily unavailable\n\nabort() was called at PC 0x4015c1d3 on core 0\n",
    says: ["error allocation-failure", /by pthread failed/, /std::system_error \(Resource temporarily unavailable\) was thrown, which nobody caught/, /esp_pthread_set_cfg/],
    never: [/bad_alloc/],
  },
  "Zephyr's registers on Xtensa lead to the caller of nothing": {
    log: "[00:00:14.023,000] <err> os:  ** FATAL EXCEPTION\n[00:00:14.023,000] <err> os:  ** CPU 0 EXCCAUSE 20 (instr fetch prohibited)\n[00:00:14.023,000] <err> os:  **  PC (nil) VADDR (nil)\n[00:00:14.023,000] <err> os:  **  PS 0x60120\n[00:00:14.023,000] <err> os:  **  A0 0x800d2a5e  SP 0x3ffb3a90  A2 (nil)  A3 0x200\n[00:00:14.024,000] <err> os: >>> ZEPHYR FATAL ERROR 0: CPU exception on CPU 0\n[00:00:14.024,000] <err> os: Current thread: 0x3ffb1d98 (sensors)\n",
    says: ["error crash", /in task sensors/, /\ndetected 0x400d2a5b\n/],
  },
  "damage that a check finds leads to the check before it": {
    log: "I (4021) test: heap integrity OK after step 2\nI (5021) test: step 3\nCORRUPT HEAP: Invalid data at 0x3fcb1230. Expected 0xfefefefe got 0x00000001\nE (5023) test: heap_caps_check_integrity_all returned false after step 3\n",
    says: ["error write-after-free", /A check before it found nothing, in line 1, “heap integrity OK after step 2”/, /line 4: “heap_caps_check_integrity_all returned false/],
  },
}; // prettier-ignore

test.each(Object.entries(ACCIDENTS))("%s", (_, accident) => tells(accident));

test("a core dump's threads, which quote the same end, are no further accidents", async () => {
  const { texts } = await answerTo(dump("abort() was called at PC 0x400d4b3b on core 0"));
  expect(texts).toHaveLength(1);
});
