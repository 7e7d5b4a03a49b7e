// Faults and failed allocations as stories: the life of the block in question, what stood in memory, who lay beside it, and what would have
// made room.
import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";
import { findBlock, nextBlock, previousBlock } from "../detect/block-lookup.ts";
import { explainFailure } from "../detect/failures.ts";
import { regionName, regionOf } from "../heap/regions.ts";
import type { BlockTable, Window } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";
import type { Failure, Fault } from "../wire/records.ts";
import { faultName } from "../wire/fault-name.ts";
import { FaultKind } from "../wire/protocol.ts";
import type { Asked } from "./asked.ts";

export interface StoryMoment {
  readonly what: string;
  /** Undefined where it lies before the recording, or was not told. */
  readonly time?: Microseconds;
  readonly where: string;
  readonly task?: string;
}

export interface StoryBlock {
  readonly address: Address;
  readonly size: Bytes;
  readonly where: string;
  readonly task?: string;
  readonly born?: Microseconds;
}

export interface FaultStory {
  readonly kind: "fault";
  readonly title: string;
  readonly time: Microseconds;
  readonly block: StoryBlock;
  /** The pointer that was passed, where it is not the block's own. */
  readonly pointer?: Address;
  /** In the order in which they happened, as far as that is known. */
  readonly moments: readonly StoryMoment[];
  /** When the block was last seen whole. */
  readonly lastGood?: Microseconds;
  /** Damaged bytes, and where they begin, counted from the block's first byte. */
  readonly damage?: { readonly offset: number; readonly length: number; readonly bytes: Uint8Array };
  readonly before?: StoryBlock;
  readonly after?: StoryBlock;
}

export interface FailureStory {
  readonly kind: "failure";
  readonly title: string;
  readonly time: Microseconds;
  readonly request: Bytes;
  readonly caps: Caps;
  readonly capsName: string;
  readonly where: string;
  readonly task?: string;
  readonly cause: string;
  readonly regions: readonly {
    readonly name: string;
    readonly total: Bytes;
    readonly free: Bytes;
    readonly largestFree: Bytes;
  }[];
  /** Free where the capabilities did not allow it. */
  readonly freeElsewhere: Bytes;
  /** The cheapest blocks without which it would have fitted. */
  readonly room?: { readonly region: string; readonly bytes: Bytes; readonly blocks: readonly StoryBlock[] };
}

export interface StoriesView {
  readonly window: Window;
  readonly faults: readonly FaultStory[];
  readonly failures: readonly FailureStory[];
  /** Later ones of each kind that are not told. */
  readonly omittedFaults: number;
  readonly omittedFailures: number;
}

const STORIES_TOLD = 40;
/** Failures cost a look at the whole heap each. */
const FAILURES_TOLD = 16;
const BLOCKS_NAMED = 12;

export async function viewStories(asked: Asked, window: Window): Promise<StoriesView> {
  const { model } = asked;
  const { span, tables } = model;
  // Reports may carry a time beyond the last event: the run's own ends include them.
  const isInside = (time: Microseconds): boolean =>
    (time >= window.from || window.from <= span.from) && (time <= window.to || window.to >= span.to);
  const faults = tables.faults.filter(({ time }) => isInside(time));
  const failures = tables.failures.filter(({ time }) => isInside(time));
  const faultStories: FaultStory[] = [];
  for (const fault of faults.slice(0, STORIES_TOLD)) faultStories.push(await tellFault(asked, fault));
  const failureStories: FailureStory[] = [];
  for (const failure of failures.slice(0, FAILURES_TOLD)) failureStories.push(await tellFailure(asked, failure));
  return {
    window,
    faults: faultStories,
    failures: failureStories,
    omittedFaults: Math.max(0, faults.length - STORIES_TOLD),
    omittedFailures: Math.max(0, failures.length - FAILURES_TOLD),
  };
}

