// What an importer is: one object a format, all of them listed in importers.ts. Guessing by content, the import of files, its account and the
// command's help ask the list, so that a new format is its own file and one line there.

import type { MemmapError } from "../base/errors.ts";
import type { EventSink } from "../wire/events.ts";
import type { ReportBuilder } from "./import-report.ts";
import type { NamedSeries } from "./log-series.ts";

export interface ImportOptions {
  /** Series of a console log that the user names. */
  readonly series?: readonly NamedSeries[];
  /** An account is wanted even of a log in which nothing was found. */
  readonly explains?: boolean;
  /** False: a log's text is not handed on. */
  readonly withText?: boolean;
}

/** One file. */
export interface ImporterInput {
  /** Of this file; it knows its name too. */
  readonly report: ReportBuilder;
  /** The file's bytes, unpacked, from the beginning at each call. */
  readonly chunks: () => AsyncGenerator<Uint8Array>;
  /** Why the packed data ended early or cannot be trusted, once the chunks were read. */
  readonly problem: () => string | undefined;
  /** The same number for the same file. */
  readonly contentNumber: () => Promise<number>;
  readonly options: ImportOptions;
}

export interface Importer {
  /** The word for it in JSON. */
  readonly format: string;
  /** What one such file is: "run.log: console log, 12 events". */
  readonly title: string;
  /** Completes "import takes …". */
  readonly takes: string;
  /** By content, unpacked: the file's beginning, up to 64 KiB. */
  readonly recognize: (head: Uint8Array) => boolean;
  /** Why a recognized file cannot be read nevertheless; asked of all files before anything of any of them reaches the sink. */
  readonly refuse?: (name: string, head: Uint8Array) => MemmapError | undefined;
  /** True for a file that is one recording together with all others for which this is true. */
  readonly isPart?: (head: Uint8Array) => boolean;
  /** What to do about a recording that holds no event and so says nothing; absent where files without events tell something too. */
  readonly whereEmpty?: string;
  /** One file as a boot of its own, or all parts of one recording. */
  readonly import: (inputs: readonly [ImporterInput, ...ImporterInput[]], sink: EventSink) => void | Promise<void>;
}

/** All of a file, for those that need it at once. */
export async function allBytes({ chunks }: ImporterInput): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks()) {
    parts.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
