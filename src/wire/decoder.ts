// The push decoder: bytes in, events out (protocol/SPEC.md). Synchronous, in bounded memory, and never an exception on any
// bytes. It accounts for what is missing: every gap in sequence or event numbers becomes a `gap` record before what follows it.
import { ByteReader } from "../base/bytes.ts";
import { RecordDecoder } from "./decode-events.ts";
import { readInOrder, readKeyed, readReport } from "./decode-fields.ts";
import { decodeSites } from "./decode-sites.ts";
import type { EventSink } from "./events.ts";
import { completed } from "./fields.ts";
import { FrameSplitter } from "./framing.ts";
import { FrameType, PROTOCOL_VERSION } from "./protocol.ts";
import { HeldFrames } from "./held-frames.ts";
import { type Boot, hello as helloRecord, recordFrames, recordOf, records } from "./records.ts";
import { SeenFrames } from "./seen-frames.ts";
import { type DecoderCounters, isNewReport, type RunState, zeroCounters } from "./run-state.ts";

/** Microseconds that a frame may seem to lie behind the one before it without meaning that the board has restarted. */
const CLOCK_TOLERANCE = 100_000;

/** A frame as the wire brings it, its header read. */
interface FrameHeader {
  readonly type: number;
  readonly bootTag: number;
  readonly sequence: number;
  readonly checksum: number;
}

/** What a HELLO frame says; `bootId` is undefined where it does not, and then that of `boot` means nothing. */
interface Hello {
  readonly bootId: number | undefined;
  readonly microsecondsPerTick: number;
  readonly boot: Boot;
}

export class Decoder {
  private readonly sink: EventSink;
  private readonly splitter: FrameSplitter;
  private readonly cursor = new ByteReader();
  private readonly records: RecordDecoder;
  private readonly tally = zeroCounters();
  /** Undefined until the first frame. */
  private run: RunState | undefined;
  /** The boot before, whose frames may come again. */
  private lastRun: RunState | undefined;
  /** Only while a run that was joined in the middle waits for its HELLO. */
  private held: HeldFrames | undefined;

  constructor(sink: EventSink) {
    this.sink = sink;
    this.records = new RecordDecoder(this.cursor, sink);
    this.splitter = new FrameSplitter({
      frame: (bytes, end) => this.readFrame(bytes, end),
      text: (bytes) => this.sink.text(bytes),
    });
  }

  /** What has been seen so far; a copy. */
  get counters(): Readonly<DecoderCounters> {
    const { textBytes, damagedFrames } = this.splitter;
    return { ...this.tally, textBytes, damagedFrames };
  }

  /** Takes the next bytes of the stream, in pieces of any length. The sink is called before this returns. */
  push(chunk: Uint8Array): void {
    this.tally.bytes += chunk.length;
    this.splitter.push(chunk);
  }

  /** The stream is over: passes on what was held back, and the loss that no later frame can date. */
  end(): void {
    this.splitter.end();
    this.releaseHeld();
    if (this.run !== undefined) this.reportUndatedLoss(this.run);
  }

  private readFrame(bytes: Uint8Array, end: number): void {
    this.tally.frames++;
    const { version, header } = this.readHeader(bytes, end);
    if (version !== PROTOCOL_VERSION) this.tally.unknownVersions++;
    else if (header.type === FrameType.COMMAND) this.tally.unknownTypes++;
    else if (this.run !== undefined && this.held === undefined) this.readBody(header);
    else this.readBeforeHello(header, bytes, end);
  }

  /** Leaves the cursor at the body. */
  private readHeader(bytes: Uint8Array, end: number): { readonly version: number; readonly header: FrameHeader } {
    const { cursor } = this;
    cursor.reset(bytes, 0, end);
    const first = cursor.u8();
    const bootTag = cursor.u8();
    const sequence = cursor.u8() | (cursor.u8() << 8);
    return {
      version: first >>> 4,
      header: { type: first & 0x0f, bootTag, sequence, checksum: checksumAt(bytes, end) },
    };
  }

  private readBody(header: FrameHeader): void {
    if (header.type === FrameType.HELLO) this.readHello(header);
    else if (header.type === FrameType.EVENTS) this.readEvents(header);
    else this.readOther(header);
  }

  /**
   * A run that was joined in the middle is announced at once, so that the host can ask for a HELLO. Its frames wait until one has told how long
   * a tick is, until they are too many, or until the stream is over.
   */
  private readBeforeHello(header: FrameHeader, bytes: Uint8Array, end: number): void {
    const hello = header.type === FrameType.HELLO ? decodeHello(this.cursor) : undefined;
    if (hello?.bootId === undefined) {
      this.run ??= this.startBoot(header, undefined, 1);
      this.held ??= new HeldFrames();
      if (this.held.add(bytes, end)) return;
    } else if (this.run !== undefined) {
      this.run.microsecondsPerTick = hello.microsecondsPerTick;
    }
    this.releaseHeld();
    this.readBody(this.readHeader(bytes, end).header);
  }

