// The worker: takes the page's messages, in order, to the session and to what feeds it.
import { failureOf } from "./failure.ts";
import { Session, type Post } from "./session.ts";
import { blobAccess } from "./byte-store.ts";
import type { FromWorker, OpenRequest, ToWorker } from "./protocol.ts";
import { startRecorder, type Recorder } from "./recorder.ts";
import { saveRecording } from "./save.ts";
import { runSimulator } from "./simulator.ts";

/** Of a worker's global scope, what is used here; the page's types know only windows. */
interface WorkerScope {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const post: Post = (message, transfer = []) => scope.postMessage(message, transfer);
const session = new Session(post);
/** What brings bytes: ended when something else is opened. */
let stop: () => void = () => undefined;
let recorder: Recorder | undefined;

scope.addEventListener("message", ({ data }) => {
  if (data.type === "ask") void session.ask(data.id, data.topic, data.question, data.background);
  else take(data).catch((error: unknown) => post({ type: "failed", failure: failureOf(error) }));
});

async function take(message: Exclude<ToWorker, { type: "ask" }>): Promise<void> {
  switch (message.type) {
    case "open":
      await open(message.request);
      post({ type: "opened" });
      return;
    case "other":
      return session.openOther(message.file.name, blobAccess(message.file));
    case "forget":
      return session.forget(message.topic);
    case "spare":
      return session.buffers.give(message.buffer);
    case "bytes":
      return recorder?.push(message.bytes);
    case "source": {
      const run = session.current;
      if (run === undefined) return;
      run.notice = message.state === "back" ? undefined : message.notice;
      if (message.state === "ended") await recorder?.finish();
      session.postState();
      return;
    }
    case "save":
      return saveRecording(session, message.id, post);
    case "freeze": {
      const { freezePage } = await import("./freeze-page.ts");
      return freezePage(session, message.id, message.redact, message.template, post);
    }
    case "close":
      stop();
      session.close();
  }
}

async function open(request: OpenRequest): Promise<void> {
  if (request.kind !== "files" || session.current === undefined) {
    stop();
    session.close();
  }
  switch (request.kind) {
    case "files":
      // A visitor who looks at the simulated board, and a page that follows a server, need none of it.
      return (await import("./open-files.ts")).openFiles(session, request.files, post);
    case "simulator":
      stop = await runSimulator(session, request);
      return;
    case "server": {
      const { followServer } = await import("./follow-server.ts");
      stop = await followServer(session, request.base, post);
      return;
    }
    case "bytes":
      recorder = await startRecorder(session, request.name, true);
      stop = () => void recorder?.finish();
  }
}
