// What a heap says of damage that it finds: ESP-IDF's CORRUPT HEAP lines, and the poison around the blocks of the ESP8266's umm_malloc.

import type { IncidentKind } from "../wire/log-records.ts";
import type { IncidentDraft } from "./incident-book.ts";
import { CORRUPT } from "../symbols/log/last-words.ts";
import { DAMAGED, FREE_ALREADY, UNPOISONED } from "./crash-wordings.ts";

/** With which umm_malloc surrounds its blocks. */
const UMM_POISON = 0xa5a5a5a5;

const KINDS: Readonly<Record<string, IncidentKind>> = { "bad head": "bad-head", "bad tail": "bad-tail" };

/** Undefined where a line tells of none. What a block's canary should be is told where a canary is what was found damaged. */
export function damageIn(
  text: string,
): Pick<IncidentDraft, "kind" | "address" | "expected" | "found" | "foundBytes" | "detail"> | undefined {
  const damaged = DAMAGED.exec(text);
  if (damaged !== null) {
    const [, what = "", address = "", expected = "", found = ""] = damaged;
    return {
      kind: KINDS[what.toLowerCase()] ?? "write-after-free",
      address: Number.parseInt(address, 16),
      expected: Number.parseInt(expected, 16),
      found: Number.parseInt(found, 16),
      foundBytes: Math.min(4, Math.ceil(found.length / 2)),
    };
  }
  const unpoisoned = UNPOISONED.exec(text);
  if (unpoisoned !== null) {
    const [, side, address, data = ""] = unpoisoned;
    const bytes = (data.match(/0x[0-9a-f]{2}/gi) ?? []).slice(0, 4).map(Number);
    return {
      kind: side === "before" ? "bad-head" : "bad-tail",
      address: Number(address),
      expected: UMM_POISON,
      // Bytes that the line does not show are taken for untouched.
      found: bytes.reduce((word, byte, i) => word + (byte - 0xa5) * 2 ** (8 * i), UMM_POISON),
      foundBytes: 4,
    };
  }
  const free = FREE_ALREADY.exec(text);
  if (free !== null) return { kind: "double-free", detail: free[0], address: Number(free[1]) };
  const detail = CORRUPT.exec(text)?.[1];
  if (detail === undefined) return undefined;
  const address = /(?:at|detected at) (?:0x)?([0-9a-f]{6,8})\b/i.exec(detail)?.[1];
  return {
    kind: "heap-metadata",
    detail,
    ...(address === undefined ? {} : { address: Number.parseInt(address, 16) }),
  };
}
