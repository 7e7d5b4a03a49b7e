// Makes the frame that a golden vector describes, with the TypeScript encoder.
import { EventsWriter } from "../src/wire/encode-events.ts";
import {
  encodeCommand,
  encodeFailure,
  encodeFault,
  encodeHello,
  encodeRegions,
  encodeSites,
  encodeTasks,
  type HostCommand,
  sealFrame,
} from "../src/wire/encode-frames.ts";
import type { Boot, Failure, Fault, Region, Site, Task } from "../src/wire/records.ts";
import { FrameType } from "../src/wire/protocol.ts";
import { bytesOf, callsOf, fieldsOf, type Vector } from "./vectors.ts";
import { callLine, type Line, parseLine } from "./wire-lines.ts";

/** The plain frame, checksum included. */
export function encodeVector(vector: Vector): Uint8Array {
  const { type, boot, sequence } = fieldsOf(vector, "frame");
  const calls = callsOf(vector).map(parseLine);
  if (type === FrameType.COMMAND) return encodeCommand(commandOf(calls[0]));
  return sealFrame(Number(type), Number(boot), Number(sequence), encodeBody(Number(type), vector, calls));
}

function encodeBody(type: number, vector: Vector, calls: readonly Line[]): Uint8Array {
  const [first] = calls;
  const ticks = Number(first?.fields["time"] ?? 0);
  const regions = calls.filter((call) => call.name === "region").map((call) => call.fields as unknown as Region);
  switch (type) {
    case FrameType.HELLO:
      return encodeHello(first?.fields as unknown as Boot, Number(fieldsOf(vector, "start")["tickNanoseconds"]));
    case FrameType.EVENTS: {
      const start = fieldsOf(vector, "start");
      const writer = new EventsWriter();
      writer.begin(Number(start["first"]), Number(start["time"]));
      for (const call of calls) callLine(call, writer);
      return writer.body();
    }
    case FrameType.SITES:
      return encodeSites(calls.map((call) => call.fields as unknown as Site));
    case FrameType.TASKS:
      return encodeTasks(
        calls.map((call) => ({ ...call.fields, deleted: call.fields["deleted"] === 1 }) as unknown as Task),
      );
    case FrameType.REGIONS:
      return encodeRegions(ticks, regions);
    case FrameType.FAULT: {
      const { damageBytes, ...fields } = first?.fields ?? {};
      const damage = damageBytes === undefined ? {} : { damageBytes: bytesOf(String(damageBytes)) };
      return encodeFault({ ...fields, ...damage } as unknown as Fault, 1);
    }
    case FrameType.FAILURE:
      return encodeFailure({ ...first?.fields, regions } as unknown as Failure, 1);
    default:
      throw new Error(`vector ${vector.name}: no encoder for frame type ${String(type)}`);
  }
}

function commandOf(line: Line | undefined): HostCommand {
  const fields = { ...line?.fields };
  return ("on" in fields ? { ...fields, on: fields["on"] === 1 } : fields) as unknown as HostCommand;
}
