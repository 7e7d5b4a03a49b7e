// Memory and time spent for nothing: allocations that are freed at once in hot paths, places that keep the allocator busy, small blocks that
// are mostly header, many equal blocks from one place. Advice, never an error. docs/detectors/waste.md.
import { valueAt } from "../base/values.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../base/format.ts";
import { takenBytes } from "../heap/regions.ts";
import { LIFETIME_BUCKETS, type SiteActivity } from "../heap/types.ts";
import { sitesOf, type DetectContext } from "./context.ts";
import { sitesLost, type Detector, type Inputs } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import { redZoneAt } from "./failures.ts";
import type { Finding } from "./finding.ts";
import { fingerprint } from "./names.ts";
import { lifetimeQuantile } from "./statistics/lifetimes.ts";

/** Findings a kind; the worst are enough to begin with. */
const MOST = 3;

const rules = {
  "temporary-allocations": Urgency.WASTE,
  churn: Urgency.WASTE,
  "block-overhead": Urgency.WASTE,
  "equal-blocks": Urgency.WASTE,
} as const;
type Rule = keyof typeof rules;

export const waste = {
  name: "waste",
  page: "waste",
  group: "advice",
  rules,
  needs: ["activity", "leaks"],
  detect: detectWaste,
} as const satisfies Detector<Rule, "activity" | "leaks">;

function detectWaste({ activity, leaks, ...context }: Inputs<"activity" | "leaks">): readonly Finding<Rule>[] {
  // What leaks is not wasted but lost.
  const skip = sitesLost(leaks);
  const hot = temporary(context, activity);
  return [
    ...hot,
    ...churn(context, activity, new Set([...skip, ...sitesOf(hot)])),
    ...overhead(context, skip),
    ...equalBlocks(context, skip),
  ];
}

/** Freed by the same task's next heap call, often enough to matter: a buffer on the stack or one that is kept would do. */
function temporary(context: DetectContext, activity: SiteActivity): Finding<Rule>[] {
  const seconds = (activity.window.to - activity.window.from) / 1e6;
  const total = activity.allocations.reduce((sum, count) => sum + count, 0);
  const found: { site: number; count: number; allocations: number }[] = [];
  for (let site = 0; site < activity.sites; site++) {
    const allocations = valueAt(activity.allocations, site);
    const count = valueAt(activity.temporaryAllocations, site);
    if (allocations >= 1000 && count >= 0.9 * allocations && allocations >= 0.05 * total)
      found.push({ site, count, allocations });
  }
  return found
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST)
    .map(({ site, count, allocations }) => {
      const average = valueAt(activity.allocatedBytes, site) / allocations;
      return {
        rule: "temporary-allocations",
        severity: "note",
        confidence: 0.9,
        title: `${formatCount(count)} of ${formatNumberOf(allocations, "allocation")} are freed by the very next heap call`,
        evidence: [
          `${rateText(allocations, seconds)}, ${((allocations / total) * 100).toFixed(0)} % of all allocations, ${formatBytes(Math.round(average))} each on average`,
        ],
        next:
          average <= 512
            ? "Use a buffer on the stack, or keep one buffer"
            : "Keep one buffer instead of allocating it each time",
        sites: [{ role: "allocated", site }],
        blocks: [],
        blockCount: allocations,
        bytes: valueAt(activity.temporaryBytes, site),
        fingerprint: fingerprint("temporary-allocations", context.names, [site]),
      };
    });
}

/** `240 a second`, `3.1 a second`, `one every 2.40 s`. */
function rateText(count: number, seconds: number): string {
  const perSecond = count / Math.max(seconds, 1e-6);
  if (perSecond < 1) return `one every ${formatTime(1e6 / perSecond)}`;
  return `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} a second`;
}

/** Allocations a second at one place from which on they are worth a thought, and their share of all. */
const BUSY_RATE = 100;
const BUSY_SHARE = 0.25;
/** How often each block of a pool that is as large as ever needed would be used. */
const TURNOVER = 50;

/** Blocks that come and go all the time at one place, in numbers that a pool could hold. */
function churn(context: DetectContext, activity: SiteActivity, skip: ReadonlySet<number>): Finding<Rule>[] {
  const seconds = Math.max((activity.window.to - activity.window.from) / 1e6, 1e-6);
  const total = activity.allocations.reduce((sum, count) => sum + count, 0);
  const found: { site: number; allocations: number; average: number; atOnce: number }[] = [];
  for (let site = 0; site < activity.sites; site++) {
    const allocations = valueAt(activity.allocations, site);
    const isFreed = valueAt(activity.frees, site) >= 0.9 * allocations;
    if (skip.has(site) || allocations < 1000 || !isFreed) continue;
    const average = valueAt(activity.allocatedBytes, site) / allocations;
    const atOnce = Math.ceil(valueAt(activity.peakBytes, site) / Math.max(1, average));
    if (allocations < Math.max(BUSY_SHARE * total, BUSY_RATE * seconds, TURNOVER * atOnce)) continue;
    found.push({ site, allocations, average, atOnce });
  }
  return found
    .sort((a, b) => b.allocations - a.allocations)
    .slice(0, MOST)
    .map(({ site, allocations, average, atOnce }) => {
      const lives = activity.lifetimes.subarray(site * LIFETIME_BUCKETS, (site + 1) * LIFETIME_BUCKETS);
      return {
        rule: "churn",
        severity: "note" as const,
        confidence: 0.8,
        title: `${((allocations / total) * 100).toFixed(0)} % of all allocations come from one place: ${rateText(allocations, seconds)}`,
        evidence: [
          `${formatNumberOf(allocations, "block")} of ${formatBytes(Math.round(average))} on average, half of them freed within ${formatTime(lifetimeQuantile(lives, 0.5))}`,
          `Never more than about ${formatNumberOf(atOnce, "block")} (${formatBytes(valueAt(activity.peakBytes, site))}) were live at once`,
        ],
        next: "Keep that many blocks in a pool and use them again",
        sites: [{ role: "allocated" as const, site }],
        blocks: [],
        blockCount: allocations,
        bytes: valueAt(activity.allocatedBytes, site),
        fingerprint: fingerprint("churn", context.names, [site]),
      };
    });
}

