// `memmap fragmentation`: how split each region is, and who keeps it split.
import type { Command } from "commander";
import { formatBytes, formatNumberOf, formatTime } from "../../base/format.ts";
import { viewFragmentation, type RegionFragmentationView } from "../../report/fragmentation-view.ts";
import { addRunOptions, asJson, asLines, ask, textOptions, type RunOptions } from "../run-options.ts";
import { bar } from "../terminal/bars.ts";
import { formatTable, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

const choice = { at: true, limit: 8 } as const;

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .addHelpText(
      "after",
      `
Each region for itself, as an allocation never spans two. Score: 0 is one hole, towards 1 is dust. "Unusable": the share of the free
memory that lies in holes too small for a request of that size.

Examples:
  memmap fragmentation run.memmap
  memmap fragmentation run.memmap --at mark:connected`,
    )
    .action(async (file: string, options: RunOptions) => {
      await ask(file, options, choice, async ({ model, names, at, limit }) => {
        const regions = await viewFragmentation(model, names, at);
        if (options.json) return asJson(regions);
        if (regions.length === 0) return "The recording has no report of the heap's regions.\n";
        return asLines(regions.flatMap((region, index) => [...(index > 0 ? [""] : []), ...regionLines(region, limit)]));
      });
    });
}

function regionLines(region: RegionFragmentationView, limit: number): string[] {
  const { colours, width } = textOptions();
  const estimate = region.exact ? "" : " (estimate: blocks exist that the stream does not show)";
  const lines = [
    colours.bold(region.name),
    ...wrap(
      `${formatBytes(region.free)} free of ${formatBytes(region.total)} in ${formatNumberOf(region.holes, "hole")}, largest ${formatBytes(region.largestFree)}; score ${region.score.toFixed(2)}, ${region.baseline} ${region.baselineScore.toFixed(2)}${estimate}`,
      width,
      "  ",
    ),
  ];
  const curve = region.curve.filter((point) => point.share > 0);
  if (curve.length > 0) {
    lines.push("  unusable for a request of");
    for (const { request, share } of curve.slice(0, 14)) {
      lines.push(`  ${formatBytes(request).padStart(10)} ${bar(share, 30)} ${(share * 100).toFixed(0)} %`);
    }
  }
  if (region.makers.length > 0) {
    const columns: Column[] = [
      { title: "keeps split", align: "right", style: colours.bold },
      { title: "with", align: "right" },
      { title: "blocks", align: "right" },
      { title: "oldest", align: "right" },
      { title: "site", shorten: "end" },
    ];
    const cells = region.makers
      .slice(0, limit)
      .map((maker) => [
        formatBytes(maker.gain),
        formatBytes(maker.bytes),
        String(maker.blocks),
        formatTime(maker.age),
        maker.where,
      ]);
    lines.push(
      ...formatTable(columns, cells, process.stdout.isTTY ? width - 2 : undefined, colours.dim).map(
        (line) => `  ${line}`,
      ),
    );
  }
  return lines;
}
