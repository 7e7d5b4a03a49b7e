// How an agent is answered: a few lines, at most 4 KB, which say what was cut and how to get it, and "not known" where that is the truth.
import { formatBytes, formatNumberOf, formatQuantity } from "../../base/format.ts";
import type { Quantity } from "../../base/quantity.ts";
import { safeText } from "../../base/safe-text.ts";
import type { FindingView } from "../../report/finding-view.ts";
import type { SiteView } from "../../report/site-view.ts";

/** Bytes of an answer, its last line included. */
export const MOST_BYTES = 4096;

const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).length;

/** @param rest how to get what does not fit: a tool or a command */
export function fit(lines: readonly string[], rest: string): string {
  const safe = lines.map(safeText);
  const whole = safe.join("\n");
  if (bytesOf(whole) <= MOST_BYTES) return whole;
  const kept: string[] = [];
  const note = (cut: number): string => `[cut to 4 KB: ${formatNumberOf(cut, "line")} left out; all of it: ${rest}]`;
  let size = bytesOf(note(safe.length)) + 1;
  for (const line of safe) {
    const next = bytesOf(line) + 1;
    if (size + next > MOST_BYTES) break;
    kept.push(line);
    size += next;
  }
  return [...kept, note(safe.length - kept.length)].join("\n");
}

export function bytes(quantity: Quantity): string {
  return quantity.certainty === "unknown" ? "not known" : formatQuantity(quantity, formatBytes);
}

export function count(quantity: Quantity, singular: string): string {
  const name = (value: number): string => formatNumberOf(value, singular);
  return quantity.certainty === "unknown" ? `${singular}s not known` : formatQuantity(quantity, name);
}

/** With the whole path, which an agent can open. */
export function placeOf({ text, file, line }: SiteView): string {
  if (file === undefined) return text;
  return `${text} [${file}${line === undefined ? "" : `:${line}`}]`;
}

/** The handle by which other tools know it, and its fingerprint, which is the same in the next run. */
export function findingHead({ number, severity, rule, confidence, title, site }: FindingView): string {
  const where = site === undefined ? "place not known" : placeOf(site);
  return `F${number} ${severity} ${rule} (confidence ${Math.round(confidence * 100) / 100}): ${title}; at ${where}`;
}

export function idLine({ fingerprint }: FindingView): string {
  return `   id ${fingerprint}`;
}
