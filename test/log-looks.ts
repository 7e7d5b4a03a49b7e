// Logs in the looks of many projects, made here, each with what an expert concludes: what must be said, and what must not.

import type { NamedSeries } from "../src/import/log-series.ts";

export interface Look {
  readonly log: string;
  readonly says: readonly [string, ...RegExp[]];
  readonly never?: readonly RegExp[];
  readonly series?: readonly NamedSeries[];
}

export const times = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");
const clock = (seconds: number): string => [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":"); // prettier-ignore
const trace = (round: number, blocks: number): string =>
  [
    `====== Heap Trace: ${blocks} records (100 capacity) ======`,
    ...Array.from({ length: blocks }, (_, j) => `   84 bytes (@ 0x3ffb${(0x8000 + 256 * j).toString(16)}, Internal) allocated CPU 0 ccount 0x1${String(j).padStart(6, "0")}0 caller 0x400d3344:0x400d5566`),
    `====== Heap Trace Summary ======\nMode: Heap Trace Leaks\n${84 * blocks} bytes 'leaked' in trace (${blocks} allocations)\nrecords: ${blocks} (100 capacity, ${blocks} high water mark)`,
    `total allocations: ${100 + 20 * round}\ntotal frees: ${100 + 20 * round - blocks}\n================================\nI (${60_000 * (round + 1)}) app: round ${round}`,
  ].join("\n"); // prettier-ignore

