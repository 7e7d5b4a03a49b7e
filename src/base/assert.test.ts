import { expect, test } from "vitest";
import { assert, assertDefined, assertUnreachable } from "./assert.ts";

test("assert passes what holds and names what does not", () => {
  assert(true, "fine");
  expect(() => assert(false, "end >= start")).toThrow("assertion failed: end >= start");
});

test("assertDefined keeps falsy values and refuses only undefined", () => {
  expect(assertDefined(0, "count")).toBe(0);
  expect(assertDefined("", "name")).toBe("");
  expect(() => assertDefined(undefined, "site 7")).toThrow("site 7 is missing");
});

test("assertUnreachable names the value that slipped through", () => {
  expect(() => assertUnreachable("sideways" as never)).toThrow("unexpected value sideways");
});
