// Against looking at each block.
import fc from "fast-check";
import { expect, test } from "vitest";
import { tableOf } from "../../test/detect-inputs.ts";
import { findBlock, firstAbove, nextBlock, previousBlock } from "./block-lookup.ts";

const blocks = fc.array(fc.record({ gap: fc.nat(3), size: fc.nat(4) }), { maxLength: 6 }).map((all) => {
  let end = 10;
  return all.map(({ gap, size }) => {
    const address = end + gap;
    end = address + Math.max(1, size);
    return { address, size };
  });
});

test("the block that contains an address, and those before and behind it", () => {
  fc.assert(
    fc.property(blocks, fc.integer({ min: 8, max: 50 }), (all, at) => {
      const table = tableOf(all);
      const above = all.findIndex(({ address }) => address > at);
      expect(findBlock(table, at)).toBe(
        all.findIndex(({ address, size }) => at >= address && at < address + Math.max(1, size)),
      );
      expect(nextBlock(table, at)).toBe(above);
      expect(firstAbove(table, at)).toBe(above < 0 ? all.length : above);
      expect(previousBlock(table, at)).toBe(all.findLastIndex(({ address }) => address < at));
    }),
    { numRuns: 300 },
  );
});
