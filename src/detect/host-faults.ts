// Faults that only the host can see, because it knows the whole history: a free of an address that was never allocated, an
// allocation inside a live block. Only what is proven: after a gap, or where allocations were never tracked, they prove nothing.
// docs/detectors/host-faults.md.
import { formatAddress, formatBytes, formatNumberOf, formatTime } from "../base/format.ts";
import type { Anomaly, BlockTable, RegionState } from "../heap/types.ts";
import { BlockFlag } from "../heap/types.ts";
import { findBlock } from "./block-lookup.ts";
import { blockAt, isInside, type DetectContext } from "./context.ts";
import type { Finding } from "./finding.ts";
import { fingerprint } from "./names.ts";

export async function detectHostFaults(
  context: DetectContext,
  live: BlockTable,
  regions: readonly RegionState[],
): Promise<readonly Finding[]> {
  const anomalies = context.model.tables.anomalies.filter(
    ({ time, explainedByGap }) => !explainedByGap && isInside(context, time),
  );
  const wild = anomalies.filter(({ kind, address }) => kind === "unknown-free" && isWild(address, regions));
  const inside: Anomaly[] = [];
  for (const anomaly of anomalies) {
    if (anomaly.kind !== "unknown-free" || wild.includes(anomaly)) continue;
    const then = await context.model.liveAt(anomaly.time);
    const row = findBlock(then, anomaly.address);
    if (row >= 0 && then.address[row] !== anomaly.address && isCertain(then, row)) inside.push(anomaly);
  }
  const twice = anomalies.filter(({ kind }) => kind === "double-allocation");
  return [
    ...grouped(context, wild, describeWild),
    ...grouped(context, inside, describeInside),
    ...grouped(context, twice, describeTwice),
    ...overlaps(context, live),
  ];
}

/** Outside all heaps that the device has named: a stack, a constant, a random number. It never was a heap block. */
function isWild(address: number, regions: readonly RegionState[]): boolean {
  return regions.length > 0 && !regions.some(({ region }) => address >= region.start && address < region.end);
}

function isCertain(blocks: BlockTable, row: number): boolean {
  return ((blocks.flags[row] ?? 0) & (BlockFlag.UNCERTAIN | BlockFlag.MOVING)) === 0;
}

type Description = Pick<Finding, "rule" | "severity" | "confidence" | "title" | "evidence" | "next">;

function grouped(
  context: DetectContext,
  anomalies: readonly Anomaly[],
  describe: (anomaly: Anomaly, count: number) => Description,
): Finding[] {
  const bySite = new Map<number, Anomaly[]>();
  for (const anomaly of anomalies) {
    const group = bySite.get(anomaly.site);
    if (group === undefined) bySite.set(anomaly.site, [anomaly]);
    else group.push(anomaly);
  }
  return [...bySite.values()].map((group) => {
    const [first] = group as [Anomaly, ...Anomaly[]];
    const description = describe(first, group.length);
    return {
      ...description,
      sites: [{ role: "detected", site: first.site, task: first.task, time: first.time }],
      blocks: [],
      blockCount: group.length,
      since: first.time,
      until: group.at(-1)?.time ?? first.time,
      fingerprint: fingerprint(description.rule, context.names, [first.site]),
    };
  });
}

function describeWild(anomaly: Anomaly, count: number): Description {
  return {
    rule: "wild-free",
    severity: "error",
    confidence: 0.99,
    title: `free of ${formatAddress(anomaly.address)}, which never was a heap block`,
    evidence: [
      `The address lies in none of the device's heap regions: a variable, a constant or a damaged pointer`,
      ...(count > 1 ? [`Happened ${formatNumberOf(count, "time")}`] : []),
    ],
    next: "Free only what an allocation returned; initialize the pointer with NULL",
  };
}

function describeInside(anomaly: Anomaly, count: number): Description {
  return {
    rule: "interior-free",
    severity: "error",
    confidence: 0.95,
    title: `invalid free: ${formatAddress(anomaly.address)} lies inside a live block`,
    evidence: [
      `At ${formatTime(anomaly.time)} the address was freed, but no block begins there and one contains it`,
      ...(count > 1 ? [`Happened ${formatNumberOf(count, "time")}`] : []),
    ],
    next: "Free the pointer that the allocation returned, not one that was moved on",
  };
}

function describeTwice(anomaly: Anomaly, count: number): Description {
  return {
    rule: "double-allocation",
    severity: "warning",
    confidence: 0.6,
    title: `${formatAddress(anomaly.address)} was handed out while its old block still counted as live`,
    evidence: [
      "Either the old block was freed in a way that the probe does not see, or the heap's own lists are damaged",
      ...(count > 1 ? [`Happened ${formatNumberOf(count, "time")} at this place`] : []),
    ],
    next: "Look for an overflow of a block before it; if there is none, check that all frees go through the probe (`memmap report` shows its configuration)",
  };
}

/** Live blocks that share memory. The heap never does that: its lists are damaged, or a free was not seen. */
function overlaps(context: DetectContext, live: BlockTable): Finding[] {
  for (let row = 0; row + 1 < live.length; row++) {
    const end = (live.address[row] ?? 0) + (live.size[row] ?? 0);
    if (end <= (live.address[row + 1] ?? 0) || !isCertain(live, row) || !isCertain(live, row + 1)) continue;
    const [lower, upper] = [blockAt(live, row), blockAt(live, row + 1)];
    const { names } = context;
    return [
      {
        rule: "overlap",
        severity: "warning",
        confidence: 0.6,
        title: `two live blocks share memory: ${formatAddress(lower.address)} (${formatBytes(lower.size)}) and ${formatAddress(upper.address)} (${formatBytes(upper.size)})`,
        evidence: [
          "The heap never hands out memory inside a live block: its lists are damaged, or a free was made in a way that the probe does not see",
        ],
        next: `Look for an overflow near ${names.site(lower.site).text}, then check that all frees go through the probe`,
        sites: [
          { role: "allocated", site: upper.site, ...(upper.task !== undefined && { task: upper.task }) },
          { role: "neighbour", site: lower.site },
        ],
        blocks: [lower, upper],
        until: context.window.to,
        fingerprint: fingerprint("overlap", names, [upper.site, lower.site]),
      },
    ];
  }
  return [];
}
