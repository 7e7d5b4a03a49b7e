// Where a recording is read from.

/** Anything that can be read at an offset: a file, a Blob, bytes in memory. */
export interface RandomAccess {
  readonly size: number;
  /** The bytes asked for, or fewer where the source ends. The caller does not change them. */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
}

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)),
  };
}
