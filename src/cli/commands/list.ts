// `memmap list`: the blocks that are live at a moment of a recording.
import type { Command } from "commander";
import { formatAddress, formatBytes, formatNumberOf, formatTime } from "../../base/format.ts";
import { MemmapError } from "../../base/errors.ts";
import { makeNames } from "../../detect/names.ts";
import type { HeapModel } from "../../heap/model-api.ts";
import type { Bounded, Totals } from "../../heap/types.ts";
import { liveOrders, viewLive, type LiveBlockView, type LiveList, type LiveOrder } from "../../report/live-list.ts";
import { formatCaps } from "../../wire/caps.ts";
import { openRun } from "../open-run.ts";
import { coloursFor } from "../terminal/colours.ts";
import { formatTable, type Column } from "../terminal/table.ts";
import { parseMoment } from "../time-argument.ts";

interface ListOptions {
  readonly at: string;
  readonly filter?: string;
  readonly sort: LiveOrder;
  readonly limit?: string;
  readonly json?: true;
}

/** Rows on a terminal unless --limit says otherwise; a pipe gets all. */
const terminalRows = 30;

export function define(command: Command): void {
  command
    .argument("<file>", "a recording")
    .option("--at <time>", "moment: 12.5s, 3m, -30s (before the end), 50%, mark:NAME, start, end", "end")
    .option("--filter <query>", "only blocks that match, as in 'task:wifi size>1k'")
    .option("--sort <key>", `${liveOrders.join(", ")}`, "size")
    .option("--limit <n>", `rows to show, or all (default: ${terminalRows} on a terminal, all in a pipe)`)
    .option("--json", "print JSON, one object with all rows")
    .addHelpText(
      "after",
      `
Examples:
  memmap list run.memmap                        largest blocks at the end of the run
  memmap list run.memmap --at mark:idle --sort age
  memmap list run.memmap --at 50% --filter 'caps:DMA' --limit all
  memmap list run.memmap | grep http_client.c`,
    )
    .action(async (file: string, options: ListOptions) => {
      const run = await openRun(file);
      try {
        process.stdout.write(await list(run.model, options));
      } finally {
        run.close();
      }
    });
}

async function list(model: HeapModel, options: ListOptions): Promise<string> {
  if (!liveOrders.includes(options.sort)) {
    throw new MemmapError(`--sort ${options.sort} is no order`, {
      code: "usage-sort",
      hint: `Sort by one of: ${liveOrders.join(", ")}.`,
    });
  }
  const limit = parseLimit(options.limit);
  const at = parseMoment(options.at, { ...model.span, marks: model.tables.marks });
  const filter = options.filter === undefined ? undefined : model.filter(options.filter);
  const totals = await model.totalsAt(at);
  const table = await model.liveAt(at, filter);
  const live = viewLive(table, model.tables, makeNames(model.tables), at, options.sort);
  if (options.json) return `${JSON.stringify(asJson(live, totals, limit), undefined, 2)}\n`;
  return asText(live, totals, limit, filter?.query);
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return process.stdout.isTTY ? terminalRows : Infinity;
  if (text === "all") return Infinity;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new MemmapError(`--limit ${text} is no number of rows`, {
    code: "usage-limit",
    hint: "Write a number from 1, or all.",
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
  return `${lines.join("\n")}\n`;
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
function asJson(live: LiveList, totals: Totals, limit: number): Record<string, unknown> {
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
