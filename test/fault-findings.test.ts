// Faults, failed requests and restarts of small heaps, word by word in test/answers, and what is said at the borders.
import { expect, test } from "vitest";
import { detect, type DetectOptions } from "../src/detect/run.ts";
import type { Finding } from "../src/detect/finding.ts";
import type { Group } from "../src/detect/detector.ts";
import { openModel } from "../src/heap/model.ts";
import { FailureReason, FaultKind, Method } from "../src/wire/protocol.ts";
import type { Failure, Fault, Region } from "../src/wire/records.ts";
import type { Teller } from "../src/wire/teller.ts";
import { told } from "./finding-text.ts";
import { playText, recordRun, testBoot } from "./heap-text.ts";

async function findingsOf(
  group: Group,
  text: string,
  more: (sink: Teller) => void,
  options: DetectOptions = {},
): Promise<readonly Finding[]> {
  const run = recordRun((sink) => {
    playText(text, sink);
    more(sink);
  });
  return (await detect(await openModel(run), { ...options, group })).findings;
}

/** Blocks of 32, 64 and 16 bytes with 12, then 84 bytes between them; sites 1, 2 and 3; tasks wifi (3) and http (4). */
const heap = `task wifi malloc A@0x3ffb0104 32 main>name
  task http malloc B@0x3ffb0130 64 main>table var:entries
  malloc C@0x3ffb01c4 16 main>other`;

test("every kind of fault", async () => {
  const value = {
    ...{ number: 1, time: 5e6, pointer: 0x3ffb_0130, blockAddress: 0x3ffb_0130, blockSize: 64 },
    ...{ allocSite: 2, allocTask: 4 },
  };
  const faults = (...all: readonly (Partial<Fault> & Pick<Fault, "kind">)[]): Promise<readonly Finding[]> =>
    findingsOf("faults", heap, (sink) => {
      for (const one of all) sink.record({ kind: "fault", value: { ...value, ...one } });
    });
  const bytes = (...all: readonly number[]): Uint8Array => Uint8Array.from(all);
  const [a, c] = [
    { blockAddress: 0x3ffb_0104, pointer: 0x3ffb_0104, blockSize: 32, allocSite: 1 },
    { blockAddress: 0x3ffb_01c4, pointer: 0x3ffb_01c4, blockSize: 16, allocSite: 3 },
  ];
  const OVER = { kind: FaultKind.OVERFLOW, damageOffset: 64, damageLength: 4 } as const;
  const UNDER = { kind: FaultKind.UNDERFLOW, damageOffset: -4, damageLength: 4 } as const;
  const LATE = { kind: FaultKind.WRITE_AFTER_FREE, damageOffset: 8, damageLength: 4 } as const;
  await expect(
    told({
      "a double free of which little is told": await faults({ kind: FaultKind.DOUBLE_FREE }),
      "a double free by one task": await faults({ kind: FaultKind.DOUBLE_FREE, freeSite: 1, freeTask: 4, freeTime: 4e6, task: 4, detectedSite: 3 }),
      "a double free by two tasks": await faults({ kind: FaultKind.DOUBLE_FREE, freeSite: 1, freeTask: 3, task: 4 }),
      "a double free whose first time is told": await faults({ kind: FaultKind.DOUBLE_FREE, freeTime: 4e6 }),
      "an interior free": await faults({ kind: FaultKind.INTERIOR_FREE, pointer: 0x3ffb_0138 }),
      "a realloc after a free": await faults({ kind: FaultKind.REALLOC_AFTER_FREE, freeSite: 1 }),
      "a realloc after a free of no variable": await faults({ kind: FaultKind.REALLOC_AFTER_FREE, ...a }),
      "an overflow of which little is told": await faults({ kind: FaultKind.OVERFLOW }),
      "an overflow of one byte": await faults({ ...OVER, damageLength: 1 }),
      "an overflow of two bytes, one byte behind the end": await faults({ ...OVER, damageOffset: 65, damageLength: 2 }),
      "an overflow towards a neighbour": await faults({ ...OVER, ...a, damageOffset: 32 }),
      "an overflow towards a neighbour 64 bytes off": await faults({ ...OVER, blockSize: 84 }),
      "an overflow towards a neighbour 65 bytes off": await faults({ ...OVER, blockSize: 83 }),
      "an overflow into a neighbour that touches": await faults({ ...OVER, ...a, blockSize: 44 }),
      "an overflow of a block that is larger than its place": await faults({ ...OVER, ...a, blockSize: 45 }),
      "an overflow of the last block": await faults({ ...OVER, ...c }),
      "an underflow of which little is told": await faults({ kind: FaultKind.UNDERFLOW }),
      "an underflow towards a neighbour": await faults(UNDER),
      "an underflow of the first block": await faults({ ...UNDER, ...a }),
      "an underflow towards a neighbour 84 bytes off": await faults({ ...UNDER, ...c }),
      "an underflow towards a neighbour 64 bytes off": await faults({ ...UNDER, blockAddress: 0x3ffb_01b0, blockSize: 8 }),
      "an underflow towards a neighbour that touches": await faults({ ...UNDER, blockAddress: 0x3ffb_0124, blockSize: 8 }),
      "an underflow inside of a neighbour": await faults({ ...UNDER, blockAddress: 0x3ffb_0120, blockSize: 8 }),
      "a write after free of which little is told": await faults({ kind: FaultKind.WRITE_AFTER_FREE }),
      "a write after free": await faults({ ...LATE, freeSite: 1, detectedSite: 3 }),
      "a write after free, noticed nowhere": await faults({ ...LATE, detectedSite: 0 }),
      "bytes that are text": await faults({ ...LATE, damageBytes: bytes(0x61, 0x62, 0x63, 0) }),
      "bytes that are numbers": await faults({ ...LATE, damageLength: 12, damageBytes: bytes(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0) }),
      "a word that is a block": await faults({ ...LATE, damageBytes: bytes(0x04, 0x01, 0xfb, 0x3f) }),
      "a word that points into a block": await faults({ ...LATE, damageBytes: bytes(0x05, 0x01, 0xfb, 0x3f) }),
      "a word that points behind a block": await faults({ ...LATE, damageBytes: bytes(0x24, 0x01, 0xfb, 0x3f) }),
      "no bytes": await faults({ ...LATE, damageBytes: bytes() }),
      "bytes at an offset that is not told": await faults({ kind: FaultKind.UNDERFLOW, damageBytes: bytes(7, 0, 0, 0) }),
      "whole before": await faults({ ...OVER, lastGoodTime: 3e6 }),
      "whole before, nobody since": await faults({ ...OVER, lastGoodTime: 3e6, activeTasks: [] }),
      "whole before, one task since": await faults({ ...OVER, lastGoodTime: 3e6, activeTasks: [3] }),
      "whole before, three tasks since": await faults({ ...OVER, lastGoodTime: 3e6, activeTasks: [3, 4, 1] }),
      "twice": await faults(OVER, { ...OVER, number: 2, time: 7e6 }),
      "two places": await faults(OVER, { ...OVER, ...a, number: 2, time: 7e6 }),
    }),
  ).toMatchFileSnapshot("answers/faults.txt");
}); // prettier-ignore

