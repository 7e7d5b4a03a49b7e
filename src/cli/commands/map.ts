// `memmap map`: the address space of each region at a moment, one character a stretch.
import type { Command } from "commander";
import {
  formatAbout,
  formatAddress,
  formatBytes,
  formatNumberOf,
  formatQuantity,
  formatTime,
} from "../../base/format.ts";
import { safeText } from "../../base/safe-text.ts";
import { viewHeapMap, type HeapMapView, type RegionMapView } from "../../report/heap-map.ts";
import { asJson } from "../json.ts";
import { addRunOptions, asLines, ask, liveQuestion, noRegions, textOptions, type RunOptions } from "../run-options.ts";
import { shade } from "../terminal/bars.ts";
import { wrap } from "../terminal/wrap.ts";

const choice = { at: true, since: true, filter: true } as const;
const CELLS_OF_LARGEST = 1024;

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .addHelpText(
      "after",
      `
·  free   ░ ▒ ▓ █  more and more is in live blocks   ─  the largest hole
╱  used or free: blocks exist in this region that the stream does not show
(allocated before tracking began)

Examples:
  memmap map run.memmap
  memmap map run.memmap --at 50% --filter task:wifi`,
    )
    .action(async (file: string, options: RunOptions) => {
      await ask(file, options, choice, async (question) => {
        const { model, names, at } = question;
        const map = await viewHeapMap(model, names, liveQuestion(question, options), CELLS_OF_LARGEST);
        if (options.json) return asJson("map", map);
        if (map.regions.length === 0) return `${await noRegions(model, at)}\n`;
        return asLines(mapLines(map));
      });
    });
}

function mapLines({ time, regions }: HeapMapView): string[] {
  const { colours, width } = textOptions();
  const cell = regions[0]?.cellBytes ?? 0;
  return [
    `At ${formatTime(time)}; one character is ${formatBytes(cell)}.`,
    ...wrap(
      `${shade(1)} used, ${shade(0.5)} in part, ${shade(0)} free, ${LARGEST_HOLE} the largest hole, ${HATCHED} used or free: the stream does not show it.`,
      width,
    ),
    ...regions.flatMap((region) => ["", ...regionLines(region, width, colours.bold)]),
  ];
}

const PER_LINE = 64;
const LARGEST_HOLE = "─";
const HATCHED = "╱";

function holes({ freeBlocks }: RegionMapView): string {
  if (freeBlocks.certainty === "unknown") return "holes that are not known";
  return formatQuantity(freeBlocks, (count) => formatNumberOf(count, "hole"));
}

function regionLines(region: RegionMapView, width: number, bold: (text: string) => string): string[] {
  const name = safeText(region.name);
  const [first = "", ...more] = wrap(
    `${name}: ${formatAbout(region.freeBytes, formatBytes)} free in ${holes(region)}, largest ${formatAbout(region.largestFreeBytes, formatBytes)}`,
    width,
  );
  const lines = [first.replace(name, bold(name)), ...more];
  for (let i = 0; i < region.cells.length; i += PER_LINE) {
    const cells = region.cells.slice(i, i + PER_LINE);
    const picture = cells
      .map(({ share, inLargestFree, mayBeUsed }) => {
        if (mayBeUsed) return HATCHED;
        return share <= 0 && inLargestFree ? LARGEST_HOLE : shade(share);
      })
      .join("");
    lines.push(`${formatAddress(cells[0]?.start ?? 0)}  ${picture}`);
  }
  return lines;
}