  private releaseHeld(): void {
    const { held } = this;
    this.held = undefined;
    held?.forEach((bytes, end) => this.readBody(this.readHeader(bytes, end).header));
  }

  private readHello(header: FrameHeader): void {
    const hello = decodeHello(this.cursor);
    if (hello === undefined) {
      this.follow(header, undefined, false);
      this.tally.malformedFrames++;
      return;
    }
    const run = this.follow(header, hello, false);
    if (run !== undefined && run.bootId === undefined && hello.bootId !== undefined) this.completeBoot(run, hello);
  }

  private readEvents(header: FrameHeader): void {
    const firstEvent = this.cursor.varint32();
    const ticks = this.cursor.varint();
    const malformed = this.cursor.failed;
    const now = this.run;
    // Within a boot event numbers only grow, and so do times, a little disagreement between cores aside.
    const backwards =
      now !== undefined &&
      !malformed &&
      !now.attachedLate &&
      (((firstEvent - now.nextEvent) | 0) < 0 || (now.ticks - ticks) * now.microsecondsPerTick > CLOCK_TOLERANCE);
    const run = this.follow(header, undefined, backwards);
    if (run === undefined) return;
    if (!malformed) {
      const since = run.ticks * run.microsecondsPerTick;
      run.ticks = Math.max(run.ticks, ticks);
      this.reportLoss(run, firstEvent, since);
      run.nextEvent = firstEvent;
      if (this.records.decode(run, this.tally)) return;
    }
    this.tally.malformedFrames++;
    run.lostFrames++;
  }

  private readOther(header: FrameHeader): void {
    const run = this.lateNames(header) ?? this.follow(header, undefined, false);
    if (run === undefined) return;
    const { cursor, sink, tally } = this;
    const frame = recordFrames.find(({ type }) => type === header.type);
    if (header.type === FrameType.SITES) {
      if (!decodeSites(cursor, sink)) tally.malformedFrames++;
    } else if (frame === undefined) {
      tally.unknownTypes++;
    } else if (!this.readRecords(frame, run)) {
      tally.malformedFrames++;
    }
  }

  /** Returns false where a record makes no sense; those before it have been passed on. */
  private readRecords({ type, kind, form }: (typeof recordFrames)[number], run: RunState): boolean {
    const { cursor, sink, tally } = this;
    const { microsecondsPerTick } = run;
    if (form === "report") {
      const report = readReport(records[kind], cursor, microsecondsPerTick);
      if (report === undefined) return false;
      if (report === "unknown") tally.unknownRecords++;
      else if (!isNewReport(run, type, report.number)) tally.repeatedReports++;
      else sink.record(recordOf(kind, report.record));
      return true;
    }
    while (form === "one" || cursor.remaining > 0) {
      const value = readInOrder(records[kind], cursor, microsecondsPerTick);
      if (value === undefined) return false;
      sink.record(recordOf(kind, value));
      if (form === "one") break;
    }
    return true;
  }

  /**
   * Follows the sequence numbers and notices a reset: by another boot tag or boot id, by `backwards`, an event number or time
   * that lies behind, or, in a frame that has neither, by a sequence number that is nearer behind than ahead. Returns the state
   * of the frame's boot, or undefined where the frame has come before or comes too late.
   */
  private follow(header: FrameHeader, hello: Hello | undefined, backwards: boolean): RunState | undefined {
    let run = this.run;
    if (this.isRepeated(header) || this.isLate(header, hello)) {
      this.tally.repeatedFrames++;
      return undefined;
    }
    if (run === undefined) {
      run = this.startBoot(header, hello, 1);
    } else {
      const ahead = (header.sequence - run.nextSequence) & 0xffff;
      const sameTag = header.bootTag === run.bootTag;
      const sameBoot = hello?.bootId !== undefined && hello.bootId === run.bootId;
      const otherBoot = hello?.bootId !== undefined && run.bootId !== undefined && hello.bootId !== run.bootId;
      const restarted = ahead >= 0x8000 && !sameBoot && header.type !== FrameType.EVENTS;
      if (!sameTag || otherBoot || backwards || restarted) {
        this.reportUndatedLoss(run);
        run = this.startBoot(header, hello, run.microsecondsPerTick);
      }
    }
    const lost = (header.sequence - run.nextSequence) & 0xffff;
    run.lostFrames += lost;
    this.tally.lostFrames += lost;
    run.framesSoFar += lost + 1;
    run.nextSequence = (header.sequence + 1) & 0xffff;
    run.seen.add(header.sequence, header.checksum);
    return run;
  }

  private isRepeated({ bootTag, sequence, checksum }: FrameHeader): boolean {
    return [this.run, this.lastRun].some(
      (run) => run?.bootTag === bootTag && run.seen.isRepetition(sequence, checksum, run.nextSequence),
    );
  }

