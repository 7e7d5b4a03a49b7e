/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays */
// Listens to a run and keeps account of it: run-wide ids, run time, snapshots reconciled, heartbeats checked, gaps marked. What comes out are
// rows and notes in chunks, and the live set of now. A recording writer and a run in memory are both a Tracker with another receiver of chunks.

import {
  later,
  runTime,
  RUN_START,
  type Address,
  type Bytes,
  type Microseconds,
  type RunContext,
  type RunSiteId,
  type RunTime,
  type SiteId,
} from "../base/units.ts";
import { BatchOp, EVENT_FIELDS, EventField, type EventBatch } from "../wire/event-batch.ts";
import { type AnyRecord, type RecordKind, type RecordOfKind, records } from "../wire/records.ts";
import type { EventSink } from "../wire/events.ts";
import { toldAt } from "../wire/log-records.ts";
import { Anomalies } from "./anomalies.ts";
import { ChunkBuilder } from "./chunk-builder.ts";
import { RunIds } from "./run-ids.ts";
import { LiveSet, type OddRowListener } from "./live-set.ts";
import { hasJustTheCertain } from "./live-totals.ts";
import { TableBuilder, type NoteContent } from "./notes.ts";
import { RowOp, type RowOpCode, type Rows } from "./rows.ts";
import type { SealedChunk } from "./run.ts";
import { SnapshotAccount } from "./snapshot-account.ts";
import { BlockFlag, type RunTables } from "./types.ts";
import type { CheckedHeartbeat, RegionReport, RunBoot } from "./run-records.ts";

// Copies: an imported name is looked up at every use.
const { OP, ADDRESS, SIZE, SITE, CONTEXT } = EventField;
const FIELDS = EVENT_FIELDS;

/** More missing events than this are as good as an unknown number. */
const MOST_MISSING = 0x7fff_ffff;

type ValueOf<K extends RecordKind> = RecordOfKind<K>["value"];

export interface TrackerOptions {
  /** Rows a chunk, at most CHUNK_ROWS (the default). */
  readonly chunkRows?: number;
}

export class Tracker implements EventSink, OddRowListener {
  private readonly heap = new LiveSet();
  private readonly builder: ChunkBuilder;
  private readonly tableBuilder = new TableBuilder();
  private readonly ids: RunIds;
  /** Run time of the current boot's time zero, of the last event, and the latest of anything that was told. */
  private bootStart = RUN_START;
  private now = RUN_START;
  private latest = RUN_START;
  private currentBoot: RunBoot | undefined;
  private readonly snapshot = new SnapshotAccount();
  private readonly anomalies: Anomalies;
  private readonly reported = { fault: new Set<number>(), failure: new Set<number>() };
  /** For a live view. */
  lastHeartbeat: CheckedHeartbeat | undefined;
  lastRegions: RegionReport | undefined;

  /** `onChunk`: the chunk's rows are valid only during the call; the next chunk is written over them. */
  constructor(onChunk: (chunk: SealedChunk) => void, options: TrackerOptions = {}) {
    this.builder = new ChunkBuilder(this.heap, onChunk, options.chunkRows);
    this.anomalies = new Anomalies(this.heap, this.builder, this.tableBuilder);
    this.ids = new RunIds((content) => this.note(content));
    this.heap.deviceSites = this.ids.deviceSites;
    this.heap.oddRows = this;
  }

  /** The live set after the last call. Read only. */
  get state(): LiveSet {
    return this.heap;
  }

  get tables(): RunTables {
    return this.tableBuilder.tables;
  }

  /** Run time of the last event. */
  get time(): RunTime {
    return this.now;
  }

  /** Closes the chunk under construction, so that everything so far can be written or asked for. */
  flush(): void {
    this.builder.seal(this.now);
  }

  calls(batch: EventBatch): void {
    const { builder, heap, ids } = this;
    const { rows } = builder;
    const { length } = batch;
    let next = 0;
    while (next < length) {
      let taken = builder.pushEvents(batch, next, length, this.now, this.bootStart, ids);
      if (taken === 0) {
        taken = 1;
        this.pushEvent(batch, next);
      }
      const from = rows.length - taken;
      this.now = builder.rowTime;
      heap.applyRows(rows, from, rows.length);
      next += taken;
    }
  }

