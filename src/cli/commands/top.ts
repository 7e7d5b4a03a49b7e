// `memmap top`: who holds memory and who churns.
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatAbout, formatBytes, formatCount, formatTime } from "../../base/format.ts";
import type { GroupKey } from "../../heap/types.ts";
import { DIFF_KEYS } from "../../report/diff.ts";
import { siteOrders, viewGroups, viewSites, type GroupsView, type SitesView } from "../../report/top-sites.ts";
import { asJson } from "../json.ts";
import { addRunOptions, asLines, ask, parseChoice, textOptions, type RunOptions } from "../run-options.ts";
import { formatTable, type Column } from "../terminal/table.ts";

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
      `for sites: ${siteOrders.join(", ")} (bytes allocated); peak is what each held when all together held the most`,
      "live",
    )
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
      const sort = parseChoice(options.sort, "--sort", siteOrders);
      if (by !== "site" && sort !== "live") {
        throw new MemmapError(`--sort ${sort} is known of call sites only, not by ${by}`, {
          code: "usage-sort",
          hint: `Leave --sort out (by ${by}, what holds most comes first), or leave --by out.`,
        });
      }
      await ask(file, options, choice, async ({ model, names, window, filter, limit }) => {
        if (by === "site") {
          const view = await viewSites(model, names, window, { order: sort, filter, limit });
          return options.json ? asJson("sites", view) : asLines(siteTable(view));
        }
        const view = await viewGroups(model, window.to, { by, filter, limit });
        return options.json ? asJson("groups", view) : asLines(groupTable(view));
      });
    });
}

function siteTable({ sites }: SitesView): string[] {
  const { colours, width } = textOptions();
  const columns: Column[] = [
    { title: "live", align: "right", style: colours.bold },
    { title: "blocks", align: "right" },
    { title: "at peak", align: "right" },
    { title: "own peak", align: "right" },
    { title: "allocs", align: "right" },
    { title: "bytes in all", align: "right" },
    { title: "site", shorten: "middle" },
  ];
  const cells = sites.map((row) => [
    formatAbout(row.liveBytes, formatBytes),
    formatAbout(row.liveBlocks, formatCount),
    formatAbout(row.bytesAtPeak, formatBytes),
    formatAbout(row.peakBytes, formatBytes),
    formatAbout(row.allocations, formatCount),
    formatAbout(row.allocatedBytes, formatBytes),
    row.site.text,
  ]);
  return formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim);
}

function groupTable({ by, groups }: GroupsView): string[] {
  const { colours, width } = textOptions();
  const columns: Column[] = [
    { title: "live", align: "right", style: colours.bold },
    { title: "share", align: "right" },
    { title: "blocks", align: "right" },
    { title: "oldest", align: "right" },
    { title: by, shorten: "middle" },
  ];
  const cells = groups.map((row) => [
    formatAbout(row.liveBytes, formatBytes),
    `${(row.share * 100).toFixed(1)} %`,
    formatAbout(row.liveBlocks, formatCount),
    formatTime(row.oldestAge),
    row.key,
  ]);
  return formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim);
}
