// A map viewer that decodes tiles in large temporary buffers and keeps one small index node for each: after the load, the nodes stand
// between the holes that the buffers left, and no large block is left although most of the heap is free.
import type { Address, Bytes, Microseconds } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../chips.ts";
import { milliseconds, site } from "../task.ts";

const FILE = "main/map_tiles.c";
const TILE = site(FILE, 203, "decode_tile", "pixels");
export const INDEX_NODE = site(FILE, 219, "decode_tile", "node");
const FREE_TILE = site(FILE, 240, "release_pixels", "pixels");

export interface MapOptions {
  readonly startAt: Microseconds;
  readonly tileBytes: Bytes;
  /** Free memory that the load leaves to others. */
  readonly reserve: Bytes;
}

export function startMapTiles(board: Board, options: MapOptions): void {
  board.start("map", { core: 1, stack: 8192 }, function* (t) {
    yield options.startAt;
    const tiles: Address[] = [];
    while (t.freeSize(Cap.BYTE | Cap.INTERNAL) > options.reserve) {
      const pixels = t.malloc(options.tileBytes, { at: TILE, caps: Cap.BYTE });
      if (pixels === 0) break;
      tiles.push(pixels);
      t.malloc(24, { at: INDEX_NODE, caps: Cap.BYTE });
      yield milliseconds(8);
    }
    t.log("I", "map", `${tiles.length} tiles decoded`);
    for (const pixels of tiles) {
      t.free(pixels, { at: FREE_TILE });
      yield milliseconds(1);
    }
    for (;;) yield milliseconds(60_000);
  });
}