interface Overhead {
  blocks: number;
  measured: number;
  bytes: number;
  waste: number;
}

function overhead(context: DetectContext, skip: ReadonlySet<number>): Finding<Rule>[] {
  const { live } = context;
  const bySite = new Map<number, Overhead>();
  const redZone = redZoneAt(context.model, context.window.to);
  for (let row = 0; row < live.length; row++) {
    const size = valueAt(live.size, row);
    const site = valueAt(live.site, row);
    let entry = bySite.get(site);
    if (entry === undefined) bySite.set(site, (entry = { blocks: 0, measured: 0, bytes: 0, waste: 0 }));
    const taken = takenBytes(live, row, redZone);
    entry.blocks++;
    if (taken.measured) entry.measured++;
    entry.bytes += size;
    // Red zones are the probe's, not the program's: they count neither as data nor as waste.
    entry.waste += taken.bytes - size - redZone;
  }
  return [...bySite]
    .filter(([site, { bytes, waste }]) => !skip.has(site) && waste >= 2048 && waste >= 0.5 * bytes)
    .sort(([, a], [, b]) => b.waste - a.waste)
    .slice(0, MOST)
    .map(([site, { blocks, measured, bytes, waste }]) => ({
      rule: "block-overhead",
      severity: "note" as const,
      confidence: 0.9,
      title: `${formatNumberOf(blocks, "small block")} waste ${formatBytes(waste)}: headers and rounding for ${formatBytes(bytes)} of data`,
      evidence: [
        `They ask for ${(bytes / blocks).toFixed(1)} bytes on average and take ${((bytes + waste) / blocks).toFixed(1)}; the least that a block takes are 16`,
        measured === blocks
          ? "Measured by the blocks that follow them"
          : `Measured for ${formatCount(measured)} of them by the blocks that follow, estimated by the allocator's rules for the others`,
      ],
      next: "Put them into one array or allocate several at a time",
      sites: [{ role: "allocated" as const, site }],
      blocks: [],
      bytes: waste,
      blockCount: blocks,
      fingerprint: fingerprint("block-overhead", context.names, [site]),
    }));
}

/** Blocks younger than this share of the window may be a burst, gone in a moment. */
const STANDING_SHARE = 0.05;

function equalBlocks(context: DetectContext, skip: ReadonlySet<number>): Finding<Rule>[] {
  const { live } = context;
  const { from, to } = context.window;
  const latest = to - STANDING_SHARE * (to - from);
  const groups = new Map<string, { site: number; size: number; blocks: number; taken: number }>();
  const redZone = redZoneAt(context.model, context.window.to);
  for (let row = 0; row < live.length; row++) {
    const size = valueAt(live.size, row);
    const site = valueAt(live.site, row);
    if (valueAt(live.origin, row) > latest) continue;
    const key = `${site}:${size}`;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { site, size, blocks: 0, taken: 0 }));
    group.blocks++;
    group.taken += takenBytes(live, row, redZone).bytes - redZone;
  }
  return [...groups.values()]
    .filter(({ site, size, blocks }) => !skip.has(site) && blocks >= 100 && size * blocks >= 4096)
    .sort((a, b) => b.blocks * b.size - a.blocks * a.size)
    .slice(0, MOST)
    .map(({ site, size, blocks, taken }) => ({
      rule: "equal-blocks",
      severity: "note" as const,
      confidence: 0.8,
      title: `${formatCount(blocks)} live blocks of ${formatBytes(size)} each come from one place`,
      evidence: [
        `One pool would save ${formatBytes(taken - blocks * size)} of headers and rounding, and keep them from splitting the heap`,
        "They are equal in size and place; their contents are not known here",
      ],
      next: "Allocate a pool once and hand out its entries; if contents repeat (names, certificates), share them",
      sites: [{ role: "allocated" as const, site }],
      blocks: [],
      bytes: size * blocks,
      blockCount: blocks,
      fingerprint: `${fingerprint("equal-blocks", context.names, [site])}|${size}`,
    }));
}
