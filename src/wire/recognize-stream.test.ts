import { expect, test } from "vitest";
import { crc32 } from "../base/crc32.ts";
import { wrapFrame } from "./framing.ts";
import { ARMOUR_PREFIX } from "./protocol.ts";
import { holdsStream } from "./recognize-stream.ts";

const log = [...new TextEncoder().encode("I (12) boot: begins\n")];
const content = [1, 2, 3, 4, 5, 6, 7, 8];
const checksum = crc32(Uint8Array.from(content), 0, content.length);
const frame = [...wrapFrame(Uint8Array.from([...content, ...[0, 8, 16, 24].map((bit) => checksum >>> bit)]))];

test("one whole frame tells a stream; borders of frames are in any file of bytes", () => {
  expect(holdsStream(Uint8Array.from([...log, ...frame]))).toBe("frames");
  expect(holdsStream(Uint8Array.from([...log, ...frame.with(4, 9)]))).toBeUndefined();
  expect(holdsStream(Uint8Array.from({ length: 40_000 }, (_, i) => i & 0xff))).toBeUndefined();
  expect(holdsStream(Uint8Array.from(log))).toBeUndefined();
  expect(holdsStream(new Uint8Array(0))).toBeUndefined();
});

test("an armoured line in a log does too", () => {
  expect(holdsStream(Uint8Array.from([...log, ...new TextEncoder().encode(ARMOUR_PREFIX), ...log]))).toBe("armoured");
});
