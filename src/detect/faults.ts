// Faults that the probe has proven: turns each report into a finding that tells the whole story. The same fault in a loop is one
// finding with a count. docs/detectors/faults.md.
import { formatAddress, formatBytes, formatNumberOf, formatTime } from "../base/format.ts";
import type { BlockTable } from "../heap/types.ts";
import type { Fault } from "../wire/records.ts";
import { faultName } from "../wire/fault-name.ts";
import { FaultKind } from "../wire/protocol.ts";
import { findBlock, nextBlock, previousBlock } from "./block-lookup.ts";
import { blockAt, isInside, type DetectContext } from "./context.ts";
import { describeDamage, readDamage } from "./damage.ts";
import type { Detector } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding, FindingBlock, FindingSite, SiteRole } from "./finding.ts";
import { fingerprint, type SiteName } from "./names.ts";

const rules = {
  "double-free": Urgency.MISUSE,
  "interior-free": Urgency.MISUSE,
  "realloc-after-free": Urgency.MISUSE,
  overflow: Urgency.DAMAGE,
  underflow: Urgency.DAMAGE,
  "write-after-free": Urgency.DAMAGE,
} as const;
type Rule = keyof typeof rules;

export const faults = {
  name: "faults",
  page: "faults",
  group: "faults",
  rules,
  needs: [],
  detect: detectFaults,
} as const satisfies Detector<Rule, never>;

async function detectFaults(context: DetectContext): Promise<readonly Finding<Rule>[]> {
  const groups = new Map<string, Fault[]>();
  for (const fault of context.model.tables.faults) {
    if (!isInside(context, fault.time)) continue;
    const key = fingerprint(
      faultName(fault.kind),
      context.names,
      sitesOf(fault).map(({ site }) => site),
    );
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fault]);
    else group.push(fault);
  }
  const findings: Finding<Rule>[] = [];
  for (const [key, group] of groups) findings.push(await describe(context, key, group));
  return findings;
}

async function describe(context: DetectContext, key: string, group: readonly Fault[]): Promise<Finding<Rule>> {
  const [fault] = group as readonly [Fault];
  const live = await context.model.liveAt(fault.time);
  const neighbour = neighbourOf(fault, live);
  const sites = sitesOf(fault);
  const name = context.names.site(fault.allocSite ?? 0);
  const block: FindingBlock = {
    address: fault.blockAddress,
    size: fault.blockSize,
    site: fault.allocSite ?? 0,
    ...(fault.allocTask !== undefined && { task: fault.allocTask }),
  };
  if (neighbour !== undefined) sites.push({ role: "neighbour", site: neighbour.site });
  return {
    rule: faultName(fault.kind),
    severity: "error",
    confidence: 1,
    title: titleOf(fault),
    evidence: [...story(context, fault, live, neighbour), ...repeated(group)],
    next: nextStep(context, fault, name),
    sites,
    blocks: neighbour === undefined ? [block] : [block, neighbour],
    bytes: fault.damageLength ?? fault.blockSize,
    blockCount: group.length,
    since: fault.time,
    until: group.at(-1)?.time ?? fault.time,
    fingerprint: key,
  };
}

function sitesOf(fault: Fault): FindingSite[] {
  const sites: FindingSite[] = [];
  const add = (role: SiteRole, site: number | undefined, task: number | undefined, time: number | undefined): void => {
    if (site === undefined && task === undefined && time === undefined) return;
    sites.push({ role, site: site ?? 0, ...(task !== undefined && { task }), ...(time !== undefined && { time }) });
  };
  add("allocated", fault.allocSite, fault.allocTask, undefined);
  add("freed", fault.freeSite, fault.freeTask, fault.freeTime);
  const last = fault.kind === FaultKind.DOUBLE_FREE ? "freed again" : "detected";
  add(last, fault.detectedSite ?? 0, fault.task, fault.time);
  return sites;
}

/** The live block that the damage reached or, where it stopped before, that lies next in its way. */
function neighbourOf(fault: Fault, live: BlockTable): FindingBlock | undefined {
  if (fault.kind !== FaultKind.OVERFLOW && fault.kind !== FaultKind.UNDERFLOW) return undefined;
  const row =
    fault.kind === FaultKind.OVERFLOW ? nextBlock(live, fault.blockAddress) : previousBlock(live, fault.blockAddress);
  if (row < 0) return undefined;
  const neighbour = blockAt(live, row);
  const distance =
    fault.kind === FaultKind.OVERFLOW
      ? neighbour.address - fault.blockAddress - fault.blockSize
      : fault.blockAddress - neighbour.address - neighbour.size;
  return distance >= 0 && distance <= ADJACENT ? neighbour : undefined;
}

/** Header, red zone and rounding between two blocks that touch, in bytes. */
const ADJACENT = 64;

function titleOf(fault: Fault): string {
  const block = `a block of ${formatBytes(fault.blockSize)}`;
  const offset = fault.damageOffset ?? 0;
  switch (fault.kind) {
    case FaultKind.DOUBLE_FREE:
      return `double free: ${block} was freed twice`;
    case FaultKind.INTERIOR_FREE:
      return `invalid free: the pointer lies ${formatBytes(fault.pointer - fault.blockAddress)} inside ${block}`;
    case FaultKind.REALLOC_AFTER_FREE:
      return `realloc after free: ${block} had been freed before`;
    case FaultKind.OVERFLOW:
      return `overflow: ${formatNumberOf(fault.damageLength ?? 1, "byte")} written behind the end of ${block}`;
    case FaultKind.UNDERFLOW:
      return `underflow: ${formatBytes(Math.abs(offset))} before the start of ${block} overwritten`;
    case FaultKind.WRITE_AFTER_FREE:
      return `write after free: ${formatNumberOf(fault.damageLength ?? 1, "byte")} written into ${block} after it was freed`;
  }
}

