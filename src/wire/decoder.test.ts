// The decoder's accounts: what it passes on, what it reports as missing, and how it notices that the board has restarted.
import { describe, expect, test } from "vitest";
import { LineSink } from "../../test/wire-lines.ts";
import { ByteWriter, encodeText } from "../base/bytes.ts";
import { Decoder } from "./decoder.ts";
import { EventsWriter } from "./encode-events.ts";
import { commandBytes, encodeHello, encodeRecords, encodeSites, sealFrame } from "./encode-frames.ts";
import { records, type Boot, type Fault, type RecordOfKind } from "./records.ts";
import { wrapFrame } from "./framing.ts";
import { FaultKind, FrameType, Method } from "./protocol.ts";
import type { DecoderCounters } from "./run-state.ts";

const boot = (bootId: number): Boot => ({
  bootId,
  protocolVersion: 1,
  configuration: 0,
  tableCapacity: 64,
  sampleInterval: 1,
  stackDepth: 0,
});
const bootLine = (bootId: number): string =>
  `boot bootId=0x${bootId.toString(16)} protocolVersion=1 configuration=0 tableCapacity=64 sampleInterval=1 stackDepth=0`;

/** Builds single frames of a boot; sequence and event numbers are given, so that frames can be left out. */
const frames = (bootId: number) => {
  const seal = (type: number, sequence: number, body: Uint8Array): Uint8Array =>
    wrapFrame(sealFrame(type, bootId & 0xff, sequence, body));
  return {
    seal,
    hello: (sequence: number, tickNanoseconds = 1000) =>
      seal(FrameType.HELLO, sequence, encodeHello(boot(bootId), tickNanoseconds)),
    events: (sequence: number, first: number, ticks: number, write: (writer: EventsWriter) => void) => {
      const writer = new EventsWriter();
      writer.begin(first, ticks);
      write(writer);
      return seal(FrameType.EVENTS, sequence, writer.body());
    },
    /** `count` frees, the first at `ticks`. */
    frees: (sequence: number, first: number, ticks: number, count: number) => {
      const writer = new EventsWriter();
      writer.begin(first, ticks);
      for (let index = 0; index < count; index++) writer.free(ticks + index, 0x1000, 0, 0, 0);
      return seal(FrameType.EVENTS, sequence, writer.body());
    },
    site: (sequence: number, id: number) =>
      seal(FrameType.SITES, sequence, encodeSites([{ id, method: Method.MALLOC, caps: 4 }])),
    fault: (sequence: number, number: number) =>
      seal(FrameType.FAULT, sequence, encodeRecords("fault", [faultNumber(number)], 1)),
  };
};

const liveAt = (address: number): RecordOfKind<"live"> => ({
  kind: "live",
  value: { address, size: 8, site: 1, task: 3, moving: false },
});

function faultKey(name: string): number {
  const field = records.fault.wire.find((one) => one.name === name);
  return Number(field?.key);
}

const faultNumber = (number: number): Fault => ({
  number,
  kind: FaultKind.DOUBLE_FREE,
  time: 5,
  pointer: 0x1000,
  blockAddress: 0x1000,
  blockSize: 8,
});

const free = (time: number): string => `free time=${String(time)} address=0x1000 site=0 task=0 core=0 known=1`;

function decode(...stream: Uint8Array[]): { lines: readonly string[]; counters: Readonly<DecoderCounters> } {
  const sink = new LineSink();
  const decoder = new Decoder(sink);
  for (const bytes of stream) decoder.push(bytes);
  decoder.end();
  return { lines: sink.finish(), counters: decoder.counters };
}

const a = frames(0x11111142);
const b = frames(0x22222243);
/** The same boot tag as `a`. */
const c = frames(0x33333342);