const dram: Region = {
  name: "DRAM",
  start: 0x3ffb_0000,
  end: 0x3ffb_1000,
  caps: 0x180c,
  free: 0x1000,
  largestFree: 0xff8,
};
const iram: Region = { name: "IRAM", start: 0x4008_0000, end: 0x4008_1000, caps: 0x2, free: 2048, largestFree: 2048 };
const psram: Region = {
  name: "PSRAM",
  start: 0x3f80_0000,
  end: 0x3f81_0000,
  caps: 0x1404,
  free: 60_000,
  largestFree: 50_000,
};

test("every cause of a failed request", async () => {
  const boards = (...regions: readonly Region[]): string | readonly Region[] => regions;
  const requests = (
    failures: readonly Partial<Failure>[],
    { regions = boards(dram), text = heap }: { regions?: string | readonly Region[]; text?: string } = {},
  ): Promise<readonly Finding[]> => {
    const run = recordRun((sink) => {
      playText(text, sink);
      if (typeof regions !== "string") sink.record({ kind: "regions", value: { time: 4e6, regions: [...regions] } });
      for (const [i, one] of failures.entries()) {
        const value = { number: i + 1, reason: FailureReason.NO_MEMORY, time: (5 + i) * 1e6, size: 2000, caps: 0x1804, regions: [] };
        sink.record({ kind: "failure", value: { ...value, ...one } });
      }
    });
    return openModel(run).then((model) => detect(model, { group: "failures" })).then(({ findings }) => findings);
  };
  const asTold = (free: number, largestFree: number, more: Partial<Region> = {}): readonly Region[] => [{ ...dram, free, largestFree, ...more }];
  const other = { ...dram, name: "D/IRAM", start: 0x3ffe_0000, end: 0x3ffe_1000 };
  /** Sixty blocks of 20 bytes with holes between them, by two tasks from seven places. */
  const split = Array.from({ length: 60 }, (_, i) => `task t${i % 2} malloc S${i}@0x${(0x3ffb_0010 + 48 * i).toString(16)} 20 main>keep_${i % 7}`).join("\n");
  await expect(
    told({
      "a size beyond the address space": await requests([{ reason: FailureReason.SIZE_OVERFLOW, count: 70_000, size: 70_000 }]),
      "a size beyond the address space, its count not told": await requests([{ reason: FailureReason.SIZE_OVERFLOW, size: 70_000 }]),
      "no region has the capabilities": await requests([{ caps: 0x400 }]),
      "no region is known": await requests([{}], { regions: "none" }),
      "every region is too small": await requests([{ size: 4097, regions: asTold(3000, 2000) }]),
      "a region that is just large enough": await requests([{ size: 4096, regions: asTold(3000, 2000) }]),
      "just enough free": await requests([{ regions: asTold(2000, 1000) }]),
      "a byte too little free": await requests([{ regions: asTold(1999, 1000) }]),
      "enough in two regions together": await requests([{ regions: [...asTold(1200, 700), { ...other, free: 800, largestFree: 600 }] }], { regions: boards(dram, other) }),
      "too little in two regions together": await requests([{ regions: [...asTold(1200, 700), { ...other, free: 799, largestFree: 600 }] }], { regions: boards(dram, other) }),
      "free elsewhere, enough": await requests([{ size: 2048, regions: asTold(100, 90) }], { regions: boards(dram, iram) }),
      "free elsewhere, too little": await requests([{ size: 2049, regions: asTold(100, 90) }], { regions: boards(dram, iram) }),
      "free in PSRAM": await requests([{ regions: asTold(100, 90) }], { regions: boards(dram, psram) }),
      "a count of elements": await requests([{ size: 100, count: 21, regions: asTold(2500, 1000) }]),
      "quarantine given back": await requests([{ quarantineReleased: 640, regions: asTold(100, 90) }]),
      "by a task at a place": await requests([{ site: 2, task: 4, regions: asTold(100, 90) }]),
      "thrice, and once at another place": await requests([{}, {}, { site: 2 }, {}].map((one) => ({ ...one, regions: asTold(100, 90) }))),
      "with other capabilities, or for another reason": await requests([{}, { caps: 0x4 }, { reason: FailureReason.SIZE_OVERFLOW }].map((one) => ({ ...one, regions: asTold(100, 90) }))),
      "a region that the model does not know": await requests([{ regions: [{ ...other, free: 100, largestFree: 90 }] }]),
      "a region without a name": await requests([{ regions: [{ start: dram.start, end: dram.end, caps: dram.caps, free: 100, largestFree: 90 }] }]),
      "many small blocks in the way": await requests([{ size: 400, regions: asTold(2000, 28) }], { text: split }),
      "the model's own regions": await requests([{ size: 400 }], { text: split }),
      "two regions, of which the second has more free": await requests([{ size: 400 }], { text: split, regions: boards({ ...dram, free: 2000, largestFree: 28 }, { ...other, free: 3000, largestFree: 300 }) }),
    }),
  ).toMatchFileSnapshot("answers/failed-requests.txt");
}); // prettier-ignore

