// Settings that a client changes once in a while: the old copy is freed, but a statistics task keeps its pointer. At `staleWriteAt` it
// counts into the freed block.
import type { Address, Microseconds } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, seconds, site } from "../task.ts";

const FILE = "main/settings.c";
export const SETTINGS = site(FILE, 45, "settings_load", "settings");
const FREE_SETTINGS = site(FILE, 66, "settings_replace", "old");
const SETTINGS_BYTES = 128;
/** Where the statistics task counts. */
const COUNTER_OFFSET = 20;

export function startSettings(board: Board, { staleWriteAt }: { readonly staleWriteAt?: Microseconds }): void {
  let current: Address = 0;
  let counted: Address = 0;
  let planted = staleWriteAt === undefined;
  board.start("settings", { core: 0, stack: 3072 }, function* (t) {
    current = counted = t.calloc(1, SETTINGS_BYTES, { at: SETTINGS, caps: Cap["8BIT"] });
    for (;;) {
      yield seconds(15);
      const old = current;
      current = t.calloc(1, SETTINGS_BYTES, { at: SETTINGS, caps: Cap["8BIT"] });
      const plant = !planted && t.time >= (staleWriteAt ?? 0);
      planted ||= plant;
      if (!plant) counted = current;
      t.free(old, { at: FREE_SETTINGS });
      t.log("I", "settings", "new settings are in use");
      yield milliseconds(20);
      if (plant) t.write(counted + COUNTER_OFFSET, [0x39, 0x05, 0x00, 0x00]);
      counted = current;
    }
  });
}
