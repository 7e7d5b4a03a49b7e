// `memmap top`: who holds memory and who churns.
import type { Command } from "commander";
import { formatBytes, formatCount, formatTime } from "../../base/format.ts";
import type { GroupKey } from "../../heap/types.ts";
import { topGroups, topSites, type GroupRow, type SiteOrder, type SiteRow } from "../../report/top-sites.ts";
import { addRunOptions, asJson, asLines, ask, parseChoice, textOptions, type RunOptions } from "../run-options.ts";
import { formatTable, type Column } from "../terminal/table.ts";

interface TopOptions extends RunOptions {
  readonly by: string;
  readonly sort: string;
}

const choice = { window: true, filter: true, limit: 20 } as const;
const orders = ["live", "peak", "allocations", "churn"] as const satisfies readonly SiteOrder[];
const keys = [
  "site",
  "stack",
  "function",
  "file",
  "component",
  "variable",
  "method",
  "task",
  "core",
  "caps",
  "region",
  "size-class",
  "generation",
  "boot",
] as const satisfies readonly GroupKey[];

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .option("--by <key>", `${keys.join(", ")}`, "site")
    .option("--sort <order>", `for sites: ${orders.join(", ")} (bytes allocated)`, "live")
    .addHelpText(
      "after",
      `
Examples:
  memmap top run.memmap                      call sites by live bytes at the end
  memmap top run.memmap --sort churn --from 10s
  memmap top run.memmap --by task --filter caps:DMA`,
    )
    .action(async (file: string, options: TopOptions) => {
      const by = parseChoice(options.by, "--by", keys);
      const sort = parseChoice(options.sort, "--sort", orders);
      await ask(file, options, choice, async ({ model, names, window, filter, limit }) => {
        if (by === "site") {
          const rows = (await topSites(model, names, window, sort, filter)).slice(0, limit);
          return options.json ? asJson(rows) : asLines(siteTable(rows));
        }
        const rows = (await topGroups(model, by, window.to, filter)).slice(0, limit);
        return options.json ? asJson(rows) : asLines(groupTable(by, rows));
      });
    });
}

function siteTable(rows: readonly SiteRow[]): string[] {
  const { colours, width } = textOptions();
  const columns: Column[] = [
    { title: "live", align: "right", style: colours.bold },
    { title: "blocks", align: "right" },
    { title: "peak", align: "right" },
    { title: "allocs", align: "right" },
    { title: "bytes in all", align: "right" },
    { title: "site", shorten: "end" },
  ];
  const cells = rows.map((row) => [
    formatBytes(row.liveBytes),
    formatCount(row.liveBlocks),
    formatBytes(row.peakBytes),
    formatCount(row.allocations),
    formatBytes(row.allocatedBytes),
    row.where,
  ]);
  return formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim);
}

function groupTable(by: GroupKey, rows: readonly GroupRow[]): string[] {
  const { colours, width } = textOptions();
  const columns: Column[] = [
    { title: "live", align: "right", style: colours.bold },
    { title: "share", align: "right" },
    { title: "blocks", align: "right" },
    { title: "oldest", align: "right" },
    { title: by, shorten: "end" },
  ];
  const cells = rows.map((row) => [
    formatBytes(row.bytes),
    `${(row.share * 100).toFixed(1)} %`,
    formatCount(row.blocks),
    formatTime(row.oldest),
    row.key,
  ]);
  return formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim);
}
