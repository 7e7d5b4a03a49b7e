// The recording's file on disk: appended to while a device is watched, read at any offset afterwards.

import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { MemmapError } from "../base/errors.ts";
import { openRecording, type Recording } from "../recording/open.ts";
import type { RandomAccess } from "../recording/random-access.ts";
import { RecordingWriter } from "../recording/writer.ts";

/** How much is lost at most when the recording program is killed. */
const FLUSH_MILLISECONDS = 1000;

export interface RecordingFile {
  /** Where events go. */
  readonly writer: RecordingWriter;
  /** Ends the recording: index and trailer are written, the file is closed. */
  close(): void;
}

/**
 * Creates or replaces the file. Once a second what has come in is written; it then belongs to the operating system and survives a kill -9 of this
 * program. Throws MemmapError `file-unwritable`. A disk that fills up throws from the writer's calls.
 */
export function createRecordingFile(path: string): RecordingFile {
  const file = openFile(path, "w");
  const writer = new RecordingWriter((bytes) => writeAll(file, bytes, path));
  const timer = setInterval(() => writer.flush(), FLUSH_MILLISECONDS);
  timer.unref();
  let isOpen = true;
  return {
    writer,
    close() {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(timer);
      try {
        writer.finish();
      } finally {
        closeSync(file);
      }
    },
  };
}

/** An open file as a source. Reads are synchronous: a chunk comes from the page cache in less time than a promise costs. */
export interface FileSource extends RandomAccess {
  close(): void;
}

/** Throws MemmapError `file-unreadable`. */
export function openFileSource(path: string): FileSource {
  const file = openFile(path, "r");
  return {
    size: fstatSync(file).size,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const count = readSync(file, bytes, filled, length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    },
    close: () => closeSync(file),
  };
}

/** Opens a recording from disk; `close` the source when done. Throws what openRecording and openFileSource throw. */
export async function openRecordingFile(
  path: string,
): Promise<{ readonly recording: Recording; readonly close: () => void }> {
  const source = openFileSource(path);
  try {
    return { recording: await openRecording(source), close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

function openFile(path: string, mode: "r" | "w"): number {
  try {
    const file = openSync(path, mode);
    if (mode === "r" && !fstatSync(file).isFile()) {
      closeSync(file);
      throw new Error("it is not a regular file");
    }
    return file;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw mode === "r"
      ? new MemmapError(`${path} cannot be read: ${reason}`, {
          code: "file-unreadable",
          hint: "Check the path.",
          cause,
        })
      : new MemmapError(`${path} cannot be written: ${reason}`, {
          code: "file-unwritable",
          hint: "Give a path in a folder that you may write to, with -o.",
          cause,
        });
  }
}

function writeAll(file: number, bytes: Uint8Array, path: string): void {
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
  } catch (cause) {
    throw new MemmapError(`${path} cannot be written any further`, {
      code: "file-unwritable",
      hint: "Make room on the disk; what was written before is a whole recording.",
      cause,
    });
  }
}