function story(context: DetectContext, fault: Fault, live: BlockTable, neighbour: FindingBlock | undefined): string[] {
  const sentences: string[] = [];
  const { names } = context;
  const offset = fault.damageOffset;
  const address = formatAddress(fault.blockAddress);
  switch (fault.kind) {
    case FaultKind.OVERFLOW: {
      const far = offset === undefined ? 0 : offset - fault.blockSize;
      const until = far + (fault.damageLength ?? 1);
      sentences.push(
        `The block at ${address} ends at byte ${fault.blockSize}; bytes ${until === far + 1 ? `+${far + 1}` : `+${far + 1} to +${until}`} behind its end are overwritten`,
      );
      break;
    }
    case FaultKind.UNDERFLOW:
      sentences.push(`The block at ${address} is damaged from byte ${offset ?? "?"} on, before its start`);
      break;
    case FaultKind.WRITE_AFTER_FREE:
      sentences.push(
        `The block at ${address} was written at offset ${offset ?? "?"} ` +
          (context.model.tables.boots.at(-1)?.origin === undefined
            ? "while it waited in quarantine"
            : "after it was freed"),
      );
      break;
    case FaultKind.INTERIOR_FREE:
      sentences.push(`${formatAddress(fault.pointer)} was freed; the block starts at ${address} and is still live`);
      break;
    default:
      sentences.push(`The block was at ${address}`);
  }
  if (fault.damageBytes !== undefined && fault.damageBytes.length > 0) {
    const at = fault.blockAddress + (offset ?? 0);
    sentences.push(...describeDamage(readDamage(fault.damageBytes, at, (value) => pointsTo(context, live, value))));
  }
  if (neighbour !== undefined) {
    const where = names.site(neighbour.site).text;
    sentences.push(
      fault.kind === FaultKind.OVERFLOW
        ? `Behind it lies the block at ${formatAddress(neighbour.address)} (${formatBytes(neighbour.size)}, from ${where}): longer writes hit that one`
        : `Before it lies the block at ${formatAddress(neighbour.address)} (${formatBytes(neighbour.size)}, from ${where}): a write past its end looks the same`,
    );
  }
  if (fault.lastGoodTime !== undefined) {
    const { activeTasks } = fault;
    sentences.push(
      `It was whole at ${formatTime(fault.lastGoodTime)}, and damaged at ${formatTime(fault.time)}: the write happened in between`,
    );
    if (activeTasks !== undefined && activeTasks.length > 0) {
      const [last, ...before] = activeTasks.map((task) => names.task(task)).reverse();
      const listed = before.length === 0 ? last : `${before.reverse().join(", ")} and ${last}`;
      sentences.push(`In that time the heap was used by ${listed}`);
    }
  }
  return sentences;
}

function repeated(group: readonly Fault[]): string[] {
  const last = group.at(-1);
  if (group.length < 2 || last === undefined) return [];
  return [`Happened ${group.length} times, last at ${formatTime(last.time)}`];
}

function pointsTo(context: DetectContext, live: BlockTable, value: number): string | undefined {
  const row = findBlock(live, value);
  if (row < 0) return context.resolver?.pointee(value);
  const block = blockAt(live, row);
  const inside = value === block.address ? "which is" : `${formatBytes(value - block.address)} inside`;
  return `${inside} a live block from ${context.names.site(block.site).text}`;
}

function nextStep(context: DetectContext, fault: Fault, name: SiteName): string {
  const what = name.variable === undefined ? "the pointer" : `\`${name.variable}\``;
  const detected = context.names.site(fault.detectedSite ?? 0).text;
  switch (fault.kind) {
    case FaultKind.DOUBLE_FREE: {
      const tasks = fault.freeTask !== undefined && fault.task !== undefined && fault.freeTask !== fault.task;
      return tasks
        ? `Decide which of the two tasks owns the block; the other must not free it`
        : `Set ${what} to NULL at the first free, or take away one of the two`;
    }
    case FaultKind.INTERIOR_FREE:
      return `Free the pointer that the allocation returned, not one that was moved on`;
    case FaultKind.REALLOC_AFTER_FREE:
      return `Set ${what} to NULL at the free; realloc of NULL is a plain allocation`;
    case FaultKind.OVERFLOW:
      return `Check every length that is written to ${what}: it holds ${formatBytes(fault.blockSize)}, a terminating NUL included`;
    case FaultKind.UNDERFLOW:
      return `Look for a negative index into ${what} or an overflow of the block before it`;
    case FaultKind.WRITE_AFTER_FREE:
      return `Find who keeps a copy of ${what} after the free${fault.freeSite === undefined ? "" : ` at ${context.names.site(fault.freeSite).text}`}${fault.detectedSite === undefined || fault.detectedSite === 0 ? "" : `; noticed at ${detected}`}`;
  }
}