export const figures: Readonly<Record<string, Look>> = {
  "two names, two numbers": { log: times(14, (i) => `Runtime: ${30_000 * i}\nFree heap/contiguous: ${152_340 - 820 * i}/110580`), says: ["warning leak", /820 B/, /does not go with it/] },
  "columns for the kinds of memory": { log: times(8, (i) => `\tDescription\tInternal\tSPIRAM\nCurrent Free Memory\t${163_000 - 900 * i}\t4102344\nLargest Free Block\t110592\t4063232\nMin. Ever Free Size\t${150_020 - 900 * i}\t4100000`), says: ["warning leak", /internal memory/, /900 B/, /110,592/] },
  "hexadecimal numbers": { log: times(15, (i) => `heap_free=0x${(120_000 - 900 * i).toString(16)} heap_min=0x${(110_000 - 900 * i).toString(16)}`), says: ["warning leak", /900 B/, /120,000/] },
  "rows without names behind a tag": { log: times(20, (i) => `${60 * i};[HEAP];${132_540 - 48 * i};65524;(mon)`), says: ["warning leak", /48 B/] },
  "a bare word among other counters": { log: times(25, (i) => `Info:MAIN:Time ${16 + 60 * i}, free ${30_296 - 112 * i}, MQTT 0(${i}), socks 2/8`), says: ["warning leak", /112 B/] },
  "before and after behind a tag": { log: times(10, (i) => `[mem] before=${180_000 - 64 * i} after=${179_936 - 64 * i} diff=-64`), says: ["warning leak", /64 B/] },
  "an interpreter's free and alloc": { log: times(14, (i) => `free: ${60_000 - 1720 * i} alloc: ${51_168 + 1720 * i}`), says: ["warning leak", /1,720 B/] },
  "tuples of idf_heap_info": { log: ">>> esp32.idf_heap_info(esp32.HEAP_DATA)\n[(240, 0, 0, 0), (79200, 1536, 1024, 980), (113840, 12, 8, 0)]\nOSError: [Errno 12] ENOMEM", says: ["error allocation-failure", /1,548 B/, /1,024 B/, /idf_heap_info/] },
  "umm_malloc's counts of blocks": { log: "Total Entries      412    Used Entries      380    Free Entries       32\nTotal Blocks      6032    Used Blocks      5480    Free Blocks       552\nFragmentation Metric: 61", says: ["note low-memory", /91 %/, /4,416 B/, /48,256/] },
  "a list on a status page": { log: "Free Heap | 65.80 KiB\nFree Block | 55.98 KiB\nFragmentation | 14%\nPSRam Free | 7.18 MiB", says: ["note log-readings", /67,379 B/] },
  "milliseconds before colons": { log: times(24, (i) => `${30_000 + 30_000 * i} : Info   : WD   : Uptime ${Math.floor(i / 2)}  ConnectFailures 0 FreeMem ${14_300 - 96 * i} WiFiStatus 3`), says: ["warning leak", /96 B/, /11\.3 KiB an hour/, /1 h 0\d min/] },
  "JSON with days in its uptime": { log: times(9, (i) => `{"system":{"uptime":"000+0${i}:20:17.529","freeMem":${137 - 3 * i},"maxAlloc":71}}`), says: ["warning leak", /3,072 B an hour/] },
  "padded numbers": { log: times(20, (i) => `used: ${String(34_000 - 1900 * i > 0 ? 24_000 + 1900 * i : 24_000 + 1900 * i).padStart(7)} (${String(30 + i).padStart(3)} %), frag: ${String(2 + (i >> 2)).padStart(3)} %, biggest free: ${String(41_000 - 1900 * i).padStart(6)}`), says: ["warning leak", /1,900 B/, /over 20 readings/] },
  "Chinese": { log: times(10, (i) => `I (${5000 + i * 5000}) sys: 剩余堆: ${180_000 - 700 * i} 字节, 最小: ${170_000 - 700 * i}`), says: ["warning leak", /700 B/, /least that was ever free/] },
  "German": { log: times(12, (i) => `Freier Speicher: ${42_000 - 180 * i} Bytes`), says: ["warning leak", /180 B/] },
  "the least ever free alone": { log: times(12, (i) => `min free heap ever: ${88_000 - 412 * i}`), says: ["warning leak", /412 B/, /can only fall/] },
  "kinds by their short names": { log: times(10, (i) => `I (${i * 30_000}) mon: int ${80_000 - 1000 * i} ext 4000000 dma ${60_000 - 1000 * i}`), says: ["warning leak", /internal memory/, /1,000 B/] },
  "seconds before the line": { log: times(12, (i) => `${300 * i}s: RAM left ${41_000 - 230 * i} largest chunk ${30_000 - 230 * i}`), says: ["warning leak", /230 B/, /an hour/] },
  "words that only their author knows": { log: times(30, (i) => `AK 39 Q=${324 + i} H=${188_008 - 336 * i} MB=113792`), series: [{ quantity: "free", memory: "any", pattern: "H" }], says: ["warning leak", /336 B/] },
  "a number that stands alone": { log: times(20, (i) => `${237_484 - 124 * i}`), series: [{ quantity: "free", memory: "any", pattern: "" }], says: ["warning leak", /124 B/] },
  "fragmentation that grows": { log: times(13, (i) => `[MEM] free: ${169_896 + (i % 3) * 40} | max: ${95_044 - 6000 * i} | frag: ${44 + 3 * i}%`), says: ["warning fragmentation", /22\.5 KiB|23,044/, /nothing is lost/] },
  "first letters": { log: times(9, (i) => `I (${1203 + 30_000 * i}) stats: H=${183_220 - 2170 * i} MB=${110_592 - 4096 * (i >> 1)} MIN=${180_112 - 2180 * i} U=${1 + 30 * i}`), says: ["warning leak", /2,170 B/, /largest free block falls with it/, /least that was ever free/] },
  "first letters below their memory": { log: times(9, (i) => `2024-05-04 11:0${i}:00,012 DEBUG node/a/status {"t":${60 * i},"mem":{"f":${92_144 - 2040 * i},"m":${61_428 - 2040 * i},"b":49140}}`), says: ["warning leak", /2,040 B/, /does not go with it/] },
  "calls at a prompt and their values": { log: times(7, (i) => `>>> gc.mem_free()\n${118_032 - 4000 * i}\n>>> gc.mem_alloc()\n${41_200 + 4000 * i}`), says: ["warning leak", /free heap/, /4,000 B/] },
  "a metric and its labels": { log: times(7, (i) => `esp_free_heap_bytes{device="a"} ${180_344 - 4000 * i}\nesp_min_free_heap_bytes{device="a"} ${160_120 - 4000 * i}`), says: ["warning leak", /4,000 B/, /least that was ever free: 136,120 B/] },
  "hexadecimal numbers filled up with zeros": { log: times(7, (i) => `[000${i + 1}0.100] heap_free=0x000${(184_576 - 2048 * i).toString(16)} largest=0x0001b000`), says: ["warning leak", /2,048 B/, /184,576/] },
  "points between thousands": { log: times(7, (i) => `10:0${i}:01 Freier Speicher: ${120 - 2 * i}.${String(344).padStart(3, "0")} Bytes`), says: ["warning leak", /120,344/, /2,000 B/] },
  "what is used of a whole": { log: times(7, (i) => `INFO - Heap: used ${40_124 + 2560 * i} / 73728 bytes (${54 + 3 * i}%)\nINFO - accepted connection from 192.168.1.20:${51_022 + i}`), says: ["warning leak", /used heap grows by about 2,560 B/, /memory is gone in about 7\.1 readings/, /accepted connection/] },
  "shares that grow evenly": { log: times(7, (i) => `I (${60_000 * (i + 1)}) sys: CPU 12% RAM ${41 + 3 * i}%`), says: ["warning leak", /3 %/, /last 41 %/] },
  "a share of fragmentation without its sign": { log: times(12, (i) => `tick heap ${29_900 + 10 * (i % 3)} frag ${12 + 5 * i} maxblk ${26_504 - 1900 * i}`), says: ["warning fragmentation", /12 % to 67 %/] },
  "a share of fragmentation that reaches one": { log: times(12, (i) => `tick heap ${29_900 + 10 * (i % 3)} frag ${(0.12 + 0.08 * i).toFixed(2)} maxblk ${26_504 - 1900 * i}`), says: ["warning fragmentation", /12 % to 100 %/] },
  "a count before the words": { log: times(9, (i) => `I (${60_000 * (i + 1)}) app: loop ${17 * i} free heap ${180_000 - 500 * i}`), says: ["warning leak", /500 B/, /180,000/] },
  "Zephyr's statistics": { log: `${times(12, (i) => `[${clock(60 * i)}.010,000] <inf> app: sys_heap: free_bytes ${24_000 - 312 * i}, allocated_bytes ${8000 + 312 * i}`)}\n[00:12:30.100,000] <err> app: k_malloc(2048) failed`, says: ["error allocation-failure", /2,048 B/, /Zephyr/] },
}; // prettier-ignore

