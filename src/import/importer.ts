// What an importer is: one object a format, all of them listed in importers.ts. Guessing by content, the import of files, its account and the
// command's help ask the list, so that a new format is its own file and one line there.

import type { MemmapError } from "../base/errors.ts";
import type { EventSink } from "../wire/events.ts";
import type { ReportBuilder } from "./import-report.ts";

/** One file. */
export interface ImporterInput {
  /** Unpacked, unless the importer unpacks by itself. */
  readonly bytes: Uint8Array;
  /** Of this file; it knows its name too. */
  readonly report: ReportBuilder;
}

export interface Importer {
  /** The word for it in JSON. */
  readonly format: string;
  /** What one such file is: "run.log: console log, 12 events". */
  readonly title: string;
  /** Completes "import takes …". */
  readonly takes: string;
  /** By content, unpacked: the whole file, or as much of its beginning as there is. */
  readonly recognize: (bytes: Uint8Array) => boolean;
  /** Why a recognized file cannot be read nevertheless; asked of all files before anything of any of them reaches the sink. */
  readonly refuse?: (name: string, bytes: Uint8Array) => MemmapError | undefined;
  /** True where files grow too large to be unpacked as a whole: it is given them as they are, and is recognized by its first bytes. */
  readonly unpacks?: true;
  /** True for a file that is one recording together with all others for which this is true. */
  readonly isPart?: (bytes: Uint8Array) => boolean;
  /** One file as a boot of its own, or all parts of one recording. */
  readonly import: (inputs: readonly [ImporterInput, ...ImporterInput[]], sink: EventSink) => void | Promise<void>;
}