describe("loss", () => {
  test("nothing lost, nothing reported", () => {
    const { lines, counters } = decode(a.hello(0), a.frees(1, 0, 10, 2), a.frees(2, 2, 20, 1));
    expect(lines).toEqual([bootLine(0x11111142), free(10), free(11), free(20)]);
    expect(counters).toMatchObject({ frames: 3, events: 3, boots: 1, lostFrames: 0, lostEvents: 0 });
  });

  test("lost frames and the events in them are reported before what follows", () => {
    const { lines, counters } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.frees(4, 7, 30, 1));
    expect(lines).toEqual([
      bootLine(0x11111142),
      free(10),
      `gap time=30 since=10 reason="frames-lost" lostFrames=2 lostEvents=6`,
      free(30),
    ]);
    expect(counters).toMatchObject({ lostFrames: 2, lostEvents: 6 });
  });

  test("a frame without events notices the loss, the next EVENTS frame dates it", () => {
    const { lines } = decode(a.hello(0), a.site(2, 9), a.frees(3, 5, 30, 1));
    expect(lines.slice(1)).toEqual([
      "site id=9 method=1 caps=0x4",
      `gap time=30 since=0 reason="frames-lost" lostFrames=1 lostEvents=5`,
      free(30),
    ]);
  });

  test("events that the device dropped are told apart", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.frees(2, 4, 20, 1));
    expect(lines[2]).toBe(`gap time=20 since=10 reason="dropped-on-device" lostFrames=0 lostEvents=3`);
  });

  test("loss that nothing dates is reported at the end", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.site(4, 9));
    expect(lines.at(-1)).toBe(`gap time=10 reason="frames-lost" lostFrames=2 lostEvents="unknown"`);
  });

  test("numbers wrap", () => {
    const { lines } = decode(
      a.hello(0xfffe),
      a.frees(0xffff, 0xffffffff, 10, 2),
      a.frees(0, 1, 20, 1),
      a.frees(2, 2, 30, 1),
    );
    expect(lines.slice(1)).toEqual([
      `gap time=10 reason="attached-late" lostFrames=0 lostEvents=4294967295`,
      free(10),
      free(11),
      free(20),
      `gap time=30 since=20 reason="frames-lost" lostFrames=1 lostEvents=0`,
      free(30),
    ]);
  });

  test("a frame that comes twice in a row is passed on once", () => {
    const { lines, counters } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.frees(1, 0, 10, 1), a.frees(2, 1, 20, 1));
    expect(lines.slice(1)).toEqual([free(10), free(20)]);
    expect(counters).toMatchObject({ repeatedFrames: 1, lostFrames: 0 });
  });

  test("a stretch of frames that comes again is a repetition and no restart, one of the boot before too", () => {
    const first = [a.hello(0), a.frees(1, 0, 10, 5), a.site(2, 9), a.frees(3, 5, 500_000, 5)];
    const next = a.frees(4, 10, 600_000, 1);
    expect(decode(...first, ...first.slice(1), next).lines).toEqual(decode(...first, next).lines);
    expect(decode(...first, ...first, next).counters).toMatchObject({
      boots: 1,
      repeatedFrames: 4,
      lostFrames: 0,
      lostEvents: 0,
    });
    const second = [b.hello(0), b.frees(1, 0, 5, 1)];
    const whole = decode(...first, ...second, ...first.slice(2), ...second, b.frees(2, 1, 9, 1));
    expect(whole.lines).toEqual(decode(...first, ...second, b.frees(2, 1, 9, 1)).lines);
  });

  test("of a repeated stretch, what had been lost comes too late", () => {
    const [f1, f2, f3, f4] = [1, 2, 3, 4].map((n) => a.frees(n, n - 1, n * 300_000, 1));
    if (!f1 || !f2 || !f3 || !f4) throw new Error();
    const { lines, counters } = decode(a.hello(0), f1, f3, f1, f2, f3, f4);
    expect(lines).toEqual(decode(a.hello(0), f1, f3, f4).lines);
    expect(counters).toMatchObject({ boots: 1, repeatedFrames: 3, lostFrames: 1 });
  });

  test("what arrives of a snapshot with a gap is passed on, but not its end", () => {
    const begin = a.events(1, 0, 10, (writer) => {
      writer.record(10, { kind: "snapshotBegin", value: { time: 10 } });
      writer.record(0, liveAt(0x2000));
    });
    const end = (sequence: number): Uint8Array =>
      a.events(sequence, 0, 20, (writer) => {
        writer.record(0, liveAt(0x3000));
        writer.record(20, { kind: "snapshotEnd", value: { time: 20, records: 2 } });
      });
    expect(decode(a.hello(0), begin, end(2)).lines.slice(1)).toEqual([
      "snapshotBegin time=10",
      "live address=0x2000 size=8 site=1 task=3 moving=0",
      "live address=0x3000 size=8 site=1 task=3 moving=0",
      "snapshotEnd time=20 records=2",
    ]);
    expect(decode(a.hello(0), begin, end(3)).lines.slice(3)).toEqual([
      `gap time=20 since=10 reason="frames-lost" lostFrames=1 lostEvents=0`,
      "live address=0x3000 size=8 site=1 task=3 moving=0",
    ]);
  });
});

