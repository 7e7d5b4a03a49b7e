// Decodes HELLO, FAULT and FAILURE frames (protocol/SPEC.md, section 6): keys with lengths, in any order, unknown ones skipped.
import { Cursor, decodeText } from "./cursor.ts";
import type { Boot, Failure, FailureReasonCode, Fault, FaultCode, Region } from "./events.ts";
import { present } from "./present.ts";
import { FailureKey, FailureReason, FaultKey, FaultKind, HelloKey, PROTOCOL_VERSION } from "./protocol.ts";

/** What a HELLO frame says; `bootId` is undefined where it does not. */
export interface Hello {
  readonly bootId: number | undefined;
  readonly microsecondsPerTick: number;
  readonly boot: Omit<Boot, "bootId">;
}

/** Undefined where the frame makes no sense. */
export function decodeHello(cursor: Cursor): Hello | undefined {
  const fields = KeyedFields.read(cursor);
  if (fields === undefined) return undefined;
  const tickNanoseconds = fields.varint(HelloKey.TICK_NANOSECONDS) ?? 0;
  return {
    bootId: fields.u32(HelloKey.BOOT_ID),
    microsecondsPerTick: tickNanoseconds > 0 ? tickNanoseconds / 1000 : 1,
    boot: present<Omit<Boot, "bootId">>({
      protocolVersion: PROTOCOL_VERSION,
      chip: fields.text(HelloKey.CHIP),
      idfVersion: fields.text(HelloKey.IDF_VERSION),
      appName: fields.text(HelloKey.APP_NAME),
      appVersion: fields.text(HelloKey.APP_VERSION),
      elfSha256: fields.hex(HelloKey.ELF_SHA256, 32),
      configuration: fields.varint(HelloKey.CONFIGURATION) ?? 0,
      tableCapacity: fields.varint(HelloKey.TABLE_CAPACITY) ?? 0,
      sampleInterval: fields.varint(HelloKey.SAMPLE_INTERVAL) ?? 1,
      stackDepth: fields.varint(HelloKey.STACK_DEPTH) ?? 0,
      resetReason: fields.varint(HelloKey.RESET_REASON),
      cores: fields.varint(HelloKey.CORES),
      redZoneBytes: fields.varint(HelloKey.RED_ZONE_BYTES),
      quarantineBytes: fields.varint(HelloKey.QUARANTINE_BYTES),
      sampleBytes: fields.varint(HelloKey.SAMPLE_BYTES),
    }),
  };
}

/** "unknown": a kind that this version does not know. Undefined where the frame makes no sense. */
export function decodeFault(cursor: Cursor, microsecondsPerTick: number): Fault | "unknown" | undefined {
  const fields = KeyedFields.read(cursor);
  const number = fields?.varint(FaultKey.NUMBER);
  const kindCode = fields?.varint(FaultKey.KIND);
  if (fields === undefined || number === undefined || kindCode === undefined) return undefined;
  const kind = Object.values(FaultKind).find((known): known is FaultCode => known === kindCode);
  if (kind === undefined) return "unknown";
  const context = fields.varint(FaultKey.CONTEXT);
  return present<Fault>({
    number,
    kind,
    time: fields.time(FaultKey.TIME, microsecondsPerTick) ?? 0,
    eventNumber: fields.varint(FaultKey.EVENT_NUMBER),
    task: context === undefined ? undefined : context >>> 2,
    core: context === undefined ? undefined : context & 3,
    pointer: fields.u32(FaultKey.POINTER) ?? 0,
    blockAddress: fields.u32(FaultKey.BLOCK_ADDRESS) ?? 0,
    blockSize: fields.varint(FaultKey.BLOCK_SIZE) ?? 0,
    allocSite: fields.varint(FaultKey.ALLOC_SITE),
    allocTask: fields.varint(FaultKey.ALLOC_TASK),
    freeSite: fields.varint(FaultKey.FREE_SITE),
    freeTask: fields.varint(FaultKey.FREE_TASK),
    freeTime: fields.time(FaultKey.FREE_TIME, microsecondsPerTick),
    detectedSite: fields.varint(FaultKey.DETECTED_SITE),
    damageOffset: fields.zigzag(FaultKey.DAMAGE_OFFSET),
    damageLength: fields.varint(FaultKey.DAMAGE_LENGTH),
    damageBytes: fields.bytes(FaultKey.DAMAGE_BYTES)?.slice(),
    lastGoodTime: fields.time(FaultKey.LAST_GOOD_TIME, microsecondsPerTick),
    lastGoodTask: fields.varint(FaultKey.LAST_GOOD_TASK),
    activeTasks: fields.varints(FaultKey.ACTIVE_TASKS),
  });
}

