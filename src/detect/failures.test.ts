// When a refused request is laid to a leak: from how much on, where, and to which.
import { expect, test } from "vitest";
import { assertDefined } from "../base/assert.ts";
import { namesOf } from "../../test/incidents.ts";
import { contextOf } from "../../test/detect-inputs.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import { FailureReason } from "../wire/protocol.ts";
import type { Failure, Region } from "../wire/records.ts";
import type { FoundLeak } from "./detector.ts";
import { failures } from "./failures.ts";
import type { Severity } from "./finding.ts";

const dram: Region = { name: "DRAM", start: 0x3ffb_0000, end: 0x3ffb_1000, caps: 0x180c, free: 500, largestFree: 400 };
const names = namesOf([["first"], ["second"], ["third"]]);

type Block = readonly [address: number, size: number, site: number];

const leakOf = (sites: readonly number[], severity: Severity): FoundLeak => {
  return { sites, isGrowing: true, finding: { severity } as FoundLeak["finding"] };
};

/** The next step of a request for 1,000 bytes, where such blocks are live. */
async function nextStep(
  blocks: readonly Block[],
  { leaks = [leakOf([1], "error")], more = {}, sampleInterval = 1 }: { leaks?: readonly FoundLeak[]; more?: Partial<Failure>; sampleInterval?: number } = {},
): Promise<string> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...testBoot, sampleInterval } });
    sink.record({ kind: "regions", value: { time: 0, regions: [dram] } });
    for (const [address, size, site] of blocks) sink.alloc(1e6, address, size, site, 0, 0);
    const failure = { number: 1, reason: FailureReason.NO_MEMORY, time: 2e6, size: 1000, caps: 4, regions: [dram] };
    sink.record({ kind: "failure", value: { ...failure, ...more } });
  });
  const context = { ...(await contextOf(2e6, [])), model: await openModel(run), names };
  const [finding] = await failures.detect({ ...context, leaks });
  const { next, evidence } = assertDefined(finding, "a finding");
  return next.startsWith("Fix") ? `${next}: ${evidence[0] ?? ""}` : next.replace(/;.*/, "");
} // prettier-ignore

const FREE = "Free something first or ask for less";
const start = 0x3ffb_0100;
const fix = (place: string, bytes: string): string =>
  `Fix the leak of ${place} first: ${bytes} were held by then by ${place}, which leaks`;

test("it holds twice what was asked, where that was asked", async () => {
  expect(await nextStep([[start, 1000, 1], [start + 1004, 1000, 1]])).toBe(fix("first", "2,000 B"));
  expect(await nextStep([[start, 1000, 1], [start + 1004, 999, 1]])).toBe(FREE);
  expect(await nextStep([[start, 2000, 1], [start + 2004, 500, 2]])).toBe(fix("first", "2,000 B"));
  expect(await nextStep([[dram.start, 2000, 1]])).toBe(fix("first", "2,000 B"));
  expect(await nextStep([[dram.start - 4, 2000, 1]])).toBe(FREE);
  expect(await nextStep([[dram.end - 4, 2000, 1]])).toBe(fix("first", "2,000 B"));
  expect(await nextStep([[dram.end, 2000, 1]])).toBe(FREE);
}); // prettier-ignore

test("of several the one that holds most, and none that is only noted", async () => {
  const blocks: readonly Block[] = [[start, 2000, 1], [start + 0x800, 1200, 2], [start + 0xd00, 900, 3]];
  const of = (...leaks: readonly FoundLeak[]): Promise<string> => nextStep(blocks, { leaks });
  expect(await of(leakOf([1], "warning"), leakOf([2], "error"))).toBe(fix("first", "2,000 B"));
  expect(await of(leakOf([2], "error"), leakOf([1], "warning"))).toBe(fix("first", "2,000 B"));
  expect(await of(leakOf([1], "note"), leakOf([2], "error"))).toBe(FREE);
  expect(await of(leakOf([1], "error"), leakOf([2, 3], "error"))).toBe(fix("second", "2,100 B"));
  expect(await of()).toBe(FREE);
}); // prettier-ignore

test("only where memory was lacking or split", async () => {
  const blocks: readonly Block[] = [[start, 4000, 1]];
  const of = (more: Partial<Failure>): Promise<string> => nextStep(blocks, { more });
  const split = { ...dram, free: 1000 };
  expect(await of({ regions: [split] })).toBe(fix("first", "4,000 B"));
  expect(await of({ regions: [{ ...dram, free: 600 }, { ...dram, start: 0x3ffe_0000, end: 0x3ffe_1000, free: 400 }] })).toBe(fix("first", "4,000 B"));
  expect(await of({ reason: FailureReason.SIZE_OVERFLOW })).toMatch(/^Check the count/);
  expect(await of({ regions: [], caps: 0x400 })).toMatch(/^Ask for capabilities/);
}); // prettier-ignore

test("of a sample, by what its blocks stand for", async () => {
  const blocks: readonly Block[] = [[start, 100, 1]];
  expect(await nextStep(blocks, { sampleInterval: 20 })).toBe(fix("first", "2,000 B"));
  expect(await nextStep(blocks, { sampleInterval: 19 })).toBe(FREE);
});
