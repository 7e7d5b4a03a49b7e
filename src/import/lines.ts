// Splits bytes that arrive in chunks into lines, and undoes gz and zst compression on the way. Half a file gives its lines up
// to where it breaks off.

/** Called with each line, without its line end. The bytes are valid during the call. */
export type LineHandler = (bytes: Uint8Array, start: number, end: number) => void;

/** Puts lines together across chunks. Lines end with \n; what follows the last one comes with finish(). */
export class LineSplitter {
  readonly #onLine: LineHandler;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(onLine: LineHandler) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    if (this.#rest.length > 0) {
      const lineEnd = chunk.indexOf(0x0a);
      const head = lineEnd < 0 ? chunk : chunk.subarray(0, lineEnd);
      const line = joined([this.#rest, head]);
      if (lineEnd < 0) {
        this.#rest = line;
        return;
      }
      this.#rest = new Uint8Array(0);
      this.#onLine(line, 0, line.length);
      start = lineEnd + 1;
    }
    // Lines are short: looking at each byte here is quicker than a call of indexOf a line.
    for (let position = start; position < chunk.length; position++) {
      if (chunk[position] !== 0x0a) continue;
      this.#onLine(chunk, start, position);
      start = position + 1;
    }
    if (start < chunk.length) this.#rest = chunk.slice(start);
  }

  /** Hands on the last line if it has no line end; true if there was one. */
  finish(): boolean {
    if (this.#rest.length === 0) return false;
    const line = this.#rest;
    this.#rest = new Uint8Array(0);
    this.#onLine(line, 0, line.length);
    return true;
  }
}

export type Compression = "none" | "gz" | "zst";

export function compressionOf(bytes: Uint8Array): Compression {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gz";
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) return "zst";
  return "none";
}

/** Compressed bytes that are handed to the decompressor at a time. */
const PIECE_BYTES = 1 << 16;

/**
 * Hands the decompressed bytes to `onChunk` until it returns false.
 * @returns why the data ends early, or undefined where it is whole or was not wanted to its end
 */
export async function decompress(
  bytes: Uint8Array,
  onChunk: (chunk: Uint8Array) => boolean | undefined,
): Promise<string | undefined> {
  const compression = compressionOf(bytes);
  if (compression === "none") {
    onChunk(bytes);
    return undefined;
  }
  let wanted = true;
  let produced = 0;
  const take = (chunk: Uint8Array): void => {
    produced += chunk.length;
    if (wanted && chunk.length > 0 && onChunk(chunk) === false) wanted = false;
  };
  const stream = await openStream(compression, take, () => (produced = 0));
  try {
    for (let start = 0; wanted && start < bytes.length; start += PIECE_BYTES) {
      stream.push(bytes.subarray(start, start + PIECE_BYTES), start + PIECE_BYTES >= bytes.length);
    }
  } catch (error) {
    return `the ${compression} data is damaged (${error instanceof Error ? error.message : String(error)})`;
  }
  // fflate ends quietly where the file does; a gz file's last four bytes tell how many the last member unpacks to.
  if (!wanted || compression !== "gz") return undefined;
  const tail = bytes.subarray(-4);
  const declared = tail.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
  return declared === produced % 2 ** 32 ? undefined : "the gz data breaks off";
}

interface Decompressor {
  push(chunk: Uint8Array, final: boolean): void;
}

async function openStream(
  compression: "gz" | "zst",
  take: (chunk: Uint8Array) => void,
  onMember: () => void,
): Promise<Decompressor> {
  if (compression === "gz") {
    const { Gunzip } = await import("fflate");
    const stream = new Gunzip(take);
    stream.onmember = onMember;
    return stream;
  }
  const { Decompress } = await import("fzstd");
  return new Decompress(take);
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let position = 0;
  for (const chunk of chunks) {
    all.set(chunk, position);
    position += chunk.length;
  }
  return all;
}
