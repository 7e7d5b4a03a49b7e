// Call stacks that a log names: the place is the program's own call, with the library through which it went, whichever tool has named them.

import { describe, expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";

const IDF = "/home/ada/esp/v5.3.1/esp-idf/components";
const RECORD =
  "    64 bytes (@ 0x3fca94d8, Internal) allocated CPU 0 ccount 0x042ac374 caller 0x40376183:0x42011a9c:0x42008a44";
const SUMMARY =
  "====== Heap Trace Summary ======\nMode: Heap Trace Leaks\n64 bytes 'leaked' in trace (1 allocations)\nrecords: 1 (100 capacity, 1 high water mark)\ntotal allocations: 9\ntotal frees: 8\n================================";
const header = (count: number): string => `====== Heap Trace: ${count} records (100 capacity) ======`;

const TOOLS: Readonly<Record<string, string>> = {
  "idf-monitor, as it was": `${header(1)}\n${RECORD}\n0x40376183: heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\n0x42011a9c: cJSON_New_Item at ${IDF}/json/cJSON/cJSON.c:240\n (inlined by) cJSON_CreateObject at ${IDF}/json/cJSON/cJSON.c:2500\n0x42008a44: report at /p/main/report.c:88\n\n${SUMMARY}`,
  "idf-monitor, as it is": `${header(1)}\n${RECORD}\n--- 0x40376183: heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\n--- 0x42011a9c: cJSON_New_Item at ${IDF}/json/cJSON/cJSON.c:240\n--- (inlined by) cJSON_CreateObject at ${IDF}/json/cJSON/cJSON.c:2500\n--- 0x42008a44: report at /p/main/report.c:88\n\n${SUMMARY}`,
  "PlatformIO's decoder": `${header(1)}\n${RECORD}\n  #0  0x40376183 in heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\n  #1  0x42011a9c in cJSON_New_Item at ${IDF}/json/cJSON/cJSON.c:240\n      (inlined by) cJSON_CreateObject at ${IDF}/json/cJSON/cJSON.c:2500\n  #2  0x42008a44 in report at src/report.c:88\n\n${SUMMARY}`,
  "addr2line -pfiaC, pasted below": `${header(1)}\n${RECORD}\n${SUMMARY}\n\n$ xtensa-esp32s3-elf-addr2line -pfiaC -e build/app.elf 0x40376183 0x42011a9c 0x42008a44\n0x40376183: heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\n0x42011a9c: cJSON_New_Item at ${IDF}/json/cJSON/cJSON.c:240\n (inlined by) cJSON_CreateObject at ${IDF}/json/cJSON/cJSON.c:2500\n0x42008a44: report at /p/main/report.c:88\n`,
  "addr2line -afe, in three lines": `${header(1)}\n${RECORD}\n${SUMMARY}\n\n0x40376183\nheap_caps_malloc\n${IDF}/heap/heap_caps.c:84\n0x42011a9c\ncJSON_CreateObject\n${IDF}/json/cJSON/cJSON.c:2500 (discriminator 2)\n0x42008a44\nreport\n/p/main/report.c:88\n`,
  "Arduino's decoder, in the oldest form": `1 allocations trace (100 entry buffer)\n64 bytes (@ 0x3fca94d8) allocated CPU 0 ccount 0x042ac374 caller 0x40376183:0x42011a9c:0x42008a44\n64 bytes 'leaked' in trace (1 allocations)\ntotal allocations 9 total frees 8\n\n0x40376183: heap_caps_malloc at ${IDF}/heap/heap_caps.c line 84\n0x42011a9c: cJSON_CreateObject at ${IDF}/json/cJSON/cJSON.c line 2500\n0x42008a44: report at C:\\Users\\ada\\Documents\\Arduino\\station\\report.c line 88\n`,
};

describe("a heap trace names the program's own call and the library through which it went", () => {
  test.each(Object.entries(TOOLS))("%s", async (_, log) => {
    const { texts } = await answerTo(log);
    const trace = texts.find((text) => text.includes("heap-trace:"));
    expect(trace).toMatch(/\nallocated report\.c:88 report through cJSON_CreateObject\n/);
    expect(trace).toMatch(/Most of it comes from report\.c:88 report through cJSON_CreateObject/);
  });
});

test("each place's share is told; where the largest has libraries' frames alone, what would name its caller", async () => {
  const record = (at: string, size: number, callers: string): string =>
    `    ${size} bytes (@ 0x3fca${at}, Internal) allocated CPU 0 ccount 0x042ac374 caller ${callers}\n`;
  const log = `${header(3)}\n${record("9000", 400, "0x40376183:0x4200a000:0x4200b000")}${record("9400", 40, "0x40376183:0x42011a9c:0x42008a44")}${record("9800", 24, "0x40376183:0x42011a9c:0x42008a44")}--- 0x40376183: heap_caps_malloc at ${IDF}/heap/heap_caps.c:84\n--- 0x4200a000: xQueueGenericCreate at ${IDF}/freertos/queue.c:458\n--- 0x4200b000: esp_mqtt_client_init at ${IDF}/mqtt/esp-mqtt/mqtt_client.c:800\n--- 0x42011a9c: cJSON_CreateObject at ${IDF}/json/cJSON/cJSON.c:2500\n--- 0x42008a44: report at /p/main/report.c:88\n====== Heap Trace Summary ======\nMode: Heap Trace Leaks\n464 bytes 'leaked' in trace (3 allocations)\n================================`;
  const { texts } = await answerTo(log);
  const trace = texts.find((text) => text.includes("heap-trace:"));
  expect(trace).toMatch(
    /By place: 400 B in 1 block from mqtt_client\.c:800 esp_mqtt_client_init through xQueueGenericCreate; 64 B in 2 blocks from report\.c:88 report through cJSON_CreateObject/,
  );
  expect(trace).toMatch(/All recorded frames of mqtt_client.* are libraries'.*CONFIG_HEAP_TRACING_STACK_DEPTH/);
});

test("a crash names the program's own call, and the library in which it happened", async () => {
  const log = `Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.\nPC      : 0x400014fd  PS      : 0x00060b30  EXCVADDR: 0x00000000\n\nBacktrace: 0x400014fa:0x3ffb2000 0x4200a000:0x3ffb2020 0x42008a44:0x3ffb2040 0x42000000:0x3ffb2060\n  #0  0x400014fa:0x3ffb2000 in strlen at ??:?\n  #1  0x4200a000:0x3ffb2020 in String::String(char const*) at C:\\Users\\ada\\.platformio\\packages\\framework-arduinoespressif32\\cores\\esp32\\WString.cpp:35\n  #2  0x42008a44:0x3ffb2040 in showName(char const*) at src/main.cpp:61\n  #3  0x42000000:0x3ffb2060 in loopTask(void*) at C:\\Users\\ada\\.platformio\\packages\\framework-arduinoespressif32\\cores\\esp32\\main.cpp:50\n`;
  const { texts } = await answerTo(log);
  expect(texts[0]).toMatch(/^error crash: .*\ndetected main\.cpp:61 showName\(char const\*\) through String::String\n/);
});
