// What people know about failed allocations and sizes in ESP32 logs: one entry a line, each with where it can be read. Keys are those of
// src/import/failed-allocation-wordings.ts.
import { FIND_WRITER } from "./reading.ts";

export interface Knowledge {
  readonly means: string;
  readonly next: string;
  /** Where the log names who asked. */
  readonly nextNamed?: string;
  readonly source: string;
  /** It has a pool of its own: what is free of the heap says nothing of it. */
  readonly isPool?: true;
  /** Where much is free: what that figure is of, which is another memory than the one that was asked for. */
  readonly freeIsOf?: string;
  /** And that only where its own line tells the figure: what another line tells is of the memory that it names. */
  readonly isOfOwnLine?: true;
  /** What happened, where no allocation failed in so many words. */
  readonly title?: string;
}

export const knownFailures: Readonly<Record<string, Knowledge>> = {
  "abort-on-failure": { means: "CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS made the program stop here", next: "print heap_caps_print_heap_info() for these capabilities in the failed-allocation callback, and see which region is full", source: "components/heap/heap_caps.c" },
  callback: { means: "printed by the failed-allocation callback of ESP-IDF's documentation", next: "let the callback print heap_caps_get_free_size(caps) and heap_caps_get_largest_free_block(caps) too, and the task's name", source: "docs: Heap Memory Allocation, heap_caps_register_failed_alloc_callback" },
  "wifi-eb": { means: "the Wi-Fi driver could not get a frame buffer: it needs about 1,600 contiguous bytes of internal DMA memory, whatever `len` says", next: "keep 30 KB of internal memory free for Wi-Fi: fewer dynamic buffers (CONFIG_ESP_WIFI_DYNAMIC_TX_BUFFER_NUM, …_RX_BUFFER_NUM), CONFIG_SPIRAM_TRY_ALLOCATE_WIFI_LWIP where there is PSRAM, and find what has eaten the rest", source: "docs: ESP-IDF Wi-Fi driver, Wi-Fi buffer usage; esp-idf#5391", freeIsOf: "That counts all memory (PSRAM too); the driver takes internal DMA-capable memory alone, and of that too little was left", isOfOwnLine: true },
  "wifi-pool": { means: "all of the driver's buffers of this kind are taken (as many as `max` says): received frames or events wait until the program takes them, whatever is free of the heap", next: "look for what holds the task that handles Wi-Fi's events or receives from sockets, and raise the number of dynamic receive buffers (CONFIG_ESP_WIFI_DYNAMIC_RX_BUFFER_NUM) if it is only slow", source: "ESP-IDF's Wi-Fi driver: esf_buf", isPool: true },
  "wifi-heap": { means: "the Wi-Fi driver's own requests are refused: it then misses beacons and frames, which looks like a signal that was lost", next: "keep 30 KB of internal memory free for Wi-Fi, print heap_caps_get_free_size(MALLOC_CAP_INTERNAL) and the largest block beside it, and find what has taken the rest", source: "components/esp_wifi, esp_adapter.c; esp-idf#6978" },
  "wifi-init": { means: "the Wi-Fi driver could not get the buffers that it allocates at start", next: "start Wi-Fi before the large allocations, or lower CONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM and the dynamic buffers", source: "docs: ESP-IDF Wi-Fi driver, Wi-Fi buffer configuration" },
  "tls-dynamic": { means: "mbedTLS's dynamic buffers (CONFIG_MBEDTLS_DYNAMIC_BUFFER) take and give back a record buffer for each message, so they need a hole of that size each time", next: "lower CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN/OUT_CONTENT_LEN if the server agrees to smaller records, put mbedTLS into PSRAM (CONFIG_MBEDTLS_EXTERNAL_MEM_ALLOC), or keep one connection open instead of many handshakes", source: "components/mbedtls/port/dynamic; docs: mbedTLS, reducing heap usage" },
  mbedtls: { means: "mbedTLS passes on that an allocation failed (-0x7F00 = -32512 is MBEDTLS_ERR_SSL_ALLOC_FAILED, -0x10 MBEDTLS_ERR_MPI_ALLOC_FAILED, which is also added to the code of what it failed in: -0x4290, -0x4310)", next: "a TLS connection needs two record buffers of up to 16,717 B in one piece each: lower CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN, use CONFIG_MBEDTLS_DYNAMIC_BUFFER, put mbedTLS into PSRAM, or connect early and keep the connection", source: "mbedtls/ssl.h, mbedtls/bignum.h; docs: mbedTLS, reducing heap usage" },
  aes: { means: "the AES/SHA hardware driver needs DMA-capable internal memory for its descriptors and bounce buffers", next: "free DMA-capable internal memory: move buffers to PSRAM, CONFIG_MBEDTLS_EXTERNAL_MEM_ALLOC, or CONFIG_MBEDTLS_HARDWARE_AES=n as a way round", source: "components/mbedtls/port/aes; xiaozhi-esp32#167" },
  arduinojson: { means: "ArduinoJson's document was too small, or the heap had no such block", next: "check the document's capacity first; stream or filter large inputs (DeserializationOption::Filter)", source: "arduinojson.org, DeserializationError::NoMemory" },
  "esp8266-oom": { means: "umm_malloc of the ESP8266 core had no such block for the place that the line names", next: "watch ESP.getMaxFreeBlockSize() beside ESP.getFreeHeap(); for BearSSL set smaller buffers (setBufferSizes) or use MFLN", source: "ESP8266 Arduino core: Debugging, OOM" },
  "esp8266-em": { means: "E:M and a size is what the ESP8266's SDK says of a failed allocation, and Mongoose OS on the ESP32 as well", next: "watch the largest free block beside free heap (ESP.getMaxFreeBlockSize() on the ESP8266, heap_caps_get_largest_free_block() on the ESP32), and find what has taken the rest", source: "ESP8266 non-OS SDK; Mongoose OS" },
  "bad-alloc": { means: "operator new found no block and threw std::bad_alloc", next: "decode the frames below operator new: they name who asked; check sizes there, or use new (std::nothrow)", nextNamed: "check the size that is asked for there, and what was free: print the largest free block before it, or use new (std::nothrow) and go on without", source: "libstdc++ new_op.cc" },
  micropython: { means: "the interpreter's own heap had no such run of blocks, even after a collection", next: "call gc.collect() before large buffers, allocate them once at start (bytearray, readinto), and look at micropython.mem_info(1)", source: "docs.micropython.org: MicroPython on microcontrollers, The heap" },
  rust: { means: "Rust's global allocator had no such block", next: "print esp_alloc::HEAP.stats() before it, or give the allocator a larger or a second region; with std on ESP-IDF that is ESP-IDF's heap: print heap_caps_get_largest_free_block() before it", source: "alloc::handle_alloc_error; esp-alloc" },
  "rust-os": { means: "the system under Rust's std refused a thread, a socket or a file with ENOMEM (12): a thread's stack (CONFIG_PTHREAD_TASK_STACK_SIZE_DEFAULT) and what drivers take must lie in internal memory, in one piece", next: "print heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL) there, give threads a stack of their size (ThreadSpawnConfiguration), and end those that are done with", source: "std::io::ErrorKind::OutOfMemory; esp-idf-hal: task::thread" },
  lvgl: { means: "LVGL's own pool or draw buffer could not be had", next: "raise LV_MEM_SIZE (LVGL's pool), or allocate draw buffers once at start, in PSRAM where speed allows", source: "docs.lvgl.io: lv_mem, lv_conf.h LV_MEM_SIZE", isPool: true },
  camera: { means: "the camera driver wants its frame buffers in one piece", next: "use PSRAM (fb_location CAMERA_FB_IN_PSRAM, check that it is found at boot), a smaller frame size, JPEG, or fb_count 1", source: "espressif/esp32-camera README" },
  nimble: { means: "NimBLE ran out of buffers (BLE_HS_ENOMEM): mbufs of its own pool, or heap", next: "raise CONFIG_BT_NIMBLE_MSYS_1_BLOCK_COUNT, send notifications more slowly, and check free internal heap", source: "nimble/host/ble_hs.h", isPool: true },
  bluetooth: { means: "the Bluetooth controller and host need internal memory (tens of KB) in one piece at start", next: "start Bluetooth before large allocations, release what is not used (esp_bt_mem_release), or use NimBLE; CONFIG_BT_ALLOCATION_FROM_SPIRAM_FIRST with PSRAM", source: "docs: Bluetooth, esp_bt.h" },
  task: { means: "a task's stack and control block (or a queue's storage) must lie in internal memory, in one piece", next: "lower stack sizes by uxTaskGetStackHighWaterMark(), create long-lived tasks early, or put stacks into PSRAM (xTaskCreateWithCaps)", source: "docs: FreeRTOS, xTaskCreate; errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY" },
  pthread: { means: "a thread's stack (CONFIG_PTHREAD_TASK_STACK_SIZE_DEFAULT, 3,072 B unless it is set) and control block must lie in internal memory, in one piece", next: "print the largest free block of internal memory there; let threads that are done with be joined or detached, and set a stack's size and place with esp_pthread_set_cfg()", source: "components/pthread; docs: POSIX threads" },
  lwip: { means: "lwIP found no memory for a packet buffer", next: "send less at once (check for ENOMEM and wait), lower TCP windows (CONFIG_LWIP_TCP_WND_DEFAULT), CONFIG_SPIRAM_TRY_ALLOCATE_WIFI_LWIP with PSRAM", source: "lwip/pbuf.h; docs: lwIP, memory optimisation" },
  enomem: { means: "errno 12 is ENOMEM: lwIP or the Wi-Fi driver had no buffer for this packet; it may pass when traffic is sent too fast", next: "wait and send again; if it lasts, look at free internal memory, the Wi-Fi TX buffers and the leak that eats them", source: "newlib errno.h; docs: lwIP, known limitations" },
  "esp-now": { means: "ESP-NOW's queue or the Wi-Fi driver's buffers were full: it is sent faster than it goes out", next: "send the next one after the send callback of the one before, and look at free internal memory if it lasts", source: "esp_now.h, ESP_ERR_ESPNOW_NO_MEM" },
  "chip-pool": { means: "the CHIP stack had no packet buffer, or no object of a kind of which there are only so many (handlers of subscriptions and commands, exchanges, sessions; error 0xb is CHIP_ERROR_NO_MEMORY): they come from the heap or from a pool, in internal memory and in one piece", next: "print the largest free block of internal memory there; release Bluetooth after commissioning, lower the numbers of sessions and fabrics, or put the stack's memory into PSRAM", source: "connectedhomeip: SystemPacketBuffer, CHIPError.h; esp-matter: RAM and flash optimisation" },
  "zephyr-net": { means: "Zephyr's network packets and buffers come from pools of a fixed number, and no longer from the heap", next: "raise CONFIG_NET_PKT_RX_COUNT/TX_COUNT and CONFIG_NET_BUF_RX_COUNT/TX_COUNT, and look with `net mem` whether they come back", source: "docs.zephyrproject.org: Network buffers", isPool: true },
  "zephyr-wifi": { means: "the Wi-Fi driver takes its buffers from Zephyr's system heap, or from its own one", next: "raise CONFIG_HEAP_MEM_POOL_SIZE, or lower the numbers of Wi-Fi buffers (CONFIG_ESP32_WIFI_DYNAMIC_RX_BUFFER_NUM)", source: "zephyr drivers/wifi/esp32" },
  "tensor-arena": { means: "TensorFlow Lite gives its tensors memory of one array, the arena, and not of the heap", next: "make the arena larger (kTensorArenaSize) by at least what is missing, until all fits, and print interpreter.arena_used_bytes() then", source: "tflite-micro: SingleArenaBufferAllocator", isPool: true },
  cjson: { means: "cJSON prints into one buffer, which it doubles when it is full: for a moment the old and the new one are needed, each in one piece", next: "print into a buffer of your own that is kept (cJSON_PrintPreallocated), or write the document piece by piece", source: "cJSON.c: ensure()" },
  "frame-buffer": { means: "a panel's frame buffer is wanted in one piece: width × height × bytes of a pixel, for each buffer", next: "put frame buffers into PSRAM (flags.fb_in_psram, or bounce buffers), use fewer of them, and allocate them first of all", source: "components/esp_lcd: esp_lcd_panel_rgb.h" },
  zboss: { means: "the assertion stands where ZBOSS hands out buffers of its own pool: it is empty, or a buffer was given back twice", next: "answer and report less at once, look for handlers that keep their buffer, and make the pool larger (esp_zb_io_buffer_size_set before esp_zb_init)", source: "esp-zigbee-sdk#304; esp_zigbee_core.h", isPool: true },
  openthread: { means: "OpenThread's messages come from a pool of buffers of a fixed number, which is empty (OT_ERROR_NO_BUFS)", next: "send less at once, look with `bufferinfo` on its command line at what holds the buffers, and raise CONFIG_OPENTHREAD_NUM_MESSAGE_BUFFERS, or put them into PSRAM (CONFIG_OPENTHREAD_PLATFORM_MSGPOOL_MANAGEMENT)", source: "openthread/error.h; docs: esp_openthread, Kconfig", isPool: true },
  enobufs: { means: "errno 105 is ENOBUFS: no buffer for this packet", next: "wait and send again; if it lasts, look at free internal memory and at the numbers of lwIP and Wi-Fi buffers", source: "newlib errno.h" },
  "no-mem": { means: "ESP_ERR_NO_MEM (0x101 = 257): a component could not get the memory it asked for", next: "print heap_caps_print_heap_info(MALLOC_CAP_INTERNAL) right before this call: most drivers need internal or DMA-capable memory, which free heap with PSRAM hides", source: "esp_err.h" },
  "memory-exhausted": { means: "a component's own check found no memory (ESP_MEM_CHECK, AUDIO_MEM_CHECK)", next: "print free and largest block of internal memory there, and look for what grows: an outbox or a queue that is never emptied is common", source: "components/mqtt, esp-adf audio_mem" },
  i2s: { means: "I2S wants its DMA buffers in internal DMA-capable memory", next: "fewer or shorter DMA buffers (dma_desc_num, dma_frame_num), and install the driver before other large users", source: "docs: I2S, dma_frame_num" },
  "micropython-os": { means: "ESP-IDF's own heap, which is another one than the interpreter's, had no memory for a driver or a socket: gc.mem_free() does not show it", next: "print esp32.idf_heap_info(esp32.HEAP_DATA) there, close sockets and deinit drivers that are done with, and give the interpreter less memory (gc_collect does not help here)", source: "docs.micropython.org: esp32.idf_heap_info", freeIsOf: "Where gc.mem_free() told it, that is of the interpreter's heap" },
  xs: { means: "XS keeps its objects (slots) and their data (chunks) in memory of a fixed size, which is full: what is free of the heap says nothing of it", next: "raise `creation` in the manifest (static, chunk, heap), keep fewer objects alive, and look at the instruments in xsbug for what grows", source: "Moddable SDK: manifest, creation; Moddable-OpenSource/moddable#382", isPool: true },
  nanoframework: { means: "nanoFramework's managed heap of a fixed size had no such run of blocks, even after a collection", next: "make large buffers once at start and keep them, read streams and resources in pieces, and use a firmware with PSRAM (its managed heap is larger)", source: "nanoFramework: Home#1208", isPool: true },
  espruino: { means: "Espruino's variables are blocks of a fixed number, and all are taken", next: "look at process.memory() and E.getSizeOf(global, 1) for what holds them; use typed arrays and flat strings for data, and keep code in flash", source: "espruino.com: Internals, performance", isPool: true },
  tinygo: { means: "TinyGo's garbage collector found no such run of blocks in its heap, even after a collection", next: "make slices once and use them again, look for what is kept alive in maps and globals, and print runtime.MemStats before it (HeapIdle, HeapInuse)", source: "tinygo.org: Heap allocation", isPool: true },
  wasm: { means: "a WASM module wants its linear memory in one piece of whole pages (64 KiB each), beside its own code: that is hard to have in internal memory", next: "build the module with fewer pages (--initial-memory, -z stack-size), put the runtime's memory into PSRAM, and give each instance back before the next (wasm_runtime_deinstantiate)", source: "wasm-micro-runtime: memory usage; wasm3#87" },
  toit: { means: "a process of Toit, or a driver that it calls, found no block even after a collection; the heap report names who holds what", next: "make drivers and buffers once and use them again (a device that is not closed keeps its memory), and look at the largest free block in the lines of the collector", source: "toitlang/toit#2900" },
  berry: { means: "Berry takes its objects from the heap, or from PSRAM where that is found; the line tells what it uses, not what it asked for", next: "look at `tasmota.memory()` and `gc.allocated()` before it, and for lists, maps and closures that grow with each call", source: "Tasmota: Berry; arendst/Tasmota#20807" },
  lua: { means: "the Lua interpreter could not grow a table or a string", next: "print node.heap() (NodeMCU) or collectgarbage('count') before it, call collectgarbage(), and keep code in flash (LFS)", source: "lua.org: LUA_ERRMEM; NodeMCU documentation" },
  "psram-missing": { title: "PSRAM was not found or did not start", means: "without PSRAM every request for it returns NULL, and what was meant for it goes to internal memory", next: "check that the module has PSRAM, and its mode and speed (CONFIG_SPIRAM_MODE_OCT or _QUAD; in Arduino the board's PSRAM setting: OPI or QSPI)", source: "components/esp_psram" },
  "mqtt-outbox": { means: "esp-mqtt keeps each message of QoS 1 and 2, and what is enqueued while offline, in its outbox until it is acknowledged or expires: the outbox itself is what fills the heap", next: "print esp_mqtt_client_get_outbox_size(), publish more slowly than the broker acknowledges, and set a limit (outbox.limit, CONFIG_MQTT_OUTBOX_EXPIRED_TIMEOUT_MS)", source: "components/mqtt, mqtt_outbox.c; esp-idf#14419" },
  "restarted-low": { title: "the program restarted itself because memory was low", means: "it watches free memory and gives up below a limit, so nothing failed yet: what fills memory is the fault", next: "find what grows until then: print free memory and the largest block with what the program does, or record with memmap's probe", source: "the line itself" },
  "refused-low": { title: "the program refused work because memory was low", means: "it checks free memory before it starts, so nothing failed yet", next: "print free memory and the largest block beside this line, and find what takes them", source: "the line itself" },
  "spi-dma": { means: "the SPI driver copies a buffer that DMA cannot reach (PSRAM, flash, not word-aligned) into DMA-capable internal memory, for each transfer", next: "allocate the buffer with MALLOC_CAP_DMA once, word-aligned, or send smaller pieces (max_transfer_sz, fewer lines of the display at a time)", source: "components/esp_driver_spi, setup_priv_desc" },
  sdmmc: { means: "the SD card driver copies through DMA-capable internal memory what DMA cannot reach or what is not aligned (buffers in PSRAM, parts of a sector), for each transfer", next: "print the largest free block of MALLOC_CAP_DMA there, read and write with a word-aligned buffer of MALLOC_CAP_DMA that is kept, and mount the card before the large users of internal memory", source: "components/sdmmc, sdmmc_cmd.c; docs: SDMMC host, DMA" },
  nuttx: { means: "NuttX's heap had no such piece: mm_malloc() gives NULL and the caller sees ENOMEM", next: "look at `free` (maxfree is the largest piece) and `memdump` on its shell, set CONFIG_MM_BACKTRACE, which keeps who holds each block, and lower stacks and buffers of what runs", source: "nuttx mm/mm_heap; Documentation: memory management" },
  ethernet: { means: "the Ethernet driver had no memory for a frame that came in: it wants about 1,500 bytes of DMA-capable internal memory for each, and drops the frame", next: "find what has taken internal memory; lower the number of receive buffers (CONFIG_ETH_DMA_RX_BUFFER_NUM), and restart the interface or the board if frames stay away", source: "components/esp_eth, esp_eth_mac_esp.c" },
  "esp-hosted": { means: "ESP-Hosted's driver wants DMA-capable internal memory for its buffers, in one piece, whatever is free of PSRAM", next: "print the largest free block of MALLOC_CAP_DMA before it, start ESP-Hosted before the large users of internal memory, and let it want less (SDIO packet mode instead of streaming, shorter queues in its Kconfig)", source: "esp-hosted-mcu: docs/sdio.md, memory usage" },
  zephyr: { means: "Zephyr's -12 is -ENOMEM: its kernel heap or pool is full", next: "raise CONFIG_HEAP_MEM_POOL_SIZE, or print sys_heap_runtime_stats_get()", source: "docs.zephyrproject.org: Memory Heaps" },
  generic: { means: "the program says that memory could not be had", next: "print size, capabilities, heap_caps_get_free_size(caps) and heap_caps_get_largest_free_block(caps) where it fails (heap_caps_register_failed_alloc_callback does it for all)", source: "docs: Heap Memory Allocation" },
}; // prettier-ignore

