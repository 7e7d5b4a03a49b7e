// Splits a log's bytes into lines, whatever wrote them: UTF-8, UTF-16 or UTF-32 with a byte order mark or without, any line ends, lines of any
// length. What is wrapped in a line of another format is taken out. Memory does not grow with the input.

import { withoutHoles, withShortHoles } from "./line-holes.ts";
import { unwrapping } from "./line-wrappings.ts";
import type { LineHandler } from "./lines.ts";
import { LINE_BYTES } from "./log-text.ts";

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-32le" | "utf-32be";

const SAMPLE_BYTES = 4096;
const LINE_FEED = 0x0a;
/** A line that begins with one of these may be a list of objects. */
const LISTS: ReadonlySet<number> = new Set([0x5b, 0x7b]);
/** The end of an object. */
const BRACE = 0x7d;

/** By the byte order mark, or by where the zero bytes of Latin text, or the pages of other alphabets, stand. */
export function encodingOf(head: Uint8Array): { readonly encoding: Encoding; readonly markBytes: number } {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (starts(0xef, 0xbb, 0xbf)) return { encoding: "utf-8", markBytes: 3 };
  if (starts(0xff, 0xfe, 0, 0)) return { encoding: "utf-32le", markBytes: 4 };
  if (starts(0, 0, 0xfe, 0xff)) return { encoding: "utf-32be", markBytes: 4 };
  if (starts(0xff, 0xfe)) return { encoding: "utf-16le", markBytes: 2 };
  if (starts(0xfe, 0xff)) return { encoding: "utf-16be", markBytes: 2 };
  const length = Math.min(head.length, SAMPLE_BYTES) & ~3;
  const zeros = [0, 0, 0, 0];
  for (let i = 0; i < length; i++) if (head[i] === 0) zeros[i & 3] = (zeros[i & 3] ?? 0) + 1;
  const quarter = length / 4;
  const [a, b, c, d] = zeros.map((count) => quarter >= 4 && count > 0.7 * quarter);
  if (c && d && !a && (b || areInPages(head, length, 1))) return { encoding: "utf-32le", markBytes: 0 };
  if (a && b && !d && (c || areInPages(head, length, 2))) return { encoding: "utf-32be", markBytes: 0 };
  if (b && d && !a && !c) return { encoding: "utf-16le", markBytes: 0 };
  if (a && c && !b && !d) return { encoding: "utf-16be", markBytes: 0 };
  if (isInPages(head, length, 1)) return { encoding: "utf-16le", markBytes: 0 };
  if (isInPages(head, length, 0)) return { encoding: "utf-16be", markBytes: 0 };
  return { encoding: "utf-8", markBytes: 0 };
}

/** Pages of Unicode that hold the letters of alphabets (Latin to Arabic, Thai) and what is set between words: no byte of a text in them is a letter of its own. */
const isPage = (byte: number): boolean => byte <= 6 || byte === 0x0e || (byte >= 0x20 && byte <= 0x26);

/** Pages of words that have a letter each, and of Hangul; a letter's own byte may be zero there. */
const isWordPage = (byte: number): boolean => (byte >= 0x2e && byte <= 0xd7) || byte >= 0xf9;

/** Of UTF-32 the byte at this place of each letter. */
function areInPages(head: Uint8Array, length: number, place: number): boolean {
  for (let i = place; i < length; i += 4) if (!isPage(head[i] ?? 0)) return false;
  return true;
}

/** Two bytes a letter, of other scripts than Latin: the page's byte, at even or odd places, is zero for digits, blanks and line ends at least. */
function isInPages(head: Uint8Array, length: number, parity: 0 | 1): boolean {
  let zeros = 0;
  let hasWords = false;
  let hasLineEnd = false;
  for (let i = 0; i < length; i += 2) {
    const page = head[i + parity] ?? 0;
    const letter = head[i + 1 - parity] ?? 0;
    hasLineEnd ||= page === 0 && letter === LINE_FEED;
    if (isWordPage(page)) hasWords = true;
    else if (!isPage(page) || letter === 0) return false;
    else if (page === 0) zeros++;
  }
  return length >= 32 && zeros > 0.1 * length && (!hasWords || hasLineEnd);
}

export class LineReader {
  private readonly onLine: LineHandler;
  private readonly onText: ((bytes: Uint8Array) => void) | undefined;
  private recode: ((chunk: Uint8Array) => Uint8Array) | undefined;
  private begun = false;
  /** What has come of a line whose end has not. */
  private rest = new Uint8Array(256);
  private restLength = 0;
  /** What is handed on of a list that no line has room for is the end of one of its items. */
  private isInList = false;
  private lines = 0;
  /** Lines that end in carriage returns alone, as far as the first one shows. */
  private lineEnd = 0x0a;

