// What is known of a boot's frames and reports: which came before, and for how long that is remembered.
import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameType } from "./protocol.ts";
import { isNewReport, type RunState } from "./run-state.ts";
import { SeenFrames } from "./seen-frames.ts";

test("a report is new once, of each type, until 4,096 others have come", () => {
  const run = { reportsSeen: new Map() } as Pick<RunState, "reportsSeen"> as RunState;
  const isNew = (number: number, type: typeof FrameType.FAULT | typeof FrameType.FAILURE = FrameType.FAULT): boolean => isNewReport(run, type, number); // prettier-ignore
  expect([isNew(0), isNew(0), isNew(0, FrameType.FAILURE), isNew(0, FrameType.FAILURE)]).toEqual([true, false, true, false]);
  expect(Array.from({ length: 4095 }, (_, i) => i + 1).every((number) => isNew(number))).toBe(true);
  expect([isNew(0), isNew(1), isNew(4095)]).toEqual([false, false, false]);
  // The oldest goes for each that comes.
  expect([isNew(4096), isNew(1), isNew(0), isNew(2), isNew(1), isNew(4)]).toEqual([true, false, true, false, true, false]);
}); // prettier-ignore

/** Sequence numbers around where they begin again. */
const sequence = fc.integer({ min: -6, max: 6 }).map((number) => number & 0xffff);

test("a frame is repeated that has come, or lies in a stretch of such ones before what is next", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ sequence, checksum: fc.nat(2), isAdded: fc.boolean() }), { maxLength: 40 }),
      sequence,
      (frames, next) => {
        const seen = new SeenFrames();
        const plain = new Map<number, number>();
        let stretch: number | undefined;
        for (const frame of frames) {
          const isKnown = frame.checksum !== 0 && plain.get(frame.sequence) === frame.checksum;
          // Behind the last one that was repeated, and before the next.
          const ahead = (one: number): number => (one - (stretch ?? 0)) & 0xffff;
          const isWithin = stretch !== undefined && ahead(frame.sequence) > 0 && ahead(frame.sequence) < ahead(next);
          expect(seen.isRepetition(frame.sequence, frame.checksum, next)).toBe(isKnown || isWithin);
          stretch = isKnown || isWithin ? frame.sequence : undefined;
          expect(seen.has(frame.sequence)).toBe((plain.get(frame.sequence) ?? 0) !== 0);
          if (!frame.isAdded) continue;
          seen.add(frame.sequence, frame.checksum);
          plain.set(frame.sequence, frame.checksum);
        }
      },
    ),
    { numRuns: 50 },
  );
}); // prettier-ignore
