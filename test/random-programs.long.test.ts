// The half of the programs drawn at random that is developed on: intervals of forecasts hold about as often as they say.
import { expect, test } from "vitest";
import { measure } from "./corpus/measure.ts";
import { randomProgram } from "./corpus/random-programs.ts";
import { isHeldOut } from "./corpus/reported/split.ts";
import { atLength, covered } from "./length.ts";

test("forecast intervals hold in 80 to 97 % of programs, and are no wider than they need to be", async () => {
  const programs = Array.from({ length: atLength({ short: 100, long: 220 }) }, (_, number) =>
    randomProgram(number),
  ).filter((one) => !isHeldOut(one));
  const forecasts = [];
  for (const program of programs) forecasts.push(...(await measure(program, 1)).forecasts);
  expect(forecasts.length).toBeGreaterThan(0.6 * programs.length);
  const held = forecasts.filter(({ holds }) => holds).length / forecasts.length;
  covered(`${forecasts.length} forecasts of ${programs.length} programs`);
  expect(held).toBeGreaterThan(0.8);
  expect(held).toBeLessThan(0.97);
  const widths = forecasts.map(({ finding: { expected } }) =>
    expected?.latest === undefined ? Infinity : (expected.latest - expected.earliest) / expected.likely,
  );
  expect(widths.sort((a, b) => a - b)[widths.length >> 1]).toBeLessThan(1.4);
});
