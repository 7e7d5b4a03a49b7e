// A run that lets others in: before a chunk is read it gives way to messages every few milliseconds, and stops where nobody wants the answer any
// more. Every question reads chunk by chunk, so no more than this is needed to cancel one, and to answer a quick one during a slow one.
import type { KeptStates } from "../../heap/kept-states.ts";
import type { Run } from "../../heap/run.ts";

/** Thrown out of a question that was overtaken by a newer one. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

export interface Turn {
  /** Undefined: go on at once. Throws Overtaken. */
  take(): Promise<void> | undefined;
}

const TURN_MILLISECONDS = 12;

/**
 * @param isWanted whether the answer is still waited for
 * @param mayGoOn resolves when a question that yields to others may go on
 */
export function makeTurn(isWanted: () => boolean, mayGoOn: () => Promise<void> | undefined): Turn {
  let last = performance.now();
  const pause = async (): Promise<void> => {
    await nextTask();
    for (let wait = mayGoOn(); wait !== undefined; wait = mayGoOn()) await wait;
    if (!isWanted()) throw new Overtaken();
    last = performance.now();
  };
  return {
    take() {
      if (!isWanted()) throw new Overtaken();
      return performance.now() - last < TURN_MILLISECONDS ? undefined : pause();
    },
  };
}

export function politeRun(run: Run, turn: Turn, states: KeptStates): Run {
  return {
    states,
    get tables() {
      return run.tables;
    },
    get mostSites() {
      return run.mostSites;
    },
    get chunks() {
      return run.chunks;
    },
    rows(chunk, into) {
      const wait = turn.take();
      return wait === undefined ? run.rows(chunk, into) : wait.then(() => run.rows(chunk, into));
    },
    async keyFrame(chunk) {
      await turn.take();
      return run.keyFrame(chunk);
    },
    async totals(chunk) {
      await turn.take();
      return run.totals(chunk);
    },
    async notes(chunk) {
      await turn.take();
      return run.notes(chunk);
    },
    async text(chunk) {
      await turn.take();
      return run.text(chunk);
    },
  };
}

/** After messages that have come in, and without the delay of a timer. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
