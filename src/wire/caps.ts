// Capabilities by their names in ESP-IDF, without the MALLOC_CAP_ prefix.
import type { Caps } from "../base/units.ts";
import { CAPS_NAMES } from "./protocol.ts";

/** Masks of the capabilities that memmap itself and its simulator reason about. */
export const Cap = {
  EXEC: 1 << 0,
  "32BIT": 1 << 1,
  "8BIT": 1 << 2,
  DMA: 1 << 3,
  SPIRAM: 1 << 10,
  INTERNAL: 1 << 11,
  DEFAULT: 1 << 12,
} as const satisfies Readonly<Record<string, Caps>>;

/** Whether memory that can do `caps` serves a request for `wanted`: it can do all of that. */
export function serves(caps: Caps, wanted: Caps): boolean {
  return (caps & wanted) >>> 0 === wanted >>> 0;
}

/** `DMA`, `8BIT|INTERNAL`, with or without MALLOC_CAP_, `,` and `+` for what a shell takes for a pipe, or a number; a name that ESP-IDF does not have is `unknown`. */
export function parseCaps(text: string): Caps | { readonly unknown: string } {
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) return Number(text);
  let mask = 0;
  for (const name of text.toUpperCase().split(/[|,+]/)) {
    const bare = name.trim().replace(/^MALLOC_CAP_/, "");
    const bit = Object.entries(CAPS_NAMES).find(([, known]) => known === bare)?.[0];
    if (bit === undefined) return { unknown: name };
    mask = (mask | (1 << Number(bit))) >>> 0;
  }
  return mask;
}

/** `8BIT|INTERNAL`; `0` where no bit is set, and bits without a name in hexadecimal. */
export function formatCaps(caps: Caps): string {
  const names: string[] = [];
  let unnamed = 0;
  for (let bit = 0; bit < 32; bit++) {
    const mask = (1 << bit) >>> 0;
    if ((caps & mask) === 0) continue;
    const name = CAPS_NAMES[bit];
    if (name !== undefined) names.push(name);
    else unnamed = (unnamed | mask) >>> 0;
  }
  if (unnamed !== 0) names.push(`0x${unnamed.toString(16)}`);
  return names.length === 0 ? "0" : names.join("|");
}
