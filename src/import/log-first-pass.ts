// What a log is asked before it is read: what stands before all of its lines, its boots, and the addresses that a monitor has decoded.

import { once } from "../base/once.ts";
import { commonPrefix } from "./common-prefix.ts";
import { contentNumber } from "./identity.ts";
import { LineReader } from "./line-reader.ts";
import { BOOT_WORDS, INLINED, type LogLine, logLine, type LogOverview, mayDecode, OverviewReader } from "./log-text.ts";
import { hasMemoryStamps } from "./memory-stamp.ts";
import { NeedleFinder, Needles } from "./needle-finder.ts";

/** Reads a line of this log. */
export type LineOf = (bytes: Uint8Array, number: number) => LogLine;
export type Chunks = () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface Learned {
  readonly lineOf: LineOf;
  readonly overview: LogOverview;
  /** Its lines begin with figures of memory (memory-stamp.ts). */
  readonly isStamped: boolean;
  /** The same for the same log. */
  readonly contentNumber: number;
}

export async function firstPass(chunks: Chunks): Promise<Learned> {
  const texts = await beginningOf(chunks);
  const isStamped = hasMemoryStamps(texts);
  const common = isStamped ? undefined : commonPrefix(texts);
  const lineOf: LineOf = (bytes, number) => logLine(bytes, number, common);
  const overview = new Overview(lineOf);
  const reader = new LineReader((bytes, start, end) => overview.line(bytes, start, end));
  for await (const chunk of chunks()) {
    overview.content(chunk);
    reader.push(chunk);
  }
  reader.finish();
  return { lineOf, overview: overview.overview, isStamped, contentNumber: overview.contentNumber };
}

/** Lines from which it is learned what stands before all of them. */
const LEARNING_LINES = 400;

async function beginningOf(chunks: Chunks): Promise<readonly string[]> {
  const texts: string[] = [];
  const reader = new LineReader((bytes, start, end) => {
    if (texts.length < LEARNING_LINES) texts.push(logLine(bytes.subarray(start, end), 0).text);
  });
  for await (const chunk of chunks()) {
    reader.push(chunk);
    if (texts.length >= LEARNING_LINES) break;
  }
  reader.finish();
  return texts;
}

/** Lines beyond which this pass looks only at some of those that are of a kind it has seen often. */
export const EXACT_LINES = 200_000;

const needlesOfOverview = once(() => new Needles([BOOT_WORDS, [INLINED], [/0x/]]));

class Overview {
  private readonly reader = new OverviewReader();
  private readonly needles = new NeedleFinder(needlesOfOverview());
  private readonly lineOf: LineOf;
  private number = 0;
  contentNumber = contentNumber(new Uint8Array());

  constructor(lineOf: LineOf) {
    this.lineOf = lineOf;
  }

  get overview(): LogOverview {
    return this.reader.overview;
  }

  content(chunk: Uint8Array): void {
    this.contentNumber = contentNumber(chunk, this.contentNumber);
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    const number = ++this.number;
    if (number > EXACT_LINES && number % 16 !== 0) {
      const { needles } = this;
      needles.look(bytes, start, end);
      if (!needles.has(0) && !needles.has(1) && !(needles.has(2) && mayDecode(bytes, start, end))) return;
    }
    this.reader.line(this.lineOf(bytes.subarray(start, end), number));
  }
}
