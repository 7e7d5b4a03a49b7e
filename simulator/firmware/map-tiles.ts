// A map viewer that decodes each tile into a large buffer and, when the next is ready, shrinks that to the few bytes it keeps. The remainders live long and stand
// a few KiB apart: most of the heap is free, and no large block is left.
import type { Bytes, Microseconds } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, seconds, site } from "../task.ts";

const FILE = "main/map_tiles.c";
const PIXELS = site(FILE, 203, "decode_tile", "pixels");
/** Where the buffer becomes what is kept. */
export const OUTLINE = site(FILE, 219, "decode_tile", "outline");
const OUTLINE_BYTES = 48;

export interface MapOptions {
  readonly startAt: Microseconds;
  readonly tileBytes: Bytes;
}

export function startMapTiles(board: Board, { startAt, tileBytes }: MapOptions): void {
  board.start("map", { core: 1, stack: 8192 }, function* (t) {
    yield startAt;
    let tiles = 0;
    let shown = 0;
    for (; t.largestFreeBlock(Cap["8BIT"] | Cap.INTERNAL) > 2 * tileBytes; tiles++) {
      const pixels = t.malloc(tileBytes, { at: PIXELS, caps: Cap.INTERNAL | Cap["8BIT"] });
      t.busy(3000);
      if (shown !== 0) t.realloc(shown, OUTLINE_BYTES, { at: OUTLINE, caps: Cap.INTERNAL | Cap["8BIT"] });
      shown = pixels; // on the screen until the next one is ready
      yield milliseconds(40);
    }
    t.log("I", "map", `${tiles} tiles decoded`);
    for (;;) yield seconds(60);
  });
}
