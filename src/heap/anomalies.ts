/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// What stood against the account that was kept so far: an allocation or a free that was missed, a live set that is not the device's.
import type { Address, Microseconds, RunContext, RunSiteId, RunTime } from "../base/units.ts";
import type { ChunkBuilder } from "./chunk-builder.ts";
import type { LiveSet } from "./live-set.ts";
import type { NoteContent, TableBuilder } from "./notes.ts";
import type { AnomalyKind } from "./run-records.ts";

/** Listed by kind; more are only counted. */
const ANOMALIES_KEPT = 1000;

/** Columns of rows or of live blocks. */
type BlockColumns = Readonly<Record<"address" | "site" | "context", ArrayLike<number>>>;

export class Anomalies {
  private readonly heap: LiveSet;
  private readonly builder: ChunkBuilder;
  private readonly tables: TableBuilder;
  private readonly counts = new Map<AnomalyKind, number>();

  constructor(heap: LiveSet, builder: ChunkBuilder, tables: TableBuilder) {
    this.heap = heap;
    this.builder = builder;
    this.tables = tables;
  }

  add(kind: AnomalyKind, time: RunTime, address: Address, site: RunSiteId, context: RunContext): void {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count > ANOMALIES_KEPT) return;
    const value = { kind, time, address, site, task: context >>> 2, explainedByGap: !this.heap.blocks.certain };
    const content: NoteContent = { kind: "anomaly", value };
    this.tables.apply(content);
    // The live set's row is that of the anomaly also where more rows wait to be applied.
    this.builder.noteAt(this.heap.row - this.builder.rows.firstRow, content, time);
  }

  /** Of a row or a live block: their times, sites and contexts are the run's. */
  addOf(kind: AnomalyKind, time: Microseconds, { address, site, context }: BlockColumns, at: number): void {
    this.add(kind, time as RunTime, address[at]!, site[at] as RunSiteId, context[at] as RunContext);
  }
}
