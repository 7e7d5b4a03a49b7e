import { expect, test } from "vitest";
import { ARMOUR_PREFIX } from "./protocol.ts";
import { holdsStream } from "./recognize-stream.ts";

const border = [0xff, 0x00];
const log = [...new TextEncoder().encode("I (12) boot: begins\n")];

test("three borders of frames tell a stream, two may be chance", () => {
  expect(holdsStream(Uint8Array.from([...log, ...border, 1, 2, ...border, ...log, ...border]))).toBe("frames");
  expect(holdsStream(Uint8Array.from([...log, ...border, 1, 2, ...border, ...log]))).toBeUndefined();
  expect(holdsStream(Uint8Array.from(log))).toBeUndefined();
  expect(holdsStream(new Uint8Array(0))).toBeUndefined();
});

test("an armoured line in a log does too", () => {
  expect(holdsStream(Uint8Array.from([...log, ...new TextEncoder().encode(ARMOUR_PREFIX), ...log]))).toBe("armoured");
});
