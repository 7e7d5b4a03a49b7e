// Images of the flight recorder's ring (firmware/memmap/transports/flight.c): a flash partition read back, or a file. Sectors are put
// into the order in which they were written; what comes out is a stream like any other.
import { FrameType, PROTOCOL_VERSION } from "../wire/protocol.ts";

const MAGIC = 0x5246_4d4d; // "MMFR"
const HEADER_BYTES = 16;
/** Sectors begin at multiples of this, whatever their size. */
const SMALLEST_SECTOR = 1024;

interface SectorHeader {
  readonly offset: number;
  readonly sectorBytes: number;
  readonly number: number;
}

function readHeader(image: DataView, offset: number): SectorHeader | undefined {
  if (offset + HEADER_BYTES > image.byteLength || image.getUint32(offset, true) !== MAGIC) return undefined;
  const sectorBytes = image.getUint32(offset + 4, true);
  const number = image.getUint32(offset + 8, true);
  const inverted = image.getUint32(offset + 12, true);
  if ((number ^ inverted) !== -1 || sectorBytes < SMALLEST_SECTOR || offset % sectorBytes !== 0) return undefined;
  return { offset, sectorBytes, number };
}

/** Whether an image begins like one of the flight recorder's. The very first sector may be erased: then the next one tells. */
export function isFlightRecorderImage(start: Uint8Array): boolean {
  return findHeaders(start).length > 0 && !hasOtherBytes(start);
}

function hasOtherBytes(start: Uint8Array): boolean {
  return start[0] !== 0xff && readHeader(viewOf(start), 0) === undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function findHeaders(image: Uint8Array): SectorHeader[] {
  const view = viewOf(image);
  const headers: SectorHeader[] = [];
  for (let offset = 0; offset < image.length; offset += SMALLEST_SECTOR) {
    const header = readHeader(view, offset);
    if (header) headers.push(header);
  }
  return headers;
}

/**
 * The streams of all sectors, oldest first, without the erased bytes behind each sector's last frame. They begin with the first HELLO, at
 * most a quarter of the ring behind its oldest frame: before it nobody knows how long a tick is, and events would be undated.
 */
export function unrollFlightRecorder(image: Uint8Array): Uint8Array[] {
  // Numbers wrap at 2^32, and a ring has far fewer sectors: differences tell.
  const headers = findHeaders(image).sort((a, b) => (a.number - b.number) | 0);
  const streams = headers.map(({ offset, sectorBytes }) => {
    let end = Math.min(offset + sectorBytes, image.length);
    while (end > offset + HEADER_BYTES && image[end - 1] === 0xff) end--;
    return image.subarray(offset + HEADER_BYTES, end);
  });
  const first = streams.findIndex((stream) => helloIn(stream) >= 0);
  if (first < 0) return streams;
  return streams.slice(first).map((stream, index) => (index === 0 ? stream.subarray(helloIn(stream)) : stream));
}

/** Where the first HELLO frame begins: FF 00, a COBS code, and the frame's first byte; -1 where there is none. */
function helloIn(stream: Uint8Array): number {
  const type = (PROTOCOL_VERSION << 4) | FrameType.HELLO;
  return stream.findIndex(
    (byte, at) => byte === 0xff && stream[at + 1] === 0 && stream[at + 2] !== 0 && stream[at + 3] === type,
  );
}
