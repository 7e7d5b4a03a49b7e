// How programs die, in the words of many tools: what an expert says of it, and what must not be said.

import { describe, expect, test } from "vitest";
import { type Accident, IDF, panic, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "GDB's account below the panic is of the same accident, and its lines of source are no figures": {
    log: `assert failed: tlsf_free heap_tlsf.c:907 (!block_is_free(block) && "block already marked as free")\nCore  0 register dump:\nMEPC    : 0x408005e0  RA      : 0x4080917a  SP      : 0x4084c880  GP      : 0x408143c0\nMSTATUS : 0x00001881  MTVEC   : 0x40800001  MCAUSE  : 0x00000007  MTVAL   : 0x00000000\n\nBacktrace:\n\n\npanic_abort (details=details@entry=0x4084c8d8 "assert failed: tlsf_free heap_tlsf.c:907 (!block_is_free(block) && \\"block already marked as free\\")") at ${IDF}/esp_system/panic.c:452\n452\t    *((volatile int *) 0) = 0; // should be an invalid operation\n#0  panic_abort (details=details@entry=0x4084c8d8 "assert failed: ...") at ${IDF}/esp_system/panic.c:452\n#1  0x4080e8ac in __assert_func (file=file@entry=0x4084ca02 "heap_tlsf.c", line=line@entry=907) at ${IDF}/newlib/assert.c:81\n#2  0x40018b4e in ?? ()\n#3  0x40800b9c in heap_caps_free (ptr=<optimized out>) at ${IDF}/heap/heap_caps.c:388\n#4  0x420b1c44 in session_drop (s=0x4083ccf0) at /p/main/session.c:131\n#5  0x420b1d02 in gap_event (event=0x4084cb60, arg=0x0) at /p/main/ble.c:78\n\nELF file SHA256: 7fa1d4c3b\n`,
    says: ["error double-free", /\nfreed again session\.c:131 session_drop\n/],
    never: [/low-memory|\?\?/],
  },
  "ESPHome's own decoder": {
    log: `[19:28:39.640]assert failed: block_locate_free tlsf_control_functions.h:618 (block_size(block) >= *size)\n\n\n[19:28:39.642]Backtrace: 0x4008c3ac:0x3ffc8140 0x4008f2ad:0x3ffc82a0 0x40083ce1:0x3ffc8310 0x401c4119:0x3ffc83a0 0x400e1ed1:0x3ffc83d0\nWARNING Found stack trace! Trying to decode it\nWARNING Decoded 0x4008c3ac: panic_abort at ${IDF}/esp_system/panic.c:469\nWARNING Decoded 0x4008f2ad: search_suitable_block at ${IDF}/heap/tlsf/tlsf_control_functions.h:359 (discriminator 1)\n (inlined by) block_locate_free at ${IDF}/heap/tlsf/tlsf_control_functions.h:612 (discriminator 1)\nWARNING Decoded 0x40083ce1: heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\nWARNING Decoded 0x401c4119: esphome::RAMAllocator<unsigned char>::allocate(unsigned int, unsigned int) at /data/build/spk/src/esphome/core/helpers.h:980\nWARNING Decoded 0x400e1ed1: esphome::player::Decoder::run() at /data/build/spk/src/esphome/components/player/decoder.cpp:140\n`,
    says: ["error heap-corruption", /\ndetected decoder\.cpp:140 esphome::player::Decoder::run\(\)\n/],
  },
  "a jump through a bad pointer: the caller is all that leads back": {
    log: panic("InstrFetchProhibited", "PC      : 0xcececece  PS      : 0x00060d30  A0      : 0x800d5b3a  A1      : 0x3ffb6f30\nEXCVADDR: 0xcecececc", "Backtrace: 0x4ecececb:0x3ffb6f30 |<-CORRUPTED\n0x400d5b37: dispatch at /p/main/button.c:59"),
    says: ["error uninitialized", /\ndetected button\.c:59 dispatch\n/],
    never: [/0x4ecece/],
  },
  "a return address within the function that stopped is no caller": {
    log: panic("Load access fault", "MEPC    : 0x4000c1a8  RA      : 0x4000c19e  SP      : 0x4ff1c3f0  GP      : 0x4ff0ae80\nMCAUSE  : 0x00000005  MTVAL   : 0xfefeff06", "--- 0x4000c1a8: on_frame at /p/main/pipeline.c:212\n--- 0x4000c19e: on_frame at /p/main/pipeline.c:210"),
    says: ["error use-after-free", /\ndetected pipeline\.c:212 on_frame\n/],
  },
  "an overflow found at a switch of tasks has nobody in its backtrace": {
    log: "***ERROR*** A stack overflow in task mqtt has been detected.\n\n\nBacktrace: 0x40081772:0x3ffbc560 0x40089b2d:0x3ffbc580 0x4008a8c6:0x3ffbc5a0 0x4008a986:0x00000000 |<-CORRUPTED\n",
    says: ["error stack-overflow", /no frame of the culprit is in this backtrace; CONFIG_FREERTOS_WATCHPOINT_END_OF_STACK/],
    never: [/caller is one of the last/],
  },
  "a watchdog that found a loop of the program": {
    log: `Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0). \n\nCore  0 register dump:\nPC      : 0x400d5a10  PS      : 0x00060935  EXCVADDR: 0x00000000\n\n\nBacktrace: 0x400d5a0d:0x3ffbc910 0x400d5a55:0x3ffbc930 0x40081e4d:0x3ffbc950\n0x400d5a0d: encoder_poll at /p/main/encoder.c:48\n0x400d5a55: encoder_isr at /p/main/encoder.c:71\n0x40081e4d: _xt_lowint1 at ${IDF}/freertos/xtensa_vectors.S:1240\n`,
    says: ["warning crash", /An interrupt kept the processor too long, in encoder\.c:48 encoder_poll; no heap call/, /Next: .*encoder_poll.*a handler leaves long work to a task/],
    never: [/heap_caps_check_integrity_all|Decode|NULL/],
  },
  "a watchdog that found a walk through the heap": {
    log: `Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0). \n\nBacktrace: 0x400d5a0d:0x3ffbc910 0x400d5a55:0x3ffbc930\n0x400d5a0d: multi_heap_get_info_tlsf at ${IDF}/heap/multi_heap.c:350\n0x400d5a55: report_memory at /p/main/telemetry.c:71\n`,
    says: ["warning crash", /multi_heap_get_info_tlsf stands in its calls.*heap_caps_get_largest_free_block/, /Next: Call it less often.*report_memory/],
  },
  "an illegal instruction has no address of an access; flash that reads as erased": {
    log: `Guru Meditation Error: Core  0 panic'ed (IllegalInstruction). Exception was unhandled.\nMemory dump at 0x400d8e5c: ffffffff ffffffff ffffffff\nCore 0 register dump:\nPC      : 0x400d8e60  PS      : 0x00060730  A0      : 0x800d9214  A1      : 0x3ffb5e70\nEXCCAUSE: 0x00000000  EXCVADDR: 0x00000000\n\nBacktrace: 0x400d8e60:0x3ffb5e70 0x400d9211:0x3ffb5e90\n`,
    says: ["error crash", /reads 0xFFFFFFFF, as erased flash does/, /Next: Check supply, flash mode/],
    never: [/NULL|vTaskDelete/],
  },
  "a method of an object that is not there": {
    log: panic("LoadProhibited", "PC      : 0x400d2f56  PS      : 0x00060730  A0      : 0x800d3014  A1      : 0x3ffb21f0\nEXCVADDR: 0x00000024", "Backtrace: 0x400d2f53:0x3ffb21f0 0x400d3011:0x3ffb2210\n  #0  0x400d2f53:0x3ffb21f0 in Display::show(char const*) at src/display.cpp:52\n  #1  0x400d3011:0x3ffb2210 in loop() at src/main.cpp:71"),
    says: ["error crash", /a field 36 B into a structure/, /Display::show\(char const\*\) is a method: most likely its object itself is NULL/],
    never: [/Decode the address/],
  },
  "the ESP8266's exception and the call that failed are one": {
    log: "User exception (panic/abort/assert)\n--------------- CUT HERE FOR EXCEPTION DECODER ---------------\n\nUnhandled C++ exception: OOM\n\n>>>stack>>>\n\nctx: cont\nsp: 3ffffce0 end: 3fffffd0 offset: 0010\n3ffffcf0:  00001400 3fff0f54 3ffee868 3ffef08c  \n<<<stack<<<\n\nlast failed alloc call: 40212C71(5120)\n\n0x40212c71: Page::render() at /p/src/page.cpp line 18\n",
    says: ["error allocation-failure", /5,120 B/, /\nrequested page\.cpp:18 Page::render\(\)\n/],
    never: [/its size is not told/],
  },
  "Rust's panic for want of memory, named by esp-backtrace": {
    log: "====================== PANIC ======================\npanicked at /home/ada/.rustup/toolchains/esp/lib/rustlib/src/rust/library/alloc/src/alloc.rs:437:13:\nmemory allocation of 32768 bytes failed\n\nBacktrace:\n\n0x42012a34\nsniffer::capture::Ring::with_capacity\n    at /p/sniffer/src/capture.rs:41\n0x4200f2c0\nsniffer::main\n    at /p/sniffer/src/bin/main.rs:88\n",
    says: ["error allocation-failure", /32,768 B/, /\nrequested capture\.rs:41 sniffer::capture::Ring::with_capacity\n/],
  },
  "Rust's panic for a check": {
    log: "INFO - frame 18\n\n\n====================== PANIC ======================\npanicked at src/ring.rs:52:9:\nindex out of bounds: the len is 64 but the index is 64\n\nBacktrace:\n\n0x42012a34\nsniffer::ring::push\n    at /p/sniffer/src/ring.rs:52\n",
    says: ["error crash", /the program panicked at src\/ring\.rs:52: index out of bounds: the len is 64 but the index is 64/, /\ndetected ring\.rs:52 sniffer::ring::push\n/],
  },
  "Zephyr's heap finds a double free": {
    log: "[00:00:12.331,000] <inf> net: connected\nASSERTION FAIL [chunk_used(h, c)] @ WEST_TOPDIR/zephyr/lib/heap/heap.c:188\n\tunexpected heap state (double-free?) for memory at 0x3fcb1c58\n[00:00:12.340,000] <err> os:  ** FATAL EXCEPTION\n[00:00:12.340,000] <err> os:  ** CPU 0 EXCCAUSE 63 (zephyr exception)\n[00:00:12.340,000] <err> os:  **  PC 0x4037a2c3 VADDR 0\n[00:00:12.341,000] <err> os: >>> ZEPHYR FATAL ERROR 4: Kernel panic on CPU 0\n[00:00:12.341,000] <err> os: Current thread: 0x3fc9a1f0 (mqtt_rx)\n",
    says: ["error double-free", /The block is at 0x3fcb1c58; mqtt_rx frees it again/, /Next: .*k_free\(\)/],
    never: [/NULL pointer|CONFIG_HEAP_POISONING/],
  },
  "Zephyr's heap finds an overflow": {
    log: "ASSERTION FAIL [left_chunk(h, right_chunk(h, c)) == c] @ WEST_TOPDIR/zephyr/lib/heap/heap.c:199\n\tcorrupted heap bounds (buffer overflow?) for memory at 0x3fcb1c58\n",
    says: ["error heap-corruption", /at 0x3fcb1c58/, /a write past the end/, /CONFIG_SYS_HEAP_VALIDATE/],
  },
  "Zephyr's exception": {
    log: "[00:01:33.298,000] <err> os:  ** FATAL EXCEPTION\n[00:01:33.298,000] <err> os:  ** CPU 0 EXCCAUSE 28 (load prohibited)\n[00:01:33.298,000] <err> os:  **  PC 0x40085638 VADDR 0x8c\n0x40085638: rx_poll at /p/src/rx.c:170\n\n[00:01:33.298,000] <err> os:  **  PS 0x60420\n[00:01:33.298,000] <err> os:  **  A0 0x80085924  SP 0x3ffe7680  A2 (nil)  A3 0x60420\n[00:01:33.299,000] <err> os: >>> ZEPHYR FATAL ERROR 0: CPU exception on CPU 0\n[00:01:33.299,000] <err> os: Current thread: 0x3ffb1a1c (rx_q[0])\n",
    says: ["error crash", /a read through a NULL pointer at PC 0x40085638/, /\ndetected rx\.c:170 rx_poll/, /a field 140 B into a structure/],
  },
  "text over a tail, and whose block it is": {
    log: `CORRUPT HEAP: Bad tail at 0x3fcd6ce4. Expected 0xbaad5678 got 0x63414141\n\nassert failed: multi_heap_free multi_heap_poisoning.c:279 (head != NULL)\n\n\nBacktrace: 0x40375cb6:0x3fcc4520 0x40385b7c:0x3fcc4680 0x403761b9:0x3fcc46a0 0x42032605:0x3fcc46e0\n--- 0x40375cb6: panic_abort at ${IDF}/esp_system/panic.c:463\n--- 0x40385b7c: multi_heap_free at ${IDF}/heap/multi_heap_poisoning.c:279\n--- 0x403761b9: heap_caps_free at ${IDF}/heap/heap_caps_base.c:70\n--- 0x42032605: wifi_clear at /p/main/wifi.c:44\n`,
    says: ["error overflow", /when wifi\.c:44 wifi_clear freed the block, which is therefore its owner/, /Next: Look for text that is copied.*that wifi\.c:44 wifi_clear frees/],
  },
  "damage beside a stack, and on which side of it": {
    log: "CORRUPT HEAP: multi_heap.c:432 detected at 0x3ffd4e10\nabort() was called at PC 0x4008c1f3 on core 0\n\nBacktrace: 0x4008e3ac:0x3ffd4a60 0x4008c1f3:0x3ffd4aa0 0x400f3b2e:0x3ffd4b60 0x400d6a11:0x3ffd4bb0\n",
    says: ["error heap-corruption", /lies right above the stack pointers of the backtrace \(0x3ffd4a60 to 0x3ffd4bb0\)/],
    never: [/among/],
  },
  "a sanitizer's own frames are not the place": {
    log: `KASAN error: READ of size 4 at 0x3fc9a4b0\nPC: 0x4200b21c\nBug type: use-after-free\n\nBacktrace: 0x403808a4:0x3fc9c2d0 0x40386d5a:0x3fc9c2f0 0x4200b21c:0x3fc9c310 0x4200b2c8:0x3fc9c330\n--- 0x403808a4: panic_abort at ${IDF}/esp_system/panic.c:491\n--- 0x40386d5a: __asan_report_load4_noabort at ${IDF}/esp_system/kasan.c:210\n--- 0x4200b21c: job_next at /p/main/jobs.c:92\n--- 0x4200b2c8: worker at /p/main/jobs.c:140\n`,
    says: ["error read-after-free", /\ndetected jobs\.c:92 job_next\n/],
  },
  "esp-coredump's account of a crash without a panic's reason": {
    log: `==================== ESP32 CORE DUMP START ====================\n\nCrashed task handle: 0x3ffc6f10, name: 'http_worker', GDB name: 'process 1073508112'\nCrashed task is not in the interrupt context\n\n================== CURRENT THREAD REGISTERS ===================\nexccause       0x1c (LoadProhibitedCause)\nexcvaddr       0x3b\nepc1           0x400d9f3e\npc             0x40094a1c          0x40094a1c <remove_free_block+24>\nlbeg           0x40090c15          1074334741\na0             0x80094c33          -2146874317\n==================== CURRENT THREAD STACK =====================\n#0  0x40094a1c in remove_free_block (sl=<optimized out>, block=0x3ffd1e60) at ${IDF}/heap/heap_tlsf.c:211\n#1  block_remove (control=0x3ffb3e1c, block=0x3ffd1e60) at ${IDF}/heap/heap_tlsf.c:268\n#2  0x400829d2 in heap_caps_free (ptr=0x3ffd1f00) at ${IDF}/heap/heap_caps.c:305\n#3  0x40101ab2 in cJSON_Delete (item=0x3ffd1f00) at ${IDF}/json/cJSON/cJSON.c:264\n#4  0x400da1f0 in handle_config (req=0x3ffd0a14) at /p/main/http_api.c:311\n\n======================== THREADS INFO =========================\n  Id   Target Id          Frame \n* 1    process 1073508112 0x40094a1c in remove_free_block (sl=<optimized out>) at ${IDF}/heap/heap_tlsf.c:211\n\n==================== THREAD 2 (TCB: 0x3ffb, name: 'IDLE') =====================\n#0  0x40091f22 in vPortEnterCritical (mux=0x3ffbdb24) at ${IDF}/freertos/port.c:323\n`,
    says: ["error heap-corruption", /crashed inside the heap, in remove_free_block\(\) at PC 0x40094a1c \(LoadProhibited\) in task http_worker/, /\ndetected http_api\.c:311 handle_config through cJSON_Delete\n/],
    never: [/NULL/],
  },
  "Python's traceback names who asked": {
    log: 'free: 31280\nTraceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n  File "main.py", line 44, in <module>\n  File "display.py", line 18, in __init__\nMemoryError: memory allocation failed, allocating 40960 bytes\n',
    says: ["error allocation-failure", /40,960 B/, /\nrequested display\.py:18 __init__\n/],
  },
  "the hash before the backtrace, as ESP-IDF 4.0 to 4.3 print it": {
    log: 'assertion "prev_free field can not be null" failed: file "/p/esp-idf/components/heap/heap_tlsf.c", line 239, function: remove_free_block\nabort() was called at PC 0x4010f1a3 on core 1\n\nELF file SHA256: 3aa1\n\nBacktrace: 0x400913ad:0x3ffcb560 0x40091a4d:0x3ffcb580 0x4010f1a3:0x3ffcb5a0 0x40094d9c:0x3ffcb5d0 0x4008299d:0x3ffcb610 0x400d8c7e:0x3ffcb660 0x400d8a31:0x3ffcb680\n',
    says: ["error heap-corruption", /\ndetected 0x400d8c7e\n/, /frame 6 of 7/],
  },
  "registers and stack memory alone": {
    log: 'assert failed: heap_caps_free heap_caps_base.c:71 (heap != NULL && "free() target pointer is outside heap areas")\nCore  0 register dump:\nMEPC    : 0x40380a2c  RA      : 0x4038a12e  SP      : 0x3fc9f3c0  GP      : 0x3fc93c00\nMCAUSE  : 0x00000002  MTVAL   : 0x00000000\n\nStack memory:\n3fc9f3c0: 0x00000000 0x00000000 0x3fc9f408 0x4038a0d4 0x3fc94d48 0x3fc94c2c 0x3fc9f3f4 0x3fc94d48\n',
    says: ["error wild-free", /no backtrace: `--elf build\/APP\.elf` unwinds the calls/],
  },
  "ESP_ERROR_CHECK, and the call that gave the error": {
    log: 'ESP_ERROR_CHECK failed: esp_err_t 0x103 (ESP_ERR_INVALID_STATE) at 0x4200b3e6\nfile: "./main/net.c" line 77\nfunc: net_start\nexpression: esp_wifi_start()\n\nabort() was called at PC 0x40384e2b on core 0\n\nBacktrace: 0x40375a52:0x3fc9b8a0 0x4037c2fd:0x3fc9b8c0 0x40384e2b:0x3fc9b950 0x4200b3e6:0x3fc9b970\n',
    says: ["error crash", /ESP_ERROR_CHECK failed: esp_wifi_start\(\) gave ESP_ERR_INVALID_STATE, in net_start \(net\.c:77\)/],
    never: [/std::bad_alloc/],
  },
  "ESP_ERROR_CHECK of want of memory is the failed request's consequence": {
    log: 'E (1433) app: malloc of 4096 bytes failed\nESP_ERROR_CHECK failed: esp_err_t 0x101 (ESP_ERR_NO_MEM) at 0x4200b3e6\nfile: "./main/lcd.c" line 77\nfunc: lcd_flush\nexpression: draw(dev)\n\nabort() was called at PC 0x40384e2b on core 0\n',
    says: ["error allocation-failure", /its consequence, ESP_ERROR_CHECK: draw\(dev\) gave ESP_ERR_NO_MEM, in lcd_flush \(lcd\.c:77\)/],
    never: [/operator new/],
  },
  "the task watchdog names who kept the processor": {
    log: `E (65210) task_wdt: Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:\nE (65210) task_wdt:  - IDLE0 (CPU 0)\nE (65210) task_wdt: Tasks currently running:\nE (65210) task_wdt: CPU 0: logger\nE (65210) task_wdt: CPU 1: IDLE1\nE (65210) task_wdt: Print CPU 0 (current core) backtrace\n\n\nBacktrace: 0x400D8F2A:0x3FFB1340 0x400829F1:0x3FFB1360 0x400D7C11:0x3FFB5F20 0x400D7D02:0x3FFB5F40\n--- 0x400D8F2A: task_wdt_timeout_handling at ${IDF}/esp_system/task_wdt/task_wdt.c:441\n--- 0x400829F1: _xt_lowint1 at ${IDF}/xtensa/xtensa_vectors.S:1240\n--- 0x400D7C11: flush_ring at /p/main/logger.c:88\n--- 0x400D7D02: logger_task at /p/main/logger.c:130\n`,
    says: ["warning crash", /logger kept the processor, so that IDLE0 could not run/, /in logger\.c:88 flush_ring; no heap call/, /Next: .*vTaskDelay\(\)/],
    never: [/[Ii]nterrupt kept|a handler/],
  },
  "Rust's panic without addresses": {
    log: "thread 'main' panicked at src/parse.rs:88:21:\nindex out of bounds: the len is 3 but the index is 3\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\nabort() was called at PC 0x4201f0d3 on core 0\n",
    says: ["error crash", /panicked at src\/parse\.rs:88: index out of bounds/, /Next: Look at src\/parse\.rs:88/],
  },
  "text over a pointer on an ESP8266, which has no poisoning of ESP-IDF's": {
    log: "Exception (9):\nepc1=0x40201f1d epc2=0x00000000 epc3=0x00000000 excvaddr=0x6c6c6568 depc=0x00000000\n\n0x40201f1d: Node::next() at /p/node.h line 22\n",
    says: ["error crash", /reads “hell” as text/, /-DUMM_POISON_CHECK/],
    never: [/CONFIG_HEAP/],
  },
  "ESPHome's report after the restart": {
    log: "[18:02:11][I][app:185]: ESPHome version 2026.7.2\n[18:02:11][E][esp32.crash:332]: *** CRASH DETECTED ON PREVIOUS BOOT ***\n[18:02:11][E][esp32.crash:335]:   Reason: Fault - LoadProhibited\n[18:02:11][E][esp32.crash:339]:   Crashed core: 1\n[18:02:11][E][esp32.crash:340]:   PC:  0x4008F2B1  (fault location)\nWARNING Decoded 0x4008f2b1: remove_free_block at /data/components/heap/tlsf/tlsf_control_functions.h:374\n[18:02:11][E][esp32.crash:353]:   BT0: 0x4008F2AE  (backtrace)\nWARNING Decoded 0x4008f2ae: remove_free_block at /data/components/heap/tlsf/tlsf_control_functions.h:374\n[18:02:11][E][esp32.crash:353]:   BT1: 0x40083CBC  (backtrace)\nWARNING Decoded 0x40083cbc: heap_caps_malloc_base at /data/components/heap/heap_caps_base.c:154\n[18:02:11][E][esp32.crash:353]:   BT2: 0x400E4F90  (backtrace)\nWARNING Decoded 0x400e4f90: esphome::pump::Parser::push(unsigned char) at src/esphome/components/pump/parser.cpp:71\n[18:02:11][E][esp32.crash:360]: Use: addr2line -pfiaC -e firmware.elf 0x4008F2B1 0x4008F2AE\n",
    says: ["error heap-corruption", /crashed inside the heap, in remove_free_block\(\) at PC 0x4008f2b1 \(LoadProhibited\) on core 1/, /\ndetected parser\.cpp:71 esphome::pump::Parser::push\(unsigned char\)\n/, /line 3: Reason: Fault/, /told it after the restart/],
    never: [/looks like a return address/],
  },
  "ESPHome's report from an ESP8266, whose calls are what lies on the stack": {
    log: "[E][esp8266:171]: *** CRASH DETECTED ON PREVIOUS BOOT ***\n[E][esp8266:186]:   Reason: Soft WDT - Level1Int (exccause=4)\n[E][esp8266:191]:   PC: 0x40253C86\nWARNING Decoded 0x40253c86: pm_send_nullfunc\n[E][esp8266:196]:   BT0: 0x40253AA0\nWARNING Decoded 0x40253aa0: pm_keep_active_enable\n[E][esp8266:196]:   BT1: 0x40225716\nWARNING Decoded 0x40225716: Pump::wait() at src/pump.cpp:31\n",
    says: ["warning crash", /a watchdog bit: Soft WDT/, /pump\.cpp:31 Pump::wait\(\)/, /looks like a return address on the stack/],
  },
  "an abort that ESPHome tells after the restart": {
    log: "[E][esp32.crash:332]: *** CRASH DETECTED ON PREVIOUS BOOT ***\n[E][esp32.crash:335]:   Reason: Abort - Unknown\n[E][esp32.crash:340]:   PC:  0x4201F2B2  (fault location)\n[E][esp32.crash:353]:   BT0: 0x4201F2AF  (backtrace)\nWARNING Decoded 0x4201f2af: __cxxabiv1::__terminate(void (*)()) at /b/eh_terminate.cc:47\n[E][esp32.crash:353]:   BT1: 0x4201A000  (backtrace)\nWARNING Decoded 0x4201a000: operator new(unsigned int) at /b/new_op.cc:54\n[E][esp32.crash:353]:   BT2: 0x4200B000  (backtrace)\nWARNING Decoded 0x4200b000: Log::grow() at src/log.cpp:12\n",
    says: ["error allocation-failure", /\nrequested log\.cpp:12 Log::grow\(\)\n/],
  },
  "umm_malloc gets a pointer of no heap, and the decoder below names the calls": {
    log: "User exception (panic/abort/assert)\n--------------- CUT HERE FOR EXCEPTION DECODER ---------------\n\nPanic umm_malloc.cpp:229 umm_get_ptr_context\n\n>>>stack>>>\n\nctx: cont\nsp: 3ffffd20 end: 3fffffc0 offset: 0000\n3ffffd20:  3ffffdb0 3fff71a4 3fff718c 4022b112  \n<<<stack<<<\n\n0x4022b112: raise_exception at /c/core_esp8266_postmortem.cpp line 269\n0x4010122c: umm_free_core(umm_heap_context_t*, void*) at /c/umm_malloc.cpp line 571\n0x40101339: free at /c/umm_malloc.cpp line 659\n0x40205b10: Store::~Store() at /p/src/store.cpp line 88\n",
    says: ["error wild-free", /free of a pointer that lies in no heap/, /none of umm_malloc's heaps/, /\ndetected store\.cpp:88 Store::~Store\(\)\n/],
    never: [/CONFIG_HEAP/, /Next: \.?$/m],
  },
  "yield() from where nobody may wait": {
    log: "User exception (panic/abort/assert)\n\nPanic core_esp8266_main.cpp:137 __yield\n\n>>>stack>>>\n\nctx: sys\nsp: 3ffffa20 end: 3fffffb0 offset: 0000\n3ffffa20:  40295131 00000000 3ffffa80 4022c0e4  \n<<<stack<<<\n",
    says: ["error crash", /may not wait: in a callback/, /no fault of the heap/],
  },
  "an assertion of umm_malloc's": {
    log: "Panic umm_malloc.cpp:501 umm_malloc_core: Assertion '(((uint16_t)(blockNo)) < umm_numblocks)' failed.\n",
    says: ["error heap-corruption", /-DUMM_POISON_CHECK/],
    never: [/CONFIG_HEAP/],
  },
  "a recursion is what fills a stack": {
    log: `Guru Meditation Error: Core  1 panic'ed (Unhandled debug exception)\nDebug exception reason: Stack canary watchpoint triggered (loopTask) \nCore 1 register dump:\nPC      : 0x400d3254  PS      : 0x00060636  EXCVADDR: 0x00000000\n\nBacktrace: 0x400d3254:0x3ffb0030 ${Array.from({ length: 9 }, (_, i) => `0x400d3821:0x${(0x3ffb0150 + 288 * i).toString(16)}`).join(" ")}\n`,
    says: ["error stack-overflow", /The same call, 0x400d3821, stands 9 times in its calls, each time with 288 B of stack/, /Next: Look at what should end the recursion/],
    never: [/larger stack, print/],
  },
  "three calls that are the same are no recursion": {
    log: `Guru Meditation Error: Core  1 panic'ed (Unhandled debug exception)\nDebug exception reason: Stack canary watchpoint triggered (loopTask) \n\nBacktrace: 0x400d3254:0x3ffb0030 0x400d3821:0x3ffb0050 0x400d3821:0x3ffb0070 0x400d3821:0x3ffb0090\n`,
    says: ["error stack-overflow", /Next: Give the task a larger stack/],
    never: [/recursion/],
  },
  "two functions that call each other": {
    log: `Guru Meditation Error: Core  1 panic'ed (Double exception). Exception was unhandled.\n\nBacktrace: 0x400d3254:0x3ffb0030 ${Array.from({ length: 5 }, (_, i) => `0x400d3821:0x${(0x3ffb0100 + 256 * i).toString(16)} 0x400d4921:0x${(0x3ffb0140 + 256 * i).toString(16)}`).join(" ")}\n`,
    says: ["error crash", /The same call, 0x400d3821, stands 5 times in its calls, each time with 256 B of stack/],
  },
  "a stack guard that strikes within the stack": {
    log: `Guru Meditation Error: Core  0 panic'ed (Stack protection fault). \n\nDetected in task "mp_task" at 0x4200e350\nStack pointer: 0x4082a830\nStack bounds: 0x40826be8 - 0x4082abe0\n\n\nCore  0 register dump:\nMEPC    : 0x408039fe  RA      : 0x420199fa  SP      : 0x4082a830  GP      : 0x40818de4\n`,
    says: ["error stack-overflow", /the stack guard of task mp_task struck, and its stack pointer lies within its stack/, /longjmp/],
    never: [/task mp_task overflowed|lies below/],
  },
  "a stack guard that strikes below the stack": {
    log: `Guru Meditation Error: Core  0 panic'ed (Stack protection fault). \n\nDetected in task "sensor" at 0x4200e350\nStack pointer: 0x4082a7b0\nStack bounds: 0x4082a830 - 0x4082b030\n`,
    says: ["error stack-overflow", /the stack of task sensor overflowed/, /0x4082a7b0, lies 128 B below the stack's end/],
  },
  "the fill of new memory where a block ends": {
    log: "CORRUPT HEAP: Bad tail at 0x3ffe11e9. Expected 0xbaad5678 got 0xcececece\nCORRUPT HEAP: multi_heap.c:370 detected at 0x3ffe11f0\nabort() was called at PC 0x40088a0b on core 0\n",
    says: ["error heap-corruption", /stands the fill of new memory/],
    never: [/written past its end/],
  },
  "a link of the heap's lists that is text": {
    log: "CORRUPT HEAP: multi_heap.c:439 detected at 0x6e2f7374\nabort() was called at PC 0x40093fbf on core 1\n",
    says: ["error heap-corruption", /overwritten with text, “ts\/n”/, /led to 0x6e2f7374, where no memory is/],
    never: [/data at 0x6e2f7374/],
  },
  "a check that complains of one block after the other": {
    log: "CORRUPT HEAP: Bad head at 0x3ffd81d4. Expected 0xabba1234 got 0x3ffcb070\nCORRUPT HEAP: Bad head at 0x3ffd85f4. Expected 0xabba1234 got 0x3ffcb070\nCORRUPT HEAP: Bad tail at 0x3ffd8710. Expected 0xbaad5678 got 0x3ffd85e8\nCORRUPT HEAP: Bad head at 0x3ffd8a0c. Expected 0xabba1234 got 0x3ffcb070\n",
    says: ["error overflow", /A check of the whole heap complains/, /3 more canaries; in 3 of all stands the same, 0x3ffcb070/],
    never: [/double free/i],
  },
  "a flag that was cleared in each object of an array that was freed": {
    log: "D (88120) RF_INIT: check heap in rf_release line 1217\nCORRUPT HEAP: Invalid data at 0x3ffc2b20. Expected 0xfefefefe got 0xfefefefc\nCORRUPT HEAP: Invalid data at 0x3ffc2b2c. Expected 0xfefefefe got 0xfefefefc\nCORRUPT HEAP: Invalid data at 0x3ffc2b38. Expected 0xfefefefe got 0xfefefefc\nD (88130) RF_INIT: check heap in rf_release line 1221\nCORRUPT HEAP: Invalid data at 0x3ffc2b20. Expected 0xfefefefe got 0xfefefefc\n",
    says: ["error write-after-free", /one bit differs, 0x2, which was cleared/, /3 places, each 12 B behind the one before/],
    never: [/exhausted|1,217|goes on in line 6/],
  },
  "a count of references that was counted down after the free": {
    log: "CORRUPT HEAP: Invalid data at 0x3ffc2b20. Expected 0xfefefefe got 0xfefefefd\n",
    says: ["error write-after-free", /the fill less one: something was counted down/],
    never: [/one bit/],
  },
  "one byte some way behind the end": {
    log: "CORRUPT HEAP: Bad tail at 0x3d8124e5. Expected 0xbaad5678 got 0x41ad5678\n",
    says: ["error overflow", /past its end, with a gap: the first 3 bytes behind it are untouched, byte 4 is not/, /an index or a field beyond it/],
  },
  "GDB's rows of threads quote what is told already": {
    log: `Crashed task handle: 0x3ffc8f10, name: 'uplink', GDB name: 'process 1073516304'\nPanic reason: assert failed: block_trim_free tlsf.c:496 (block_is_free(block) && "block must be free")\n\n==================== CURRENT THREAD STACK =====================\n#0  0x40092f23 in block_trim_free (size=180) at ${IDF}/heap/tlsf/tlsf.c:496\n#1  0x400dab3c in uplink_frame_new (len=164) at ../main/uplink.c:93\n\n======================== THREADS INFO =========================\n  Id   Target Id          Frame\n* 1    process 1073516304 panic_abort (details=0x3ffc8a7b "assert failed: block_trim_free tlsf.c:496 (block_is_free(block) && \\"block must be free\\")") at ${IDF}/esp_system/panic.c:423\n\n==================== THREAD 1 (TCB: 0x3ffc8f10, name: 'uplink') =====================\n#0  panic_abort (details=0x3ffc8a7b "assert failed: block_trim_free tlsf.c:496 (block_is_free(block) && \\"block must be free\\")") at ${IDF}/esp_system/panic.c:423\n`,
    says: ["error heap-corruption", /\ndetected uplink\.c:93 uplink_frame_new\n/],
    never: [/Told 2 times/],
  },
  "abort() on RISC-V is where it was called, not where the trap was": {
    log: "abort() was called at PC 0x4200f0c2 on core 0\nCore  0 register dump:\nMEPC    : 0x40380a2c  RA      : 0x4038a12e  SP      : 0x3fc9f3c0  GP      : 0x3fc93c00\nMCAUSE  : 0x00000002  MTVAL   : 0x00000000\n",
    says: ["error crash", /abort\(\) was called at PC 0x4200f0c2 on core 0/],
  },
  "Tasmota's answer to Status 12": {
    log: `18:44:10.139 RSL: STATUS12 = {"StatusSTK":{"Exception":28,"Reason":"LoadProhibited","EPC":"401a431c","EXCVADDR":"00000008","CallChain":["401a4319","400e05a3","400ee9f1"]}}\n0x401a4319: Driver::poll() at /p/tasmota/driver.cpp:88\n`,
    says: ["error crash", /a read through a NULL pointer at PC 0x401a431c \(LoadProhibited\)/, /\ndetected driver\.cpp:88 Driver::poll\(\)\n/, /told it after the restart/],
    never: [/looks like a return address/],
  },
  "Tasmota's answer to Status 12 over several lines, from an ESP8266": {
    log: `17:13:55.146 MQT: stat/plug/STATUS12 = {\n  "StatusSTK":{\n    "Exception":29,\n    "Reason":"Exception",\n    "EPC":["4025abad","00000000","00000000"],\n    "EXCVADDR":"00000000",\n    "DEPC":"00000000",\n    "CallChain":["402485ed","40248929","402489ae"]\n  }\n}\n`,
    says: ["error crash", /a write through a NULL pointer at PC 0x4025abad \(exception 29\)/, /looks like a return address on the stack/],
  },
  "a watchpoint names the culprit, and the heap's own access is no broken heap": {
    log: `Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception)\nDebug exception reason: Watchpoint 0 triggered \nCore 0 register dump:\nPC      : 0x400d3e7c  PS      : 0x00060636  EXCVADDR: 0x00000000\n\nBacktrace: 0x400d3e7c:0x3ffbe800 0x400d400f:0x3ffbe830\n0x400d3e7c: multi_heap_malloc at ${IDF}/heap/multi_heap_poisoning.c:339\n0x400d400f: label_set at /p/main/label.c:81\n`,
    says: ["error crash", /a watchpoint that the program or a debugger had set was hit at PC 0x400d3e7c/, /made the access itself: it is the culprit/],
    never: [/died inside the heap|NULL/],
  },
  "a core whose number was damaged on the way, and what the cache complains of": {
    log: `Guru Meditation Error: Core  / panic'ed (Cache error). \nCache disabled but cached memory region accessed\n\nCore  0 register dump:\nPC      : 0x400867b8  PS      : 0x00060635  EXCVADDR: 0x00000000\n\nBacktrace: 0x400867b5:0x3ffbc090 0x400d428d:0x3ffbc0b0\n--- 0x400867b5: vListInsert at ${IDF}/freertos/list.c:183\n--- 0x400d428d: settings_lock at /p/main/settings.c:41\n`,
    says: ["error crash", /Cache disabled but cached memory region accessed/, /\ndetected settings\.c:41 settings_lock/, /IRAM_ATTR/],
  },
  "ESP8266_RTOS_SDK's panic: the task, and a stack pointer below its stack": {
    log: `Task stack [uiT] stack from [0x3ffee690] to [0x3ffef48c], total [3584] size\n\n                 0          4          8          c\n3ffee690  0x40107734 0x401076e4 0x40100494 0xa5a5a5a5\n\n    PC: 0x40242f1c      PS: 0x00000030      A0: 0x4024319a      A1: 0x3ffee680\n   A14: 0x00000000     A15: 0x00000000     SAR: 0x0000001e EXCCAUSE: 0x0000001d\nGuru Meditation Error: Core  0 panic'ed (StoreProhibited). Exception was unhandled.\n0x40242f1c: print_value at /p/main/json_out.c:212\n`,
    says: ["error stack-overflow", /the stack of task uiT overflowed/, /0x3ffee680, lies 16 B below the stack's end \(0x3ffee690\)/, /json_out\.c:212 print_value/],
  },
  "the same with its stack pointer within the stack": {
    log: `Task stack [uiT] stack from [0x3ffee690] to [0x3ffef48c], total [3584] size\n\n    PC: 0x40242f1c      PS: 0x00000030      A0: 0x4024319a      A1: 0x3ffeeac0\nEXCCAUSE: 0x0000001d EXCVADDR: 0x00000000\nGuru Meditation Error: Core  0 panic'ed (StoreProhibited). Exception was unhandled.\n`,
    says: ["error crash", /a write through a NULL pointer at PC 0x40242f1c/],
  },
  "an address that is in no memory": {
    log: panic("LoadProhibited", "PC      : 0x40156446  PS      : 0x00060930  A0      : 0x80154630  A1      : 0x3ffccd40\nEXCVADDR: 0x0f32f606"),
    says: ["error crash", /0x0f32f606, lies in no memory of any chip/, /Next: .*CONFIG_HEAP_POISONING_COMPREHENSIVE/],
    never: [/Nothing here proves/],
  },
  "an element of a large buffer that was not had": {
    log: panic("LoadProhibited", "PC      : 0x400d2d97  PS      : 0x00060a30  A0      : 0x800d39e9  A1      : 0x3ffcbce0\nEXCVADDR: 0x00014188"),
    says: ["error crash", /0x00014188, lies 80\.4 KiB above NULL.*a large buffer that could not be had/, /may return NULL/],
    never: [/of any chip/],
  },
  "a call through a NULL pointer": {
    log: panic("InstrFetchProhibited", "PC      : 0x00000000  PS      : 0x00060c30  A0      : 0x800d2b6e  A1      : 0x3ffb2230\nEXCVADDR: 0x00000000", "Backtrace: 0xfffffffd:0x3ffb2230 0x400d2b6b:0x3ffb2250\n  #0  0xfffffffd:0x3ffb2230 in ?? ??:0\n  #1  0x400d2b6b:0x3ffb2250 in Button::fire(int) at src/button.cpp:29"),
    says: ["error crash", /a call through a NULL pointer \(InstrFetchProhibited\) on core 0/, /a callback that nobody has set/, /\ndetected button\.cpp:29 Button::fire\(int\)\n/, /Next: Look at button\.cpp:29 Button::fire\(int\), which made the call/],
    never: [/`this`|a read through|malloc/],
  },
  "decoded calls without the crash that they are of": {
    log: `finally got a stack trace\n\n0x4008ff6f: invoke_abort at ${IDF}/esp32/panic.c:715\n0x400902f5: abort at ${IDF}/esp32/panic.c:715\n0x401075fb: __assert_func at /n/newlib/libc/stdlib/assert.c:63 (discriminator 8)\n0x400dce59: Pool<Packet>::release(Packet*) at /p/src/Pool.h:63 (discriminator 1)\n0x400dc3d1: Radio::sent() at /p/src/Radio.cpp:324\n`,
    says: ["error crash", /An assertion failed \(__assert_func/, /\ndetected Pool\.h:63 Pool<Packet>::release\(Packet\*\)\n/],
    never: [/bad_alloc/],
  },
  "decoded calls of a heap that stopped": {
    log: `#0  0x40375cb6:0x3fcc5520 in panic_abort at ${IDF}/esp_system/panic.c:408\n#1  0x4037f991:0x3fcc5540 in esp_system_abort at ${IDF}/esp_system/esp_system.c:137\n#2  0x40385f71:0x3fcc5560 in __assert_func at ${IDF}/newlib/assert.c:85\n#3  0x40385b7c:0x3fcc5680 in tlsf_free at ${IDF}/heap/tlsf/tlsf.c:631\n#4  0x403761b9:0x3fcc56a0 in heap_caps_free at ${IDF}/heap/heap_caps.c:361\n#5  0x4200a605:0x3fcc56e0 in Ring::~Ring() at src/ring.cpp:44\n`,
    says: ["error heap-corruption", /crashed inside the heap, in tlsf_free\(\)/, /\ndetected ring\.cpp:44 Ring::~Ring\(\)\n/],
    never: [/ \(\)/],
  },
  "ESP_ERROR_CHECK tells where it stands": {
    log: 'ESP_ERROR_CHECK failed: esp_err_t 0x110d (ESP_ERR_NVS_NO_FREE_PAGES) at 0x400e1a3c\nfile: "./main/main.c" line 31\nfunc: app_main\nexpression: nvs_flash_init()\n\nabort() was called at PC 0x4008a2f3 on core 0\n\n\nBacktrace: 0x400819ee:0x3ffb4d80 0x40089a15:0x3ffb4da0 0x4008a2f3:0x3ffb4dc0 0x400e1a3c:0x3ffb4de0\n',
    says: ["error crash", /\ndetected 0x400e1a3c\n/],
  },
  "an exception that is told and the abort in which it ends are one failure": {
    log: "heap: 41208 largest: 21492\nheap: 9120 largest: 3572\nterminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n\nabort() was called at PC 0x4012345f on core 1\n\nBacktrace: 0x400833f1:0x3ffb1f30 0x4012345f:0x3ffb1ff0 0x40123b90:0x3ffb2050 0x400d6f3e:0x3ffb2070\n0x4012345f: __cxxabiv1::__terminate(void (*)()) at /b/eh_terminate.cc:47\n0x40123b90: operator new(unsigned int) at /b/new_op.cc:54\n0x400d6f3e: Feed::parse(char const*) at src/feed.cpp:77\n",
    says: ["error allocation-failure", /\nrequested feed\.cpp:77 Feed::parse\(char const\*\)\n/, /line 3: terminate called/, /9,120 B were free then/],
  },
  "an index of a history is no free memory": {
    log: `(2) heap_history[454] action HEAP_ENTER_FREE, task TXQ\n(1) heap_history[455] action HEAP_EXIT_FREE, task TXQ\n\nassert failed: multi_heap_malloc multi_heap_poisoning.c:237 (ret)\n`,
    says: ["error heap-corruption", /multi_heap_malloc/],
    never: [/free heap/],
  },
  "a crash after a failed request tells where": {
    log: "E (2214) app: malloc of 153600 bytes failed\n" + panic("StoreProhibited", "PC      : 0x4200a1c7  PS      : 0x00060330  A0      : 0x8200a2a4  A1      : 0x3fcebf90\nEXCVADDR: 0x00000000", "Backtrace: 0x4200a1c4:0x3fcebf90 0x4200a2a1:0x3fcebfb0"),
    says: ["error allocation-failure", /the crash \(StoreProhibited at 0x4200a1c4\) comes right after it/],
  },
}; // prettier-ignore

describe("accidents", () => {
  test.each(Object.entries(ACCIDENTS))("%s", (_, accident) => tells(accident));
});

test("of blocks that a trace in the log knows a check's complaints are told one by one, and so is the crash behind them", async () => {
  const record = (at: string, caller: string): string => `    32 bytes (@ 0x3ffb8${at}, Internal) allocated CPU 0 ccount 0x10000000 caller ${caller}\n`; // prettier-ignore
  const log = `====== Heap Trace: 2 records (9 capacity) ======\n${record("e40", "0x400d1111:0x400d1112")}${record("f40", "0x400d2222:0x400d2223")}====== Heap Trace Summary ======\nMode: Heap Trace Leaks\n64 bytes 'leaked' in trace (2 allocations)\n================================\nCORRUPT HEAP: Bad tail at 0x3ffb8e60. Expected 0xbaad5678 got 0xbaad5600\nCORRUPT HEAP: Bad tail at 0x3ffb8f60. Expected 0xbaad5678 got 0xbaad5600\nGuru Meditation Error: Core  1 panic'ed (IllegalInstruction). Exception was unhandled.\n\nBacktrace: 0x400d4444:0x3ffb2000\n`;
  const { texts } = await answerTo(log);
  const errors = texts.filter((text) => text.startsWith("error"));
  expect(errors.map((text) => text.split("\n").find((line) => /^allocated|^detected/.test(line)))).toEqual([
    "allocated 0x400d1111",
    "allocated 0x400d2222",
    "detected 0x400d4444",
  ]);
});

test("a free that stops the program behind a check is no part of it", async () => {
  const log =
    "CORRUPT HEAP: Bad tail at 0x3ffd8310. Expected 0xbaad5678 got 0x00000001\nCORRUPT HEAP: Bad tail at 0x3ffd8710. Expected 0xbaad5678 got 0x00000001\nI (900) app: going on\nCORRUPT HEAP: Bad head at 0x3ffd8a0c. Expected 0xabba1234 got 0x3ffcb070\n\nassert failed: multi_heap_free multi_heap_poisoning.c:259 (head != NULL)\n\n\nBacktrace: 0x40378896:0x3fcb4f20 0x4037e0e1:0x3fcb4f40 0x40383d35:0x3fcb4f60 0x42032605:0x3fcb50f0\n";
  const { texts } = await answerTo(log);
  const [check, free] = [
    texts.find((text) => text.includes("overflow:")),
    texts.find((text) => text.includes("double-free:")),
  ];
  expect(check).toMatch(/complains of 1 more canary/);
  expect(check).not.toMatch(/0x3ffd8a0c|multi_heap_free/);
  expect(free).toMatch(/which is no live block: most likely a double free/);
  expect(free).toMatch(/\nfreed again 0x42032605\n/);
});

test("Tasmota's answer where nothing has crashed is no crash", async () => {
  for (const answer of ['{"StatusSTK":{"CallChain":[]}}', '{"StatusSTK":{\n"CallChain":[]\n}}']) {
    const { texts } = await answerTo(`free heap: 81234\n12:00:00.000 RSL: STATUS12 = ${answer}\nfree heap: 81234\n`);
    expect(texts.join("\n")).not.toMatch(/error|crash/);
  }
});

test("who called a place stands behind it, and the library's frames before it", async () => {
  const log = `assert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && "block already marked as free")\n\n\nBacktrace: 0x40083745:0x3ffcd9d0 0x400933c7:0x3ffcdb40 0x400d9c02:0x3ffcdbe0 0x400d3b11:0x3ffcdc00 0x400d3c00:0x3ffcdc20\n  #0  0x40083745:0x3ffcd9d0 in panic_abort at ${IDF}/esp_system/panic.c:408\n  #1  0x400933c7:0x3ffcdb40 in tlsf_free at ${IDF}/heap/tlsf/tlsf.c:1120\n  #2  0x400d9c02:0x3ffcdbe0 in Client::~Client() at .pio/libdeps/esp32dev/Client/src/Client.cpp:401\n  #3  0x400d3b11:0x3ffcdc00 in onClose(unsigned int) at src/ws.cpp:97\n  #4  0x400d3c00:0x3ffcdc20 in loop() at src/main.cpp:12\n`;
  const { verdict } = await answerTo(log);
  const [station] = verdict.findings[0]?.stations ?? [];
  expect(station?.site.text).toBe("ws.cpp:97 onClose(unsigned int) through Client::~Client");
  expect(station?.frames.slice((station.place ?? 0) + 1).map(({ function: name }) => name)).toEqual(["loop()"]);
});

test("a dump whose beginning is cut says how many records are missing", async () => {
  const log = `   128 bytes (@ 0x40813b9c, Internal) allocated CPU 0 ccount 0x1b4c2218 freed\n    16 bytes (@ 0x40813c40, Internal) allocated CPU 0 ccount 0x1b4d1a1c\n====== Heap Trace Summary ======\nMode: Heap Trace All\n16 bytes alive in trace (1/9 allocations)\nrecords: 9 (50 capacity, 9 high water mark)\ntotal allocations: 9\ntotal frees: 8\n================================\n`;
  const { texts } = await answerTo(log);
  expect(texts.join("\n")).toMatch(/Of 9 records 7 are not in the log: those of blocks that had been freed again/);
});
