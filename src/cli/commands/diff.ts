// `memmap diff`: what two recordings, or two moments of one, hold differently.
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import { samplingOf } from "../../heap/sampling.ts";
import { diffLive, type Diff, type DiffSide } from "../../report/diff.ts";
import {
  addRunOptions,
  asJson,
  asLines,
  openNamedRun,
  questionOf,
  textOptions,
  type RunOptions,
} from "../run-options.ts";
import { formatTable, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

interface DiffOptions extends RunOptions {
  readonly elfB?: string;
}

const choice = { window: true, filter: true, limit: 30 } as const;

export function define(command: Command): void {
  command.argument("<a>", "a recording").argument("[b]", "another one; without it, two moments of the first");
  addRunOptions(command, choice)
    .option("--elf-b <file>", "the second recording's, where it is another one")
    .addHelpText(
      "after",
      `
Two recordings are compared at the moment --to of each (default: the end). One
recording is compared with itself, --from against --to. Sites are the same when
function, file, variable and size agree: moved lines are not new sites.

Examples:
  memmap diff before.memmap after.memmap
  memmap diff run.memmap --from mark:before --to mark:after`,
    )
    .action(async (a: string, b: string | undefined, options: DiffOptions) => {
      if (b === undefined && options.from === undefined) {
        throw new MemmapError("nothing to compare with", {
          code: "usage-diff",
          hint: "Name a second recording, or two moments of this one with --from and --to.",
        });
      }
      const { diff, limit, times } = await compare(a, b, options);
      const rows = { ...diff, rows: diff.rows.slice(0, limit) };
      process.stdout.write(options.json ? asJson(rows) : asLines(diffLines(rows, diff.rows.length, times)));
    });
}

async function compare(
  a: string,
  b: string | undefined,
  options: DiffOptions,
): Promise<{ diff: Diff; limit: number; times: readonly [number, number] }> {
  const first = await openNamedRun(a, options.elf);
  const second = b === undefined ? first : await openNamedRun(b, options.elfB ?? options.elf);
  try {
    const { from: _from, ...atEnd } = options;
    const left = questionOf(first.model, b === undefined ? options : atEnd, choice, first.resolver);
    const right = questionOf(second.model, b === undefined ? options : atEnd, choice, second.resolver);
    const sideOf = async (question: typeof left, time: number): Promise<DiffSide> => ({
      live: await question.model.liveAt(time, question.filter),
      names: question.names,
      time,
      sampling: samplingOf(question.model.tables.boots),
    });
    const before = await sideOf(left, b === undefined ? left.window.from : left.at);
    const after = await sideOf(right, right.at);
    return { diff: diffLive(before, after), limit: left.limit, times: [before.time, after.time] };
  } finally {
    first.close();
    if (second !== first) second.close();
  }
}

function diffLines(diff: Diff, all: number, [timeA, timeB]: readonly [number, number]): string[] {
  const { colours, width } = textOptions();
  const change = diff.bytesB - diff.bytesA;
  const lines = wrap(
    `${formatBytes(diff.bytesA)} in ${formatNumberOf(diff.blocksA, "block")} at ${formatTime(timeA)}, ` +
      `${formatBytes(diff.bytesB)} in ${formatNumberOf(diff.blocksB, "block")} at ${formatTime(timeB)}: ` +
      `${change > 0 ? "+" : ""}${formatBytes(change)}. ${formatNumberOf(diff.unchangedSites, "site")} unchanged.`,
    width,
  );
  if (diff.rows.length === 0) return [...lines, "No site holds more or less."];
  const columns: Column[] = [
    { title: "change", align: "right", style: colours.bold },
    { title: "blocks", align: "right" },
    { title: "before", align: "right" },
    { title: "after", align: "right" },
    { title: "site", shorten: "end" },
  ];
  const cells = diff.rows.map((row) => [
    signed(row.change, formatBytes),
    signed(row.blocksB - row.blocksA, formatCount),
    formatBytes(row.bytesA),
    formatBytes(row.bytesB),
    row.before === undefined ? row.where : `${row.where} (was ${row.before})`,
  ]);
  lines.push("", ...formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim));
  if (all > diff.rows.length)
    lines.push("", `and ${formatNumberOf(all - diff.rows.length, "more site")} (--limit all)`);
  return lines;
}

function signed(value: number, format: (value: number) => string): string {
  return value > 0 ? `+${format(value)}` : format(value);
}
