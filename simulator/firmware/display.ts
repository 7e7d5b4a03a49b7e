// A task that draws a status line twice a second. At `overflowAt` the station's name is longer than the label's buffer.
import type { Microseconds } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, site } from "../task.ts";

const FILE = "main/display.c";
export const LABEL = site(FILE, 57, "draw_status", "label");
const FREE_LABEL = site(FILE, 71, "draw_status", "label");
const LABEL_BYTES = 24;

export function startDisplay(board: Board, { overflowAt }: { readonly overflowAt?: Microseconds }): void {
  board.start("display", { core: 1, stack: 4096 }, function* (t) {
    let planted = overflowAt === undefined;
    for (;;) {
      const label = t.malloc(LABEL_BYTES, { at: LABEL, caps: Cap["8BIT"] });
      const plant = !planted && t.time >= (overflowAt ?? 0);
      planted ||= plant;
      t.write(label, plant ? "Station Hauptbahnhof Nord\0" : "Station Mitte  21.4 C\0");
      t.busy(900);
      t.free(label, { at: FREE_LABEL });
      yield milliseconds(500);
    }
  });
}
