// Where the growth went: what each call site, component or task holds more at the end of a range than at its start.
import type { Bytes } from "../base/units.ts";
import { inTextOrder } from "../base/order.ts";
import type { BlockFilter } from "../heap/filter.ts";
import { samplingOf, sumOf } from "../heap/sampling.ts";
import type { BlockTable, Window } from "../heap/types.ts";
import { doubtAt, isCertain } from "./doubt.ts";
import { groupNamer, type Asked, type Dimension } from "./asked.ts";

export interface GrowthRow {
  readonly name: string;
  /** Live at the end of the range less live at its start. */
  readonly change: Bytes;
  readonly bytesBefore: Bytes;
  readonly bytesAfter: Bytes;
  readonly blocksBefore: number;
  readonly blocksAfter: number;
}

export interface GrowthView {
  readonly window: Window;
  readonly by: Dimension;
  /** Sum of all changes. */
  readonly change: Bytes;
  readonly bytesAfter: Bytes;
  /** False where a gap or sampling makes what is live at one of the ends, and so every row, an estimate. */
  readonly exact: boolean;
  /** Largest growth first; then what shrank, most last. */
  readonly rows: readonly GrowthRow[];
  /** Rows that were left out, and what they changed together. */
  readonly omittedRows: number;
  readonly omittedChange: Bytes;
}

export async function viewGrowth(
  asked: Asked,
  window: Window,
  by: Dimension,
  filter: BlockFilter | undefined,
  limit: number,
): Promise<GrowthView> {
  const before = await asked.model.liveAt(window.from, filter);
  const after = await asked.model.liveAt(window.to, filter);
  const all = compareTables(asked, before, asked, after, by).filter(({ change }) => change !== 0);
  // Both ends of the list are what one looks for: what grew most, and what shrank most.
  const rows =
    all.length <= limit ? all : [...all.slice(0, Math.ceil(limit / 2)), ...all.slice(-Math.floor(limit / 2))];
  const sum = (list: readonly GrowthRow[]): Bytes => list.reduce((total, { change }) => total + change, 0);
  return {
    window,
    by,
    change: sum(all),
    bytesAfter: sumOf(after, samplingOf(asked.model.tables.boots)).bytes,
    exact: isCertain(await doubtAt(asked.model, window.from)) && isCertain(await doubtAt(asked.model, window.to)),
    rows,
    omittedRows: all.length - rows.length,
    omittedChange: sum(all) - sum(rows),
  };
}

/** By name: what two tables of blocks, of one run or of two, hold. Largest growth first. */
export function compareTables(
  left: Asked,
  before: BlockTable,
  right: Asked,
  after: BlockTable,
  by: Dimension,
): readonly GrowthRow[] {
  const groups = new Map<string, { bytes: [number, number]; blocks: [number, number] }>();
  const add = (asked: Asked, table: BlockTable, side: 0 | 1): void => {
    const nameOf = groupNamer(asked, by);
    const { weight } = samplingOf(asked.model.tables.boots);
    for (let row = 0; row < table.length; row++) {
      const name = nameOf(table.site[row] ?? 0, table.task[row] ?? 0);
      let group = groups.get(name);
      if (group === undefined) groups.set(name, (group = { bytes: [0, 0], blocks: [0, 0] }));
      const size = table.size[row] ?? 0;
      group.bytes[side] += size * weight(size);
      group.blocks[side] += weight(size);
    }
  };
  add(left, before, 0);
  add(right, after, 1);
  return [...groups]
    .map(([name, { bytes, blocks }]) => ({
      name,
      change: Math.round(bytes[1]) - Math.round(bytes[0]),
      bytesBefore: Math.round(bytes[0]),
      bytesAfter: Math.round(bytes[1]),
      blocksBefore: Math.round(blocks[0]),
      blocksAfter: Math.round(blocks[1]),
    }))
    .sort((a, b) => b.change - a.change || b.bytesAfter - a.bytesAfter || inTextOrder(a.name, b.name));
}
