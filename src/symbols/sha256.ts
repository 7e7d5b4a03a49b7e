// The SHA-256 of an ELF file, which ESP-IDF writes into the application and the probe sends: it ties a recording to its ELF.
import { sha256 } from "@noble/hashes/sha2.js";
import { hexOf } from "../base/bytes.ts";

/** 64 hexadecimal digits, lower case. */
export function sha256Hex(bytes: Uint8Array): string {
  return hexOf(sha256(bytes));
}

export type ElfMatch =
  | { readonly kind: "same" }
  /** Nothing to compare with: an old firmware, a hash of zeros. */
  | { readonly kind: "unknown" }
  | { readonly kind: "different"; readonly message: string };

/** Firmware prints as few as this many digits of the hash (CONFIG_APP_RETRIEVE_LEN_ELF_SHA). */
const MIN_DIGITS = 8;

/**
 * Whether a recording was made by this ELF. A device may say only the first digits.
 *
 * @param recorded hexadecimal digits or bytes, as the device sent them
 */
export function matchElf(elfSha256: string, recorded: string | Uint8Array): ElfMatch {
  const theirs = (typeof recorded === "string" ? recorded : hexOf(recorded)).toLowerCase().replace(/[^0-9a-f].*$/s, "");
  if (theirs.length < MIN_DIGITS || /^0+$/.test(theirs)) return { kind: "unknown" };
  if (elfSha256.startsWith(theirs.slice(0, 64))) return { kind: "same" };
  const short = (digits: string): string => digits.slice(0, 12);
  return {
    kind: "different",
    message:
      `This ELF is not the one that was running: its SHA-256 begins with ${short(elfSha256)}, the device's with ` +
      `${short(theirs)}. Functions and lines may be wrong throughout.`,
  };
}
