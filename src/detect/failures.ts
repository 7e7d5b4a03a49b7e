// Allocation failures explained: which regions could have served the request, why none did, and what would have made room.
// docs/detectors/allocation-failure.md.
import { greatest } from "../base/values.ts";
import { valueAt } from "../base/values.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../base/format.ts";
import { regionName } from "../heap/regions.ts";
import { samplingOf } from "../heap/sampling.ts";
import type { BlockTable, RegionState } from "../heap/types.ts";
import { formatCaps, serves } from "../wire/caps.ts";
import type { Failure, Region } from "../wire/records.ts";
import { FailureReason } from "../wire/protocol.ts";
import { blockAt, BLOCKS_NAMED, isInside, type DetectContext } from "./context.ts";
import type { Detector, FoundLeak, Inputs } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding } from "./finding.ts";
import { fingerprint, type Names } from "./names.ts";
import { cheapestRoom, type Room } from "./room.ts";
import { failureCauseIndex } from "./statistics/free-space.ts";

const rules = { "allocation-failure": Urgency.FAILURE } as const;
type Rule = keyof typeof rules;

export const failures = {
  name: "failures",
  page: "allocation-failure",
  group: "failures",
  rules,
  needs: ["leaks"],
  detect: detectFailures,
} as const satisfies Detector<Rule, "leaks">;

