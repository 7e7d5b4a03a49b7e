// Until when a run is believed, and that what comes after it is looked at all the same.
import { expect, test } from "vitest";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import { openModel } from "../heap/model.ts";
import { blockHash } from "../wire/protocol.ts";
import type { Teller } from "../wire/teller.ts";
import type { Finding } from "./finding.ts";
import { detect } from "./run.ts";

const SECOND = 1e6;
const DATA = 0x3ffb_0000;

interface Beat {
  /** Seconds. */
  readonly time: number;
  readonly full: number;
  readonly live?: number;
}

/** What is found of a leak of a block a second for a hundred seconds, with these heartbeats. */
async function found(
  beats: readonly Beat[],
  more: readonly (readonly [time: number, address: number])[] = [],
): Promise<readonly Finding[]> {
  const calls = [
    ...Array.from({ length: 100 }, (_, i) => {
      const time = i + 0.5;
      return { time, play: (sink: Teller) => sink.alloc(time * SECOND, DATA + 64 * i, 32, 1, 3, 0) };
    }),
    ...beats.map(({ time, full, live }) => {
      const own = Array.from({ length: 100 }, (_, i) => i).filter((i) => i + 0.5 <= time);
      const hash = own.reduce((sum, i) => (sum + blockHash(DATA + 64 * i, 32, 1)) >>> 0, 0);
      const value = { ...quietHeartbeat, time: time * SECOND, liveBlocks: live ?? own.length, liveBytes: 32 * own.length, hash, tableFull: full };
      return { time, play: (sink: Teller) => sink.record({ kind: "heartbeat", value }) };
    }),
    ...more.map(([time, address]) => ({
      time: time / SECOND,
      play: (sink: Teller) => sink.alloc(time, address, 32, 1, 3, 0),
    })),
  ];
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.record({ kind: "site", value: { id: 1, method: 1, caps: 4, function: "fetch", file: "a.c", line: 1 } });
    for (const { play } of calls.sort((a, b) => a.time - b.time)) play(sink);
    sink.record({ kind: "mark", value: { time: 101 * SECOND, name: "end", task: 3, core: 0 } });
  });
  return (await detect(await openModel(run))).findings;
} // prettier-ignore

/** The end of what is believed, where that is not the end of the run. */
async function endOf(...beats: readonly Beat[]): Promise<string | undefined> {
  const sentences = (await found(beats)).flatMap(({ evidence }) => evidence);
  return /What came after (.*) is not known: the probe's table was full/.exec(sentences.join("\n"))?.[1];
}

test("where the probe's table gets full for good, what came before the last heartbeat without is believed", async () => {
  const before = [20, 40, 60].map((time) => ({ time, full: 0 }));
  expect(await endOf(...before, { time: 80, full: 3 }, { time: 100, full: 6 })).toBe("60.0 s");
  expect(await endOf(...before, { time: 80, full: 6 })).toBe("60.0 s");
  expect(await endOf(...before, { time: 80, full: 3 }, { time: 100, full: 5 })).toBeUndefined();
  expect(await endOf(...before, { time: 80, full: 6 }, { time: 100, full: 6, live: 121 })).toBeUndefined();
  expect(await endOf(...before)).toBeUndefined();
  expect(await endOf()).toBeUndefined();
  expect(await endOf({ time: 60, full: 0 }, { time: 80, full: 9 })).toBe("60.0 s");
  expect(await endOf({ time: 60, full: 8 }, { time: 80, full: 9 })).toBeUndefined();
  expect(await endOf({ time: 0, full: 0 }, { time: 80, full: 9 })).toBeUndefined();
});

test("each event around that moment is looked at once", async () => {
  const times = async (time: number): Promise<readonly (number | undefined)[]> => {
    const findings = await found([{ time: 60, full: 0 }, { time: 80, full: 9 }], [[time, DATA + 8]]);
    return findings.filter(({ rule }) => rule === "overlap").map(({ blockCount }) => blockCount);
  };
  expect(await Promise.all([-1, 0, 1, 2].map((late) => times(60 * SECOND + late)))).toEqual([[1], [1], [1], [1]]);
}); // prettier-ignore
