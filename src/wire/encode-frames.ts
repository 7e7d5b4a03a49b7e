// Encodes frames (protocol/SPEC.md): each function gives a frame's body, sealFrame() makes it a frame. EVENTS frames, whose
// records depend on each other, have their own writer in encode-events.ts. Where the protocol leaves a choice, the choice is
// the one of SPEC.md section 9, as in the probe: golden vectors compare the two byte for byte.
import { ByteWriter, encodeText } from "./byte-writer.ts";
import { crc32 } from "./crc32.ts";
import type { Boot, Failure, Fault, Region, Site, Task } from "./events.ts";
import { wrapFrame } from "./framing.ts";
import {
  Command,
  FailureKey,
  FaultKey,
  FRAME_END,
  FrameType,
  HelloKey,
  PROTOCOL_VERSION,
  SiteField,
} from "./protocol.ts";

export type FrameTypeCode = (typeof FrameType)[keyof typeof FrameType];

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
  const fields = new KeyedWriter(tickNanoseconds / 1000);
  fields.u32(HelloKey.BOOT_ID, boot.bootId);
  fields.varint(HelloKey.TICK_NANOSECONDS, tickNanoseconds);
  fields.text(HelloKey.CHIP, boot.chip);
  fields.text(HelloKey.IDF_VERSION, boot.idfVersion);
  fields.text(HelloKey.APP_NAME, boot.appName);
  fields.text(HelloKey.APP_VERSION, boot.appVersion);
  fields.bytes(HelloKey.ELF_SHA256, boot.elfSha256 === undefined ? undefined : hexToBytes(boot.elfSha256));
  fields.varint(HelloKey.CONFIGURATION, boot.configuration);
  fields.varint(HelloKey.TABLE_CAPACITY, boot.tableCapacity);
  fields.varint(HelloKey.SAMPLE_INTERVAL, boot.sampleInterval);
  fields.varint(HelloKey.STACK_DEPTH, boot.stackDepth);
  fields.varint(HelloKey.RESET_REASON, boot.resetReason);
  fields.varint(HelloKey.CORES, boot.cores);
  fields.varint(HelloKey.RED_ZONE_BYTES, boot.redZoneBytes);
  fields.varint(HelloKey.QUARANTINE_BYTES, boot.quarantineBytes);
  fields.varint(HelloKey.SAMPLE_BYTES, boot.sampleBytes);
  return fields.body();
}

export function encodeFault(fault: Fault, microsecondsPerTick: number): Uint8Array {
  const fields = new KeyedWriter(microsecondsPerTick);
  fields.varint(FaultKey.NUMBER, fault.number);
  fields.varint(FaultKey.KIND, fault.kind);
  fields.time(FaultKey.TIME, fault.time);
  fields.varint(FaultKey.EVENT_NUMBER, fault.eventNumber);
  fields.context(FaultKey.CONTEXT, fault.task, fault.core);
  fields.u32(FaultKey.POINTER, fault.pointer);
  fields.u32(FaultKey.BLOCK_ADDRESS, fault.blockAddress);
  fields.varint(FaultKey.BLOCK_SIZE, fault.blockSize);
  fields.varint(FaultKey.ALLOC_SITE, fault.allocSite);
  fields.varint(FaultKey.ALLOC_TASK, fault.allocTask);
  fields.varint(FaultKey.FREE_SITE, fault.freeSite);
  fields.varint(FaultKey.FREE_TASK, fault.freeTask);
  fields.time(FaultKey.FREE_TIME, fault.freeTime);
  fields.varint(FaultKey.DETECTED_SITE, fault.detectedSite);
  fields.zigzag(FaultKey.DAMAGE_OFFSET, fault.damageOffset);
  fields.varint(FaultKey.DAMAGE_LENGTH, fault.damageLength);
  fields.bytes(FaultKey.DAMAGE_BYTES, fault.damageBytes);
  fields.time(FaultKey.LAST_GOOD_TIME, fault.lastGoodTime);
  fields.varint(FaultKey.LAST_GOOD_TASK, fault.lastGoodTask);
  if (fault.activeTasks !== undefined) {
    const value = new ByteWriter();
    for (const task of fault.activeTasks) value.varint(task);
    fields.bytes(FaultKey.ACTIVE_TASKS, value.view());
  }
  return fields.body();
}

