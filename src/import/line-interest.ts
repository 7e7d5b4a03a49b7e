/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Which lines are worth reading: lines of one shape (the same letters, other numbers) are looked at once, and the answer holds for all of them.
import { greatest } from "../base/values.ts";

/** Bytes of a line that tell its shape. */
const SHAPE_BYTES = 400;
/** Stamps stand so far in front: how many digits they have decides what they are. */
const STAMP_BYTES = 64;
/** All that calls a line a warning stands within so many bytes. */
const STAMP_END = 120;
/** Shapes that are remembered; lines of ever new words must not fill memory. */
const MOST_SHAPES = 1 << 15;
const BRACKET = 0x5b;
/**
 * New shapes that are asked, each; beyond these a log's words never come to an end, and one of so many is asked: shapes that come again are found all the
 * same. Which lines go with figures is known sooner than which hold some.
 */
const ASKED = { figures: { each: 1 << 15, oneOf: 32 }, beside: { each: 1 << 12, oneOf: 256 } };
/** Beyond so many a quarter of those. */
const ENDLESS = 1 << 19;
/** Numbers of a line that are looked at one by one. */
const MOST_NUMBERS = 64;

/** What lines with other numbers have in common; one object for all lines, which holds the last one that was looked at. */
export class LineShape {
  /** Lines of the same letters share it, whatever their numbers, hexadecimal ones included. */
  shape = 0;
  /** Of lines of one shape, those share it whose numbers have the same letters, and as many digits as far as stamps may go. */
  layout = 0;
  /** Numbers of decimal digits, in their order: where they begin and end. Those of colours are none. */
  readonly starts = new Uint32Array(MOST_NUMBERS);
  readonly ends = new Uint32Array(MOST_NUMBERS);
  /** How many there are; more than fit where the line has too many, or is too long. */
  numbers = 0;

  of(bytes: Uint8Array, start: number, end: number): void {
    let shape = 0x811c9dc5 | 0;
    let layout = 0x811c9dc5 | 0;
    const stop = Math.min(end, start + SHAPE_BYTES);
    const stamps = start + STAMP_BYTES;
    let numbers = 0;
    let inNumber = false;
    let inDigits = false;
    let inColour = false;
    for (let i = start; i < stop; i++) {
      const byte = bytes[i]!;
      if (byte >= 0x30 && byte <= 0x39) {
        if (!inDigits && !inColour) {
          if (numbers < MOST_NUMBERS) this.starts[numbers] = i;
          numbers++;
        }
        if (!inDigits || i < stamps) layout = Math.imul(layout ^ 0x23, 0x01000193);
        if (!inNumber) shape = Math.imul(shape ^ 0x23, 0x01000193);
        inNumber = true;
        inDigits = true;
        continue;
      }
      if (inDigits && !inColour && numbers <= MOST_NUMBERS) this.ends[numbers - 1] = i;
      inDigits = false;
      layout = Math.imul(layout ^ byte, 0x01000193);
      // The letters of hexadecimal numbers behind their digits.
      if (inNumber && ((byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46))) continue;
      inNumber = false;
      shape = Math.imul(shape ^ byte, 0x01000193);
      if (byte === 0x1b) inColour = true;
      else if (inColour && byte !== 0x5b && byte !== 0x3b) inColour = false;
    }
    if (inDigits && !inColour && numbers <= MOST_NUMBERS) this.ends[numbers - 1] = stop;
    this.shape = shape;
    this.layout = layout;
    this.numbers = end > stop ? Infinity : numbers;
  }
}

/** Which numbers of a line may be codes that decide what it means; `any`: hexadecimal ones too, which are not looked at one by one. */
export type Codes = "none" | "negative" | "all" | "any";

/** Lines whose numbers decide what they mean: addresses, causes. */
const NUMBERS_TELL = /0x|exception|panic|\bat pc\b|corrupt/i;
/** Lines that mean something else with a few numbers: error codes, results. */
const CODES_TELL = /err|\brc\b|status|\bret|code|result|reason|fail/i;

export function codesOf(text: string): Codes {
  if (NUMBERS_TELL.test(text)) return "any";
  return CODES_TELL.test(text) ? "all" : /-\d/.test(text) ? "negative" : "none";
}

