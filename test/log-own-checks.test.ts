// What programs say of their memory in words of their own: checks of the heap, frees, stacks, refusals; and the same words where all is well.

import { describe, expect, test } from "vitest";
import { type Accident, tells } from "./accident.ts";
import { answerTo } from "./log-answer.ts";

const ACCIDENTS: Readonly<Record<string, Accident>> = {
  "a check of the heap that fails, and the last one that did not": {
    log: 'I (612) chk: heap integrity OK at "boot"\nI (1892) chk: heap integrity OK at "after wifi_init"\nE (2514) chk: heap integrity FAILED at "after audio_init"\nE (2515) chk: heap_caps_check_integrity_all() returned false\n',
    says: ["error heap-corruption", /as a check of the program's own tells/, /stands in line 2, “heap integrity OK at "after wifi_init"”/, /Next: Check more often between those two places/],
  },
  "a check that fails below the heap's own words": {
    log: "CORRUPT HEAP: Bad tail at 0x3ffd4c6f. Expected 0xbaad5678 got 0xbaad5600\nE (2514) chk: heap integrity check failed\n",
    says: ["error overflow", /a string's NUL without room/, /goes on in line 2/],
  },
  "a block that is freed twice": {
    log: "[memdbg] alloc 0x3ffb8e70 32 net.c:41\n[memdbg] free  0x3ffb8e70 net.c:88\n[memdbg] DOUBLE FREE of 0x3ffb8e70 at net.c:131 (first freed at net.c:88)\n",
    says: ["error double-free", /double free of the block at 0x3ffb8e70/, /net\.c:131 \(first freed at net\.c:88\)/],
  },
  "a guard behind a block": {
    log: "E (900) pool: guard word of block 0x3ffb8e70 (64 bytes, jpeg) overwritten\n",
    says: ["error overflow", /the block at 0x3ffb8e70 was written past its end/],
  },
  "a block that is used after its free": {
    log: "E (900) dbg: use-after-free: read of 0x3ffb8e74, freed by ws_close\n",
    says: ["error use-after-free", /the block at 0x3ffb8e74 was used after its free/],
  },
  "a stack that overflowed, told by a hook": {
    log: "I (8120) net: session 12 open\n!!! STACK OVERFLOW in task 'net_rx' (handle 0x3ffc1a20) !!!\nRebooting in 1 s\n",
    says: ["error stack-overflow", /the stack of task net_rx overflowed/],
  },
  "a stack that overflowed, the task before it": {
    log: 'E (1) hook: task "ui" stack overflow\n',
    says: ["error stack-overflow", /the stack of task ui overflowed/],
  },
  "a program that restarts itself for want of memory": {
    log: "[10:12:04] heap 8123\n[10:12:04] Free heap 8123 below limit 10000, rebooting...\nets Jul 29 2019 12:21:46\n\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n",
    says: ["warning allocation-failure", /the program restarted itself because memory was low/, /8,123 B were free then/, /SW_CPU_RESET/],
    never: [/small pieces/],
  },
  "a block that was to grow": {
    log: "E (4125) json: realloc from 4096 to 8192 failed, free=14320 largest=6144\n",
    says: ["error allocation-failure", /8,192 B by json failed: 14,320 B were free, but in smaller pieces \(largest 6,144 B\)/],
  },
  "what is wanted, what there is and its largest block, in single words": {
    log: "W (9120) img: alloc fail 3/3 attempts: want=20480 have=61440 blk=17408\n",
    says: ["error allocation-failure", /20,480 B by img failed: 61,440 B were free, but in smaller pieces \(largest 17,408 B\)/],
  },
  "NULL from a function with two numbers": {
    log: "[W] mesh: got NULL from calloc(12, 340), heap=3912\n",
    says: ["error allocation-failure", /4,080 B by calloc\(\) failed: only 3,912 B were free/],
  },
  "a call and what it gave": {
    log: "cache: heap_caps_malloc(40960, MALLOC_CAP_SPIRAM) => NULL\n",
    says: ["error allocation-failure", /40,960 B with SPIRAM/],
  },
  "Bluetooth's own caller": {
    log: "E (10412) BT_OSI: malloc failed (caller=0x400e5c21 size=1032)\n",
    says: ["error allocation-failure", /1,032 B by Bluetooth/, /\nrequested 0x400e5c21\n/],
  },
  "a code in brackets, and passed on": {
    log: "E (910) vfs_fat_sdmmc: esp_vfs_fat_register failed 0x(101).\nE (911) sd: esp_vfs_fat_sdmmc_mount returned 0x101\n",
    says: ["error allocation-failure", /by vfs_fat_sdmmc failed/, /ESP_ERR_NO_MEM/, /then, in line 2/],
  },
  "a leak, and the task that takes it": {
    log: Array.from({ length: 5 }, (_, i) => `I (${60_000 * (i + 1)}) app_main: Dump #${i + 1} Free internal ${35_560 - 4000 * i} biggest block 13804 PSRAM free 1686880\nTask: main 0x3fcb3788 -> MALLOC_CAP_INTERNAL: 80920 MALLOC_CAP_SPIRAM: 73764 Highwater 5116\nTask: lua 0x3fca147c -> MALLOC_CAP_INTERNAL: ${61_908 + 4000 * i} MALLOC_CAP_SPIRAM: 151368 Highwater 35408\n`).join(""),
    says: ["warning leak", /free internal memory falls by about 4,000 B/, /What task lua holds grows with it, by about 4,000 B \(from line 3 on\)/],
  },
}; // prettier-ignore

describe.each(Object.entries(ACCIDENTS))("%s", (_, accident) => {
  test("is told as an expert would", () => tells(accident));
});

test.each([
  'heap integrity OK at "boot"',
  "heap integrity check passed, no corruption",
  "heap corruption detection enabled",
  "corrupted heap blocks: 0",
  "stack overflow check enabled (method 2)",
  "no double free so far",
  "double free protection active, detection on",
  "realloc from 4096 to 8192 ok",
  "free heap 81234 above 10000, no reboot needed",
  "if free heap falls below 10000, rebooting",
  "mount returned 0x0, read returned 257 bytes",
  "canary deployed, guard page at 0x3ffb0000",
])("%j is no accident", async (line) => {
  const { texts } = await answerTo(`I (1) app: free heap 180000\nI (2) app: ${line}\nI (3) app: free heap 180000\n`);
  expect(texts.filter((text) => !text.startsWith("note"))).toEqual([]);
});
