// Follows a `memmap serve`: its recording is read by ranges, and its events say how long the recording is by now. A page that is slow or was
// asleep asks for what is newest; nothing piles up for it.
import { parseSuppressions } from "../../detect/suppressions.ts";
import { httpAccess } from "./byte-store.ts";
import { failureOf } from "./failure.ts";
import type { FromWorker } from "./protocol.ts";
import type { OpenRun, Session } from "./session.ts";

/** What the server tells; src/server/serve.ts writes it. */
interface ServedState {
  readonly name: string;
  readonly size: number;
  readonly live: boolean;
  readonly suppressions?: { readonly text: string; readonly name: string; readonly withDefaults: boolean };
  readonly notice?: string;
  readonly elf?: { readonly name: string; readonly hasMap: boolean };
}

/** A server may have ended when a view is opened. */
async function loadViews(): Promise<void> {
  await Promise.all([
    import("../../report/flame-view.ts"),
    import("../../report/story-view.ts"),
    import("../../report/block-rows.ts"),
    import("../../report/site-rows.ts"),
    import("../../report/log-view.ts"),
  ]);
}

function detectOptionsOf({ suppressions }: ServedState): Session["detectOptions"] {
  return (
    suppressions && {
      ...parseSuppressions(suppressions.text, suppressions.name),
      defaultSuppressions: suppressions.withDefaults,
    }
  );
}

async function takeElf(
  session: Session,
  base: string,
  { name, hasMap }: NonNullable<ServedState["elf"]>,
): Promise<void> {
  const { nameFromElf } = await import("./name-from-elf.ts");
  const read = async (path: string): Promise<Uint8Array> =>
    new Uint8Array(await (await fetch(new URL(path, base))).arrayBuffer());
  nameFromElf(session, { name, bytes: await read("elf"), ...(hasMap && { map: await read("map") }) });
}

/** A server that does not answer is asked again after so long, then after twice as long, up to the most. */
const FIRST_WAIT_MILLISECONDS = 1000;
const MOST_WAIT_MILLISECONDS = 30_000;

/** @returns what stops it */
export async function followServer(
  session: Session,
  base: string,
  post: (message: FromWorker) => void,
): Promise<() => void> {
  let events: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MILLISECONDS;
  const access = httpAccess(new URL("recording", base).href, 0);
  let run: OpenRun | undefined;
  let newest: ServedState | undefined;
  let busy = false;
  const tell = (error: unknown): void => post({ type: "failed", failure: failureOf(error) });
  const take = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      for (let state = newest; state !== undefined; state = newest) {
        newest = undefined;
        access.size = state.size;
        session.detectOptions = detectOptionsOf(state);
        if (run === undefined) void loadViews();
        if (run === undefined) {
          run = await session.open(state.name, access, state.live);
          if (state.elf !== undefined) void takeElf(session, base, state.elf).catch(tell);
        }
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
    const connect = (): void => {
      events = new EventSource(new URL("events", base));
      events.addEventListener("message", ({ data }: MessageEvent<string>) => {
        newest = JSON.parse(data) as ServedState;
        wait = FIRST_WAIT_MILLISECONDS;
        take().then(resolve, (error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)));
          tell(error);
        });
      });
      // An EventSource would come back by itself each second, for ever. Until then the page keeps what it has and says so.
      events.addEventListener("error", () => {
        events.close();
        again = setTimeout(connect, wait);
        if (run !== undefined) {
          run.notice = `memmap serve does not answer; what is shown stays. Asked again in ${wait / 1000} s`;
          session.postState();
        }
        wait = Math.min(2 * wait, MOST_WAIT_MILLISECONDS);
      });
    };
    connect();
  });
  return () => {
    clearTimeout(again);
    events.close();
  };
}
