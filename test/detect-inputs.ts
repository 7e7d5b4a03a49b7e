// What a detector gets to see, made up of columns for a test of its exact borders.

import type { DetectContext } from "../src/detect/context.ts";
import { openModel } from "../src/heap/model.ts";
import { LIFETIME_BUCKETS, type BlockTable, type SiteActivity, type Window } from "../src/heap/types.ts";
import type { Boot } from "../src/wire/records.ts";
import { recordRun, testBoot } from "./heap-text.ts";
import { namesOf } from "./incidents.ts";

export interface Block {
  readonly address: number;
  readonly size: number;
  readonly site?: number;
  readonly task?: number;
  readonly born?: number;
  readonly origin?: number;
}

/** @param blocks by address */
export function tableOf(blocks: readonly Block[]): BlockTable {
  const born = blocks.map((one) => one.born ?? 0);
  return {
    length: blocks.length,
    address: Uint32Array.from(blocks, ({ address }) => address),
    size: Uint32Array.from(blocks, ({ size }) => size),
    site: Uint32Array.from(blocks, ({ site = 1 }) => site),
    task: Uint16Array.from(blocks, ({ task = 0 }) => task),
    core: new Uint8Array(blocks.length),
    born: Float64Array.from(born),
    origin: Float64Array.from(blocks, ({ origin }, i) => origin ?? born[i] ?? 0),
    reallocs: new Uint16Array(blocks.length),
    flags: new Uint8Array(blocks.length),
  };
}

type Column = {
  [Name in keyof SiteActivity]: SiteActivity[Name] extends Float64Array ? Name : never;
}[keyof SiteActivity];

/** The activity of sites 1, 2 …; what is not given is 0. `lifetimes` has a bucket and how many lives ended in it. */
export function activityOf(
  window: Window,
  sites: readonly (Partial<Record<Exclude<Column, "lifetimes">, number>> & { lives?: readonly [number, number][] })[],
): SiteActivity {
  const column = (name: Exclude<Column, "lifetimes">): Float64Array =>
    Float64Array.from([0, ...sites.map((site) => site[name] ?? 0)]);
  const lifetimes = new Float64Array((sites.length + 1) * LIFETIME_BUCKETS);
  for (const [i, { lives = [] }] of sites.entries())
    for (const [bucket, count] of lives) lifetimes[(i + 1) * LIFETIME_BUCKETS + bucket] = count;
  return {
    window,
    sites: sites.length + 1,
    allocations: column("allocations"),
    allocatedBytes: column("allocatedBytes"),
    frees: column("frees"),
    freedBytes: column("freedBytes"),
    liveBlocks: column("liveBlocks"),
    liveBytes: column("liveBytes"),
    survivorBytes: column("survivorBytes"),
    peakBytes: column("peakBytes"),
    peakTime: column("peakTime"),
    temporaryAllocations: column("temporaryAllocations"),
    temporaryBytes: column("temporaryBytes"),
    reallocs: column("reallocs"),
    moves: column("moves"),
    longestChain: column("longestChain"),
    lifetimes,
    longestEnded: column("longestEnded"),
    longestOngoing: column("longestOngoing"),
  };
}

/** A run of `length` microseconds in which nothing is told but the boot, with these blocks live at its end; sites are called `place_1` and so on. */
export async function contextOf(
  length: number,
  blocks: readonly Block[],
  boot: Partial<Boot> = {},
): Promise<DetectContext> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...testBoot, ...boot } });
    sink.record({ kind: "mark", value: { time: length, name: "end", task: 0, core: 0 } });
  });
  const window = { from: 0, to: length };
  return {
    model: await openModel(run),
    window,
    stretch: window,
    live: tableOf(blocks),
    regions: [],
    names: namesOf(Array.from({ length: 40 }, (_, i) => [`place_${i + 1}`])),
    suppressions: [],
  };
}
