// Files and standard input: raw captures of a line (`cat /dev/ttyUSB0 > run.bin`) and logs that hold armoured frames.
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { MemmapError } from "../base/errors.ts";
import type { ByteSource } from "./source.ts";

const chunkBytes = 256 * 1024;
const sourceHint =
  "Check the path. `memmap ports` lists serial ports, `memmap demo --list` the simulator's scenarios (sim:NAME).";

export async function openFileSource(path: string): Promise<ByteSource> {
  let found;
  try {
    found = await stat(path);
    await (await open(path)).close();
  } catch (error) {
    throw unreadable(path, error, sourceHint);
  }
  if (found.isDirectory()) {
    throw new MemmapError(`${path} is a folder`, { code: "file-is-folder", hint: "Name a file inside it." });
  }
  const stream = createReadStream(path, { highWaterMark: chunkBytes });
  // A named pipe is as live as what writes into it.
  return fromStream(stream, path, found.isFIFO());
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

/** The sentence for a file that cannot be opened or read. */
export function unreadable(path: string, error: unknown, hint = "Check the path and its spelling."): MemmapError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") {
    return new MemmapError(`${path} does not exist`, {
      code: "file-missing",
      hint,
      cause: error,
    });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new MemmapError(`${path} may not be read by you`, {
      code: "file-permission",
      hint: `Look at its owner and mode with \`ls -l ${path}\`.`,
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new MemmapError(`${path} cannot be read: ${reason}`, {
    code: "file-unreadable",
    hint: "Check that the disk or the share it lies on is still there.",
    cause: error,
  });
}
