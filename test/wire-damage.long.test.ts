// The properties of damaged streams, many times over.
import fc from "fast-check";
import { test } from "vitest";
import { atLength, covered } from "./length.ts";
import { anyBodies, anyChunking, onlyTouchedFramesAreLost, snapshotRepairs } from "./wire-damage.ts";

const times = atLength({ short: 0.2, long: 100 });

function holds<T>(property: fc.IProperty<T>, numRuns: number, what: string): void {
  fc.assert(property, { numRuns });
  covered(`${numRuns} ${what}`);
}

test("any chunking of any damaged stream gives the same calls", () => {
  holds(anyChunking, 100 * times, "damaged streams, cut into chunks");
});

test("damage loses only the frames that it touches, invents nothing, and is counted", () => {
  holds(onlyTouchedFramesAreLost, 150 * times, "damaged streams, held against what was sent");
});

test("after the next snapshot the live set is exactly right again", () => {
  holds(snapshotRepairs, 150 * times, "runs, damaged before a snapshot");
});

test("bodies that make no sense are counted, not thrown at", () => {
  holds(anyBodies, 2000 * times, "lists of frames that make no sense");
});
