// A recording on disk: written as it happens, read at any place.
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { MemmapError } from "../base/errors.ts";
import { unreadable } from "./unreadable.ts";
import { openOutput, unwritable, type OutputFile, type OutputOptions } from "./output-file.ts";
import { FILE_MAGIC } from "../recording/chunk-format.ts";
import { openRecording, type Recording } from "../recording/open.ts";
import type { RandomAccess } from "../recording/random-access.ts";
import { RecordingWriter } from "../recording/writer.ts";

/** What the end of the process may cost at most, however it comes. */
const FLUSH_MILLISECONDS = 800;

/**
 * A recording under construction. What has come in is written about once a second and then belongs to the operating system, so that it survives a kill -9
 * of this program. An error of the disk does not interrupt the sink: it is kept, writing stops, and `check` throws it.
 */
export class RecordingFile {
  /** Give it to a decoder; ask it for the live set. */
  readonly writer: RecordingWriter;
  private readonly output: OutputFile;
  private readonly timer: NodeJS.Timeout;
  private error: unknown;
  private finished = false;

  constructor(output: OutputFile) {
    this.output = output;
    this.writer = new RecordingWriter((bytes) => this.write(bytes));
    this.timer = setInterval(() => this.writer.flush(), FLUSH_MILLISECONDS);
    this.timer.unref();
  }

  get path(): string {
    return this.output.path;
  }

  /** Where the bytes are while it is recorded. */
  get written(): string {
    return this.output.written;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.output.bytes;
  }

  /** Throws MemmapError `disk-full` or `file-unwritable` when something could not be written. */
  check(): void {
    if (this.error !== undefined) throw unwritable(this.output.written, this.error);
  }

  /** Ends the recording, which takes the place of an older one of its name. Idempotent; throws like `check`. */
  close(): void {
    this.finish();
    try {
      if (this.error === undefined) this.output.commit();
    } catch (error) {
      this.error = error;
    } finally {
      this.output.abandon();
    }
    this.check();
  }

  /** Ends it before its time: what was recorded stays and can be read, beside an older one of its name where there is one. */
  abandon(): void {
    this.finish();
    if (this.writer.tables.boots.length === 0) this.output.discard();
    else this.output.abandon();
  }

  /** Takes a recording that turned out to hold nothing off the disk again; an older one of its name stays. */
  remove(): void {
    this.finish();
    this.output.discard();
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    clearInterval(this.timer);
    this.writer.finish();
  }

  private write(bytes: Uint8Array): void {
    try {
      if (this.error === undefined) this.output.write(bytes);
    } catch (error) {
      this.error = error;
    }
  }
}

/** @throws MemmapError as `openOutput` */
export function createRecordingFile(path: string, options: OutputOptions = {}): RecordingFile {
  return new RecordingFile(openOutput(path, options));
}

/** Whether a path names a file that begins as a recording does; false for what is none, ports among them. */
export function isRecordingFile(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const file = openSync(path, "r");
  try {
    const head = new Uint8Array(FILE_MAGIC.length);
    readSync(file, head, 0, head.length, 0);
    return FILE_MAGIC.every((byte, i) => head[i] === byte);
  } finally {
    closeSync(file);
  }
}

export interface OpenedRecording {
  readonly recording: Recording;
  readonly close: () => void;
}

/** Opens a recording on disk. Throws what openRecording throws, and `file-missing`, `file-unreadable` and their like. */
export async function openRecordingFile(path: string): Promise<OpenedRecording> {
  const source = openFileAccess(path);
  try {
    return { recording: await openRecording(source), close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** An open file as a source. */
interface FileAccess extends RandomAccess {
  readonly close: () => void;
}

/** Reads are synchronous: a chunk comes from the page cache in less time than a promise costs. */
function openFileAccess(path: string): FileAccess {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw unreadable(path, error);
  }
  if (!fstatSync(file).isFile()) {
    closeSync(file);
    throw new MemmapError(`${path} is no file`, { code: "file-unreadable", hint: "Name a recording." });
  }
  return {
    // It may be a recording under way, which grows.
    get size() {
      return fstatSync(file).size;
    },
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, fstatSync(file).size - offset));
      const bytes = new Uint8Array(wanted);
      let filled = 0;
      while (filled < wanted) {
        const count = readAt(file, bytes, filled, offset + filled, path);
        if (count === 0) break; // shorter than it was: what is missing counts as damaged
        filled += count;
      }
      return bytes.subarray(0, filled);
    },
    close: () => closeSync(file),
  };
}

function readAt(file: number, bytes: Uint8Array, from: number, position: number, path: string): number {
  try {
    return readSync(file, bytes, from, bytes.length - from, position);
  } catch (error) {
    throw unreadable(path, error); // the disk or the share has gone
  }
}
