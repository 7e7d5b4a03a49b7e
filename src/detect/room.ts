// What would have to go so that a request fits, and what would fit if something went: both on a model of one region, as its heap would see it.
import { valueAt } from "../base/values.ts";
import type { Address, Bytes } from "../base/units.ts";
import { blockEnd } from "../heap/regions.ts";
import { blockBytes } from "../heap/tlsf-sizes.ts";
import type { BlockTable, RegionState } from "../heap/types.ts";
import { firstAbove } from "./block-lookup.ts";

export interface Room {
  readonly region: RegionState;
  /** Rows of the block table, by address. */
  readonly rows: readonly number[];
  /** Live bytes that would have to go. */
  readonly cost: Bytes;
  /** Contiguous bytes there would be then. */
  readonly bytes: Bytes;
  /** Nobody whom the stream does not show can stand there. */
  readonly isSure: boolean;
}

/** A header, and what is too small for a block of its own; a wider stretch belongs to somebody whom the stream does not show. */
const SEAM = 20;

export interface Piece {
  readonly start: Address;
  readonly end: Address;
  /** Row of the block, -1 for a hole. */
  readonly row: number;
}

/**
 * The cheapest run of neighbouring live blocks and holes whose absence would leave a block for the request. Undefined where nothing that is known to be
 * live could make room: the region is too small, or others hold it.
 * @param extra red zone bytes that the probe asks for on top of each request
 */
export function cheapestRoom(region: RegionState, live: BlockTable, request: Bytes, extra: Bytes): Room | undefined {
  const pieces = piecesOf(region, live, extra);
  const need = blockBytes(request + extra, region.region.end - region.region.start);
  let best: Room | undefined;
  let first = 0;
  let cost = 0;
  for (let last = 0; last < pieces.length; last++) {
    const piece = pieces[last] as Piece;
    if (last > 0 && isApart(pieces[last - 1] as Piece, piece)) {
      first = last;
      cost = 0;
    }
    cost += costOf(piece, live);
    // As short as it may be: drop from the front what the request does not need.
    while (first < last && piece.end - (pieces[first + 1] as Piece).start >= need) {
      cost -= costOf(pieces[first] as Piece, live);
      first++;
    }
    const bytes = piece.end - (pieces[first] as Piece).start;
    if (bytes < need || (best !== undefined && cost >= best.cost)) continue;
    const rows = pieces.slice(first, last + 1).flatMap(({ row }) => (row < 0 ? [] : [row]));
    // Room without anybody in the way would have served the request: somebody is there whom the stream does not show.
    if (rows.length === 0) continue;
    best = { region, rows, cost, bytes, isSure: region.exact };
  }
  return best;
}

/** The largest hole that the region would have without these blocks. */
export function largestWithout(pieces: readonly Piece[], isGone: (row: number) => boolean): Bytes {
  let largest = 0;
  let start: Address | undefined;
  let before: Piece | undefined;
  for (const piece of pieces) {
    const isFree = piece.row < 0 || isGone(piece.row);
    if (!isFree) start = undefined;
    else if (start === undefined || before === undefined || isApart(before, piece)) start = piece.start;
    if (start !== undefined) largest = Math.max(largest, piece.end - start);
    before = piece;
  }
  return largest;
}

function isApart(before: Piece, after: Piece): boolean {
  return after.start - before.end > SEAM;
}

function costOf(piece: Piece, live: BlockTable): number {
  return piece.row < 0 ? 0 : valueAt(live.size, piece.row);
}

/**
 * Holes and live blocks of a region, by address. A hole that is larger than the device's own largest is not one: blocks stand in it that the
 * stream does not show.
 */
export function piecesOf(
  { region, holes, largestFree }: RegionState,
  live: BlockTable,
  extra: Bytes,
): readonly Piece[] {
  const pieces: Piece[] = holes
    .filter((hole) => hole.bytes <= largestFree + largestFree / 16 + 64)
    .map((hole) => ({ start: hole.start, end: hole.start + hole.bytes, row: -1 }));
  for (let row = firstAbove(live, region.start - 1); row < live.length; row++) {
    const start = valueAt(live.address, row);
    if (start >= region.end) break;
    pieces.push({ start, end: blockEnd(start, valueAt(live.size, row), extra, region.end - region.start), row });
  }
  pieces.sort((a, b) => a.start - b.start);
  // Where the heap did not round after all, the next piece begins earlier.
  return pieces.map((piece, index) => {
    const next = pieces[index + 1];
    return next !== undefined && piece.end > next.start - 4
      ? { ...piece, end: Math.max(piece.start, next.start - 4) }
      : piece;
  });
}