export function encodeFailure(failure: Failure, microsecondsPerTick: number): Uint8Array {
  const fields = new KeyedWriter(microsecondsPerTick);
  fields.varint(FailureKey.NUMBER, failure.number);
  fields.varint(FailureKey.REASON, failure.reason);
  fields.time(FailureKey.TIME, failure.time);
  fields.varint(FailureKey.EVENT_NUMBER, failure.eventNumber);
  fields.context(FailureKey.CONTEXT, failure.task, failure.core);
  fields.varint(FailureKey.SIZE, failure.size);
  fields.varint(FailureKey.COUNT, failure.count);
  fields.varint(FailureKey.CAPS, failure.caps);
  fields.varint(FailureKey.SITE, failure.site);
  fields.varint(FailureKey.ALIGNMENT, failure.alignment);
  for (const region of failure.regions) {
    const value = new ByteWriter();
    value.u32(region.start);
    value.u32(region.end);
    value.varint(region.caps);
    value.varint(region.free);
    value.varint(region.largestFree);
    fields.bytes(FailureKey.REGION, value.view());
  }
  fields.varint(FailureKey.QUARANTINE_RELEASED, failure.quarantineReleased);
  return fields.body();
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
  writer.block(bytes.subarray(shared));
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

export function encodeTasks(tasks: readonly Task[]): Uint8Array {
  const writer = new ByteWriter();
  for (const task of tasks) {
    writer.varint(task.id);
    writer.u32(task.handle);
    writer.u8(task.deleted === true ? 1 : 0);
    writer.string(task.name);
  }
  return writer.toBytes();
}

export function encodeRegions(ticks: number, regions: readonly Region[]): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(ticks);
  for (const region of regions) {
    writer.u32(region.start);
    writer.u32(region.end);
    writer.varint(region.caps);
    writer.varint(region.free);
    writer.varint(region.largestFree);
    writer.varint(region.minimumFree ?? region.free);
    writer.string(region.name ?? "");
  }
  return writer.toBytes();
}

/** What a host asks of a device. */
export type HostCommand =
  | { readonly kind: "hello" | "snapshot" | "check" }
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

/** Writes `key, length, value`, and nothing for a value that is undefined. */
class KeyedWriter {
  private readonly writer = new ByteWriter();
  private readonly value = new ByteWriter();
  private readonly microsecondsPerTick: number;

  constructor(microsecondsPerTick: number) {
    this.microsecondsPerTick = microsecondsPerTick;
  }

  body(): Uint8Array {
    return this.writer.toBytes();
  }

  bytes(key: number, value: Uint8Array | undefined): void {
    if (value === undefined) return;
    this.writer.varint(key);
    this.writer.block(value);
  }

  varint(key: number, value: number | undefined): void {
    this.field(key, value, (writer, number) => writer.varint(number));
  }

  u32(key: number, value: number | undefined): void {
    this.field(key, value, (writer, number) => writer.u32(number));
  }

  zigzag(key: number, value: number | undefined): void {
    this.field(key, value, (writer, number) => writer.zigzag(number));
  }

  /** `value` in microseconds. */
  time(key: number, value: number | undefined): void {
    if (value !== undefined) this.varint(key, Math.round(value / this.microsecondsPerTick));
  }

  context(key: number, task: number | undefined, core = 0): void {
    if (task !== undefined) this.varint(key, task * 4 + core);
  }

  text(key: number, value: string | undefined): void {
    if (value !== undefined) this.bytes(key, encodeText(value));
  }

  private field(key: number, value: number | undefined, write: (writer: ByteWriter, value: number) => void): void {
    if (value === undefined) return;
    this.value.clear();
    write(this.value, value);
    this.bytes(key, this.value.view());
  }
}

function hexToBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}
