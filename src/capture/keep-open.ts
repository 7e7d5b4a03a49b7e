// A source that stays with the board: when it goes away (unplugged, restarted with its USB, a server that ended), it is opened again as soon as
// it is back, and the stream goes on. Whoever reads sees one source; the decoder sees the restart.
import { setTimeout as delay } from "node:timers/promises";
import { MemmapError } from "../base/errors.ts";
import type { ByteSource, Notice } from "./source.ts";

const RETRY_MILLISECONDS = 500;

/**
 * @param open opens the source; called again for each time that it was lost
 * @param notice told when it is away, and with an empty sentence when it is back
 */
export async function keepOpen(open: () => Promise<ByteSource>, notice: Notice): Promise<ByteSource> {
  let current = await open();
  if (!current.live) return current;
  let closed = false;
  const { name } = current;

  async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
    while (!closed) {
      try {
        yield* current;
        return; // it ended by itself: nothing to wait for
      } catch (error) {
        if (closed || !(error instanceof MemmapError) || error.code !== "source-lost") throw error;
        notice(`${error.message}; waiting for it to come back`);
      }
      await current.close();
      const again = await reopen();
      if (again === undefined) return;
      current = again;
      notice("");
    }
  }

  /** Undefined: closed meanwhile. */
  async function reopen(): Promise<ByteSource | undefined> {
    while (!closed) {
      try {
        return await open();
      } catch (error) {
        if (!(error instanceof MemmapError)) throw error;
        await delay(RETRY_MILLISECONDS);
      }
    }
    return undefined;
  }

  return {
    name,
    live: true,
    [Symbol.asyncIterator]: bytes,
    write: async (chunk) => current.write?.(chunk),
    async close() {
      closed = true;
      await current.close();
    },
  };
}
