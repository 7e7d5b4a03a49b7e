// The page's side of the engine: asks the worker, one question of a topic at a time. The newest question wins: while one is being answered the
// next one waits, and takes the place of another that waits; one that takes long is overtaken.
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Answers, QuestionKind, QuestionOf } from "../../report/questions.ts";
import type { Failure, FromWorker, OpenRequest, RunState, ToWorker } from "./protocol.ts";

export interface Progress {
  readonly what: string;
  readonly done: number;
  readonly all: number;
}

export type Answered<T> =
  { readonly answer: T; readonly failure?: undefined } | { readonly answer?: undefined; readonly failure: Failure };

export interface Engine {
  /** What can be asked is fixed: a report in a file. Undefined for a live engine. */
  readonly frozen?: FrozenFacts;
  readonly state: ReadonlySignal<RunState | undefined>;
  readonly progress: Signal<Progress | undefined>;
  /** What could not be opened. */
  readonly failure: Signal<Failure | undefined>;
  /** Questions that are being answered. */
  readonly busy: ReadonlySignal<boolean>;
  /** Never resolves where a newer question of the topic overtook this one. */
  ask<K extends QuestionKind>(
    topic: string,
    question: QuestionOf<K>,
    background?: boolean,
  ): Promise<Answered<Answers[K]>>;
  /** The buffer of an answer that is shown no more: the next one is written into it. */
  giveBack(buffer: ArrayBuffer): void;
  open(request: OpenRequest): void;
  /** Ends what is being opened, however busy it is; the files that were open before come back. */
  cancel(): void;
  openOther(file: File): void;
  /** Bytes of a source that the page itself reads. */
  push(bytes: Uint8Array): void;
  sourceIs(state: "waiting" | "back" | "ended", notice: string): void;
  save(): Promise<{ readonly blob: Blob; readonly name: string }>;
  freeze(redact: boolean): Promise<{ readonly blob: Blob; readonly name: string }>;
  close(): void;
}

export interface FrozenFacts {
  /** Moments at which the map was kept. */
  readonly moments: readonly { readonly time: number; readonly label: string }[];
  /** Sentences on what was folded or left out. */
  readonly folded: readonly string[];
}

interface Waiting {
  readonly topic: string;
  readonly lane: Lane;
  readonly resolve: (answered: Answered<never>) => void;
}

/** Questions of one topic, or all that are about a moment: these are asked of the same one together, so that it is read once. */
interface Lane {
  /** Those under way, by id. */
  readonly current: Map<number, string>;
  since: number;
  /** The moment that they are about. */
  time: number | undefined;
  /** What begins when they are answered, by topic. */
  readonly next: Map<string, () => void>;
  /**
   * A question that has taken so many milliseconds is not waited for when there is a newer one. More than such a question takes: while somebody
   * scrubs there is always a newer one, and something must be seen.
   */
  patience: number;
}

const LEAST_PATIENCE = 150;

