// Deaths whose words say by themselves what to look at: assertions of handles and buffers, reasons of panics, what is kept of a crash over a restart.

import { describe, expect, test } from "vitest";
import { type Accident, panic, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "a packet buffer of NimBLE that was not had": {
    log: "assert failed: hci_driver_vhci_host_tx hci_driver_standard.c:70 (om)\nCore  0 register dump:\nMEPC    : 0x4080d8c4  RA      : 0x4080d882  SP      : 0x4085a890  GP      : 0x40821b34\n",
    says: ["error crash", /NimBLE found no mbuf/, /Next: Raise CONFIG_BT_NIMBLE_MSYS_1_BLOCK_COUNT/],
    never: [/proves a fault/],
  },
  "a handle that is no semaphore's": {
    log: "assert failed: xQueueSemaphoreTake queue.c:1713 (pxQueue->uxItemSize == 0)\n\n\nBacktrace: 0x4037e4a1:0x3fcd63b0 0x4037e46d:0x3fcd63d0 0x403867dd:0x3fcd63f0 0x4037efc2:0x3fcd6510 0x42033991:0x3fcd6550\n",
    says: ["error crash", /no semaphore or mutex/, /who deletes it/],
    never: [/creation may have failed/],
  },
  "a mutex that another task gives back": {
    log: "assert failed: xQueueGenericSend queue.c:832 (pxQueue->pcHead != ((void *)0) || pxQueue->u.xSemaphore.xMutexHolder == ((void *)0) || pxQueue->u.xSemaphore.xMutexHolder == xTaskGetCurrentTaskHandle())\n",
    says: ["error crash", /given back by another task/],
    never: [/creation may have failed/],
  },
  "a pointer that should not be NULL": {
    log: "assert failed: net_send net.c:88 (ctx->buf != NULL)\n",
    says: ["error crash", /a pointer was NULL/i, /Next: Look at where it comes from/],
  },
  "memory that is protected": {
    log: panic("Memory protection fault", "MEPC    : 0x3fc9b430  RA      : 0x42008aee  SP      : 0x3fc95a10  GP      : 0x3fc8b600\nMCAUSE  : 0x0000001a  MTVAL   : 0x00000000"),
    says: ["error crash", /code that runs from data memory/],
  },
  "floating point in an interrupt": {
    log: panic("Coprocessor exception", "PC      : 0x40081a3c  PS      : 0x00060031  A0      : 0x800824e1  A1      : 0x3ffb0c40", "Backtrace: 0x40081a39:0x3ffb0c40 0x400824de:0x3ffb0c60"),
    says: ["error crash", /floating point was used in an interrupt/i],
  },
  "undefined behaviour, and the abort it ends in": {
    log: "I (700) fft: window 512\nUndefined behavior of type out_of_bounds\n\nabort() was called at PC 0x40381e2a on core 0\nCore  0 register dump:\nMEPC    : 0x40380572  RA      : 0x403881e6  SP      : 0x3fc93700  GP      : 0x3fc8b000\n",
    says: ["error crash", /undefined behavior: out_of_bounds/, /an index beyond its array/, /goes on in line 4/],
  },
  "a processor that locked up": {
    log: "I (1500) app: render page 12\nESP-ROM:esp32p4-eco2-20240710\nBuild:Jul 10 2024\nrst:0x1a (CPU_LOCKUP),boot:0x30f (SPI_FAST_FLASH_BOOT)\n",
    says: ["warning crash", /CPU_LOCKUP/, /a stack that has overflowed/, /“render page 12”/],
  },
  "a core dump that is found at the start": {
    log: "I (512) esp_core_dump_flash: Init core dump to flash\nI (524) esp_core_dump_flash: Core dump data is 27652 bytes at 0x110000\nI (600) app: free heap 201344\n",
    says: ["warning crash", /a core dump of it lies in flash/, /of the boot before or of an earlier one/, /idf\.py coredump-info/],
  },
  "a summary of a core dump, below what found it": {
    log: "I (524) esp_core_dump_flash: Core dump data is 27652 bytes at 0x110000\nW (541) crashlog: task: mqtt_task  exc_cause: 28 (LoadProhibited)  exc_vaddr: 0x00000008  pc: 0x400d9c31\nW (542) crashlog: backtrace: 0x400d9c31 0x400da011 0x400e71a0 depth 3 corrupted 0\n",
    says: ["error crash", /a read through a NULL pointer at PC 0x400d9c31 \(LoadProhibited\) in task mqtt_task/, /a field 8 B/],
    never: [/lies in flash/],
  },
}; // prettier-ignore

describe.each(Object.entries(ACCIDENTS))("%s", (_, accident) => {
  test("is told as an expert would", () => tells(accident));
});

test.each([
  "ASSERT_WARN(1 8), in lc_task.c at line 5013",
  "I (512) esp_core_dump_flash: Init core dump to flash\nE (519) esp_core_dump_flash: No core dump partition found!\nI (524) crashlog: no core dump in flash, last reset was clean\nI (530) app: UBSan enabled, assertions level 2",
])("%j is no accident", async (log) => {
  const { texts } = await answerTo(`I (1) app: free heap 180000\n${log}\nI (2) app: free heap 180000\n`);
  expect(texts.filter((text) => !text.startsWith("note"))).toEqual([]);
});
