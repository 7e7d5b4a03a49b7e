// `memmap list`: the blocks that are live at a moment of a recording.
import type { Command } from "commander";
import { formatAddress, formatBytes, formatNumberOf, formatTime } from "../../base/format.ts";
import type { Bounded, Totals } from "../../heap/types.ts";
import { liveOrders, viewLive, type LiveBlockView, type LiveList } from "../../report/live-list.ts";
import { formatCaps } from "../../wire/caps.ts";
import { addRunOptions, asJson, asLines, ask, liveOf, parseChoice, type RunOptions } from "../run-options.ts";
import { coloursFor } from "../terminal/colours.ts";
import { formatTable, type Column } from "../terminal/table.ts";

interface ListOptions extends RunOptions {
  readonly sort: string;
}

/** Rows on a terminal unless --limit says otherwise; a pipe gets all. */
const terminalRows = 30;

export function define(command: Command): void {
  const choice = {
    at: true,
    since: true,
    filter: true,
    limit: process.stdout.isTTY ? terminalRows : Infinity,
  } as const;
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .option("--sort <key>", liveOrders.join(", "), "size")
    .addHelpText(
      "after",
      `
On a terminal ${terminalRows} rows are shown, in a pipe all. A > before an age: the block
was there before it was first seen; a ?: history is missing, it may have been
freed.

Examples:
  memmap list run.memmap                        largest blocks at the end
  memmap list run.memmap --at mark:idle --sort age
  memmap list run.memmap --at 50% --filter caps:DMA --limit all
  memmap list run.memmap | grep http_client.c`,
    )
    .action(async (file: string, options: ListOptions) => {
      const order = parseChoice(options.sort, "--sort", liveOrders);
      await ask(file, options, choice, async (question) => {
        const { model, names, at, filter, limit } = question;
        const totals = await model.totalsAt(at);
        const live = viewLive(await liveOf(question, options), model.tables, names, at, order);
        const asked = [filter?.query, options.from === undefined ? undefined : `--from ${options.from}`];
        const query = asked.filter((part) => part !== undefined).join(" ");
        return options.json
          ? asJson(jsonView(live, totals, limit))
          : asText(live, totals, limit, query === "" ? undefined : query);
      });
    });
}

function asText(live: LiveList, totals: Totals, limit: number, query: string | undefined): string {
  const colours = coloursFor(process.stdout);
  const lines = [headline(live, totals, query)];
  if (live.rows.length > 0) {
    const cells = live.rows
      .slice(0, limit)
      .map((block) => [
        formatAddress(block.address),
        formatBytes(block.size),
        ageOf(block),
        block.site.text,
        block.task,
        formatCaps(block.caps),
      ]);
    const columns: Column[] = [
      { title: "address" },
      { title: "size", align: "right", style: colours.bold },
      { title: "age", align: "right" },
      { title: "allocated at", shorten: "end" },
      { title: "task", shorten: "end" },
      { title: "caps", shorten: "end" },
    ];
    const width = process.stdout.isTTY ? process.stdout.columns : undefined;
    lines.push("", ...formatTable(columns, cells, width, colours.dim));
  }
  if (live.rows.length > limit) {
    lines.push("", `… and ${formatNumberOf(live.rows.length - limit, "more block")} (--limit all)`);
  }
  const uncertain = live.rows.filter((block) => block.uncertain).length;
  if (uncertain > 0) {
    lines.push(
      "",
      `? ${formatNumberOf(uncertain, "block")} may have been freed: history is missing before this moment`,
    );
  }
  return asLines(lines);
}

function headline(live: LiveList, totals: Totals, query: string | undefined): string {
  const blocks = range(totals.blocks, (value) => formatNumberOf(value, "block"));
  const all = `${blocks}, ${range(totals.bytes, formatBytes)} live at ${formatTime(live.time)}`;
  if (query === undefined) return all;
  return `${formatNumberOf(live.blocks, "block")}, ${formatBytes(live.bytes)} match ${query}, of ${all}`;
}

/** `312 blocks`, or `312 blocks (300 blocks to 320 blocks)` after a gap. */
function range(bounded: Bounded, format: (value: number) => string): string {
  const { value, lowest, highest } = bounded;
  if (lowest === highest) return format(value);
  const most = Number.isFinite(highest) ? ` to ${format(highest)}` : " or more";
  return `${format(value)} (${format(lowest)}${most})`;
}

/** A block found in a snapshot is older than what is known of it; one that may be gone has a question mark. */
function ageOf(block: LiveBlockView): string {
  return `${block.uncertain ? "? " : ""}${block.bornEarlier ? ">" : ""}${formatTime(block.age)}`;
}

/** The shape is part of the public interface: times in microseconds of run time, sizes in bytes, addresses as hexadecimal text. */
function jsonView(live: LiveList, totals: Totals, limit: number): Record<string, unknown> {
  return {
    time: live.time,
    liveBlocks: totals.blocks.value,
    liveBytes: totals.bytes.value,
    certain: totals.bytes.lowest === totals.bytes.highest,
    blocks: live.rows.slice(0, limit).map((block) => ({
      address: formatAddress(block.address),
      size: block.size,
      born: block.born,
      age: block.age,
      reallocs: block.reallocs,
      site: block.site.text,
      file: block.site.file,
      line: block.site.line,
      function: block.site.function,
      variable: block.site.variable,
      task: block.task,
      core: block.core,
      caps: formatCaps(block.caps),
      uncertain: block.uncertain,
      bornEarlier: block.bornEarlier,
    })),
  };
}