export const events: Readonly<Record<string, Look>> = {
  "a JSON document": { log: "[15:15:17][D][debug:039]: Free Heap Size: 1168 bytes\n[15:15:20][E][json:050]: Could not allocate memory for JSON document! Requested 4096 bytes, largest free heap block: 840 bytes", says: ["error allocation-failure", /4,096 B/, /1,168 B/, /840 B/] },
  "the MQTT outbox": { log: "I (85773) example: After allocation, Free Heap: 5572\nE (85983) outbox: outbox_enqueue(53): Memory exhausted\nI (85993) MQTT: Outbox size: 80006", says: ["error allocation-failure", /outbox/, /5,572 B/, /acknowledged/] },
  "no Wi-Fi buffers": { log: times(6, (i) => `W (${900_000 + i * 40}) wifi:esf_buf: t=8 l=368 max:32, alloc:32 no eb, TXQ_BLOCK=1000`), says: ["error allocation-failure", /6 allocations/, /Wi-Fi/] },
  "the ESP8266's last failed call, told below the crash": { log: "heap free 3320\nException (29):\nepc1=0x40219eba epc2=0x00000000 epc3=0x00000000 excvaddr=0x00000008 depc=0x00000000\n\n>>>stack>>>\n\nctx: sys\n3fffea70:  3fffeaa0 76726573 3fffeba2 00000000\n<<<stack<<<\n\nlast failed alloc call: 4021B18E(544)\n\n ets Jan  8 2013,rst cause:1, boot mode:(3,7)", says: ["error allocation-failure", /544 B/, /3,320 B/, /not checked/], never: [/^error crash/] },
  "an allocation of nothing": { log: times(4, () => "heap_caps_malloc_default was called but failed to allocate 0 bytes with 0x1000 capabilities."), says: ["note allocation-failure", /0 bytes/, /no lack of memory/], never: [/exhausted/] },
  "PSRAM that did not start": { log: "E (228) quad_psram: PSRAM ID read error: 0x00ffffff, PSRAM chip not found or not supported, or wrong PSRAM line mode\nE (812) display: failed to allocate 307200 bytes for the draw buffer in PSRAM\nI (813) main: Free PSRAM: 0, free internal: 291234", says: ["error allocation-failure", /307,200 B/, /PSRAM did not start \(line 1\)/], never: [/only 291,234/] },
  "a driver whose layers all say it": { log: "E (2211) i2s_common: i2s_alloc_dma_desc(440): allocate DMA buffer failed\nE (2212) i2s_std: i2s_std_set_slot(112): allocate memory for dma descriptor failed\nE (2213) audio: i2s_channel_init_std_mode: ESP_ERR_NO_MEM", says: ["error allocation-failure: an allocation", /I2S/, /line 3/] },
  "a display's transfer": { log: "E (5120) spi_master: setup_priv_desc(1070): Failed to allocate priv TX buffer", says: ["error allocation-failure", /SPI/, /DMA/] },
  "work that is refused": { log: times(12, (i) => `2023-10-16T17:45:${11 + i}.240+02:00 box mqtt - - - 000+00:08:${10 + i}.144 W ${70 + i}: Publish failed: low memory`), says: ["warning allocation-failure", /refused work/, /12 times/], never: [/KiB/] },
  "a server's task": { log: `${times(3, (k) => `ets Jun  8 2016 00:22:57\n\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nI (500) app: free heap 24000\nE (${620_000 + k}) httpd: httpd_server_init: Failed to launch server task!\nabort() was called at PC 0x400f1234 on core 0\n\nBacktrace: 0x40081a2e:0x3ffc7c50 0x4008b8dd:0x3ffc7c70\n\nRebooting...`)}`, says: ["error allocation-failure: 3 allocations", /24,000 B/, /consequence/], never: [/^error crash/] },
  "LVGL": { log: "[Error]\t(20.124, +0)\t lv_obj_create: Out of memory! \t(in lv_obj.c line #187)\nWarn: Couldn't allocate memory  (lvgl/lv_misc/lv_mem.c #145)", says: ["error allocation-failure: an allocation", /LVGL/, /LV_MEM_SIZE/] },
  "Rust's Wi-Fi": { log: "WARN - Unable to allocate 1720 bytes\n\nException occurred 'StoreProhibited'\nContext\nPC=0x400e088b       PS=0x00060335\nA0=0x800dfc43       A1=0x3ffdb320\nEXCVADDR=0x00000000", says: ["error allocation-failure", /1,720 B/, /StoreProhibited/] },
  "a camera": { log: "[E][camera.c:267] camera_fb_init(): Allocating 640 KB frame buffer Failed\n[E][camera.c:1281] camera_init(): Failed to allocate frame buffer\n[E][camera.c:1406] esp_camera_init(): Camera init failed with error 0x101", says: ["error allocation-failure: an allocation", /655,360 B/, /PSRAM/] },
  "TLS, and what is free right after it": { log: "E (62210) esp-tls-mbedtls: mbedtls_ssl_setup returned -0x7F00\nE (62210) esp-tls: create_ssl_handle failed\nE (62220) esp-tls: Failed to open new connection\nI (62240) http: heap internal 38212, biggest 11264", says: ["error allocation-failure", /mbedTLS/, /38,212/, /11,264/, /16,717/] },
  "a mutex of the C library": { log: "assert failed: lock_init_generic locks.c:79 (ret)\n\nBacktrace: 0x40081a2e:0x3ffc7c50 0x4008b8dd:0x3ffc7c70", says: ["error crash", /mutex/, /no internal memory left/] },
  "an overflow found at a switch of tasks": { log: "***ERROR*** A stack overflow in task mqtt_task has been detected.\n\nBacktrace: 0x40081a2e:0x3ffc7c50 0x4008b8dd:0x3ffc7c70 0x40091e51:0x3ffc7c90", says: ["error stack-overflow", /mqtt_task/], never: [/^detected 0x/m] },
  "a jump through memory that was never written": { log: "Guru Meditation Error: Core  0 panic'ed (InstrFetchProhibited). Exception was unhandled.\nCore 0 register dump:\nPC      : 0xcececece  PS      : 0x00060b30  A0      : 0x800d2a10  A1      : 0x3ffb5e40\nEXCVADDR: 0xcececece\nBacktrace: 0xcecececb:0x3ffb5e40 |<-CORRUPTED", says: ["error uninitialized", /never written/], never: [/detected 0xcecececb/] },
  "a byte some way behind the end": { log: "CORRUPT HEAP: Bad tail at 0x3fcd0a10. Expected 0xbaad5678 got 0x00ad5678", says: ["error overflow", /up to 4 bytes/, /first 3 bytes/], never: [/by at least 1 byte/] },
  "a heap trace again and again": { log: [3, 4, 5, 6].map((blocks, i) => trace(i, blocks)).join("\n"), says: ["warning leak", /grows at 0x400d3344/, /1 block, 84 B/, /3, 4, 5, 6/, /semaphore|mutex/] },
  "requests of each kind of memory beside what was free of each": { log: "I (1000) mon: free heap internal 41000\nI (1000) mon: free heap dma 20500\nI (1000) mon: free heap psram 3900000\nI (1001) mon: free heap 3950000\nI (1002) app: loop\nI (1003) app: loop\nI (1004) app: loop\n" + ["50000 bytes with 0x800", "30000 bytes with 0x8", "5000000 bytes with 0x400", "5100000 bytes with 0x1000"].map((asked, i) => `E (${1010 + 10 * i}) ${"abcd"[i] ?? ""}: heap_caps_malloc was called but failed to allocate ${asked} capabilities.`).join("\n"), says: ["error allocation-failure: an allocation of 50,000 B", /41,000 B were free/] },
  "text of two letters behind the end": { log: "CORRUPT HEAP: Bad tail at 0x3fcd0a10. Expected 0xbaad5678 got 0xbaad4b4f", says: ["error overflow", /by 2 bytes/, /“OK”/] },
  "a failed request and who made it": { log: "I (900) mon: free heap 41000\nMem alloc fail. size 0x00004000 caps 0x00000804\nBacktrace: 0x400d1234:0x3ffb5e40 0x400d5678:0x3ffb5e60 0x400d9abc:0x3ffb5e80\nI (950) app: going on", says: ["error allocation-failure", /16,384 B/, /41,000 B/] },
  "a heap trace of many sizes": { log: `====== Heap Trace: 8 records (100 capacity) ======\n${times(8, (i) => `  ${[1500, 700, 84, 340, 16, 24, 356, 40][i] ?? 0} bytes (@ 0x3ffb${(0x8000 + 0x600 * i).toString(16)}, Internal) allocated CPU 0 ccount 0x1${String(i).padStart(7, "0")} caller 0x400d${(0x3344 + 16 * i).toString(16)}:0x400d5566`)}\n====== Heap Trace Summary ======\nMode: Heap Trace Leaks\n3060 bytes 'leaked' in trace (8 allocations)\nrecords: 8 (100 capacity, 8 high water mark)\ntotal allocations: 40\ntotal frees: 32\n================================`, says: ["warning heap-trace", /3,060 B/, /1,500 B, 700 B, 356 B, 340 B, 84 B, 40 B and others/] },
  "too little memory before an abort": { log: "I (5000) app: free heap 3100\nabort() was called at PC 0x400f1234 on core 0\n\nBacktrace: 0x40081a2e:0x3ffc7c50 0x4008b8dd:0x3ffc7c70", says: ["error crash", /3,100 B/, /want of memory/] },
}; // prettier-ignore
