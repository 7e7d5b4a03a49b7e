/* eslint-disable @typescript-eslint/no-non-null-assertion -- bytes within bounds that are compared before */
// Zstandard (RFC 8878), unpacked as it streams by, and written for bytes that mean harm: a block gives at most 128 KiB, whatever it says, and the
// memory is that of the window as far as it was filled. Frames follow each other; dictionaries are not known.

import { DamagedZstd } from "./bits.ts";
import { LiteralsReader } from "./literals.ts";
import { SequencesReader } from "./sequences.ts";

/** What compares a frame's checksum: XXH64 with seed 0. */
export interface Hash64 {
  update(bytes: Uint8Array): unknown;
  digest(): bigint;
}

export interface ZstdOptions {
  /** A fresh one for each frame; without it checksums are not compared. */
  readonly newHash?: () => Hash64;
}

type Part = "magic" | "skip-size" | "skip" | "descriptor" | "header" | "block-header" | "block" | "checksum";

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MOST_OF_A_BLOCK = 1 << 17;
/** What the zstd command takes without being asked to: 128 MiB. */
const MOST_WINDOW = 1 << 27;
/** What was unpacked stays in place until so much has come, or a quarter of the window. */
const LEAST_SLIDE = 1 << 20;

export class ZstdStream {
  private readonly onData: (chunk: Uint8Array) => void;
  private readonly newHash: (() => Hash64) | undefined;
  private part: Part = "magic";
  /** The bytes of the current part, and how many it has. */
  private bytes = new Uint8Array(64);
  private length = 0;
  private needed = 4;
  private frame: Frame | undefined;

  /** @param onData gets what was unpacked; its buffer is used again */
  constructor(onData: (chunk: Uint8Array) => void, options: ZstdOptions = {}) {
    this.onData = onData;
    this.newHash = options.newHash;
  }

  /** @throws DamagedZstd; nothing may be pushed after that */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(this.needed - this.length, chunk.length - at);
      if (this.part !== "skip") this.keep(chunk.subarray(at, at + taken));
      this.length += taken;
      at += taken;
      while (this.length === this.needed) this.advance();
    }
  }

  /** Nothing is begun that is not finished. */
  get isAtEnd(): boolean {
    return this.part === "magic" && this.length === 0;
  }

  private keep(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(bytes, this.length);
  }

  private advance(): void {
    switch (this.part) {
      case "magic": {
        const magic = this.number(0, 4);
        if (magic === MAGIC) this.expect("descriptor", 1);
        else if (magic - (magic % 16) === SKIPPABLE) this.expect("skip-size", 4);
        else throw new DamagedZstd("there is no frame where one should begin");
        break;
      }
      case "skip-size":
        this.expect("skip", this.number(0, 4));
        break;
      case "skip":
        this.expect("magic", 4);
        break;
      case "descriptor":
        this.expect("header", headerBytes(this.bytes[0]!));
        break;
      case "header":
        this.frame = new Frame(this.onData, this.frameHeader(), this.newHash?.());
        this.expect("block-header", 3);
        break;
      case "block-header":
        this.expect("block", this.frame!.blockBytes(this.number(0, 3)));
        break;
      case "block": {
        const frame = this.frame!;
        frame.block(this.bytes, this.length);
        if (!frame.isAtEnd) this.expect("block-header", 3);
        else if (frame.hasChecksum) this.expect("checksum", 4);
        else this.expect("magic", 4);
        break;
      }
      case "checksum":
        this.frame!.compare(this.number(0, 4));
        this.expect("magic", 4);
        break;
    }
  }

  private expect(part: Part, needed: number): void {
    // The header follows its descriptor, which says how to read it.
    if (part === "header") this.needed = 1 + needed;
    else {
      this.needed = needed;
      this.length = 0;
    }
    this.part = part;
  }

  private number(at: number, count: number): number {
    let value = 0;
    for (let i = count - 1; i >= 0; i--) value = value * 256 + this.bytes[at + i]!;
    return value;
  }

  private frameHeader(): FrameHeader {
    const descriptor = this.bytes[0]!;
    const isSingle = (descriptor & 32) !== 0;
    const dictionaryBytes = DICTIONARY_BYTES[descriptor & 3]!;
    const contentBytes = contentBytesOf(descriptor);
    const dictionary = isSingle ? 1 : 2;
    if ((descriptor & 8) !== 0) throw new DamagedZstd("its frame is of no known kind");
    if (this.number(dictionary, dictionaryBytes) !== 0) throw new DamagedZstd("it needs a dictionary");
    const told = this.number(dictionary + dictionaryBytes, contentBytes);
    const content = contentBytes === 0 ? undefined : contentBytes === 2 ? told + 256 : told;
    const windowByte = this.bytes[1]!;
    const window = isSingle ? content! : 2 ** (10 + (windowByte >> 3)) * (1 + (windowByte & 7) / 8);
    if (window > MOST_WINDOW) throw new DamagedZstd(`its window is larger than ${MOST_WINDOW >> 20} MiB`);
    return { window, content, hasChecksum: (descriptor & 4) !== 0 };
  }
}

