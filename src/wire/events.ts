// What a run consists of (records.ts), told in the order in which it happened. Decoders, importers and recordings speak it;
// the heap model, the recorder and the live view listen. Times are microseconds since boot, sizes bytes,
// addresses unsigned 32-bit numbers, ids small integers that a `site` or `task` call names (sometimes after first use).

import type { EventBatch } from "./event-batch.ts";
import type { Boot, Failure, Fault, Gap, Heartbeat, Region, Site, Task } from "./records.ts";

/** Receives a run. Calls come in order; a sink must not throw on odd input (a free of an unknown block is data). */
export interface EventSink {
  boot(boot: Boot): void;
  /** Sites and tasks come again with every snapshot; the same id is the same site, and the last call about a task holds. */
  site(site: Site): void;
  task(task: Task): void;
  alloc(time: number, address: number, size: number, site: number, task: number, core: number): void;
  /** `known` is false where the probe did not know the block. `site` is 0 where not sent. */
  free(time: number, address: number, site: number, task: number, core: number, known: boolean): void;
  /**
   * Given instead of `alloc` and `free` (of blocks that the probe knew) calls, many at once and in their order, by sources that can;
   * a sink without it gets the single calls. The batch is valid only during the call.
   */
  eventBatch?(batch: EventBatch): void;
  /** From here on the old block may be given to others, but counts as live until the end of the call. */
  reallocBegin(time: number, address: number, task: number, core: number): void;
  reallocEnd(
    time: number,
    oldAddress: number,
    address: number,
    size: number,
    site: number,
    task: number,
    core: number,
  ): void;
  /** The old block lives on, unchanged. */
  reallocFailed(time: number, address: number, size: number, site: number, task: number, core: number): void;
  mark(time: number, name: string, task: number, core: number): void;
  /**
   * `live` calls follow, mixed with events, until snapshotEnd. A gap or a boot in between voids the snapshot: then no
   * more `live` and no `snapshotEnd` comes before the next snapshotBegin.
   */
  snapshotBegin(time: number): void;
  live(address: number, size: number, site: number, task: number, moving: boolean): void;
  /** `records`: how many `live` calls the device made. */
  snapshotEnd(time: number, records: number): void;
  heartbeat(time: number, heartbeat: Heartbeat): void;
  regions(time: number, regions: readonly Region[]): void;
  fault(fault: Fault): void;
  failure(failure: Failure): void;
  gap(gap: Gap): void;
  /**
   * Bytes of the stream that are not frames: log output, in pieces of any length. After damage there may be garbage among
   * them, so whoever shows them replaces control characters. Valid only during the call.
   */
  text(bytes: Uint8Array): void;
}
