// A part's question to the engine: asked again when the question or the run has changed; the answer before stays until the new one is there.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Answers, QuestionKind, QuestionOf } from "../../report/questions.ts";
import type { Failure } from "../engine/protocol.ts";
import { useStore } from "./store.ts";

export interface Answer<T> {
  readonly answer: T | undefined;
  readonly failure: Failure | undefined;
  /** The answer is to an earlier question, or there is none yet. */
  readonly pending: boolean;
}

export interface AnswerOptions {
  /** Waits while others ask. */
  readonly background?: boolean;
  /** While the run grows: asked at most so often, in milliseconds. What was expensive is asked less often than that. */
  readonly every?: number;
}

/** Of the time between two questions of a growing run, an answer may take this part. */
const SHARE = 5;

export function useAnswer<K extends QuestionKind>(
  topic: string,
  question: QuestionOf<K> | undefined,
  { background = false, every = 300 }: AnswerOptions = {},
): Answer<Answers[K]> {
  const { engine } = useStore();
  const version = engine.state.value?.version ?? 0;
  const key = question === undefined ? "" : JSON.stringify(question);
  const [answered, setAnswered] = useState<Omit<Answer<Answers[K]>, "pending"> & { readonly key: string }>({
    key: "",
    answer: undefined,
    failure: undefined,
  });
  const last = useRef({ topic, key: "", at: -Infinity, took: 0, asked: 0, shown: 0 });
  useLayoutEffect(
    () => () => {
      last.current.shown = Infinity; // nobody looks any more
    },
    [],
  );
  // Before the picture is painted, so that whoever sees it can tell from `busy` that it is not the last one.
  useLayoutEffect(() => {
    if (question === undefined) return undefined;
    const ask = (): void => {
      const started = performance.now();
      const number = ++last.current.asked;
      last.current.topic = topic;
      last.current.key = key;
      last.current.at = started;
      void engine.ask<K>(topic, question, background).then((result) => {
        last.current.took = performance.now() - started;
        // Also where there is a newer question: who scrubs sees something on the way.
        if (number <= last.current.shown || topic !== last.current.topic) return;
        last.current.shown = number;
        setAnswered((before) => ({
          key,
          answer: result.failure === undefined ? result.answer : before.answer,
          failure: result.failure,
        }));
      });
    };
    const wait = Math.max(every, SHARE * last.current.took) - (performance.now() - last.current.at);
    // Another question is asked at once; the same one of a run that has grown when its time has come.
    const timer = key !== last.current.key || wait <= 0 ? undefined : setTimeout(ask, wait);
    if (timer === undefined) ask();
    return () => clearTimeout(timer);
  }, [engine, topic, key, version]);
  const { answer, failure } = answered;
  return { answer, failure, pending: answered.key !== key };
}
