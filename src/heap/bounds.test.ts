import { expect, test } from "vitest";
import { Bounds, sumOfLargest } from "./bounds.ts";

const numbers = ({ bytesLow, bytesHigh, blocksLow, blocksHigh, missingEvents }: Bounds): number[] => [
  bytesLow,
  bytesHigh,
  blocksLow,
  blocksHigh,
  missingEvents,
];

function after(...steps: readonly ((bounds: Bounds) => void)[]): number[] {
  const bounds = new Bounds();
  for (const step of steps) step(bounds);
  return numbers(bounds);
}

const gap = (events: number, mayRestart?: boolean) => (bounds: Bounds) => bounds.gap(events, mayRestart);
const told = (bytes: number, blocks: number) => (bounds: Bounds) => bounds.told(bytes, blocks);
const clear = (bounds: Bounds): void => bounds.clear();

test("each missing event may be a block more or less, of any size; a restart leaves none", () => {
  expect(after()).toEqual([0, 0, 0, 0, 0]);
  expect(after(gap(0))).toEqual([0, 0, 0, 0, 0]);
  expect(after(gap(1))).toEqual([-Infinity, Infinity, -1, 1, 1]);
  expect(after(gap(1), gap(2))).toEqual([-Infinity, Infinity, -3, 3, 3]);
  expect(after(gap(0, true))).toEqual([-Infinity, Infinity, -Infinity, 0, Infinity]);
  expect(after(gap(2, true))).toEqual([-Infinity, Infinity, -Infinity, 2, Infinity]);
  expect(after(gap(2), clear)).toEqual([0, 0, 0, 0, 0]);
});

test("what the device tells is exact, until something comes on its side alone", () => {
  expect(after(gap(4), told(30, 2))).toEqual([30, 30, 2, 2, 4]);
  expect(after(gap(4), told(30, 2), (bounds) => bounds.deviceOnly(5, 1))).toEqual([35, 35, 3, 3, 4]);
  expect(after(gap(4), told(30, 2), (bounds) => bounds.deviceOnly(-5, -1))).toEqual([25, 25, 1, 1, 4]);
  expect(after(gap(4), told(30, 2), (bounds) => bounds.freedUnknown())).toEqual([-Infinity, 30, 1, 1, 4]);
});

test("a block in doubt that is freed may have been another, where two events are missing for that", () => {
  const freed = (bounds: Bounds): void => bounds.freedUncertain(7);
  expect(after(gap(1), told(30, 2), freed)).toEqual([30, 30, 2, 2, 1]);
  expect(after(gap(2), told(30, 2), freed)).toEqual([-Infinity, 37, 2, 2, 2]);
});

test("one that turns out to be gone takes one of the missing events", () => {
  const gone = (bounds: Bounds): void => bounds.gone(7);
  expect(after(gap(2), told(30, 2), gone)).toEqual([37, 37, 3, 3, 1]);
  expect(after(gap(2), told(30, 2), gone, gone, gone)).toEqual([51, 51, 5, 5, 0]);
});

test("the largest sizes, as many as asked for or as there are", () => {
  const sizes = [3, 20, 1, 7];
  expect([0, 1, 2, 3, 4, 5, Infinity].map((count) => sumOfLargest(sizes, count))).toEqual([0, 20, 27, 30, 31, 31, 31]);
  expect(sizes).toEqual([3, 20, 1, 7]);
});