/** @param startWorker again where one is ended in the middle of its work */
export function connectWorker(startWorker: () => Worker): Engine {
  const state = signal<RunState | undefined>(undefined);
  const progress = signal<Progress | undefined>(undefined);
  const failure = signal<Failure | undefined>(undefined);
  const underWay = signal(0);
  const waiting = new Map<number, Waiting>();
  const saves = new Map<number, (saved: { blob: Blob; name: string }) => void>();
  const lanes = new Map<string, Lane>();
  let lastId = 0;
  let worker = startWorker();
  /** What is being opened, and what was opened last. */
  let opening: OpenRequest | undefined;
  let opened: OpenRequest | undefined;
  const send = (message: ToWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);

  const laneOf = (name: string): Lane => {
    let lane = lanes.get(name);
    if (lane === undefined) {
      lane = { current: new Map(), since: 0, time: undefined, next: new Map(), patience: LEAST_PATIENCE };
      lanes.set(name, lane);
    }
    return lane;
  };
  const beginNext = (lane: Lane): void => {
    const begin = [...lane.next.values()];
    lane.next.clear();
    for (const one of begin) one();
  };
  const settle = (id: number, answered: Answered<never>): void => {
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    underWay.value = waiting.size;
    one.resolve(answered);
    const { lane } = one;
    if (!lane.current.delete(id) || lane.current.size > 0) return;
    lane.patience = Math.max(LEAST_PATIENCE, 2 * (performance.now() - lane.since));
    beginNext(lane);
  };

  const hear = ({ data }: MessageEvent<FromWorker>): void => {
    switch (data.type) {
      case "state":
        state.value = data.state;
        return;
      case "progress":
        progress.value = data;
        return;
      case "opened":
        progress.value = undefined;
        opened = opening;
        return;
      case "answer":
        return settle(data.id, { answer: data.answer as never });
      case "failed":
        if (data.id !== undefined) return settle(data.id, { failure: data.failure });
        progress.value = undefined;
        failure.value = data.failure;
        return;
      case "saved":
        saves.get(data.id)?.(data);
        saves.delete(data.id);
    }
  };
  const listen = (): void => {
    worker.addEventListener("message", hear);
    worker.addEventListener("error", (event) => {
      failure.value = { message: event.message, code: "internal", hint: "Load the page again." };
    });
  };
  listen();
  const open = (request: OpenRequest): void => {
    failure.value = undefined;
    if (request.kind !== "files" || state.value === undefined) state.value = undefined;
    lanes.clear();
    waiting.clear();
    underWay.value = 0;
    opening = request;
    send({ type: "open", request });
  };

  const save = (message: (id: number) => ToWorker): Promise<{ blob: Blob; name: string }> =>
    new Promise((resolve) => {
      const id = ++lastId;
      saves.set(id, resolve);
      send(message(id));
    });

  return {
    state,
    progress,
    failure,
    busy: computed(() => underWay.value > 0),
    ask(topic, question, background = false) {
      return new Promise((resolve) => {
        const time = "time" in question ? question.time : undefined;
        const lane = laneOf(time === undefined ? topic : "moment");
        const begin = (): void => {
          const id = ++lastId;
          for (const [other, { topic: theirs }] of waiting) if (theirs === topic) waiting.delete(other);
          if (lane.current.size === 0) lane.since = performance.now();
          lane.time = time;
          lane.current.set(id, topic);
          waiting.set(id, { topic, lane, resolve });
          underWay.value = waiting.size;
          send({ type: "ask", id, topic, question, background });
        };
        const joins = time !== undefined && time === lane.time && ![...lane.current.values()].includes(topic);
        if (lane.current.size > 0 && !joins) {
          if (performance.now() - lane.since < lane.patience) {
            lane.next.set(topic, begin);
            return;
          }
          lane.patience *= 2;
          lane.current.clear();
          lane.next.delete(topic);
          beginNext(lane);
        }
        begin();
      });
    },
    giveBack: (buffer) => send({ type: "spare", buffer }, [buffer]),
    open,
    cancel() {
      const { what = "" } = progress.value ?? {};
      worker.terminate();
      worker = startWorker();
      listen();
      progress.value = undefined;
      state.value = undefined;
      if (opened?.kind === "files") open(opened);
      failure.value = { message: `Cancelled: ${what}`, code: "cancelled", hint: "Nothing of it was kept." };
    },
    openOther: (file) => send({ type: "other", file }),
    push: (bytes) => send({ type: "bytes", bytes }),
    sourceIs: (which, notice) => send({ type: "source", state: which, notice }),
    save: () => save((id) => ({ type: "save", id })),
    freeze: (redact) =>
      save((id) => ({ type: "freeze", id, redact, template: new URL("report.html", document.baseURI).href })),
    close() {
      send({ type: "close" });
      state.value = undefined;
    },
  };
}
