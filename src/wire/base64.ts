/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Base64 (RFC 4648, standard alphabet) on bytes, for armoured frames: the decoder must be told, not thrown at, and works on
// pieces of a stream, where the platforms' own functions want strings.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING = 0x3d; // =
const values = buildValues();

/** By character code: 0 … 63, or 255 where the character is none of the alphabet. */
function buildValues(): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  for (let value = 0; value < 64; value++) table[ALPHABET.charCodeAt(value)] = value;
  return table;
}

/** Whether a byte can occur in base64 text, padding included. */
export function isBase64(byte: number): boolean {
  return values[byte]! < 64 || byte === PADDING;
}

export function base64Encode(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const word = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += ALPHABET.charAt(word >>> 18) + ALPHABET.charAt((word >>> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((word >>> 6) & 63) : "=";
    text += left > 2 ? ALPHABET.charAt(word & 63) : "=";
  }
  return text;
}

/**
 * Decodes `source[start … end-1]` into `target`; padding at the end may be missing.
 * Returns the decoded length, or -1 where the bytes are no base64.
 */
export function base64Decode(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let stop = end;
  while (stop > start && end - stop < 2 && source[stop - 1] === PADDING) stop--;
  if ((stop - start) % 4 === 1) return -1;
  let length = 0;
  let word = 0;
  let bits = 0;
  for (let position = start; position < stop; position++) {
    const value = values[source[position]!]!;
    if (value > 63) return -1;
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      target[length++] = word >>> bits;
    }
  }
  return length;
}
