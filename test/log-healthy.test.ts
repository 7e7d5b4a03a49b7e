// Healthy programs' logs in the looks of many projects: none of them may be told an error or a leak.

import { expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";

/** Numbers that look random and are the same each time. */
function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type Line = (free: number, i: number) => string;

const looks: Readonly<Record<string, Line>> = {
  "ESP-IDF": (free, i) => `I (${1000 + i * 60_000}) app: Free heap: ${free} bytes`,
  Arduino: (free) => `Free Heap: ${free}`,
  ESPHome: (free, i) => `[12:${String(i % 60).padStart(2, "0")}:01][D][debug:043]: Free Heap Size: ${free} bytes`,
  Tasmota: (free, i) => `${String(i % 24).padStart(2, "0")}:00:00.000 MQT: tele/x/STATE = {"UptimeSec":${i * 3600},"Heap":${Math.round(free / 1024)}}`,
  JSON: (free, i) => `{"uptime":${i * 60},"free_heap":${free},"rssi":-60}`,
  "key=value": (free) => `mem free=${free} min=90000 largest=65524`,
  bars: (free) => `free: ${free} | max: 65524 | frag: 12%`,
  Meshtastic: (free, i) => `INFO  | 00:05:00 ${i * 300} [Power] Heap: ${free}/294912 bytes free, min 90000, largest block 65524`,
}; // prettier-ignore

/** How a healthy heap behaves. */
const behaviours: Readonly<Record<string, (i: number, random: () => number) => number>> = {
  noise: (_, random) => 180_000 + Math.round(random() * 3000),
  sawtooth: (i) => 180_000 - (i % 8) * 4000,
  "warm-up": (i) => 150_000 + Math.round(60_000 * Math.exp(-i / 3)),
  "one step down": (i) => (i < 15 ? 190_000 : 170_000),
  "a client comes and goes": (i) => (i % 6 < 3 ? 190_000 : 182_400),
};

const series = Object.entries(looks).flatMap(([look, line]) =>
  Object.entries(behaviours).map(([behaviour, value]) => {
    const random = noise(look.length * 31 + behaviour.length);
    const text = Array.from({ length: 40 }, (_, i) => line(value(i, random), i)).join("\n");
    return { name: `${look}: ${behaviour}`, text };
  }),
);

const others: readonly { readonly name: string; readonly text: string }[] = [
  { name: "sensors whose names sound like memory", text: Array.from({ length: 20 }, (_, i) => `Free parking spaces: ${120 - i}\nFree stack: ${4000 - 16 * i}\nFlash free: ${900_000 - 4096 * i}\nqueue free: ${30 - i}\nI (${i}) mem: Free heap 180000`).join("\n") },
  { name: "sensors of a heap of something else, and a ram that moves", text: Array.from({ length: 40 }, (_, i) => `Compost heap temperature: ${52 + i}\nHeap moisture: ${4410 - 12 * i}\nhydraulic ram position ${8100 - 30 * i}\nfree heap 1800${10 + (i % 3)}`).join("\n") },
  { name: "a table of all that is used and free", text: Array.from({ length: 20 }, (_, i) => `Name      Total     Used      Free\nheap      327680    18000${i % 3}    14768${i % 3}\nspiffs    1378241   ${230_000 + 4016 * i}    ${1_148_241 - 4016 * i}\nnvs       630       ${210 + 3 * i}       ${420 - 3 * i}`).join("\n") },
  { name: "buffers of a network behind memory's name, and LVGL's pool", text: Array.from({ length: 30 }, (_, i) => `I (${60_000 * i}) net: mem pool tx ${1200 + (i % 9)} rx ${90_000 + 512 * i} bytes\n[LVGL] mem used ${40 + (i % 9)}% frag 3%\n[SYS] heap ${98_200 + 8 * (i % 5)}`).join("\n") },
  { name: "counts of things whose words name memory", text: Array.from({ length: 30 }, (_, i) => `Flash heap journal entries: ${30 - i}\nmemory card index ${1000 - i}\nHeap timers: ${90 - i}\nfree heap 1800${10 + (i % 3)}`).join("\n") },
  { name: "whole KiB of a heap that is steady", text: Array.from({ length: 30 }, (_, i) => `{"Heap":${151 - (i % 2)}}`).join("\n") },
  { name: "counters of failures that never happened", text: "alloc failures: 0\nmalloc errors: 0\nNo memory leak detected\nI (1) app: Free heap 180000\nI (2) app: Free heap 180100\nI (3) app: Free heap 180000" },
  { name: "a program that prints what it allocates, and of one kind alone what it frees", text: Array.from({ length: 60 }, (_, i) => `I (${1000 * i}) app: new frame of 512 bytes at 0x3ffc${(0x1000 + 0x40 * i).toString(16)}\nI (${1000 * i + 10}) app: alloc job 64 bytes at 0x3ffb8000\nI (${1000 * i + 20}) app: free job 0x3ffb8000\nI (${1000 * i + 30}) app: Free heap: 150000`).join("\n") },
  { name: "tests that lose no more than they may", text: "Running test_spi_loop...\nMALLOC_CAP_8BIT usage: Free memory delta: -24 Leak threshold: -400\nMALLOC_CAP_32BIT usage: Free memory delta: 0 Leak threshold: -400\n/proj/main/test_spi.c:12:test_spi_loop:PASS\n-----------------------\n1 Tests 0 Failures 0 Ignored\nOK" },
  { name: "a host's test in which Valgrind finds nothing", text: "==31== Memcheck, a memory error detector\n==31== Command: ./t\nall 12 tests passed\n==31== \n==31== HEAP SUMMARY:\n==31==     in use at exit: 0 bytes in 0 blocks\n==31==   total heap usage: 310 allocs, 310 frees, 88,404 bytes allocated\n==31== \n==31== All heap blocks were freed -- no leaks are possible\n==31== \n==31== ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)" },
  { name: "a boot with its regions", text: "rst:0x1 (POWERON_RESET),boot:0x13\nI (252) heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM\nI (258) heap_init: At 3FFB2EE8 len 0002D118 (180 KiB): DRAM\nI (300) cpu_start: Starting scheduler." },
  { name: "blocks of a file system, entries of a cache", text: Array.from({ length: 40 }, (_, i) => `Total blocks: 512, used blocks: ${80 + 3 * i}, free blocks: ${432 - 3 * i}\nI (${30_000 * i + 4}) cache: used ${12 + i}/64 entries, mem pool ${(12 + i) * 128} of 8192 bytes\nI (${30_000 * i + 8}) sys: free heap ${151_200 + 8 * (i % 9)}`).join("\n") },
  { name: "tanks that are called as memory is", text: Array.from({ length: 40 }, (_, i) => `[heizung] Pufferspeicher: ${4821 - 12 * i} Liter frei, Speicher unten ${48 - i / 5}, Warmwasserspeicher frei ${90_000 - 300 * i}\n[heizung] heap ${148_200 + 8 * (i % 9)}`).join("\n") },
  { name: "what else is free, with its noun in a text", text: Array.from({ length: 60 }, (_, i) => `{"t":${5000 * i},"free":"${12 - Math.floor(i / 10)} seats","ram":{"free":${148_200 + 16 * (i % 9)},"min":140100}}`).join("\n") },
  { name: "statistics of a converter, and a word for interrupts", text: Array.from({ length: 50 }, (_, i) => `[${60 * i}] adc max ${4095 - 7 * i} min ${1200 - 3 * i} avg 2000 | heap ${61_200 + 16 * (i % 9)} min 58000\n[${60 * i + 1}] int ${4095 - 7 * i} ext ${220 + (i % 3)} C, heap ${61_200 + 16 * (i % 9)}`).join("\n") },
  { name: "an update over the air, by what remains of it", text: Array.from({ length: 40 }, (_, i) => `OTA ${2 * i}.5% remaining ${1_048_576 - 26_214 * i} bytes, heap ${121_000 + (i % 3) * 40}, free sectors ${512 - 3 * i}`).join("\n") },
  { name: "an update over the air", text: Array.from({ length: 20 }, (_, i) => `I (${5000 + i * 100}) ota: written ${i * 4096} of 81920, free heap ${160_000 + (i % 3) * 40}`).join("\n") },
  { name: "free places of a modem and of a remote control, and a heap in bytes", text: Array.from({ length: 30 }, (_, i) => `I (${60_000 * i}) modem: memory free ${30 - i}\nI (${60_000 * i + 5}) ir: learned code stored, memory left ${40 - i} codes\nI (${60_000 * i + 9}) sys: heap ${173_000 + 16 * (i % 9)}`).join("\n") },
  { name: "messages that a modem can hold, all of them at first", text: "I (5) app: free heap 180000 bytes\n" + Array.from({ length: 30 }, (_, i) => `I (${60_000 * i}) modem: memory free ${30 - i} of 30, csq ${18 + (i % 3)},99`).join("\n") },
  { name: "a reservoir", text: "I (5) app: free heap 180000 bytes\n" + Array.from({ length: 40 }, (_, i) => `06:${10 + i}:00 pump: water memory ${3012 - 14 * i} flow 12.${i % 7} l/min`).join("\n") },
  { name: "the table of a battery", text: "I (5) app: free heap 180000 bytes\n" + Array.from({ length: 30 }, (_, i) => `I (${1000 * i}) cfg: 1%=3276 free=${41 - Math.floor(i / 9)}%`).join("\n") },
  { name: "extremes of a converter before the heap", text: Array.from({ length: 40 }, (_, i) => `ADC raw=${3100 - 31 * i} mV=${2450 - 24 * i} max=3300 min=${812 - 4 * i} heap ${201_200 + 16 * (i % 5)}`).join("\n") },
  { name: "what changed since, behind a part of a whole", text: Array.from({ length: 20 }, (_, i) => `DEBUG | 09:${10 + i}:00 ${60 * i} [Power] Heap status: ${148_600 + 16 * (i % 9)}/272808 bytes free (0), running 14/27 threads`).join("\n") },
  { name: "what is free in another unit, of files, and how often something was freed", text: Array.from({ length: 30 }, (_, i) => `{"free_m3":${12.1 - 0.1 * i},"heap":${171_200 + 16 * (i % 9)}}\nINFO [fs]    free ${1400 - 8 * i}k  largest file ${80 - i}k\nstats: alloc ${1000 + 37 * i} free ${998 + 37 * i} live 2 fail 0 heap ${140_000 + 16 * (i % 5)}`).join("\n") },
  { name: "places of peers and tags, tokens, and a balance with its limits", text: Array.from({ length: 40 }, (_, i) => `I (${3000 * i}) espnow: peers ${3 + i}/99 free ${96 - i} tx ok ${9 * i} mem ${151_000 + 16 * (i % 9)}\ntags stored ${i + 3}, free ${997 - i}, heap ${142_000 + 16 * (i % 7)}\nmemory: 7${i % 3}% used, tokens left ${9000 - 120 * i}\navailable balance ${5020 - 35 * i} min 1000 max 9000 card 7 heap free ${70_200 + 16 * (i % 5)}`).join("\n") },
]; // prettier-ignore

test.each([...series, ...others])("$name", async ({ text }) => {
  const { verdict, texts } = await answerTo(text);
  expect(verdict.findings.filter(({ severity, rule }) => severity === "error" || rule === "leak"), texts.join("\n\n")).toEqual([]); // prettier-ignore
});
