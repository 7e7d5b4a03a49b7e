// `memmap map`: the address space of each region at a moment, one character a stretch.
import type { Command } from "commander";
import { formatAddress, formatBytes, formatNumberOf, formatTime } from "../../base/format.ts";
import { viewHeapMap, type HeapMap, type RegionMap } from "../../report/heap-map.ts";
import {
  addRunOptions,
  asJson,
  asLines,
  ask,
  liveOf,
  noRegions,
  textOptions,
  type RunOptions,
} from "../run-options.ts";
import { shade } from "../terminal/bars.ts";

const choice = { at: true, since: true, filter: true } as const;
const cellsOfLargest = 1024;

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .addHelpText(
      "after",
      `
·  free   ░ ▒ ▓ █  more and more is in live blocks   ─  the largest hole
Memory that the stream does not show (allocated before tracking began) looks
free.

Examples:
  memmap map run.memmap
  memmap map run.memmap --at 50% --filter task:wifi`,
    )
    .action(async (file: string, options: RunOptions) => {
      await ask(file, options, choice, async (question) => {
        const { model, names, at } = question;
        const states = await model.regionsAt(at);
        const live = await liveOf(question, options);
        const map = viewHeapMap(states, live, names, at, cellsOfLargest);
        if (options.json) return asJson(map);
        if (map.regions.length === 0) return `${await noRegions(model, at)}\n`;
        return asLines(mapLines(map));
      });
    });
}

function mapLines({ time, regions }: HeapMap): string[] {
  const { colours } = textOptions();
  const cell = regions[0]?.cellBytes ?? 0;
  return [
    `At ${formatTime(time)}; one character is ${formatBytes(cell)}.`,
    ...regions.flatMap((region) => ["", ...regionLines(region, colours.bold)]),
  ];
}

const perLine = 64;

function regionLines(region: RegionMap, bold: (text: string) => string): string[] {
  const lines = [
    `${bold(region.name)}: ${formatBytes(region.free)} free in ${formatNumberOf(region.freeBlocks, "hole")}, largest ${region.exact ? "" : "~"}${formatBytes(region.largestFree)}`,
  ];
  for (let i = 0; i < region.cells.length; i += perLine) {
    const cells = region.cells.slice(i, i + perLine);
    const picture = cells.map(({ fill, largestHole }) => (fill <= 0 && largestHole ? "─" : shade(fill))).join("");
    lines.push(`${formatAddress(cells[0]?.start ?? 0)}  ${picture}`);
  }
  return lines;
}
