// A camera that asks for a DMA buffer when it is switched on, and tries again every few seconds where it gets none.
import type { Bytes, Microseconds } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, seconds, site } from "../task.ts";

const FILE = "main/camera.c";
export const FRAME = site(FILE, 176, "camera_start", "frame");
const FREE_FRAME = site(FILE, 214, "camera_stop", "frame");

export interface CameraOptions {
  readonly startAt: Microseconds;
  readonly frameBytes: Bytes;
}

export function startCamera(board: Board, { startAt, frameBytes }: CameraOptions): void {
  board.start("camera", { core: 1, stack: 4096 }, function* (t) {
    yield startAt;
    for (;;) {
      const frame = t.malloc(frameBytes, { at: FRAME, caps: Cap.DMA | Cap["8BIT"] });
      if (frame === 0) {
        const free = t.freeSize(Cap.DMA);
        t.log("E", "camera", `no DMA buffer of ${frameBytes} bytes (${free} bytes free)`);
        yield seconds(15);
        continue;
      }
      yield milliseconds(200);
      t.free(frame, { at: FREE_FRAME });
      yield seconds(2);
    }
  });
}
