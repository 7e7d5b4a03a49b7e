// Everything about the blocks that match a query: those that are live at the end of a window, and what their call sites did in it.
import type { Quantity } from "../base/quantity.ts";
import type { Microseconds } from "../base/units.ts";
import type { Names } from "../detect/names.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";
import { doubtWithin, type LiveView } from "./doubt.ts";
import { neighbours } from "./block-view.ts";
import type { BlockView } from "./site-view.ts";
import { viewTrouble, type TroubleView } from "./run-trouble.ts";
import { viewLiveList, type LiveBlockView } from "./live-list.ts";
import { viewSites, type SiteRow } from "./top-sites.ts";

/** The sums are of the blocks that match and are live at the end of the window. */
export interface QueryView extends LiveView, TroubleView {
  readonly filter: string;
  readonly window: Window;
  /** The most that was live at once, and when; absent for queries about ages, which would have to know how old each block was at every moment. */
  readonly peakBytes?: Quantity;
  readonly peakTime?: Microseconds;
  /** Call sites with allocations that match, most live bytes first. */
  readonly sites: readonly SiteRow[];
  /** Largest first. */
  readonly blocks: readonly LiveBlockView[];
  /** Where the query is for one address, and no block holds it: the nearest live blocks below and above. */
  readonly before?: BlockView;
  readonly after?: BlockView;
}

export async function viewQuery(
  model: HeapModel,
  names: Names,
  window: Window,
  filter: BlockFilter,
): Promise<QueryView> {
  const { liveBytes, liveBlocks, blocks } = await viewLiveList(model, names, { time: window.to, filter });
  const { sites } = await viewSites(model, names, window, { order: "live", filter });
  const peak = filter.hasAge ? undefined : await model.peak(window, filter);
  const { about } = await doubtWithin(model, window);
  const free = blocks.length === 0 ? /(?:^|\s)addr:(0x[0-9a-f]{1,8})(?=\s|$)/i.exec(filter.query)?.[1] : undefined;
  return {
    ...viewTrouble(model),
    filter: filter.query,
    window,
    liveBytes,
    liveBlocks,
    ...(peak !== undefined && { peakBytes: about(peak.bytes), peakTime: peak.time }),
    sites,
    blocks,
    ...(free !== undefined && (await neighbours(model, names, window.to, parseInt(free, 16)))),
  };
}
