import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { combined } from "./combined-visitor.ts";
import type { HeapVisitor } from "./visitor.ts";

test("each of several visitors sees what it asks for, as if it were alone, also where a realloc ends a block", async () => {
  const model = await heapFromText(`
    malloc A 100 f
    malloc B 10 g
    @1s gap ?
    @2s realloc A C 200 f
    @3s free B
    @4s free C
  `);
  const visitor = (seen: string[], asks: { born?: true; died?: true; gap?: true }): HeapVisitor => ({
    begin: (_live, slots) => void seen.push(`begin ${[...slots].length}`),
    ...(asks.born && { born: (live, slot, time) => void seen.push(`born ${live.size[slot]} ${time}`) }),
    ...(asks.died && { died: (live, slot, time) => void seen.push(`died ${live.size[slot]} ${time}`) }),
    ...(asks.gap && { gap: (_live, time) => void seen.push(`gap ${time}`) }),
    end: (_live, slots) => void seen.push(`end ${[...slots].length}`),
  });
  const asked = [{ born: true }, { died: true }, { born: true, died: true, gap: true }, {}] as const;
  const together = asked.map((): string[] => []);
  await model.scan(model.span, [combined(asked.map((asks, i) => visitor(together[i] ?? [], asks)))]);
  for (const [i, asks] of asked.entries()) {
    const alone: string[] = [];
    await model.scan(model.span, [visitor(alone, asks)]);
    expect(together[i]).toEqual(alone);
  }
  expect(together[1]?.filter((line) => line.startsWith("died"))).toEqual([
    "died 100 2000000",
    "died 10 3000000",
    "died 200 4000000",
  ]);
  expect(together[0]).not.toContain("gap 1000000");
  expect(together[2]).toContain("gap 1000000");
});

test("one visitor is asked as it is, without another between", () => {
  const only: HeapVisitor = {};
  expect(combined([only])).toBe(only);
  expect(combined([only, only])).not.toBe(only);
  expect(combined([])).toHaveProperty("born");
});