/** "unknown": a reason that this version does not know. Undefined where the frame makes no sense. */
export function decodeFailure(cursor: Cursor, microsecondsPerTick: number): Failure | "unknown" | undefined {
  const fields = KeyedFields.read(cursor);
  const number = fields?.varint(FailureKey.NUMBER);
  const reasonCode = fields?.varint(FailureKey.REASON);
  if (fields === undefined || number === undefined || reasonCode === undefined) return undefined;
  const reason = Object.values(FailureReason).find((known): known is FailureReasonCode => known === reasonCode);
  if (reason === undefined) return "unknown";
  const context = fields.varint(FailureKey.CONTEXT);
  return present<Failure>({
    number,
    reason,
    time: fields.time(FailureKey.TIME, microsecondsPerTick) ?? 0,
    eventNumber: fields.varint(FailureKey.EVENT_NUMBER),
    task: context === undefined ? undefined : context >>> 2,
    core: context === undefined ? undefined : context & 3,
    size: fields.varint(FailureKey.SIZE) ?? 0,
    count: fields.varint(FailureKey.COUNT),
    caps: fields.varint(FailureKey.CAPS) ?? 0,
    site: fields.varint(FailureKey.SITE),
    alignment: fields.varint(FailureKey.ALIGNMENT),
    regions: fields.all(FailureKey.REGION).flatMap((bytes) => decodeFailureRegion(bytes) ?? []),
    quarantineReleased: fields.varint(FailureKey.QUARANTINE_RELEASED),
  });
}

function decodeFailureRegion(bytes: Uint8Array): Region | undefined {
  const cursor = new Cursor();
  cursor.reset(bytes, 0, bytes.length);
  // The order of properties is the order on the wire.
  const region = {
    start: cursor.u32(),
    end: cursor.u32(),
    caps: cursor.varint(),
    free: cursor.varint(),
    largestFree: cursor.varint(),
  };
  return cursor.failed ? undefined : region;
}

/** The values of a keyed frame. A value that is not of the form asked for counts as missing. */
class KeyedFields {
  private readonly values: ReadonlyMap<number, readonly Uint8Array[]>;

  private constructor(values: ReadonlyMap<number, readonly Uint8Array[]>) {
    this.values = values;
  }

  /** Undefined where a length reaches past the frame's end. */
  static read(cursor: Cursor): KeyedFields | undefined {
    const values = new Map<number, Uint8Array[]>();
    while (cursor.remaining > 0) {
      const key = cursor.varint();
      const value = cursor.take(cursor.varint());
      const earlier = values.get(key);
      if (earlier === undefined) values.set(key, [value]);
      else earlier.push(value);
    }
    return cursor.failed ? undefined : new KeyedFields(values);
  }

  all(key: number): readonly Uint8Array[] {
    return this.values.get(key) ?? [];
  }

  bytes(key: number): Uint8Array | undefined {
    return this.all(key)[0];
  }

  varint(key: number): number | undefined {
    return this.number(key, (cursor) => cursor.varint());
  }

  varints(key: number): readonly number[] | undefined {
    const bytes = this.bytes(key);
    if (bytes === undefined) return undefined;
    const cursor = new Cursor();
    cursor.reset(bytes, 0, bytes.length);
    const values: number[] = [];
    while (cursor.remaining > 0) values.push(cursor.varint());
    return cursor.failed ? undefined : values;
  }

  u32(key: number): number | undefined {
    return this.number(key, (cursor) => cursor.u32());
  }

  zigzag(key: number): number | undefined {
    return this.number(key, (cursor) => cursor.zigzag());
  }

  /** Microseconds. */
  time(key: number, microsecondsPerTick: number): number | undefined {
    const ticks = this.number(key, (cursor) => cursor.longVarint());
    return ticks === undefined ? undefined : ticks * microsecondsPerTick;
  }

  text(key: number): string | undefined {
    const bytes = this.bytes(key);
    return bytes === undefined ? undefined : decodeText(bytes);
  }

  hex(key: number, length: number): string | undefined {
    const bytes = this.bytes(key);
    if (bytes?.length !== length) return undefined;
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  private number(key: number, read: (cursor: Cursor) => number): number | undefined {
    const bytes = this.bytes(key);
    if (bytes === undefined) return undefined;
    const cursor = new Cursor();
    cursor.reset(bytes, 0, bytes.length);
    const value = read(cursor);
    return cursor.failed ? undefined : value;
  }
}
