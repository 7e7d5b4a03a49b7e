/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Tables of blocks: taken from a live set, filtered, picked from.

import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "./filter.ts";
import type { LiveSet } from "./live-set.ts";
import type { BlockTable } from "./types.ts";

/** The live blocks that the filter accepts at `time` and that were born at or after `bornFrom`, by address. */
export function tableOf(
  live: LiveSet,
  time: Microseconds,
  filter: BlockFilter | undefined,
  bornFrom = -Infinity,
): BlockTable {
  const { blocks } = live;
  const isAll = filter === undefined && bornFrom === -Infinity;
  const isWanted = (slot: number): boolean =>
    blocks.born[slot]! >= bornFrom && (filter === undefined || acceptsSlot(filter, blocks, slot, time));
  const slots = isAll ? live.slotsByAddress() : live.slotsByAddress().filter(isWanted);
  const length = slots.length;
  const table = emptyTable(length);
  for (let i = 0; i < length; i++) {
    const slot = slots[i]!;
    table.address[i] = blocks.address[slot]!;
    table.size[i] = blocks.size[slot]!;
    table.site[i] = blocks.site[slot]!;
    table.task[i] = blocks.context[slot]! >>> 2;
    table.core[i] = blocks.context[slot]! & 3;
    table.born[i] = blocks.born[slot]!;
    table.origin[i] = blocks.originOf(slot);
    table.reallocs[i] = blocks.reallocs[slot]!;
    table.flags[i] = blocks.flags(slot);
  }
  return table;
}

export function acceptsSlot(
  filter: BlockFilter,
  live: {
    readonly address: Uint32Array;
    readonly size: Uint32Array;
    readonly site: Uint32Array;
    readonly context: Uint16Array;
    readonly born: Float64Array;
  },
  slot: number,
  until: Microseconds,
): boolean {
  return filter.accepts(
    live.address[slot]!,
    live.size[slot]!,
    live.site[slot]!,
    live.context[slot]!,
    live.born[slot]!,
    until,
  );
}

/** The blocks of a table that a filter accepts at `time`. */
export function filterTable(table: BlockTable, filter: BlockFilter, time: Microseconds): BlockTable {
  const rows: number[] = [];
  for (let i = 0; i < table.length; i++) {
    const context = table.task[i]! * 4 + table.core[i]!;
    if (filter.accepts(table.address[i]!, table.size[i]!, table.site[i]!, context, table.born[i]!, time)) rows.push(i);
  }
  return pickRows(table, rows);
}

export function pickRows(table: BlockTable, rows: ArrayLike<number>): BlockTable {
  const picked = emptyTable(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    picked.address[i] = table.address[row]!;
    picked.size[i] = table.size[row]!;
    picked.site[i] = table.site[row]!;
    picked.task[i] = table.task[row]!;
    picked.core[i] = table.core[row]!;
    picked.born[i] = table.born[row]!;
    picked.origin[i] = table.origin[row]!;
    picked.reallocs[i] = table.reallocs[row]!;
    picked.flags[i] = table.flags[row]!;
  }
  return picked;
}

function emptyTable(length: number): BlockTable {
  return {
    length,
    address: new Uint32Array(length),
    size: new Uint32Array(length),
    site: new Uint32Array(length),
    task: new Uint16Array(length),
    core: new Uint8Array(length),
    born: new Float64Array(length),
    origin: new Float64Array(length),
    reallocs: new Uint16Array(length),
    flags: new Uint8Array(length),
  };
}
