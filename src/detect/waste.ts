// Memory and time spent for nothing: allocations that are freed at once in hot paths, small blocks that are mostly header, many equal
// blocks from one place. Advice, never an error. docs/detectors/waste.md.
import { formatBytes, formatCount, formatNumberOf } from "../base/format.ts";
import type { BlockTable, SiteActivity } from "../heap/types.ts";
import type { DetectContext } from "./context.ts";
import type { Finding } from "./finding.ts";
import { fingerprint } from "./names.ts";

/** Findings a kind; the worst are enough to begin with. */
const most = 3;

/** @param skip sites that leak: their blocks are not waste but lost */
export function detectWaste(
  context: DetectContext,
  activity: SiteActivity,
  live: BlockTable,
  skip: ReadonlySet<number>,
): readonly Finding[] {
  return [...temporary(context, activity), ...overhead(context, live, skip), ...equalBlocks(context, live, skip)];
}

/** Freed by the same task's next heap call, often enough to matter: a buffer on the stack or one that is kept would do. */
function temporary(context: DetectContext, activity: SiteActivity): Finding[] {
  const seconds = (activity.window.to - activity.window.from) / 1e6;
  const total = activity.allocations.reduce((sum, count) => sum + count, 0);
  const found: { site: number; count: number; allocations: number }[] = [];
  for (let site = 0; site < activity.sites; site++) {
    const allocations = activity.allocations[site] ?? 0;
    const count = activity.temporary[site] ?? 0;
    if (allocations >= 1000 && count >= 0.9 * allocations && allocations >= 0.05 * total)
      found.push({ site, count, allocations });
  }
  return found
    .sort((a, b) => b.count - a.count)
    .slice(0, most)
    .map(({ site, count, allocations }) => {
      const average = (activity.allocatedBytes[site] ?? 0) / allocations;
      return {
        rule: "temporary-allocations",
        severity: "note",
        confidence: 0.9,
        title: `${formatCount(count)} of ${formatNumberOf(allocations, "allocation")} are freed by the very next heap call`,
        evidence: [
          `${(allocations / Math.max(seconds, 1e-6)).toFixed(0)} a second, ${((allocations / total) * 100).toFixed(0)} % of all allocations, ${formatBytes(Math.round(average))} each on average`,
        ],
        next:
          average <= 512
            ? "Use a buffer on the stack, or keep one buffer"
            : "Keep one buffer instead of allocating it each time",
        sites: [{ role: "allocated", site }],
        blocks: [],
        blockCount: allocations,
        bytes: activity.temporaryBytes[site] ?? 0,
        fingerprint: fingerprint("temporary-allocations", context.names, [site]),
      };
    });
}

/** What TLSF takes for a request on a 32-bit chip: at least 12 bytes, a multiple of 4, and a header of 4. */
export function blockBytes(size: number): number {
  return Math.max(12, Math.ceil(size / 4) * 4) + 4;
}

function overhead(context: DetectContext, live: BlockTable, skip: ReadonlySet<number>): Finding[] {
  const bySite = new Map<number, { blocks: number; bytes: number; waste: number }>();
  for (let row = 0; row < live.length; row++) {
    const size = live.size[row] ?? 0;
    const site = live.site[row] ?? 0;
    const entry = bySite.get(site) ?? { blocks: 0, bytes: 0, waste: 0 };
    entry.blocks++;
    entry.bytes += size;
    entry.waste += blockBytes(size) - size;
    bySite.set(site, entry);
  }
  return [...bySite]
    .filter(([site, { bytes, waste }]) => !skip.has(site) && waste >= 2048 && waste >= 0.5 * bytes)
    .sort(([, a], [, b]) => b.waste - a.waste)
    .slice(0, most)
    .map(([site, { blocks, bytes, waste }]) => ({
      rule: "block-overhead",
      severity: "note" as const,
      confidence: 0.9,
      title: `${formatNumberOf(blocks, "small block")} waste ${formatBytes(waste)}: headers and rounding for ${formatBytes(bytes)} of data`,
      evidence: [`A block takes at least 16 bytes; these ask for ${(bytes / blocks).toFixed(1)} on average`],
      next: "Put them into one array or allocate several at a time",
      sites: [{ role: "allocated" as const, site }],
      blocks: [],
      bytes: waste,
      blockCount: blocks,
      fingerprint: fingerprint("block-overhead", context.names, [site]),
    }));
}

function equalBlocks(context: DetectContext, live: BlockTable, skip: ReadonlySet<number>): Finding[] {
  const groups = new Map<string, { site: number; size: number; blocks: number }>();
  for (let row = 0; row < live.length; row++) {
    const size = live.size[row] ?? 0;
    const site = live.site[row] ?? 0;
    const key = `${site}:${size}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { site, size, blocks: 1 });
    else group.blocks++;
  }
  return [...groups.values()]
    .filter(({ site, size, blocks }) => !skip.has(site) && blocks >= 100 && size * blocks >= 4096)
    .sort((a, b) => b.blocks * b.size - a.blocks * a.size)
    .slice(0, most)
    .map(({ site, size, blocks }) => ({
      rule: "equal-blocks",
      severity: "note" as const,
      confidence: 0.8,
      title: `${formatCount(blocks)} live blocks of ${formatBytes(size)} each come from one place`,
      evidence: [
        `One pool would save ${formatBytes(blocks * (blockBytes(size) - size))} of headers and keep them from splitting the heap`,
      ],
      next: "Allocate a pool once and hand out its entries; share entries with the same content",
      sites: [{ role: "allocated" as const, site }],
      blocks: [],
      bytes: size * blocks,
      blockCount: blocks,
      fingerprint: `${fingerprint("equal-blocks", context.names, [site])}|${size}`,
    }));
}
