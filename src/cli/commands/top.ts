// `memmap top`: who holds memory and who churns.
import type { Command } from "commander";
import { formatAbout, formatBytes, formatCount } from "../../base/format.ts";
import type { GroupKey } from "../../heap/types.ts";
import { DIFF_KEYS } from "../../report/diff.ts";
import {
  TOP_ORDERS,
  viewGroups,
  viewSites,
  type ActivityView,
  type GroupsView,
  type SitesView,
} from "../../report/top-sites.ts";
import { asJson } from "../json.ts";
import { needsBlocks } from "../needs-blocks.ts";
import { addRunOptions, asLines, ask, parseChoice, textOptions, type RunOptions } from "../run-options.ts";
import { formatTable, omittedLine, type Column } from "../terminal/table.ts";

interface TopOptions extends RunOptions {
  readonly by: string;
  readonly sort: string;
}

const choice = { window: true, filter: true, limit: 20 } as const;
/** Beside what two runs have in common, what is of one run. */
const keys = [...DIFF_KEYS, "stack", "generation", "boot"] as const satisfies readonly GroupKey[];

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .option("--by <key>", `${keys.join(", ")}`, "site")
    .option(
      "--sort <order>",
      `${TOP_ORDERS.join(", ")} (bytes allocated); peak is what each held when all together held the most`,
      "live",
    )
    .addHelpText(
      "after",
      `
Examples:
  memmap top run.memmap                      call sites by live bytes at the end
  memmap top run.memmap --sort churn --from 10s
  memmap top run.memmap --by task --filter caps:DMA
  memmap top run.memmap --by size-class --sort allocations`,
    )
    .action(async (file: string, options: TopOptions) => {
      const by = parseChoice(options.by, "--by", keys);
      const sort = parseChoice(options.sort, "--sort", TOP_ORDERS);
      await ask(file, options, choice, async ({ model, names, window, filter, limit }) => {
        needsBlocks(model, file);
        if (by === "site") {
          const view = await viewSites(model, names, window, { order: sort, filter, limit });
          return options.json ? asJson("sites", view) : asLines(siteTable(view));
        }
        const view = await viewGroups(model, window, { by, order: sort, filter, limit });
        return options.json ? asJson("groups", view) : asLines(groupTable(view));
      });
    });
}

function siteTable({ sites, omittedSites }: SitesView): string[] {
  return table(
    "site",
    sites.map((row) => [row.site.text, row]),
    omittedSites,
  );
}

function groupTable({ by, groups, omittedGroups }: GroupsView): string[] {
  return table(
    by,
    groups.map((row) => [row.key, row]),
    omittedGroups,
  );
}

function table(title: string, rows: readonly (readonly [string, ActivityView])[], omitted: number): string[] {
  const { colours, width } = textOptions();
  const columns: Column[] = [
    { title: "live", align: "right", style: colours.bold },
    { title: "blocks", align: "right" },
    { title: "at peak", align: "right" },
    { title: "own peak", align: "right" },
    { title: "allocs", align: "right" },
    { title: "bytes in all", align: "right" },
    { title, shorten: "middle" },
  ];
  const cells = rows.map(([name, row]) => [
    formatAbout(row.liveBytes, formatBytes),
    formatAbout(row.liveBlocks, formatCount),
    formatAbout(row.bytesAtPeak, formatBytes),
    formatAbout(row.peakBytes, formatBytes),
    formatAbout(row.allocations, formatCount),
    formatAbout(row.allocatedBytes, formatBytes),
    name,
  ]);
  return [
    ...formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim),
    ...(omitted > 0 ? ["", omittedLine(omitted, "more row")] : []),
  ];
}
