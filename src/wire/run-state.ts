// What a decoder knows about the boot that it listens to, and what it counts.

import type { FrameTypeCode } from "./protocol.ts";
import type { SeenFrames } from "./seen-frames.ts";

/** Numbers since the decoder began, over all boots. What the device itself dropped or saw is in its heartbeats. */
export interface DecoderCounters {
  /** Bytes pushed. */
  bytes: number;
  /** Bytes passed on as text. */
  textBytes: number;
  /** Frames with a right checksum, of whatever type and version. */
  frames: number;
  /** Allocator events passed on: alloc, free, realloc begin and end. */
  events: number;
  boots: number;
  /** Frames given up by the splitter: wrong checksum, too long, cut off. They also show as lost by their sequence numbers. */
  damagedFrames: number;
  /** Frames missing by their sequence numbers (modulo 2^16 each time). */
  lostFrames: number;
  /** Events missing by their event numbers: lost on the way, dropped on the device, or before the capture began. */
  lostEvents: number;
  /** Frames with a right checksum and a body that makes no sense; what came before the fault was passed on. */
  malformedFrames: number;
  /** Frames that had come before, and those that come too late: another one has come in between, before which they count as lost. */
  repeatedFrames: number;
  /** Frames of another protocol version. */
  unknownVersions: number;
  /** Frames of a type that this version does not know, host commands included (an echoing line). */
  unknownTypes: number;
  /** Extended records, fault kinds and the like that this version does not know. */
  unknownRecords: number;
  /** Fault and failure reports that had already been passed on. */
  repeatedReports: number;
}

export function zeroCounters(): DecoderCounters {
  return {
    bytes: 0,
    textBytes: 0,
    frames: 0,
    events: 0,
    boots: 0,
    damagedFrames: 0,
    lostFrames: 0,
    lostEvents: 0,
    malformedFrames: 0,
    repeatedFrames: 0,
    unknownVersions: 0,
    unknownTypes: 0,
    unknownRecords: 0,
    repeatedReports: 0,
  };
}

export interface RunState {
  /** Undefined until a HELLO of this boot has come. */
  bootId: number | undefined;
  /** Low byte of the boot id, from every frame. */
  bootTag: number;
  /** Sequence number that the next frame should have. */
  nextSequence: number;
  /** Frames of this boot so far, the missing ones included. */
  framesSoFar: number;
  /** Number that the next event should have. */
  nextEvent: number;
  /** Frames missing since the last EVENTS frame: the next one tells how many events they held. */
  lostFrames: number;
  /** Nothing of this boot has been seen before the next EVENTS frame. */
  attachedLate: boolean;
  /** Time of the latest record, in ticks. */
  ticks: number;
  microsecondsPerTick: number;
  /** Between SNAPSHOT_BEGIN and SNAPSHOT_END, nothing lost so far. */
  snapshotOpen: boolean;
  /** Numbers of reports, by the type of their frames. */
  readonly reportsSeen: Map<FrameTypeCode, NumbersSeen>;
  readonly seen: SeenFrames;
}

/** Whether the report has not come before; from now on it has. */
export function isNewReport(run: RunState, type: FrameTypeCode, number: number): boolean {
  let seen = run.reportsSeen.get(type);
  if (seen === undefined) run.reportsSeen.set(type, (seen = new NumbersSeen()));
  return seen.add(number);
}

/** Remembers the latest report numbers; a probe repeats far fewer. */
class NumbersSeen {
  private readonly numbers = new Set<number>();

  /** Whether `number` is new; from now on it is not. */
  add(number: number): boolean {
    if (this.numbers.has(number)) return false;
    this.numbers.add(number);
    if (this.numbers.size > 4096) {
      const [oldest] = this.numbers;
      if (oldest !== undefined) this.numbers.delete(oldest);
    }
    return true;
  }
}
