// What a line says of damage: where, of which kind, what should stand there and what does.
import { expect, test } from "vitest";
import { damageIn } from "./heap-damage-text.ts";

test.each<readonly [string, object | undefined]>([
  [
    "CORRUPT HEAP: Bad tail at 0x3ffb5ab4. Expected 0xbaad5678 got 0xbaad5600",
    { kind: "bad-tail", address: 0x3ffb5ab4, expected: 0xbaad5678, found: 0xbaad5600, foundBytes: 4 },
  ],
  [
    "CORRUPT HEAP: Bad head at 0x3ffb5a00. Expected 0xabba1234 got 0x00000010",
    { kind: "bad-head", address: 0x3ffb5a00, expected: 0xabba1234, found: 0x10, foundBytes: 4 },
  ],
  [
    "CORRUPT HEAP: Invalid data at 0x3ffb5a10. Expected 0xfefefefe got 0xfefefe11",
    { kind: "write-after-free", address: 0x3ffb5a10, expected: 0xfefefefe, found: 0xfefefe11, foundBytes: 4 },
  ],
  [
    "CORRUPT HEAP: Invalid data at 0x3ffb5a10. Expected 0xfe got 0x11",
    { kind: "write-after-free", address: 0x3ffb5a10, expected: 0xfe, found: 0x11, foundBytes: 1 },
  ],
  [
    "CORRUPT HEAP: Bad tail at 0x3ffb5ab4. Expected 0xbaad5678 got 0x12345678ab",
    { kind: "bad-tail", address: 0x3ffb5ab4, expected: 0xbaad5678, found: 0x12345678ab, foundBytes: 4 },
  ],
  // umm_malloc shows bytes as they lie, the lowest first; those that it does not show are taken for untouched.
  [
    "No poison before block at: 0x3fff1234, actual data: 0xa5 0x00 0xa6 0x11 0x22",
    { kind: "bad-head", address: 0x3fff1234, expected: 0xa5a5a5a5, found: 0x11a600a5, foundBytes: 4 },
  ],
  [
    "No poison after block at: 0x3fff1234, actual data: 0x01",
    { kind: "bad-tail", address: 0x3fff1234, expected: 0xa5a5a5a5, found: 0xa5a5a501, foundBytes: 4 },
  ],
  ["says nothing of it", undefined],
])("%j", (line, damage) => {
  expect(damageIn(line)).toEqual(damage);
});

test("ESP-IDF's other complaints: an address where one is named", () => {
  const multi = damageIn("CORRUPT HEAP: multi_heap.c:431 detected at 0x3ffb8f10");
  expect(multi).toMatchObject({ kind: "heap-metadata", address: 0x3ffb8f10 });
  const none = damageIn("CORRUPT HEAP: multi_heap.c:431 is wrong");
  expect([none?.kind, none?.address]).toEqual(["heap-metadata", undefined]);
});
