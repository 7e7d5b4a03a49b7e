// Properties of damaged streams; wire-damage.long.test.ts tries many more.
import fc from "fast-check";
import { test } from "vitest";
import { anyBodies, anyChunking, onlyTouchedFramesAreLost, snapshotRepairs } from "./wire-damage.ts";

test("any chunking of any damaged stream gives the same calls", () => {
  fc.assert(anyChunking, { numRuns: 15 });
});

test("damage loses only the frames that it touches, invents nothing, and is counted", () => {
  fc.assert(onlyTouchedFramesAreLost, { numRuns: 30 });
});

test("after the next snapshot the live set is exactly right again", () => {
  fc.assert(snapshotRepairs, { numRuns: 20 });
});

test("bodies that make no sense are counted, not thrown at", () => {
  fc.assert(anyBodies, { numRuns: 100 });
});
