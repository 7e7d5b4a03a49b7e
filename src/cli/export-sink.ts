// Where an export goes: a file, compressed where its name says so, or standard output. Writes wait, so that nothing piles up in memory.
import { writeSync } from "node:fs";
import { Gzip } from "fflate";
import { openOutput, unwritable, type OutputOptions } from "../capture/output-file.ts";
import type { ByteSink } from "../export/export.ts";

export interface FileSink extends ByteSink {
  /** It is whole. Returns its length in bytes. */
  commit(): number;
  discard(): void;
}

export function fileSink(path: string, options: OutputOptions, isPacked: boolean): FileSink {
  const file = openOutput(path, options);
  const put = (bytes: Uint8Array): void => {
    try {
      file.write(bytes);
    } catch (error) {
      throw unwritable(path, error);
    }
  };
  const gzip = isPacked ? new Gzip({ mtime: 0 }, put) : undefined;
  return {
    write: (bytes) => (gzip === undefined ? put(bytes) : gzip.push(bytes)),
    commit() {
      gzip?.push(new Uint8Array(0), true);
      try {
        file.commit();
      } catch (error) {
        throw unwritable(path, error);
      }
      return file.bytes;
    },
    discard: () => file.discard(),
  };
}

const STANDARD_OUTPUT = 1;
/** While the reader of a pipe is behind. */
const PAUSE_MILLISECONDS = 5;

export function stdoutSink(): ByteSink {
  let isClosed = false;
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length && !isClosed;) {
        try {
          at += writeSync(STANDARD_OUTPUT, bytes, at);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code === "EPIPE")
            isClosed = true; // `| head`: the reader's right
          else if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS);
          else throw unwritable("standard output", error);
        }
      }
    },
  };
}

/** Between two words on how far it is. */
const TELL_MILLISECONDS = 500;

/** The same sink, which tells now and then how many bytes have gone through. */
export function telling(sink: ByteSink, tell: (bytes: number) => void): ByteSink {
  let bytes = 0;
  let next = Date.now() + TELL_MILLISECONDS;
  return {
    write(piece) {
      sink.write(piece);
      bytes += piece.length;
      if (Date.now() < next) return;
      next = Date.now() + TELL_MILLISECONDS;
      tell(bytes);
    },
  };
}
