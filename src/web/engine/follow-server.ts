// Follows a `memmap serve`: its recording is read by ranges, and its events say how long the recording is by now. A page that is slow or was
// asleep asks for what is newest; nothing piles up for it.
import { httpAccess } from "./byte-store.ts";
import type { FromWorker } from "./protocol.ts";
import type { OpenRun, Session } from "./session.ts";

/** What the server tells; src/server/serve.ts writes it. */
interface ServedState {
  readonly name: string;
  readonly size: number;
  readonly live: boolean;
  readonly notice?: string;
}

/** @returns what stops it */
export async function followServer(
  session: Session,
  base: string,
  post: (message: FromWorker) => void,
): Promise<() => void> {
  const events = new EventSource(new URL("events", base));
  const access = httpAccess(new URL("recording", base).href, 0);
  let run: OpenRun | undefined;
  let newest: ServedState | undefined;
  let busy = false;
  const take = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      for (let state = newest; state !== undefined; state = newest) {
        newest = undefined;
        access.size = state.size;
        run ??= await session.open(state.name, access, state.live);
        const isNews = run.live !== state.live || run.notice !== state.notice;
        run.live = state.live;
        run.notice = state.notice;
        await session.grow(run);
        if (isNews) session.postState();
      }
    } finally {
      busy = false;
    }
  };
  await new Promise<void>((resolve, reject) => {
    events.addEventListener("message", ({ data }: MessageEvent<string>) => {
      newest = JSON.parse(data) as ServedState;
      take().then(resolve, (error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        post({ type: "failed", failure: { message: String(error), code: "server", hint: "Load the page again." } });
      });
    });
    // EventSource comes back by itself; until then the page keeps what it has and says so.
    events.addEventListener("error", () => {
      if (run === undefined) return;
      run.notice = "memmap serve does not answer; what is shown stays";
      session.postState();
    });
  });
  return () => events.close();
}
