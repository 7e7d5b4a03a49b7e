// Refused requests with what stands around them: who asked by the calls, figures in the unit that the refusal proves, assertions that follow from it.

import { expect, test } from "vitest";
import { type Accident, IDF, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const CALLBACK =
  "E (1174832) app: heap_caps_malloc was called but failed to allocate 340 bytes with 0x80C capabilities.";
const WIFI = `--- 0x40385871: panic_abort at ${IDF}/esp_system/panic.c:480\n--- 0x40379e9f: heap_caps_alloc_failed at ${IDF}/heap/heap_caps.c:43\n--- 0x40379ebb: heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\n--- 0x4037eb04: wifi_malloc at ${IDF}/esp_wifi/esp32s3/esp_adapter.c:72\n--- 0x421cbfdd: ieee80211_alloc_deauth in libnet80211.a\n`;
const ABORT =
  "Mem alloc fail. size 0x00000154 caps 0x0000080c\n\n\nBacktrace: 0x40385871:0x3fced4e0 0x40379e9f:0x3fced520 0x40379ebb:0x3fced580 0x4037eb04:0x3fced5a0 0x421cbfdd:0x3fced640\n";

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "the callback and the heap that ends the program tell of one request; who asked stands in its calls, and the block is of bytes": {
    log: `${CALLBACK}\nE (1174832) app: Free: 331, Largest Block: 272\n${ABORT}${WIFI}`,
    says: ["error allocation-failure", /340 B with 8BIT\|DMA\|INTERNAL by the Wi-Fi driver, heap_caps_malloc\(\) failed: only 331 B were free/, /largest free block had 272 B/, /Next: Keep 30 KB of internal memory free for Wi-Fi/],
    never: [/by app/, /338,944/, /nearly exhausted/],
  },
  "the assertion of an error code that the refusal gave is its consequence": {
    log: `I (3184401) main: {"heap":{"internal":{"totalFreeBytes":30027,"largestFreeBlock":14336},"dma":{"totalFreeBytes":24727,"largestFreeBlock":13824}}}\nE (3190127) spi_master: setup_dma_priv_buffer(861): Failed to allocate priv TX buffer\nE (3190127) panel: queue trans failed 257\nassert failed: panel_send panel.c:275 (ret == ESP_OK)\n`,
    says: ["error allocation-failure", /by the SPI driver/, /24,727 B were free then/, /had 13,824 B/, /line 4: the assertion ret == ESP_OK \(panel\.c:275\) is its consequence/],
  },
  "a callback of the heap, between what was announced and who says what it was for": {
    log: "I (17327) cam_hal: Allocating 384000 Byte frame buffer in PSRAM\nI (17327) heap: alloc_fail size:0x5dc00 func:heap_caps_malloc\nE (17337) cam_hal: cam_dma_config(280): frame buffer malloc failed\nE (17347) camera: Camera config failed with error 0xffffffff\n",
    says: ["error allocation-failure", /384,000 B with SPIRAM by the camera driver/, /Next: Use PSRAM/],
    never: [/Let the callback print/],
  },
  "a callback in words of its own names who asked behind it, and not its own tag": {
    log: "I (91211) app: heap free=99012 largest=65524 min=1204\nE (91300) diag: Failed to allocate 200 bytes with caps 0x80C in heap_caps_malloc\nE (91301) spi_master: setup_dma_priv_buffer(1210): Failed to allocate priv RX buffer\n",
    says: ["error allocation-failure", /200 B with 8BIT\|DMA\|INTERNAL by the SPI driver, heap_caps_malloc\(\) failed/, /Memory had sunk to 1,204 B/],
    never: [/by diag/, /nearly exhausted once/],
  },
  "little of much, and no largest block: other memory was asked for": {
    log: "E (100) app: malloc(200) failed, free heap 99000\n",
    says: ["error allocation-failure", /failed, with 99,000 B free/, /is hardly possible/],
    never: [/split up/],
  },
  "of all that is free not all serves DMA": {
    log: "E (100) app: heap_caps_malloc(4096, MALLOC_CAP_DMA) failed, free heap 99000\n",
    says: ["error allocation-failure", /of all memory/, /not of the kind that was asked for, or it lay in smaller pieces/],
    never: [/split up/],
  },
  "the least that was ever free says that it was used up for a moment": {
    log: "E (7795) esp-tls: mbedtls_ssl_handshake returned -0x10\nI (7800) app: free heap 49264\nI (7800) app: min free heap 224\n",
    says: ["error allocation-failure", /most likely memory was used up for a moment and given back/],
    never: [/either one request/, /nearly exhausted once/],
  },
  "a leak of what is used, in shares, that ends in a refusal": {
    log: `${Array.from({ length: 12 }, (_, i) => `I (${60_010 + 60_000 * i}) stat: ram used ${61 + 3 * i}% of 320 KB\n`).join("")}E (731822) http: malloc of 4096 bytes failed\n`,
    says: ["error allocation-failure", /, after a leak had taken 33 % of the heap/, /had grown from 61 % \(line 1\) to 94 %/, /Next: Mend the leak/],
  },
  "the reading of a refusal is no finding beside it, whichever line began its series": {
    log: "I (30110) mon: heap 2204 largest 1088\nI (60110) mon: heap 1132 largest 512\nE (61202) session: xSemaphoreCreateMutex returned NULL\nassert failed: xQueueSemaphoreTake queue.c:1709 (( pxQueue ))\n",
    says: ["error allocation-failure", /only 1,132 B were free/, /line 4: the assertion/],
    never: [/warning low-memory/],
  },
  "the SD card driver's memory for DMA": {
    log: "I (3010) app: internal free 11204 dma free 9800 psram free 7900000\nE (3050) sdmmc_cmd: sdmmc_read_sectors: not enough mem, err=0x101\nE (3051) diskio_sdmmc: sdmmc_read_blocks failed (257)\n",
    says: ["error allocation-failure", /by the SD card driver failed/, /9,800 B were free/, /MALLOC_CAP_DMA/],
  },
  "NuttX's heap, and a table behind it that tells the same": {
    log: "[   12.310000] [CPU0] mm_malloc: ERROR: Allocation failed, size 8192\nnsh> free\n      total       used       free    maxused    maxfree  nused  nfree name\n     156208     152016       4192     153640       1808    310     12 Umem\n",
    says: ["error allocation-failure", /8,192 B by NuttX failed: only 4,192 B were free/, /CONFIG_MM_BACKTRACE/],
    never: [/low-memory/],
  },
  "what Wi-Fi says of its buffers one after the other is one failure": {
    log: "I (512) app: free internal 24188 largest 12288\nW (640) wifi:malloc buffer fail\nE (641) wifi:Expected to init 10 rx buffer, actual is 4\n",
    says: ["error allocation-failure", /an allocation by the Wi-Fi driver failed/, /line 3: “Expected to init 10 rx buffer/, /CONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM/],
  },
  "what the system refuses Rust's std": {
    log: "thread 'main' panicked at src/net.rs:88:10:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 12, kind: OutOfMemory, message: \"Not enough space\" }\n\nabort() was called at PC 0x4208a1c3 on core 0\n",
    says: ["error allocation-failure", /by Rust's std failed/, /the panic at src\/net\.rs:88 is its consequence/, /ThreadSpawnConfiguration/],
  },
  "a panel's frame buffer, whichever driver tells": {
    log: "E (1630) lcd.dsi: esp_lcd_new_panel_dpi(238): no memory for frame buffer\n",
    says: ["error allocation-failure", /by the LCD driver/, /Next: Put frame buffers into PSRAM/],
  },
  "chunks of XS, in words of another host": {
    log: "# Break: (host): chunk allocation: failed for 24576 bytes in fixed size heap\nXS abort: memory full\n",
    says: ["error allocation-failure", /24,576 B by Moddable's XS/, /Next: Raise `creation`/],
  },
  "the stack of a task of Rust's": {
    log: "\n====================== PANIC ======================\npanicked at /h/esp-hal/esp-rtos/src/fmt.rs:268:5:\nunwrap of `Layout::from_size_align(task_stack_size,\nMIN_STACK_ALIGNMENT).ok()` failed: Failed to allocate stack: NoneError\n",
    says: ["error allocation-failure", /by esp-rtos \(the stack of a task\)/],
    never: [/stack overflow/],
  },
  "a callback for another size is not what was announced": {
    log: "I (17327) cam_hal: Allocating 384000 Byte frame buffer in PSRAM\nI (17328) heap: alloc_fail size:0x200 func:heap_caps_malloc\n",
    says: ["error allocation-failure", /an allocation of 512 B by/],
    never: [/SPIRAM/],
  },
  "a decoder's names of the hook are no failures": {
    log: `E (372110) hook: heap_caps_malloc failed to allocate 65536 bytes with 0x1800 capabilities\n\n\nBacktrace: 0x4037a5b1:0x3fcb2a10 0x4203c1d2:0x3fcb2a30 0x40377a1e:0x3fcb2a50 0x4037b0a2:0x3fcb2a70 0x420a6c44:0x3fcb2a90\n0x4037a5b1: esp_backtrace_print at ${IDF}/esp_system/debug_helpers.c:84\n0x4203c1d2: on_alloc_failed at /p/main/hook.c:12\n0x40377a1e: heap_caps_alloc_failed at ${IDF}/heap/heap_caps.c:43\n0x4037b0a2: heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\n0x420a6c44: snapshot_take at /p/main/snapshot.c:51\n`,
    says: ["error allocation-failure", /\nrequested snapshot\.c:51 snapshot_take\n/],
    never: [/In the log, line|size is not told/],
  },
  "Bluetooth's controller has no memory, whoever starts it": {
    log: "E (1702) simple_ble: simple_ble_start enable controller failed 257\nE (1708) protocomm_ble: simple_ble_start failed w/ error code 0x101\n",
    says: ["error allocation-failure", /by Bluetooth failed/, /Next: Start Bluetooth before large allocations/],
  },
}; // prettier-ignore

test.each(Object.entries(ACCIDENTS))("%s", (_, accident) => tells(accident)); // prettier-ignore

test("ESPHome: a component that failed says so of one failure, and PSRAM that is configured is not there", async () => {
  const failure =
    "[19:47:23.008][E][lvgl:598]: Failed to allocate 153600 bytes\n[19:47:23.008][E][component:419]: lvgl set Error flag: Memory allocation failure\n[19:47:23.008][E][component:290]: lvgl was marked as failed\n";
  const alone = await answerTo(failure);
  expect(alone.texts.map((text) => text.split(":")[0])).toEqual(["error allocation-failure"]);
  const { texts } = await answerTo(
    `[19:47:22.511][C][psram:016]: PSRAM:\n[19:47:22.511][C][psram:019]:   Available: NO\n${failure}`,
  );
  expect(texts[0]).toMatch(/PSRAM did not start \(line 2\)/);
});

test("a request of another size is another one", async () => {
  const { texts } = await answerTo(`${CALLBACK}\n${ABORT.replace("00000154", "00000200")}`);
  expect(texts.filter((text) => text.includes("allocation-failure"))).toHaveLength(2);
});

test("an assertion of an error that no refusal gave is its own accident", async () => {
  const log =
    "E (100) spi_master: setup_dma_priv_buffer(861): Failed to allocate priv TX buffer\nI (900) app: went on\nE (5000) nvs: open failed 4354\nassert failed: keep store.c:27 (ret == ESP_OK)\n";
  const { texts } = await answerTo(log);
  expect(texts.map((text) => text.split(":")[0])).toEqual(["error crash", "error allocation-failure"]);
});

test("kilobytes stay kilobytes beside a refusal that they explain", async () => {
  const largest = await answerTo("free heap: 45, largest 12\nE (20) app: malloc(20000) failed\n");
  expect(largest.texts[0]).toMatch(/46,080 B were free/);
  const small = await answerTo("free heap: 45, largest 12\nE (20) app: malloc(5000) failed\n");
  expect(small.texts[0]).toMatch(/46,080 B were free/);
});

test("one line has one unit: hundreds beside PSRAM in bytes are bytes", async () => {
  const line = (seconds: number, psram: number): string => `I (${seconds}621) app: free psram ${psram} internal 263\n`;
  const { texts } = await answerTo(
    `${line(8, 4_728_344)}E (8623) app: xTaskCreate(ota) failed: -1\n${line(18, 4_728_340)}`,
  );
  expect(texts[0]).toMatch(/^error internal-exhausted: internal memory is exhausted: 263 B are free there/);
  expect(texts[1]).toMatch(/^error allocation-failure: .*only 263 B were free/);
});
