// Names of numbers whose own word says nothing.
import { expect, test } from "vitest";
import { nameOfValue } from "./value-names.ts";

test.for<readonly [string, string | undefined]>([
  ["heap,host=a value=1000", "heap"],
  ["heap_free,host=a,type=internal,x=y value=1000i", "heap_free internal"],
  ["heap_free,host=a\\ b count=3i,value=1000i", "heap_free"],
  ["heap free value=1000", undefined],
  ['{"metric":"free_heap","value":1000}', "free_heap"],
  ["{'name': 'free_heap', 'val': 1000}", "free_heap"],
  ['{"value":1000,"name":"free_heap"}', "free_heap"],
  ['{"name":"a","value":5},{"name":"b","value":1000}', "b"],
  ['{"value":1000},{"name":"b"}', undefined],
  ["metric=free_heap value=1000", "free_heap"],
  ["value=1000 metric=free_heap", undefined],
  ["entity_id=sensor.free_heap, state: 1000", "sensor.free_heap"],
  ['{"metric":"free_heap","count":1000}', undefined],
])("%s", ([text, name]) => {
  expect(nameOfValue(text, text.indexOf("1000"))).toBe(name);
});