test("what stood before a restart", async () => {
  const said = (text: string): Uint8Array => new TextEncoder().encode(text);
  const reboot = (sink: Teller): void => sink.record({ kind: "boot", value: { ...testBoot, bootId: 2, resetReason: 4 } });
  const text = "task app malloc A@0x3ffb0104 64 main>init\n@2s task net malloc B@0x3ffb0204 32 main>fetch\n@2.4s free A main>done";
  const restart = (more: (sink: Teller) => void = () => undefined, after: (sink: Teller) => void = () => undefined): Promise<readonly Finding[]> =>
    findingsOf("faults", text, (sink) => {
      more(sink);
      reboot(sink);
      after(sink);
    }).then((findings) => findings.filter(({ rule }) => rule === "restart")); // prettier-ignore
  const fault = (time: number, allocSite?: number): ((sink: Teller) => void) => (sink) => {
    const value = { number: 1, kind: FaultKind.OVERFLOW, time, pointer: 0x3ffb_0204, blockAddress: 0x3ffb_0204, blockSize: 32, ...(allocSite !== undefined && { allocSite }) };
    sink.record({ kind: "fault", value });
  }; // prettier-ignore
  const refused = (time: number, site?: number): ((sink: Teller) => void) => (sink) => {
    const value = { number: 1, reason: FailureReason.NO_MEMORY, time, size: 500, caps: 4, regions: [], ...(site !== undefined && { site }) };
    sink.record({ kind: "failure", value });
  }; // prettier-ignore
  const unknown = (time: number, address: number, site: number): ((sink: Teller) => void) => (sink) =>
    sink.record({ kind: "unknownFree", value: { time, address, site, task: 4, core: 0 } });
  const both = (...all: readonly ((sink: Teller) => void)[]): ((sink: Teller) => void) => (sink) => {
    for (const one of all) one(sink);
  }; // prettier-ignore
  const region = { ...dram, free: 3000, largestFree: 2000, minimumFree: 900 };
  await expect(
    told({
      "calls of the last second": await restart(),
      "nothing in the last second": await restart((sink) => {
        sink.alloc(9e6, 0x3ffb_0304, 8, 0, 0, 0);
      }),
      "a fault just before": await restart(fault(2.4e6, 2)),
      "a fault of the first place, and a call of the second": await restart(both(fault(2.4e6, 1), (sink) => sink.alloc(2.5e6, 0x3ffb_0304, 8, 2, 0, 0))),
      "a fault of no place": await restart(fault(2.4e6)),
      "two faults, the last": await restart(both(fault(2.1e6, 1), fault(2.3e6, 2))),
      "a fault ten seconds before": await restart(both(fault(2.4e6, 2), (sink) => sink.alloc(12.4e6, 0x3ffb_0304, 8, 0, 0, 0))),
      "a fault more than ten seconds before": await restart(both(fault(2.4e6, 2), (sink) => sink.alloc(12.5e6, 0x3ffb_0304, 8, 0, 0, 0))),
      "a request that failed": await restart(refused(2.3e6, 2)),
      "a request that failed at no place": await restart(refused(2.3e6)),
      "a free of no block": await restart(unknown(2.3e6, 0x3ffb_0999, 2)),
      "a free of no block at the first place": await restart(unknown(2.3e6, 0x3ffb_0999, 1)),
      "two frees of no block": await restart(both(unknown(2.3e6, 0x3ffb_0999, 2), unknown(2.35e6, 0x3ffb_0aaa, 0))),
      "what was free": await restart((sink) => sink.record({ kind: "regions", value: { time: 2.4e6, regions: [{ ...iram, minimumFree: 1000 }, region] } })),
      "what the heap's check says": await restart((sink) => sink.text(said("assert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && \"block already marked as free\")\n"))),
      "a damaged heap": await restart((sink) => sink.text(said("CORRUPT HEAP: Bad tail at 0x3ffb0224. Expected 0xbaad5678 got 0xbaad5600\n"))),
      "a line that is long": await restart((sink) => sink.text(said(`Guru Meditation Error: ${"x".repeat(137)}yz\n${"a".repeat(160)}b\n`))),
      "a call a second before, and one just after that": await restart((sink) => { sink.alloc(3e6, 0x3ffb_0304, 8, 0, 0, 0); sink.alloc(3e6 + 1, 0x3ffb_0404, 8, 0, 0, 0); sink.alloc(4e6, 0x3ffb_0504, 8, 0, 0, 0); }),
      "a crash elsewhere": await restart((sink) => sink.text(said("Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\n"))),
      "twice": await restart(() => undefined, (sink) => {
        sink.alloc(1e6, 0x3ffb_0104, 8, 0, 0, 0);
        reboot(sink);
      }),
    }),
  ).toMatchFileSnapshot("answers/restarts.txt");
}); // prettier-ignore