  record(record: AnyRecord): void {
    switch (record.kind) {
      case "boot":
        this.boot(record.value);
        break;
      case "site":
        this.ids.describeSite(record.value);
        break;
      case "task":
        this.ids.describeTask(record.value, this.now);
        break;
      case "unknownFree":
        this.unknownFree(record.value);
        break;
      case "reallocBegin": {
        const { time, address, task, core } = record.value;
        this.push(RowOp.REALLOC_BEGIN, this.clock(time), address, 0, 0, this.ids.context(task, core));
        break;
      }
      case "reallocEnd":
        this.reallocEnd(record.value);
        break;
      case "reallocFailed": {
        const { time, address, size, site, task, core } = record.value;
        const context = this.ids.context(task, core);
        this.push(RowOp.REALLOC_FAILED, this.clock(time), address, size, this.ids.site(site), context);
        break;
      }
      case "mark": {
        const { time, task } = record.value;
        const value = { ...record.value, time: this.clock(time), task: this.ids.context(task, 0) >>> 2 };
        this.note({ kind: "mark", value });
        break;
      }
      case "snapshotBegin":
        this.clock(record.value.time);
        this.heap.blocks.snapshot++;
        this.snapshot.begin();
        this.heap.blocks.snapshotOpen = true;
        break;
      case "live":
        this.live(record.value);
        break;
      case "snapshotEnd":
        this.snapshotEnd(record.value);
        break;
      case "heartbeat":
        this.heartbeat(record.value);
        break;
      case "regions":
        this.lastRegions = { ...record.value, time: this.ownTime(record.value.time) };
        this.note({ kind: "regions", value: this.lastRegions });
        break;
      case "fault":
      case "failure":
        this.report(record);
        break;
      case "gap":
        this.gap(record.value);
        break;
      case "series":
      case "readings":
      case "incident":
        this.clock(toldAt(record));
        this.note(this.ids.toldNote(record, this.bootStart));
        break;
    }
  }

  text(bytes: Uint8Array): void {
    this.builder.addText(bytes, this.now);
  }

  private boot(boot: ValueOf<"boot">): void {
    const last = this.currentBoot;
    if (last === undefined || last.bootId === boot.bootId || boot.continues === true) {
      // The first HELLO describes what came before it too; the same boot again may know more, a provisional one its whole id.
      this.currentBoot = { ...boot, startedAt: this.bootStart };
      this.ids.boot = last === undefined ? 0 : this.ids.boot;
      if (last === undefined || JSON.stringify(last) !== JSON.stringify(this.currentBoot)) {
        this.note({ kind: "boot", value: this.currentBoot });
      }
      return;
    }
    this.now = later(this.now, this.latest);
    this.bootStart = this.now;
    this.currentBoot = { ...boot, startedAt: this.bootStart };
    this.push(RowOp.RESET, this.now, 0, 0, 0, 0);
    this.heap.blocks.snapshotOpen = false;
    this.reported.fault.clear();
    this.reported.failure.clear();
    this.ids.nextBoot();
    this.note({ kind: "boot", value: this.currentBoot });
  }

  /** The event whose ids are new, or for which there is no room in the chunk. */
  private pushEvent({ time, fields }: EventBatch, i: number): void {
    const at = i * FIELDS;
    const t = this.clock(time[i]!);
    const site = this.ids.site(fields[at + SITE]!);
    const context = this.ids.context(fields[at + CONTEXT]! >>> 2, fields[at + CONTEXT]! & 3);
    const op = fields[at + OP] === BatchOp.ALLOC ? RowOp.ALLOC : RowOp.FREE;
    this.builder.push(op, t, fields[at + ADDRESS]!, fields[at + SIZE]!, site, context);
  }

  private unknownFree({ time, address, site, task, core }: ValueOf<"unknownFree">): void {
    const t = this.clock(time);
    const runSite = this.ids.site(site);
    const context = this.ids.context(task, core);
    if (this.heap.slotAt(address) === 0) this.anomalies.add("unknown-free", t, address, runSite, context);
    this.push(RowOp.FREE_UNKNOWN, t, address, 0, runSite, context);
  }

