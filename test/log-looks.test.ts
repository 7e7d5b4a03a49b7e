// The answers to logs in the looks of many projects (log-looks.ts), and to healthy ones.

import { describe, expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";
import { events, figures, times } from "./log-looks.ts";

/** None of these is memory. */
const healthy: Readonly<Record<string, string>> = {
  "batteries, cards and countdowns": times(30, (i) => `I (${i}) app: free heap 180000\nbattery left: ${4200 - 2 * i} mV, memory card ok, remaining ${3600 - 60 * i}`),
  "a card's space": times(30, (i) => `I (${i}) app: free heap 180000\nSD: free ${30_000_000 - 4096 * i} of 31000000\nbuffer free: ${4096 - 64 * (i % 8)}`),
  "letters that are no memory": times(30, (i) => `I (${1000 * i}) app: free heap 180000\nT=21 H=${40 + (i % 20)} MAX=${30 - (i % 3)}\nF=${40_000 - 90 * i} M=${50_000 - 20 * i}\nmem: F=12 M=3`),
  "shares that come and go": times(30, (i) => `I (${60_000 * i}) sys: CPU ${10 + (i % 5)}% RAM ${41 + ((i * 7) % 5)}%`),
  "a prompt and another number": times(9, (i) => `>>> gc.mem_free()\n118032\n>>> read()\n${5000 - 100 * i}`),
  "PSRAM that is found at boot": "I (212) esp_psram: Found 8MB PSRAM device\nI (960) esp_psram: Adding pool of 8192K of PSRAM memory to heap allocator\nI (1010) esp_psram: Reserving pool of 32K of internal memory for DMA/internal allocations\nI (2000) app: free heap 180000",
  "other things by weight and minutes": times(30, (i) => `I (${1000 * i}) app: free heap 180000\nsilo: heap of sand ${3000 - 10 * i} kg, memory foam ${400 - i} min`),
  "what waits in buffers": times(30, (i) => `I (${1000 * i}) app: ringbuf avail ${8192 - 1024 * (i % 7)}, fifo free ${60 - (i % 9)}, heap 180000\nI (${1000 * i}) app: rx avail ${4096 - 256 * (i % 15)}, heap 180000`),
  "bytes that go somewhere": times(30, (i) => `I (${1000 * i}) app: free heap 180000\n[mem] wrote ${90_000 - 900 * i}\nmemory dump at ${80_000 - 512 * i}`),
  "another memory than the heap": times(30, (i) => `I (${i}) app: free heap 180000\nSIM memory: ${i} of 50 used, free ${50 - i}\nretention memory ${8192 - 64 * i} bytes, rtc mem used ${640 + i}`),
  "a sawtooth whose peaks differ by chance": times(90, (i) => `I (${1000 * i}) gc: free heap ${88_000 - ((i / 9) | 0) % 3 * 700 - 7000 * (i % 9)}`),
  "what is left of an update": times(30, (i) => `I (${i}) app: free heap 180000\nOTA: written ${4096 * i} bytes, remaining ${122_880 - 4096 * i} bytes\nleft ${61_440 - 2048 * i} bytes`),
  "a heap that is warm": times(30, (i) => `I (${i}) app: free heap 180000\ncompost heap temp ${54.5 - i} C, heap moisture ${61 - i} %, heap temperature ${2000 - 20 * i}`),
  "what is saved, and other stores, in German": "I (1) app: free heap 180000\nSpeichern fehlgeschlagen\nSD-Speicher voll\nFlash-Speicher ist voll\nI (2) app: free heap 180010",
  "dips that come back, while one task more runs": times(36, (i) => `[${5 * i}.0s] mem: heap=${168_200 + ((i * 37) % 61) * 10 - (i % 9 === 5 ? 24_000 : 0) - (i === 35 ? 40 : 0)} min=${i < 5 ? 150_000 : 136_000} blk=110580 tasks=${i % 9 === 5 ? 12 : 11}`),
  "reasons of restarts that are none": "I (1) main: reset reason: power on\nI (2) main: restart reason: 3 (ESP_RST_SW), no panic\nI (3) main: boot reason: deep sleep, watchdog enabled\nI (4) app: free heap 180000\nI (5) app: task watchdog started, reset cause: brownout disabled",
  "PSRAM that a program does without": "info PSRAM not found, inputBufferSize: 13951 bytes\ninfo buffers freed, free Heap: 171124 bytes\nPSRAM not found, using internal memory\ninfo free Heap: 170980 bytes",
  "failures in advice and counters": "I (1) app: free heap 180000\nIf out of memory, restart\nalloc failures: 0\nThis can use memory\nOOM count: 0\nI (2) app: free heap 180000\nI (3) app: free heap 180010",
}; // prettier-ignore

describe.each(Object.entries({ ...figures, ...events }))("%s", (_, { log, says, never = [], series }) => {
  test("is answered as an expert would", async () => {
    const { texts } = await answerTo(log, series === undefined ? {} : { series });
    const [head, ...words] = says;
    const found = texts.find((text) => text.startsWith(head));
    expect(found, texts.join("\n\n")).toBeDefined();
    for (const word of words) expect(found).toMatch(word);
    for (const word of never) for (const text of texts) expect(text).not.toMatch(word);
  });
});

test.each(Object.entries(healthy))("%s are no fault", async (_, log) => {
  const { texts } = await answerTo(log);
  expect(texts.filter((text) => !text.startsWith("note"))).toEqual([]);
});

test("numbers that behave like memory are offered by name where nothing else is found", async () => {
  const log = times(30, (i) => `AK 39 Q=${324 + i} H=${188_008 - 336 * i} LOK=0`);
  await expect(answerTo(log)).rejects.toMatchObject({
    code: "import-unknown-format",
    hint: expect.stringContaining("--series 'free=H'") as string,
  });
  const { report } = await answerTo(log, { explains: true });
  expect(report.inputs[0]?.hints.join()).toContain("--series 'free=H'");
});

test("a line of blanks without end is read as if they were one", async () => {
  const { texts } = await answerTo(`I (1) mem: free heap 20000\nE (2) x: alloc failed ${" ".repeat(60_000)}!`);
  expect(texts[0]).toMatch(/^error allocation-failure/);
});

test.each([
  "ssl",
  "deserialize",
  "mbedtls returned ",
  "\u00a0",
  'assertion "',
  "1/2 ",
  "7",
  "0x",
  "[",
  "\u001b[",
  "é",
  "key,",
  "state;name;",
])("a line that repeats %j without end is read as any other", async (word) => {
  const { texts } = await answerTo(
    `I (1) mem: free heap 20000\nE (2) x: alloc failed for ${word.repeat(60_000 / word.length)}!\n${word.repeat(60_000 / word.length)} free heap 19000`,
  );
  expect(texts[0]).toMatch(/^error allocation-failure/);
});
