// Fragmentation, region by region (an allocation never spans two), compared with how the region was split at boot, and who keeps it
// split: live blocks between two holes. docs/detectors/fragmentation.md.
import { valueAt } from "../base/values.ts";
import { formatBytes, formatNumberOf, formatTime } from "../base/format.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { regionName } from "../heap/regions.ts";
import type { BlockTable, RegionState } from "../heap/types.ts";
import { firstAbove } from "./block-lookup.ts";
import { blockAt, BLOCKS_NAMED, type DetectContext } from "./context.ts";
import type { Detector } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding } from "./finding.ts";
import { fingerprint, type Names } from "./names.ts";
import { redZoneAt } from "./failures.ts";
import { largestWithout, piecesOf } from "./room.ts";
import { rootSumSquareScore, unusableCurve } from "./statistics/free-space.ts";

const rules = { fragmentation: Urgency.SPLIT } as const;
type Rule = keyof typeof rules;

export const fragmentation = {
  name: "fragmentation",
  page: "fragmentation",
  group: "room",
  rules,
  needs: [],
  detect: detectFragmentation,
} as const satisfies Detector<Rule, never>;

/** Live blocks between two holes, without which the holes would be one. */
export interface Wall {
  /** Rows of the table of live blocks, by address. */
  readonly rows: readonly number[];
  readonly bytes: Bytes;
  readonly left: Bytes;
  readonly right: Bytes;
  /** How much larger than the larger of the two the hole would be. */
  readonly gain: Bytes;
}

export interface RegionFragmentation {
  readonly state: RegionState;
  /** As at the device's first answer of this boot; undefined where that is this moment. */
  readonly baseline?: RegionState;
  /** Root-sum-square score, 0 to 1, and what it was at the baseline. */
  readonly score: number;
  readonly baselineScore: number;
  readonly curve: readonly { readonly request: Bytes; readonly share: number }[];
  /** Largest gain first. */
  readonly walls: readonly Wall[];
  /** Largest gain first. */
  readonly makers: readonly HoleMaker[];
}

export interface Fragmentation {
  readonly time: Microseconds;
  readonly regions: readonly RegionFragmentation[];
  /** What the baseline shows: the boot, or where the recording began later than that, its beginning. */
  readonly baseline: "at boot" | "at the beginning";
}

/** Walls thicker than this are no walls but memory in use. */
const THICKEST_SHARE = 0.5;
const SEAM = 64;

/** @param live what is live at `time`, and `states` the regions then */
export async function measureFragmentation(
  model: HeapModel,
  time: Microseconds,
  live: BlockTable,
  states: readonly RegionState[],
): Promise<Fragmentation> {
  const { boots } = model.tables;
  const boot = boots.findLast(({ startedAt }) => startedAt <= time);
  const booted = boot?.startedAt ?? model.span.from;
  // It starts where the one before was last heard of: what is told at that moment is about that one.
  const [first] = await model.regionReports({ from: boot === boots[0] ? booted : booted + 1, to: model.span.to });
  const joinedLate = model.tables.gaps.some((gap) => gap.reason === "attached-late" && gap.time >= booted);
  const baselines = first === undefined ? [] : await model.regionsAt(first.time);
  const regions = states.map((state) => {
    const walls = findWalls(state, live);
    const baseline = baselines.find((one) => one.region.start === state.region.start);
    return {
      state,
      ...(baseline !== undefined && { baseline }),
      score: scoreOf(state),
      baselineScore: baseline === undefined ? 0 : scoreOf(baseline),
      curve: unusableCurve(state.holes.map((hole) => hole.bytes)),
      walls,
      makers: holeMakers(state, walls, live, redZoneAt(model, time)),
    };
  });
  return { time, regions, baseline: joinedLate ? "at the beginning" : "at boot" };
}

function scoreOf(state: RegionState): number {
  return rootSumSquareScore(state.holes.map((hole) => hole.bytes));
}

