// Lines that a monitor has put into a log: addresses that are decoded already. idf_monitor: "--- 0x400d1234: app_main at /p/main.c:20"; without the
// dashes before 5.3; PlatformIO's exception decoder the same with "#0 " and "in"; ESPHome "WARNING Decoded 0x400d1234: setup at /p/main.cpp:20".
import type { Address } from "../../base/units.ts";

export interface DecodedLine {
  readonly address: Address;
  readonly function: string;
}

const DECODED =
  /^(?:\S*\[[\d;]*m)?\s*(?:(?:[\d:.[\]]+\s+)?[A-Z]+\s+Decoded\s+)?(?:---\s*)?(?:#\d+\s+)?0x([0-9a-fA-F]{8}):? (?:in |is in )?(\S.*?) (?:at|\() ?\S+?(?::\d+|:\?)/;
const INLINED = /^\s*(?:---\s*)?\(inlined by\)|^\s*(?:---\s*)?\s+inlined into /;

/** A decoded address; "more" for a line that goes on with the frames of the one before; undefined for any other line. */
export function decodedLine(text: string): DecodedLine | "more" | undefined {
  if (INLINED.test(text)) return "more";
  const match = DECODED.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { address: parseInt(match[1], 16), function: match[2] };
}
