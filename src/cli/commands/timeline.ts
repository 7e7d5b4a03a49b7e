// `memmap timeline`: live bytes over time, one line a stretch, with marks, faults and failures where they happened.
import type { Command } from "commander";
import { formatAbout, formatBytes, formatCount, formatNumberOf, formatTimes } from "../../base/format.ts";
import { likely } from "../../base/quantity.ts";
import { describe } from "../../import/series-names.ts";
import type { HappeningView } from "../../report/happenings.ts";
import type { SeriesView } from "../../report/series-view.ts";
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
what it never fell below. Of a console log it shows the figures of memory that
the log prints.

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

/** Series of a log that are drawn; --json has all. */
const DRAWN_SERIES = 4;

function timelineLines(view: TimelineView): string[] {
  if (view.buckets.length > 0) return blockLines(view);
  if (view.series.length === 0)
    return ["It tells of no single blocks and prints no figures of memory; what it does tell, `memmap report` says."];
  const { colours } = textOptions();
  const lines = view.series
    .slice(0, DRAWN_SERIES)
    .flatMap((series, i) => [...(i === 0 ? [] : [""]), ...seriesLines(view, series)]);
  const more = view.series.slice(DRAWN_SERIES);
  if (more.length > 0) lines.push("", colours.dim(`and ${more.map(({ label }) => `“${label}”`).join(", ")} (--json)`));
  return lines;
}

/** A figure that a log prints, as a table with bars. */
function seriesLines(view: TimelineView, series: SeriesView): string[] {
  const { colours, width } = textOptions();
  const { boot, label, unit, readings, stretch, line, lastLine, axis, buckets } = series;
  const format = (value: number | undefined): string =>
    value === undefined
      ? "–"
      : unit === "percent"
        ? `${formatCount(Math.round(value * 10) / 10)} %`
        : formatBytes(Math.round(value));
  const most = buckets.reduce((best, bucket) => Math.max(best, bucket.most ?? 0), 1);
  const columns: Column[] = [
    { title: axis === "time" ? "until" : "to line", align: "right" },
    { title: "least", align: "right" },
    { title: "most", align: "right", style: colours.bold },
    { title: "" },
    { title: "readings", align: "right" },
    { title: "", shorten: "end", style: colours.yellow },
  ];
  const places = buckets.map(({ to }) => to);
  const ends = axis === "time" ? formatTimes(places) : places.map((to) => formatCount(Math.round(to)));
  const cells = buckets.map((bucket, i) => {
    const from = i === 0 ? -Infinity : bucket.from;
    const to = i === buckets.length - 1 ? Infinity : bucket.to;
    const happened =
      axis === "line" ? [] : view.happenings.filter(({ time, to: end = time }) => end > from && time <= to);
    return [
      ends[i] ?? "",
      format(bucket.least),
      format(bucket.most),
      bar((bucket.most ?? 0) / most, 20),
      formatCount(bucket.readings),
      summarize(happened),
    ];
  });
  const start = view.series.some((other) => other.boot !== boot) ? `, start ${boot + 1}` : "";
  const kept = stretch > 1 ? `; of each ${formatCount(stretch)} the lowest and the highest are kept` : "";
  return [
    `${colours.bold(`“${label}”`)}: ${describe(series)}${start}, ${formatNumberOf(readings, "reading")}, lines ${line} to ${lastLine}${kept}`,
    ...formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim),
  ];
}

function blockLines(view: TimelineView): string[] {
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
function happeningsIn({ buckets, happenings }: TimelineView, bucket: BucketView): readonly HappeningView[] {
  const from = bucket === buckets[0] ? -Infinity : bucket.from;
  const to = bucket === buckets.at(-1) ? Infinity : bucket.to;
  return happenings.filter(({ time, to: end = time }) => end > from && time <= to);
}

/** `overflow ×3, mark idle`. */
function summarize(happenings: readonly HappeningView[]): string {
  const counts = new Map<string, number>();
  for (const { text, count = 1 } of happenings) counts.set(text, (counts.get(text) ?? 0) + count);
  const words = [...counts].map(([text, count]) => (count > 1 ? `${text} ×${count}` : text));
  return words.slice(0, 3).join(", ") + (words.length > 3 ? ", …" : "");
}
