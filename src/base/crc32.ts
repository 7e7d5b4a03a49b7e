/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// CRC-32 as IEEE 802.3 and zlib define it: reflected polynomial 0xEDB88320, initial value and final xor 0xFFFFFFFF.

/**
 * Eight tables of 256 entries: table k advances a byte by k more bytes, so that the main loop takes eight bytes at a time
 * without a dependency between the look-ups.
 */
const tables = buildTables();

function buildTables(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    table[byte] = value;
  }
  for (let index = 256; index < table.length; index++) {
    const before = table[index - 256]!;
    table[index] = (before >>> 8) ^ table[before & 0xff]!;
  }
  return table;
}

/** The checksum of `bytes[start … end-1]`, unsigned; behind bytes whose checksum is `before`, of them all. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length, before = 0): number {
  let crc = ~before;
  let position = start;
  for (; position + 8 <= end; position += 8) {
    crc =
      tables[1792 + (bytes[position]! ^ (crc & 0xff))]! ^
      tables[1536 + (bytes[position + 1]! ^ ((crc >>> 8) & 0xff))]! ^
      tables[1280 + (bytes[position + 2]! ^ ((crc >>> 16) & 0xff))]! ^
      tables[1024 + (bytes[position + 3]! ^ (crc >>> 24))]! ^
      tables[768 + bytes[position + 4]!]! ^
      tables[512 + bytes[position + 5]!]! ^
      tables[256 + bytes[position + 6]!]! ^
      tables[bytes[position + 7]!]!;
  }
  for (; position < end; position++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[position]!) & 0xff]!;
  return ~crc >>> 0;
}
