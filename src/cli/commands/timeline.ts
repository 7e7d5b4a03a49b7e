// `memmap timeline`: live bytes over time, one line a stretch, with marks, faults and failures where they happened.
import type { Command } from "commander";
import { formatAbout, formatBytes, formatCount, formatTimes } from "../../base/format.ts";
import { likely } from "../../base/quantity.ts";
import { viewTimeline, type BucketView, type TimelineView } from "../../report/timeline-view.ts";
import { asJson } from "../json.ts";
import { addRunOptions, asLines, ask, textOptions, type RunOptions } from "../run-options.ts";
import { bar } from "../terminal/bars.ts";
import { formatTable, type Column } from "../terminal/table.ts";

/** What happened needs room beside it, also on 80 columns. */
const BAR_COLUMNS = 14;

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
        return options.json ? asJson("timeline", view) : asLines(timelineLines(view));
      });
    });
}

function timelineLines(view: TimelineView): string[] {
  const { colours, width } = textOptions();
  const { buckets } = view;
  const most = buckets.reduce((best, bucket) => Math.max(best, likely(bucket.maximumLiveBytes)), 1);
  const columns: Column[] = [
    { title: "until", align: "right" },
    { title: "least", align: "right" },
    { title: "most", align: "right", style: colours.bold },
    { title: "" },
    { title: "allocs", align: "right" },
    { title: "frees", align: "right" },
    { title: "", shorten: "end", style: colours.yellow },
  ];
  // Of a short stretch far into a run the usual three digits would all be the same.
  const times = formatTimes(buckets.map(({ to }) => to));
  const cells = buckets.map((bucket, index) => [
    times[index] ?? "",
    formatAbout(bucket.minimumLiveBytes, formatBytes),
    formatAbout(bucket.maximumLiveBytes, formatBytes),
    bucket.maximumLiveBytes.certainty === "unknown"
      ? "not known"
      : bar(likely(bucket.maximumLiveBytes) / most, BAR_COLUMNS),
    formatAbout(bucket.allocations, formatCount),
    formatAbout(bucket.frees, formatCount),
    summarize(happeningsIn(view, bucket)),
  ]);
  return formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim);
}

/** The first bucket has what happened at its beginning as well, the last one what came after the last event. */
function happeningsIn({ buckets, happenings }: TimelineView, bucket: BucketView): readonly string[] {
  const from = bucket === buckets[0] ? -Infinity : bucket.from;
  const to = bucket === buckets.at(-1) ? Infinity : bucket.to;
  return happenings.filter(({ time, to: end = time }) => end > from && time <= to).map(({ text }) => text);
}

/** `fault ×3, mark idle`. */
function summarize(happenings: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of happenings) counts.set(one, (counts.get(one) ?? 0) + 1);
  const words = [...counts].map(([text, count]) => (count > 1 ? `${text} ×${count}` : text));
  return words.slice(0, 3).join(", ") + (words.length > 3 ? ", …" : "");
}
