// Files and standard input: raw captures of a line (`cat /dev/ttyUSB0 > run.bin`) and logs that hold armoured frames.
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { MemmapError } from "../base/errors.ts";
import { FILE_MAGIC } from "../recording/chunk-format.ts";
import { isFlightRecorderImage, unrollFlightRecorder } from "./flight-recorder.ts";
import type { ByteSource } from "./source.ts";
import { isFolder, unreadable } from "./unreadable.ts";

const CHUNK_BYTES = 256 * 1024;
const SOURCE_HINT =
  "Check the path. `memmap ports` lists serial ports, `memmap demo --list` the simulator's scenarios (sim:NAME).";

export async function openFileSource(path: string): Promise<ByteSource> {
  let found;
  let isFlight: boolean;
  let isRecording: boolean;
  try {
    found = await stat(path);
    const file = await open(path);
    try {
      const start = found.isFile() ? await readStart(file) : new Uint8Array();
      isFlight = isFlightRecorderImage(start);
      isRecording = FILE_MAGIC.every((byte, index) => start[index] === byte);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error, SOURCE_HINT);
  }
  if (found.isDirectory()) throw isFolder(path);
  if (isRecording) {
    throw new MemmapError(`${path} is a recording already`, {
      code: "file-is-recording",
      hint: `Ask about it: \`memmap report ${path}\`.`,
    });
  }
  if (isFlight) {
    const sectors = unrollFlightRecorder(await readFile(path)); // no larger than a chip's flash
    return fromStream(Readable.from(sectors), `${path} (flight recorder)`, false);
  }
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // A named pipe is as live as what writes into it.
  return fromStream(stream, path, found.isFIFO());
}

/** As much of a file as tells what it is. */
async function readStart(file: FileHandle): Promise<Uint8Array> {
  const start = new Uint8Array(16 * 1024);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  return start.subarray(0, bytesRead);
}

export function openStandardInput(stdin: NodeJS.ReadStream): ByteSource {
  if (stdin.isTTY) {
    throw new MemmapError("standard input is the keyboard", {
      code: "usage-stdin-is-terminal",
      hint: "Pipe the bytes in, as in `cat run.bin | memmap record - -o run.memmap`, or name a port or a file.",
    });
  }
  return fromStream(stdin, "standard input", true);
}

function fromStream(stream: Readable, name: string, live: boolean): ByteSource {
  let closed = false;
  return {
    name,
    live,
    async close() {
      closed = true;
      stream.destroy();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of stream) yield chunk as Uint8Array;
      } catch (error) {
        if (closed) return;
        throw unreadable(name, error);
      }
    },
  };
}
