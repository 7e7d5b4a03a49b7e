// What only the host sees, and what it makes of it where not every allocation is tracked.
import { expect, test } from "vitest";
import { told } from "../../test/finding-text.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { quietHeartbeat } from "../../test/quiet-heartbeat.ts";
import { openModel } from "../heap/model.ts";
import { Configuration } from "../wire/protocol.ts";
import type { Boot, Region } from "../wire/records.ts";
import type { Teller } from "../wire/teller.ts";
import type { Finding } from "./finding.ts";
import { detect } from "./run.ts";

const A = 0x3ffb_0100;
const region: Region = { name: "DRAM", start: 0x3ffb_0000, end: 0x3ffb_1000, caps: 4, free: 900, largestFree: 900 };

async function found(play: (sink: Teller) => void, boot: Partial<Boot> = {}): Promise<readonly Finding[]> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...testBoot, configuration: Configuration.HOOKS, ...boot } });
    for (const id of [1, 2]) {
      const site = { id, method: 1, caps: 4, function: `f${id}`, file: "f.c", line: id, variable: `p${id}` } as const;
      sink.record({ kind: "site", value: site });
    }
    play(sink);
  });
  return (await detect(await openModel(run), { group: "faults" })).findings;
}

const live = (sink: Teller, address: number, size: number, time = 1e6): void =>
  sink.alloc(time, address, size, 1, 3, 0);
const unknown = (sink: Teller, address: number, time = 5e6): void =>
  sink.record({ kind: "unknownFree", value: { time, address, site: 2, task: 4, core: 0 } });

test("what only the host sees", async () => {
  const inside = (sink: Teller): void => {
    live(sink, A, 64);
    unknown(sink, A + 8);
  };
  const again = (sink: Teller): void => {
    live(sink, A, 64);
    sink.free(2e6, A, 2, 4, 0);
    unknown(sink, A);
  };
  const moved = (sink: Teller): void => {
    live(sink, A, 64);
    sink.record({ kind: "reallocBegin", value: { time: 2e6, address: A, task: 3, core: 0 } });
    const value = { time: 2e6, oldAddress: A, address: A + 512, size: 90, site: 1, task: 3, core: 0 };
    sink.record({ kind: "reallocEnd", value });
    unknown(sink, A);
  };
  const beat = (tableFull: number) => (sink: Teller): void => {
    again(sink);
    sink.record({ kind: "heartbeat", value: { ...quietHeartbeat, time: 6e6, tableFull } });
  };
  const overlapping = (address: number, size: number): Promise<readonly Finding[]> =>
    found((sink) => {
      live(sink, A, 64);
      live(sink, address, size, 2e6);
    });
  const wild = (...addresses: readonly number[]): Promise<readonly Finding[]> =>
    found((sink) => {
      sink.record({ kind: "regions", value: { time: 1e6, regions: [region] } });
      for (const address of addresses) unknown(sink, address);
    });
  await expect(
    told({
      "a free inside of a live block": await found(inside),
      "the same where not all is tracked": await found(inside, { configuration: 0 }),
      "the same of a sample": await found(inside, { sampleInterval: 2 }),
      "the same twice": await found((sink) => { inside(sink); unknown(sink, A + 12, 7e6); }),
      "a free of what was freed before": await found(again),
      "the same through the linker": await found(again, { configuration: Configuration.INTERPOSITION }),
      "a free of what was freed before, where not all is tracked": await found(again, { configuration: 0 }),
      "a free of what was freed before, of a sample": await found(again, { sampleInterval: 2 }),
      "the same where the probe's table had room": await found(beat(0)),
      "the same where the probe's table was full": await found(beat(1)),
      "a free of what realloc had moved": await found(moved),
      "a free of what never was there": await found((sink) => { live(sink, A, 64); unknown(sink, A + 256); }),
      "a block whose end another begins inside": await overlapping(A + 8, 100),
      "a block inside of another": await overlapping(A + 8, 16),
      "a block that reaches into another": await overlapping(A - 32, 64),
      "a block around another": await overlapping(A - 32, 200),
      "an address that is handed out twice": await overlapping(A, 32),
      "frees at the ends of all heaps": await wild(region.start - 1, region.start, region.end - 1, region.end),
    }),
  ).toMatchFileSnapshot("../../test/answers/host-faults.txt");
}); // prettier-ignore
