// A finding with all its names filled in: what a terminal, a page and a JSON file show of it.
import { formatTime } from "../base/format.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import type { Group } from "../detect/detector.ts";
import type { FoundFinding, Rule } from "../detect/detectors.ts";
import type { FindingBlock, FindingSite, Severity, SiteRole } from "../detect/finding.ts";
import type { Names } from "../detect/names.ts";
import type { Detection } from "../detect/run.ts";
import { viewFrame, viewSite, type BlockView, type FrameView, type SiteView } from "./site-view.ts";

/** One station of the story: where, who, when. */
export interface StationView {
  readonly role: SiteRole;
  readonly site: SiteView;
  readonly task?: string;
  readonly time?: Microseconds;
  /** Call stack, innermost first, allocator frames left out. */
  readonly frames: readonly FrameView[];
  /** Index in it of the place, where it is not the first: frames before it are those of the library through which it went, those behind it called it. */
  readonly place?: number;
}

/** Expected, and why. */
export interface SuppressionView {
  readonly pattern: string;
  readonly reason: string;
  /** The file that says so; "memmap" for those that memmap ships. */
  readonly source: string;
}

/** A 90 % interval of time; without an end where `latest` is missing. */
export interface ExpectedView {
  readonly earliest: Microseconds;
  readonly likely: Microseconds;
  readonly latest?: Microseconds;
}

/** A line of a console log. */
export interface LogLineView {
  /** From 1. */
  readonly line: number;
  readonly quote: string;
}

/** Something that is wrong, or that would be better otherwise. */
export interface FindingView {
  /** Counts from 1 in the order of urgency. */
  readonly number: number;
  /** Stable name, as in docs/detectors: `leak`, `double-free`, `overflow` … */
  readonly rule: Rule;
  /** Of what kind it is. */
  readonly group: Group;
  readonly severity: Severity;
  /** How often such a finding is right, 0 to 1; 1 is proof. */
  readonly confidence: number;
  /** One plain sentence without a full stop: what is wrong, how much. */
  readonly title: string;
  /** Where the finding points to: the site of its first station. */
  readonly site?: SiteView;
  /** In the order of the story: allocated, freed, freed again. */
  readonly stations: readonly StationView[];
  /** Sentences that show why this is believed, strongest first. */
  readonly evidence: readonly string[];
  /** One sentence: what to do next. */
  readonly next: string;
  /** Some of the blocks, largest or oldest first. */
  readonly blocks: readonly BlockView[];
  /** Where a console log tells it: the line, from 1, and its words. */
  readonly log?: LogLineView;
  /** Held or damaged, and in how many blocks. */
  readonly affectedBytes?: Bytes;
  readonly affectedBlocks?: number;
  readonly bytesPerHour?: Bytes;
  /** When it began and when it was last seen. */
  readonly since?: Microseconds;
  readonly until?: Microseconds;
  /** Then it is a note, and counts nowhere. */
  readonly suppressedBy?: SuppressionView;
  /** When it will happen, in microseconds after `until`. */
  readonly expected?: ExpectedView;
  /** The same fault in another run of the same code has the same fingerprint. */
  readonly fingerprint: string;
}

export function viewFindings({ findings, names }: Detection): readonly FindingView[] {
  return findings.map((finding, index) => viewFinding(finding, index + 1, names));
}

function viewFinding(finding: FoundFinding, number: number, names: Names): FindingView {
  const { sites, blocks, bytes, blockCount, ...rest } = finding;
  const stations = sites.map((site) => viewStation(site, names));
  return {
    number,
    ...rest,
    stations,
    ...(stations[0] !== undefined && { site: stations[0].site }),
    blocks: blocks.map((block) => viewBlock(block, names)),
    ...(bytes !== undefined && { affectedBytes: bytes }),
    ...(blockCount !== undefined && { affectedBlocks: blockCount }),
  };
}

function viewStation({ role, site, task, time, otherwise, frame }: FindingSite, names: Names): StationView {
  const view = viewSite(names, site);
  const { frames, callers } = names.site(site);
  const place = frame ?? Math.max(0, frames.length - callers.length);
  // The probe's own checks have no call site.
  const text = site === 0 && role === "detected" ? "found by a check of the probe" : view.text;
  return {
    role,
    site: { ...view, text: otherwise ?? text },
    frames: frames.map(viewFrame),
    ...(place > 0 && { place }),
    ...(task !== undefined && { task: names.task(task) }),
    ...(time !== undefined && { time }),
  };
}

function viewBlock({ address, size, site, task, born }: FindingBlock, names: Names): BlockView {
  return {
    address,
    size,
    site: viewSite(names, site),
    ...(task !== undefined && { task: names.task(task) }),
    ...(born !== undefined && { born }),
  };
}

/** `at client.c:120 http_get (buffer), by http, at 12.3 s`. */
export function stationSentence({ site, task, time }: StationView): string {
  return [
    site.text,
    task === undefined ? undefined : `task ${task}`,
    time === undefined ? undefined : `at ${formatTime(time)}`,
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}
