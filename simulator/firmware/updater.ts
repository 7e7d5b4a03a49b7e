// A task that looks for a firmware update now and then. At `doubleFreeAt` the server answers with a bad signature, and the error path
// frees the manifest that its caller frees again.
import type { Microseconds } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, seconds, site } from "../task.ts";

const FILE = "main/updater.c";
export const MANIFEST = site(FILE, 112, "check_for_update", "manifest");
const FIRST_FREE = site(FILE, 84, "verify_manifest", "manifest");
const SECOND_FREE = site(FILE, 131, "check_for_update", "manifest");

export function startUpdater(board: Board, { doubleFreeAt }: { readonly doubleFreeAt?: Microseconds }): void {
  const { random } = board;
  board.start("updater", { core: 0, stack: 6144 }, function* (t) {
    let planted = doubleFreeAt === undefined;
    yield seconds(3);
    for (;;) {
      const manifest = t.malloc(random.integer(300, 420), { at: MANIFEST, caps: Cap["8BIT"] });
      yield milliseconds(random.integer(40, 90));
      const refused = !planted && t.time >= (doubleFreeAt ?? 0);
      if (refused) {
        planted = true;
        t.log("E", "updater", "manifest: signature does not match");
        t.free(manifest, { at: FIRST_FREE });
      } else {
        t.log("I", "updater", "firmware 1.0.0 is up to date");
      }
      t.free(manifest, { at: SECOND_FREE });
      yield seconds(10);
    }
  });
}
