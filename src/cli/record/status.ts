// What is shown while a recording runs and when it ends: one line of counters, and a summary with the next command to type.
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import type { Bytes, Microseconds } from "../../base/units.ts";
import type { CheckedHeartbeat } from "../../heap/run-records.ts";

export interface RunCounts {
  /** Run time of the last event. */
  readonly time: Microseconds;
  /** Run time of the first, where the board had been running before. */
  readonly joined?: Microseconds | undefined;
  readonly events: number;
  readonly liveBlocks: number;
  readonly liveBytes: Bytes;
  /** Live blocks and bytes are those of a sample, as the probe tracks it. */
  readonly sampled?: boolean;
  readonly faults: number;
  readonly failures: number;
  readonly boots: number;
  /** Frames that are missing in the sequence. */
  readonly lostFrames: number;
  /** Of these, as far as can be told, how many arrived damaged. */
  readonly damagedFrames: number;
  /** The device's last account; undefined before the first. */
  readonly heartbeat: CheckedHeartbeat | undefined;
}

/** The live line. What matters most stands first, as narrow terminals cut it off. */
export function statusLine(counts: RunCounts, eventsPerSecond: number | undefined): string {
  const parts = [
    formatTime(counts.time),
    `${formatBytes(counts.liveBytes)} in ${formatNumberOf(counts.liveBlocks, "block")}${counts.sampled === true ? " of the sample" : ""}`,
    trust(counts),
    eventsPerSecond === undefined ? "" : `${formatCount(Math.round(eventsPerSecond))} events/s`,
    formatNumberOf(counts.faults, "fault"),
  ];
  if (counts.failures > 0) parts.push(formatNumberOf(counts.failures, "failed allocation"));
  if (counts.lostFrames > 0) parts.push(`${formatNumberOf(counts.lostFrames, "frame")} lost`);
  return parts.filter((part) => part !== "").join("  ");
}

/** Whether the reconstruction is proven by the device's own account. */
function trust({ heartbeat }: RunCounts): string {
  if (heartbeat === undefined) return "not verified yet";
  return { verified: "verified", diverged: "DIVERGED", uncertain: "uncertain until the next snapshot" }[
    heartbeat.verdict
  ];
}

/** @returns lines for the end of a recording, the most important first */
export function summaryLines(counts: RunCounts, path: string, fileBytes: Bytes): string[] {
  const { heartbeat } = counts;
  const lines = [
    `recorded ${formatTime(counts.time - (counts.joined ?? 0))}${uptime(counts)}, ${formatNumberOf(counts.events, "event")} into ${path} (${formatBytes(fileBytes)})`,
    `  ${formatNumberOf(counts.liveBlocks, "block")} with ${formatBytes(counts.liveBytes)} live at the end, ${agreement(heartbeat)}`,
  ];
  if (counts.sampled === true) lines.push("  These are the blocks of the sample; every report estimates all of them");
  const reports = [
    counts.faults > 0 ? formatNumberOf(counts.faults, "fault") : "",
    counts.failures > 0 ? formatNumberOf(counts.failures, "failed allocation") : "",
    counts.boots > 1 ? formatNumberOf(counts.boots - 1, "restart") : "",
  ].filter((part) => part !== "");
  if (reports.length > 0) lines.push(`  ${reports.join(", ")}`);
  if (counts.lostFrames > 0) {
    const damaged = counts.damagedFrames > 0 ? ` (${formatCount(counts.damagedFrames)} arrived damaged)` : "";
    lines.push(
      `  ${formatNumberOf(counts.lostFrames, "frame")} lost on the way${damaged}; a faster line or less logging helps`,
    );
  }
  if (heartbeat !== undefined && heartbeat.droppedEvents > 0) {
    lines.push(
      `  ${formatNumberOf(heartbeat.droppedEvents, "event")} dropped by the probe: the line is slower than the program allocates`,
    );
  }
  if (heartbeat !== undefined && heartbeat.tableFull > 0) {
    lines.push(
      `  ${formatNumberOf(heartbeat.tableFull, "allocation")} not tracked because the probe's table was full: raise CONFIG_MEMMAP_TABLE_CAPACITY`,
    );
  }
  return lines;
}

/** What was seen is not how long the board has run. */
function uptime({ time, joined }: RunCounts): string {
  return joined === undefined ? "" : ` of a board that has been running for ${formatTime(time)}`;
}

function agreement(heartbeat: CheckedHeartbeat | undefined): string {
  if (heartbeat === undefined) return "not verified: the device never sent its own account";
  switch (heartbeat.verdict) {
    case "verified":
      return "verified against the device's own account";
    case "diverged":
      return "which differs from the device's own account: treat the numbers with care";
    case "uncertain":
      return "uncertain because history is missing";
  }
}
