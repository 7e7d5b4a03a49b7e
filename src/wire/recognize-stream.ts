// Whether bytes hold memmap's own stream, as it came from a line or, armoured, in a log.
import { ARMOUR_PREFIX } from "./protocol.ts";

/** Frames begin and end like this; fewer than three may be chance. */
const FRAME_BORDER = "\u00ff\u0000";
const LEAST_BORDERS = 3;

/** @param head the first bytes of a file, 64 KiB or what there is */
export function holdsStream(head: Uint8Array): "frames" | "armoured" | undefined {
  const text = new TextDecoder("latin1").decode(head);
  // latin1 is windows-1252 to a TextDecoder; both borders are the same there.
  if (text.split(FRAME_BORDER).length - 1 >= LEAST_BORDERS) return "frames";
  return text.includes(ARMOUR_PREFIX) ? "armoured" : undefined;
}
