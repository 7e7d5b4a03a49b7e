// Binary search in a block table, which is sorted by address.
import { countWhile } from "../base/bisect.ts";
import { valueAt } from "../base/values.ts";
import type { Address } from "../base/units.ts";
import type { BlockTable } from "../heap/types.ts";

/** Row of the block that contains `address`, or -1. */
export function findBlock(blocks: BlockTable, address: Address): number {
  const row = firstAbove(blocks, address) - 1;
  if (row < 0) return -1;
  return address < valueAt(blocks.address, row) + Math.max(1, valueAt(blocks.size, row)) ? row : -1;
}

/** Row of the first block that starts above `address`, or -1. */
export function nextBlock(blocks: BlockTable, address: Address): number {
  const row = firstAbove(blocks, address);
  return row < blocks.length ? row : -1;
}

/** Row of the last block that starts below `address`, or -1. */
export function previousBlock(blocks: BlockTable, address: Address): number {
  return firstAbove(blocks, address - 1) - 1;
}

/** First row whose address is greater than `address`; the table's length where there is none. */
export function firstAbove(blocks: BlockTable, address: Address): number {
  return countWhile(blocks.length, (row) => valueAt(blocks.address, row) <= address);
}
