/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loop on typed arrays */
// The loop over ALLOC and FREE rows, which are nearly all there are, and all that is counted with them: over columns, with all state in local
// variables, because it decides how fast everything else is. What is rare it leaves to the live set.

import type { Bytes } from "../base/units.ts";
import { blockHash } from "../wire/protocol.ts";
import type { BlockSlots } from "./block-slots.ts";
import { entryOf, FIRST_ENTRY, type PageTable } from "./page-table.ts";
import { RowOp, type Rows } from "./rows.ts";
import { SITE_COUNTS, SiteCount, type SiteTotals } from "./site-totals.ts";

/** The device's number of each run-wide site. The column may be replaced by a longer one. */
export interface DeviceSites {
  readonly column: Uint32Array;
}

/** What such rows change, of the live set. */
export interface CountedBlocks {
  readonly blocks: BlockSlots;
  readonly table: PageTable;
  readonly totals: SiteTotals;
  readonly deviceSites: DeviceSites | undefined;
  /** Sum of blockHash over the live set, 32 bits, where `deviceSites` says by which numbers the device knows the sites. */
  hash: number;
  /** Rows applied since the beginning of the run. */
  row: number;
  allocations: number;
  frees: number;
  allocatedBytes: Bytes;
  liveBytes: Bytes;
  liveBlocks: number;
  /** Extremes since `markExtremes`, and the row after which the highest was reached. */
  lowBytes: Bytes;
  highBytes: Bytes;
  highRow: number;
}

// Copies of what the loop below needs: at every use of an imported name the compiler looks up what it is bound to.
const { ALLOC, FREE } = RowOp;
const { ALLOCATIONS, ALLOCATED_BYTES, ENDED, ENDED_BYTES } = SiteCount;
const [firstEntry, siteCounts] = [FIRST_ENTRY, SITE_COUNTS];
/** Rows that are applied before a visitor sees them: none of them uses a slot again that another has freed. Few enough for the fastest cache. */
export const SHOWN_AT_ONCE = 64;
const SHOWN_MASK = SHOWN_AT_ONCE - 1;
const NO_SITES = new Uint32Array(0);

/**
 * Applies ALLOC and FREE rows from `from` on. Returns `to` or the first row that it leaves to the live set: one of another kind, an ALLOC that needs
 * more room or has a block in its way, a FREE of none or of one that has flags. Tells each row's slot in `touched`; with `isShown` no slot that a
 * row frees is used again, or free when it returns.
 */
export function applyPlainCalls(
  live: CountedBlocks,
  rows: Rows,
  from: number,
  to: number,
  touched: Int32Array,
  isShown: boolean,
): number {
  const { op, time, address, size, site, context, baseTime } = rows;
  const { blocks } = live;
  const { top, directory, entries } = live.table;
  const { sites, counts } = live.totals;
  const { freeSlots, state, seen, snapshotOpen, snapshot } = blocks;
  const { address: addresses, size: sizes, site: siteIds, context: contexts, born: births } = blocks;
  const isHashed = live.deviceSites !== undefined;
  const deviceSites = live.deviceSites?.column ?? NO_SITES;
  const rowsBefore = live.row - from;
  let { freeCount } = blocks;
  let { hash, liveBytes, lowBytes, highBytes, highRow } = live;
  let newBlocks = 0;
  let newBytes = 0;

  let i = from;
  for (; i < to; i++) {
    const where = address[i]!;
    const entry = entryOf(top, directory, where);
    if (op[i] === ALLOC) {
      const siteId = site[i]!;
      if (entry < firstEntry || entries[entry] !== 0 || freeCount === 0 || siteId >= sites) break;
      const slot = freeSlots[--freeCount]!;
      const bytes = size[i]!;
      entries[entry] = slot;
      addresses[slot] = where;
      sizes[slot] = bytes;
      siteIds[slot] = siteId;
      contexts[slot] = context[i]!;
      births[slot] = baseTime + time[i]!;
      if (snapshotOpen) seen[slot] = snapshot;
      touched[(i - from) & SHOWN_MASK] = slot;
      if (isHashed) hash = (hash + blockHash(where, bytes, deviceSites[siteId]!)) | 0;
      const count = siteId * siteCounts;
      counts[count + ALLOCATIONS]! += 1;
      counts[count + ALLOCATED_BYTES]! += bytes;
      newBlocks++;
      newBytes += bytes;
      liveBytes += bytes;
      if (liveBytes > highBytes) {
        highBytes = liveBytes;
        highRow = rowsBefore + i + 1;
      }
    } else if (op[i] === FREE) {
      const slot = entries[entry]!;
      if (slot === 0 || state[slot] !== 0) break;
      const siteId = siteIds[slot]!;
      const bytes = sizes[slot]!;
      entries[entry] = 0;
      touched[(i - from) & SHOWN_MASK] = slot;
      if (!isShown) freeSlots[freeCount++] = slot;
      if (isHashed) hash = (hash - blockHash(where, bytes, deviceSites[siteId]!)) | 0;
      const count = siteId * siteCounts;
      counts[count + ENDED]! += 1;
      counts[count + ENDED_BYTES]! += bytes;
      liveBytes -= bytes;
      if (liveBytes < lowBytes) lowBytes = liveBytes;
    } else {
      break;
    }
  }

  const gone = i - from - newBlocks;
  live.row = rowsBefore + i;
  live.allocations += newBlocks;
  live.frees += gone;
  live.allocatedBytes += newBytes;
  live.liveBlocks += newBlocks - gone;
  live.liveBytes = liveBytes;
  blocks.freeCount = freeCount;
  live.hash = hash;
  live.lowBytes = lowBytes;
  live.highBytes = highBytes;
  live.highRow = highRow;
  return i;
}
