// What every form of a verdict says alike: of which run it is, and whether the run tells of blocks at all.
import { formatCount, formatTime } from "../base/format.ts";
import type { VerdictView } from "./verdict.ts";

/** How much of what was looked at: "3 min 1 s of demo 1.2 on ESP32-S3 (ESP-IDF v5.4)", "3,000 starts of gate", "console log". */
export function runOf({ window, device, coverage }: Pick<VerdictView, "window" | "device" | "coverage">): string {
  const length = window.to - window.from;
  const { appName, appVersion, chip, idfVersion, origin = "a run" } = device;
  const known = [
    appName,
    appName === undefined ? undefined : appVersion,
    chip === undefined ? undefined : `on ${chip.toUpperCase()}`,
    idfVersion === undefined ? undefined : `(ESP-IDF ${idfVersion})`,
  ].filter((word) => word !== undefined);
  const name = known.length === 0 ? origin : known.join(" ").replace(/^on /, "");
  if (coverage.briefBoots !== undefined) return `${formatCount(coverage.boots)} starts of ${name}`;
  // Less than a microsecond: a few cycles, or a log that tells no time.
  return length < 1 ? name : `${formatTime(length)} of ${name}`;
}

/** False for a log that tells of no single block: its totals are not known. */
export function tellsBlocks({ totals }: Pick<VerdictView, "totals">): boolean {
  return totals.liveBlocks.certainty !== "unknown" || totals.allocations.certainty !== "unknown";
}
