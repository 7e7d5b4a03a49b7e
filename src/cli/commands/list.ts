// `memmap list`: the blocks that are live at a moment of a recording.
import type { Command } from "commander";
import { formatAddress, formatBytes, formatNumberOf, formatQuantity, formatTime } from "../../base/format.ts";
import type { LiveView } from "../../report/doubt.ts";
import { LIVE_ORDERS, viewLiveList, type LiveBlockView, type LiveListView } from "../../report/live-list.ts";
import { asJson } from "../json.ts";
import { needsBlocks } from "../needs-blocks.ts";
import { addRunOptions, asLines, ask, liveQuestion, parseChoice, type RunOptions } from "../run-options.ts";
import { coloursFor } from "../terminal/colours.ts";
import { formatTable, omittedLine, type Column } from "../terminal/table.ts";
import { textWidth, wrap } from "../terminal/wrap.ts";

interface ListOptions extends RunOptions {
  readonly sort: string;
}

/** Rows on a terminal unless --limit says otherwise; a pipe gets all. */
const TERMINAL_ROWS = 30;

export function define(command: Command): void {
  const choice = {
    at: true,
    since: true,
    filter: true,
    limit: process.stdout.isTTY ? TERMINAL_ROWS : Infinity,
  } as const;
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .option("--sort <key>", LIVE_ORDERS.join(", "), "size")
    .addHelpText(
      "after",
      `
On a terminal ${TERMINAL_ROWS} rows are shown, in a pipe all. A > before an age: the block
was there before it was first seen; a ?: history is missing, it may have been
freed.

Examples:
  memmap list run.memmap                        largest blocks at the end
  memmap list run.memmap --at mark:idle --sort age
  memmap list run.memmap --at 50% --filter caps:DMA --limit all
  memmap list run.memmap | grep http_client.c`,
    )
    .action(async (file: string, options: ListOptions) => {
      const order = parseChoice(options.sort, "--sort", LIVE_ORDERS);
      await ask(file, options, choice, async (question) => {
        const { model, names, filter, limit } = question;
        needsBlocks(model, file);
        const live = await viewLiveList(model, names, { ...liveQuestion(question, options), order, limit });
        if (options.json) return asJson("list", live);
        const asked = [filter?.query, options.from === undefined ? undefined : `--from ${options.from}`];
        const query = asked.filter((part) => part !== undefined).join(" ");
        return asText(live, query === "" ? undefined : query);
      });
    });
}

function asText(live: LiveListView, query: string | undefined): string {
  const colours = coloursFor(process.stdout);
  const lines = wrap(headline(live, query), textWidth(process.stdout));
  if (live.blocks.length > 0) {
    const cells = live.blocks.map((block) => [
      formatAddress(block.address),
      formatBytes(block.size),
      ageOf(block),
      block.site.text,
      block.task,
      block.caps,
    ]);
    const columns: Column[] = [
      { title: "address" },
      { title: "size", align: "right", style: colours.bold },
      { title: "age", align: "right" },
      { title: "allocated at", shorten: "middle" },
      { title: "task", shorten: "end" },
      { title: "caps", shorten: "end" },
    ];
    const width = process.stdout.isTTY ? process.stdout.columns : undefined;
    lines.push("", ...formatTable(columns, cells, width, colours.dim));
  }
  if (live.omittedBlocks > 0) {
    lines.push("", omittedLine(live.omittedBlocks, "more block"));
  }
  if (live.uncertainBlocks > 0) {
    lines.push(
      "",
      `? ${formatNumberOf(live.uncertainBlocks, "block")} may have been freed: history is missing before this moment`,
    );
  }
  return asLines(lines);
}

function headline(live: LiveListView, query: string | undefined): string {
  const all = `${amount(live.total)} live at ${formatTime(live.time)}`;
  return query === undefined ? all : `${amount(live)} match ${query}, of ${all}`;
}

function amount({ liveBlocks, liveBytes }: LiveView): string {
  const blocks = formatQuantity(liveBlocks, (value) => formatNumberOf(value, "block"));
  return `${blocks}, ${formatQuantity(liveBytes, formatBytes)}`;
}

/** A block found in a snapshot is older than what is known of it; one that may be gone has a question mark. */
function ageOf(block: LiveBlockView): string {
  return `${block.uncertain ? "? " : ""}${block.bornEarlier ? ">" : ""}${formatTime(block.age)}`;
}
