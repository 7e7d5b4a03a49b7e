// A finding with all its names filled in: what a terminal, a page and a JSON file show of it.
import { formatTime } from "../base/format.ts";
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import type { Finding, FindingBlock, FindingSite, Severity, SiteRole } from "../detect/finding.ts";
import type { Names } from "../detect/names.ts";
import type { ResolvedFrame } from "../heap/types.ts";

/** One station of the story: where, who, when. */
export interface StationView {
  readonly role: SiteRole;
  /** `client.c:120 http_get (buffer)`. */
  readonly where: string;
  readonly file?: string;
  readonly line?: number;
  readonly function?: string;
  readonly variable?: string;
  readonly task?: string;
  readonly time?: Microseconds;
  /** Call stack, innermost first, allocator frames left out. */
  readonly frames: readonly ResolvedFrame[];
}

export interface BlockView {
  readonly address: Address;
  readonly size: Bytes;
  readonly where: string;
  readonly task?: string;
  readonly born?: Microseconds;
}

export interface FindingView {
  /** Counts from 1 in the order of urgency. */
  readonly number: number;
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: number;
  readonly title: string;
  /** Where the finding points to: its first site. */
  readonly where: string;
  readonly stations: readonly StationView[];
  readonly evidence: readonly string[];
  readonly next: string;
  readonly blocks: readonly BlockView[];
  readonly bytes?: Bytes;
  readonly blockCount?: number;
  readonly bytesPerHour?: number;
  readonly since?: Microseconds;
  readonly until?: Microseconds;
  readonly suppressedBy?: NonNullable<Finding["suppressedBy"]>;
  readonly fingerprint: string;
}

export function viewFindings(findings: readonly Finding[], names: Names): readonly FindingView[] {
  return findings.map((finding, index) => {
    const { sites, blocks, ...rest } = finding;
    const stations = sites.map((site) => viewStation(site, names));
    return {
      ...rest,
      number: index + 1,
      where: stations[0]?.where ?? "",
      stations,
      blocks: blocks.map((block) => viewBlock(block, names)),
    };
  });
}

function viewStation({ role, site, task, time }: FindingSite, names: Names): StationView {
  const { text, frames, file, line, function: name, variable } = names.site(site);
  // The probe's own checks have no call site.
  const where = site === 0 && role === "detected" ? "found by a check of the probe" : text;
  return {
    role,
    where,
    frames,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(name !== undefined && { function: name }),
    ...(variable !== undefined && { variable }),
    ...(task !== undefined && { task: names.task(task) }),
    ...(time !== undefined && { time }),
  };
}

function viewBlock({ address, size, site, task, born }: FindingBlock, names: Names): BlockView {
  return {
    address,
    size,
    where: names.site(site).text,
    ...(task !== undefined && { task: names.task(task) }),
    ...(born !== undefined && { born }),
  };
}

/** `at client.c:120 http_get (buffer), by http, at 12.3 s`. */
export function stationSentence({ where, task, time }: StationView): string {
  return [
    where,
    task === undefined ? undefined : `task ${task}`,
    time === undefined ? undefined : `at ${formatTime(time)}`,
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}
