/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Blocks summed by what they have in common; of a sample, estimates of all blocks.

import { formatAddress } from "../base/format.ts";
import type { Address, Bytes, Microseconds } from "../base/units.ts";
import { inTextOrder } from "../base/order.ts";
import { formatCaps } from "../wire/caps.ts";
import { Method } from "../wire/protocol.ts";
import type { Region } from "../wire/records.ts";
import { regionName, regionOf } from "./regions.ts";
import { samplingOf } from "./sampling.ts";
import { framesOf, labelOf, nameOf } from "./site-names.ts";
import type { BlockTable, FrameResolver, Group, GroupKey, RunTables } from "./types.ts";
import type { RunSite } from "./run-records.ts";

/** What names are made from. */
export interface NameSource {
  readonly tables: RunTables;
  readonly resolver: FrameResolver | undefined;
  readonly regions: readonly Region[];
}

const UNKNOWN = "?";

export function groupBlocks(blocks: BlockTable, by: GroupKey, names: NameSource): Group[] {
  const { keys, groupOf } = groupingBy(by, names);
  const { weight } = samplingOf(names.tables.boots);
  const groups = new Map<number, MutableGroup>();
  for (let i = 0; i < blocks.length; i++) {
    const context = blocks.task[i]! * 4 + blocks.core[i]!;
    const index = groupOf(blocks.address[i]!, blocks.size[i]!, blocks.site[i]!, context, blocks.born[i]!);
    let group = groups.get(index);
    if (group === undefined) {
      group = { key: keys[index]!, blocks: 0, bytes: 0, oldest: Infinity, newest: -Infinity, bySite: new Map() };
      groups.set(index, group);
    }
    const count = weight(blocks.size[i]!);
    const size = blocks.size[i]! * count;
    const site = blocks.site[i]!;
    group.blocks += count;
    group.bytes += size;
    group.oldest = Math.min(group.oldest, blocks.born[i]!);
    group.newest = Math.max(group.newest, blocks.born[i]!);
    group.bySite.set(site, (group.bySite.get(site) ?? 0) + size);
  }
  return [...groups.values()]
    .sort((a, b) => b.bytes - a.bytes || b.blocks - a.blocks || inTextOrder(a.key, b.key))
    .map(({ bySite, ...group }) => ({
      ...group,
      blocks: Math.round(group.blocks),
      bytes: Math.round(group.bytes),
      sites: [...bySite].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([site]) => site),
    }));
}

interface MutableGroup {
  readonly key: string;
  blocks: number;
  bytes: number;
  oldest: number;
  newest: number;
  readonly bySite: Map<number, number>;
}

/** All groups that blocks of a run can fall into by a key, and into which of them a block falls. */
export interface Grouping {
  readonly keys: readonly string[];
  /**
   * Index into `keys`.
   * @param site run-wide site id
   * @param context run-wide task id × 4 + core
   */
  groupOf(this: void, address: Address, size: Bytes, site: number, context: number, born: Microseconds): number;
}

export function groupingBy(by: GroupKey, names: NameSource): Grouping {
  const { tables, regions } = names;
  switch (by) {
    case "task": {
      const { keys, indices } = distinct(tables.tasks.map((task) => task.name));
      return { keys, groupOf: (_address, _size, _site, context) => indices[context >>> 2] ?? 0 };
    }
    case "core":
      return {
        keys: [0, 1, 2, 3].map((core) => `core ${core}`),
        groupOf: (_address, _size, _site, context) => context & 3,
      };
    case "region": {
      const { keys, indices } = distinct(regions.map(regionName));
      const indexOf = new Map(regions.map((region, i) => [region, indices[i]!]));
      return {
        keys,
        groupOf: (address) => {
          const region = regionOf(regions, address);
          return region === undefined ? 0 : indexOf.get(region)!;
        },
      };
    }
    case "size-class":
      return {
        keys: Array.from({ length: SIZE_CLASSES }, (_, index) => sizeClass(index)),
        groupOf: (_address, size) => (size === 0 ? 0 : Math.ceil(Math.log2(size)) + 1),
      };
    case "generation":
      return {
        keys: ["before the first mark", ...tables.marks.map((mark, index) => `${index + 1}: ${mark.name}`)],
        groupOf: (_address, _size, _site, _context, born) => tables.marks.findLastIndex(({ time }) => time <= born) + 1,
      };
    case "boot":
      return {
        keys: Array.from({ length: Math.max(1, tables.boots.length) }, (_, index) => `boot ${index + 1}`),
        groupOf: (_address, _size, _site, _context, born) =>
          Math.max(
            0,
            tables.boots.findLastIndex(({ startedAt }) => startedAt <= born),
          ),
      };
    case "site":
    case "stack":
    case "function":
    case "file":
    case "component":
    case "variable":
    case "method":
    case "caps": {
      const { keys, indices } = distinct(tables.sites.map((site) => siteKey(site, by, names.resolver)));
      return { keys, groupOf: (_address, _size, site) => indices[site] ?? indices[0] ?? 0 };
    }
  }
}

/** Each name once, after one for what has none, and which of them each of the names is. */
function distinct(names: readonly string[]): { readonly keys: readonly string[]; readonly indices: readonly number[] } {
  const indexOf = new Map([[UNKNOWN, 0]]);
  const indices = names.map((name) => {
    const index = indexOf.get(name) ?? indexOf.size;
    indexOf.set(name, index);
    return index;
  });
  return { keys: [...indexOf.keys()], indices };
}

function siteKey(
  site: RunSite,
  by: "site" | "stack" | "function" | "file" | "component" | "variable" | "method" | "caps",
  resolver: FrameResolver | undefined,
): string {
  const name = nameOf(site, resolver);
  switch (by) {
    case "site":
      return labelOf(site, name);
    case "stack": {
      const frames = framesOf(site, resolver).map((frame) => frame.function);
      if (frames.length > 0) return frames.join(" < ");
      const callers = site.callers?.map(formatAddress);
      return callers?.join(" < ") ?? labelOf(site, name);
    }
    case "function":
      return name.function ?? UNKNOWN;
    case "file":
      return name.file ?? UNKNOWN;
    case "component":
      return name.component ?? UNKNOWN;
    case "variable":
      return site.variable ?? UNKNOWN;
    case "method":
      return methodName(site.method);
    case "caps":
      return site.caps === 0 ? "none" : formatCaps(site.caps);
  }
}

export function methodName(method: number): string {
  const name = Object.entries(Method).find(([, code]) => code === method)?.[0] ?? "UNKNOWN";
  return name.toLowerCase().replace("_", " ");
}

/** 0 B, 1 B, 2 B, and powers of two up to 2^32: `17–32 B`. */
const SIZE_CLASSES = 34;

function sizeClass(index: number): string {
  if (index <= 2) return `${index} B`;
  const top = 2 ** (index - 1);
  return `${top / 2 + 1}–${top} B`;
}
