// Faults and failed allocations as stories: the life of the block in question, what stood in memory, who lay beside it, and what would have
// made room.
import { exactly } from "../base/quantity.ts";
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { isInside } from "../detect/context.ts";
import { findBlock, nextBlock, previousBlock } from "../detect/block-lookup.ts";
import { explainFailure } from "../detect/failures.ts";
import type { SiteRole } from "../detect/finding.ts";
import { regionName, regionOf } from "../heap/regions.ts";
import type { Window } from "../heap/types.ts";
import { formatCaps } from "../wire/caps.ts";
import type { Failure, Fault } from "../wire/records.ts";
import { faultName } from "../wire/fault-name.ts";
import { FaultKind } from "../wire/protocol.ts";
import type { Asked } from "./asked.ts";
import type { StationView } from "./finding-view.ts";
import type { RegionView } from "./memory-view.ts";
import { blockViews, viewSite, type BlockView, type SiteView } from "./site-view.ts";

/** One station of a block's life, as far as it was told. */
export interface StoryStation extends Partial<Pick<StationView, "site" | "task" | "time">> {
  readonly role: SiteRole | "seen whole";
}

export interface FaultStory {
  readonly kind: "fault";
  readonly title: string;
  readonly time: Microseconds;
  readonly block: BlockView;
  /** The pointer that was passed, where it is not the block's own. */
  readonly pointer?: Address;
  /** In the order in which they happened, as far as that is known. */
  readonly stations: readonly StoryStation[];
  /** Damaged bytes, and where they begin, counted from the block's first byte; those that were kept. */
  readonly overwritten?: { readonly offset: Bytes; readonly size: Bytes; readonly content: Uint8Array };
  /** The nearest live blocks below and above it. */
  readonly before?: BlockView;
  readonly after?: BlockView;
}

export interface FailureStory {
  readonly kind: "failure";
  readonly title: string;
  readonly time: Microseconds;
  /** Bytes asked for. */
  readonly size: Bytes;
  /** As ESP-IDF calls them, without MALLOC_CAP_; empty where none were asked for. */
  readonly caps: string;
  readonly site?: SiteView;
  readonly task?: string;
  readonly cause: string;
  /** Those that have the capabilities, as the device told of them. */
  readonly regions: readonly FailureRegion[];
  /** Free where the capabilities did not allow it. */
  readonly freeElsewhereBytes: Bytes;
  /** The cheapest blocks without which it would have fitted, and the hole that would be there then. */
  readonly room?: { readonly region: string; readonly holeBytes: Bytes; readonly blocks: readonly BlockView[] };
}

export type FailureRegion = Pick<RegionView, "name" | "totalBytes" | "freeBytes" | "largestFreeBytes">;

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
  const faults = model.tables.faults.filter(({ time }) => isInside({ model, window }, time));
  const failures = model.tables.failures.filter(({ time }) => isInside({ model, window }, time));
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
  const isOwn = own >= 0 && live.address[own] === fault.blockAddress;
  const viewOf = blockViews(live, names);
  const stations: StoryStation[] = [];
  const add = (
    role: StoryStation["role"],
    site: number | undefined,
    task: number | undefined,
    time: Microseconds | undefined,
  ): void => {
    if (site === undefined && task === undefined && time === undefined) return;
    stations.push({
      role,
      ...(site !== undefined && site !== 0 && { site: viewSite(names, site) }),
      ...(task !== undefined && { task: names.task(task) }),
      ...(time !== undefined && { time }),
    });
  };
  add("allocated", fault.allocSite, fault.allocTask, isOwn ? live.born[own] : undefined);
  add("freed", fault.freeSite, fault.freeTask, fault.freeTime);
  if (fault.lastGoodTime !== undefined) add("seen whole", undefined, fault.lastGoodTask, fault.lastGoodTime);
  add(
    fault.kind === FaultKind.DOUBLE_FREE ? "freed again" : "detected",
    fault.detectedSite ?? 0,
    fault.task,
    fault.time,
  );
  // The next block of another region is nobody's neighbour.
  const home = regions.find(({ region }) => regionOf([region], fault.blockAddress) !== undefined)?.region;
  const neighbour = (row: number): BlockView | undefined => {
    const address = live.address[row];
    if (address === undefined || (home !== undefined && regionOf([home], address) === undefined)) return undefined;
    return viewOf(row);
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
      site: viewSite(names, fault.allocSite ?? 0),
      ...(fault.allocTask !== undefined && { task: names.task(fault.allocTask) }),
      ...(isOwn && { born: viewOf(own).born }),
    },
    stations,
    ...(fault.pointer !== fault.blockAddress && fault.pointer !== 0 && { pointer: fault.pointer }),
    ...(damageBytes !== undefined &&
      damageBytes.length > 0 && {
        overwritten: { offset: damageOffset, size: damageLength ?? damageBytes.length, content: damageBytes },
      }),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
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
    size: explained.request,
    caps: failure.caps === 0 ? "" : formatCaps(failure.caps),
    ...(failure.site !== undefined && failure.site !== 0 && { site: viewSite(names, failure.site) }),
    ...(failure.task !== undefined && { task: names.task(failure.task) }),
    cause: causes[explained.cause],
    regions: explained.regions.map(({ region }) => ({
      name: regionName(region),
      totalBytes: region.end - region.start,
      freeBytes: exactly(region.free),
      largestFreeBytes: exactly(region.largestFree),
    })),
    freeElsewhereBytes: explained.freeElsewhere,
    ...(room !== undefined && {
      room: {
        region: regionName(room.region.region),
        holeBytes: room.bytes,
        blocks: room.rows.slice(0, BLOCKS_NAMED).map(blockViews(live, names)),
      },
    }),
  };
}