const DICTIONARY_BYTES = [0, 1, 2, 4];

function contentBytesOf(descriptor: number): number {
  const flag = descriptor >> 6;
  return flag === 0 ? (descriptor & 32) >> 5 : 1 << flag;
}

function headerBytes(descriptor: number): number {
  return (descriptor & 32 ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + contentBytesOf(descriptor);
}

interface FrameHeader {
  readonly window: number;
  /** Bytes that the frame unpacks to; undefined where it does not say. */
  readonly content: number | undefined;
  readonly hasChecksum: boolean;
}

class Frame {
  readonly hasChecksum: boolean;
  isAtEnd = false;
  private readonly onData: (chunk: Uint8Array) => void;
  private readonly hash: Hash64 | undefined;
  private readonly header: FrameHeader;
  private readonly mostOfABlock: number;
  private readonly literals = new LiteralsReader();
  private readonly sequences = new SequencesReader();
  private blockKind = 0;
  private blockSize = 0;
  /** The window, and behind it what comes next. */
  private out = new Uint8Array(0);
  private filled = 0;
  private produced = 0;

  constructor(onData: (chunk: Uint8Array) => void, header: FrameHeader, hash: Hash64 | undefined) {
    this.onData = onData;
    this.header = header;
    this.hash = hash;
    this.hasChecksum = header.hasChecksum;
    this.mostOfABlock = Math.min(header.window, MOST_OF_A_BLOCK);
  }

  /** Bytes of the block that a header announces. */
  blockBytes(blockHeader: number): number {
    this.isAtEnd = (blockHeader & 1) !== 0;
    this.blockKind = (blockHeader >> 1) & 3;
    this.blockSize = blockHeader >> 3;
    if (this.blockKind === 3) throw new DamagedZstd("a block is of no known kind");
    if (this.blockSize > this.mostOfABlock) throw new DamagedZstd("a block is larger than allowed");
    return this.blockKind === 1 ? 1 : this.blockSize;
  }

  block(bytes: Uint8Array, length: number): void {
    const from = this.room();
    const out = this.out;
    if (this.blockKind === 0) {
      out.set(bytes.subarray(0, length), from);
      this.filled = from + length;
    } else if (this.blockKind === 1) {
      this.filled = from + this.blockSize;
      out.fill(bytes[0]!, from, this.filled);
    } else {
      const literals = this.literals.read(bytes, length, this.mostOfABlock);
      const history = Math.min(from, this.header.window);
      this.filled = this.sequences.apply(bytes, literals.next, length, literals, out, from, this.mostOfABlock, history);
    }
    const chunk = out.subarray(from, this.filled);
    this.produced += chunk.length;
    if (this.produced > (this.header.content ?? Infinity)) throw new DamagedZstd("a frame holds more than it says");
    this.hash?.update(chunk);
    if (chunk.length > 0) this.onData(chunk);
    if (this.isAtEnd && this.produced !== (this.header.content ?? this.produced))
      throw new DamagedZstd("a frame holds less than it says");
  }

  compare(checksum: number): void {
    if (this.hash !== undefined && Number(this.hash.digest() & 0xffffffffn) !== checksum)
      throw new DamagedZstd("its checksum does not fit");
  }

  /** Where the next block goes: there is room for it. */
  private room(): number {
    const { window } = this.header;
    const needed = this.filled + this.mostOfABlock;
    if (needed <= this.out.length) return this.filled;
    const most = window + Math.max(LEAST_SLIDE, window >> 2);
    if (needed > most) {
      this.out.copyWithin(0, this.filled - window, this.filled);
      this.filled = window;
      if (window + this.mostOfABlock <= this.out.length) return window;
    }
    const larger = new Uint8Array(Math.min(most, Math.max(2 * this.out.length, this.filled + this.mostOfABlock)));
    larger.set(this.out.subarray(0, this.filled));
    this.out = larger;
    return this.filled;
  }
}
