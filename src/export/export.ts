// What an export is: one format of another tool, written from a run piece by piece, so that memory is bounded by what was live and by
// how many call sites there are, not by how long the run was.
import { MemmapError } from "../base/errors.ts";
import { formatTime } from "../base/format.ts";
import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { Window } from "../heap/types.ts";
import type { Asked } from "../report/asked.ts";
import { viewCoverage } from "../report/coverage.ts";
import type { FlameCost } from "../report/flame-view.ts";

/** Takes the bytes of a file in order. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
}

/** What one file of a tabular format holds. */
export const TABLE_NAMES = ["events", "blocks", "sites", "samples", "regions", "readings"] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** What is to be compared with. */
export interface ExportBase {
  readonly asked: Asked;
  readonly time: Microseconds;
  readonly filter?: BlockFilter;
}

export interface ExportQuestion {
  readonly asked: Asked;
  /** Of the recording, for titles. */
  readonly name: string;
  /** Sums are of this window, live blocks those at its end. */
  readonly window: Window;
  readonly filter?: BlockFilter;
  /** Of formats that hold one table. */
  readonly table: TableName;
  /** Of formats that hold one number for each stack. */
  readonly cost: FlameCost;
  /** Of a comparison; without it the window's beginning is compared with its end. */
  readonly base?: ExportBase;
}

export interface Exporter {
  /** As `--format` names it. */
  readonly format: string;
  /** What is in it, and who opens it. */
  readonly title: string;
  /** Of files, with the dot. */
  readonly extension: string;
  readonly isBinary?: true;
  /** Its files are compressed already. */
  readonly isPacked?: true;
  /** It tells something of a run without blocks too, such as a log's figures. */
  readonly tellsFigures?: true;
  /** Which of `--table` and `--cost` say something about it. */
  readonly takes?: "table" | "cost" | "base";
  write(question: ExportQuestion, sink: ByteSink): Promise<void>;
}

/** What is exported, and how far it can be trusted: sentences that every format carries where it has room for words. */
export async function caveats(question: ExportQuestion): Promise<readonly string[]> {
  const { asked, name, window, filter } = question;
  const { from, to } = window;
  const coverage = await viewCoverage(asked.model, window, await asked.model.totalsAt(to));
  return [
    `memmap export of ${name}, ${formatTime(from)} to ${formatTime(to)}${filter === undefined ? "" : `, only ${filter.query}`}`,
    ...coverage.sentences,
  ];
}

/** Formats that follow blocks as they come and go cannot ask how old a block will become. */
export function refuseAge({ filter }: ExportQuestion, format: string): void {
  if (filter?.hasAge !== true) return;
  throw new MemmapError(`${format} follows blocks as they come and go, and their age is known only at a moment`, {
    code: "usage-export-age",
    hint: "Leave `live` out of --filter, or choose a format of sums (docs/exports.md).",
  });
}

/** Collects text and hands it on in pieces. */
export class TextSink {
  private readonly sink: ByteSink;
  private readonly encoder = new TextEncoder();
  private text = "";

  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  write(text: string): void {
    this.text += text;
    if (this.text.length >= PIECE) this.end();
  }

  /** Hands on what is left. */
  end(): void {
    if (this.text !== "") this.sink.write(this.encoder.encode(this.text));
    this.text = "";
  }
}

/** Characters handed on at a time. */
const PIECE = 1 << 16;
