// Requests that were refused in the words of languages and interpreters, most of which have a heap of their own.

import type { Wording } from "./wording.ts";

export const LANGUAGE_WORDINGS: readonly Wording[] = [
  {
    known: "micropython",
    component: "MicroPython",
    pattern: /MemoryError: memory allocation failed, allocating (?<size>\d+) bytes/,
  },
  { known: "micropython", component: "MicroPython", pattern: /\bMemoryError\b/ },
  {
    known: "micropython-os",
    component: "ESP-IDF under MicroPython",
    pattern: /^OSError: .*(?:ENOMEM|ESP_ERR_NO_MEM)|^OSError: (?:\(?-?12\b|\[Errno 12\])/,
  },
  {
    known: "xs",
    component: "Moddable's XS",
    pattern:
      /\bxs: failed to allocate (?<size>\d+) bytes for (?:chunk|slot)|\b(?:Chunk|Slot|Stack) allocation: (?:(?<size2>\d+) bytes failed|failed(?: for (?<size3>\d+) bytes)?)/i,
  },
  { known: "xs", component: "Moddable's XS", pattern: /\bXS abort: (?:memory full|not enough memory)/, isEcho: true },
  {
    known: "nanoframework",
    component: "nanoFramework",
    pattern: /\bFailed allocation for \d+ blocks, (?<size>\d+) bytes/,
  },
  { known: "nanoframework", component: "nanoFramework", pattern: /\bSystem\.OutOfMemoryException\b/, isEcho: true },
  { known: "espruino", component: "Espruino", pattern: /^Out of Memory!/ },
  {
    known: "espruino",
    component: "Espruino",
    pattern: /\bNew interpreter error:.*\b(?:LOW_)?MEMORY\b/,
    isEcho: true,
  },
  {
    known: "tinygo",
    component: "Go",
    pattern: /^panic: runtime error(?: at 0x(?<caller>[0-9a-f]{8}))?: out of memory/,
  },
  {
    known: "wasm",
    component: "the WASM runtime",
    pattern:
      /\ballocate linear memory failed|\bm3_\w+: memory allocation failed|\bWASM module (?:load|instantiate) failed: .*memory/i,
  },
  {
    known: "toit",
    component: "Toit",
    pattern: /\bOut of memory in (?:system )?process\b|\bout of memory in primitive\b/,
  },
  { known: "toit", component: "Toit", pattern: /^MALLOC_FAILED\b/, isEcho: true },
  { known: "berry", component: "Berry", pattern: /\bBRY: .*\bmemory allocation failed/i },
  { known: "lua", component: "Lua", pattern: /(?:\.lua:\d+: |call to Lua API \(.*)not enough memory/ },
  {
    known: "rust",
    component: "Rust's allocator",
    pattern:
      /\b(?:esp_wifi|esp_radio|esp_alloc)\b.*Unable to allocate (?<size>\d+) bytes|^Unable to allocate (?<size2>\d+) bytes$/,
  },
  { known: "rust-os", component: "Rust's std", pattern: /\bOs \{ code: 12\b|\bkind: OutOfMemory\b/ },
  { known: "rust", component: "esp-rtos (the stack of a task)", pattern: /\bFailed to allocate stack\b/ },
  { known: "rust", component: "the radio's driver", pattern: /\bEspErr(?:[A-Z]\w*?)?NoMem\b/ },
  { known: "rust", component: "Rust's allocator", pattern: /memory allocation of (?<size>\d+) bytes failed/i },
];
