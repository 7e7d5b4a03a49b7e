// A file that is no recording but can be imported is imported on the way to the answer, into a recording that lives as long as the command.
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { MemmapError } from "../base/errors.ts";
import { unreadable } from "../capture/unreadable.ts";
import { createRecordingFile } from "../capture/recording-file.ts";
import type { ImportReport } from "../import/import-report.ts";
import type { ImportOptions } from "../import/importer.ts";
import { HEAD_BYTES, importFile, type ImportInput } from "../import/recognize.ts";
import { FILE_MAGIC } from "../recording/chunk-format.ts";
import { type FileGuess, guessFile } from "./guess-file.ts";

/** The word for standard input. */
const STANDARD_INPUT = "-";

export interface Workspace {
  /** A recording that exists on the disk. */
  readonly path: string;
  /** What the import said; undefined where the file was a recording. */
  readonly report?: ImportReport;
  close(): void;
}

/**
 * Makes a recording of what was named: itself where it is one, else what its import gives.
 * @throws MemmapError `not-a-recording` where it is neither
 */
export async function asRecording(path: string, options: ImportOptions = {}): Promise<Workspace> {
  if (path !== STANDARD_INPUT && !(await isPipe(path))) {
    const head = await readHead(path);
    if (isRecording(head) || !isImportable(head)) return { path, close: () => undefined };
    const folder = mkdtempSync(join(tmpdir(), "memmap-"));
    return imported(path, path, folder, options);
  }
  const name = path === STANDARD_INPUT ? "standard input" : path;
  const folder = mkdtempSync(join(tmpdir(), "memmap-"));
  try {
    const spooled = join(folder, "input");
    await spool(path === STANDARD_INPUT ? keyboardless(process.stdin) : createReadStream(path), spooled);
    const head = await readHead(spooled);
    if (isRecording(head)) return { path: spooled, close: () => rmSync(folder, { recursive: true, force: true }) };
    if (!isImportable(head)) throw unusable(name, head);
    return await imported(name, spooled, folder, options);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Read once and from the beginning to the end, as `<(command)` of a shell is. */
async function isPipe(path: string): Promise<boolean> {
  const about = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return about.isFIFO() || about.isCharacterDevice() || about.isSocket();
}

function isRecording(head: Uint8Array): boolean {
  return FILE_MAGIC.every((byte, index) => head[index] === byte);
}

function isImportable(head: Uint8Array): boolean {
  return guessFile(head).importable === true;
}

function unusable(name: string, head: Uint8Array): MemmapError {
  const { seems, hint }: FileGuess = guessFile(head);
  return new MemmapError(`${name} is no recording; it ${seems}`, { code: "not-a-recording", hint });
}

/**
 * Lines are short-lived: room for more of them at a time makes an import no quicker, and takes three times as much memory as is used; so does waiting
 * with what has outlived a few lines until it is four times what is needed. V8 reads these flags whenever it would give more room.
 */
function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=50");
}

async function imported(name: string, path: string, folder: string, options: ImportOptions): Promise<Workspace> {
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  const recording = join(folder, "run.memmap");
  const file = createRecordingFile(recording);
  keepHeapSmall();
  try {
    // Few answers show the log's own text, which the user has.
    const report = await importFile([fileInput(name, path)], file.writer, { withText: false, ...options });
    file.close();
    return { path: recording, report, close };
  } catch (error) {
    try {
      file.close();
    } finally {
      close();
    }
    throw error;
  }
}

/** A file as an import reads it: from the beginning, in chunks, as often as needed. */
export function fileInput(name: string, path: string): ImportInput {
  return {
    name,
    bytes: async function* () {
      try {
        yield* createReadStream(path, { highWaterMark: 1 << 16 }) as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw unreadable(name, error);
      }
    },
  };
}

/** Milliseconds after Ctrl-C for which the end of the pipe is awaited. */
const LAST_WORDS = 500;

function keyboardless(stdin: NodeJS.ReadStream): NodeJS.ReadStream {
  if (!stdin.isTTY) return stdin;
  throw new MemmapError("standard input is the keyboard", {
    code: "usage-stdin-is-terminal",
    hint: "Pipe a log in, as in `idf.py monitor | memmap report -`, or name a file.",
  });
}

/** Keeps what comes until it ends. Ctrl-C, which a monitor before the pipe gets too, ends the reading and not the answer. */
async function spool(source: Readable, path: string): Promise<void> {
  const file = createWriteStream(path);
  let timer: NodeJS.Timeout | undefined;
  // What the monitor still writes while it ends belongs to the log; one that goes on is not waited for.
  const end = (): void => {
    timer ??= setTimeout(() => source.destroy(), LAST_WORDS);
  };
  process.on("SIGINT", end);
  try {
    for await (const chunk of source) if (!file.write(chunk)) await once(file, "drain");
  } catch (error) {
    // The end that Ctrl-C makes is no failure.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  } finally {
    clearTimeout(timer);
    // Another Ctrl-C while the answer is worked out ends it, as anywhere.
    process.removeListener("SIGINT", end);
    file.end();
    await once(file, "close");
  }
}

export async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await file.close();
  }
}
