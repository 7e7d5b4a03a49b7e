import { expect, test, vi } from "vitest";
import { coloursFor, coloursIf } from "./colours.ts";

test("a colour goes on behind another one inside", () => {
  const { bold, red, yellow } = coloursIf(true);
  expect(red(`a ${yellow("b")} c`)).toBe("\u001b[31ma \u001b[33mb\u001b[39m\u001b[31m c\u001b[39m");
  expect(bold("a")).toBe("\u001b[1ma\u001b[22m");
  expect(coloursIf(false).red("a")).toBe("a");
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{}, undefined, false],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "1" }, undefined, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
])("%j, a terminal: %s", (environment, isTTY, expected) => {
  for (const name of ["NO_COLOR", "FORCE_COLOR", "TERM"]) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  expect(coloursFor(isTTY === undefined ? {} : { isTTY }).isColorSupported).toBe(expected);
  vi.unstubAllEnvs();
});