interface KnownSize {
  readonly from: number;
  readonly to: number;
  readonly means: string;
  readonly next?: string;
  readonly source: string;
  readonly isNetwork?: true;
}

/** Sizes of requests that people have learned to recognize. Two bounds, both included. */
const REQUESTS: readonly KnownSize[] = [
  { from: 16_405, to: 16_800, means: "a TLS record buffer of mbedTLS (16,384 B of content and its overhead)", next: "lower CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN (the server must agree to smaller records), use CONFIG_MBEDTLS_DYNAMIC_BUFFER or asymmetric content lengths, put mbedTLS into PSRAM, or connect early and keep the connection", source: "mbedtls ssl_misc.h, MBEDTLS_SSL_IN_BUFFER_LEN", isNetwork: true },
  { from: 4_352, to: 4_512, means: "a TLS record buffer of mbedTLS with a content length of 4,096 B", source: "mbedtls ssl_misc.h, MBEDTLS_SSL_OUT_BUFFER_LEN", isNetwork: true },
  { from: 2_300, to: 2_348, means: "the largest body of an 802.11 frame", source: "IEEE 802.11, maximum MSDU 2,304 B", isNetwork: true },
  { from: 1_500, to: 1_732, means: "a Wi-Fi or lwIP frame buffer: one Ethernet frame and its header", next: "find what holds internal memory: these buffers come and go with every packet and must be had in internal RAM", source: "docs: ESP-IDF Wi-Fi driver; lwIP PBUF_POOL_BUFSIZE", isNetwork: true },
  { from: 1_460, to: 1_460, means: "one TCP segment", source: "lwIP TCP_MSS", isNetwork: true },
  { from: 614_400, to: 614_400, means: "a frame of 640 × 480 pixels of 16 bits", source: "arithmetic" },
  { from: 307_200, to: 307_200, means: "a frame of 480 × 320 pixels of 16 bits, or of 640 × 480 grey ones", source: "arithmetic" },
  { from: 153_600, to: 153_600, means: "a frame of 320 × 240 pixels of 16 bits", source: "arithmetic" },
  { from: 115_200, to: 115_200, means: "a frame of 240 × 240 pixels of 16 bits", source: "arithmetic" },
  { from: 76_800, to: 76_800, means: "half a frame of 320 × 240 pixels of 16 bits", source: "arithmetic" },
  { from: 38_400, to: 38_400, means: "a frame of 160 × 120 pixels of 16 bits, or a quarter of 320 × 240", source: "arithmetic" },
]; // prettier-ignore

