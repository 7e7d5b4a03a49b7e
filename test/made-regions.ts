// Regions made up of holes and blocks, for tests of who stands where.
import fc from "fast-check";
import type { BlockTable, FreeRange, RegionState } from "../src/heap/types.ts";
import { tableOf, type Block } from "./detect-inputs.ts";

export const START = 0x3ffb_0000;
const END = START + 0x2000;

/** A region with such holes, or with holes of so many bytes one behind the other. */
export function stateOf(holes: readonly (number | FreeRange)[], more: Partial<RegionState> = {}): RegionState {
  let at = START;
  const ranges = holes.map((hole) => {
    if (typeof hole !== "number") return hole;
    const start = at;
    at += hole + 64;
    return { start, bytes: hole };
  });
  return {
    region: { name: "DRAM", start: START, end: END, caps: 4, free: 0, largestFree: 0 },
    reportedAt: 0,
    free: ranges.reduce((sum, { bytes }) => sum + bytes, 0),
    largestFree: Math.max(0, ...ranges.map(({ bytes }) => bytes)),
    freeBlocks: ranges.length,
    minimumFree: 0,
    holes: ranges,
    exact: true,
    liveBlocks: 0,
    occupied: 0,
    ...more,
  };
}

/** Blocks and holes one behind the other, each so far behind the one before; a block before the region, and one at its end. */
export const madeRegion = fc
  .tuple(
    fc.array(
      fc.record({
        isBlock: fc.boolean(),
        bytes: fc.nat(30).map((words) => 12 + 4 * words),
        less: fc.nat(3),
        gap: fc.constantFrom(0, 4, 4, 4, 4, 8, 20, 24, 61, 64, 68),
        site: fc.integer({ min: 1, max: 3 }),
        born: fc.nat(100),
      }),
      { maxLength: 14 },
    ),
    fc.nat(140),
    fc.boolean(),
  )
  .map(([all, largestFree, exact]): { readonly state: RegionState; readonly live: BlockTable } => {
    const blocks: Block[] = [{ address: START - 16, size: 12 }];
    const holes: FreeRange[] = [];
    let at = START;
    for (const { isBlock, bytes, less, gap, ...by } of all) {
      at += gap;
      if (isBlock) blocks.push({ address: at, size: bytes - less, ...by });
      else holes.push({ start: at, bytes });
      at += bytes;
    }
    blocks.push({ address: END, size: 12 });
    return { state: stateOf(holes, { largestFree, exact }), live: tableOf(blocks) };
  });
