/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Encodes a whole run as a probe would send it: an event sink that writes a byte stream. For tests, benches and generated
// recordings; a device's stream comes from the probe itself.
import { assertDefined, assertUnreachable } from "../base/assert.ts";
import { encodeText } from "../base/bytes.ts";
import { LONGEST_EVENT_BYTES, EventsWriter } from "./encode-events.ts";
import { mostBytesInOrder } from "./encode-fields.ts";
import { encodeHello, encodeRecords, encodeSites, sealFrame } from "./encode-frames.ts";
import { BatchOp, EVENT_FIELDS, EventField, type EventBatch } from "./event-batch.ts";
import type { EventSink } from "./events.ts";
import { armourFrame, wrapFrame } from "./framing.ts";
import { FrameType, type FrameTypeCode } from "./protocol.ts";
import {
  type AnyRecord,
  type Boot,
  type Gap,
  type EventRecord,
  type OwnFrameKind,
  recordFrames,
  recordOf,
  type RecordOfKind,
  type Site,
  type Task,
  records,
} from "./records.ts";

export interface StreamEncoderOptions {
  /** Length of a tick; times are rounded to it. */
  readonly tickNanoseconds?: number;
  /** Longest frame, checksum included, before COBS. */
  readonly frameBytes?: number;
  /** Frames as lines of text. */
  readonly armoured?: boolean;
}

/** Longest extended record except a mark: a heartbeat, behind its tag, its code, its length and a pause. */
const LONGEST_HEARTBEAT_BYTES = mostBytesInOrder(records.heartbeat) + 11;
const HEADER_AND_CHECKSUM_BYTES = 8;

export class StreamEncoder implements EventSink {
  private readonly write: (bytes: Uint8Array) => void;
  private readonly tickNanoseconds: number;
  private readonly bodyBytes: number;
  private readonly armoured: boolean;
  private readonly events = new EventsWriter();
  /** Whether `events` holds a frame that has been begun. */
  private open = false;
  private sites: Site[] = [];
  private sitesBytes = 0;
  private tasks: Task[] = [];
  private bootId: number | undefined;
  private bootTag = 0;
  private sequence = 0;
  private nextEvent = 0;
  private lastTicks = 0;

  /** `write` gets each frame, and each piece of text, whole. */
  constructor(write: (bytes: Uint8Array) => void, options: StreamEncoderOptions = {}) {
    this.write = write;
    this.tickNanoseconds = options.tickNanoseconds ?? 1000;
    this.bodyBytes = (options.frameBytes ?? 512) - HEADER_AND_CHECKSUM_BYTES;
    this.armoured = options.armoured ?? false;
  }

  /** Sends what has been gathered. */
  flush(): void {
    this.flushNames();
    if (!this.open) return;
    this.open = false;
    this.send(FrameType.EVENTS, this.events.body());
    this.nextEvent = (this.nextEvent + this.events.events) >>> 0;
  }

  calls({ time, fields, length }: EventBatch): void {
    for (let index = 0; index < length; index++) {
      const at = index * EVENT_FIELDS;
      const writer = this.frame(time[index]!);
      const ticks = this.ticks(time[index]!);
      const address = fields[at + EventField.ADDRESS]!;
      const site = fields[at + EventField.SITE]!;
      const task = fields[at + EventField.CONTEXT]! >>> 2;
      const core = fields[at + EventField.CONTEXT]! & 3;
      if (fields[at + EventField.OP] === BatchOp.FREE) writer.free(ticks, address, site, task, core);
      else writer.alloc(ticks, address, fields[at + EventField.SIZE]!, site, task, core);
    }
  }

  record(record: AnyRecord): void {
    if (hasOwnFrame(record)) {
      this.sendRecord(record.kind === "regions" ? withMinima(record) : record);
      return;
    }
    switch (record.kind) {
      case "boot":
        this.boot(record.value);
        break;
      case "site":
        this.site(record.value);
        break;
      case "task":
        this.task(record.value);
        break;
      case "gap":
        this.gap(record.value);
        break;
      case "live":
        this.frame(this.microseconds(this.lastTicks)).record(this.lastTicks, record);
        break;
      case "mark":
        this.writeEvent(record, record.value.time, encodeText(record.value.name).length + 20);
        break;
      case "heartbeat":
        // Sent at once, with all that came before.
        this.writeEvent(record, record.value.time, LONGEST_HEARTBEAT_BYTES);
        this.flush();
        break;
      case "series":
      case "readings":
      case "incident":
        // No device sends what logs tell.
        break;
      case "unknownFree":
      case "reallocBegin":
      case "reallocEnd":
      case "reallocFailed":
      case "snapshotBegin":
      case "snapshotEnd":
        this.writeEvent(record, record.value.time);
        break;
      default:
        assertUnreachable(record);
    }
  }

