// A recording on disk: written as it happens, read at any place.
import { closeSync, fstatSync, fsyncSync, openSync, readSync, statSync, unlinkSync, writeSync } from "node:fs";
import { MemmapError } from "../base/errors.ts";
import { unreadable } from "./file.ts";
import { openRecording, type Recording } from "../recording/open.ts";
import type { RandomAccess } from "../recording/random-access.ts";
import { RecordingWriter } from "../recording/writer.ts";

/** What the end of the process may cost at most, however it comes. */
const flushMilliseconds = 800;

/**
 * A recording under construction. What has come in is written about once a second and then belongs to the operating system, so that it survives a kill -9
 * of this program. An error of the disk does not interrupt the sink: it is kept, writing stops, and `check` throws it.
 */
export class RecordingFile {
  readonly path: string;
  /** Give it to a decoder; ask it for the live set. */
  readonly writer: RecordingWriter;
  readonly #handle: number;
  readonly #timer: NodeJS.Timeout;
  #error: unknown;
  #closed = false;

  constructor(path: string, handle: number) {
    this.path = path;
    this.#handle = handle;
    this.writer = new RecordingWriter((bytes) => this.#write(bytes));
    this.#timer = setInterval(() => this.writer.flush(), flushMilliseconds);
    this.#timer.unref();
  }

  /** Throws MemmapError `disk-full` or `file-unwritable` when something could not be written. */
  check(): void {
    if (this.#error !== undefined) throw unwritable(this.path, this.#error);
  }

  /** Ends the recording. Idempotent; throws like `check`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.writer.finish();
    try {
      if (this.#error === undefined) fsyncSync(this.#handle);
    } catch (error) {
      // Pipes and devices cannot be synchronized; they keep nothing that could be lost.
      if (!["EINVAL", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "")) this.#error = error;
    } finally {
      closeSync(this.#handle);
    }
    this.check();
  }

  /** Takes a recording that turned out to hold nothing off the disk again. */
  remove(): void {
    if (statSync(this.path).isFile()) unlinkSync(this.path);
  }

  #write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length && this.#error === undefined;) at += writeSync(this.#handle, bytes, at);
    } catch (error) {
      this.#error = error;
    }
  }
}

/** @throws MemmapError `usage-file-exists` where it exists and `overwrite` is not set, `file-unwritable` */
export function createRecordingFile(path: string, options: { readonly overwrite?: boolean } = {}): RecordingFile {
  let handle;
  try {
    handle = openSync(path, options.overwrite === true ? "w" : "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(path, error);
    throw fileExists(path);
  }
  return new RecordingFile(path, handle);
}

export function fileExists(path: string): MemmapError {
  return new MemmapError(`${path} exists already`, {
    code: "usage-file-exists",
    hint: "Choose another name with -o, or overwrite it with --force.",
  });
}

/** The sentence for a file that cannot be created or written. */
export function unwritable(path: string, error: unknown): MemmapError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new MemmapError(`the disk is full: ${path} ends where it was`, {
      code: "disk-full",
      hint: "What had been written can be read. Make room, or record to another disk with -o.",
      cause: error,
    });
  }
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "its folder does not exist",
    EACCES: "you may not write there",
    EPERM: "you may not write there",
    EROFS: "the disk is read-only",
    EISDIR: "it is a folder",
  };
  return new MemmapError(`${path} cannot be written: ${reasons[code ?? ""] ?? message}`, {
    code: "file-unwritable",
    hint: "Name another place.",
    cause: error,
  });
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
  const { size } = fstatSync(file);
  return {
    size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      const bytes = new Uint8Array(wanted);
      let filled = 0;
      while (filled < wanted) {
        const count = readSync(file, bytes, filled, wanted - filled, offset + filled);
        if (count === 0) break; // shorter than it was: what is missing counts as damaged
        filled += count;
      }
      return bytes.subarray(0, filled);
    },
    close: () => closeSync(file),
  };
}
