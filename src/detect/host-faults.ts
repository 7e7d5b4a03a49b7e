// Faults that only the host can see, because it knows the whole history: a free of an address that was never allocated or was freed long
// ago, an allocation that shares memory with a live block. Only what is proven: after a gap, or where allocations were never tracked, they
// prove nothing. docs/detectors/host-faults.md.
import { greatest, smallest } from "../base/values.ts";
import { formatAddress, formatBytes, formatNumberOf, formatTime } from "../base/format.ts";
import type { Anomaly } from "../heap/run-records.ts";
import type { RegionState } from "../heap/types.ts";
import { Configuration } from "../wire/protocol.ts";
import type { Overlap, UnknownFree } from "./address-watch.ts";
import { isInside, type DetectContext } from "./context.ts";
import type { Detector, Inputs } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding, FindingBlock, FindingSite } from "./finding.ts";
import { fingerprint } from "./names.ts";

const rules = {
  "wild-free": Urgency.MISUSE,
  "interior-free": Urgency.MISUSE,
  "double-free": Urgency.MISUSE,
  "realloc-after-free": Urgency.MISUSE,
  "double-allocation": Urgency.CONTRADICTION,
  overlap: Urgency.CONTRADICTION,
} as const;
type Rule = keyof typeof rules;

export const hostFaults = {
  name: "host faults",
  page: "host-faults",
  group: "faults",
  rules,
  needs: ["addresses"],
  detect: detectHostFaults,
} as const satisfies Detector<Rule, "addresses">;

/** Frees that the device could not judge, in the order of their times: those that an AddressWatch must look at. */
export function unknownFrees(context: DetectContext): readonly Anomaly[] {
  return anomaliesOf(context, "unknown-free").filter(({ address }) => !isWild(address, context.regions));
}

async function detectHostFaults({
  addresses: watch,
  ...context
}: Inputs<"addresses">): Promise<readonly Finding<Rule>[]> {
  const all = await seesEverything(context);
  const wild = anomaliesOf(context, "unknown-free").filter(({ address }) => isWild(address, context.regions));
  const inside = watch.unknownFrees.filter((free): free is FreeInside => free.inside !== undefined);
  // Where some allocations are not tracked, one of them may have got the address in between.
  const again = watch.unknownFrees.filter(
    (free): free is FreeAgain => all && free.inside === undefined && free.before !== undefined,
  );
  const story = (one: Story): Finding<Rule> => tell(context, one);
  return [
    ...groupBy(wild, ({ site }) => site).map((group) => story(wildFree(group))),
    ...groupBy(inside, ({ anomaly }) => anomaly.site).map((group) => story(interiorFree(context, group, all))),
    ...groupBy(again, ({ anomaly }) => anomaly.site).map((group) => story(lateDoubleFree(context, group))),
    ...groupBy(anomaliesOf(context, "double-allocation"), ({ site }) => site).map((group) => story(twice(group))),
    ...groupBy(watch.overlaps, ({ fresh, old }) => `${fresh.site}/${old.site}`).map((group) =>
      story(overlap(context, group)),
    ),
  ];
}

/** Whether the probe tracks every allocation: the linker or ESP-IDF's hooks bring it all of them, it samples none out, and its table had room. */
async function seesEverything({ model, window }: DetectContext): Promise<boolean> {
  const boot = model.tables.boots.findLast(({ startedAt }) => startedAt <= window.to);
  if (boot === undefined) return false;
  const isWhole = (boot.configuration & (Configuration.INTERPOSITION | Configuration.HOOKS)) !== 0;
  const last = (await model.heartbeats(window)).at(-1);
  return isWhole && boot.sampleInterval === 1 && (last === undefined || last.tableFull === 0);
}

function anomaliesOf(context: DetectContext, kind: Anomaly["kind"]): readonly Anomaly[] {
  return context.model.tables.anomalies.filter(
    (anomaly) => anomaly.kind === kind && !anomaly.explainedByGap && isInside(context, anomaly.time),
  );
}

/** Outside all heaps that the device has named: a stack, a constant, a random number. It never was a heap block. */
function isWild(address: number, regions: readonly RegionState[]): boolean {
  return regions.length > 0 && !regions.some(({ region }) => address >= region.start && address < region.end);
}

type FreeInside = UnknownFree & Required<Pick<UnknownFree, "inside">>;
type FreeAgain = UnknownFree & Required<Pick<UnknownFree, "before">>;

