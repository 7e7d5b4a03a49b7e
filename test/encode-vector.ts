// Makes the frame that a golden vector describes, with the TypeScript encoder.
import { EventsWriter } from "../src/wire/encode-events.ts";
import {
  encodeCommand,
  encodeHello,
  encodeRecords,
  encodeSites,
  type HostCommand,
  sealFrame,
} from "../src/wire/encode-frames.ts";
import { FrameType } from "../src/wire/protocol.ts";
import { EVENT_RECORDS, recordFrames, recordOf } from "../src/wire/records.ts";
import { callsOf, fieldsOf, type Vector } from "./vectors.ts";
import { type Line, parseLine, regionOf, valueOf } from "./wire-lines.ts";

/** The plain frame, checksum included. */
export function encodeVector(vector: Vector): Uint8Array {
  const { type, boot, sequence } = fieldsOf(vector, "frame");
  const calls = callsOf(vector).map(parseLine);
  if (type === FrameType.COMMAND) return encodeCommand(commandOf(calls[0]));
  return sealFrame(Number(type), Number(boot), Number(sequence), encodeBody(Number(type), vector, calls));
}

function encodeBody(type: number, vector: Vector, calls: readonly Line[]): Uint8Array {
  const [first = { name: "", fields: {} }] = calls;
  switch (type) {
    case FrameType.HELLO:
      return encodeHello(valueOf("boot", first), Number(fieldsOf(vector, "start")["tickNanoseconds"]));
    case FrameType.EVENTS: {
      const start = fieldsOf(vector, "start");
      const writer = new EventsWriter();
      writer.begin(Number(start["first"]), Number(start["time"]));
      for (const call of calls) writeEvent(call, writer);
      return writer.body();
    }
    case FrameType.SITES:
      return encodeSites(calls.map((call) => valueOf("site", call)));
    default: {
      const frame = recordFrames.find((known) => known.type === type);
      if (frame === undefined) throw new Error(`vector ${vector.name}: no encoder for frame type ${String(type)}`);
      const regions = calls.filter((call) => call.name === "region").map(regionOf);
      const told = calls.filter((call) => call.name === frame.kind);
      return encodeRecords(
        frame.kind,
        told.map((call) => valueOf(frame.kind, call, regions)),
        1,
      );
    }
  }
}

function writeEvent(line: Line, writer: EventsWriter): void {
  const number = (key: string): number => Number(line.fields[key]);
  const [time, address, site, task, core] = ["time", "address", "site", "task", "core"].map(number) as [
    ...[number, number, number, number, number],
  ];
  const kind = EVENT_RECORDS.find((one) => one === line.name);
  if (line.name === "alloc") writer.alloc(time, address, number("size"), site, task, core);
  else if (line.name === "free" && line.fields["known"] === 1) writer.free(time, address, site, task, core);
  else if (line.name === "free") {
    writer.record(time, { kind: "unknownFree", value: { time, address, site, task, core } });
  } else if (kind !== undefined) writer.record(time, recordOf(kind, valueOf(kind, line)));
  else throw new Error(`no such record: ${line.name}`);
}

function commandOf(line: Line | undefined): HostCommand {
  const fields = { ...line?.fields };
  return ("on" in fields ? { ...fields, on: fields["on"] === 1 } : fields) as unknown as HostCommand;
}
