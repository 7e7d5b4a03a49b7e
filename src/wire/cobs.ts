/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): bytes without 00, at most one byte longer in 254.
// Each block is a code byte n and n-1 bytes; a block with n < 255 stands for its bytes and a 00, except at the end.

/** Most bytes that `length` bytes can become. */
export function cobsLimit(length: number): number {
  return length + Math.floor(length / 254) + 1;
}

/** Writes the encoded form of `source` to `target` from `offset` on; returns the position after it. */
export function cobsEncode(source: Uint8Array, target: Uint8Array, offset: number): number {
  let codeAt = offset;
  let position = offset + 1;
  let code = 1;
  for (let index = 0; index < source.length; index++) {
    const byte = source[index]!;
    if (byte !== 0) {
      target[position++] = byte;
      code++;
    }
    // A full block ends without a zero of its own; after the very last byte none needs to begin.
    if (byte === 0 || (code === 0xff && index + 1 < source.length)) {
      target[codeAt] = code;
      codeAt = position++;
      code = 1;
    }
  }
  target[codeAt] = code;
  return position;
}

/**
 * Decodes `source[start … end-1]`, among which there is no 00, into `target`, which must have room for as many bytes.
 * Returns the decoded length, or -1 where the bytes are no COBS: a code is 0 or reaches past the end.
 */
export function cobsDecode(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  if (start >= end) return 0;
  // Without full blocks each byte is one place behind its encoded form, and the codes are where the zeros were: one copy does most.
  target.set(source.subarray(start + 1, end));
  let position = start;
  while (position < end) {
    const code = source[position]!;
    if (code === 0xff) return cobsDecodeBlocks(source, start, end, target);
    if (code === 0) return -1;
    position += code;
    if (position < end) target[position - start - 1] = 0;
  }
  return position === end ? end - start - 1 : -1;
}

/** As `cobsDecode`, block by block. */
function cobsDecodeBlocks(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let position = start;
  let length = 0;
  while (position < end) {
    const code = source[position++]!;
    const blockEnd = position + code - 1;
    if (code === 0 || blockEnd > end) return -1;
    while (position < blockEnd) target[length++] = source[position++]!;
    if (code !== 0xff && position < end) target[length++] = 0;
  }
  return length;
}
