// Records bytes as they come, inside the page: the same decoder and writer as on the command line, into a store that the session reads.
import { RecordingWriter } from "../../recording/writer.ts";
import { Decoder } from "../../wire/decoder.ts";
import type { EventSink } from "../../wire/events.ts";
import { ByteStore } from "./byte-store.ts";
import type { OpenRun, Session } from "./session.ts";

/** What has come in is shown so often. */
const FLUSH_MILLISECONDS = 400;

export interface Recorder {
  readonly sink: EventSink;
  readonly store: ByteStore;
  push(bytes: Uint8Array): void;
  /** Shows what has come in so far. */
  flush(): Promise<void>;
  /** Ends the recording. */
  finish(): Promise<void>;
}

/** `live`: the page follows while it is recorded; otherwise it sees the recording when it is finished. */
export async function startRecorder(session: Session, name: string, live: boolean): Promise<Recorder> {
  const store = new ByteStore();
  const writer = new RecordingWriter((bytes) => store.append(bytes));
  const decoder = new Decoder(writer);
  let run: OpenRun | undefined = live ? await session.open(name, store, true) : undefined;
  let flushing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    writer.flush();
    if (run !== undefined) {
      const grown = run;
      flushing = flushing.then(() => session.grow(grown));
    }
    return flushing;
  };
  const timer = live ? setInterval(() => void flush(), FLUSH_MILLISECONDS) : undefined;
  return {
    sink: writer,
    store,
    push: (bytes) => decoder.push(bytes),
    flush,
    async finish() {
      clearInterval(timer);
      decoder.end();
      writer.finish();
      await flushing;
      run ??= await session.open(name, store, false);
      run.live = false;
      run.notice = undefined;
      await run.recording.refresh();
      session.changed();
    },
  };
}