  private reallocEnd({ time, oldAddress, address, size, site, task, core }: ValueOf<"reallocEnd">): void {
    const t = this.clock(time);
    const { heap: state } = this;
    const runSite = this.ids.site(site);
    const context = this.ids.context(task, core);
    const slot = state.movingAt(oldAddress) || state.slotAt(oldAddress);
    if (slot === 0) this.anomalies.add("missed-allocation", t, oldAddress, runSite, context);
    this.builder.keepTogether(2, t);
    this.push(RowOp.REALLOC_FROM, t, oldAddress, 0, 0, context);
    this.push(RowOp.REALLOC_END, t, address, size, runSite, context);
  }

  /** A record of a snapshot is true at its place in the stream, whether or not the snapshot will be whole. */
  private live({ address, size, site, task, moving }: ValueOf<"live">): void {
    const { heap: state } = this;
    this.snapshot.records++;
    const runSite = this.ids.site(site);
    const inTable = state.slotAt(address);
    const same = (slot: number): boolean =>
      slot !== 0 && state.blocks.size[slot] === size && state.blocks.site[slot] === runSite;
    const context = this.ids.context(task, 0);
    const inFlight = state.movingAt(address, context);
    if (moving) {
      const slot = state.allMovingAt(address).filter(same)[this.snapshot.takeMoving(address, size, site)];
      if (slot === undefined) this.foundMoving(address, size, site, runSite, context);
      else state.blocks.markSeen(slot);
      return;
    }
    // One that this snapshot has told as moving is not this one, alike as they may be.
    if (inTable === 0 && same(inFlight) && !state.blocks.isSeen(inFlight))
      this.push(RowOp.REALLOC_FAILED, this.now, address, 0, 0, context);
    const slot = state.slotAt(address);
    if (same(slot)) {
      state.blocks.markSeen(slot);
      if ((state.blocks.flags(slot) & BlockFlag.UNCERTAIN) !== 0)
        this.push(RowOp.FOUND, this.now, address, size, runSite, context);
    } else if (slot === 0 || !state.blocks.isSeen(slot)) {
      this.found(address, size, site, context);
    }
  }

  private snapshotEnd({ time, records: count }: ValueOf<"snapshotEnd">): void {
    const t = this.clock(time);
    const whole = this.heap.blocks.snapshotOpen && this.snapshot.records === count;
    this.heap.blocks.snapshotOpen = false;
    if (!whole) return;
    for (const slot of this.heap.blocks.slots()) {
      if (this.heap.blocks.isSeen(slot)) continue;
      if (this.heap.blocks.certain) this.anomalies.addOf("diverged", t, this.heap.blocks, slot);
      this.gone(slot, t);
    }
    if (!this.heap.blocks.certain) this.push(RowOp.SYNC, t, 0, 0, 0, 0);
  }

  private heartbeat(heartbeat: ValueOf<"heartbeat">): void {
    const t = this.clock(heartbeat.time);
    const { heap: state } = this;
    if (!state.blocks.certain && hasJustTheCertain(state, heartbeat)) this.dropUncertain(t);
    const agrees =
      heartbeat.liveBlocks === state.liveBlocks &&
      heartbeat.liveBytes === state.liveBytes &&
      heartbeat.hash >>> 0 === state.hash >>> 0;
    const verdict = agrees ? "verified" : state.blocks.certain ? "diverged" : "uncertain";
    this.lastHeartbeat = { ...heartbeat, time: t, verdict };
    this.note({ kind: "heartbeat", value: this.lastHeartbeat });
    if (agrees) {
      if (!state.blocks.certain) this.push(RowOp.SYNC, t, 0, 0, 0, 0);
      return;
    }
    if (verdict === "diverged") {
      this.anomalies.add("diverged", t, 0, 0, 0);
      this.push(RowOp.GAP, t, 0, 0, 0, 0);
    }
    this.push(RowOp.DEVICE_TOTALS, t, heartbeat.liveBytes, heartbeat.liveBlocks, 0, 0);
  }

  private dropUncertain(time: RunTime): void {
    for (const slot of this.heap.blocks.slots()) {
      if ((this.heap.blocks.flags(slot) & BlockFlag.UNCERTAIN) !== 0) this.gone(slot, time);
    }
  }

