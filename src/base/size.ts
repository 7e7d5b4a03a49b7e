// Sizes as people write them.
import type { Bytes } from "./units.ts";

/** `64`, `16717`, `4k`, `1.5 MiB`: k is 1,024 bytes, m 1,048,576. Undefined where it is none. */
export function parseSize(text: string): Bytes | undefined {
  const [, digits = "", unit = ""] = /^\s*(\d+(?:\.\d+)?) ?(b|k|kb|kib|m|mb|mib)?\s*$/i.exec(text) ?? [];
  if (digits === "") return undefined;
  const scales: Readonly<Record<string, number>> = { k: 1024, m: 1024 * 1024 };
  return Number(digits) * (scales[unit.toLowerCase().charAt(0)] ?? 1);
}
