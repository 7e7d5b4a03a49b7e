// The model of a heap against what its blocks leave: a request is refused where no hole takes it, and only there; what is freed is one hole again.
import fc from "fast-check";
import { expect, test } from "vitest";
import { TlsfHeap } from "./tlsf-heap.ts";
import { blockBytes, HEADER_BYTES, SMALLEST_HOLE } from "./tlsf-sizes.ts";

/** Usable bytes of the holes between blocks, which are given as address and bytes. */
function holesBetween(start: number, pool: number, blocks: ReadonlyMap<number, number>): number[] {
  const holes: number[] = [];
  let end = start;
  for (const [address, bytes] of [...blocks].sort(([a], [b]) => a - b)) {
    if (address - HEADER_BYTES > end) holes.push(address - HEADER_BYTES - end - HEADER_BYTES);
    end = address + bytes;
  }
  if (start + pool > end) holes.push(start + pool - end - HEADER_BYTES);
  return holes;
}

test("serves exactly what a hole has room for, and joins what is freed", () => {
  const request = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 200, max: 40_000 }));
  fc.assert(
    fc.property(
      fc.constantFrom(12 << 10, 200 << 10, 400 << 10),
      fc.array(fc.record({ request, isFree: fc.boolean(), which: fc.nat() }), { maxLength: 150 }),
      (pool, steps) => {
        const start = 0x3ffb_0000;
        const heap = new TlsfHeap(pool, [{ start: start + HEADER_BYTES, bytes: pool - HEADER_BYTES }]);
        const blocks = new Map<number, number>();
        for (const step of steps) {
          const some = [...blocks.keys()][step.which % Math.max(1, blocks.size)];
          if (step.isFree && some !== undefined) {
            heap.release(some);
            blocks.delete(some);
          } else {
            const need = blockBytes(step.request, pool);
            const hole = Math.max(0, ...holesBetween(start, pool, blocks));
            const address = heap.allocate(step.request);
            expect(address !== undefined).toBe(hole >= need);
            if (address === undefined) continue;
            const after = [...blocks.keys()]
              .filter((one) => one > address)
              .reduce((a, b) => Math.min(a, b), start + pool + HEADER_BYTES);
            // What is left of a hole and too small for one goes with the block.
            const left = after - HEADER_BYTES - address - need;
            blocks.set(address, left < SMALLEST_HOLE ? need + left : need);
          }
          expect(heap.free).toBe(holesBetween(start, pool, blocks).reduce((sum, bytes) => sum + bytes, 0));
        }
        for (const address of blocks.keys()) heap.release(address);
        expect(heap.free).toBe(pool - HEADER_BYTES);
      },
    ),
  );
});
