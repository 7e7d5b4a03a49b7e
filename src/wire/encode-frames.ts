// Encodes frames (protocol/SPEC.md): encodeHello(), encodeRecords() and encodeSites() give a frame's body, sealFrame() makes it a frame. EVENTS frames, whose
// records depend on each other, have their own writer in encode-events.ts. Where the protocol leaves a choice, the choice is
// the one of SPEC.md section 9, as in the probe: golden vectors compare the two byte for byte.
import { ByteWriter, encodeText } from "../base/bytes.ts";
import { crc32 } from "../base/crc32.ts";
import { writeInOrder, writeKeyed } from "./encode-fields.ts";
import type { RecordOf } from "./fields.ts";
import { wrapFrame } from "./framing.ts";
import { Command, FRAME_END, FrameType, PROTOCOL_VERSION, SiteField } from "./protocol.ts";
import { type Boot, hello, type RecordFrame, recordFrames, records, type Site } from "./records.ts";

/** Body, header and checksum together: a frame as wrapFrame() and armourFrame() take it. */
export function sealFrame(type: number, bootTag: number, sequence: number, body: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writer.u8((PROTOCOL_VERSION << 4) | type);
  writer.u8(bootTag);
  writer.u16(sequence);
  writer.raw(body);
  writer.u32(crc32(writer.view()));
  return writer.toBytes();
}

/** `tickNanoseconds`: 1000 where times are in microseconds. */
export function encodeHello(boot: Boot, tickNanoseconds: number): Uint8Array {
  return writeKeyed(hello, { ...boot, tickNanoseconds }, tickNanoseconds / 1000);
}

/** The body of one of `recordFrames`: of one record, or of a list of them. */
export function encodeRecords<K extends RecordFrame["kind"]>(
  kind: K,
  values: readonly RecordOf<(typeof records)[K]>[],
  microsecondsPerTick: number,
): Uint8Array {
  const writer = new ByteWriter();
  const isReport = recordFrames.some((frame) => frame.kind === kind && frame.form === "report");
  for (const value of values) {
    if (isReport) writer.raw(writeKeyed(records[kind], value, microsecondsPerTick));
    else writeInOrder(records[kind], value, microsecondsPerTick, writer);
  }
  return writer.toBytes();
}

/** One body for all of `sites`; the caller sees to it that a frame does not grow too long. */
export function encodeSites(sites: readonly Site[]): Uint8Array {
  const writer = new ByteWriter();
  let file = new Uint8Array(0);
  let functionName = new Uint8Array(0);
  let variable = new Uint8Array(0);
  for (const site of sites) {
    const hasSource = site.file !== undefined || site.line !== undefined || site.function !== undefined;
    writer.varint(site.id);
    writer.u8(
      (hasSource ? SiteField.SOURCE : 0) |
        (site.variable !== undefined ? SiteField.VARIABLE : 0) |
        (site.callers !== undefined ? SiteField.CALLERS : 0),
    );
    writer.u8(site.method);
    writer.varint(site.caps);
    if (hasSource) {
      writer.varint(site.line ?? 0);
      file = writeShared(writer, file, site.file);
      functionName = writeShared(writer, functionName, site.function);
    }
    if (site.variable !== undefined) variable = writeShared(writer, variable, site.variable);
    if (site.callers !== undefined) writeCallers(writer, site.callers);
  }
  return writer.toBytes();
}

/** Writes what `text` does not have in common with the beginning of `previous`; returns its bytes. */
function writeShared(writer: ByteWriter, previous: Uint8Array, text = ""): Uint8Array<ArrayBuffer> {
  const bytes = encodeText(text);
  let shared = 0;
  while (shared < previous.length && shared < bytes.length && previous[shared] === bytes[shared]) shared++;
  writer.varint(shared);
  writer.blob(bytes.subarray(shared));
  return bytes;
}

function writeCallers(writer: ByteWriter, callers: readonly number[]): void {
  writer.u8(callers.length);
  let previous = 0;
  for (const address of callers) {
    writer.zigzag((address - previous) | 0);
    previous = address;
  }
}

/** What a host asks of a device. */
export type HostCommand =
  | { readonly kind: "hello" | "snapshot" | "check" | "self-test" }
  | { readonly kind: "stream"; readonly on: boolean }
  | { readonly kind: "mark"; readonly name: string };

/** What a host writes to the line, in one piece. The 00 before the frame ends whatever noise has begun on the line. */
export function commandBytes(command: HostCommand): Uint8Array {
  return Uint8Array.of(FRAME_END, ...wrapFrame(encodeCommand(command)));
}

/** A whole COMMAND frame, checksum included. */
export function encodeCommand(command: HostCommand): Uint8Array {
  const writer = new ByteWriter();
  switch (command.kind) {
    case "hello":
      writer.u8(Command.HELLO);
      break;
    case "snapshot":
      writer.u8(Command.SNAPSHOT);
      break;
    case "check":
      writer.u8(Command.CHECK);
      break;
    case "self-test":
      writer.u8(Command.SELF_TEST);
      break;
    case "stream":
      writer.u8(Command.STREAM);
      writer.u8(command.on ? 1 : 0);
      break;
    case "mark":
      writer.u8(Command.MARK);
      writer.string(command.name);
      break;
  }
  return sealFrame(FrameType.COMMAND, 0, 0, writer.toBytes());
}
