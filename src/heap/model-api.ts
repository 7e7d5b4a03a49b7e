// What detectors, reports and commands may ask of a run, whether it is in memory or in a file. Answers are functions of
// (window, filter); everything is asynchronous because a chunk may have to be read, but waits once a chunk and never once an event.

import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "./filter.ts";
import type { RegionSeries } from "./region-series.ts";
import type { HeapVisitor } from "./visitor.ts";
import type {
  BlockTable,
  CapsState,
  Group,
  GroupActivity,
  GroupKey,
  LogText,
  Moment,
  Peak,
  RegionState,
  RunTables,
  SiteActivity,
  SiteSeries,
  Timeline,
  Totals,
  Window,
} from "./types.ts";
import type { CheckedHeartbeat, RegionReport } from "./run-records.ts";

/** Where the device tracks a sample, sums are estimates of all blocks (sampling.ts); tables of blocks and `siteSeries` hold what was tracked. */
export interface HeapModel {
  /** Names and rare events of the whole run. */
  readonly tables: RunTables;
  /** Why the names that the model was given may all be wrong: they are another firmware's. */
  readonly nameMismatch: string | undefined;
  /** From the first event to the last. */
  readonly span: Window;
  /** Rows of history: allocator events, and what snapshots corrected. */
  readonly rows: number;
  /** Whether any single block is known of. */
  readonly tellsBlocks: boolean;
  /** Parses a query (filter.ts has the syntax) against this run's names. Throws MemmapError `usage-query`. */
  filter(query: string): BlockFilter;

  totalsAt(time: Microseconds): Promise<Totals>;
  /** Blocks live after every event at `time`, by address. */
  liveAt(time: Microseconds, filter?: BlockFilter): Promise<BlockTable>;
  /** The two above and the next one in one pass: for views of a moment, which need all of it. */
  momentAt(time: Microseconds): Promise<Moment>;
  /** The high-water mark of the filtered blocks within the window. Without a filter it costs one seek, else one pass. */
  peak(window?: Window, filter?: BlockFilter): Promise<Peak>;
  /** Born in the window and alive at its end, by address. */
  survivors(window: Window, filter?: BlockFilter): Promise<BlockTable>;
  /** One pass: churn, lifetimes, temporaries, realloc chains, peaks, by site. */
  activity(window?: Window, filter?: BlockFilter): Promise<SiteActivity>;
  /** The same by another key. */
  groupActivity(by: GroupKey, window?: Window, filter?: BlockFilter): Promise<GroupActivity>;
  /** At most `buckets` buckets. Without a filter it reads chunk summaries only, and is as fine as the chunks are. */
  timeline(window: Window | undefined, buckets: number, filter?: BlockFilter): Promise<Timeline>;
  /** Running totals by site at about `samples` moments; reads the stored totals where they are dense enough, else the events. */
  siteSeries(window: Window | undefined, samples: number): Promise<SiteSeries>;

  /** Each region as it was at `time`; empty before the device's first answer. */
  regionsAt(time: Microseconds): Promise<readonly RegionState[]>;
  /** Each region at `samples` moments, evenly spaced, with the extremes between them. */
  regionSeries(window: Window | undefined, samples: number): Promise<RegionSeries>;
  /** The same by capability: one entry for each that a region has, lowest bit first. `sumOfCaps` in regions.ts answers for several bits. */
  capsAt(time: Microseconds): Promise<readonly CapsState[]>;
  /** The device's own answers within the window. */
  regionReports(window?: Window): Promise<readonly RegionReport[]>;
  heartbeats(window?: Window): Promise<readonly CheckedHeartbeat[]>;
  log(window?: Window): Promise<readonly LogText[]>;

  /** Sums a table by a key; most bytes first. `unresolved` names go under "?". */
  group(blocks: BlockTable, by: GroupKey): readonly Group[];
  /** One pass over the window's events for any number of visitors; the shared pass of detectors that need more than `activity`. */
  scan(window: Window | undefined, visitors: readonly HeapVisitor[]): Promise<void>;
}
