// Live blocks at a moment, one row each.
import type { Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { BlockFlag, type BlockTable } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";
import { doubtAt, sumLive, viewLiveSum, viewTotal, type LiveView } from "./doubt.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { blockViews, type BlockView } from "./site-view.ts";

/** A block that is live at a moment. */
export interface LiveBlockView extends BlockView {
  readonly born: Microseconds;
  readonly age: Microseconds;
  readonly reallocs: number;
  readonly task: string;
  readonly core: number;
  /** What the request asked for: `8BIT|DMA`. */
  readonly caps: string;
  /** True where a gap lies between its birth and now: it may be gone. */
  readonly uncertain: boolean;
  /** True where it was first seen in a snapshot: it is older than `age`. */
  readonly bornEarlier: boolean;
}

/** What was asked for; the sums are of the blocks that match. */
export interface LiveListView extends LiveView, TroubleView {
  readonly time: Microseconds;
  readonly filter?: string;
  /** Only blocks that were born at or after this moment. */
  readonly bornSince?: Microseconds;
  /** Everything that is live at the moment. */
  readonly total: LiveView;
  readonly blocks: readonly LiveBlockView[];
  /** Rows that a limit left out. */
  readonly omittedBlocks: number;
  /** Blocks that may be gone, those that a limit left out among them. */
  readonly uncertainBlocks: number;
}

export const LIVE_ORDERS = ["size", "age", "address", "site"] as const;
export type LiveOrder = (typeof LIVE_ORDERS)[number];

export interface LiveQuestion {
  readonly time: Microseconds;
  readonly filter?: BlockFilter;
  readonly bornSince?: Microseconds;
  readonly order?: LiveOrder;
  readonly limit?: number;
}

export async function viewLiveList(model: HeapModel, names: Names, question: LiveQuestion): Promise<LiveListView> {
  const { time, filter, bornSince, order = "size", limit = Infinity } = question;
  const table = await liveBlocks(model, question);
  const rows = sortBlocks(viewBlocks(table, model, names, time), order);
  const doubt = await doubtAt(model, time);
  const total = await viewTotal(model, time);
  const isAll = filter === undefined && bornSince === undefined;
  return {
    ...viewTrouble(model),
    time,
    ...(filter !== undefined && { filter: filter.query }),
    ...(bornSince !== undefined && { bornSince }),
    ...(isAll ? total : viewLiveSum(sumLive(table, doubt), doubt)),
    total,
    blocks: rows.slice(0, limit),
    omittedBlocks: Math.max(0, rows.length - limit),
    uncertainBlocks: rows.filter(({ uncertain }) => uncertain).length,
  };
}

/** What a question about a moment means: by address. */
export function liveBlocks(
  model: HeapModel,
  { time, filter, bornSince }: Pick<LiveQuestion, "time" | "bornSince"> & { readonly filter?: BlockFilter | undefined },
): Promise<BlockTable> {
  return bornSince === undefined ? model.liveAt(time, filter) : model.survivors({ from: bornSince, to: time }, filter);
}

function viewBlocks(table: BlockTable, { tables }: HeapModel, names: Names, time: Microseconds): LiveBlockView[] {
  const viewOf = blockViews(table, names);
  return Array.from({ length: table.length }, (_, row) => {
    const block = viewOf(row);
    const flags = table.flags[row] ?? 0;
    return {
      ...block,
      age: time - block.born,
      reallocs: table.reallocs[row] ?? 0,
      core: table.core[row] ?? 0,
      caps: formatCaps(tables.sites[table.site[row] ?? 0]?.caps ?? 0),
      uncertain: (flags & BlockFlag.UNCERTAIN) !== 0,
      bornEarlier: (flags & BlockFlag.FOUND) !== 0,
    };
  });
}

/** Largest or oldest first; by address or name of the site ascending. Blocks come by address; sorting is stable. */
function sortBlocks(blocks: LiveBlockView[], order: LiveOrder): LiveBlockView[] {
  if (order === "address") return blocks;
  if (order === "site") {
    return blocks.sort((a, b) => (a.site.text < b.site.text ? -1 : a.site.text > b.site.text ? 1 : 0));
  }
  return blocks.sort((a, b) => b[order] - a[order]);
}
