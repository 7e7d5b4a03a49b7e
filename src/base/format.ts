// Numbers as people read them: counts, bytes, times, addresses. The one place for it, so that a finding, a table and the page
// say the same number in the same way.
import type { Quantity } from "./quantity.ts";
import type { Address, Bytes, Microseconds } from "./units.ts";

/** `1234567` as `1,234,567`; no locale, so that output is the same everywhere. */
export function formatCount(value: number): string {
  const [whole = "", fraction] = String(value).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Exact up to 9,999 B, where an engineer compares with a `sizeof`; then KiB, MiB, GiB with three digits. */
export function formatBytes(bytes: Bytes): string {
  const size = Math.abs(bytes);
  if (size < 10_000) return `${formatCount(bytes)} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = size / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${bytes < 0 ? "-" : ""}${threeDigits(value)} ${units[unit]}`;
}

/** Bytes with all digits, as people compare them with what they see in a log: `163,840 B`. */
export function formatExactBytes(bytes: Bytes): string {
  return `${formatCount(Math.round(bytes))} B`;
}

/** A duration or a time since boot, with about three digits: `850 µs`, `12.5 ms`, `12.3 s`, `3 min 12 s`, `5 h 07 min`, `3 d 04 h`. */
export function formatTime(time: Microseconds): string {
  if (time < 0) return `-${formatTime(-time)}`;
  if (time < 999.5) return `${Math.round(time)} µs`;
  if (time < 999_500) return `${threeDigits(time / 1e3)} ms`;
  if (time < 99.95e6) return `${threeDigits(time / 1e6)} s`;
  const seconds = Math.round(time / 1e6);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`;
}

/** Each of these times so that it differs from the others: as `formatTime` where that is enough, else in seconds with as many digits as it takes. */
export function formatTimes(times: readonly Microseconds[]): readonly string[] {
  const apart = (texts: readonly string[]): boolean => new Set(texts).size === new Set(times).size;
  let texts = times.map(formatTime);
  for (let digits = 1; digits <= 6 && !apart(texts); digits++) {
    texts = times.map((time) => `${(time / 1e6).toFixed(digits)} s`);
  }
  return texts;
}

/** `0x3ffb1234`: eight lower-case digits, as ESP-IDF's own messages print pointers. */
export function formatAddress(address: Address): string {
  return `0x${(address >>> 0).toString(16).padStart(8, "0")}`;
}

/** `1 block`, `2 blocks`, `1,234 blocks`; `plural` for words that do not just take an s. */
export function formatNumberOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `312 blocks`, `312 blocks (300 blocks to 320 blocks)`, `at least 312 blocks`, `~312 blocks`, `unknown`. */
export function formatQuantity(quantity: Quantity, format: (value: number) => string): string {
  switch (quantity.certainty) {
    case "exact":
      return format(quantity.value);
    case "bounded": {
      const { value, lowest, highest } = quantity;
      if (lowest !== undefined && highest !== undefined) {
        return `${format(value)} (${format(lowest)} to ${format(highest)})`;
      }
      if (lowest !== undefined) {
        return lowest === value ? `at least ${format(value)}` : `${format(value)} (${format(lowest)} or more)`;
      }
      return highest === undefined ? `~${format(value)}` : `${format(value)} (${format(highest)} or less)`;
    }
    case "estimated":
      return `~${format(quantity.value)}`;
    case "unknown":
      return "unknown";
  }
}

/** As short as a cell of a table needs it: `~` where the number is not exact. */
export function formatAbout(quantity: Quantity, format: (value: number) => string): string {
  if (quantity.certainty === "unknown") return "?";
  return quantity.certainty === "exact" ? format(quantity.value) : `~${format(quantity.value)}`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
