// What the words beside a number mean, as a reader of logs takes them: each line is words, figure, memory. What is no figure has none.
import { expect, test } from "vitest";
import { meaningOf, wordsOf } from "./memory-words.ts";

function told(text: string, isPercent = false): string {
  const meaning = meaningOf(wordsOf(text), { named: false, memory: "any" }, isPercent);
  if (typeof meaning === "string") return "none";
  return `${meaning.quantity} ${meaning.memory}${meaning.isNamed ? "" : " unnamed"}`;
}

test.for([
  ["Free heap", "free any"],
  ["freeHeap", "free any"],
  ["heap_free", "free any"],
  ["free internal heap", "free internal"],
  ["Free DRAM", "free internal"],
  ["heap left", "free any"],
  ["memory available", "free any"],
  ["MALLOC_CAP_DMA free", "free dma"],
  ["free_psram", "free psram"],
  ["SPIRAM free", "free psram"],
  ["external RAM remaining", "free psram"],
  ["largest free block", "largest any"],
  ["maxAllocHeap", "largest any"],
  ["Max free block", "largest any"],
  ["biggest contiguous", "largest any unnamed"],
  ["internal largest", "largest internal unnamed"],
  ["psram largest block", "largest psram"],
  ["largest allocated heap block ever", "none"],
  ["minimum free heap", "minimum any"],
  ["min_free_heap_size", "minimum any"],
  ["lowest heap ever", "minimum any"],
  ["minEverFreeHeap", "minimum any"],
  ["minimum free psram", "minimum psram"],
  ["lowest used memory", "none"],
  ["heap used", "used any"],
  ["used memory", "used any"],
  ["allocated heap", "used any"],
  ["max used heap", "none"],
  ["gc mem_alloc", "used any"],
  ["total heap", "total any"],
  ["heap capacity", "total any"],
  ["total psram", "total psram"],
  ["heap", "size any"],
  ["heap size", "size any"],
  ["PSRAM", "size psram"],
  ["int", "size internal unnamed"],
  ["Free stack", "none"],
  ["stack high water mark", "none"],
  ["Free parking spaces", "none"],
  ["free sketch space", "none"],
  ["flash free", "none"],
  ["SPIFFS used", "none"],
  ["SD card free", "none"],
  ["heap delta", "none"],
  ["heap lost", "none"],
  ["free heap below", "free any"],
  ["heap threshold", "none"],
  ["free heap before request", "free any"],
  ["request size", "none"],
  ["battery", "none"],
  ["free connections", "none"],
  ["free heap after flash write", "free any"],
  ["temperature", "none"],
  ["check heap in rf_release line", "none"],
  ["block", "none"],
  ["fragmentation", "fragmentation any unnamed"],
  ["free fragments", "free any unnamed"],
  ["剩余内存", "free any"],
  ["最大空闲块 heap", "largest any"],
  ["свободно памяти", "free any"],
  ["freier Speicher", "free any"],
  ["mémoire libre", "free any"],
  ["memoria libera", "free any"],
  ["heap request", "none"],
  ["free heap delta", "none"],
  ["heap below", "none"],
  ["free below", "free any unnamed"],
  ["heap block", "size any"],
  ["memory block", "none"],
  ["heap stack free", "none"],
  ["heap stack left", "none"],
  ["heap stack", "size any"],
  ["heap free stack", "free any"],
  ["external buffer free", "free psram unnamed"],
  ["flash free in psram", "free psram"],
  ["buffer malloc", "none"],
  ["heap malloc", "none"],
  ["free malloc", "free any"],
  ["used malloc", "used any"],
  ["low memory", "free any"],
  ["low ram", "free any"],
  ["low heap", "free any"],
  ["lowest low memory", "minimum any"],
  ["low mark memory", "minimum any"],
  ["memory dump", "none"],
  ["dump memory", "size any"],
  ["max", "largest any unnamed"],
  ["max free", "largest any unnamed"],
  ["max used free", "free any unnamed"],
  ["max heap fragment", "largest any"],
  ["biggest heap fragment", "largest any"],
  ["heap fragment", "fragmentation any"],
  ["mem alloc", "used any"],
  ["mem max alloc", "largest any"],
  ["net mem alloc", "none"],
  ["free heap line", "none"],
  ["line heap", "size any"],
] as const)("“%s” is %s", ([words, meaning]) => {
  expect(told(words)).toBe(meaning);
});

test.for([
  ["heap usage", "used any"],
  ["heap fragmentation", "fragmentation any"],
  ["frag", "fragmentation any unnamed"],
  ["free heap fragmentation", "fragmentation any"],
  ["used / free heap", "used any"],
  ["free heap", "free any"],
  ["heap", "used any"],
  ["heap of all", "used any"],
  ["heap of all tasks now", "none"],
  ["of all heap now", "none"],
  ["max heap fragment", "fragmentation any"],
  ["used", "used any unnamed"],
  ["cpu", "none"],
  ["stack used", "none"],
] as const)("“%s” in per cent is %s", ([words, meaning]) => {
  expect(told(words, true)).toBe(meaning);
});

test("memory that was named earlier on the line holds for what follows", () => {
  const before = { named: false, memory: "any" as const };
  meaningOf(wordsOf("PSRAM free"), before, false);
  expect(meaningOf(wordsOf("largest"), before, false)).toEqual({ quantity: "largest", memory: "psram", isNamed: true });
});

test("beside another kind of memory two letters are PSRAM", () => {
  const at = (memory: "any" | "internal") => meaningOf(["ps"], { named: false, memory }, false);
  expect(at("internal")).toEqual({ quantity: "size", memory: "psram", isNamed: true });
  expect(at("any")).toBe("no word of memory");
});