async function detectFailures(context: Inputs<"leaks">): Promise<readonly Finding<Rule>[]> {
  const groups = new Map<string, Failure[]>();
  for (const failure of context.model.tables.failures) {
    if (!isInside(context, failure.time)) continue;
    const key = `${fingerprint("allocation-failure", context.names, [failure.site ?? 0])}|${formatCaps(failure.caps)}|${failure.reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [failure]);
    else group.push(failure);
  }
  const findings: Finding<Rule>[] = [];
  for (const [key, group] of groups) findings.push(await describe(context, key, group));
  return findings;
}

/** Everything that is known about one failed request. */
export interface FailureExplanation {
  readonly failure: Failure;
  readonly request: number;
  readonly cause:
    | "size-overflow"
    | "unknown"
    | "no-region"
    | "region-too-small"
    | "no-region-enough"
    | "lack-of-memory"
    | "fragmentation";
  /** Regions whose caps match, as they were. */
  readonly regions: readonly { readonly region: Region; readonly state?: RegionState }[];
  /** Free bytes in regions that could not serve because of the caps. */
  readonly freeElsewhere: number;
  /** 0 lack of memory … 1 fragmentation, of the region that came nearest. */
  readonly causeIndex?: number;
  readonly room?: Room;
  /** Live at that moment; rows of `room` count in it. */
  readonly live: BlockTable;
}

export async function explainFailure(
  context: Pick<DetectContext, "model">,
  failure: Failure,
): Promise<FailureExplanation> {
  const states = await context.model.regionsAt(failure.time);
  const live = await context.model.liveAt(failure.time);
  const request = failure.size * (failure.count ?? 1);
  const extra = redZoneAt(context.model, failure.time);
  const matching = states.filter(({ region }) => serves(region.caps, failure.caps));
  // The probe's own account is of the very moment; the model's regions bring holes and names.
  const regions =
    failure.regions.length > 0
      ? failure.regions.map((region) => {
          const state = states.find((one) => one.region.start === region.start);
          const name = region.name ?? state?.region.name;
          return { region: name === undefined ? region : { ...region, name }, ...(state !== undefined && { state }) };
        })
      : matching.map((state) => ({ region: asItWas(state), state }));
  const known = new Set(regions.map(({ region }) => region.start));
  const freeElsewhere = states.reduce((sum, { region, free }) => sum + (known.has(region.start) ? 0 : free), 0);
  const rooms = regions.flatMap(({ state }) => {
    const room = state === undefined ? undefined : cheapestRoom(state, live, request, extra);
    return room === undefined ? [] : [room];
  });
  // A plan through known memory is better than a cheaper one through an estimate.
  const room = rooms.sort((a, b) => Number(b.region.exact) - Number(a.region.exact) || a.cost - b.cost)[0];
  const nearest = [...regions].sort((a, b) => b.region.free - a.region.free)[0];
  // A log may name a failure and no region; the probe always names those that could have served.
  const isUntold =
    states.length === 0 && failure.regions.length === 0 && context.model.tables.boots.at(-1)?.origin !== undefined;
  const holes = nearest?.state?.holes.map((hole) => hole.bytes) ?? [];
  const causeIndex = holes.length > 0 ? failureCauseIndex(holes, request) : undefined;
  return {
    failure,
    request,
    cause: isUntold
      ? "unknown"
      : causeOf(
          failure,
          request,
          regions.map(({ region }) => region),
        ),
    regions,
    freeElsewhere,
    live,
    ...(room !== undefined && { room }),
    ...(causeIndex !== undefined && { causeIndex }),
  };
}

/** Bytes that the probe asked for on top of each request then. */
export function redZoneAt({ tables }: DetectContext["model"], time: number): number {
  return tables.boots.findLast(({ startedAt }) => startedAt <= time)?.redZoneBytes ?? 0;
}

function asItWas({ region, free, largestFree }: RegionState): Region {
  return { ...region, free, largestFree };
}

function causeOf(failure: Failure, request: number, regions: readonly Region[]): FailureExplanation["cause"] {
  if (failure.reason === FailureReason.SIZE_OVERFLOW) return "size-overflow";
  if (regions.length === 0) return "no-region";
  if (regions.every((region) => region.end - region.start < request)) return "region-too-small";
  if (regions.some((region) => region.free >= request)) return "fragmentation";
  return regions.reduce((sum, { free }) => sum + free, 0) >= request ? "no-region-enough" : "lack-of-memory";
}

async function describe(context: Inputs<"leaks">, key: string, group: readonly Failure[]): Promise<Finding<Rule>> {
  const { names, leaks, model } = context;
  const [failure] = group as readonly [Failure, ...Failure[]];
  const explained = await explainFailure(context, failure);
  const taken = takenByLeaks(explained, leaks, samplingOf(model.tables.boots).weight);
  const rows = explained.room?.rows ?? [];
  const bySize = [...rows].sort((a, b) => valueAt(explained.live.size, b) - valueAt(explained.live.size, a));
  return {
    rule: "allocation-failure",
    severity: "error",
    confidence: 1,
    title: titleOf(explained),
    evidence: [
      ...(taken === undefined
        ? []
        : [`${formatBytes(Math.round(taken.bytes))} were held by then by ${names.site(taken.site).text}, which leaks`]),
      ...evidenceOf(explained, names),
      ...repeated(group),
    ],
    next: taken === undefined ? nextStep(explained, names) : `Fix the leak of ${names.site(taken.site).text} first`,
    sites: [
      {
        role: "requested",
        site: failure.site ?? 0,
        time: failure.time,
        ...(failure.task !== undefined && { task: failure.task }),
      },
      ...[...new Set(bySize.map((row) => valueAt(explained.live.site, row)))]
        .slice(0, 3)
        .map((site) => ({ role: "keeps split" as const, site })),
    ],
    blocks: bySize.slice(0, BLOCKS_NAMED).map((row) => blockAt(explained.live, row)),
    bytes: explained.request,
    blockCount: group.length,
    since: failure.time,
    until: group.at(-1)?.time ?? failure.time,
    fingerprint: key,
  };
}

/** The leak that had taken most where it was asked, if that is more than was asked. */
function takenByLeaks(
  { live, regions, request, cause }: FailureExplanation,
  leaks: readonly FoundLeak[],
  weight: (size: number) => number,
): { readonly site: number; readonly bytes: number } | undefined {
  if (cause !== "fragmentation" && cause !== "lack-of-memory" && cause !== "no-region-enough") return undefined;
  const loud = leaks.filter(({ finding }) => finding.severity !== "note");
  const taken = loud.map(({ sites }) => {
    const own = new Set(sites);
    let bytes = 0;
    for (let row = 0; row < live.length; row++) {
      const [address, size] = [valueAt(live.address, row), valueAt(live.size, row)];
      const isThere = regions.some(({ region }) => address >= region.start && address < region.end);
      if (isThere && own.has(valueAt(live.site, row))) bytes += size * weight(size);
    }
    return { site: valueAt(sites, 0), bytes };
  });
  const most = taken.reduce((best, one) => (one.bytes > best.bytes ? one : best), { site: 0, bytes: 0 });
  return most.bytes >= 2 * request ? most : undefined;
}

function titleOf({ failure, request, cause, regions }: FailureExplanation): string {
  const what = `${formatBytes(request)}${failure.caps === 0 ? "" : ` with ${formatCaps(failure.caps)}`}`;
  const largest = greatest(
    regions.map(({ region }) => region.largestFree),
    0,
  );
  const free = regions.reduce((sum, { region }) => sum + region.free, 0);
  const most = greatest(
    regions.map(({ region }) => region.free),
    0,
  );
  switch (cause) {
    case "size-overflow":
      return `allocation failed: ${formatCount(failure.count ?? 1)} × ${formatBytes(failure.size)} exceeds the address space`;
    case "unknown":
      return `allocation of ${what} failed; what was free then is not told`;
    case "no-region":
      return `allocation of ${what} failed: no region has these capabilities`;
    case "region-too-small":
      return `allocation of ${what} failed: every region with these capabilities is smaller than that`;
    case "no-region-enough":
      return `allocation of ${what} failed: no region had so much free, the best one ${formatBytes(most)} of ${formatBytes(free)} in ${formatNumberOf(regions.length, "region")}`;
    case "lack-of-memory":
      return `allocation of ${what} failed: only ${formatBytes(free)} were free there`;
    case "fragmentation":
      return `allocation of ${what} failed: ${formatBytes(free)} were free, but the largest hole was ${formatBytes(largest)}`;
  }
}

function evidenceOf(explained: FailureExplanation, names: Names): string[] {
  const { failure, regions, room, freeElsewhere, request } = explained;
  const sentences: string[] = [];
  if (room !== undefined && room.rows.length > 0 && explained.cause !== "size-overflow") {
    sentences.push(
      `Without ${formatNumberOf(room.rows.length, "block")} of ${formatBytes(room.cost)} in all there ${room.isSure ? "would" : "could"} have been ` +
        `${formatBytes(room.bytes)} in one piece in ${regionName(room.region.region)}${room.isSure ? "" : ", if nobody stands there whom the stream does not show"}`,
    );
    sentences.push(...holders(explained, room.rows, names));
  } else if (
    (explained.cause === "lack-of-memory" || explained.cause === "no-region-enough") &&
    room === undefined &&
    regions.some(({ state }) => state !== undefined)
  ) {
    sentences.push(
      `No set of blocks that memmap knows would have made ${formatBytes(request)} of room: the rest is held by others`,
    );
  }
  for (const { region, state } of regions) {
    const holes =
      state === undefined ? "" : ` in ${formatNumberOf(state.freeBlocks, "hole")}${state.exact ? "" : " (estimate)"}`;
    sentences.push(
      `${regionName(region)}: ${formatBytes(region.free)} free${holes}, largest ${formatBytes(region.largestFree)}`,
    );
  }
  if (freeElsewhere > 0) {
    sentences.push(`Another ${formatBytes(freeElsewhere)} were free in regions that lack ${formatCaps(failure.caps)}`);
  }
  if (explained.causeIndex !== undefined && explained.cause === "fragmentation") {
    sentences.push(`Failure-cause index ${explained.causeIndex.toFixed(2)} (0 is lack of memory, 1 is fragmentation)`);
  }
  if ((failure.quarantineReleased ?? 0) > 0) {
    sentences.push(
      `The probe gave back ${formatBytes(failure.quarantineReleased ?? 0)} of quarantine first; it did not help`,
    );
  }
  return sentences;
}

/** Who holds the blocks that stand in the way: one line a call site, most bytes first. */
function holders({ failure, live }: FailureExplanation, rows: readonly number[], names: Names): string[] {
  const bySite = new Map<number, { blocks: number; bytes: number; oldest: number; tasks: Set<string> }>();
  for (const row of rows) {
    const block = blockAt(live, row);
    const held = bySite.get(block.site) ?? { blocks: 0, bytes: 0, oldest: Infinity, tasks: new Set() };
    held.blocks++;
    held.bytes += block.size;
    held.oldest = Math.min(held.oldest, block.born);
    held.tasks.add(names.task(block.task));
    bySite.set(block.site, held);
  }
  const sites = [...bySite].sort(([, a], [, b]) => b.bytes - a.bytes);
  const lines = sites.slice(0, 4).map(([site, { blocks, bytes, oldest, tasks }]) => {
    const what = blocks === 1 ? formatBytes(bytes) : `${formatNumberOf(blocks, "block")}, ${formatBytes(bytes)},`;
    const age = `${formatTime(failure.time - oldest)} old${blocks === 1 ? "" : " at most"}`;
    return `  ${what} from ${names.site(site).text}, task ${[...tasks].slice(0, 2).join(" and ")}, ${age}`;
  });
  return sites.length > 4 ? [...lines, `  and blocks from ${formatNumberOf(sites.length - 4, "more site")}`] : lines;
}

function repeated(group: readonly Failure[]): string[] {
  const last = group.at(-1);
  if (group.length < 2 || last === undefined) return [];
  return [`Happened ${formatCount(group.length)} times, last at ${formatTime(last.time)}; described is the first`];
}

function nextStep({ failure, cause, room, live, freeElsewhere, request }: FailureExplanation, names: Names): string {
  const row = room?.rows[0];
  const blocker = row === undefined ? undefined : names.site(valueAt(live.site, row)).text;
  switch (cause) {
    case "size-overflow":
      return "Check the count before the allocation: it is negative or comes from outside unchecked";
    case "unknown":
      return "Print heap_caps_print_heap_info() where it fails, or record the run with memmap's probe";
    case "no-region":
      return `Ask for capabilities that this chip has; ${formatCaps(failure.caps)} together match no region`;
    case "region-too-small":
      return "Allocate it in smaller pieces, or in memory of another kind";
    case "no-region-enough":
    case "lack-of-memory":
      return freeElsewhere >= request
        ? `Move what does not need ${formatCaps(failure.caps)} to other memory, or drop the capability if the buffer does not need it`
        : "Free something first or ask for less; `memmap top` shows who holds the memory";
    case "fragmentation":
      return blocker === undefined
        ? "Allocate this buffer once at start and keep it"
        : `Allocate this buffer once at start and keep it, or move the long-lived blocks of ${blocker} out of the way (allocate them earlier)`;
  }
}
