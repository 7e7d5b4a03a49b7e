// Lines that monitors and decoders have put into a log, or that were pasted below it: addresses that are decoded already. idf_monitor:
// "--- 0x400d1234: app_main at /p/main.c:20", without the dashes before 5.3; PlatformIO's exception decoder "#0  0x400d1234:0x3ffb5740 in app_main at
// main.c:20"; Arduino's "PC: 0x400d1234: setup at main.cpp line 20"; ESPHome "WARNING Decoded 0x400d1234: setup at /p/main.cpp:20"; GDB's frames, and
// its "0x400d1234 is in app_main (/p/main.c:20)." Below them what a call was inlined into.
import type { Address } from "../../base/units.ts";

/** As it is written: "" or "??" and "?" where it is not known. */
export interface DecodedFrame {
  readonly function: string;
  readonly file: string;
  readonly line: string;
}

export interface DecodedLine extends DecodedFrame {
  readonly address: Address;
  /** Wrapped: its place is the next line. */
  readonly isCut: boolean;
}

const DECODED =
  /^\s*(?:---\s*|#\d+\s+|(?:(?:[\d:.[\]]+\s+)?[A-Z]+\s+)?Decoded\s+)?(?:PC: |epc[123]=|excvaddr=)?(0x[0-9a-f]{8})(?::0x[0-9a-f]{8,9}(?: ?\|<-[A-Z]+)?)?(?:: | in | is in )(.*?)(?: at | \(|$)(?:(.*?)(?::| line )(\d+|\?)\)?\.?)?(?: \(discriminator \d+\))?\s*$/i;
/** GDB and esp-coredump print a call's arguments as well. */
const ARGUMENTS = / \([^()]*(?:\([^()]*\)[^()]*)*\)(?=$| at )/;

/** What a call was inlined into: a line of its own, below that of the call. */
export const INLINED =
  /^\s*(?:---\s*)?(?:\(inlined by\)|inlined into) (.*?) at (.*?)(?::| line )(\d+|\?)(?: \(discriminator \d+\))?\s*$/;

/** A line without colours, of an address and what stands there. */
export function decodedLine(text: string): DecodedLine | undefined {
  const match = DECODED.exec(text.startsWith("#") ? text.replace(ARGUMENTS, "") : text);
  if (match === null) return undefined;
  const [, address, told = "", file = "", line = ""] = match;
  const name = told.replace(/ at$/, "");
  return { address: Number(address), function: name, file, line, isCut: name !== told };
}

export function inlinedLine(text: string): DecodedFrame | undefined {
  const match = INLINED.exec(text);
  return match === null ? undefined : { function: match[1] ?? "", file: match[2] ?? "", line: match[3] ?? "" };
}

export function isMonitorLine(text: string): boolean {
  return DECODED.test(text) || INLINED.test(text);
}
