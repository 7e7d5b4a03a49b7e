// Live sets that seeks have left behind: at the beginnings of chunks, so that a step back in time reads the rows from there on, in place of all
// since the key frame before; and where the last moment was read, from where a later one goes on. For one run, where somebody looks about in it.
// Fresh memory costs more than what is written into it, so live sets that are no longer needed are written over.
import type { Bytes, Microseconds } from "../base/units.ts";
import { LiveSet } from "./live-set.ts";
import type { ReportedRegion } from "./regions.ts";
import type { TakenWatch } from "./taken-watch.ts";
import { CHUNK_ROWS, Rows } from "./rows.ts";

/** 20,000 blocks are about 4 MB. */
const MOST_BYTES: Bytes = 64 << 20;

/** About as many as there are from one key frame to the next. */
const AHEAD_CHUNKS = 30;

/** As many chunks take to be replayed as a copy or two. */
const NEAR_CHUNKS = 5;

/** Copies that nobody needs any more, for the next ones. */
const MOST_SPARE = 3;

/** Where a moment was read. */
export interface Place {
  readonly chunk: number;
  /** Rows of the chunk that are applied. */
  readonly index: number;
  /** All rows at or before it are applied. */
  readonly until: Microseconds;
  readonly live: LiveSet;
  readonly watched?: Watched | undefined;
}

/** What has been seen of the regions since the device told of them. */
export interface Watched {
  readonly reportedAt: Microseconds;
  readonly regions: readonly ReportedRegion[];
  readonly taken: TakenWatch;
}

export class KeptStates {
  /** By chunk; what was used last comes last. */
  private readonly kept = new Map<number, { readonly live: LiveSet; readonly bytes: Bytes }>();
  private bytes: Bytes = 0;
  private place: Place | undefined;
  /** The chunk in which the last seek ended. */
  private sought = -1;
  private readonly spare: LiveSet[] = [];
  private readonly spareRows: Rows[] = [];

  /** Takes `place.live` over: the caller is done with it. */
  leave(place: Place): void {
    if (this.place !== undefined) this.give(this.place.live);
    this.place = place;
  }

  /** The place that was left last, for the caller to go on from, if it is in this chunk and not behind `until`. */
  resume(chunk: number, until: Microseconds): Place | undefined {
    const { place } = this;
    return place !== undefined && place.chunk === chunk && place.until <= until ? this.taken(place) : undefined;
  }

  /** The same, of a place from which on all has been watched since a report, and that is not behind `until`. */
  resumeWatch(reportedAt: Microseconds, until: Microseconds): (Place & { readonly watched: Watched }) | undefined {
    const { place } = this;
    if (place?.watched?.reportedAt !== reportedAt || place.until > until) return undefined;
    return { ...this.taken(place), watched: place.watched };
  }

  /** Rows to read into, until they are given back. */
  takeRows(): Rows {
    return this.spareRows.pop() ?? new Rows(CHUNK_ROWS, 0, 0);
  }

  giveRows(rows: Rows): void {
    if (this.spareRows.length < MOST_SPARE) this.spareRows.push(rows);
  }

  /** A live set for what a key frame tells. */
  empty(): LiveSet {
    const live = this.spare.pop() ?? new LiveSet();
    live.restart();
    return live;
  }

  private taken(place: Place): Place {
    this.place = undefined;
    return place;
  }

  private give(live: LiveSet): void {
    if (this.spare.length < MOST_SPARE) this.spare.push(live);
  }

  /** The live set before the first row of a chunk, for the caller to go on with; undefined where none was left. */
  at(chunk: number): LiveSet | undefined {
    const found = this.kept.get(chunk);
    if (found === undefined) return undefined;
    this.kept.delete(chunk);
    this.kept.set(chunk, found);
    return this.copied(found.live).live;
  }

  /** Whether one was left a little behind this chunk: somebody goes back step by step. */
  isBefore(chunk: number): boolean {
    for (const kept of this.kept.keys()) if (kept > chunk && kept - chunk <= AHEAD_CHUNKS) return true;
    return false;
  }

  /**
   * Takes a copy of the state at the beginning of a chunk, where there is none near before it: copies take as long as chunks that are replayed.
   * Where the same seek ends there again, the steps are shorter than a chunk, and a copy pays.
   */
  keep(chunk: number, live: LiveSet, isEnd: boolean): void {
    const isAgain = isEnd && chunk === this.sought;
    if (isEnd) this.sought = chunk;
    if (this.kept.has(chunk) || (!isAgain && this.isNear(chunk))) return;
    const made = this.copied(live);
    this.kept.set(chunk, made);
    this.bytes += made.bytes;
    for (const [oldest, { live: old, bytes }] of this.kept) {
      if (this.bytes <= MOST_BYTES || oldest === chunk) return;
      this.kept.delete(oldest);
      this.bytes -= bytes;
      this.give(old);
    }
  }

  private isNear(chunk: number): boolean {
    for (let near = chunk - 1; near > chunk - NEAR_CHUNKS; near--) if (this.kept.has(near)) return true;
    return false;
  }

  private copied(live: LiveSet): { readonly live: LiveSet; readonly bytes: Bytes } {
    // Made as every other one is, so that the loops over it stay quick; then all that it holds is taken over.
    const copy = this.spare.pop() ?? new LiveSet();
    return { live: copy, bytes: take(copy, live) };
  }
}

/** Makes an object's fields, and those of the objects that it owns, equal to another's. Returns the bytes of its columns. */
function take(into: object, from: object): Bytes {
  const fields = into as Record<string, unknown>;
  let bytes = 0;
  for (const [name, value] of Object.entries(from) as [string, unknown][]) {
    const own = fields[name];
    if (ArrayBuffer.isView(value)) {
      const column = value as Uint8Array; // or another of the typed arrays, which all are copied in the same way
      if (ArrayBuffer.isView(own) && own.byteLength === column.byteLength) (own as Uint8Array).set(column);
      else fields[name] = column.slice();
      bytes += column.byteLength;
    } else if (Array.isArray(value)) fields[name] = [...(value as unknown[])];
    else if (typeof value === "object" && value !== null && typeof own === "object" && own !== null) {
      bytes += take(own, value);
    } else fields[name] = value;
  }
  return bytes;
}
