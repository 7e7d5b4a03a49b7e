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
  const slots = live.slotsByAddress().filter((slot) => {
    if (live.born[slot]! < bornFrom) return false;
    return filter === undefined || acceptsSlot(filter, live, slot, time);
  });
  const length = slots.length;
  const table = emptyTable(length);
  for (let i = 0; i < length; i++) {
    const slot = slots[i]!;
    table.address[i] = live.address[slot]!;
    table.size[i] = live.size[slot]!;
    table.site[i] = live.site[slot]!;
    table.task[i] = live.context[slot]! >>> 2;
    table.core[i] = live.context[slot]! & 3;
    table.born[i] = live.born[slot]!;
    table.origin[i] = live.originOf(slot);
    table.reallocs[i] = live.reallocs[slot]!;
    table.flags[i] = live.flags(slot);
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
