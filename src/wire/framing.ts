/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Splits a byte stream into frames and text (protocol/SPEC.md, section 1), and wraps frames for a stream.
// The splitter remembers at most one frame, never holds text back for longer than it takes to tell it from a frame's start,
// and cuts a stream into the same frames and the same text however the stream is cut into chunks.
import { base64Decode, base64Encode, isBase64 } from "./base64.ts";
import { cobsDecode, cobsEncode, cobsLimit } from "./cobs.ts";
import { crc32 } from "../base/crc32.ts";
import { encodeText } from "../base/bytes.ts";
import {
  ARMOUR_PREFIX,
  FRAME_CHECKSUM_BYTES,
  FRAME_END,
  FRAME_HEADER_BYTES,
  FRAME_START,
  MAX_FRAME_BYTES,
} from "./protocol.ts";
import { forEachPrintable } from "./salvage.ts";

/** Bytes behind a frame that may be read as well, whatever they are: a reader need not look for the end at every number. */
export const FRAME_SLACK_BYTES = 32;

export interface FrameSink {
  /**
   * A frame whose checksum is right: `bytes[0 … end-1]`, from its type byte to before the checksum, and FRAME_SLACK_BYTES of anything
   * behind. Valid only during the call.
   */
  frame(bytes: Uint8Array, end: number): void;
  /** Bytes that belong to no frame. Valid only during the call. */
  text(bytes: Uint8Array): void;
}

const State = {
  TEXT: 0,
  /** After FF 00. */
  FRAME: 1,
  /** After $MM: */
  ARMOUR: 2,
  /** After an armoured frame, whose line end is swallowed. */
  LINE_END: 3,
} as const;
type StateCode = (typeof State)[keyof typeof State];

const FF = FRAME_START[0];
const CR = 0x0d;
const LF = 0x0a;
const armourPrefix = encodeText(ARMOUR_PREFIX);
const ffAlone = Uint8Array.of(FF);
const MAX_COBS_BYTES = cobsLimit(MAX_FRAME_BYTES);
const MAX_BASE64_BYTES = 4 * Math.ceil(MAX_FRAME_BYTES / 3);
const SMALLEST_FRAME_BYTES = FRAME_HEADER_BYTES + FRAME_CHECKSUM_BYTES;

export class FrameSplitter {
  /** Frames given up: wrong checksum, too long, cut by the stream's end, or what only looked like a frame. */
  damagedFrames = 0;
  /** Bytes passed on as text. */
  textBytes = 0;

  private readonly sink: FrameSink;
  private state: StateCode = State.TEXT;
  /** TEXT: how many bytes of `$MM:` have matched; they are held until the next byte decides. */
  private heldArmour = 0;
  /** TEXT: the last byte was FF, which is held until the next byte decides. */
  private heldFF = false;
  private lastTextByte = LF;
  /** FRAME: what has come so far, where a frame spans chunks. */
  private readonly pending = new Uint8Array(MAX_COBS_BYTES);
  private pendingLength = 0;
  /** ARMOUR: what has come so far. */
  private readonly line = new Uint8Array(MAX_BASE64_BYTES);
  private lineLength = 0;
  private readonly decoded = new Uint8Array(Math.max(MAX_COBS_BYTES, MAX_BASE64_BYTES) + FRAME_SLACK_BYTES);

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  push(chunk: Uint8Array): void {
    let position = 0;
    while (position < chunk.length) {
      switch (this.state) {
        case State.TEXT:
          position = this.readText(chunk, position);
          break;
        case State.FRAME:
          position = this.readFrame(chunk, position);
          break;
        case State.ARMOUR:
          position = this.readArmour(chunk, position);
          break;
        case State.LINE_END:
          if (chunk[position] !== CR) this.state = State.TEXT;
          if (chunk[position] === CR || chunk[position] === LF) position++;
          break;
      }
    }
  }

  /** The stream is over: what was held back becomes text, an armoured frame without a line end still counts. */
  end(): void {
    if (this.state === State.FRAME) {
      this.damagedFrames++;
      this.salvage(this.pending, 0, this.pendingLength, false);
    }
    this.breakOff();
  }

  private readText(chunk: Uint8Array, start: number): number {
    let textStart = start;
    for (let position = start; position < chunk.length; position++) {
      const byte = chunk[position]!;
      if (this.heldFF && byte === FRAME_START[1]) {
        this.heldFF = false;
        this.begin(State.FRAME);
        return position + 1;
      }
      if (this.heldArmour > 0 && byte === armourPrefix[this.heldArmour]) {
        textStart = position + 1;
        if (++this.heldArmour < armourPrefix.length) continue;
        this.heldArmour = 0;
        this.begin(State.ARMOUR);
        return position + 1;
      }
      this.releaseHeld();
      if (byte === FF || byte === armourPrefix[0]) {
        this.emitText(chunk, textStart, position);
        textStart = position + 1;
        if (byte === FF) this.heldFF = true;
        else this.heldArmour = 1;
      }
    }
    this.emitText(chunk, textStart, chunk.length);
    return chunk.length;
  }

