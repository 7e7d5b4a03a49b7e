/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Blocks summed by what they have in common; of a sample, estimates of all blocks.

import { formatAddress } from "../base/format.ts";
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
  const keyOf = blockKey(blocks, by, names);
  const { weight } = samplingOf(names.tables.boots);
  const groups = new Map<string, MutableGroup>();
  for (let i = 0; i < blocks.length; i++) {
    const key = keyOf(i);
    let group = groups.get(key);
    if (group === undefined) {
      group = { key, blocks: 0, bytes: 0, oldest: Infinity, newest: -Infinity, bySite: new Map() };
      groups.set(key, group);
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
    .sort((a, b) => b.bytes - a.bytes || b.blocks - a.blocks || (a.key < b.key ? -1 : 1))
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

function blockKey(blocks: BlockTable, by: GroupKey, names: NameSource): (row: number) => string {
  const { tables, regions } = names;
  switch (by) {
    case "task":
      return (row) => tables.tasks[blocks.task[row]!]?.name ?? UNKNOWN;
    case "core":
      return (row) => `core ${blocks.core[row]}`;
    case "region":
      return (row) => {
        const region = regionOf(regions, blocks.address[row]!);
        return region === undefined ? UNKNOWN : regionName(region);
      };
    case "size-class":
      return (row) => sizeClass(blocks.size[row]!);
    case "generation":
      return (row) => generationOf(tables, blocks.born[row]!);
    case "boot":
      return (row) => `boot ${bootOf(tables, blocks.born[row]!) + 1}`;
    case "site":
    case "stack":
    case "function":
    case "file":
    case "component":
    case "variable":
    case "method":
    case "caps": {
      const known = new Map<number, string>();
      return (row) => {
        const id = blocks.site[row]!;
        let key = known.get(id);
        if (key === undefined) {
          const site = tables.sites[id] ?? tables.sites[0]!;
          key = siteKey(site, by, names.resolver);
          known.set(id, key);
        }
        return key;
      };
    }
  }
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

/** `17–32 B`: powers of two. */
function sizeClass(size: number): string {
  if (size <= 1) return `${size} B`;
  const top = 2 ** Math.ceil(Math.log2(size));
  return `${top / 2 + 1}–${top} B`;
}

/** The mark after which a block was born: a generation is what was born between two marks. */
function generationOf(tables: RunTables, born: number): string {
  const index = tables.marks.findLastIndex((mark) => mark.time <= born);
  const mark = tables.marks[index];
  return mark === undefined ? "before the first mark" : `${index + 1}: ${mark.name}`;
}

function bootOf(tables: RunTables, time: number): number {
  return Math.max(
    0,
    tables.boots.findLastIndex((boot) => boot.startedAt <= time),
  );
}
