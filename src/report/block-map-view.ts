/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Makes the heap map of a moment: regions, live blocks with what they take, holes, and the blocks that keep holes apart. 20,000 blocks are a few
// milliseconds.
import { estimated, exactly, unknown } from "../base/quantity.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import { eachWall } from "../detect/fragmentation.ts";
import type { BlockFilter } from "../heap/filter.ts";
import { blockEnd, regionName } from "../heap/regions.ts";
import type { BlockTable, RegionState } from "../heap/types.ts";
import { groupNamer, type Asked } from "./asked.ts";
import { SEAM, type BlockMap, type MapRegion } from "./block-map.ts";
import { columnBytes, Columns, numberInto } from "./columns.ts";
import { gapDoubt, viewRegion, type IsDoubtful } from "./memory-view.ts";

/** Bytes of an entry in each column of blocks, and of holes. */
const BLOCK_COLUMNS = [8, 8, 8, 8, 4, 4, 4, 4, 1, 1];
const HOLE_COLUMNS = [8, 4, 1];

/** Without the device's word on regions: addresses this far apart belong to different ones. */
const APART = 1 << 20;

export async function viewBlockMap(
  asked: Asked,
  time: Microseconds,
  filter: BlockFilter | undefined,
): Promise<BlockMap> {
  const { model } = asked;
  // By address, as blocks and holes are: a device tells of its regions in the order of their capabilities.
  const { blocks: live, regions } = await model.momentAt(time);
  const states = [...regions].sort((a, b) => a.region.start - b.region.start);
  const redZone = model.tables.boots.findLast(({ startedAt }) => startedAt <= time)?.redZoneBytes ?? 0;
  const isDoubtful = gapDoubt(model, time);
  const componentOf = groupNamer(asked, "component");
  const { length } = live;
  const holes = states.reduce((sum, state) => sum + state.holes.length, 0);
  const room = columnBytes(length, BLOCK_COLUMNS) + columnBytes(holes, HOLE_COLUMNS);
  const columns = new Columns(asked.buffers?.take(room) ?? new ArrayBuffer(room));
  const map = {
    end: columns.float64(length),
    born: columns.float64(length),
    lastBorn: columns.float64(length),
    gainBytes: columns.float64(length),
    address: columns.uint32(length),
    size: columns.uint32(length),
    site: columns.uint32(length),
    task: columns.uint32(length),
    flags: columns.uint8(length),
    dimmed: columns.uint8(length),
    holeBytes: columns.float64(holes),
    holeStart: columns.uint32(holes),
    holeUnknown: columns.uint8(holes),
  };
  for (const name of ["address", "size", "flags"] as const) map[name].set(live[name]);
  map.born.set(live.origin);
  map.lastBorn.set(live.born);
  for (let i = 0; i < length; i++) {
    map.end[i] = blockEnd(live.address[i]!, live.size[i]!, redZone);
    const context = live.task[i]! * 4 + live.core[i]!;
    const isAccepted =
      filter === undefined ||
      filter.accepts(live.address[i]!, live.size[i]!, live.site[i]!, context, live.born[i]!, time);
    map.dimmed[i] = isAccepted ? 0 : 1;
  }
  setGains(map.gainBytes, states, live);
  let at = 0;
  for (const state of states) {
    for (const { start, bytes } of state.holes) {
      map.holeStart[at] = start;
      map.holeBytes[at] = bytes;
      map.holeUnknown[at++] = isUnknown(state, bytes) ? 1 : 0;
    }
  }
  const sites = numberInto(map.site, live.site);
  const tasks = numberInto(map.task, live.task);
  return {
    time,
    redZoneBytes: redZone,
    regions: states.length === 0 ? regionsFrom(live) : states.map((state) => viewMapRegion(state, isDoubtful)),
    length,
    ...map,
    siteNames: sites.map((id) => asked.names.site(id).text),
    siteComponents: sites.map((id) => componentOf(id, 0)),
    taskNames: tasks.map((id) => asked.names.task(id)),
  };
}

function isUnknown({ exact, largestFree }: RegionState, bytes: Bytes): boolean {
  return !exact && bytes > largestFree + SEAM;
}

function viewMapRegion(state: RegionState, isDoubtful: IsDoubtful): MapRegion {
  const { region, liveBlocks, reportedAt } = state;
  return {
    ...viewRegion(state, isDoubtful),
    capBits: region.caps,
    liveBlocks: isDoubtful(reportedAt) ? estimated(liveBlocks) : exactly(liveBlocks),
  };
}

/** Where the device told of no region: one around each group of blocks, of which nothing but the blocks is known. */
function regionsFrom(live: BlockTable): readonly MapRegion[] {
  const regions: MapRegion[] = [];
  let first = 0;
  for (let i = 0; i < live.length; i++) {
    const next = live.address[i + 1];
    if (next !== undefined && next - live.address[i]! < APART) continue;
    const start = Math.floor(live.address[first]! / 1024) * 1024;
    const end = Math.ceil((live.address[i]! + live.size[i]!) / 1024) * 1024;
    regions.push({
      ...{ name: regionName({ name: "heap", start }), start, end, totalBytes: end - start },
      ...{ usedBytes: unknown, freeBytes: unknown, largestFreeBytes: unknown, freeBlocks: unknown },
      ...{ minimumFreeBytes: unknown, capBits: 0, liveBlocks: exactly(i + 1 - first) },
    });
    first = i + 1;
  }
  return regions;
}

function setGains(column: Float64Array, states: readonly RegionState[], live: BlockTable): void {
  column.fill(0);
  for (const state of states) {
    eachWall(state, live, (_hole, first, end, _bytes, gain) => {
      for (let row = first; row < end; row++) column[row] = Math.max(column[row]!, gain);
    });
  }
}
