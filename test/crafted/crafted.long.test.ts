// Recordings with right checksums and absurd content: every command ends in bounded time and memory, with a result or with what is wrong, and no
// number in it is none.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { atLength, covered } from "../length.ts";
import { startAsker, type Asker } from "./ask.ts";
import { giants } from "./giants.ts";
import { apply, chunksOf, edits, inWords, recordingOf, smallRecording, type Chunk } from "./recordings.ts";

/** Generous even for a busy machine; what hangs does so for ever. */
const SECONDS = 60;
const runs = atLength({ short: 10, long: 6000 });
/** On a busy machine fewer are made, and said. */
const MOST_MILLISECONDS = 40 * 60_000;

const questions: readonly (readonly string[])[] = [
  ["report", "FILE"],
  ["report", "FILE", "--json", "--verbose"],
  ["leaks", "FILE", "--json"],
  ["list", "FILE"],
  ["list", "FILE", "--json", "--at", "50%"],
  ["query", "FILE", "size>1"],
  ["query", "FILE", "size>1", "--json"],
  ["timeline", "FILE"],
  ["timeline", "FILE", "--json"],
  ["diff", "FILE", "--from", "start"],
  ["diff", "FILE", "--from", "50%", "--json"],
  ["map", "FILE"],
  ["map", "FILE", "--json"],
  ["fragmentation", "FILE"],
  ["fragmentation", "FILE", "--json"],
  ["top", "FILE"],
  ["top", "FILE", "--json"],
  ["top", "FILE", "--by", "region", "--json"],
  ["block", "FILE", "0x3ffb8010"],
  ["block", "FILE", "0x3ffb8010", "--json"],
  ["failures", "FILE"],
  ["faults", "FILE", "--json"],
];

let folder = "";
let asker: Asker;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memmap-crafted-"));
  asker = startAsker();
});
afterAll(() => {
  asker.end();
  rmSync(folder, { recursive: true });
});

/** What is wrong with the answers to all questions about a file; undefined where nothing is. */
async function wrongOf(recording: Uint8Array): Promise<string | undefined> {
  const file = join(folder, "crafted.memmap");
  writeFileSync(file, recording);
  for (const question of questions) {
    const words = question.join(" ");
    const answer = await asker.ask(
      question.map((word) => (word === "FILE" ? file : word)),
      SECONDS,
    );
    if (answer === undefined) return `${words}: no answer, or out of memory`;
    const { exitCode, out, err } = answer;
    if (exitCode !== 0 && exitCode !== 3) return `${words}: exit code ${exitCode}: ${err}`;
    if (exitCode === 3 && !/^error: .+\nhint: {2}.+/.test(err.replace(/^note:.*\n/gm, ""))) return `${words}: ${err}`;
    const odd = /\b(NaN|undefined|null|-?Infinity|\[object)\b/.exec(out + err);
    if (odd !== null)
      return `${words}: ${odd[0]} in ${(out + err).slice(Math.max(0, odd.index - 200), odd.index + 60)}`;
    if (question.includes("--json") && exitCode === 0) JSON.parse(out);
  }
  return undefined;
}

let whole: Uint8Array | undefined;

async function crafted(list: Parameters<typeof apply>[1][], isEnded: boolean): Promise<Uint8Array> {
  const chunks: Chunk[] = await chunksOf((whole ??= smallRecording()));
  for (const one of list) apply(chunks, one);
  return recordingOf(chunks, isEnded);
}

test("what is taken apart and put together again is the same", async () => {
  const recording = smallRecording();
  const again = await chunksOf(recordingOf(await chunksOf(recording), true));
  expect(again).toEqual(await chunksOf(recording));
  expect(await wrongOf(recordingOf(again, true))).toBeUndefined();
});

test("every command ends, and says numbers, whatever a recording says", async () => {
  const until = performance.now() + MOST_MILLISECONDS;
  let made = 0;
  await fc.assert(
    fc.asyncProperty(edits, fc.boolean(), async (list, isEnded) => {
      if (performance.now() > until) return;
      expect(await wrongOf(await crafted([...list], isEnded)), inWords(list)).toBeUndefined();
      made++;
    }),
    { numRuns: runs },
  );
  covered(`${made} crafted recordings, ${questions.length} commands each`);
});

test.each(Object.entries(giants))("a recording with many %s ends in an answer", async (_, make) => {
  expect(await wrongOf(make(atLength({ short: 100, long: 20_000 })))).toBeUndefined();
});
