// What two runs, or two moments of one, hold differently: live blocks by call site. Sites are the same when function, file, variable and
// size agree, so that a moved line is not a new site; where that leaves several, equal lines are matched first, then in order.
import type { Bytes, Microseconds } from "../base/units.ts";
import { fileName, type Names, type SiteName } from "../detect/names.ts";
import type { Sampling } from "../heap/sampling.ts";
import type { BlockTable } from "../heap/types.ts";

export interface DiffSide {
  readonly live: BlockTable;
  readonly names: Names;
  readonly time: Microseconds;
  /** Where the blocks are a sample. */
  readonly sampling?: Sampling;
}

export interface DiffRow {
  /** As named on the second side, or on the first where it is gone. */
  readonly where: string;
  /** As named on the first side, where that differs. */
  readonly before?: string;
  readonly bytesA: Bytes;
  readonly bytesB: Bytes;
  readonly blocksA: number;
  readonly blocksB: number;
  readonly change: Bytes;
}

export interface Diff {
  readonly bytesA: Bytes;
  readonly bytesB: Bytes;
  readonly blocksA: number;
  readonly blocksB: number;
  /** Largest change first, growth before shrinkage; sites that hold the same are left out. */
  readonly rows: readonly DiffRow[];
  readonly unchangedSites: number;
}

interface Entry {
  readonly name: SiteName;
  bytes: number;
  blocks: number;
  /** The size of most of its blocks. */
  readonly sizes: Map<number, number>;
}

export function diffLive(a: DiffSide, b: DiffSide): Diff {
  const before = collect(a);
  const after = collect(b);
  const rows = pair(before, after).map(([left, right]) => rowOf(left, right));
  const changed = rows.filter((row) => row.change !== 0 || row.blocksA !== row.blocksB);
  const sum = (entries: readonly Entry[], key: "bytes" | "blocks"): number =>
    entries.reduce((total, entry) => total + entry[key], 0);
  return {
    bytesA: sum(before, "bytes"),
    bytesB: sum(after, "bytes"),
    blocksA: sum(before, "blocks"),
    blocksB: sum(after, "blocks"),
    rows: changed.sort((x, y) => Math.abs(y.change) - Math.abs(x.change) || y.change - x.change),
    unchangedSites: rows.length - changed.length,
  };
}

function collect({ live, names, sampling }: DiffSide): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (let row = 0; row < live.length; row++) {
    const name = names.site(live.site[row] ?? 0);
    let entry = entries.get(name.text);
    if (entry === undefined) entries.set(name.text, (entry = { name, bytes: 0, blocks: 0, sizes: new Map() }));
    const size = live.size[row] ?? 0;
    const blocks = sampling?.weight(size) ?? 1;
    entry.bytes += size * blocks;
    entry.blocks += blocks;
    entry.sizes.set(size, (entry.sizes.get(size) ?? 0) + 1);
  }
  return [...entries.values()].map((entry) => ({
    ...entry,
    bytes: Math.round(entry.bytes),
    blocks: Math.round(entry.blocks),
  }));
}

type Pair = readonly [Entry | undefined, Entry | undefined];

/** From the most to the least certain match; what remains has come or gone. */
function pair(before: readonly Entry[], after: readonly Entry[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let left = [...before];
  let right = [...after];
  for (const keyOf of [exactKey, sizedKey, placeKey]) {
    const candidates = new Map<string, Entry[]>();
    for (const entry of left) candidates.set(keyOf(entry), [...(candidates.get(keyOf(entry)) ?? []), entry]);
    const matched = new Set<Entry>();
    for (const entry of byLine(right)) {
      const found = candidates.get(keyOf(entry));
      const [match] = found === undefined ? [] : byLine(found);
      if (found === undefined || match === undefined) continue;
      candidates.set(
        keyOf(entry),
        found.filter((one) => one !== match),
      );
      matched.add(match);
      matched.add(entry);
      pairs.push([match, entry]);
    }
    left = left.filter((entry) => !matched.has(entry));
    right = right.filter((entry) => !matched.has(entry));
  }
  return [
    ...pairs,
    ...left.map((entry): Pair => [entry, undefined]),
    ...right.map((entry): Pair => [undefined, entry]),
  ];
}

function exactKey(entry: Entry): string {
  return entry.name.text;
}

function sizedKey(entry: Entry): string {
  return `${placeKey(entry)}:${usualSize(entry)}`;
}

function placeKey({ name }: Entry): string {
  const file = name.file === undefined ? "" : fileName(name.file);
  return name.function === undefined || name.function === ""
    ? name.text
    : [file, name.function, name.variable ?? ""].join(":");
}

function usualSize({ sizes }: Entry): number {
  let best = 0;
  let most = 0;
  for (const [size, count] of sizes) if (count > most) [best, most] = [size, count];
  return best;
}

function byLine(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((a, b) => (a.name.line ?? 0) - (b.name.line ?? 0));
}

function rowOf(before: Entry | undefined, after: Entry | undefined): DiffRow {
  const where = (after ?? before)?.name.text ?? "";
  const moved = before !== undefined && after !== undefined && before.name.text !== where;
  return {
    where,
    ...(moved && { before: before.name.text }),
    bytesA: before?.bytes ?? 0,
    bytesB: after?.bytes ?? 0,
    blocksA: before?.blocks ?? 0,
    blocksB: after?.blocks ?? 0,
    change: (after?.bytes ?? 0) - (before?.bytes ?? 0),
  };
}