  private readFrame(chunk: Uint8Array, start: number): number {
    const zero = chunk.indexOf(FRAME_END, start);
    const stop = zero < 0 ? chunk.length : zero;
    const room = MAX_COBS_BYTES - this.pendingLength;
    if (stop - start > room) {
      this.append(chunk, start, start + room);
      this.rejectOverlong();
      return start + room;
    }
    if (zero < 0) {
      this.append(chunk, start, stop);
    } else if (this.pendingLength === 0) {
      this.finishFrame(chunk, start, stop);
    } else {
      this.append(chunk, start, stop);
      this.finishFrame(this.pending, 0, this.pendingLength);
    }
    return zero < 0 ? stop : stop + 1;
  }

  private finishFrame(source: Uint8Array, start: number, end: number): void {
    const length = cobsDecode(source, start, end, this.decoded);
    if (this.passOn(length)) {
      this.state = State.TEXT;
      return;
    }
    this.damagedFrames++;
    this.salvage(source, start, end, false);
    // The frame's own end is missing where its last byte is FF: then this 00 belongs to the start of the next one.
    if (end > start && source[end - 1] === FF) this.begin(State.FRAME);
    else this.state = State.TEXT;
  }

  private rejectOverlong(): void {
    this.damagedFrames++;
    this.salvage(this.pending, 0, this.pendingLength, true);
    this.heldFF = this.pending[this.pendingLength - 1] === FF;
  }

  private readArmour(chunk: Uint8Array, start: number): number {
    for (let position = start; position < chunk.length; position++) {
      const byte = chunk[position]!;
      if (isBase64(byte) && this.lineLength < MAX_BASE64_BYTES) {
        this.line[this.lineLength++] = byte;
        continue;
      }
      if ((byte !== CR && byte !== LF) || !this.finishArmour()) this.rejectArmour();
      return position;
    }
    return chunk.length;
  }

  /** The line is whole. Its end is kept only where it also ends other text. */
  private finishArmour(): boolean {
    const length = base64Decode(this.line, 0, this.lineLength, this.decoded);
    if (!this.passOn(length)) return false;
    this.state = this.lastTextByte === LF ? State.LINE_END : State.TEXT;
    return true;
  }

  private rejectArmour(): void {
    this.damagedFrames++;
    this.state = State.TEXT;
    this.emitText(armourPrefix, 0, armourPrefix.length);
    this.emitText(this.line, 0, this.lineLength);
  }

  /** Passes on `decoded` if it is a frame with a right checksum. */
  private passOn(length: number): boolean {
    if (length < SMALLEST_FRAME_BYTES || length > MAX_FRAME_BYTES) return false;
    const end = length - FRAME_CHECKSUM_BYTES;
    const bytes = this.decoded;
    const checksum = bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16) | (bytes[end + 3]! << 24);
    if (checksum >>> 0 !== crc32(bytes, 0, end)) return false;
    this.sink.frame(bytes, end);
    return true;
  }

  private begin(state: StateCode): void {
    this.state = state;
    this.pendingLength = 0;
    this.lineLength = 0;
  }

  private append(chunk: Uint8Array, start: number, end: number): void {
    this.pending.set(chunk.subarray(start, end), this.pendingLength);
    this.pendingLength += end - start;
  }

  private releaseHeld(): void {
    if (this.heldFF) this.emitText(ffAlone, 0, 1);
    else if (this.heldArmour > 0) this.emitText(armourPrefix, 0, this.heldArmour);
    this.heldFF = false;
    this.heldArmour = 0;
  }

  /**
   * Goes through the text in what turned out to be no frame, which may hold armoured frames; `more`: what follows it in the
   * stream continues it. The state is TEXT afterwards, or what an unfinished armoured line makes of it.
   */
  private salvage(source: Uint8Array, start: number, end: number, more: boolean): void {
    this.state = State.TEXT;
    forEachPrintable(source, start, end, (from, to) => {
      this.push(source.subarray(from, to));
      if (to < end || !more) this.breakOff();
    });
  }

  /** What follows does not continue the text so far. */
  private breakOff(): void {
    if (this.state === State.ARMOUR && !this.finishArmour()) this.rejectArmour();
    this.releaseHeld();
    this.state = State.TEXT;
  }

  private emitText(source: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    this.textBytes += end - start;
    this.lastTextByte = source[end - 1]!;
    this.sink.text(source.subarray(start, end));
  }
}

/** A frame as it goes over a line that passes all bytes: FF 00 COBS 00. `frame` includes its checksum. */
export function wrapFrame(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_START.length + cobsLimit(frame.length) + 1);
  bytes.set(FRAME_START);
  const end = cobsEncode(frame, bytes, FRAME_START.length);
  bytes[end] = FRAME_END;
  return bytes.subarray(0, end + 1);
}

/** A frame as a line of text, for monitors and files that pass nothing else. `frame` includes its checksum. */
export function armourFrame(frame: Uint8Array): Uint8Array {
  return encodeText(`${ARMOUR_PREFIX}${base64Encode(frame)}\n`);
}