  private gone(slot: number, time: RunTime): void {
    const address = this.heap.blocks.address[slot]!;
    // Which of those that are being moved from there, from 1; 0 is the one that is not.
    this.push(RowOp.GONE, time, address, 1 + this.heap.allMovingAt(address).indexOf(slot), 0, 0);
  }

  private report(record: RecordOfKind<"fault" | "failure">): void {
    const { kind, value } = record;
    const numbers = this.reported[kind];
    if (numbers.has(value.number)) return;
    numbers.add(value.number);
    if (kind === "fault") this.note({ kind, value: this.ids.translated(records.fault, value, this.bootStart) });
    else this.note({ kind, value: this.ids.translated(records.failure, value, this.bootStart) });
  }

  private gap(gap: ValueOf<"gap">): void {
    const since = gap.since === undefined ? undefined : this.ownTime(gap.since);
    const time = since === undefined ? this.clock(gap.time) : this.ownTime(gap.time);
    // A run that was joined in the middle begins where it was joined: what came before belongs to no view.
    if (gap.reason === "attached-late" && this.heap.row === 0) this.builder.seal(time);
    this.note({ kind: "gap", value: { ...gap, time, ...(since !== undefined && { since }) } });
    // Frames without events (names, log text) may be lost too; that leaves the live set as certain as it was.
    if (gap.lostEvents === 0) return;
    this.heap.blocks.snapshot++;
    this.heap.blocks.snapshotOpen = false;
    // Of a boot that was joined late, what lived before its first event is not known either.
    const missing = gap.reason === "attached-late" ? 0 : Math.min(gap.lostEvents ?? 0, MOST_MISSING);
    this.push(RowOp.GAP, this.now, 0, missing, 0, 0);
  }

  private found(address: Address, size: Bytes, site: SiteId, context: RunContext): void {
    const { heap: state } = this;
    const runSite = this.ids.site(site);
    if (state.blocks.certain) this.anomalies.add("diverged", this.now, address, runSite, context);
    this.push(RowOp.FOUND, this.now, address, size, runSite, context);
  }

  /** A block whose realloc is under way, of which we do not know that; a newer one may have its address already. */
  private foundMoving(address: Address, size: Bytes, site: SiteId, runSite: RunSiteId, context: RunContext): void {
    const { blocks } = this.heap;
    const there = this.heap.slotAt(address);
    const isSeen = blocks.isSeen(there);
    if (there !== 0 && blocks.size[there] === size && blocks.site[there] === runSite && !isSeen) {
      blocks.markSeen(there);
      this.push(RowOp.REALLOC_BEGIN, this.now, address, 0, 0, context);
      return;
    }
    const newer = there !== 0 && isSeen ? there : 0;
    const newerSize = blocks.size[newer]!;
    const newerSite = this.ids.deviceSite(blocks.site[newer] as RunSiteId);
    const newerContext = blocks.context[newer] as RunContext;
    this.found(address, size, site, context);
    this.push(RowOp.REALLOC_BEGIN, this.now, address, 0, 0, context);
    if (newer !== 0) this.found(address, newerSize, newerSite, newerContext);
  }

  missing(rows: Rows, row: number): void {
    this.anomalies.addOf("missed-allocation", rows.baseTime + rows.time[row]!, rows, row);
  }

  replaced(slot: number, time: Microseconds): void {
    this.anomalies.addOf("double-allocation", time, this.heap.blocks, slot);
  }

  private push(
    op: RowOpCode,
    time: RunTime,
    address: Address,
    size: Bytes,
    site: RunSiteId,
    context: RunContext,
  ): void {
    this.builder.push(op, time, address, size, site, context);
    this.heap.applyRare(op, time, address, size, site, context);
  }

  private note(content: NoteContent): void {
    this.tableBuilder.apply(content);
    this.builder.note(content, "time" in content.value ? later(this.now, content.value.time as RunTime) : this.now);
  }

  /** Device time of an event to run time, which never goes back. */
  private clock(time: Microseconds): RunTime {
    this.now = later(this.now, runTime(time, this.bootStart));
    return this.now;
  }

  /** The same for what has a time of its own: events that come later may be older. */
  private ownTime(time: Microseconds): RunTime {
    const t = later(runTime(time, this.bootStart), this.builder.startTime);
    this.latest = later(this.latest, t);
    return t;
  }
}
