// A TLS session cache that fills up over minutes and then drops its oldest entry for each new one: growth that ends, and no leak.
import type { Address } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, site } from "../task.ts";

const FILE = "components/tls/session_cache.c";
export const SESSION = site(FILE, 140, "cache_insert", "entry");
const TICKET = site(FILE, 152, "cache_insert", "ticket");
const DROP = site(FILE, 187, "cache_drop_oldest", "entry");

export function startSessionCache(board: Board, { entries }: { readonly entries: number }): void {
  const { random } = board;
  board.start("tls", { core: 1, stack: 8192 }, function* (t) {
    const cache: { readonly entry: Address; readonly ticket: Address }[] = [];
    yield milliseconds(1500);
    for (;;) {
      const oldest = cache.length >= entries ? cache.shift() : undefined;
      if (oldest) {
        t.free(oldest.ticket, { at: DROP });
        t.free(oldest.entry, { at: DROP });
      }
      const entry = t.calloc(1, 96, { at: SESSION, caps: Cap["8BIT"] });
      const ticket = t.malloc(random.integer(150, 190), { at: TICKET, caps: Cap["8BIT"] });
      cache.push({ entry, ticket });
      t.log("D", "tls", `session stored, ${cache.length} of ${entries}`);
      yield milliseconds(random.integer(900, 1900));
    }
  });
}