describe("boots", () => {
  test("HELLO again is the same boot", () => {
    expect(decode(a.hello(0), a.hello(1), a.hello(2)).lines).toEqual([bootLine(0x11111142)]);
  });

  test("a new boot id is a new boot, numbers begin again", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), b.hello(0), b.frees(1, 0, 5, 1));
    expect(lines).toEqual([bootLine(0x11111142), free(10), bootLine(0x22222243), free(5)]);
    expect(decode(a.hello(0), a.frees(1, 0, 10, 1), c.hello(0), c.frees(1, 0, 5, 1)).lines).toEqual([
      bootLine(0x11111142),
      free(10),
      bootLine(0x33333342),
      free(5),
    ]);
  });

  test("a new boot tag without HELLO announces a provisional boot, which HELLO then completes", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), b.frees(1, 0, 5, 1), b.hello(2), b.frees(3, 1, 9, 1));
    expect(lines.slice(2)).toEqual([
      "boot bootId=0x43 protocolVersion=1 configuration=0 tableCapacity=0 sampleInterval=1 stackDepth=0 provisional=1",
      `gap time=5 since=0 reason="frames-lost" lostFrames=1 lostEvents=0`,
      free(5),
      `${bootLine(0x22222243)} continues=1`,
      free(9),
    ]);
  });

  test("the same tag without HELLO is noticed by event numbers, by time and by sequence numbers", () => {
    const before = [a.hello(0), a.frees(1, 0, 10, 5), a.frees(2, 5, 500_000, 5)];
    const provisional = expect.stringMatching(/^boot .*provisional=1$/) as unknown;
    expect(decode(...before, c.frees(3, 4, 500_200, 1)).lines).toContainEqual(provisional);
    expect(decode(...before, c.frees(3, 10, 99, 1)).lines).toContainEqual(provisional);
    expect(decode(...before, c.site(1, 3)).lines).toContainEqual(provisional);
    expect(decode(...before, c.frees(3, 10, 500_004, 1)).lines).not.toContainEqual(provisional);
  });

  test("a clock that is a little behind is no restart, and time stands still meanwhile", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 500_000, 1), a.frees(2, 1, 499_990, 2));
    expect(lines.slice(1)).toEqual([free(500_000), free(500_000), free(500_001)]);
  });

  test("loss at the end of a boot is reported before the next boot", () => {
    const { lines } = decode(a.hello(0), a.site(2, 1), b.hello(0));
    expect(lines.slice(2)).toEqual([
      `gap time=0 reason="frames-lost" lostFrames=1 lostEvents="unknown"`,
      bootLine(0x22222243),
    ]);
  });

  test("a capture that begins in the middle of a run says how much came before", () => {
    expect(decode(a.frees(77, 1234, 10, 1)).lines).toEqual([
      expect.stringMatching(/provisional=1$/),
      `gap time=10 reason="attached-late" lostFrames=0 lostEvents=1234`,
      free(10),
    ]);
  });

  test("ticks are as long as HELLO says", () => {
    expect(decode(a.hello(0, 8000), a.frees(1, 0, 10, 2)).lines.slice(1)).toEqual([free(80), free(88)]);
  });

  test("so are those of a gap that nothing dates but what came before it", () => {
    const { lines } = decode(a.hello(0, 8000), a.frees(1, 0, 10, 1), a.site(3, 1), b.hello(0, 8000));
    expect(lines.slice(3)).toEqual([
      `gap time=80 reason="frames-lost" lostFrames=1 lostEvents="unknown"`,
      bootLine(0x22222243),
    ]);
  });

  test("a run that is joined in the middle waits for the HELLO that dates it; nothing is void and nothing is lost", () => {
    const provisional = expect.stringMatching(/^boot bootId=0x42 .*provisional=1$/) as unknown;
    const late = decode(a.frees(5, 3, 10, 1), a.fault(6, 1), a.hello(7, 8000), a.frees(8, 4, 20, 1));
    expect(late.lines).toEqual([
      provisional,
      `gap time=80 reason="attached-late" lostFrames=0 lostEvents=3`,
      free(80),
      expect.stringMatching(/^fault .*time=40 /),
      `${bootLine(0x11111142)} continues=1`,
      free(160),
    ]);
    // A restart while it waits: the same firmware, most likely.
    const restarted = decode(a.frees(5, 3, 10, 1), b.site(0, 9), b.hello(1, 8000), b.frees(2, 0, 5, 1));
    expect(restarted.lines.slice(2)).toEqual([
      free(80),
      expect.stringMatching(/^boot bootId=0x43 .*provisional=1$/),
      "site id=9 method=1 caps=0x4",
      `${bootLine(0x22222243)} continues=1`,
      free(40),
    ]);
  });

  test("it waits for as long as there is room; times are then in ticks, and right after HELLO", () => {
    const long = "x".repeat(900);
    const many = Array.from({ length: 1300 }, (_, i) =>
      a.events(5 + i, 7, 1000 * i, (w) =>
        w.record(1000 * i, { kind: "mark", value: { time: 1000 * i, name: long, task: 0, core: 0 } }),
      ),
    );
    const { lines, counters } = decode(...many, a.hello(1305, 8000), a.frees(1306, 7, 2_000_000, 1));
    expect(counters).toMatchObject({ boots: 1, frames: 1302, lostFrames: 0, malformedFrames: 0 });
    expect(lines.filter((line) => line.startsWith("mark"))).toHaveLength(1300);
    expect(lines[3]).toMatch(/^mark time=1000 /);
    expect(lines.slice(-2)).toEqual([`${bootLine(0x11111142)} continues=1`, free(16_000_000)]);
  });

  test("after a restart ticks are taken to be as long as before; a HELLO that says otherwise voids nothing", () => {
    const { lines } = decode(
      a.hello(0),
      a.frees(1, 0, 10, 1),
      b.frees(1, 0, 5, 1),
      b.hello(2, 8000),
      b.frees(3, 1, 9, 1),
    );
    expect(lines.slice(4)).toEqual([free(5), `${bootLine(0x22222243)} continues=1`, free(72)]);
  });
});

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