test("a window has what happened in it, both ends included", async () => {
  const times = async (from: number, to: number): Promise<readonly (number | undefined)[]> => {
    const findings = await findingsOf(
      "faults",
      "malloc A@0x3ffb0104 32 main>a\n@10s free A main>b",
      (sink) => {
        for (const [i, time] of [1000, 2e6, 4e6, 6e6, 12e6].entries()) {
          const site = { id: 20 + i, method: Method.MALLOC, caps: 0, function: `f${i}`, file: "f.c", line: i };
          sink.record({ kind: "site", value: site });
          const block = { pointer: 0x3ffb_0204, blockAddress: 0x3ffb_0204, blockSize: 32, allocSite: 20 + i };
          sink.record({ kind: "fault", value: { number: i + 1, kind: FaultKind.OVERFLOW, time, ...block } });
        }
      },
      { window: { from, to } },
    );
    return findings.map(({ since }) => since).sort((a = 0, b = 0) => a - b);
  };
  expect(await times(2e6, 4e6)).toEqual([2e6, 4e6]);
  expect(await times(2e6 + 1, 6e6 - 1)).toEqual([4e6]);
  expect(await times(1000, 12e6)).toEqual([1000, 2e6, 4e6, 6e6, 12e6]);
  expect(await times(1001, 12e6 - 1)).toEqual([2e6, 4e6, 6e6]);
});
