// Whether a file is text at all, by its first bytes.

import { HOLE_BYTES } from "./line-holes.ts";
import { LineReader } from "./line-reader.ts";
import { otherFile } from "./other-files.ts";

/** True for text that is no other thing. */
export function mayBeLog(head: Uint8Array): boolean {
  return isText(head) && otherFile(head, "") === undefined;
}

/** True for text in any encoding: few of its letters are control characters, and it is UTF-8 or mostly ASCII. */
export function isText(head: Uint8Array): boolean {
  const sample = sampleOf(head);
  if (sample.length === 0) return false;
  const parts: Uint8Array[] = [];
  const reader = new LineReader(
    () => undefined,
    (bytes) => parts.push(bytes),
  );
  reader.push(sample);
  let length = 0;
  let odd = 0;
  let high = 0;
  let zeros = 0;
  for (const part of parts) {
    let run = 0;
    for (const byte of part) {
      length++;
      if (byte === 0) {
        // A hole, where text was lost, is none of its bytes (line-holes.ts).
        if (++run === HOLE_BYTES) [length, zeros] = [length - run, zeros - run + 1];
        else if (run > HOLE_BYTES) length--;
        else zeros++;
        continue;
      }
      run = 0;
      if ((byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 27) || byte === 127) odd++;
      if (byte >= 0x80) high++;
    }
  }
  // A few zeros are what a line sends when a board starts.
  return length > 0 && odd <= length * 0.05 && zeros <= length * 0.15 && (high <= length * 0.3 || isUtf8(parts));
}

const SAMPLE_BYTES = 1 << 14;

/** From the first byte on that is not zero, at whose place a letter of two or four bytes may begin. */
function sampleOf(head: Uint8Array): Uint8Array {
  const first = head.findIndex((byte) => byte !== 0);
  return first < 0 ? head.subarray(0, 0) : head.subarray(first & ~3, (first & ~3) + SAMPLE_BYTES);
}

function isUtf8(parts: readonly Uint8Array[]): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    // A letter that the sample cuts is none that is wrong.
    for (const part of parts) decoder.decode(part, { stream: true });
    return true;
  } catch {
    return false;
  }
}
