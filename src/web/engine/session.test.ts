import { expect, onTestFinished, test, vi } from "vitest";
import { assertDefined } from "../../base/assert.ts";
import { importFile } from "../../import/recognize.ts";
import type { RandomAccess } from "../../recording/random-access.ts";
import type { LogView } from "../../report/log-view.ts";
import { Session } from "./session.ts";
import { nextTask } from "./polite-run.ts";
import { ByteStore } from "./byte-store.ts";
import { startRecorder } from "./recorder.ts";
import type { FromWorker } from "./protocol.ts";
import { shortRun } from "../../../test/cli/recordings.ts";

function listen(): { readonly session: Session; readonly told: FromWorker[] } {
  const told: FromWorker[] = [];
  return { session: new Session((message) => told.push(message)), told };
}

const ask = { kind: "totals", time: Infinity, filter: "" } as const;

test("a run is asked while it is recorded, and grows", async () => {
  const { session, told } = listen();
  const recorder = await startRecorder(session, "test", true);
  const bytes = shortRun().take();
  recorder.push(bytes.subarray(0, bytes.length >> 1));
  await recorder.flush();
  await session.ask(1, "totals", ask, false);
  recorder.push(bytes.subarray(bytes.length >> 1));
  await recorder.finish();
  await session.ask(2, "totals", ask, false);
  const answers = told.filter((message) => message.type === "answer");
  expect(answers.map(({ id }) => id)).toEqual([1, 2]);
  expect(answers.at(-1)?.answer).toMatchObject({ liveBlocks: { value: 12 }, liveBytes: { value: 948 } });
  const states = told.filter((message) => message.type === "state");
  expect(states.at(0)?.state.live).toBe(true);
  expect(states.at(-1)?.state.isBlind).toBe(false);
});

test("the newest question of a topic wins; the others are not answered", async () => {
  const { session, told } = listen();
  const recorder = await startRecorder(session, "test", false);
  recorder.push(shortRun().take());
  await recorder.finish();
  await Promise.all([1, 2, 3].map((id) => session.ask(id, "totals", ask, false)));
  expect(told.filter((message) => message.type === "answer").map(({ id }) => id)).toEqual([3]);
});

test("what is asked in the background goes on when nobody has asked for a while, not between two steps of scrubbing", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { session, told } = listen();
  const recorder = await startRecorder(session, "test", false);
  recorder.push(shortRun().take());
  await recorder.finish();
  const store = assertDefined(session.current, "run").access;
  const slow: RandomAccess = {
    size: store.size,
    read(offset, length) {
      const start = performance.now();
      while (performance.now() - start < 15); // longer than a question may keep others waiting
      return store.read(offset, length);
    },
  };
  await session.open("test", slow, false);
  await session.ask(1, "totals", ask, false);
  const verdict = session.ask(2, "verdict", { kind: "verdict", window: { from: 0, to: Infinity } }, true);
  for (let turn = 0; turn < 50; turn++) await nextTask();
  await session.ask(3, "totals", ask, false);
  const answered = (): readonly number[] =>
    told.filter(({ type }) => type === "answer").map((one) => ("id" in one ? (one.id ?? 0) : 0));
  expect(answered()).toEqual([1, 3]);
  vi.runAllTimers();
  await verdict;
  expect(answered()).toEqual([1, 3, 2]);
});

test("what is wrong with a question is said, with its hint", async () => {
  const { session, told } = listen();
  const recorder = await startRecorder(session, "test", false);
  recorder.push(shortRun().take());
  await recorder.finish();
  await session.ask(1, "totals", { ...ask, filter: "colour:red" }, false);
  expect(told.find((message) => message.type === "failed")?.failure.code).toBe("usage-query");
});

test("a log that tells no block says so, and its lines have the numbers that findings name", async () => {
  const { session, told } = listen();
  const recorder = await startRecorder(session, "log", false);
  const log = "boot\n\nFree heap: 50000\nFree heap: 49000\nFree heap: 48000\n";
  await importFile([{ name: "a.log", bytes: new TextEncoder().encode(log) }], recorder.sink);
  await recorder.finish();
  const [state] = told.filter((message) => message.type === "state");
  expect(state?.state.isBlind).toBe(true);
  const { span } = state?.state ?? { span: { from: 0, to: 0 } };
  await session.ask(1, "log", { kind: "log", window: span, search: "free", limit: 2 }, false);
  const answer = told.find((message) => message.type === "answer")?.answer as LogView;
  expect([...answer.line]).toEqual([4, 5]);
});

test("bytes that were appended are read across the parts that they are kept in", async () => {
  const store = new ByteStore();
  const part = new Uint8Array(3 << 20);
  for (let i = 0; i < 4; i++) store.append(part.fill(i + 1));
  expect(store.size).toBe(12 << 20);
  const border = await store.read((9 << 20) - 2, 4);
  expect([...border]).toEqual([3, 3, 4, 4]);
  expect([...(await store.read((12 << 20) - 1, 100))]).toEqual([4]);
  expect(store.toBlob().size).toBe(12 << 20);
});
