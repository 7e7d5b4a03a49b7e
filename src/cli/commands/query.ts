// `memmap query`: everything about the blocks that match a query.
import type { Command } from "commander";
import { formatAddress, formatBytes, formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import { topSites, type SiteRow } from "../../report/top-sites.ts";
import { viewLive, type LiveList } from "../../report/live-list.ts";
import { addRunOptions, asJson, asLines, ask, textOptions, type RunOptions } from "../run-options.ts";
import { formatTable, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

const choice = { window: true, limit: 10 } as const;

export function define(command: Command): void {
  command.argument("<file>", "a recording").argument("<query>", "terms, all of which must hold");
  addRunOptions(command, choice)
    .addHelpText(
      "after",
      `
Terms (all must hold; a:x,y is x or y; -term refuses; a word alone means
site:word):
  site:http_client.c  file:  func:  var:  component:  task:  method:calloc
  caps:DMA  caps:DMA|INTERNAL  region:DRAM  core:1  addr:0x3ffb0000..0x3ffb8000
  size>1k  size:64..128  live>10s (age, or life where freed)  born:mark1..mark2

Examples:
  memmap query run.memmap 'site:http_client.c live>10s task:wifi caps:DMA'
  memmap query run.memmap 'size>4k' --to mark:connected --json`,
    )
    .action(async (file: string, query: string, options: RunOptions) => {
      await ask(file, { ...options, filter: query }, choice, async ({ model, names, window, filter, limit }) => {
        const live = viewLive(await model.liveAt(window.to, filter), model.tables, names, window.to, "size");
        const peak = filter?.hasAge === true ? undefined : await model.peak(window, filter);
        const sites = await topSites(model, names, window, "live", filter);
        const answer = { query, window, peakBytes: peak?.bytes, peakTime: peak?.time, sites, live };
        return options.json ? asJson(answer) : asLines(queryLines(answer, limit));
      });
    });
}

interface Answer {
  readonly query: string;
  /** Not told for queries about ages. */
  readonly peakBytes: number | undefined;
  readonly peakTime: number | undefined;
  readonly sites: readonly SiteRow[];
  readonly live: LiveList;
}

function queryLines({ query, peakBytes, peakTime, sites, live }: Answer, limit: number): string[] {
  const { colours, width } = textOptions();
  const fit = process.stdout.isTTY ? width : undefined;
  const allocations = sites.reduce((sum, site) => sum + site.allocations, 0);
  const peak =
    peakBytes === undefined || peakBytes === 0 || peakTime === undefined
      ? ""
      : ` at most ${formatBytes(peakBytes)} at ${formatTime(peakTime)};`;
  const lines = wrap(
    `${formatNumberOf(live.blocks, "block")}, ${formatBytes(live.bytes)} match ${query} at ${formatTime(live.time)};${peak} ` +
      `${formatNumberOf(allocations, "allocation")} from ${formatNumberOf(sites.length, "site")}.`,
    width,
  );
  const siteColumns: Column[] = [
    { title: "live", align: "right", style: colours.bold },
    { title: "blocks", align: "right" },
    { title: "allocs", align: "right" },
    { title: "site", shorten: "end" },
  ];
  const siteCells = sites
    .slice(0, limit)
    .map((site) => [
      formatBytes(site.liveBytes),
      formatCount(site.liveBlocks),
      formatCount(site.allocations),
      site.where,
    ]);
  if (siteCells.length > 0) lines.push("", ...formatTable(siteColumns, siteCells, fit, colours.dim));
  if (sites.length > limit) lines.push(`and ${formatNumberOf(sites.length - limit, "more site")} (--limit all)`);
  const blockColumns: Column[] = [
    { title: "address" },
    { title: "size", align: "right", style: colours.bold },
    { title: "age", align: "right" },
    { title: "task" },
    { title: "site", shorten: "end" },
  ];
  const blockCells = live.rows
    .slice(0, limit)
    .map((row) => [formatAddress(row.address), formatBytes(row.size), formatTime(row.age), row.task, row.site.text]);
  if (blockCells.length > 0) lines.push("", ...formatTable(blockColumns, blockCells, fit, colours.dim));
  if (live.blocks > limit) lines.push(`and ${formatNumberOf(live.blocks - limit, "more block")} (--limit all)`);
  return lines;
}
