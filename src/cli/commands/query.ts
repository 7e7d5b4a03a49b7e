// `memmap query`: everything about the blocks that match a query.
import type { Command } from "commander";
import {
  formatAbout,
  formatAddress,
  formatBytes,
  formatCount,
  formatNumberOf,
  formatQuantity,
  formatTime,
} from "../../base/format.ts";
import { likely, type Quantity } from "../../base/quantity.ts";
import { viewQuery, type QueryView } from "../../report/query-view.ts";
import { asJson } from "../json.ts";
import { addRunOptions, asLines, ask, textOptions, type RunOptions } from "../run-options.ts";
import { formatTable, omittedLine, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

const choice = { window: true, limit: 10 } as const;

export function define(command: Command): void {
  command.argument("<file>", "a recording").argument("<query>", "terms, all of which must hold");
  addRunOptions(command, choice)
    .addHelpText(
      "after",
      `
All terms must hold; "or" between terms separates alternatives, "not" before a
term refuses. A word alone, or a name in double quotes as tables print it, is a
call site. a:x,y is x or y. Names match in part; with * or ? as a whole.
  site:http_client.c  file:http*  func:fetch  var:buf  component:lwip  site:#7
  task:wifi  method:calloc  caps:DMA  caps:DMA|INTERNAL  region:DRAM  core:1
  addr:0x3ffb1234 (the block that holds it)  addr:0x3ffb0000..0x3ffb8000
  size>1k  size<=64  size:64..128    B, k, M (1,024)
  live>10s                           age, or life where freed
  born>5m  born:mark:a..mark:b       each form that --at takes but peak

Examples:
  memmap query run.memmap 'site:http_client.c live>10s task:wifi caps:DMA'
  memmap query run.memmap 'task:wifi or not caps:DMA' --at peak
  memmap query run.memmap 'size>4k' --to mark:connected --json`,
    )
    .action(async (file: string, query: string, options: RunOptions) => {
      await ask(file, { ...options, filter: query }, choice, async ({ model, names, window, limit, filter }) => {
        const view = await viewQuery(model, names, window, filter ?? model.filter(query));
        return options.json ? asJson("query", view) : asLines(queryLines(view, limit));
      });
    });
}

function queryLines(view: QueryView, limit: number): string[] {
  const { filter, window, liveBytes, liveBlocks, peakBytes, peakTime, sites, blocks } = view;
  const { colours, width } = textOptions();
  const fit = process.stdout.isTTY ? width : undefined;
  const allocations = sites.reduce((sum, site) => sum + likely(site.allocations), 0);
  const peak =
    peakBytes === undefined || likely(peakBytes) === 0 || peakTime === undefined
      ? ""
      : ` at most ${formatQuantity(peakBytes, formatBytes)} at ${formatTime(peakTime)};`;
  const lines = wrap(
    `${numberOf(liveBlocks, "block")}, ${formatQuantity(liveBytes, formatBytes)} match ${filter} at ${formatTime(window.to)};${peak} ` +
      `${formatNumberOf(allocations, "allocation")} from ${formatNumberOf(sites.length, "site")}.`,
    width,
  );
  for (const [word, block] of [
    ["before it", view.before],
    ["after it", view.after],
  ] as const) {
    if (block === undefined) continue;
    const { address, size, site, task } = block;
    const who = task === undefined ? "" : `, task ${task}`;
    lines.push(
      ...wrap(`${formatBytes(size)} at ${formatAddress(address)}, ${site.text}${who}`, width, `  ${word.padEnd(9)}  `),
    );
  }
  const siteColumns: Column[] = [
    { title: "live", align: "right", style: colours.bold },
    { title: "blocks", align: "right" },
    { title: "allocs", align: "right" },
    { title: "site", shorten: "middle" },
  ];
  const siteCells = sites
    .slice(0, limit)
    .map((site) => [
      formatAbout(site.liveBytes, formatBytes),
      formatAbout(site.liveBlocks, formatCount),
      formatAbout(site.allocations, formatCount),
      site.site.text,
    ]);
  if (siteCells.length > 0) lines.push("", ...formatTable(siteColumns, siteCells, fit, colours.dim));
  if (sites.length > limit) lines.push(omittedLine(sites.length - limit, "more site"));
  const blockColumns: Column[] = [
    { title: "address" },
    { title: "size", align: "right", style: colours.bold },
    { title: "age", align: "right" },
    { title: "task", shorten: "end" },
    { title: "site", shorten: "middle" },
  ];
  const blockCells = blocks
    .slice(0, limit)
    .map((row) => [formatAddress(row.address), formatBytes(row.size), formatTime(row.age), row.task, row.site.text]);
  if (blockCells.length > 0) lines.push("", ...formatTable(blockColumns, blockCells, fit, colours.dim));
  if (blocks.length > limit) lines.push(omittedLine(blocks.length - limit, "more block"));
  return lines;
}

function numberOf(count: Quantity, what: string): string {
  return formatQuantity(count, (value) => formatNumberOf(value, what));
}
