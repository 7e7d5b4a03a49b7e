// What a run is to the model: chunks of rows, some of which begin with a key frame. In memory (MemoryRun, here) or in a file (src/recording).

import type { Bytes, Microseconds } from "../base/units.ts";
import type { KeptStates } from "./kept-states.ts";
import { MOST_SITES, type Note, type TextPiece } from "./notes.ts";
import { ROW_BYTES, Rows } from "./rows.ts";
import type { RunTables, Window } from "./types.ts";

/** What is known of a chunk without reading it. Times are run time. */
export interface ChunkSummary {
  /** Rows of the run before this chunk. */
  readonly firstRow: number;
  readonly rows: number;
  /** When the chunk was begun, at or before its first row, and the time of its last row or note. */
  readonly startTime: Microseconds;
  readonly endTime: Microseconds;
  /** Live bytes: extremes, and at the end; `maxRow` counts the run's rows up to and including the one that reached the highest. */
  readonly minBytes: Bytes;
  readonly maxBytes: Bytes;
  readonly maxRow: number;
  readonly lastBytes: Bytes;
  readonly lastBlocks: number;
  /** In this chunk. */
  readonly allocations: number;
  readonly frees: number;
  readonly allocatedBytes: Bytes;
  /** noteBit of each kind, or-ed. */
  readonly noteKinds: number;
  /** The live set before the first row can be read here. */
  readonly hasKeyFrame: boolean;
  /** Each site's running totals before the first row can be read here; always with a key frame, often between. */
  readonly hasTotals: boolean;
  readonly hasText: boolean;
}

type MaybePromise<T> = T | Promise<T>;

/** From the first event to the last. */
export function spanOf({ chunks }: Pick<Run, "chunks">): Window {
  // Text may have come before the first event, when nothing was known of the time yet.
  const first = chunks.find((chunk) => chunk.rows > 0) ?? chunks[0];
  return { from: first?.startTime ?? 0, to: chunks.at(-1)?.endTime ?? 0 };
}

/** Rows of history. */
export function rowsIn({ chunks }: Pick<Run, "chunks">): number {
  const last = chunks.at(-1);
  return last === undefined ? 0 : last.firstRow + last.rows;
}

/** Whether any single block is known of. */
export function tellsBlocks({ chunks }: Pick<Run, "chunks">): boolean {
  return chunks.some(({ allocations, frees, maxBytes }) => allocations > 0 || frees > 0 || maxBytes > 0);
}

export interface Run {
  readonly tables: RunTables;
  /** Ids of sites are below it, also those that nothing describes. */
  readonly mostSites: number;
  /** In order. The first one begins with a key frame unless the file's beginning is damaged. */
  readonly chunks: readonly ChunkSummary[];
  /** Where moments near each other are looked at, one after the other. */
  readonly states?: KeptStates;
  /**
   * Fewer rows than the summary says where the chunk is damaged; the missing ones are then a gap.
   *
   * @param into may be written over with them, for a caller that goes through one chunk after the other
   */
  rows(chunk: number, into?: Rows): MaybePromise<Rows>;
  /** Key frame bytes (key-frame.ts); undefined where there is none or it is damaged. */
  keyFrame(chunk: number): MaybePromise<Uint8Array | undefined>;
  /** Site totals bytes (key-frame.ts). */
  totals(chunk: number): MaybePromise<Uint8Array | undefined>;
  notes(chunk: number): MaybePromise<readonly Note[]>;
  text(chunk: number): MaybePromise<readonly TextPiece[]>;
}

/** A chunk that is complete, as ChunkBuilder hands it on. `rows` is used again for the next one: copy what you keep. */
export interface SealedChunk {
  readonly summary: ChunkSummary;
  readonly rows: Rows;
  readonly notes: readonly Note[];
  readonly text: readonly TextPiece[];
  readonly keyFrame: Uint8Array | undefined;
  readonly totals: Uint8Array | undefined;
}

/** A whole run in memory: 19 bytes a row and about one for key frames. */
export class MemoryRun implements Run {
  readonly tables: RunTables;
  readonly mostSites = MOST_SITES;
  readonly chunks: ChunkSummary[] = [];
  private readonly sealed: SealedChunk[] = [];

  constructor(tables: RunTables) {
    this.tables = tables;
  }

  add(chunk: SealedChunk): void {
    this.sealed.push({ ...chunk, rows: chunk.rows.copy() });
    this.chunks.push(chunk.summary);
  }

  /** Bytes of the columns and key frames that are kept. */
  get bytes(): Bytes {
    const ofChunk = ({ rows, keyFrame, totals, text }: SealedChunk): Bytes =>
      rows.capacity * ROW_BYTES +
      (keyFrame?.length ?? 0) +
      (totals?.length ?? 0) +
      text.reduce((sum, piece) => sum + piece.bytes.length, 0);
    return this.sealed.reduce((sum, chunk) => sum + ofChunk(chunk), 0);
  }

  rows(chunk: number): Rows {
    return this.sealed[chunk]?.rows ?? new Rows(0, 0, 0);
  }

  keyFrame(chunk: number): Uint8Array | undefined {
    return this.sealed[chunk]?.keyFrame;
  }

  totals(chunk: number): Uint8Array | undefined {
    return this.sealed[chunk]?.totals;
  }

  notes(chunk: number): readonly Note[] {
    return this.sealed[chunk]?.notes ?? [];
  }

  text(chunk: number): readonly TextPiece[] {
    return this.sealed[chunk]?.text ?? [];
  }
}
