import { expect, test } from "vitest";
import { mayBeWarning } from "./line-interest.ts";

test.for<readonly [string, boolean]>([
  ["E (12) net: x", true],
  ["\u001b[0;31mE (12) net: x", true],
  ["[0;33mW (12) net: x", true],
  ["[12:00:01][E][net:12]: x", true],
  ["[12][W][net.cpp:3] x", true],
  ["error in it", true],
  ["fatal", true],
  ["ez fz wz cz", false],
  ["fa ea ca wa er cr e5 5e f0 0c", false],
  ["e", true],
  ["x: ERR", true],
  ["Wrn", true],
  ["crit", true],
  ["aE zE x", false],
  ["`E x", true],
  ["{W x", true],
  ["x F` x", true],
  ["x C{ x", true],
  ["eb", false],
  ["\u001b[39me x", true],
  ["[me x", false],
  ["I (12) net: x", false],
  ["\u001b[0;32mI (12) net: x", false],
  ["[12:00:01][D][net:12]: x", false],
])("%j may be a warning: %j", ([line, may]) => {
  const bytes = new TextEncoder().encode(line);
  expect(mayBeWarning(bytes, 0, bytes.length)).toBe(may);
});