function findWalls(state: RegionState, live: BlockTable): readonly Wall[] {
  const walls: Wall[] = [];
  eachWall(state, live, (hole, first, end, bytes, gain) => {
    const rows = Array.from({ length: end - first }, (_, i) => first + i);
    walls.push({
      rows,
      bytes,
      left: valueAt(state.holes, hole).bytes,
      right: valueAt(state.holes, hole + 1).bytes,
      gain,
    });
  });
  return walls.sort((a, b) => b.gain - a.gain);
}

/** A wall behind a hole: rows `first` up to, not including, `end`. No object: a map has thousands, sixty times a second. */
type SeeWall = (hole: number, first: number, end: number, bytes: Bytes, gain: Bytes) => void;

/** Calls with each wall, by address. Both holes and blocks are ordered so: one pass over them. */
export function eachWall({ region, holes }: RegionState, live: BlockTable, see: SeeWall): void {
  let row = firstAbove(live, region.start - 1);
  for (let hole = 0; hole + 1 < holes.length; hole++) {
    const left = holes[hole];
    const right = holes[hole + 1];
    if (left === undefined || right === undefined || right.start > region.end) continue;
    let end = left.start + left.bytes;
    while (row < live.length && valueAt(live.address, row) < end) row++;
    const first = row;
    let bytes = 0;
    // Something else than blocks may stand between the holes too.
    let isWhole = true;
    for (; row < live.length && valueAt(live.address, row) < right.start; row++) {
      const address = valueAt(live.address, row);
      const size = valueAt(live.size, row);
      if (address - end > SEAM) isWhole = false;
      bytes += size;
      end = address + size;
    }
    if (row === first || !isWhole || right.start - end > SEAM) continue;
    const gain = right.start + right.bytes - left.start - Math.max(left.bytes, right.bytes);
    if (bytes <= THICKEST_SHARE * gain) see(hole, first, row, bytes, gain);
  }
}

type Compared = RegionFragmentation & Required<Pick<RegionFragmentation, "baseline">>;

/**
 * Split much worse than at boot, and so that it matters: the largest hole has lost half of what it was, though memory is free. One finding for the
 * region that lost most; others stand in its evidence.
 */
async function detectFragmentation(context: DetectContext): Promise<readonly Finding<Rule>[]> {
  const measured = await measureFragmentation(context.model, context.stretch.to, context.live, context.regions);
  const split = measured.regions.filter((one): one is Compared => {
    const { state, baseline, score, baselineScore } = one;
    if (baseline === undefined || score - baselineScore < 0.25) return false;
    const lost = state.largestFree < 0.5 * baseline.largestFree;
    const plenty = state.free > 2 * state.largestFree && state.free > 0.1 * (state.region.end - state.region.start);
    return lost && plenty;
  });
  const loss = ({ state, baseline }: Compared): number => baseline.largestFree - state.largestFree;
  const [worst, ...others] = split.sort((a, b) => Number(b.state.exact) - Number(a.state.exact) || loss(b) - loss(a));
  return worst === undefined ? [] : [describe(context, measured, worst, others)];
}

