import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_ORDERS } from "./row-orders.ts";
import { FLAME_COSTS } from "./flame-view.ts";
import { changedState, firstState, momentOf, readState, windowOf, writeState, type PageState } from "./page-state.ts";
import { PAGE_VIEWS } from "./show-me.ts";

const time = fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined });
const states = fc.record({
  view: fc.constantFrom(...PAGE_VIEWS),
  filter: fc.string(),
  search: fc.string(),
  cost: fc.constantFrom(...FLAME_COSTS),
  blockOrder: fc.constantFrom(...BLOCK_ORDERS),
  makers: fc.boolean(),
  from: time,
  to: time,
  at: time,
  baseFrom: time,
  baseTo: time,
  finding: fc.option(fc.nat(999_999), { nil: undefined }),
  scope: fc.oneof(
    fc.record({ capBits: fc.nat(0xffff_ffff) }),
    fc.record({ start: fc.nat(0xffff_ffff) }),
    fc.constant(undefined),
  ),
});

test("a link reproduces what one saw", () => {
  fc.assert(
    fc.property(states, (some) => {
      const state = JSON.parse(JSON.stringify({ ...firstState, ...some })) as PageState;
      expect(readState(`#${writeState(state)}`)).toEqual(state);
    }),
  );
});

test("whatever an address says, there is a state", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (key, value) => {
      expect(PAGE_VIEWS).toContain(readState(`#${key}=${value}&view=${value}&from=${value}&memory=${value}&%=%`).view);
    }),
  );
});

test("a change takes what it names, and takes away what it names as undefined", () => {
  const before = { ...firstState, from: 1, at: 2, filter: "task:wifi" };
  const after = changedState(before, { at: undefined, view: "log", scope: { capBits: 4 } });
  expect(after).toEqual({ ...firstState, from: 1, filter: "task:wifi", view: "log", scope: { capBits: 4 } });
  expect(after).not.toHaveProperty("at");
});

test("the first state has an empty address", () => {
  expect(writeState(firstState)).toBe("");
});

test("ends that are not set are the run's own, and follow it", () => {
  expect(windowOf(firstState, { from: 5, to: 100 })).toEqual({ from: 5, to: 100 });
  expect(momentOf(firstState, { from: 5, to: 100 })).toBe(100);
  expect(windowOf({ ...firstState, from: 50, to: 70 }, { from: 0, to: 100 })).toEqual({ from: 50, to: 70 });
  expect(windowOf({ ...firstState, from: 500, to: 700 }, { from: 0, to: 100 })).toEqual({ from: 0, to: 100 });
});
