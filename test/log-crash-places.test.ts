// Where a crash happened and of which block and for what it was, as the lines around it tell: whose backtrace it is, what the program said before.

import { expect, test } from "vitest";
import { type Accident, IDF, panic, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const WATCHDOG = "Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:";
const IDLE = `--- 0x400f4acf: esp_cpu_wait_for_intr at ${IDF}/esp_hw_support/cpu.c:145\n--- 0x400e1d9a: esp_vApplicationIdleHook at ${IDF}/esp_system/freertos_hooks.c:58\n--- 0x4008e0f5: prvIdleTask at ${IDF}/freertos/FreeRTOS-Kernel/tasks.c:3973\n`;
const record = (address: string, cycles: string, callers: string): string =>
  `    32 bytes (@ 0x${address}, Internal) allocated CPU 0 ccount 0x${cycles} caller ${callers}\n`;

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "the calls that a monitor has found on a RISC-V chip's stack": {
    log: `assert failed: block_merge_prev tlsf_control_functions.h:457 (block_is_free(prev) && "prev block is not free though marked as such")\nCore  0 register dump:\nMEPC    : 0x40380df2  RA      : 0x40386c16  SP      : 0x3fc9a4e0  GP      : 0x3fc8f400  \n--- 0x40380df2: panic_abort at ${IDF}/esp_system/panic.c:468\nMCAUSE  : 0x00000007  MTVAL   : 0x00000000  \n\nStack memory:\n3fc9a4e0: 0x00000000 0x3fc9a5ec 0x00000000 0x4038c1a2 0x00000000 0x00000000 0x00000000 0x40380f10\n--- 0x4038c1a2: __assert_func at ${IDF}/newlib/assert.c:80\n--- 0x40380f10: heap_caps_free at ${IDF}/heap/heap_caps_base.c:70\n3fc9a500: 0x00000000 0x00000000 0x00000000 0x42009a3e 0x00000000 0x00000000 0x00000000 0x00000000\n--- 0x42009a3e: json_free at /p/main/json.c:19\n`,
    says: ["error heap-corruption", /\ndetected json\.c:19 json_free\n/, /some may be left over from earlier calls/],
    never: [/print registers and stack memory and no backtrace/],
  },
  "the backtrace that counts is that of the core that hung": {
    log: `E (25312) task_wdt: ${WATCHDOG}\nE (25312) task_wdt:  - IDLE1 (CPU 1)\nE (25312) task_wdt: Tasks currently running:\nE (25312) task_wdt: CPU 0: IDLE0\nE (25312) task_wdt: CPU 1: loopTask\nE (25312) task_wdt: Print CPU 0 (current core) backtrace\n\n\nBacktrace: 0x400e4b93:0x3ffbf1e0 0x40083d31:0x3ffbf230 0x400f4acf:0x3fff5b30 0x400e1d9a:0x3fff5b50 0x4008e0f5:0x3fff5b70\n--- 0x400e4b93: task_wdt_isr at ${IDF}/esp_system/task_wdt/task_wdt.c:441\n--- 0x40083d31: _xt_lowint1 at ${IDF}/xtensa/xtensa_vectors.S:1240\n${IDLE}\nE (25312) task_wdt: Print CPU 1 backtrace\n\n\nBacktrace: 0x40084312:0x3ffbf7e0 0x4008329d:0x3ffbf800 0x400d2231:0x3ffb2240 0x400d5101:0x3ffb2270\n--- 0x40084312: esp_crosscore_isr at ${IDF}/esp_system/crosscore_int.c:92\n--- 0x4008329d: _xt_lowint1 at ${IDF}/xtensa/xtensa_vectors.S:1240\n--- 0x400d2231: Chart::draw() at src/chart.cpp:88\n--- 0x400d5101: loop() at src/main.cpp:40\n`,
    says: ["warning crash", /loopTask kept the processor, so that IDLE1 could not run/, /\ndetected chart\.cpp:88 Chart::draw\(\)\n/],
    never: [/wait_for_intr|crosscore/],
  },
  "a backtrace of the core that did not hang is no place": {
    log: `E (9310) task_wdt: ${WATCHDOG}\nE (9310) task_wdt:  - IDLE1 (CPU 1)\nE (9310) task_wdt: Tasks currently running:\nE (9310) task_wdt: CPU 0: wifi\nE (9310) task_wdt: CPU 1: scan\nE (9310) task_wdt: Print CPU 0 (current core) backtrace\n\nBacktrace: 0x400e4b93:0x3ffbf1e0 0x400d1d9a:0x3fff5b50\n--- 0x400d1d9a: ppTask at pp.c:12\n`,
    says: ["warning crash", /scan kept the processor too long/, /The backtrace is another processor's; scan ran on CPU 1/, /Next: Look at loops of scan that never block/],
    never: [/ppTask|\ndetected/],
  },
  "a task that waits too long keeps no processor": {
    log: `E (9310) task_wdt: ${WATCHDOG}\nE (9310) task_wdt:  - uploader (CPU 0/1)\nE (9310) task_wdt: Tasks currently running:\nE (9310) task_wdt: CPU 0: IDLE0\nE (9310) task_wdt: CPU 1: IDLE1\nE (9310) task_wdt: Aborting.\n\nabort() was called at PC 0x400e4b93 on core 0\n\nBacktrace: 0x40081e8a:0x3ffbf1a0 0x400e4b93:0x3ffbf1e0 0x40083d31:0x3ffbf230 0x400f4acf:0x3fff5b30 0x400e1d9a:0x3fff5b50 0x4008e0f5:0x3fff5b70\n${IDLE}`,
    says: ["warning crash", /\(uploader did not come back in time\)/, /nobody kept uploader from running/, /Next: Look at what uploader waits for/],
    never: [/wait_for_intr|kept the processor too long|\ndetected/],
  },
  "a core dump of the interrupt watchdog is no crash in the heap, and who waits for the heap's lock is said": {
    log: `Crashed task handle: 0x3ffbbbf4, name: 'esp_timer', GDB name: 'process 1073462260'\n\n================== CURRENT THREAD REGISTERS ===================\nexccause       0x45 (InterruptWDTTimoutCPU0)\nexcvaddr       0x0\npc             0x400994e7          0x400994e7 <xPortEnterCriticalTimeout+59>\n\n==================== CURRENT THREAD STACK =====================\n#0  0x400994e7 in xPortEnterCriticalTimeout (mux=0x3ffbdbe0, timeout=-1) at /b/port.c:288\n#1  0x4009a112 in multi_heap_internal_lock (heap=0x3ffbdbd0) at /b/components/heap/multi_heap.c:158\n#2  0x40082d2c in heap_caps_malloc (size=40, caps=4096) at /b/components/heap/heap_caps.c:158\n#3  0x400dd100 in led_tick (arg=0x0) at /p/main/led.c:55\n`,
    says: ["warning crash", /a watchdog bit/, /led\.c:55 led_tick/, /It waits for the heap's lock: another core or an interrupt holds it/],
    never: [/crashed inside the heap|had been overwritten/],
  },
  "an address that is a return address from a stack": {
    log: panic("LoadProhibited", "PC      : 0x40112b45  PS      : 0x00060330  A0      : 0x801105f0  A1      : 0x3ffe3540\nEXCVADDR: 0x801105f4", "Backtrace: 0x40112b45:0x3ffe3540 0x401105ed:0x3ffe3840"),
    says: ["error crash", /0x801105f4, is a return address as Xtensa keeps it on the stack \(0x401105f4 with the call's mark\)/],
    never: [/of any chip/],
  },
  "pixels in memory that was freed": {
    log: `${Array.from({ length: 6 }, (_, i) => `CORRUPT HEAP: Invalid data at 0x4ff7c9${(0x20 + 4 * i).toString(16)}. Expected 0xfefefefe got 0x${i < 2 ? "4421b39d" : "6a4d6a4d"}`).join("\n")}\n\nassert failed: multi_heap_malloc multi_heap_poisoning.c:261 (ret)\nBacktrace: 0x4ff0f28a:0x4ff6c070 0x4ff0ee4c:0x4ff6c070 0x4ff1b526:0x4ff6c080 0x4ff19844:0x4ff6c1a0 0x4006365a:0x4ff6c250\n`,
    says: ["error write-after-free", /6 words of 24 B are written over, from 0x4ff7c920 to 0x4ff7c938/, /The same 16 bits, 0x6a4d/, /\ndetected 0x4006365a\n/],
  },
  "an abort for want of a lock, in lines that were wrapped": {
    log: "abort() was called at PC 0x40082d4b on core 0\n0x40082d4b: lock_init_generic at\n/b/components/newlib/./locks.c:81\n\nBacktrace: 0x40090050:0x3ffc0140 0x40090227:0x3ffc0160\n0x40082d4b:0x3ffc0180 0x40082d6c:0x3ffc01a0\n0x400d971f:0x3ffc01f0\n0x40090050: invoke_abort at\n/b/components/esp32/./panic.c:648\n\n0x40090227: abort at\n/b/components/esp32/./panic.c:648\n",
    says: ["error crash", /could not create a lock/, /\ndetected locks\.c:81 lock_init_generic\n/],
    never: [/std::bad_alloc/],
  },
  "printf() in an interrupt": {
    log: `abort() was called at PC 0x40085a07 on core 0\n\nBacktrace:0x400d3a3e:0x3fff0310 0x40085a07:0x3fff03c0 0x40085b65:0x3fff03f0 0x4016ba3a:0x3fff0750 0x400d4a3a:0x3fff0780 0x40082b8e:0x3fff09b0\n0x400d3a3e: panic_abort at ${IDF}/esp_system/panic.c:391\n0x40085a07: lock_acquire_generic at ${IDF}/newlib/locks.c:139\n0x40085b65: _lock_acquire_recursive at ${IDF}/newlib/locks.c:167\n0x4016ba3a: printf at /n/newlib/libc/stdio/printf.c:56\n0x400d4a3a: button_isr at /p/main/button.c:44\n0x40082b8e: _xt_lowint1 at ${IDF}/xtensa/xtensa_vectors.S:1105\n`,
    says: ["error crash", /\ndetected button\.c:44 button_isr through printf\n/, /in an interrupt or a critical section/, /Next: .*esp_rom_printf/],
  },
  "a crash where a lock is taken is none of an interrupt": {
    log: panic("LoadProhibited", "PC      : 0x40085a0a  PS      : 0x00060330  A0      : 0x800d4a3d  A1      : 0x3ffe3540\nEXCVADDR: 0x00000010", "Backtrace: 0x40085a07:0x3ffe3540 0x400d4a3a:0x3ffe3840\n0x40085a07: lock_acquire_generic at /b/components/newlib/locks.c:139\n0x400d4a3a: report at /p/main/report.c:44"),
    says: ["error crash", /a field 16 B into a structure/],
    never: [/interrupt/],
  },
  "a task's function that returned": {
    log: "Guru Meditation Error: Core  0 panic'ed (Illegal instruction). Exception was unhandled.\n\nCore  0 register dump:\nMEPC    : 0x3fcb1af4  RA      : 0x4038c3c8  SP      : 0x3fcb1ae0  GP      : 0x3fc8f400\n0x4038c3c8: prvTaskExitError at /b/components/freertos/port/riscv/port.c:178\n",
    says: ["error crash", /A task's function returned/, /Next: .*vTaskDelete\(NULL\)/],
  },
  "a stack's fill in the heap's lists": {
    log: panic("StoreProhibited", "PC      : 0x4008f450  PS      : 0x00060133  A0      : 0x8008faad  A1      : 0x3ffecb40\nA3      : 0xa5a5a5a5  EXCVADDR: 0xa5a5a5b1", "Backtrace:0x4008f44d:0x3ffecb40 0x40081fa2:0x3ffecb80 0x400f8593:0x3ffecc90\n0x4008f44d: insert_free_block at /b/components/heap/heap_tlsf.c:243\n0x40081fa2: heap_caps_free at /b/components/heap/heap_caps.c:361\n0x400f8593: on_message at /p/main/mq.c:88"),
    says: ["error heap-corruption", /the heap's lists were overwritten with the fill of a stack/, /xTaskCreateStatic\(\)/, /\ndetected mq\.c:88 on_message\n/],
    never: [/uninitialized local/],
  },
  "lwIP's lock that Arduino's third core wants": {
    log: "assert failed: tcp_alloc /IDF/components/lwip/lwip/src/core/tcp.c:1851 (Required to lock TCPIP core functionality!)\n\n\nBacktrace: 0x40082971:0x3ffb1e60 0x4008c2f5:0x3ffb1e80 0x40092589:0x3ffb1ea0 0x40107c05:0x3ffb1fd0 0x400d9f3b:0x3ffb1ff0\n",
    says: ["error crash", /A function of lwIP was called from a task that does not hold its lock/, /Next: .*LOCK_TCPIP_CORE/],
    never: [/fault of the heap/],
  },
  "a spinlock that holds what no lock holds": {
    log: "assert failed: spinlock_acquire spinlock.h:142 (lock->count == 0)\n\n\nBacktrace: 0x40082971:0x3ffb1e60\n",
    says: ["error crash", /was freed, overwritten or never initialised/],
  },
  "what lies before NULL, and no error but the panic's own announcement": {
    log: `A fatal error occurred. The crash dump printed below may be used to help\ndetermine what caused it.\n\n${panic("LoadProhibited", "PC      : 0x400d9f6f  PS      : 0x00060b30  A0      : 0x800da0f4  A1      : 0x3ffcb1e0\nEXCVADDR: 0xfffffff8", "Backtrace: 0x400d9f6c:0x3ffcb1e0")}`,
    says: ["error crash", /0xfffffff8, lies 8 B below NULL: .*an error code \(-8\)/, /Next: .*may return NULL/],
    never: [/of any chip|last error/],
  },
  "FreeRTOS's own words for a task that returned": {
    log: 'E (81234) FreeRTOS: FreeRTOS Task "sensor" should not return, Aborting now!\n\nabort() was called at PC 0x4037c1d4 on core 0\n\n\nBacktrace: 0x40375d2a:0x3fcac1a0 0x4037c1d4:0x3fcac1e0\n',
    says: ["error crash", /Task "sensor" should not return/, /Next: .*vTaskDelete\(NULL\)/],
    never: [/bad_alloc/],
  },
  "a task of low priority keeps none but the idle ones from running": {
    log: `E (39166) task_wdt: ${WATCHDOG}\nE (39166) task_wdt:  - async_tcp (CPU 1)\nE (39166) task_wdt: Tasks currently running:\nE (39166) task_wdt: CPU 0: IDLE\nE (39166) task_wdt: CPU 1: loopTask\nE (39166) task_wdt: Aborting.\nabort() was called at PC 0x401022b4 on core 0\n\nBacktrace:0x40083b49:0x3ffbf09c |<-CORRUPTED\n`,
    says: ["warning crash", /async_tcp did not come back in time; loopTask ran on its processor/, /loopTask, which ran there, gives way to it/, /Next: .*handlers of AsyncTCP/],
    never: [/kept the processor|so that async_tcp could not run/],
  },
  "another one may, if its priority is higher": {
    log: `E (39166) task_wdt: ${WATCHDOG}\nE (39166) task_wdt:  - poll (CPU 1)\nE (39166) task_wdt: Tasks currently running:\nE (39166) task_wdt: CPU 0: IDLE0\nE (39166) task_wdt: CPU 1: audio\n`,
    says: ["warning crash", /poll did not come back in time; audio ran on its processor/, /audio kept the processor too long, if its priority is the higher one/],
  },
  "the ESP8266 tells its last crash at the next start": {
    log: "2016-05-25 19:52:10 boot\n2016-05-25 19:52:10 Fatal exception:29 flag:2 (EXCEPTION) epc1:0x4020aa11 epc2:0x00000000 epc3:0x00000000 excvaddr:0x00000004 depc:0x00000000\n",
    says: ["error crash", /a write through a NULL pointer at PC 0x4020aa11 \(exception 29\)/, /in the boot before/],
  },
  "and its last watchdog, which knows no heap_caps": {
    log: "Fatal exception:4 flag:3 (SOFT_WDT) epc1:0x4000bf80 epc2:0x00000000 epc3:0x00000000 excvaddr:0x00000000 depc:0x00000000\n",
    says: ["warning crash", /a watchdog bit: SOFT_WDT/, /Next: .*without yield\(\) or delay\(\)/],
    never: [/heap_caps/],
  },
  "what is free now says nothing of a crash before the restart": {
    log: '17:10:01.102 MQT: tele/t/STATE = {"Time":"2026-03-12T17:10:01","Heap":9,"Sleep":50}\n17:13:55.146 MQT: stat/t/STATUS12 = {"StatusSTK":{"Exception":29,"Reason":"Exception","EPC":["4025abad","00000000","00000000"],"EXCVADDR":"00000000","CallChain":["402485ed","40248929"]}}\n',
    says: ["error crash", /a write through a NULL pointer/],
    never: [/want of memory/],
  },
  "the heap's own message comes from within free: the caller is behind the ROM's": {
    log: "CORRUPT HEAP: Bad head at 0x3ffe8814. Expected 0xabba1234 got 0x3ffe8df0\nabort() was called at PC 0x400874d1 on core 0\n\nBacktrace: 0x4008fee8:0x3ffe2990 0x40090165:0x3ffe29b0 0x400874d1:0x3ffe29d0 0x400875fd:0x3ffe2a00 0x401288db:0x3ffe2a20 0x401222ed:0x3ffe2d30 0x40094ec1:0x3ffe2d60 0x400873c9:0x3ffe2da0 0x4000bec7:0x3ffe2dc0 0x401ac131:0x3ffe2de0 0x400e0ab2:0x3ffe2e00\n",
    says: ["error double-free", /\ndetected 0x401ac131\n|\nfreed again 0x401ac131\n/],
    never: [/0x401288db/],
  },
  "a panic of Rust whose message goes on over lines and is about memory": {
    log: "====================== PANIC ======================\npanicked at /r/esp-rtos/src/fmt.rs:268:5:\nunwrap of `Layout::from_size_align(size,\nMIN).ok().and_then(|layout|\nInternalMemory.allocate(layout).ok())` failed: Failed to allocate stack: NoneError\n\n\nBacktrace:\n\n0x42036276\nesp_rtos::fmt::__unwrap_failed_with_message::<esp_rtos::fmt::NoneError, core::fmt::Arguments>\n    at /r/esp-rtos/src/fmt.rs:268\n0x420379d0\nblinky::net::start\n    at /p/src/net.rs:471\n",
    says: ["error allocation-failure", /\nrequested net\.rs:471 blinky::net::start\n/, /line 2: the panic at \/r\/esp-rtos\/src\/fmt\.rs:268 is its consequence/],
  },
  "a panic of Rust whose message goes on over lines": {
    log: "panicked at src/main.rs:26:5:\nunwrap of `parse(line,\n  10)` failed: BadDigit\n",
    says: ["error crash", /unwrap of `parse\(line, 10\)` failed: BadDigit/],
  },
  "names as espflash's monitor prints them": {
    log: "Exception occurred 'StoreProhibited'\nContext\nPC=0x400e088b       PS=0x00060335\n0x400e088b - blinky::net::poll\n    at /p/src/net.rs:26\nA0=0x800dfc43       A1=0x3ffdb320       EXCVADDR=0x00000004\n",
    says: ["error crash", /a write through a NULL pointer/, /\ndetected net\.rs:26 blinky::net::poll\n/],
  },
  "an idle task in a backtrace is what did not hang, whether or not the log lists who ran": {
    log: `Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0). \n\nBacktrace: 0x400f4acf:0x3fff5b30 0x400e1d9a:0x3fff5b50 0x4008e0f5:0x3fff5b70\n${IDLE}`,
    says: ["warning crash", /The backtrace is that of the idle task/],
    never: [/in cpu\.c|\ndetected/],
  },
  "a stack that the scheduler found full has nobody in its backtrace, and a setting": {
    log: `Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception). \nDebug exception reason: Stack canary watchpoint triggered (sys_evt)\nCore  0 register dump:\nPC      : 0x40092903  PS      : 0x00060536  A0      : 0x800911c0  A1      : 0x3ffb4e50\n\nBacktrace: 0x40092900:0x3ffb4e50 0x400911bd:0x3ffb4e90 0x4008f67c:0x3ffb4ec0 0x4008f62c:0xa5a5a5a5 |<-CORRUPTED\n\n  #0  0x40092900:0x3ffb4e50 in compare_and_set_native at /b/esp_hw_support/include/soc/compare_set.h:25\n      (inlined by) spinlock_acquire at /b/esp_hw_support/include/soc/spinlock.h:103\n      (inlined by) xPortEnterCriticalTimeout at /b/port.c:301\n  #1  0x400911bd:0x3ffb4e90 in vPortEnterCritical at /b/portmacro.h:578\n      (inlined by) vTaskSwitchContext at /b/tasks.c:3700\n  #2  0x4008f67c:0x3ffb4ec0 in _frxt_dispatch at /b/portasm.S:450\n  #3  0x4008f62c:0xa5a5a5a5 |<-CORRUPTED in _frxt_int_exit at /b/portasm.S:245\n`,
    says: ["error stack-overflow", /the stack of task sys_evt overflowed/, /no frame of what has filled it/, /Next: .*CONFIG_ESP_SYSTEM_EVENT_TASK_STACK_SIZE/],
    never: [/\ndetected|WATCHPOINT_END_OF_STACK/],
  },
  "without names too": {
    log: "Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception). \nDebug exception reason: Stack canary watchpoint triggered (Tmr Svc)\n\nBacktrace: 0x40092900:0x3ffb4e50 0x400911bd:0x3ffb4e90\n",
    says: ["error stack-overflow", /no frame of what has filled it/, /Next: .*CONFIG_FREERTOS_TIMER_TASK_STACK_DEPTH/],
    never: [/\ndetected/],
  },
  "a handle that is NULL where little memory is left": {
    log: "I (812345) app: free heap: 2140\nI (812500) app: new mutex\n\nassert failed: xQueueSemaphoreTake queue.c:1545 (( pxQueue ))\n\n\nBacktrace: 0x40081e8a:0x3ffcb2a0 0x4008c9b5:0x3ffcb2c0 0x40093a7d:0x3ffcb2e0 0x4008d631:0x3ffcb410 0x400d2329:0x3ffcb430\n",
    says: ["error crash", /creation may have failed for lack of memory/, /Only 2,140 B were free when it was last told \(line 1\): want of memory/],
  },
  "an assertion of the program's own where little memory is left": {
    log: "I (812345) app: free heap: 2140\n\nassert failed: app_push main.c:45 (item)\n",
    says: ["error crash", /Only 2,140 B were free/],
    never: [/Nothing here proves/],
  },
  "an abort says what the program had said": {
    log: "I (1234) main: mounting\nE (1290) sdmmc_req: returned 0x107\nE (1300) storage: Failed to mount card (ESP_ERR_TIMEOUT), giving up\nI (1310) main: free heap 150000\n\nabort() was called at PC 0x400d4441 on core 0\n\n\nBacktrace: 0x40081234:0x3ffb5740 0x400d4441:0x3ffb5780 0x400d1234:0x3ffb57a0\n",
    says: ["error crash", /The last error that the program told before it, in line 3: “Failed to mount card/],
  },
  "words without a level count as well": {
    log: `Camera init failed, going on\n${panic("LoadProhibited", "PC      : 0x400d2f56  PS      : 0x00060730  A0      : 0x800d3014  A1      : 0x3ffb21f0\nEXCVADDR: 0x00000008", "Backtrace: 0x400d2f53:0x3ffb21f0")}`,
    says: ["error crash", /in line 1: “Camera init failed, going on”/],
  },
  "an error long before it, and a warning, are told no more than its own words": {
    log: `E (10) a: failed to read\n${Array.from({ length: 12 }, (_, i) => `I (${11 + i}) b: step ${i}\n`).join("")}W (40) wifi: slow\nassert failed: app_push main.c:45 (item)\n`,
    says: ["error crash"],
    never: [/last error/],
  },
  "a block that the program printed with its end": {
    log: "I (300) app: rx buffer malloc 0x3ffb8e40 - 0x3ffb8ea4\nI (310) app: name malloc 0x3ffb8eb0 - 0x3ffb8ec0\nCORRUPT HEAP: Bad tail at 0x3ffb8ea4. Expected 0xbaad5678 got 0xbaad5600\n\nassert failed: multi_heap_free multi_heap_poisoning.c:253 (head != NULL)\n",
    says: ["error overflow", /a block of 100 B was written past its end/, /The block of 100 B at 0x3ffb8e40 ends there/, /tells of that block in line 1: “rx buffer malloc/],
  },
  "a block that the program printed with its size": {
    log: "[  1203][I][main.cpp:31] setup(): allocated 100 bytes at 0x3ffb8e40 for a frame\n[  1303][I][main.cpp:35] setup(): buf=0x3ffb9000 len=64\nCORRUPT HEAP: Bad head at 0x3ffb8ff8. Expected 0xabba1234 got 0x41414141\n\nassert failed: multi_heap_free multi_heap_poisoning.c:253 (head != NULL)\n",
    says: ["error overflow", /the 64 B block at 0x3ffb9000/, /line 2: “buf=0x3ffb9000 len=64”/],
    never: [/line 1:/],
  },
  "one that was freed, one elsewhere and one of another boot are none": {
    log: "I (1) app: buf 0x3ffb8e40 size 100\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nI (1) app: freeing buf 0x3ffb8e40, 100 bytes\nI (2) app: buf 0x3ffb8f00 size 100\nCORRUPT HEAP: Bad tail at 0x3ffb8ea4. Expected 0xbaad5678 got 0xbaad5600\n",
    says: ["error overflow"],
    never: [/tells of that block|100 B/],
  },
  "who freed a block first, where its place was used again and freed again": {
    log: `====== Heap Trace: 3 records (100 capacity) ======\n${record("3ffb8e40", "10000000", "0x400d1111:0x400d1222")}freed by 0x400d5555:0x400d6666\n${record("3ffb8e40", "10001000", "0x400d3333:0x400d4444")}freed by 0x400d7777:0x400d8888\n${record("3ffb8ea0", "10002000", "0x400d9999:0x400daaaa")}====== Heap Trace Summary ======\nMode: Heap Trace All\n32 bytes alive in trace (1/3 allocations)\nrecords: 3 (100 capacity, 3 high water mark)\ntotal allocations: 3\ntotal frees: 2\n================================\nCORRUPT HEAP: Bad head at 0x3ffb8e38. Expected 0xabba1234 got 0x3ffb9f10\n\nassert failed: multi_heap_free multi_heap_poisoning.c:259 (head != NULL)\n`,
    says: ["error double-free", /\nallocated 0x400d3333\nfreed 0x400d7777\n/],
    never: [/0x400d1111|0x400d5555/],
  },
  "of a place that was used again nobody says that the later block was freed": {
    log: `====== Heap Trace: 2 records (100 capacity) ======\n${record("3ffb8e40", "10000000", "0x400d1111:0x400d1222")}freed by 0x400d5555:0x400d6666\n${record("3ffb8e40", "10001000", "0x400d3333:0x400d4444")}====== Heap Trace Summary ======\nMode: Heap Trace All\n32 bytes alive in trace (1/2 allocations)\nrecords: 2 (100 capacity, 2 high water mark)\ntotal allocations: 2\ntotal frees: 1\n================================\nCORRUPT HEAP: Bad head at 0x3ffb8e38. Expected 0xabba1234 got 0x3ffb9f10\n\nassert failed: multi_heap_free multi_heap_poisoning.c:259 (head != NULL)\n`,
    says: ["error double-free", /\nallocated 0x400d3333\n/],
    never: [/0x400d1111|0x400d5555|first freed/],
  },
}; // prettier-ignore

test.each(Object.entries(ACCIDENTS))("%s", (_, accident) => tells(accident));

const refused = (asker: string): string =>
  `E (523410) HeapHook: heap_caps_malloc was called but failed to allocate 2312 bytes with 0x1800 capabilities.\n\n\nBacktrace: 0x4037a5b1:0x3fcb2a10 0x4203c1d2:0x3fcb2a30 0x40377a1e:0x3fcb2a50 0x4037b0a2:0x3fcb2a70 ${asker}:0x3fcb2a90 0x420a7d10:0x3fcb2ab0\n`;

test.each([
  ["the first in flash behind the heap", refused("0x420a6c44"), /\nrequested 0x420a6c44\n/],
  ["the same each time", `${refused("0x420a6c44")}${refused("0x420a6c44")}`, /\nrequested 0x420a6c44\n/],
  ["nobody where others ask for the same", `${refused("0x420a6c44")}${refused("0x420b6c44")}`, /^(?![^]*\nrequested)/],
  ["the first behind the heap by its name", `${refused("0x420a6c44")}0x4203c1d2: on_refused(unsigned int) at src/main.cpp:40\n0x40377a1e: heap_caps_malloc at ${IDF}/heap/heap_caps.c:166\n0x4037b0a2: frame_new at /p/main/frame.c:12\n0x420a6c44: camera_task at /p/main/camera.c:80\n`, /\nrequested frame\.c:12 frame_new\n/],
  ["not told long after it", refused("0x420a6c44").replace("\n\n\n", "\n\n\n\n\n"), /^(?![^]*\nrequested)/],
])("who asked, by the backtrace that a hook prints where a request is refused: %s", async (_, log, says) => {
  const { texts } = await answerTo(log);
  expect(texts[0]).toMatch(/^error allocation-failure/);
  expect(texts[0]).toMatch(says);
}); // prettier-ignore

test("the accident before it is no error that the program told", async () => {
  const log =
    "E (1) a: failed\nassert failed: multi_heap_free multi_heap_poisoning.c:259 (head != NULL)\n\nBacktrace: 0x40081234:0x3ffb5740\nRebooting...\nassert failed: app_push main.c:45 (item)\n";
  const { texts } = await answerTo(log);
  expect(texts).toHaveLength(2);
  expect(texts.join("\n")).not.toMatch(/last error/);
});

test("a SystemView trace in text: the place is the program's own, whatever of ESP-IDF it went through", async () => {
  const event = (time: string, what: string, places: string): string =>
    `[${time}] HEAP: ${what} from task "main" on core 0 by:\n${places}\n\n`;
  const log =
    event("0.002307300", "Allocated 2500 bytes @ 0x3ffb580c", `${IDF}/heap/heap_caps.c:84\n${IDF}/freertos/tasks.c:804\n/p/main/workers.c:84 (discriminator 2)`) +
    event("0.002323775", "Allocated 356 bytes @ 0x3ffb61d4", `${IDF}/freertos/tasks.c:809\n/p/main/workers.c:84 (discriminator 2)`) +
    event("0.502323775", "Allocated 100 bytes @ 0x3ffb6ad4", `${IDF}/freertos/queue.c:391`) +
    "Processed completed.\n=============== HEAP TRACE REPORT ===============\nFound 2956 leaked bytes in 3 blocks.\n"; // prettier-ignore
  const { texts } = await answerTo(log);
  expect(texts[0]).toMatch(/2,856 B in 2 blocks since 2\.31 ms: workers\.c:84/);
  expect(texts[0]).toMatch(/100 B in 1 block since 502 ms: queue\.c:391/);
});