  /** Text goes out after what came before it. */
  text(bytes: Uint8Array): void {
    this.flush();
    this.write(bytes);
  }

  /** A boot that goes on (`continues`, or the same boot id) only says HELLO again. */
  private boot(boot: Boot): void {
    this.flush();
    if (boot.continues !== true && boot.bootId !== this.bootId) {
      this.bootId = boot.bootId;
      this.bootTag = boot.bootId & 0xff;
      this.sequence = 0;
      this.nextEvent = 0;
      this.lastTicks = 0;
    }
    this.send(FrameType.HELLO, encodeHello(boot, this.tickNanoseconds));
  }

  private site(site: Site): void {
    const bytes = encodeSites([site]).length;
    if (this.sitesBytes + bytes > this.bodyBytes) this.flushNames();
    this.sites.push(site);
    this.sitesBytes += bytes;
  }

  private task(task: Task): void {
    const longestTask = 64;
    if ((this.tasks.length + 1) * longestTask > this.bodyBytes) this.flushNames();
    this.tasks.push(task);
  }

  /** As if so many frames and events had been sent and lost. */
  private gap(gap: Gap): void {
    this.flush();
    this.sequence += gap.lostFrames;
    this.nextEvent += gap.lostEvents ?? 0;
  }

  /** A frame of its own, behind what came before. */
  private sendRecord<K extends OwnFrameKind>({ kind, value }: RecordOfKind<K>): void {
    this.flush();
    const frame = assertDefined(
      recordFrames.find((one) => one.kind === kind),
      kind,
    );
    this.send(frame.type, encodeRecords(kind, [value], this.tickNanoseconds / 1000));
  }

  private writeEvent(record: EventRecord, time: number, longest?: number): void {
    this.frame(time, longest).record(this.ticks(time), record);
  }

  /** The frame under way, or a new one where a record of `longest` bytes might not fit. */
  private frame(time: number, longest = LONGEST_EVENT_BYTES): EventsWriter {
    const ticks = this.ticks(time);
    const pause = ticks - this.lastTicks;
    if (this.open && (this.events.length + longest > this.bodyBytes || pause >= 2 ** 32)) this.flush();
    if (!this.open) {
      this.events.begin(this.nextEvent, ticks);
      this.open = true;
    }
    this.lastTicks = ticks;
    return this.events;
  }

  private flushNames(): void {
    const { sites, tasks } = this;
    this.sites = [];
    this.sitesBytes = 0;
    this.tasks = [];
    if (tasks.length > 0) this.send(FrameType.TASKS, encodeRecords("task", tasks, 1));
    if (sites.length > 0) this.send(FrameType.SITES, encodeSites(sites));
  }

  private send(type: FrameTypeCode, body: Uint8Array): void {
    const frame = sealFrame(type, this.bootTag, this.sequence, body);
    this.sequence = (this.sequence + 1) & 0xffff;
    this.write(this.armoured ? armourFrame(frame) : wrapFrame(frame));
  }

  private ticks(time: number): number {
    return Math.round((time * 1000) / this.tickNanoseconds);
  }

  private microseconds(ticks: number): number {
    return (ticks * this.tickNanoseconds) / 1000;
  }
}

function hasOwnFrame(record: AnyRecord): record is RecordOfKind<OwnFrameKind> {
  return recordFrames.some(({ kind, form }) => kind === record.kind && form !== "list");
}

/** A device always tells the lowest free bytes. */
function withMinima({ value: { time, regions } }: RecordOfKind<"regions">): RecordOfKind<"regions"> {
  const told = regions.map((region) => ({ ...region, minimumFree: region.minimumFree ?? region.free }));
  return recordOf("regions", { time, regions: told });
}