  /** Whether the frame was given up already: later ones of its boot have come, and none with its number. A restart begins with numbers that have. */
  private isLate({ bootTag, sequence }: FrameHeader, hello?: Hello): boolean {
    const { run } = this;
    if (run?.bootTag !== bootTag || run.seen.has(sequence)) return false;
    if (hello?.bootId !== undefined && hello.bootId !== run.bootId) return false;
    const behind = (run.nextSequence - sequence) & 0xffff;
    return behind > 0 && behind < 0x8000 && behind <= run.framesSoFar;
  }

  /** What names, and reports, is as good when it comes late. Returns the state of the frame's boot if this is such a frame. */
  private lateNames(header: FrameHeader): RunState | undefined {
    const form = recordFrames.find(({ type }) => type === header.type)?.form;
    if ((header.type !== FrameType.SITES && form !== "report") || !this.isLate(header)) return undefined;
    this.run?.seen.add(header.sequence, header.checksum);
    return this.run;
  }

  /** Announces a boot, provisionally where no HELLO tells about it; then ticks are assumed to be as long as before. */
  private startBoot(header: FrameHeader, hello: Hello | undefined, assumedMicrosecondsPerTick: number): RunState {
    // What came before the first frame of all is not lost, it was never listened to.
    const isFirst = this.run === undefined;
    const run: RunState = {
      bootId: hello?.bootId,
      bootTag: header.bootTag,
      nextSequence: isFirst ? header.sequence : 0,
      framesSoFar: 0,
      nextEvent: 0,
      lostFrames: 0,
      attachedLate: isFirst && header.sequence !== 0,
      ticks: 0,
      microsecondsPerTick: hello?.microsecondsPerTick ?? assumedMicrosecondsPerTick,
      snapshotOpen: false,
      reportsSeen: new Map(),
      seen: new SeenFrames(),
    };
    this.lastRun = this.run;
    this.run = run;
    this.tally.boots++;
    if (hello?.bootId !== undefined) {
      this.sink.record({ kind: "boot", value: hello.boot });
    } else {
      const { boot } = hello ?? { boot: completed(records.boot, {}) };
      this.sink.record({ kind: "boot", value: { ...boot, bootId: header.bootTag, provisional: true } });
    }
    return run;
  }

  /** The HELLO of a boot that was announced without it. */
  private completeBoot(run: RunState, hello: Hello): void {
    if (hello.bootId === undefined) return;
    run.bootId = hello.bootId;
    // Where ticks were assumed wrongly, the times so far were too; those to come are right, and nothing else is void.
    run.microsecondsPerTick = hello.microsecondsPerTick;
    this.sink.record({ kind: "boot", value: { ...hello.boot, continues: true } });
  }

  /** Compares an EVENTS frame's first event with the one expected and tells what is missing. `since`: time of the last record before. */
  private reportLoss(run: RunState, firstEvent: number, since: number): void {
    const lostEvents = run.attachedLate ? firstEvent : (firstEvent - run.nextEvent) >>> 0;
    const lostFrames = run.lostFrames;
    const reason = run.attachedLate ? "attached-late" : lostFrames > 0 ? "frames-lost" : "dropped-on-device";
    run.attachedLate = false;
    run.lostFrames = 0;
    if (lostFrames === 0 && lostEvents === 0) return;
    run.snapshotOpen = false;
    this.tally.lostEvents += lostEvents;
    const time = run.ticks * run.microsecondsPerTick;
    const span = reason === "attached-late" ? { time } : { time, since };
    this.sink.record({ kind: "gap", value: { ...span, reason, lostFrames, lostEvents } });
  }

  /** Frames are missing and no EVENTS frame of their boot will tell how many events they held. */
  private reportUndatedLoss(run: RunState): void {
    const { lostFrames } = run;
    if (lostFrames === 0) return;
    run.lostFrames = 0;
    run.snapshotOpen = false;
    const time = run.ticks * run.microsecondsPerTick;
    this.sink.record({ kind: "gap", value: { time, reason: "frames-lost", lostFrames } });
  }
}

/** The checksum stands behind what a frame says. */
function checksumAt(bytes: Uint8Array, end: number): number {
  return [3, 2, 1, 0].reduce((sum, i) => ((sum << 8) | (bytes[end + i] ?? 0)) >>> 0, 0);
}

/** Undefined where the frame makes no sense. */
function decodeHello(cursor: ByteReader): Hello | undefined {
  const given = readKeyed(helloRecord, cursor, 1);
  if (given === undefined) return undefined;
  const { tickNanoseconds = 0, ...boot } = completed(helloRecord, given.values);
  return {
    bootId: given.values["bootId"] === undefined ? undefined : boot.bootId,
    microsecondsPerTick: tickNanoseconds > 0 ? tickNanoseconds / 1000 : 1,
    boot,
  };
}
