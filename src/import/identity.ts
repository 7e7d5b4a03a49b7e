/* eslint-disable @typescript-eslint/no-non-null-assertion -- a hot loop on bytes */
// How an imported run presents itself: a boot record with a number that the same file gets every time.

import type { Boot } from "../wire/records.ts";
import { PROTOCOL_VERSION } from "../wire/protocol.ts";

/** FNV-1a over the bytes, 32 bits. Two imports of one file are the same boot; another file is another boot. */
export function contentNumber(bytes: Uint8Array, seed = 0x811c9dc5): number {
  let hash = seed;
  // By index: an iterator costs many times more, and files have hundreds of megabytes.
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}

/** A boot of which nothing is known but where it came from. */
export function importedBoot(
  origin: string,
  bootId: number,
  known: Partial<Omit<Boot, "bootId" | "origin" | "protocolVersion">> = {},
): Boot {
  return {
    bootId,
    protocolVersion: PROTOCOL_VERSION,
    configuration: 0,
    tableCapacity: 0,
    sampleInterval: 1,
    stackDepth: 0,
    origin,
    ...known,
  };
}
