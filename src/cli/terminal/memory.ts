// Tables of memory by region and by capability.
import { formatBytes, formatCount } from "../../base/format.ts";
import type { MemoryRow } from "../../report/memory-view.ts";
import { formatTable, type Column } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

/** @param title of the first column */
export function memoryTable(title: string, rows: readonly MemoryRow[], { colours, width }: TextOptions): string[] {
  const columns: Column[] = [
    { title, shorten: "end" },
    { title: "size", align: "right" },
    { title: "used", align: "right" },
    { title: "free", align: "right", style: colours.bold },
    { title: "largest", align: "right" },
    { title: "holes", align: "right" },
    { title: "lowest", align: "right" },
  ];
  const cells = rows.map((row) => {
    const about = row.exact ? "" : "~";
    return [
      row.name,
      formatBytes(row.total),
      formatBytes(row.used),
      formatBytes(row.free),
      about + formatBytes(row.largestFree),
      about + formatCount(row.freeBlocks),
      formatBytes(row.minimumFree),
    ];
  });
  return formatTable(columns, cells, width, colours.dim);
}

/** What the `~` of these tables means; nothing where there is none. */
export function estimateLine(rows: readonly MemoryRow[]): string[] {
  return rows.every(({ exact }) => exact) ? [] : ["~ estimate: blocks exist there that the stream does not show"];
}
