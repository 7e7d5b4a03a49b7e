// Requests that the heap refused, in the wordings of ESP-IDF, its components, Arduino, ESP8266 and what people build on them. One entry a
// wording; the first that matches is it. What is known about each (`known`) stands in src/detect/log/knowledge.ts.

import { LANGUAGE_WORDINGS } from "./language-wordings.ts";
import type { Wording } from "./wording.ts";

/** Named groups: size, hexsize, caps, fn, free, largest, what (the component in the line's own words). */
export const WORDINGS: readonly Wording[] = [
  { known: "abort-on-failure", pattern: /Mem alloc fail\. size 0x(?<hexsize>[0-9a-f]+) caps (?<caps>0x[0-9a-f]+)/i },
  {
    known: "callback",
    pattern:
      /\balloc(?:ation)?[ _]fail(?:ed|ure)?\W{0,3}size\W{0,2}(?:0x(?<hexsize>[0-9a-f]+)|(?<size>\d+)),? (?:caps\W{0,2}(?<caps>0x[0-9a-f]+),? )?func(?:tion)?\W{0,2}(?<fn>\w+)/i,
  },
  {
    known: "callback",
    pattern: /(?<fn>\w+) was called but failed to allocate (?<size>\d+) bytes with (?<caps>0x[0-9a-f]+) capabilities/i,
  },
  {
    known: "wifi-eb",
    component: "Wi-Fi driver",
    pattern: /alloc eb len=(?<len>\d+) type=\d+ fail(?:, heap:(?<free>\d+))?/,
  },
  {
    known: "wifi-eb",
    component: "Wi-Fi driver",
    pattern: /^m f (?:probe|null|auth|assoc|beacon|action|deauth|disassoc|arp|qos)/,
    isEcho: true,
  },
  { known: "wifi-pool", component: "Wi-Fi driver", pattern: /\besf_buf:.*\bmax:\d+, alloc:\d+ no eb\b/ },
  { known: "wifi-eb", component: "Wi-Fi driver", pattern: /\besf_buf:.*\bno eb\b|\bno more esf_buf\b/ },
  {
    known: "wifi-init",
    component: "Wi-Fi driver",
    pattern: /Expected to init \d+ (?:rx|tx|static rx|static tx) buffer, actual is \d+/i,
  },
  {
    known: "wifi-init",
    component: "Wi-Fi driver",
    pattern: /phy_?init.*(?:failed to allocate|no mem)|failed to allocate memory for RF calibration/i,
  },
  {
    known: "wifi-eb",
    component: "Wi-Fi driver",
    tag: /^wifi/i,
    pattern: /\b(?:malloc|alloc|mem(?:ory)?)\b.*\bfail|no mem|\bmem fail/i,
  },
  {
    known: "wifi-heap",
    component: "Wi-Fi driver",
    pattern: /\bwifi_(?:zalloc|[mc]alloc|realloc)(?:_internal)?: no mem\w*/,
  },
  { known: "wifi-heap", component: "Wi-Fi driver", tag: /^wifi$/i, pattern: /\bout of mem/i },
  { known: "generic", component: "Wi-Fi driver", tag: /^wifi$/i, pattern: /\bfail\w* to alloc\w*/i },
  { known: "tls-dynamic", component: "mbedTLS", tag: /^Dynamic Impl/, pattern: /alloc\((?<size>\d+) bytes\) failed/ },
  { known: "tls-dynamic", component: "mbedTLS", pattern: /Dynamic Impl: ?alloc\((?<size>\d+) bytes\) failed/ },
  {
    known: "aes",
    component: "AES driver",
    tag: /^esp-(?:aes|gcm|sha|aes-gcm)/i,
    pattern: /fail\w* to alloc\w*|no mem|alloc\w* fail/i,
  },
  { known: "aes", component: "AES driver", pattern: /\besp-aes(?:-gcm)?:.*(?:fail\w* to alloc\w*|no mem)/i },
  {
    known: "mbedtls",
    component: "mbedTLS",
    pattern: /-0x7f00\b|-32512\b|SSL - Memory allocation failed/i,
    isEcho: true,
  },
  {
    known: "mbedtls",
    component: "mbedTLS",
    pattern:
      /\b(?:BIGNUM|X509|PK|ASN1|CIPHER|MD|ECP|DHM|PEM|CCM|GCM|RSA|PKCS\d*|HMAC_DRBG|CTR_DRBG) - (?:Memory allocation failed|Failed to allocate memory|Allocation of memory failed)/i,
    isEcho: true,
  },
  {
    known: "mbedtls",
    component: "mbedTLS",
    behind: /mbedtls|ssl|tls|x509|pk_|mpi|handshake|crt|rsa|ecp/i,
    pattern:
      /(?:returned|error|ret|failed|code|=|:)[^-\d]{0,60}(?:-0x(?:0{0,2}10|3f80|2880|1180|6180|5180|4d80|0{0,2}6a|3400|[1-7][0-9a-f](?:[19]0|[6e]a))\b|-(?:16|16256|10368|4480|24960|20864|19840|106|13312)\b|PSA_ERROR_INSUFFICIENT_MEMORY)/i,
    isEcho: true,
  },
  {
    known: "arduinojson",
    component: "ArduinoJson",
    behind: /deserializ|JSON/i,
    pattern: /\bNoMemory\b/i,
  },
  { known: "esp8266-oom", component: "umm_malloc", pattern: /:oom\((?<size>\d+)\)@(?<what>\S+)/ },
  {
    known: "esp8266-oom",
    component: "umm_malloc",
    pattern: /last failed alloc call(?:er)?: ?(?:0x)?(?<caller>[0-9a-f]{8}) ?\((?<size>\d+)\)/i,
  },
  { known: "esp8266-em", component: "the SDK", pattern: /^E:M (?<size>\d+)\b/ },
  {
    known: "bad-alloc",
    component: "C++ new",
    pattern: /^what\(\): +(?:std::bad_alloc|Cannot allocate memory|Resource temporarily unavailable)/,
    isEcho: true,
  },
  {
    known: "bad-alloc",
    component: "C++ new",
    pattern: /std::bad_alloc|bad_array_new_length|Unhandled C\+\+ exception: OOM/,
  },
  ...LANGUAGE_WORDINGS,
  { known: "psram-missing", component: "PSRAM", tag: /^psram(?::\d+)?$/, pattern: /^\s*Available: NO\b/ },
  {
    known: "psram-missing",
    component: "PSRAM",
    pattern:
      /PSRAM ID read error|PSRAM (?:chip )?not found(?!,? *(?:using|falling|input)\w*\b)|\brequires PSRAM\b|PSRAM enabled but initialization failed|SPI RAM enabled but initialization failed|Failed to init (?:external|SPI) RAM|PSRAM init(?:ialization)? failed|psram(?:Found|Init)\(\).*(?:false|failed)/i,
  },
  {
    known: "lvgl",
    component: "LVGL",
    pattern:
      /\blv_\w*(?:alloc|create)\w*\b.*(?:\bno mem\w*|\bout of mem\w*|allocate memory)(?:.*?\b(?<size>\d+) ?bytes?\b)?/i,
  },
  {
    known: "lvgl",
    component: "LVGL",
    pattern:
      /lv_(?:mem_alloc|malloc|mem_realloc|realloc)\w*.*could ?n[o']t allocate memory(?: \((?<size>\d+) bytes\))?/i,
  },
  {
    known: "lvgl",
    component: "LVGL",
    pattern:
      /\blv_\w+: (?:.* )?(?:out of memory|could ?n[o']t (?:allocate|create|alloc))|(?:out of memory|could ?n[o']t allocate).*\blv_\w+\.c\b/i,
  },
  { known: "lvgl", component: "LVGL", pattern: /\blv_\w+: .*\balloc\w*\b.*\bfail/i },
  { known: "lvgl", component: "LVGL", pattern: /Asserted at expression: .*(?:Out of memory|NULL_MEM|mem != NULL)/i },
  {
    known: "camera",
    component: "camera driver",
    pattern: /frame buffer malloc failed|failed to allocate frame buffer|fb_malloc|allocating .*frame buffer.* failed/i,
  },
  {
    known: "camera",
    component: "camera driver",
    tag: /^(?:camera|cam_hal|esp32-camera|s3 ll_cam)/i,
    pattern: /malloc.*fail|fail\w* to alloc\w*|no mem/i,
  },
  {
    known: "mqtt-outbox",
    component: "MQTT outbox",
    pattern: /\besp_mqtt_client_(?:enqueue|publish)\w*(?:\(\d+\))?: .*(?:memory exhausted|no mem)/i,
  },
  {
    known: "mqtt-outbox",
    component: "MQTT outbox",
    pattern: /\boutbox_\w+\(\d+\): (?:Memory exhausted|.*no mem)|\boutbox\b.*(?:memory exhausted|no memory)/i,
  },
  {
    known: "mqtt-outbox",
    component: "MQTT outbox",
    tag: /^outbox/i,
    pattern: /memory exhausted|no mem|fail\w* to alloc/i,
  },
  {
    known: "refused-low",
    pattern:
      /(?:fail\w*|refus\w*|reject\w*|skip\w*|not allocated|dropp?\w*|abort\w*|bail\w*)\b.{0,40}\b(?:low|insufficient|not enough) (?:on )?(?:free )?(?:memory|heap|ram)\b|\b(?:heap|memory|ram|mem) (?:is )?(?:too |very )?low\b.{0,80}\b(?:skip\w*|refus\w*|reject\w*|dropp?\w*|deferr?\w*|postpon\w*|abort\w*|not \w+ing)\b/i,
  },
  {
    known: "restarted-low",
    pattern:
      /^(?!.*\b(?:if|when|would|no|not|will)\b).*\b(?:heap|memory|ram|mem)\b(?:.{0,60}?\b(?:too |very |critically )?(?:low|below|under|less than|exhausted)\b|.{0,24}<).{0,60}\b(?:re-?boot|re-?start|reset)(?:ing|ed|s)?\b|^(?!.*\b(?:if|when|would|no|not|will)\b).*\b(?:re-?boot|re-?start|resett?)(?:ing|ed)?\b.{0,40}\b(?:low|little|out of|not enough|insufficient|exhausted)\b.{0,24}\b(?:heap|memory|ram|mem)\b/i,
  },
  {
    known: "tensor-arena",
    component: "TensorFlow Lite's arena",
    pattern:
      /(?:Failed to allocate (?:\w+ )?memory\. Requested:|Arena size is too small for all buffers\. Needed) (?<size>\d+)(?:, available| but only) (?<free>\d+)\b/i,
  },
  {
    known: "tensor-arena",
    component: "TensorFlow Lite's arena",
    pattern: /Failed to allocate memory for (?:context->)?\w+, (?<size>\d+) bytes required|AllocateTensors\(\) failed/i,
    isEcho: true,
  },
  {
    known: "frame-buffer",
    component: "LCD driver",
    tag: /^(?:esp_)?lcd[_.]|^mipi|^dsi/i,
    pattern: /\bno mem\w* for (?:\w+ )*frame ?buffers?|\balloc\w* (?:\w+ )*frame ?buffers? fail/i,
  },
  {
    known: "spi-dma",
    component: "SPI driver",
    tag: /^(?:spi_master|spi_slave|lcd_panel|panel_io)/i,
    pattern: /fail\w* to alloc\w*|no mem|alloc\w* fail\w*|not enough memory/i,
  },
  {
    known: "sdmmc",
    component: "SD card driver",
    tag: /^(?:sdmmc|sdspi|diskio_sd|vfs_fat_sd)/i,
    pattern: /fail\w* to alloc\w*|no mem|alloc\w* fail\w*|not enough mem\w*/i,
  },
  {
    known: "esp-hosted",
    component: "ESP-Hosted",
    tag: /^(?:HS_MP|H_\w+|(?:sdio|spi)_wrapper|os_wrapper_esp|rpc_\w+)$/,
    pattern: /\bno mem\w*|fail\w* to alloc\w*|alloc\w* fail\w*/i,
  },
  {
    known: "ethernet",
    component: "Ethernet driver",
    tag: /^(?:emac|esp_eth|esp\.emac|w5[15]00)/i,
    pattern: /\bno mem\w*|fail\w* to alloc\w*|alloc\w* fail\w*/i,
  },
  {
    known: "spi-dma",
    component: "SPI driver",
    pattern: /\bsetup_(?:priv_desc|dma_priv_buffer)\(\d+\): .*(?:alloc|no mem)/i,
  },
  {
    known: "nimble",
    component: "NimBLE",
    pattern:
      /BLE_HS_ENOMEM|BLE_ERR_MEM_CAPACITY|os_mbuf\w*.*(?:fail|NULL)|\bmbufs?\b.*(?:exhaust|alloc\w* fail)|\b(?:fail\w*|unable|could ?n[o']t|cannot) (?:to )?(?:alloc\w*|get) (?:an? )?(?:os_)?mbufs?\b|\b(?:no|out of)(?: \w+)? mbufs?\b|(?:ble|nimble|gatt|gap)\w*.*\b(?:rc|status|error)\s*[=:]\s*6\b/i,
  },
  {
    known: "nimble",
    component: "NimBLE",
    tag: /ble|gatt|\bgap\b/i,
    pattern: /\b(?:rc|status|error|err)\s*[=:]\s*6\b/i,
  },
  {
    known: "bluetooth",
    component: "Bluetooth",
    tag: /^(?:BT|BLE|hci|bt_)/i,
    pattern: /\b(?:no|out of) mem|malloc.*fail|alloc\w* fail|fail\w* to alloc\w*|ESP_ERR_NO_MEM|osi_(?:m|c)alloc/i,
  },
  {
    known: "bluetooth",
    component: "Bluetooth",
    pattern: /osi_(?:malloc|calloc)\w*.*fail|esp_bt_controller_init.*ESP_ERR_NO_MEM|controller init failed.*NO_MEM/i,
  },
  {
    known: "bluetooth",
    component: "Bluetooth",
    tag: /(?:^|[_-])(?:bt|ble|bluetooth|nimble)(?:[_-]|$)/i,
    behind: /\bcontroller\b/i,
    pattern: /\b(?:257|0x101|ESP_ERR_NO_MEM)\b/i,
    isEcho: true,
  },
  {
    known: "bluetooth",
    component: "Bluetooth",
    behind: /(?:\b|_)(?:bt|ble|bluetooth)[ _]controller\w*\b/i,
    pattern: /\b(?:257|0x101|ESP_ERR_NO_MEM)\b/i,
    isEcho: true,
  },
  { known: "pthread", component: "pthread", tag: /^pthread$/, pattern: /fail\w* to create task|fail\w* to alloc\w*/i },
  {
    known: "task",
    component: "FreeRTOS",
    pattern:
      /(?:fail\w*|unable|could ?n[o']t|cannot|can't|error)(?: to)? (?:creat\w+|start\w*|launch\w*|spawn\w*|allocat\w+)(?: (?:the|a|an))? ?(?<what>[\w.'" -]{0,40}?)(?:\b|_)(?:task|thread|queue|semaphore|mutex|event ?group|timer)\b(?! handle)|\b(?:xTaskCreate\w*|xQueueCreate\w*|xSemaphoreCreate\w*|pthread_create|task create|task creation)\b.*(?:fail|NULL|error|ENOMEM|-1\b)|errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY/i,
  },
  {
    known: "lwip",
    component: "lwIP",
    pattern:
      /\bpppos_input_tcpip failed with -1\b|\bpbuf\w*.*(?:fail|NULL|no mem|out of mem)|\bERR_MEM\b|memp_malloc: out of memory|mem_malloc: could not allocate/i,
  },
  { known: "zboss", component: "the Zigbee stack", pattern: /Zigbee stack assertion failed \S*\bzb_bufpool/ },
  { known: "openthread", component: "OpenThread", pattern: /\bNoBufs\b|\bOT_ERROR_NO_BUFS\b/ },
  {
    known: "enomem",
    component: "sockets",
    pattern:
      /\berrno\s*[:=]?\s*\(?12\b|\berrno (?:was )?12\b|\bENOMEM\b|\b(?:errno|socket|sock|send\w*|recv\w*|connect\w*|accept|bind|listen|write|read)\b.*(?:Not enough space|Cannot allocate memory)\b/,
  },
  { known: "enobufs", component: "sockets", pattern: /\berrno\s*[:=]?\s*105\b|\bENOBUFS\b|No buffer space available/ },
  {
    known: "esp-now",
    component: "ESP-NOW",
    pattern: /\bESP_ERR_ESPNOW_NO_MEM\b|\besp_?now\w*\b.*(?:\b0x3067\b|\b12391\b)/i,
  },
  { known: "no-mem", pattern: /\bESP_ERR_(?:[A-Z0-9]+_){0,4}(?:NO_MEM(?:ORY)?|ALLOC_MEM)\b/, isEcho: true },
  {
    known: "chip-pool",
    component: "Matter (CHIP)",
    pattern: /\bPacketBuffer: (?:pool EMPTY|allocation of (?<size>\d+))|\bCHIP_ERROR_NO_MEMORY\b|\bCHIP Error 0x0*b\b/i,
  },
  {
    known: "chip-pool",
    component: "Matter (CHIP)",
    tag: /^chip\[/,
    pattern: /\bfail\w* to alloc\w*|\b(?:failed|err|error):? (?:= )?b\b/i,
    isEcho: true,
  },
  {
    known: "no-mem",
    pattern: /\b(?:err(?:or)?|esp_err_t|ret|rc|code|failed|status)\b\D{0,16}(?:0x101|257)\b/i,
    isEcho: true,
  },
  { known: "no-mem", pattern: /\breturn(?:ed|s)?:? 0x0*101\b|\b0x\(101\)/, isEcho: true },
  {
    known: "no-mem",
    pattern: /\w+\(\d+\): (?:no mem(?:ory)?\b(?: for (?<what>[\w -]+))?|malloc fail\w*)/i,
  },
  // ESPHome's component that says what it failed in, after the failure.
  { known: "generic", pattern: /\bset (?:Error|Warning) flag: .*\b(?:alloc\w*|memory)\b/, isEcho: true },
  { known: "generic", component: "axTLS", pattern: /\bfailed to grow (?:plain )?buffer\b/ },
  { known: "memory-exhausted", pattern: /\bMemory exhausted\b/i },
  {
    known: "i2s",
    component: "I2S driver",
    tag: /^i2s/i,
    pattern: /(?:malloc|alloc\w*).*\b(?:fail|error)|(?:error|fail\w*).*(?:malloc|alloc)|no mem/i,
  },
  {
    known: "zephyr-net",
    component: "Zephyr's network stack",
    tag: /^net_/,
    pattern:
      /\b(?:fail\w* to|cannot|can't|could ?n[o']t|unable to) alloc\w*|no (?:net_)?(?:pkt|buf)\w*|out of (?:\w+ )?(?:pkt|packet|buf)\w*/i,
  },
  {
    known: "zephyr-wifi",
    component: "Zephyr's Wi-Fi driver",
    tag: /^esp32_wifi/,
    pattern: /alloc\w* fail|fail\w* to alloc|no mem/i,
  },
  {
    known: "zephyr",
    component: "Zephyr",
    pattern: /\bk_(?:malloc|heap_alloc|calloc|aligned_alloc)\b(?:\(\s*(?<size>\d+))?.*fail|\berr(?:or)?:? -12\b/i,
  },
  {
    known: "nuttx",
    component: "NuttX",
    pattern:
      /\bk?u?mm_(?:malloc|zalloc|calloc|realloc|memalign)\w*: (?:ERROR|WARNING|mm_malloc).*\bfail\w*(?:.*\bsize:? ?(?<size>\d+))?/i,
  },
  {
    known: "cjson",
    component: "cJSON",
    pattern: /\b(?<fn>cJSON_(?:Print|Create|Duplicate|Add)\w*)(?:\(\))?\b.{0,24}(?:returned NULL|\bNULL\b|\bfail)/,
  },
  {
    known: "generic",
    pattern:
      /\bfail\w* to (?<fn>(?:heap_caps_|ps_)?(?:aligned_)?(?:m|c|re)?alloc\w*) ?\(\s*(?<size>\d+)\s*(?:,\s*(?<caps>0x[0-9a-f]+|\d+)\s*)?\)/i,
  },
  { known: "generic", pattern: /\b(?<fn>heap_caps_\w*alloc\w*)(?:\(\))?:? (?:has |have )?(?:fail\w*|returned NULL)/i },
  {
    known: "generic",
    pattern:
      /\b(?<fn>(?:heap_caps_)?(?:ps_)?(?:malloc|calloc|realloc|aligned_alloc|strdup)(?:_\w+)?)\s*\(\s*(?<size>\d+)?[^)]*\)?\s*(?:bytes)?\s*(?:has |have )?(?:fail\w*|returned (?:NULL|0\b)|== ?NULL|error)/i,
  },
  {
    known: "generic",
    pattern:
      /\b(?:fail(?:ed|ure|s)?|unable|could ?n[o']t|cannot|can ?n[o']t|can't|not able|error|impossible)\b(?: to| in| on| while| when| during)?(?: (?:the|a))? ?\b(?:re|m|c|ps_m|de)?alloc\w*\b(?<rest>.*)|(?:\b|_)(?:m|c|re|ps_m)?alloc(?:at(?!or)[a-z]*)?(?:\b|(?=_fail))(?<rest2>.{0,60}?)(?:\b|_)(?:has )?(?:fail(?:ed|ure)?|error)\b(?!s?\s*(?:count)?\s*[:=]?\s*\d+(?![\d/]))/i,
  },
  {
    known: "generic",
    pattern:
      /\b(?:out of ?|not enough ?|insufficient ?|no |no more ?|no free ?|low on ?|exhausted ?)(?:heap |free |internal |dma |system )?(?:memory|heap|ram|psram)\b|\bNO_?MEM(?:ORY)?\b|\bout_of_memory\b|\bheap (?:memory )?(?:is )?exhausted\b|\bno mem\b|\bout of (?:\w+ )?buffers\b|(?:\b|_)OOM\b(?! (?:score|killer|handler|count))/i,
  },
  {
    known: "generic",
    pattern:
      /\b(?:got|gave|returned|was|is)? ?(?:NULL|nullptr|nil) (?:from|by|of|for) (?<fn>(?:heap_caps_|ps_|pv)?(?:aligned_)?(?:[mc]|re|Port[MC]|port[MC])alloc\w*) ?\((?<size>\d+)?|(?<fn2>\b(?:heap_caps_|ps_)?(?:aligned_)?(?:[mc]|re)alloc\w*) ?\((?<size2>\d+)[^)]*\) ?(?:(?:->|=>|==?|:|is|gave|gives|returns)? ?(?:NULL|nullptr|nil)|(?:->|=>|=) ?0(?:x0*)?)(?![\w.])/i,
  },
  {
    // In other languages. Capitals that are not ASCII are left out of the words.
    known: "generic",
    pattern:
      /(?:内存|內存|記憶體|堆)(?:申请|申請|分配|配置)?(?:失败|失敗|不足|不够|耗尽)|(?:分配|申请|申請|配置)(?:内存|內存|記憶體)?\S{0,12}?(?:失败|失敗)|メモリ(?:不足|確保\S{0,4}失敗)|(?:едостаточно|е хватает|ехватка|акончилась|шибка выделения|е удалось выделить) памят|chec (?:de l['’]|d['’])allocation|allocation (?:a )?échou|mémoire (?:insuffisante|épuisée)|pas assez de mémoire|speicher(?!n)\S*(?: \S+){0,3} (?:fehlgeschlagen|nicht (?:reserviert|belegt|angefordert))|(?:kein|nicht genug|zu wenig|nicht genügend)(?: \S+)? (?:arbeits)?speicher|(?<![-\w])speicher (?:ist )?(?:voll|erschöpft)|(?:memoria|memória) (?:insuf\S+|agotada|esgotada|esaurita)|(?:fallo|falla|error|falha|errore) (?:al|ao|nell[’']|de|en la|na) ?(?:reservar|asignar|alocar|allocazione|asignación|alocação)(?: de)? ?(?:memoria|memória)?|sin memoria|sem memória/i,
  },
];

export const WORDING_PATTERNS: readonly RegExp[] = WORDINGS.map(({ pattern }) => pattern);
