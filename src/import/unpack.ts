// Takes gz and zst off a file as it streams by, within stated limits: half a file gives its bytes up to where it breaks off, and a bomb ends.

import { MemmapError } from "../base/errors.ts";

export type Packing = "gz" | "zst" | "xz" | "bz2" | "zip" | "none";

export function packingOf(head: Uint8Array): Packing {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x1f, 0x8b)) return "gz";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "zst";
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return "xz";
  if (starts(0x42, 0x5a, 0x68) && head.length > 3 && (head[3] ?? 0) >= 0x31 && (head[3] ?? 0) <= 0x39) return "bz2";
  return starts(0x50, 0x4b, 3, 4) ? "zip" : "none";
}

export type ByteChunks = () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What the unpacking ran into, once the bytes have been read. */
export interface Unpacked {
  readonly chunks: () => AsyncGenerator<Uint8Array>;
  /** Why the data ends early or cannot be trusted; undefined where it is whole. */
  readonly problem: () => string | undefined;
}

/** Packed bytes that are handed to the decompressor at a time: a run of zeros makes 128 KiB of four of them. */
const PIECE_BYTES = 1 << 12;
/** What packs better than this is no log and no recording … */
const MOST_RATIO = 1000;
/** … once so much has come out of it. */
const FREE_BYTES = 64 * 1024 * 1024;

/** @throws MemmapError `import-bomb` while reading, where the file unpacks to absurdly much */
export function unpack(name: string, packing: Packing, source: ByteChunks): Unpacked {
  let problem: string | undefined;
  return { chunks: packing === "gz" || packing === "zst" ? unpacking : plain, problem: () => problem };

  async function* plain(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source()) yield chunk;
  }

  async function* unpacking(): AsyncGenerator<Uint8Array> {
    let ready: Uint8Array[] = [];
    let read = 0;
    let produced = 0;
    // The decompressors use their buffers again.
    const take = (chunk: Uint8Array): void => {
      produced += chunk.length;
      if (produced > FREE_BYTES && produced > MOST_RATIO * read) throw bomb(name, read, produced);
      if (chunk.length > 0) ready.push(chunk.slice());
    };
    const stream = packing === "gz" ? await gunzip(take) : await unzstd(take);
    try {
      for await (const chunk of source()) {
        for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
          const piece = chunk.subarray(at, at + PIECE_BYTES);
          read += piece.length;
          stream.push(piece);
          yield* ready;
          ready = [];
        }
      }
      problem = stream.end();
    } catch (error) {
      if (error instanceof MemmapError) throw error;
      problem = `the ${packing} data is damaged (${error instanceof Error ? error.message : String(error)})`;
    }
    yield* ready;
  }
}

interface Stream {
  push(piece: Uint8Array): void;
  /** Why the end is not the end. */
  end(): string | undefined;
}

async function gunzip(take: (chunk: Uint8Array) => void): Promise<Stream> {
  const { Gunzip } = await import("fflate");
  let ofMember = 0;
  const tail = new Uint8Array(4);
  const stream = new Gunzip((chunk) => {
    ofMember += chunk.length;
    take(chunk);
  });
  stream.onmember = () => (ofMember = 0);
  return {
    push(piece) {
      const joined = new Uint8Array(tail.length + piece.length);
      joined.set(tail);
      joined.set(piece, tail.length);
      tail.set(joined.subarray(-4));
      stream.push(piece, false);
    },
    end() {
      stream.push(new Uint8Array(0), true);
      // fflate ends quietly where the file does; a gz file's last four bytes tell how many the last member unpacks to.
      const declared = tail.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
      return declared === ofMember % 2 ** 32 ? undefined : "the gz data breaks off";
    },
  };
}

async function unzstd(take: (chunk: Uint8Array) => void): Promise<Stream> {
  const { Decompress } = await import("fzstd");
  const { ZstdFrames } = await import("./zstd-frames.ts");
  const frames = await ZstdFrames.create();
  const stream = new Decompress((chunk) => {
    take(chunk);
    frames.produced(chunk);
  });
  return {
    push(piece) {
      frames.consumed(piece, (part) => {
        stream.push(part);
      });
    },
    end() {
      stream.push(new Uint8Array(0), true);
      return frames.problem();
    },
  };
}

function bomb(name: string, read: number, produced: number): MemmapError {
  const times = Math.round(produced / Math.max(1, read));
  return new MemmapError(`${name} unpacks to ${times} times its size: ${Math.round(produced / 2 ** 20)} MiB and more`, {
    code: "import-bomb",
    hint: `memmap stops at ${MOST_RATIO} times, which no log and no recording reaches. Unpack it yourself if it is meant, and give what is inside.`,
  });
}
