// Tables of memory by region and by capability.
import { formatAbout, formatBytes, formatCount } from "../../base/format.ts";
import { isExact } from "../../base/quantity.ts";
import type { MemoryView } from "../../report/memory-view.ts";
import { formatTable, type Column } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

/** @param title of the first column */
export function memoryTable(title: string, rows: readonly MemoryView[], { colours, width }: TextOptions): string[] {
  const columns: Column[] = [
    { title, shorten: "middle" },
    { title: "size", align: "right" },
    { title: "used", align: "right" },
    { title: "free", align: "right", style: colours.bold },
    { title: "largest", align: "right" },
    { title: "holes", align: "right" },
    { title: "lowest", align: "right" },
  ];
  const cells = rows.map((row) => [
    row.name,
    formatBytes(row.totalBytes),
    formatAbout(row.usedBytes, formatBytes),
    formatAbout(row.freeBytes, formatBytes),
    formatAbout(row.largestFreeBytes, formatBytes),
    formatAbout(row.freeBlocks, formatCount),
    formatAbout(row.minimumFreeBytes, formatBytes),
  ]);
  return formatTable(columns, cells, width, colours.dim);
}

/** What the `~` of these tables means; nothing where there is none. */
export function estimateLine(rows: readonly MemoryView[]): string[] {
  if (rows.some(({ freeBytes }) => !isExact(freeBytes)))
    return ["~ estimate: history is missing since the device's last answer"];
  return rows.every(({ freeBlocks }) => isExact(freeBlocks))
    ? []
    : ["~ the device's last answer, ? not known: the stream does not show all blocks"];
}