function describe(
  context: DetectContext,
  { time, baseline: atBaseline }: Fragmentation,
  region: Compared,
  others: readonly Compared[],
): Finding<Rule> {
  const { names, live } = context;
  const { state, baseline, walls, score, baselineScore, makers: all } = region;
  // Alone, one may open nothing: then who stands in most ways.
  const makers = all.some(({ gain }) => gain > 0) ? all.filter(({ gain }) => gain > 0) : all;
  const evidence = [
    `${atBaseline === "at boot" ? "At boot" : "When the recording began,"} the largest hole was ${formatBytes(baseline.largestFree)}, now it is ${formatBytes(state.largestFree)} in ${formatNumberOf(state.freeBlocks, "hole")}${state.exact ? "" : " (estimate)"}`,
    `Score ${score.toFixed(2)}, ${atBaseline} ${baselineScore.toFixed(2)} (0 is one hole, towards 1 is dust)`,
    ...makers.slice(0, 3).map((maker) => sentence(maker, names, time)),
    ...others.map(
      ({ state: other, baseline: before }) =>
        `Also ${regionName(other.region)}: ${formatBytes(other.free)} free, largest hole ${formatBytes(other.largestFree)}, ${atBaseline} ${formatBytes(before.largestFree)}${other.exact ? "" : " (estimate)"}`,
    ),
  ];
  const first = makers[0];
  const surer = state.exact
    ? ""
    : ". To be surer, start the probe before other allocations are made: not all blocks of this region are known";
  return {
    rule: "fragmentation",
    severity: "warning",
    confidence: state.exact ? 0.95 : 0.7,
    title: `${regionName(state.region)} is split: ${formatBytes(state.free)} free, but no hole larger than ${formatBytes(state.largestFree)}`,
    evidence,
    next:
      (first === undefined
        ? "Allocate large buffers once at start and keep them"
        : `Allocate what comes from ${names.site(first.site).text} before the short-lived blocks, or from a pool of its own`) +
      surer,
    sites: makers.slice(0, 3).map(({ site }) => ({ role: "keeps split" as const, site })),
    blocks: walls
      .flatMap((wall) => wall.rows)
      .slice(0, BLOCKS_NAMED)
      .map((row) => blockAt(live, row)),
    bytes: state.free - state.largestFree,
    blockCount: state.freeBlocks,
    until: time,
    fingerprint: `${fingerprint("fragmentation", names, [])}|${regionName(state.region)}`,
  };
}

export interface HoleMaker {
  readonly site: number;
  readonly blocks: number;
  readonly bytes: Bytes;
  /** By how much the region's largest hole would be larger without its blocks. */
  readonly gain: Bytes;
  /** Birth of its oldest block in a wall. */
  readonly oldest: Microseconds;
}

/** More sites than these are not tried. */
const MAKERS_TRIED = 24;

/** Sites with blocks between holes, by what the heap would give without them: each is taken out of a model of the region. */
function holeMakers(state: RegionState, walls: readonly Wall[], live: BlockTable, extra: Bytes): readonly HoleMaker[] {
  const bySite = new Map<number, { blocks: number; bytes: number; room: number; oldest: number }>();
  for (const wall of walls) {
    for (const row of wall.rows) {
      const site = valueAt(live.site, row);
      let maker = bySite.get(site);
      if (maker === undefined) bySite.set(site, (maker = { blocks: 0, bytes: 0, room: 0, oldest: Infinity }));
      maker.blocks++;
      maker.bytes += valueAt(live.size, row);
      maker.room += wall.gain / wall.rows.length;
      maker.oldest = Math.min(maker.oldest, live.origin[row] ?? Infinity);
    }
  }
  const tried = [...bySite].sort(([, a], [, b]) => b.room - a.room).slice(0, MAKERS_TRIED);
  const pieces = piecesOf(state, live, extra);
  const now = largestWithout(pieces, () => false);
  return tried
    .map(([site, { blocks, bytes, oldest }]) => {
      const gain = largestWithout(pieces, (row) => live.site[row] === site) - now;
      return { site, blocks, bytes, oldest, gain };
    })
    .sort((a, b) => b.gain - a.gain);
}

function sentence(maker: HoleMaker, names: Names, time: Microseconds): string {
  const blocks = `${formatNumberOf(maker.blocks, "block")} (${formatBytes(maker.bytes)}) from ${names.site(maker.site).text}`;
  const age = `the oldest for ${formatTime(time - maker.oldest)}`;
  return maker.gain > 0
    ? `Without ${blocks} the largest hole would be ${formatBytes(maker.gain)} larger; ${age}`
    : `${blocks} ${maker.blocks === 1 ? "stands" : "stand"} between holes, with others: alone nothing would be gained; ${age}`;
}
