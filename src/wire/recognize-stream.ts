// Whether bytes hold memmap's own stream, as it came from a line or, armoured, in a log.
import { FrameSplitter } from "./framing.ts";
import { ARMOUR_PREFIX } from "./protocol.ts";

/** @param head the first bytes of a file, 64 KiB or what there is */
export function holdsStream(head: Uint8Array): "frames" | "armoured" | undefined {
  let frames = 0;
  const splitter = new FrameSplitter({ frame: () => frames++, text: () => undefined });
  splitter.push(head);
  const text = new TextDecoder("latin1").decode(head);
  // One whose lines are all damaged is still meant to be one.
  if (text.includes(ARMOUR_PREFIX)) return "armoured";
  // A frame's borders are found in any file of bytes, its checksum is not.
  return frames > 0 ? "frames" : undefined;
}