  /**
   * @param onText gets all bytes, as UTF-8
   * @param onHole is called before a line of which a beginning is lost (line-holes.ts)
   */
  constructor(onLine: LineHandler, onText?: (bytes: Uint8Array) => void, onHole?: () => void) {
    const read = withoutHoles(unwrapping(onLine), onHole);
    this.onLine = (bytes, start, end) => {
      if (!this.isInList) this.lines++;
      read(bytes, start, end);
    };
    this.onText = onText;
  }

  /** Of the line that is handed on, from 1. */
  get number(): number {
    return this.lines;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (!this.begun) {
      this.begun = true;
      const { encoding, markBytes } = encodingOf(chunk);
      this.recode = recoder(encoding);
      const head = chunk.subarray(0, SAMPLE_BYTES * 16);
      if (encoding === "utf-8" && !head.includes(0x0a) && count(head, 0x0d) > 1) this.lineEnd = 0x0d;
      chunk = chunk.subarray(markBytes);
    }
    this.take(this.recode === undefined ? chunk : this.recode(chunk));
  }

  finish(): void {
    if (this.recode !== undefined) this.take(this.recode(new Uint8Array(0)));
    if (this.restLength > 0) this.endRest();
  }

  private take(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.onText?.(bytes);
    let start = 0;
    if (this.restLength > 0) {
      const end = bytes.indexOf(this.lineEnd);
      this.keep(bytes.subarray(0, end < 0 ? bytes.length : end));
      if (end < 0) return;
      this.endRest();
      start = end + 1;
    }
    for (let end = bytes.indexOf(this.lineEnd, start); end >= 0; end = bytes.indexOf(this.lineEnd, start)) {
      if (end - start > LINE_BYTES && LISTS.has(bytes[start] ?? 0)) {
        this.keep(bytes.subarray(start, end));
        this.endRest();
      } else this.onLine(bytes, start, end);
      start = end + 1;
    }
    if (start < bytes.length) this.keep(bytes.subarray(start));
  }

  private endRest(): void {
    // Other bytes than those of the line before, whatever their place.
    this.onLine(this.rest.subarray(), 0, this.restLength);
    this.restLength = 0;
    this.isInList = false;
  }

  /** Of a line without an end only as much as is read, except of lists in JSON, whose items are handed on as they come. */
  private keep(bytes: Uint8Array): void {
    let part = withShortHoles(bytes, this.rest.subarray(0, this.restLength));
    while (this.restLength + part.length > LINE_BYTES) {
      const room = LINE_BYTES - this.restLength;
      this.append(part.subarray(0, room));
      const end = LISTS.has(this.rest[0] ?? 0) || this.isInList ? this.rest.lastIndexOf(BRACE, LINE_BYTES - 1) + 1 : 0;
      if (end === 0) return;
      this.onLine(this.rest.slice(0, end), 0, end);
      this.isInList = true;
      this.rest.copyWithin(0, end, LINE_BYTES);
      this.restLength = LINE_BYTES - end;
      part = part.subarray(room);
    }
    this.append(part);
  }

  private append(part: Uint8Array): void {
    const needed = this.restLength + part.length;
    if (needed > this.rest.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.rest.length));
      larger.set(this.rest.subarray(0, this.restLength));
      this.rest = larger;
    }
    this.rest.set(part, this.restLength);
    this.restLength = needed;
  }
}

function count(bytes: Uint8Array, byte: number): number {
  let found = 0;
  for (const one of bytes) if (one === byte) found++;
  return found;
}

function recoder(encoding: Encoding): ((chunk: Uint8Array) => Uint8Array) | undefined {
  const encoder = new TextEncoder();
  if (encoding === "utf-8") return undefined;
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    const decoder = new TextDecoder(encoding);
    return (chunk) => encoder.encode(decoder.decode(chunk, { stream: chunk.length > 0 }));
  }
  let rest = new Uint8Array(0);
  return (chunk) => {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const whole = bytes.length & ~3;
    rest = bytes.slice(whole);
    const view = new DataView(bytes.buffer);
    let text = "";
    for (let at = 0; at < whole; at += 4) {
      const code = view.getUint32(at, encoding === "utf-32le");
      text += String.fromCodePoint(code > 0x10ffff ? 0xfffd : code);
    }
    return encoder.encode(text);
  };
}