/** Sizes of objects that stay allocated. */
const OBJECTS: readonly KnownSize[] = [
  { from: 76, to: 88, means: "a FreeRTOS queue, semaphore or mutex (StaticQueue_t is 84 B)", source: "freertos/queue.h" },
  { from: 336, to: 388, means: "a FreeRTOS task's control block (StaticTask_t)", source: "freertos/FreeRTOS.h" },
  { from: 1_500, to: 1_732, means: "a Wi-Fi or lwIP frame buffer", source: "docs: ESP-IDF Wi-Fi driver" },
  { from: 4_320, to: 4_512, means: "a TLS record buffer of mbedTLS with a content length of 4,096 B", source: "mbedtls ssl_misc.h" },
  { from: 2_048, to: 2_048, means: "a small task's stack", source: "common stack sizes" },
  { from: 3_072, to: 3_072, means: "a task's stack", source: "common stack sizes" },
  { from: 4_096, to: 4_096, means: "a task's stack, or a buffer of a page", source: "common stack sizes" },
  { from: 8_192, to: 8_192, means: "a task's stack", source: "common stack sizes" },
  { from: 16_640, to: 16_800, means: "a TLS record buffer of mbedTLS", source: "mbedtls ssl_misc.h" },
]; // prettier-ignore

/** Who asks for no frames and no records of a network. */
const NO_NETWORK: ReadonlySet<string> = new Set(["lvgl", "camera", "micropython", "arduinojson", "lua", "i2s", "spi-dma", "task", "bluetooth", "nimble"]); // prettier-ignore

