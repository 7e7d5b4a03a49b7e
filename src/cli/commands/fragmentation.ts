// `memmap fragmentation`: how split each region is, and who keeps it split.
import type { Command } from "commander";
import {
  formatAbout,
  formatBytes,
  formatCount,
  formatNumberOf,
  formatQuantity,
  formatTime,
} from "../../base/format.ts";
import { safeText } from "../../base/safe-text.ts";
import {
  viewFragmentation,
  type FragmentationView,
  type RegionFragmentationView,
} from "../../report/fragmentation-view.ts";
import { asJson } from "../json.ts";
import { addRunOptions, asLines, ask, noRegions, textOptions, type RunOptions } from "../run-options.ts";
import { bar } from "../terminal/bars.ts";
import { estimateLine, memoryTable } from "../terminal/memory.ts";
import { formatTable, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

interface FragmentationOptions extends RunOptions {
  readonly caps?: true;
}

const choice = { at: true, limit: 8 } as const;

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .option("--caps", "tables only: what each region and each capability has, as heap_caps_get_info() answers")
    .addHelpText(
      "after",
      `
Each region for itself, as an allocation never spans two. Score: 0 is one hole,
towards 1 is dust. "Unusable": the share of the free memory that lies in holes
too small for a request of that size. "Lowest": the least that was ever free.

Examples:
  memmap fragmentation run.memmap
  memmap fragmentation run.memmap --at mark:connected
  memmap fragmentation run.memmap --caps --at 12.5s`,
    )
    .action(async (file: string, options: FragmentationOptions) => {
      await ask(file, options, choice, async ({ model, names, at, limit }) => {
        const view = await viewFragmentation(model, names, at);
        if (options.json) return asJson("fragmentation", view);
        if (view.regions.length === 0) return `${await noRegions(model, at)}\n`;
        if (options.caps) return asLines(tableLines(view));
        return asLines(
          view.regions.flatMap((region, index) => [...(index > 0 ? [""] : []), ...regionLines(region, limit)]),
        );
      });
    });
}

function tableLines({ time, regions, caps }: FragmentationView): string[] {
  const options = textOptions();
  return [
    `At ${formatTime(time)}`,
    "",
    ...memoryTable("region", regions, options),
    "",
    ...memoryTable("capability", caps, options),
    ...estimateLine(regions),
  ];
}

function regionLines(region: RegionFragmentationView, limit: number): string[] {
  const { colours, width } = textOptions();
  const { score, baselineScore, freeBlocks } = region;
  const free = `${formatAbout(region.freeBytes, formatBytes)} free of ${formatBytes(region.totalBytes)}`;
  const largest = `largest ${formatAbout(region.largestFreeBytes, formatBytes)}`;
  const how =
    score === undefined || baselineScore === undefined
      ? `${free}, ${largest} as the device last answered; where the holes lie is not known: blocks exist there that the stream does not show`
      : `${free} in ${formatQuantity(freeBlocks, (count) => formatNumberOf(count, "hole"))}, ${largest}; score ${score.toFixed(2)}, ${region.baseline} ${baselineScore.toFixed(2)}`;
  const lines = [colours.bold(safeText(region.name)), ...wrap(how, width, "  ")];
  const curve = region.unusable.filter((point) => point.share > 0);
  if (curve.length > 0) {
    lines.push("  unusable for a request of");
    for (const { requestBytes, share } of curve.slice(0, 14)) {
      lines.push(`  ${formatBytes(requestBytes).padStart(10)} ${bar(share, 30)} ${(share * 100).toFixed(0)} %`);
    }
  }
  if (region.splitters.length > 0) {
    const columns: Column[] = [
      { title: "keeps split", align: "right", style: colours.bold },
      { title: "with", align: "right" },
      { title: "blocks", align: "right" },
      { title: "oldest", align: "right" },
      { title: "site", shorten: "middle" },
    ];
    const cells = region.splitters
      .slice(0, limit)
      .map((splitter) => [
        formatBytes(splitter.gainBytes),
        formatAbout(splitter.liveBytes, formatBytes),
        formatAbout(splitter.liveBlocks, formatCount),
        formatTime(splitter.oldestAge),
        splitter.site.text,
      ]);
    lines.push(
      ...formatTable(columns, cells, process.stdout.isTTY ? width - 2 : undefined, colours.dim).map(
        (line) => `  ${line}`,
      ),
    );
  }
  return lines;
}