/** Small numbers by which a line may be told from others of its shape. */
export class TellingNumbers {
  private readonly isTelling: Uint8Array;

  constructor(numbers: Iterable<number>) {
    const known = [...numbers];
    this.isTelling = new Uint8Array(greatest(known) + 1);
    for (const number of known) this.isTelling[number] = 1;
  }

  /** True where one of the line's numbers that may be codes is one of these, or where it has too many. */
  someIn({ numbers, starts, ends }: LineShape, bytes: Uint8Array, codes: Codes): boolean {
    if (codes === "none") return false;
    if (codes === "any") return true;
    if (numbers > MOST_NUMBERS) return true;
    for (let i = 0; i < numbers; i++) {
      if (codes === "negative" && !isNegative(bytes, starts[i]!)) continue;
      let value = 0;
      for (let at = starts[i]!; at < ends[i]!; at++) value = value * 10 + (bytes[at]! - 0x30);
      if (value < this.isTelling.length && this.isTelling[value] === 1) return true;
    }
    return false;
  }
}

/** The minus of a date follows a digit. */
function isNegative(bytes: Uint8Array, start: number): boolean {
  const before = bytes[start - 2] ?? 0;
  return bytes[start - 1] === 0x2d && !(before >= 0x30 && before <= 0x39);
}

/** How words begin that call a line a warning: err, war, wrn, fat, cri. */
const WARNINGS = ["err", "war", "wrn", "fat", "cri"].map((word) =>
  [...word].reduce((code, letter) => (code << 8) | letter.charCodeAt(0), 0),
);

/** By byte: letters and digits, as those of hexadecimal bytes are no levels; of these E, W, F, C; a bracket. */
const WORD = 1;
const LEVEL = 2;
const OPENING = 3;
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte);
  return byte === BRACKET ? OPENING : /[ewfc]/i.test(letter) ? LEVEL : /[a-z\d]/i.test(letter) ? WORD : 0;
});

/** False for lines that no stamp calls a warning: none holds one of its words, or one of the letters E, W, F, C by itself. */
export function mayBeWarning(bytes: Uint8Array, start: number, end: number): boolean {
  const stop = Math.min(end, start + STAMP_END);
  let isInWord = false;
  for (let i = start; i < stop; i++) {
    const kind = KINDS[bytes[i]!]!;
    const wasInWord = isInWord;
    isInWord = kind === WORD || kind === LEVEL;
    if (kind === OPENING) i = behindColour(bytes, i, stop) - 1;
    if (kind === LEVEL && !wasInWord && isLevel(bytes, i, end)) return true;
  }
  return false;
}

function isLevel(bytes: Uint8Array, at: number, end: number): boolean {
  const next = at + 1 < end ? KINDS[bytes[at + 1]!]! : 0;
  if (next !== WORD && next !== LEVEL) return true;
  return WARNINGS.includes((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]! | 0x202020);
}

/** Where the text goes on behind a bracket, or behind the colour that begins with it, whose last letter is none of a word. */
function behindColour(bytes: Uint8Array, bracket: number, stop: number): number {
  let end = bracket + 1;
  while (end < stop && ((bytes[end]! >= 0x30 && bytes[end]! <= 0x39) || bytes[end] === 0x3b)) end++;
  return end > bracket + 1 ? end + 1 : end;
}

export class Interest {
  private readonly test: (text: string) => boolean;
  private shapes = new Map<number, boolean>();
  private readonly asked = { figures: 0, beside: 0 };

  constructor(test: (text: string) => boolean) {
    this.test = test;
  }

  /** False for a line of a new shape that is not worth asking. */
  isWorthAsking(mayHoldFigures: boolean): boolean {
    const kind = mayHoldFigures ? "figures" : "beside";
    const { each, oneOf } = ASKED[kind];
    const before = this.asked[kind]++;
    return before < each || before % (before < ENDLESS ? oneOf : 4 * oneOf) === 0;
  }

  known(shape: number): boolean | undefined {
    return this.shapes.get(shape);
  }

  learn(shape: number, text: string): boolean {
    const answer = this.test(text);
    if (this.shapes.size >= MOST_SHAPES) this.shapes = new Map();
    this.shapes.set(shape, answer);
    return answer;
  }
}