type Group<T> = readonly [T, ...T[]];

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | number): readonly Group<T>[] {
  const groups = new Map<string | number, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** What differs from one rule to the next. */
type Story = Pick<Finding<Rule>, "rule" | "severity" | "confidence" | "title" | "evidence" | "next" | "sites"> & {
  readonly blocks?: readonly FindingBlock[];
  readonly times: readonly number[];
};

function tell({ names }: DetectContext, { times, blocks = [], evidence, ...story }: Story): Finding<Rule> {
  const happened = times.length > 1 ? [`Happened ${formatNumberOf(times.length, "time")} at this place`] : [];
  return {
    ...story,
    evidence: [...evidence, ...happened],
    blocks,
    blockCount: times.length,
    since: smallest(times),
    until: greatest(times),
    fingerprint: fingerprint(
      story.rule,
      names,
      story.sites.map(({ site }) => site),
    ),
  };
}

function place(role: FindingSite["role"], { site, task, time }: Anomaly): FindingSite {
  return { role, site, task, time };
}

function allocated(block: FindingBlock): FindingSite {
  return { role: "allocated", site: block.site, ...(block.task !== undefined && { task: block.task }) };
}

function wildFree(group: Group<Anomaly>): Story {
  const [first] = group;
  return {
    rule: "wild-free",
    severity: "error",
    confidence: 0.99,
    title: `free of ${formatAddress(first.address)}, which never was a heap block`,
    evidence: ["The address lies in none of the device's heap regions: a variable, a constant or a damaged pointer"],
    next: "Free only what an allocation returned; initialize the pointer with NULL",
    sites: [place("detected", first)],
    times: group.map(({ time }) => time),
  };
}

function interiorFree({ names }: DetectContext, group: Group<FreeInside>, all: boolean): Story {
  const [{ anomaly, inside: block }] = group;
  return {
    rule: "interior-free",
    severity: all ? "error" : "warning",
    confidence: all ? 0.95 : 0.6,
    title: `invalid free: ${formatAddress(anomaly.address)} lies inside a live block`,
    evidence: [
      `The block begins ${formatBytes(anomaly.address - block.address)} before it, at ${formatAddress(block.address)} (${formatBytes(block.size)}, from ${names.site(block.site).text})`,
      ...(all
        ? []
        : [
            "Not every allocation is tracked here: the block may have been freed unseen, and the address handed out again",
          ]),
    ],
    next: `Free the pointer that the allocation returned, not one that was moved on${all ? "" : ". To be surer, record with all allocations tracked: interposition or hooks, no sampling"}`,
    sites: [place("detected", anomaly), allocated(block)],
    blocks: [block],
    times: group.map((free) => free.anomaly.time),
  };
}

/** The device has forgotten the first free; the host has not. */
function lateDoubleFree({ names }: DetectContext, group: Group<FreeAgain>): Story {
  const [{ anomaly, before: block }] = group;
  const how = block.moved ? "moved elsewhere by realloc" : "freed";
  const what = names.site(block.site).variable;
  return {
    rule: block.moved ? "realloc-after-free" : "double-free",
    severity: "warning",
    confidence: 0.8,
    title: `${formatAddress(anomaly.address)} was freed again ${formatTime(anomaly.time - block.freedAt)} after its block had been ${how}`,
    evidence: [
      `A block of ${formatBytes(block.size)} was there until ${formatTime(block.freedAt)}; no tracked allocation has got the address since, and the probe had forgotten it`,
      "The other explanation: an allocation that the probe does not see",
    ],
    next: `Set ${what === undefined ? "the pointer" : `\`${what}\``} to NULL where its block is ${block.moved ? "reallocated: only the new pointer is valid" : "freed first"}. To be surer, record with a larger quarantine: the probe then sees the second free itself`,
    sites: [
      allocated(block),
      { role: "freed", site: block.freeSite, task: block.freeTask, time: block.freedAt },
      place("freed again", anomaly),
    ],
    times: group.map((free) => free.anomaly.time),
  };
}

function twice(group: Group<Anomaly>): Story {
  const [first] = group;
  return {
    rule: "double-allocation",
    severity: "warning",
    confidence: 0.6,
    title: `${formatAddress(first.address)} was handed out while its old block still counted as live`,
    evidence: [
      "Either the old block was freed in a way that the probe does not see, or the heap's own lists are damaged",
    ],
    next: "Look for an overflow of a block before it. To be surer, check that all frees go through the probe (`memmap report` shows its configuration)",
    sites: [place("detected", first)],
    times: group.map(({ time }) => time),
  };
}

function overlap({ names }: DetectContext, group: Group<Overlap>): Story {
  const [{ time, fresh, old }] = group;
  const shared = Math.min(fresh.address + fresh.size, old.address + old.size) - Math.max(fresh.address, old.address);
  const how = fresh.address < old.address ? "reaches into" : shared === fresh.size ? "lies inside" : "begins inside";
  return {
    rule: "overlap",
    severity: "warning",
    confidence: 0.6,
    title: `a new block of ${formatBytes(fresh.size)} at ${formatAddress(fresh.address)} ${how} a live one: ${formatBytes(shared)} belong to both`,
    evidence: [
      `The other is at ${formatAddress(old.address)} (${formatBytes(old.size)}, from ${names.site(old.site).text}${old.born === undefined ? "" : `, since ${formatTime(old.born)}`})`,
      "The heap never hands out memory of a live block: its lists are damaged, or a free was made in a way that the probe does not see",
    ],
    next: `Look for an overflow near ${names.site(old.site).text}. To be surer, check that all frees go through the probe`,
    sites: [
      { ...allocated(fresh), time },
      { role: "neighbour", site: old.site },
    ],
    blocks: [fresh, old],
    times: group.map((one) => one.time),
  };
}
