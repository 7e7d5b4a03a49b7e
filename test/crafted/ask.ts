// Asks command lines of a process that may hang or run out of memory: both are an answer here.
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Asked } from "./answers.ts";

const script = fileURLToPath(new URL("../../dist/test/crafted/answers.js", import.meta.url));
/** Of the heap of JavaScript: several times of what the recordings of these tests need. */
const MEGABYTES = 400;

export interface Asker {
  /** Undefined where there was no answer in that time, or the process ended over it. */
  ask(args: readonly string[], seconds: number, columns?: number): Promise<Answer | undefined>;
  end(): void;
}

export function startAsker(): Asker {
  let child: ChildProcess | undefined;
  const start = (): ChildProcess =>
    fork(script, {
      execArgv: [`--max-old-space-size=${MEGABYTES}`],
      silent: true,
      env: { ...process.env, NO_COLOR: "1" },
    });
  const end = (): void => {
    child?.kill("SIGKILL");
    child = undefined;
  };
  return {
    ask(args, seconds, columns) {
      const asked = (child ??= start());
      return new Promise((resolve) => {
        const done = (answer: Answer | undefined): void => {
          clearTimeout(timer);
          asked.removeAllListeners();
          if (answer === undefined) end();
          resolve(answer);
        };
        const timer = setTimeout(() => done(undefined), seconds * 1000);
        asked.once("message", (answer) => done(answer as Answer));
        asked.once("exit", () => done(undefined));
        asked.send({ args, columns } satisfies Asked);
      });
    },
    end,
  };
}
