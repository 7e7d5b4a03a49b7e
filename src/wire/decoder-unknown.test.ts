// What a decoder makes of versions, types, records and values that it does not know.
import { describe, expect, test } from "vitest";
import { boot, bootLine, decode, faultKey, faultNumber, frames, free } from "../../test/wire-frames.ts";
import { ByteWriter, encodeText } from "../base/bytes.ts";
import { EventsWriter } from "./encode-events.ts";
import { commandBytes, encodeHello, encodeRecords, sealFrame } from "./encode-frames.ts";
import { wrapFrame } from "./framing.ts";
import { FrameType } from "./protocol.ts";
import type { DecoderCounters } from "./run-state.ts";

const a = frames(0x11111142);
const b = frames(0x22222243);

describe("what this version does not know", () => {
  test("another version, another type and an echoed command are counted and skipped", () => {
    const newer = wrapFrame(newerVersion(sealFrame(FrameType.EVENTS, 0x42, 1, Uint8Array.of(0, 0))));
    const { lines, counters } = decode(
      a.hello(0),
      newer,
      a.seal(13, 1, Uint8Array.of(1, 2, 3)),
      commandBytes({ kind: "mark", name: "x" }).subarray(1),
      a.frees(2, 0, 10, 1),
    );
    expect(lines).toEqual([bootLine(0x11111142), free(10)]);
    expect(counters).toMatchObject({ unknownVersions: 1, unknownTypes: 2, lostFrames: 0 });
  });

  test("a fault of a kind that is not known is counted; one that lacks its number or its kind makes no sense", () => {
    const keyed = (...pairs: readonly (readonly [number, number])[]): Uint8Array => {
      const frame = new ByteWriter();
      for (const [key, value] of pairs) {
        frame.varint(key);
        frame.varint(1);
        frame.u8(value);
      }
      return a.seal(FrameType.FAULT, 1, frame.toBytes());
    };
    const [number, kind] = ["number", "kind"].map((name) => faultKey(name)) as [number, number];
    const counted = (frame: Uint8Array): DecoderCounters => decode(a.hello(0), frame).counters;
    expect(counted(keyed([number, 1], [kind, 99]))).toMatchObject({ unknownRecords: 1, malformedFrames: 0 });
    expect(counted(keyed([kind, 99]))).toMatchObject({ unknownRecords: 0, malformedFrames: 1 });
    expect(counted(keyed([number, 1]))).toMatchObject({ unknownRecords: 0, malformedFrames: 1 });
  });

  test("unknown extended records are skipped by their length", () => {
    const { lines, counters } = decode(
      a.hello(0),
      a.events(1, 0, 10, (writer) => {
        writer.extended(12, 99, encodeText("future"));
        writer.free(13, 0x1000, 0, 0, 0);
      }),
    );
    expect(lines.slice(1)).toEqual([free(13)]);
    expect(counters.unknownRecords).toBe(1);
  });

  test("an unknown control code ends its frame; the next frame tells what was lost with it", () => {
    const body = new ByteWriter();
    const writer = new EventsWriter();
    writer.begin(0, 10);
    writer.free(10, 0x1000, 0, 0, 0);
    body.raw(writer.body());
    body.u8(5 << 5);
    body.raw(Uint8Array.of(1, 2, 3));
    const { lines, counters } = decode(a.hello(0), a.seal(FrameType.EVENTS, 1, body.toBytes()), a.frees(2, 4, 20, 1));
    expect(lines.slice(1)).toEqual([
      free(10),
      `gap time=20 since=10 reason="frames-lost" lostFrames=1 lostEvents=3`,
      free(20),
    ]);
    expect(counters).toMatchObject({ malformedFrames: 1, lostEvents: 3 });
  });

  test("a record cut by the frame's end is not passed on", () => {
    const writer = new EventsWriter();
    writer.begin(0, 10);
    writer.alloc(10, 0x3ffb0000, 1000, 700, 0, 0);
    const whole = writer.body();
    for (let length = 3; length < whole.length; length++) {
      const { lines, counters } = decode(a.hello(0), a.seal(FrameType.EVENTS, 1, whole.subarray(0, length)));
      expect(lines.slice(1, -1)).toEqual([]);
      expect(counters).toMatchObject({ malformedFrames: 1, events: 0 });
    }
  });

  test("keys, trailing fields and fault kinds that are not known are skipped", () => {
    const hello = new ByteWriter();
    hello.raw(encodeHello(boot(0x11111142), 1000));
    hello.varint(200);
    hello.blob(encodeText("future"));
    const fault = encodeRecords("fault", [faultNumber(1)], 1).slice();
    const otherKind = fault.map((byte, index) => (index === 5 ? 77 : byte));
    const { lines, counters } = decode(
      a.seal(FrameType.HELLO, 0, hello.toBytes()),
      a.seal(FrameType.FAULT, 1, otherKind),
      a.seal(FrameType.FAULT, 2, fault),
    );
    expect(lines).toEqual([bootLine(0x11111142), expect.stringMatching(/^fault number=1 kind=1/)]);
    expect(counters).toMatchObject({ unknownRecords: 1, malformedFrames: 0 });
  });
});

test("reports that are sent again are passed on once a boot", () => {
  const { lines, counters } = decode(
    a.hello(0),
    a.fault(1, 1),
    a.fault(2, 2),
    a.fault(3, 1),
    b.hello(0),
    b.fault(1, 1),
  );
  expect(lines.filter((line) => line.startsWith("fault")).map((line) => line.slice(0, 14))).toEqual([
    "fault number=1",
    "fault number=2",
    "fault number=1",
  ]);
  expect(counters.repeatedReports).toBe(1);
});

/** The same frame as a later protocol version would begin it, checksum made right again. */
function newerVersion(frame: Uint8Array): Uint8Array {
  const type = (frame[0] ?? 0) & 0x0f;
  return sealFrame(0x20 | type, frame[1] ?? 0, (frame[2] ?? 0) | ((frame[3] ?? 0) << 8), frame.subarray(4, -4));
}