async function tellFault({ model, names }: Asked, fault: Fault): Promise<FaultStory> {
  const { blocks: live, regions } = await model.momentAt(fault.time);
  const own = findBlock(live, fault.blockAddress);
  const born = own >= 0 && live.address[own] === fault.blockAddress ? live.born[own] : undefined;
  const moments: StoryMoment[] = [];
  const add = (
    what: string,
    site: number | undefined,
    task: number | undefined,
    time: Microseconds | undefined,
  ): void => {
    if (site === undefined && task === undefined && time === undefined) return;
    moments.push({
      what,
      where: site === undefined || site === 0 ? "" : names.site(site).text,
      ...(task !== undefined && { task: names.task(task) }),
      ...(time !== undefined && { time }),
    });
  };
  add("allocated", fault.allocSite, fault.allocTask, born);
  add("freed", fault.freeSite, fault.freeTask, fault.freeTime);
  if (fault.lastGoodTime !== undefined) add("seen whole", undefined, fault.lastGoodTask, fault.lastGoodTime);
  add(
    fault.kind === FaultKind.DOUBLE_FREE ? "freed again" : "noticed",
    fault.detectedSite ?? 0,
    fault.task,
    fault.time,
  );
  // The next block of another region is nobody's neighbour.
  const home = regions.find(({ region }) => regionOf([region], fault.blockAddress) !== undefined)?.region;
  const neighbour = (row: number): StoryBlock | undefined => {
    const address = live.address[row];
    if (address === undefined || (home !== undefined && regionOf([home], address) === undefined)) return undefined;
    return blockOf(row, live, names);
  };
  const before = neighbour(previousBlock(live, fault.blockAddress));
  const after = neighbour(nextBlock(live, fault.blockAddress));
  const { damageBytes, damageOffset = 0, damageLength } = fault;
  return {
    kind: "fault",
    title: faultName(fault.kind).replaceAll("-", " "),
    time: fault.time,
    block: {
      address: fault.blockAddress,
      size: fault.blockSize,
      where: names.site(fault.allocSite ?? 0).text,
      ...(fault.allocTask !== undefined && { task: names.task(fault.allocTask) }),
      ...(born !== undefined && { born }),
    },
    moments,
    ...(fault.pointer !== fault.blockAddress && fault.pointer !== 0 && { pointer: fault.pointer }),
    ...(fault.lastGoodTime !== undefined && { lastGood: fault.lastGoodTime }),
    ...(damageBytes !== undefined &&
      damageBytes.length > 0 && {
        damage: { offset: damageOffset, length: damageLength ?? damageBytes.length, bytes: damageBytes },
      }),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

function blockOf(row: number, live: BlockTable, names: Asked["names"]): StoryBlock {
  return {
    address: live.address[row] ?? 0,
    size: live.size[row] ?? 0,
    where: names.site(live.site[row] ?? 0).text,
    task: names.task(live.task[row] ?? 0),
    born: live.born[row] ?? 0,
  };
}

const causes = {
  "size-overflow": "count × size is more than there are addresses",
  unknown: "why, the recording does not tell",
  "no-region": "no region has these capabilities",
  "region-too-small": "it is larger than any region",
  "no-region-enough": "no region had so much free, though all together had",
  "lack-of-memory": "there was not enough memory",
  fragmentation: "there was enough memory, but in pieces",
} as const;

async function tellFailure({ model, names }: Asked, failure: Failure): Promise<FailureStory> {
  const explained = await explainFailure({ model }, failure);
  const { room, live } = explained;
  return {
    kind: "failure",
    title: "Allocation failed",
    time: failure.time,
    request: explained.request,
    caps: failure.caps,
    capsName: failure.caps === 0 ? "" : formatCaps(failure.caps),
    where: failure.site === undefined || failure.site === 0 ? "" : names.site(failure.site).text,
    ...(failure.task !== undefined && { task: names.task(failure.task) }),
    cause: causes[explained.cause],
    regions: explained.regions.map(({ region }) => ({
      name: regionName(region),
      total: region.end - region.start,
      free: region.free,
      largestFree: region.largestFree,
    })),
    freeElsewhere: explained.freeElsewhere,
    ...(room !== undefined && {
      room: {
        region: regionName(room.region.region),
        bytes: room.bytes,
        blocks: room.rows.slice(0, BLOCKS_NAMED).map((row) => blockOf(row, live, names)),
      },
    }),
  };
}
