// What would have to go so that a request fits: the cheapest run of live blocks between two holes of one region whose absence would
// leave enough room in one piece.
import type { Address, Bytes } from "../base/units.ts";
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
}

/** Headers, red zones and rounding between two neighbours; a wider stretch belongs to somebody whom the stream does not show. */
const SEAM = 64;

interface Piece {
  readonly start: Address;
  readonly end: Address;
  /** Row of the block, -1 for a hole. */
  readonly row: number;
}

/** Undefined where nothing that is known to be live could make room: the region is too small, or others hold it. */
export function cheapestRoom(region: RegionState, live: BlockTable, request: Bytes): Room | undefined {
  const pieces = piecesOf(region, live);
  let best: Room | undefined;
  let first = 0;
  let cost = 0;
  for (let last = 0; last < pieces.length; last++) {
    const piece = pieces[last] as Piece;
    if (last > 0 && piece.start - (pieces[last - 1] as Piece).end > SEAM) {
      first = last;
      cost = 0;
    }
    cost += costOf(piece, live);
    // As short as it may be: drop from the front what the request does not need.
    while (first < last && piece.end - (pieces[first + 1] as Piece).start >= request) {
      cost -= costOf(pieces[first] as Piece, live);
      first++;
    }
    const bytes = piece.end - (pieces[first] as Piece).start;
    if (bytes < request || (best !== undefined && cost >= best.cost)) continue;
    const rows = pieces.slice(first, last + 1).flatMap(({ row }) => (row < 0 ? [] : [row]));
    // Room without anybody in the way would have served the request: somebody is there whom the stream does not show.
    if (rows.length === 0) continue;
    best = { region, rows, cost, bytes };
  }
  return best;
}

function costOf(piece: Piece, live: BlockTable): number {
  return piece.row < 0 ? 0 : (live.size[piece.row] ?? 0);
}

/**
 * Holes and live blocks of a region, by address. A hole that is larger than the device's own largest is not one: blocks stand in it that the
 * stream does not show.
 */
function piecesOf({ region, holes, largestFree }: RegionState, live: BlockTable): Piece[] {
  const pieces: Piece[] = holes
    .filter((hole) => hole.bytes <= largestFree + SEAM)
    .map((hole) => ({ start: hole.start, end: hole.start + hole.bytes, row: -1 }));
  for (let row = firstAbove(live, region.start - 1); row < live.length; row++) {
    const start = live.address[row] ?? 0;
    if (start >= region.end) break;
    pieces.push({ start, end: start + (live.size[row] ?? 0), row });
  }
  return pieces.sort((a, b) => a.start - b.start);
}
