// Stacks whose frames have names, each string, frame and common part of stacks once in a file: imported runs have thousands of sites with some
// twenty frames each. Chunks bring what is new in them (FORMAT.md, section STACKS). Numbers count from 1 over the whole file; 0 is none.

import { ByteReader, type ByteWriter } from "../base/bytes.ts";
import type { NamedFrame } from "../wire/fields.ts";

/** Deeper stacks than any tool records; a damaged file must not make one frame into millions. */
const MOST_FRAMES = 1024;
/** Frames of all stacks that are read; what a file of some megabytes can name, and no more memory than a hundred. */
const MOST_READ = 1 << 23;

/** Things under consecutive numbers, of which those after `told` are not in the file yet. */
class Numbered<T> {
  private readonly numbers = new Map<string, number>();
  private fresh: T[] = [];
  private told = 0;

  /** The number under this key; `make` is asked once for each. */
  number(key: string, make: () => T): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.fresh.push(make());
    const number = this.told + this.fresh.length;
    this.numbers.set(key, number);
    return number;
  }

  get isTold(): boolean {
    return this.fresh.length === 0;
  }

  tell(into: ByteWriter, write: (value: T) => void): void {
    into.varint(this.told);
    into.varint(this.fresh.length);
    for (const value of this.fresh) write(value);
    this.told += this.fresh.length;
    this.fresh = [];
  }
}

/** The writer's side. */
export class StackNumbers {
  private readonly strings = new Numbered<string>();
  private readonly frames = new Numbered<readonly number[]>();
  /** A frame and the stack of its caller. */
  private readonly stacks = new Numbered<readonly [frame: number, caller: number]>();

  /** The number of a stack, innermost frame first. Those too deep lose their outermost frames. */
  number(frames: readonly NamedFrame[]): number {
    return frames.slice(0, MOST_FRAMES).reduceRight((caller, frame) => {
      const number = this.frame(frame);
      return this.stacks.number(`${number} ${caller}`, () => [number, caller]);
    }, 0);
  }

  /** Nothing is new since the last `pack`. */
  get isTold(): boolean {
    return this.stacks.isTold;
  }

  /** Writes what is new since the last call. */
  pack(into: ByteWriter): void {
    this.strings.tell(into, (text) => into.string(text));
    this.frames.tell(into, (fields) => fields.forEach((field) => into.varint(field)));
    this.stacks.tell(into, ([frame, caller]) => {
      into.varint(frame);
      into.varint(caller);
    });
  }

  private frame(frame: NamedFrame): number {
    const plusOne = (value: number | undefined): number =>
      value === undefined || !Number.isSafeInteger(value) || value < 0 ? 0 : value + 1;
    const fields = [
      this.string(frame.function),
      this.string(frame.file),
      plusOne(frame.line),
      this.string(frame.module),
      plusOne(frame.address),
    ];
    return this.frames.number(fields.join(" "), () => fields);
  }

  private string(text: string | undefined): number {
    return text === undefined ? 0 : this.strings.number(text, () => text);
  }
}

/** The reader's side: what the chunks told, in any order; frames of a damaged chunk are missing. */
export class StackTable {
  private readonly strings = new Map<number, string>();
  private readonly frames = new Map<number, NamedFrame>();
  private readonly stacks = new Map<number, readonly [frame: number, caller: number]>();
  /** Stacks as they were asked for; sites share them. */
  private readonly known = new Map<number, readonly NamedFrame[]>();
  private framesLeft = MOST_READ;

  /** Takes a STACKS section. */
  read(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    this.known.clear();
    each(reader, 1, (number) => this.strings.set(number, reader.string()));
    each(reader, 5, (number) => this.frames.set(number, this.readFrame(reader)));
    each(reader, 2, (number) => this.stacks.set(number, [reader.varint(), reader.varint()]));
  }

  /** Innermost frame first. */
  stack(number: number): readonly NamedFrame[] {
    const known = this.known.get(number);
    if (known !== undefined) return known;
    const frames: NamedFrame[] = [];
    let stack = this.stacks.get(number);
    while (stack !== undefined && frames.length < Math.min(MOST_FRAMES, this.framesLeft)) {
      frames.push(this.frames.get(stack[0]) ?? { function: "?" });
      stack = this.stacks.get(stack[1]);
    }
    this.framesLeft -= frames.length;
    this.known.set(number, frames);
    return frames;
  }

  private readFrame(reader: ByteReader): NamedFrame {
    const name = this.strings.get(reader.varint()) ?? "?";
    const file = this.strings.get(reader.varint());
    const line = reader.varint();
    const module = this.strings.get(reader.varint());
    const address = reader.varint();
    return {
      function: name,
      ...(file === undefined ? {} : { file }),
      ...(line === 0 ? {} : { line: line - 1 }),
      ...(module === undefined ? {} : { module }),
      ...(address === 0 ? {} : { address: address - 1 }),
    };
  }
}

/** Reads a table: numbers before it, how many, and each. `bytesEach`: at least so many. */
function each(reader: ByteReader, bytesEach: number, read: (number: number) => void): void {
  const before = reader.varint();
  const count = reader.count(bytesEach);
  for (let i = 1; i <= count && !reader.failed; i++) read(before + i);
}
