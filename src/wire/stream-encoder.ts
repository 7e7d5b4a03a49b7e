// Encodes a whole run as a probe would send it: an event sink that writes a byte stream. For tests, benches and generated
// recordings; a device's stream comes from the probe itself.
import { LONGEST_EVENT_BYTES, EventsWriter } from "./encode-events.ts";
import {
  encodeFailure,
  encodeFault,
  encodeHello,
  encodeRegions,
  encodeSites,
  encodeTasks,
  sealFrame,
} from "./encode-frames.ts";
import type { FrameTypeCode } from "./protocol.ts";
import type { Boot, Failure, Fault, Gap, Heartbeat, Region, Site, Task } from "./records.ts";
import type { EventSink } from "./events.ts";
import { armourFrame, wrapFrame } from "./framing.ts";
import { FrameType } from "./protocol.ts";
import { encodeText } from "./byte-writer.ts";

export interface StreamEncoderOptions {
  /** Length of a tick; times are rounded to it. */
  readonly tickNanoseconds?: number;
  /** Longest frame, checksum included, before COBS. */
  readonly frameBytes?: number;
  /** Frames as lines of text. */
  readonly armoured?: boolean;
}

/** Longest extended record except a mark: a heartbeat. */
const LONGEST_HEARTBEAT_BYTES = 70;
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

  /** A boot that goes on (`continues`, or the same boot id) only says HELLO again. */
  boot(boot: Boot): void {
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

  site(site: Site): void {
    const bytes = encodeSites([site]).length;
    if (this.sitesBytes + bytes > this.bodyBytes) this.flushNames();
    this.sites.push(site);
    this.sitesBytes += bytes;
  }

  task(task: Task): void {
    const longestTask = 64;
    if ((this.tasks.length + 1) * longestTask > this.bodyBytes) this.flushNames();
    this.tasks.push(task);
  }

  alloc(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.frame(time).alloc(this.ticks(time), address, size, site, task, core);
  }

  free(time: number, address: number, site: number, task: number, core: number, known: boolean): void {
    this.frame(time).free(this.ticks(time), address, site, task, core, known);
  }

  reallocBegin(time: number, address: number, task: number, core: number): void {
    this.frame(time).reallocBegin(this.ticks(time), address, task, core);
  }

  reallocEnd(
    time: number,
    oldAddress: number,
    address: number,
    size: number,
    site: number,
    task: number,
    core: number,
  ): void {
    this.frame(time).reallocEnd(this.ticks(time), oldAddress, address, size, site, task, core);
  }

  reallocFailed(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.frame(time).reallocFailed(this.ticks(time), address, size, site, task, core);
  }

  mark(time: number, name: string, task: number, core: number): void {
    this.frame(time, encodeText(name).length + 20).mark(this.ticks(time), name, task, core);
  }

  snapshotBegin(time: number): void {
    this.frame(time).snapshotBegin(this.ticks(time));
  }

  live(address: number, size: number, site: number, task: number, moving: boolean): void {
    this.frame(this.microseconds(this.lastTicks)).live(address, size, site, task, moving);
  }

  snapshotEnd(time: number, records: number): void {
    this.frame(time).snapshotEnd(this.ticks(time), records);
  }

  /** A heartbeat is sent at once, with all that came before. */
  heartbeat(time: number, heartbeat: Heartbeat): void {
    this.frame(time, LONGEST_HEARTBEAT_BYTES).heartbeat(this.ticks(time), heartbeat);
    this.flush();
  }

  regions(time: number, regions: readonly Region[]): void {
    this.flush();
    this.send(FrameType.REGIONS, encodeRegions(this.ticks(time), regions));
  }

  fault(fault: Fault): void {
    this.flush();
    this.send(FrameType.FAULT, encodeFault(fault, this.tickNanoseconds / 1000));
  }

  failure(failure: Failure): void {
    this.flush();
    this.send(FrameType.FAILURE, encodeFailure(failure, this.tickNanoseconds / 1000));
  }

  /** As if so many frames and events had been sent and lost. */
  gap(gap: Gap): void {
    this.flush();
    this.sequence += gap.lostFrames;
    this.nextEvent += gap.lostEvents ?? 0;
  }

  /** Text goes out after what came before it. */
  text(bytes: Uint8Array): void {
    this.flush();
    this.write(bytes);
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
    if (tasks.length > 0) this.send(FrameType.TASKS, encodeTasks(tasks));
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
