// What the page and its worker tell each other. Plain data only; typed arrays and blobs travel as they are.
import type { ElfState, RunSummary } from "../../report/run-view.ts";
import type { Bytes } from "../../base/units.ts";
import type { Question } from "../../report/questions.ts";

/** What is to be opened. */
export type OpenRequest =
  /** Files as dropped or chosen: a recording, captures and logs, other tools' files. An ELF among them gives names. */
  | { readonly kind: "files"; readonly files: readonly File[] }
  /** The simulated board, inside this worker. */
  | { readonly kind: "simulator"; readonly scenario: string; readonly speed: number; readonly wasm: string }
  /** A `memmap serve` that this page came from. */
  | { readonly kind: "server"; readonly base: string }
  /** Bytes that the page reads itself and hands over: Web Serial. */
  | { readonly kind: "bytes"; readonly name: string };

/** The run as the page shows it whatever the view. */
export interface RunState extends RunSummary {
  readonly name: string;
  /** Bytes are still coming, or may come again. */
  readonly live: boolean;
  /** What a live source is doing where that is not just delivering: "waiting for the board to come back". */
  readonly notice?: string;
  /** Grows with every change of the run. */
  readonly version: number;
  /** Of the recording. */
  readonly size: Bytes;
  readonly remarks: readonly string[];
  readonly elf?: ElfState;
  /** The recording that is compared with. */
  readonly other?: { readonly name: string; readonly span: RunSummary["span"] };
}

export interface Failure {
  readonly message: string;
  readonly code: string;
  readonly hint: string;
}

export type ToWorker =
  | { readonly type: "open"; readonly request: OpenRequest }
  /** A recording to compare with. */
  | { readonly type: "other"; readonly file: File }
  /** `background`: waits while any other question is asked. */
  | {
      readonly type: "ask";
      readonly id: number;
      readonly topic: string;
      readonly question: Question;
      readonly background: boolean;
    }
  | { readonly type: "forget"; readonly topic: string }
  /** Of an answer that is shown no more. */
  | { readonly type: "spare"; readonly buffer: ArrayBuffer }
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  /** The source that the page reads: away for now, or ended. */
  | { readonly type: "source"; readonly state: "waiting" | "back" | "ended"; readonly notice: string }
  | { readonly type: "save"; readonly id: number }
  /** `template`: where the report's page is, without data. */
  | { readonly type: "freeze"; readonly id: number; readonly redact: boolean; readonly template: string }
  | { readonly type: "close" };

export type FromWorker =
  | { readonly type: "state"; readonly state: RunState }
  /** While a file opens: bytes done of all. */
  | { readonly type: "progress"; readonly what: string; readonly done: number; readonly all: number }
  | { readonly type: "opened" }
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly type: "failed"; readonly id?: number; readonly failure: Failure }
  | { readonly type: "saved"; readonly id: number; readonly blob: Blob; readonly name: string };
