// What a log is asked before it is read: what stands before all of its lines, its boots, and the addresses that a monitor has decoded.

import { once } from "../base/once.ts";
import { boardPrefix, learnBoards } from "./boards.ts";
import { commonPrefix } from "./common-prefix.ts";
import { contentNumber } from "./identity.ts";
import { LineMemo } from "./line-memo.ts";
import { LineReader } from "./line-reader.ts";
import { BOOT_WORDS } from "./boot-signs.ts";
import { INLINED } from "../symbols/log/monitor-lines.ts";
import { type LineOf, type LogLine, logLine, type LogOverview, mayDecode, OverviewReader } from "./log-text.ts";
import { hasMemoryStamps } from "./memory-stamp.ts";
import { stampsTold } from "./stamps-told.ts";
import { NeedleFinder, Needles } from "./needle-finder.ts";

export type Chunks = () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface Learned {
  readonly lineOf: LineOf;
  readonly memo: LineMemo;
  readonly overview: LogOverview;
  /** Its lines begin with figures of memory (memory-stamp.ts). */
  readonly isStamped: boolean;
  /** The same for the same log. */
  readonly contentNumber: number;
}

export async function firstPass(chunks: Chunks): Promise<Learned> {
  const lines = await beginningOf(chunks);
  const texts = lines.slice(0, PREFIX_LINES).map(({ text }) => text);
  const isStamped = hasMemoryStamps(texts);
  const prefix = isStamped ? undefined : boardPrefix(texts);
  const common = isStamped ? undefined : (prefix?.pattern ?? commonPrefix(texts));
  const retell = stampsTold(lines, isStamped);
  const plain: LineOf = (bytes, number) => {
    const line = logLine(bytes, number, common);
    return retell === undefined ? line : retell(line);
  };
  const boardOf = prefix === undefined ? learnBoards(lines) : (line: LogLine) => line.board && prefix.short(line.board);
  const memo = new LineMemo(
    boardOf === undefined
      ? plain
      : (bytes, number) => {
          const line = plain(bytes, number);
          // What all lines begin with may name the board.
          const board = boardOf(prefix !== undefined || common === undefined ? line : logLine(bytes, number));
          return board === undefined ? line : { ...line, board };
        },
  );
  const lineOf: LineOf = (bytes, number) =>
    memo.line(memo.find(bytes, 0, bytes.length), bytes, 0, bytes.length, number);
  const overview = new Overview(memo);
  const reader = new LineReader((bytes, start, end) => overview.line(bytes, start, end, reader.number));
  for await (const chunk of chunks()) {
    overview.content(chunk);
    reader.push(chunk);
  }
  reader.finish();
  return { lineOf, memo, overview: overview.overview, isStamped, contentNumber: overview.contentNumber };
}

/** Lines from which it is learned what stands before all of them, and which boards they are of. */
const PREFIX_LINES = 400;
const LEARNING_LINES = 1000;

async function beginningOf(chunks: Chunks): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  const reader = new LineReader((bytes, start, end) => {
    if (lines.length < LEARNING_LINES) lines.push(logLine(bytes.subarray(start, end), 0));
  });
  for await (const chunk of chunks()) {
    reader.push(chunk);
    if (lines.length >= LEARNING_LINES) break;
  }
  reader.finish();
  return lines;
}

/** Lines beyond which this pass looks only at some of those that are of a kind it has seen often. */
export const EXACT_LINES = 200_000;

const needlesOfOverview = once(() => new Needles([BOOT_WORDS, [INLINED], [/0x/]]));

class Overview {
  private readonly reader = new OverviewReader();
  private readonly needles = new NeedleFinder(needlesOfOverview());
  private readonly memo: LineMemo;
  contentNumber = contentNumber(new Uint8Array());

  constructor(memo: LineMemo) {
    this.memo = memo;
  }

  get overview(): LogOverview {
    return this.reader.overview;
  }

  content(chunk: Uint8Array): void {
    this.contentNumber = contentNumber(chunk, this.contentNumber);
  }

  line(bytes: Uint8Array, start: number, end: number, number: number): void {
    if (number > EXACT_LINES && number % 16 !== 0) {
      const { needles } = this;
      needles.look(bytes, start, end);
      if (!needles.has(0) && !needles.has(1) && !(needles.has(2) && mayDecode(bytes, start, end))) return;
    }
    this.reader.line(this.memo.line(this.memo.find(bytes, start, end), bytes, start, end, number));
  }
}
