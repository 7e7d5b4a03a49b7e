// Takes gz and zst off a file as it streams by, within stated limits: half a file gives its bytes up to where it breaks off, and a bomb ends.

import { crc32 } from "../base/crc32.ts";
import { MemmapError } from "../base/errors.ts";

export type Packing = "gz" | "zst" | "xz" | "lzma" | "bz2" | "zip" | "7z" | "lz4" | "compress" | "none";

export function packingOf(head: Uint8Array): Packing {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x1f, 0x8b)) return "gz";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "zst";
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return "xz";
  const [, , , level = 0] = head;
  if (starts(0x42, 0x5a, 0x68) && level >= 0x31 && level <= 0x39) return "bz2";
  if (starts(0x5d, 0, 0)) return "lzma";
  if (starts(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)) return "7z";
  if (starts(0x04, 0x22, 0x4d, 0x18)) return "lz4";
  if (starts(0x1f, 0x9d)) return "compress";
  return starts(0x50, 0x4b, 3, 4) ? "zip" : "none";
}

const UNPACKERS: Partial<Readonly<Record<Packing, string>>> = {
  xz: "xz -dc",
  lzma: "xz -dc",
  bz2: "bzip2 -dc",
  zip: "unzip -p",
  "7z": "7z x -so",
  lz4: "lz4 -dc",
  compress: "gzip -dc",
};

/** What to do about a file whose packing is not read; undefined for one that is. */
export function howToUnpack(packing: Packing, path: string): string | undefined {
  const unpacker = UNPACKERS[packing];
  if (unpacker === undefined) return undefined;
  return `Unpack it on the way: \`${unpacker} ${path} | memmap report -\`. gz and zst are read as they are.`;
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

/** A gz header holds names and a comment; one that does not end would be put together again with every piece. */
const MOST_OF_A_HEADER = 1 << 17;

async function gunzip(take: (chunk: Uint8Array) => void): Promise<Stream> {
  const { Gunzip } = await import("fflate");
  let ofMember = 0;
  let crc = 0;
  let ofHeader = 0;
  const tail = new Uint8Array(8);
  const stream = new Gunzip((chunk) => {
    ofHeader = 0;
    ofMember += chunk.length;
    crc = crc32(chunk, 0, chunk.length, crc);
    take(chunk);
  });
  stream.onmember = () => (ofMember = crc = 0);
  return {
    push(piece) {
      const joined = new Uint8Array(tail.length + piece.length);
      joined.set(tail);
      joined.set(piece, tail.length);
      tail.set(joined.subarray(-8));
      ofHeader += piece.length;
      stream.push(piece, false);
      if (ofHeader > MOST_OF_A_HEADER) throw new Error("a header does not end");
    },
    end() {
      try {
        stream.push(new Uint8Array(0), true);
      } catch {
        return "the gz data breaks off";
      }
      // fflate ends quietly where the file does; a gz file's last eight bytes are the last member's checksum and how many bytes it unpacks to.
      const declared = new DataView(tail.buffer);
      if (declared.getUint32(4, true) !== ofMember >>> 0) return "the gz data breaks off";
      return declared.getUint32(0, true) === crc ? undefined : "the gz data is damaged: its checksum does not fit";
    },
  };
}

async function unzstd(take: (chunk: Uint8Array) => void): Promise<Stream> {
  const [{ ZstdStream }, { default: xxhash }] = await Promise.all([
    import("../base/zstd/stream.ts"),
    import("xxhash-wasm"),
  ]);
  const hashes = await xxhash();
  const stream = new ZstdStream(take, { newHash: () => hashes.create64() });
  return {
    push(piece) {
      stream.push(piece);
    },
    end() {
      return stream.isAtEnd ? undefined : "the zst data breaks off";
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