/** @param known who asked: a key of `knownFailures` */
export function knownRequest(size: number | undefined, known = "generic"): KnownSize | undefined {
  if (size === undefined) return undefined;
  return REQUESTS.find(
    ({ from, to, isNetwork }) => size >= from && size <= to && !(isNetwork && NO_NETWORK.has(known)),
  );
}

export function knownObject(size: number): KnownSize | undefined {
  return OBJECTS.find(({ from, to }) => size >= from && size <= to);
}

interface KnownAssertion {
  readonly pattern: RegExp;
  readonly proves: string;
  readonly next: string;
}

/** Assertions of the heap and of those who suffer from it, in the wordings of all generations. */
export const knownAssertions: readonly KnownAssertion[] = [
  { pattern: /unexpected heap state \(double-free/, proves: "the chunk that is freed is not in use by the heap's own list: freed before, or its header was overwritten", next: "look at the caller of k_free() or free() in the backtrace, and set the pointer to NULL where it is freed first; CONFIG_SYS_HEAP_VALIDATE checks the whole heap at each call" },
  { pattern: /corrupted heap bounds/, proves: "the chunk that is freed and its neighbour do not agree where one ends: a write past the end of it, or of the one before", next: "look at what is written into the block that the caller of k_free() or free() in the backtrace gives back; CONFIG_SYS_HEAP_VALIDATE checks the whole heap at each call" },
  { pattern: /already marked as free/, proves: "the block was free already: a double free, proven by its own header", next: "look at the caller of free in the backtrace, and set the pointer to NULL where it is freed first; memmap's probe tells both sites" },
  { pattern: /check_poison_block/, proves: "free() or realloc() was given a block that is free already: umm_malloc found it among its free ones", next: "look at who calls free(), delete or realloc() in the stack below, and at who else frees the same object; set a pointer to NULL where it is freed, and mind copies of objects that own memory" },
  { pattern: /umm_get_ptr_context/, proves: "the pointer that was freed or grown lies in none of umm_malloc's heaps: garbage from an overwritten or uninitialised variable, or of an object that was freed", next: "look at the caller of free(), delete or realloc() in the stack, and at where its pointer comes from" },
  { pattern: /__yield|umm_.*(?:isr|interrupt)/i, proves: "yield() or delay() was called where the program may not wait: in a callback of the network or of a timer, or in an interrupt; no fault of the heap", next: "let the callback only set a flag, and do the work in loop(): in the stack the call above yield() is the one to move" },
  { pattern: /umm_/, proves: "umm_malloc found its own lists broken: a write past the end of a block, or after its free", next: "build with -DUMM_POISON_CHECK, with which each call of the heap looks at all blocks: the first one that complains brackets the culprit" },
  { pattern: /outside heap areas/, proves: "the pointer that was freed lies in no heap: static data, a stack, or garbage from an overwritten or uninitialised variable", next: "look at the caller of free in the backtrace, and at where its pointer comes from" },
  { pattern: /block_size\(block\) >= \*?size|block_locate_free/, proves: "the free list led to a block that is too small: a header or a link in a free block was overwritten", next: FIND_WRITER },
  { pattern: /free list cannot have a null entry|prev_free field can ?not be null|next_free field can ?not be null/, proves: "the links inside a free block were overwritten: a write after free, or an overflow into free memory", next: FIND_WRITER },
  { pattern: /prev block is not free though marked as such|prev physical block can't be null|previous block can't be last|next block can't be null|block_(?:prev|next|merge)/, proves: "the header of a neighbouring block was overwritten: nearly always an overflow of the block before it", next: FIND_WRITER },
  { pattern: /block must be free/, proves: "a block changed its state while the heap used it: its header was overwritten, or two tasks use the heap without its lock", next: FIND_WRITER },
  { pattern: /head != NULL/, proves: "the canary before the block that is freed is damaged: the pointer is no live block (freed before, or never allocated), or the bytes before it were overwritten", next: "set CONFIG_HEAP_POISONING_COMPREHENSIVE: a head of 0xFEFEFEFE then proves a double free; look at the caller of free in the backtrace" },
  { pattern: /next > \(?intptr_t\)?\s*block|next_block|assert_valid_block|a < b|is_first_block|is_last_block|heap != NULL/, proves: "the chain of blocks is broken: a block's header was overwritten", next: FIND_WRITER },
  { pattern: /\bmm_\w+\.c\b/, proves: "NuttX's heap found a block whose header does not agree with its neighbours', or that is free already: a write past the end of a block, or a double free", next: "set CONFIG_DEBUG_MM and CONFIG_MM_FILL_ALLOCATIONS, and look at the caller of free() and at the block before it" },
  { pattern: /^obj (?:!= NULL|is NULL).*\(lv_/, proves: "a function of LVGL got an object that is NULL, and waits there for ever: it was never created, was deleted, or could not be made for lack of memory in LVGL's pool", next: "look at who calls it and at what created the object: check its result, and print lv_mem_monitor() before it" },
  { pattern: /\bheap_[1-5]\.c\b/, proves: "FreeRTOS's own heap stops at a block that is not marked as one in use, or at broken borders: freed twice, never allocated there, or its header was overwritten; also where its memory was used up or not yet given to it", next: "look at the caller of vPortFree() or pvPortMalloc() in the backtrace, and for a write past the end of the block before it; print xPortGetFreeHeapSize() before it" },
  { pattern: /Required to lock TCPIP core/, proves: "a function of lwIP was called from a task that does not hold its lock", next: "call it between LOCK_TCPIP_CORE() and UNLOCK_TCPIP_CORE() or in tcpip_callback(); of AsyncTCP and ESPAsyncWebServer take versions that do so (for Arduino core 3)" },
  { pattern: /esp_task_stack_is_sane_cache_disabled/, proves: "flash was to be read or written by a task whose stack lies in PSRAM, which cannot be reached meanwhile", next: "give that task a stack in internal memory (xTaskCreate() instead of a stack of MALLOC_CAP_SPIRAM), or let another task do what writes and reads flash (NVS, SPIFFS, LittleFS, OTA)" },
  { pattern: /Invalid mbox/, proves: "a function of lwIP was used before it was started", next: "start the network first (esp_netif_init(), WiFi.mode() or WiFi.begin()), and open sockets and servers after it" },
  { pattern: /\btcp(?:_in|_out)?\.c\b|\btcp_write: /, proves: "lwIP found one of its TCP connections in a state that cannot be: two tasks used it at once (functions of the raw API outside of lwIP's own task and without its lock, as old versions of AsyncTCP call them), or its memory was overwritten", next: "look at which task calls it in the backtrace: use sockets there, or call it between LOCK_TCPIP_CORE() and UNLOCK_TCPIP_CORE(); of AsyncTCP take a version that does so" },
  { pattern: /p->ref > 0/, proves: "a packet buffer of lwIP was freed twice, or its header was overwritten", next: "look at who frees the packet in the first frames besides lwIP: what was handed on must not be freed again" },
  { pattern: /result == core_id|SPINLOCK_FREE|spinlock_(?:acquire|release)|lock->count/, proves: "a spinlock holds what no lock holds: the queue, mutex, driver or heap that it is part of was freed, overwritten or never initialised", next: "look at whether the object that the caller locks was deleted before, and for an overflow of the block before it" },
  { pattern: /\bhost_recv_pkt_cb\b/, proves: "the Bluetooth host had no memory for a packet that came from the controller, and stops there: internal memory was used up or split up", next: "print free internal memory and its largest block before it, and find what takes them; let the other side send less at once (smaller buffers, fewer notifications), or put Bluetooth's memory into PSRAM (CONFIG_BT_ALLOCATION_FROM_SPIRAM_FIRST)" },
  { pattern: /^\(*\*?\w*buf\w*\)* \((?:sdio|spi|uart)_\w*\.c\b|\b(?:sdio|spi|uart)_(?:mempool_create|buffer_alloc)\b/, proves: "ESP-Hosted found no memory for its buffers: they must be DMA-capable internal memory, in one piece, whatever is free of PSRAM", next: "print the largest free block of MALLOC_CAP_DMA before it, start ESP-Hosted before the large users of internal memory, and let it want less (SDIO packet mode instead of streaming, shorter queues in its Kconfig)" },
  { pattern: /^a check of the Bluetooth controller, which had no memory/, proves: "the first value is 0xF2F2F2F2, with which the Bluetooth controller resets itself where it can have no memory (RESET_MEM_ALLOC_FAIL): here for what it received or is to send; it waits there until a watchdog bites", next: "print free internal memory and its largest block while Bluetooth is busy, and find what takes them; send and be notified more slowly, let what is received be taken at once, and scan with fewer results at a time" },
  { pattern: /^a check of the Bluetooth controller/, proves: "the Bluetooth controller stopped itself at a check of its own and waits there until a watchdog bites: it had no memory, or its own data were overwritten", next: "look at what it said right before (`BLE_INIT: Malloc failed`: keep more internal memory free before Bluetooth is started); if it said nothing, look for an overflow, and for flash that is written while the radio runs" },
  { pattern: /pxTCB == pxCurrentTCB/, proves: "a mutex was given back by another task than the one that took it", next: "give it where it was taken; for signals between tasks use a binary semaphore or a notification" },
  { pattern: /uxSchedulerSuspended|xTaskGetSchedulerState/, proves: "a function that waits was called while the scheduler stood still (vTaskSuspendAll(), before it was started, or in a critical section)", next: "wait outside of it; nothing here is a fault of the heap" },
  { pattern: /xTaskToNotify|\bxTaskGenericNotify\w*$|^\(?\s*(?:pxTCB|xTask)\b/, proves: "a task's handle was NULL or no task's: it could not be created, perhaps for lack of memory, or was deleted", next: "check what xTaskCreate() returned, and set the handle to NULL where the task is deleted" },
  { pattern: /^Allocated\(\) == 0/, proves: "objects of a pool were still in use when Matter took it down: somebody has not given them back", next: "look at which pool it is in the backtrace, and at who takes from it and is not stopped before the stack" },
  { pattern: /uxItemSize == 0/, proves: "what the handle leads to is no semaphore or mutex: a queue of items was taken for one, or the semaphore was deleted or overwritten", next: "look at which handle the caller takes, at who deletes it, and for an overflow of the block before it" },
  { pattern: /xMutexHolder/, proves: "a mutex was given back by another task than the one that holds it, or by one that never took it", next: "give it where it was taken: of buses each endTransaction() needs the beginTransaction() of the same task; for signals between tasks use a binary semaphore or a notification" },
  { pattern: /^\(?(?:om|os_?mbuf|txom|rxom)\b/, proves: "NimBLE found no mbuf for a packet: its pool is empty, or memory was used up", next: "raise CONFIG_BT_NIMBLE_MSYS_1_BLOCK_COUNT, send notifications more slowly than they go out, and print free internal memory beside it" },
  { pattern: /^[\w:<>,* ]*(?:::|_|\b)(?:[cm]|re)?alloc(?:ate\w*)?(?:\(.*\))?$/i, proves: "a function that allocates found no memory, and checks that with an assertion", next: "print free heap and the largest block before it, and find what takes them; let it return NULL where its callers can go on without" },
  { pattern: /lock_init_generic|locks\.c/, proves: "the C library could not create a lock (an 84-byte FreeRTOS mutex): there was no internal memory left at all", next: "print free internal memory and its largest block before this place, and find what has taken them: even 84 B could not be had" },
  { pattern: /^\(?\s*pxQueue|pxMutex|xSemaphore|xQueue|pxEventBits|xEventGroup|xTimer|pxTimer|pvItemToQueue/, proves: "a queue, mutex or timer was used whose handle is NULL or whose memory was overwritten: creation may have failed for lack of memory", next: "check what its create function returned; if it was not NULL, look for an overflow of the block before it" },
  { pattern: /^\(*\w[\w.>[\]-]* != (?:NULL|nullptr)\b|^\(*(?:NULL|nullptr) != |^\(*(?:\*\w+|\w*(?:buf|ptr|mem|pool|mp_g|handle|hdl|queue|pkt|node)\w*)\)*(?: \(|$)/i, proves: "a pointer was NULL: what should have made it gave none, perhaps for lack of memory, or it was never set; nothing here proves a fault of the heap", next: "look at where it comes from, and check there what its create function or malloc() gave; print free internal memory before it" },
]; // prettier-ignore

interface KnownReason {
  readonly pattern: RegExp;
  readonly title?: string;
  readonly means: string;
  readonly next: string;
}

/** Reasons of panics that say by themselves what to look at. */
export const knownReasons: readonly KnownReason[] = [
  { pattern: /Cache disabled but cached memory/i, means: "an interrupt or a callback used code or data in flash or PSRAM while flash was written, when neither can be read", next: "Put the handler and what it calls into IRAM (IRAM_ATTR, CONFIG_…_ISR_IRAM_SAFE) and its data into internal memory (DRAM_ATTR, MALLOC_CAP_INTERNAL)" },
  { pattern: /^Watchpoint \d/, title: "a watchpoint that the program or a debugger had set was hit", means: "the first frame made the access itself: it is the culprit of what the watchpoint was set for, unless it is the heap filling or checking the block", next: "Look at what the first frame writes there; if it is the heap's own access, set the watchpoint later or on fewer bytes" },
  { pattern: /Double exception/i, means: "a second exception came while the first was handled: nearly always a stack that has overflowed or a stack pointer that was overwritten", next: "Give the running task a larger stack, print uxTaskGetStackHighWaterMark(), and set CONFIG_FREERTOS_WATCHPOINT_END_OF_STACK" },
  { pattern: /^exception 0$/, means: "exception 0 is an illegal instruction: flash that was read wrongly or is not whole, a call through a pointer that was overwritten, or a trap that the compiler has put where the program must not come (a function that returns nothing, a NULL pointer that it has seen)", next: "Decode epc1 (`--elf build/APP.elf`): where code is right there, write the image again and check the flash mode; otherwise look for an overflow beside the object that holds the pointer" },
  { pattern: /^exception (?:2|20)$/, means: "it jumped to where no code is: through a function pointer or a virtual table of an object that was freed, overwritten or never filled, or back to a return address that was overwritten", next: "Decode the first addresses of code on the stack (0x402…; `--elf build/APP.elf`): they lead to who made the call; look there at who frees or fills the object that holds the pointer (callbacks of clients and timers that are gone)" },
  { pattern: /^exception 3$/, means: "exception 3 is a byte or half a word taken from memory that takes whole words only: flash (a string in PROGMEM or F() that is used as if it were in RAM), IRAM or the ROM, or a pointer that is garbage", next: "Decode epc1 (`--elf build/APP.elf`): read data in flash with pgm_read_byte(), memcpy_P() and the like; where the pointer should lead to RAM look for what overwrote it" },
  { pattern: /^exception 4$/, means: "exception 4 is an interrupt of level 1: nearly always the watchdog, because loop(), a callback or an interrupt took too long without yield()", next: "Decode epc1 and the stack (`--elf build/APP.elf`): the first function of the program's there is what takes long; call yield() or delay(0) in it" },
  { pattern: /^exception 6$/, means: "exception 6 is a division by zero", next: "Decode epc1 (`--elf build/APP.elf`) and look at what is divided by there" },
  { pattern: /^exception 9$/, means: "exception 9 is an access to a word that is not aligned: a cast of a byte buffer, or a pointer that was overwritten", next: "Decode epc1 (`--elf build/APP.elf`): copy with memcpy where bytes are read as words; if the pointer should have been aligned, look for what overwrote it" },
  { pattern: /LoadStoreError/i, means: "memory was accessed that takes whole 32-bit words only, such as IRAM, by byte or unaligned", next: "Ask for MALLOC_CAP_8BIT where bytes are stored: MALLOC_CAP_32BIT or MALLOC_CAP_EXEC alone may give IRAM" },
  { pattern: /LoadStoreAlignment|address misaligned/i, means: "a pointer to a word was not aligned: a cast of a byte buffer, or a pointer that was overwritten", next: "Decode the first frame (`--elf build/APP.elf`): copy with memcpy where bytes are read as words; if the pointer should have been aligned, look for what overwrote it" },
  { pattern: /IllegalInstruction|Illegal instruction/i, means: "the processor ran into what is no code: a task function that returned, a missing return in C++, or a function pointer or return address that was overwritten", next: "Decode the backtrace (`--elf build/APP.elf`): a task must end in vTaskDelete(NULL); otherwise look for an overflow on the stack or beside the object that holds the pointer" },
  { pattern: /InstrFetchProhibited|Instruction access fault/i, means: "it jumped to where no code is: through a function pointer or a virtual table of an object that was freed, overwritten or never filled", next: "Decode the second frame (`--elf build/APP.elf`), which made the call, and look at who frees or fills the object that holds the pointer" },
  { pattern: /Memory protection fault/i, means: "the chip's memory protection stopped an access that this memory does not allow: code that runs from data memory (a function pointer or a return address that leads into data, code that was loaded at run time), or a write to code", next: "Look at the program counter: where it lies in data memory, who called it (RA, or A0) is the culprit; code that is loaded at run time needs MALLOC_CAP_EXEC and CONFIG_ESP_SYSTEM_MEMPROT_FEATURE=n" },
  { pattern: /Coprocessor exception/i, means: "floating point was used in an interrupt, whose handlers may not touch the FPU's registers", next: "Compute with integers in the handler, or let a task do it" },
  { pattern: /^undefined behavior: /i, means: "UBSan stopped it at the place itself: what the type names (out_of_bounds is an index beyond its array, type_mismatch a pointer that is NULL or not aligned) happens in the frame below its handler", next: "Decode the address (`--elf build/APP.elf`): the first frame that is no handler of UBSan (__ubsan_…) is the culprit" },
  { pattern: /Brownout detector/i, title: "the chip was reset by its brownout detector", means: "the supply voltage fell too low, often when the radio or a motor starts: no fault of memory", next: "Use a stronger supply, shorter wires and a capacitor at the module" },
]; // prettier-ignore

interface StackSetting {
  readonly tasks: RegExp;
  /** What sets the size of its stack. */
  readonly by: string;
  /** What runs on it that is the program's. */
  readonly runs: string;
}

/** Tasks that the system starts: a program does not create them, but its callbacks run there. */
const STACK_SETTINGS: readonly StackSetting[] = [
  { tasks: /^sys_evt$/, by: "CONFIG_ESP_SYSTEM_EVENT_TASK_STACK_SIZE", runs: "handlers of the default event loop run there (Wi-Fi, IP and other events); let them hand long work to a task of its own" },
  { tasks: /^arduino_events$/, by: "ARDUINO_NETWORK_EVENT_TASK_STACK_SIZE", runs: "handlers of WiFi.onEvent() run there; let them set a flag" },
  { tasks: /^Tmr ?Svc$/i, by: "CONFIG_FREERTOS_TIMER_TASK_STACK_DEPTH", runs: "callbacks of FreeRTOS's timers run there; let them notify a task" },
  { tasks: /^esp_timer$/, by: "CONFIG_ESP_TIMER_TASK_STACK_SIZE", runs: "callbacks of esp_timer run there (Arduino's Ticker too); let them notify a task" },
  { tasks: /^main$/, by: "CONFIG_ESP_MAIN_TASK_STACK_SIZE", runs: "app_main() runs there; large arrays belong into static memory or on the heap" },
  { tasks: /^loopTask$/, by: "SET_LOOP_TASK_STACK_SIZE() in the sketch", runs: "setup() and loop() run there; large arrays belong into static memory or on the heap" },
  { tasks: /^nimble_host$/, by: "CONFIG_BT_NIMBLE_HOST_TASK_STACK_SIZE", runs: "NimBLE's callbacks run there; let them notify a task" },
  { tasks: /^bt[cu](?:_task|t)$/i, by: "CONFIG_BT_BTC_TASK_STACK_SIZE or CONFIG_BT_BTU_TASK_STACK_SIZE", runs: "Bluedroid's callbacks run there; let them notify a task" },
  { tasks: /^tiT$|^tcpip_thread$/, by: "CONFIG_LWIP_TCPIP_TASK_STACK_SIZE", runs: "callbacks of lwIP run there" },
  { tasks: /^async_tcp$/, by: "CONFIG_ASYNC_TCP_STACK_SIZE", runs: "handlers of AsyncTCP and ESPAsyncWebServer run there; let them set a flag for loop()" },
  { tasks: /^httpd$/, by: "stack_size of its httpd_config_t", runs: "handlers of URIs run there; large buffers belong on the heap" },
  { tasks: /^mqtt_task$/, by: "task.stack_size of its configuration or CONFIG_MQTT_TASK_STACK_SIZE", runs: "the handler of MQTT's events runs there" },
  { tasks: /^ipc\d$/, by: "CONFIG_ESP_IPC_TASK_STACK_SIZE", runs: "what esp_ipc_call() hands to the other core runs there" },
  { tasks: /^IDLE\d?$/, by: "CONFIG_FREERTOS_IDLE_TASK_STACKSIZE", runs: "idle hooks, and destructors of thread-local objects, run there" },
  { tasks: /^pthread$/, by: "esp_pthread_set_cfg() or CONFIG_PTHREAD_TASK_STACK_SIZE_DEFAULT", runs: "std::thread and pthread_create() start it; large arrays belong on the heap" },
]; // prettier-ignore

export function stackSetting(task: string): StackSetting | undefined {
  return STACK_SETTINGS.find(({ tasks }) => tasks.test(task));
}

/** Of these the first own one is not far. */
const FIRST_CALLS = 3;

interface KnownCall {
  readonly calls: RegExp;
  /** Only of what they abort themselves: a crash in them has other reasons. */
  readonly isAbort?: true;
  /** Only of an access through a wrong address. */
  readonly isAccess?: true;
  readonly means: string;
  readonly next: string;
}

/** Functions whose standing in the first calls says why the program stopped. */
const KNOWN_CALLS: readonly KnownCall[] = [
  { calls: /^lock_init_generic$/, isAbort: true, means: "The C library could not create a lock (an 84-byte FreeRTOS mutex): there was no internal memory left at all", next: "Print free internal memory and its largest block before this place, and find what has taken it" },
  { calls: /^(?:_?lock_acquire\w*|__retarget_lock_acquire\w*)$/, isAbort: true, means: "A lock of the C library was taken where nobody may wait, in an interrupt or a critical section: printf(), malloc() and ESP_LOGx() take one; no fault of the heap", next: "Do in the handler only what may be done there: set a flag or notify a task with a function …FromISR(); for text there are esp_rom_printf() and ESP_DRAM_LOGx()" },
  { calls: /^vPortAssertIfInISR$/, isAbort: true, means: "A function of FreeRTOS that may wait was called in an interrupt; no fault of the heap", next: "Call its form …FromISR() there, or hand the work to a task" },
  { calls: /^(?:uxListRemove|vListInsert(?:End)?|(?:prv|x)TaskRemoveFromEventList|xTaskRemoveFromUnorderedEventList)$/, isAccess: true, means: "FreeRTOS followed one of its own lists (of tasks that are ready or wait) and met a link that is broken: what the list belongs to (a queue, a mutex, a timer, a task) was deleted, overwritten or never initialised", next: "Look at which queue, semaphore or timer the calls above it use, at who deletes it, and for an overflow of the block before it; with CONFIG_HEAP_POISONING_COMPREHENSIVE an object that was freed reads 0xFEFEFEFE" },
  { calls: /^xQueue(?:Generic(?:Receive|Send)|SemaphoreTake|TakeMutexRecursive|GiveMutexRecursive|Receive|Peek)$/, isAbort: true, means: "A check of FreeRTOS's queues failed: the handle of a queue, semaphore or mutex was NULL (not created yet, perhaps for lack of memory, or deleted), or it was waited for where nobody may wait: in an interrupt, or while the scheduler stands still", next: "Look at the first frame that is yours: if an interrupt or a timer calls it, let it notify a task that does the work; if not, check what the create function returned" },
  { calls: /^prvTaskExitError$/, means: "A task's function returned, which it may not: prvTaskExitError is where it comes to then", next: "End the task's function with vTaskDelete(NULL), or let it loop for ever" },
  { calls: /(?:^|::)(?:__rust_start_panic|rust_panic\w*|rust_begin_unwind)(?:::|$)/, means: "A panic of Rust ended here: its message stands in the lines before", next: "Look at the place that the message names (“panicked at”), and at who calls it with what it refuses" },
]; // prettier-ignore

/** @param names innermost first */
export function knownCall(names: readonly string[], hasAborted: boolean, isAccess: boolean): KnownCall | undefined {
  const first = names.slice(0, FIRST_CALLS);
  return KNOWN_CALLS.find(
    ({ calls, isAbort, isAccess: isOfAccess }) =>
      (hasAborted || isAbort !== true) && (isAccess || isOfAccess !== true) && first.some((name) => calls.test(name)),
  );
}
