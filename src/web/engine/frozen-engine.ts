// The engine of a report in one file: answers come from what was frozen into it.
import { signal } from "@preact/signals";
import { formatTime } from "../../base/format.ts";
import type { Frozen } from "../../report/frozen.ts";
import { thaw } from "../../report/thaw.ts";
import type { Engine } from "./client.ts";
import type { Failure, RunState } from "./protocol.ts";
import { failureOf } from "./failure.ts";

export function frozenEngine(frozen: Frozen): Engine {
  const state = signal<RunState | undefined>({
    ...frozen.run,
    span: frozen.window,
    name: frozen.name,
    live: false,
    version: 1,
    size: frozen.size,
    remarks: frozen.remarks,
    ...(frozen.elf !== undefined && { elf: frozen.elf }),
  });
  const refused = (): Promise<never> => Promise.reject(new Error("a report in one file is saved by its browser"));
  return {
    frozen: {
      moments: frozen.moments.map(({ time, name }) => ({ time, label: `${name} ${formatTime(time)}` })),
      folded: frozen.folded,
    },
    state,
    progress: signal(undefined),
    failure: signal<Failure | undefined>(undefined),
    busy: signal(false),
    async ask(_topic, question) {
      try {
        return { answer: thaw(frozen, question) };
      } catch (error) {
        return { failure: failureOf(error) };
      }
    },
    giveBack: () => undefined,
    open: () => undefined,
    cancel: () => undefined,
    openOther: () => undefined,
    push: () => undefined,
    sourceIs: () => undefined,
    save: refused,
    freeze: refused,
    close: () => undefined,
  };
}
