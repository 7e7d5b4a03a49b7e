// Single frames of a boot as bytes, with sequence and event numbers that are given, so that frames can be left out; and what a decoder says of them.
import { EventsWriter } from "../src/wire/encode-events.ts";
import { encodeHello, encodeRecords, encodeSites, sealFrame } from "../src/wire/encode-frames.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { wrapFrame } from "../src/wire/framing.ts";
import { FaultKind, FrameType, Method } from "../src/wire/protocol.ts";
import { records, type Boot, type Fault, type RecordOfKind } from "../src/wire/records.ts";
import type { DecoderCounters } from "../src/wire/run-state.ts";
import { LineSink } from "./wire-lines.ts";

export const boot = (bootId: number): Boot => ({
  bootId,
  protocolVersion: 1,
  configuration: 0,
  tableCapacity: 64,
  sampleInterval: 1,
  stackDepth: 0,
});
export const bootLine = (bootId: number): string =>
  `boot bootId=0x${bootId.toString(16)} protocolVersion=1 configuration=0 tableCapacity=64 sampleInterval=1 stackDepth=0`;

/** Builds single frames of a boot; sequence and event numbers are given, so that frames can be left out. */
export const frames = (bootId: number) => {
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

export const liveAt = (address: number): RecordOfKind<"live"> => ({
  kind: "live",
  value: { address, size: 8, site: 1, task: 3, moving: false },
});

export function faultKey(name: string): number {
  const field = records.fault.wire.find((one) => one.name === name);
  return Number(field?.key);
}

export const faultNumber = (number: number): Fault => ({
  number,
  kind: FaultKind.DOUBLE_FREE,
  time: 5,
  pointer: 0x1000,
  blockAddress: 0x1000,
  blockSize: 8,
});

export const free = (time: number): string => `free time=${String(time)} address=0x1000 site=0 task=0 core=0 known=1`;

export function decode(...stream: Uint8Array[]): { lines: readonly string[]; counters: Readonly<DecoderCounters> } {
  const sink = new LineSink();
  const decoder = new Decoder(sink);
  for (const bytes of stream) decoder.push(bytes);
  decoder.end();
  return { lines: sink.finish(), counters: decoder.counters };
}
