// `memmap diff`: what two recordings, or two moments of one, hold differently.
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import {
  formatAbout,
  formatBytes,
  formatCount,
  formatNumberOf,
  formatQuantity,
  formatTime,
} from "../../base/format.ts";
import type { Quantity } from "../../base/quantity.ts";
import type { Microseconds } from "../../base/units.ts";
import {
  DIFF_KEYS,
  viewDiff,
  type DiffQuestion,
  type DiffKey,
  type DiffSide,
  type DiffView,
} from "../../report/diff.ts";
import { asJson } from "../json.ts";
import { needsBlocks } from "../needs-blocks.ts";
import {
  addRunOptions,
  asLines,
  openNamedRun,
  parseChoice,
  questionOf,
  textOptions,
  type Question,
  type RunOptions,
} from "../run-options.ts";
import { formatTable, omittedLine, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

interface DiffOptions extends RunOptions {
  readonly by: string;
  readonly elfB?: string;
}

const choice = { window: true, filter: true, limit: 30 } as const;

export function define(command: Command): void {
  command.argument("<a>", "a recording").argument("[b]", "another one; without it, two moments of the first");
  addRunOptions(command, choice)
    .option("--by <key>", DIFF_KEYS.join(", "), "site")
    .option("--elf-b <file>", "the second recording's, where it is another one")
    .addHelpText(
      "after",
      `
Two recordings are compared at the moment --at of each (default: the end), a
mark at each one's own. One is compared with itself, --from against --to. Sites
are the same when function, file, variable and size agree: moved lines are not
new sites.

Examples:
  memmap diff before.memmap after.memmap
  memmap diff old.memmap new.memmap --at mark:boot-done --by component
  memmap diff before.memmap after.memmap --to peak    the peaks of both
  memmap diff run.memmap --from mark:before --to mark:after`,
    )
    .action(async (a: string, b: string | undefined, options: DiffOptions) => {
      if (b === undefined && options.from === undefined) {
        throw new MemmapError("nothing to compare with", {
          code: "usage-diff",
          hint: "Name a second recording, or two moments of this one with --from and --to.",
        });
      }
      const diff = await compare(a, b, options);
      process.stdout.write(options.json ? asJson("diff", diff) : asLines(diffLines(diff)));
    });
}

/** Of one row, where the key is no such word. */
const NAMES: Readonly<Partial<Record<DiffKey, string>>> = { caps: "capability set", "size-class": "size class" };

async function compare(a: string, b: string | undefined, options: DiffOptions): Promise<DiffView> {
  const by = parseChoice(options.by, "--by", DIFF_KEYS);
  const first = await openNamedRun(a, options.elf);
  const second = b === undefined ? first : await openNamedRun(b, options.elfB ?? options.elf);
  try {
    needsBlocks(first.model, a);
    needsBlocks(second.model, b ?? a);
    const { from: _from, ...atEnd } = options;
    const left = await questionOf(first.model, b === undefined ? options : atEnd, choice, first.resolver);
    const right = await questionOf(second.model, b === undefined ? options : atEnd, choice, second.resolver);
    const sideOf = ({ model, names, filter }: Question, time: Microseconds, atPeak: boolean): DiffQuestion => ({
      model,
      names,
      time,
      atPeak,
      ...(filter !== undefined && { filter }),
    });
    const before =
      b === undefined ? sideOf(left, left.window.from, options.from === "peak") : sideOf(left, left.at, left.atPeak);
    return await viewDiff(before, sideOf(right, right.at, right.atPeak), { by, limit: left.limit });
  } finally {
    first.close();
    if (second !== first) second.close();
  }
}

function diffLines(diff: DiffView): string[] {
  const { colours, width } = textOptions();
  const what = NAMES[diff.by] ?? diff.by;
  const lines = wrap(
    `${sideText(diff.before)}, ${sideText(diff.after)}: ` +
      `${signed(diff.change.liveBytes, formatBytes, formatQuantity)}. ${formatNumberOf(diff.unchangedSites, what)} unchanged.`,
    width,
  );
  if (diff.sites.length === 0) return [...lines, `No ${what} holds more or less.`];
  const columns: Column[] = [
    { title: "change", align: "right", style: colours.bold },
    { title: "blocks", align: "right" },
    { title: "before", align: "right" },
    { title: "after", align: "right" },
    { title: what, shorten: "middle" },
  ];
  const cells = diff.sites.map(({ change, before, after, site, siteBefore }) => [
    signed(change.liveBytes, formatBytes, formatAbout),
    signed(change.liveBlocks, formatCount, formatAbout),
    formatAbout(before.liveBytes, formatBytes),
    formatAbout(after.liveBytes, formatBytes),
    siteBefore === undefined ? site.text : `${site.text} (was ${siteBefore.text})`,
  ]);
  lines.push("", ...formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim));
  if (diff.omittedSites > 0) lines.push("", omittedLine(diff.omittedSites, `more ${what}`));
  return lines;
}

function sideText({ liveBytes, liveBlocks, time }: DiffSide): string {
  const blocks = formatQuantity(liveBlocks, (value) => formatNumberOf(value, "block"));
  return `${formatQuantity(liveBytes, formatBytes)} in ${blocks} at ${formatTime(time)}`;
}

/** With a plus where it grew. */
function signed(
  change: Quantity,
  format: (value: number) => string,
  formatAs: (quantity: Quantity, format: (value: number) => string) => string,
): string {
  return formatAs(change, (value) => (value > 0 ? `+${format(value)}` : format(value)));
}
