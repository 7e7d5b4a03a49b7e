// `memmap timeline`: live bytes over time, one line a stretch, with marks, faults and failures where they happened.
import type { Command } from "commander";
import { formatBytes, formatCount, formatTime } from "../../base/format.ts";
import { viewTimeline, type TimelineView } from "../../report/timeline-view.ts";
import { addRunOptions, asJson, asLines, ask, textOptions, type RunOptions } from "../run-options.ts";
import { bar } from "../terminal/bars.ts";
import { formatTable, type Column } from "../terminal/table.ts";

const choice = { window: true, filter: true, limit: 24 } as const;

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .addHelpText(
      "after",
      `
The bar shows the most that was live within each stretch of time; "least" is
what it never fell below.

Examples:
  memmap timeline run.memmap
  memmap timeline run.memmap --from 10s --to 20s --limit 50
  memmap timeline run.memmap --filter 'site:http_client.c'`,
    )
    .action(async (file: string, options: RunOptions) => {
      await ask(file, options, choice, async ({ model, window, filter, limit }) => {
        const view = await viewTimeline(model, window, Math.min(limit, 10_000), filter);
        return options.json ? asJson(view) : asLines(timelineLines(view));
      });
    });
}

function timelineLines({ buckets }: TimelineView): string[] {
  const { colours, width } = textOptions();
  const most = Math.max(1, ...buckets.map((bucket) => bucket.maxBytes));
  const columns: Column[] = [
    { title: "until", align: "right" },
    { title: "least", align: "right" },
    { title: "most", align: "right", style: colours.bold },
    { title: "" },
    { title: "allocs", align: "right" },
    { title: "frees", align: "right" },
    { title: "", shorten: "end", style: colours.yellow },
  ];
  const cells = buckets.map((bucket) => [
    formatTime(bucket.time),
    formatBytes(bucket.minBytes),
    formatBytes(bucket.maxBytes),
    bar(bucket.maxBytes / most, 20),
    formatCount(bucket.allocations),
    formatCount(bucket.frees),
    summarize(bucket.happenings),
  ]);
  return formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim);
}

/** `fault ×3, mark idle`. */
function summarize(happenings: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of happenings) counts.set(one, (counts.get(one) ?? 0) + 1);
  const words = [...counts].map(([text, count]) => (count > 1 ? `${text} ×${count}` : text));
  return words.slice(0, 3).join(", ") + (words.length > 3 ? ", …" : "");
}
