// The options that all commands on recordings share, and what they mean: one place, so that `--from` is the same everywhere.
import type { Command } from "commander";
import { MemmapError } from "../base/errors.ts";
import { formatTime } from "../base/format.ts";
import { orMeant, similar } from "../base/similar.ts";
import { safeText } from "../base/safe-text.ts";
import type { Microseconds } from "../base/units.ts";
import { makeNames, type Names } from "../detect/names.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { MOMENT_FORMS as moments, parseMoment, timesOf } from "../heap/moment.ts";
import type { FrameResolver, Window } from "../heap/types.ts";
import type { LiveQuestion } from "../report/live-list.ts";
import { openElfNames } from "./elf-names.ts";
import { namedSeries, type SeriesOption } from "./series-option.ts";
import type { NamedSeries } from "../import/log-series.ts";
import { openRun, type OpenedRun } from "./open-run.ts";
import { coloursFor } from "./terminal/colours.ts";
import { linesFor, say } from "./terminal/print.ts";
import type { TextOptions } from "./terminal/text-options.ts";
import { textWidth } from "./terminal/wrap.ts";

export const ELF_OPTION = "the firmware's .elf or its project folder: names for return addresses";

export interface RunOptions {
  readonly json?: true;
  readonly elf?: string;
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
  readonly filter?: string;
  readonly limit?: string;
}

export interface OptionChoice {
  /** `--at`: the command looks at a moment. */
  readonly at?: true;
  /** `--from`, `--to`: it looks at a stretch of time. */
  readonly window?: true;
  /** `--from` of a command that looks at a moment: only blocks born since. */
  readonly since?: true;
  readonly filter?: true;
  /** The command's result is no view: it has no --json. */
  readonly noJson?: true;
  /** Rows shown where --limit is not given. */
  readonly limit?: number;
}

export function addRunOptions(command: Command, choice: OptionChoice): Command {
  if (choice.at) {
    command.option("--at <time>", `moment: ${moments}; default: the end`);
    command.option("--to <time>", "the same as --at");
  }
  if (choice.since) command.option("--from <time>", "only blocks that were born at or after this moment");
  if (choice.window) {
    command.option("--from <time>", `beginning of the stretch of time: ${moments}; default: start`);
    command.option("--to <time>", "its end; default: end");
    if (!choice.at) command.option("--at <time>", "as if the run had ended then; the same as --to");
  }
  if (choice.filter)
    command.option("--filter <query>", "only blocks that match, as in 'task:wifi size>1k' (memmap query --help)");
  if (choice.limit !== undefined)
    command.option("--limit <n>", `rows to show, or all; default: ${shownLimit(choice.limit)}`);
  command.option("--elf <file>", ELF_OPTION);
  return choice.noJson ? command : command.option("--json", "print JSON");
}

function shownLimit(limit: number): string {
  return Number.isFinite(limit) ? String(limit) : "all";
}

/** A recording opened for questions. */
export interface Question {
  readonly model: HeapModel;
  readonly names: Names;
  readonly window: Window;
  /** `--at`, else the end of the window. */
  readonly at: Microseconds;
  /** The moment is the peak itself, which is a row of the history and not all of its microsecond. */
  readonly atPeak: boolean;
  readonly filter?: BlockFilter;
  readonly limit: number;
  readonly resolver?: FrameResolver;
}

/** Blocks live at the question's moment; with --from only what was born since. */
export function liveQuestion(
  { window, at, filter }: Question,
  { from }: RunOptions,
): Pick<LiveQuestion, "time" | "filter" | "bornSince"> {
  return { time: at, ...(filter !== undefined && { filter }), ...(from !== undefined && { bornSince: window.from }) };
}

/** Opens the recording, answers, closes it. What `answer` returns is printed. */
export async function ask(
  file: string,
  options: RunOptions & SeriesOption,
  choice: OptionChoice,
  answer: (question: Question) => Promise<string>,
): Promise<void> {
  const run = await openNamedRun(file, options.elf, namedSeries(options));
  try {
    process.stdout.write(await answer(await questionOf(run.model, options, choice, run.resolver)));
  } finally {
    run.close();
  }
}

/** A recording with the names of an ELF file, if one is given. */
export async function openNamedRun(
  file: string,
  elf: string | undefined,
  series: readonly NamedSeries[] = [],
): Promise<OpenedRun & { readonly resolver?: FrameResolver }> {
  if (elf === undefined) return openRun(file, { series });
  const { resolver, check } = openElfNames(elf);
  const run = await openRun(file, { resolver, series });
  check(run.model);
  return { ...run, resolver };
}

export async function questionOf(
  model: HeapModel,
  options: RunOptions,
  choice: OptionChoice,
  resolver?: FrameResolver,
): Promise<Question> {
  if (options.at !== undefined && options.to !== undefined) {
    throw new MemmapError("--at and --to both say where the time ends", {
      code: "usage-window",
      hint: "Give one of them; a stretch of time is --from and --to.",
    });
  }
  const filter = options.filter === undefined ? undefined : model.filter(options.filter);
  const { yellow } = coloursFor(process.stderr);
  for (const remark of filter?.remarks ?? []) say(`${yellow("note:")} ${safeText(remark)}`);
  const asksPeak = [options.at, options.from, options.to].includes("peak");
  const peak = asksPeak ? await model.peak(model.span, filter?.hasAge === true ? undefined : filter) : undefined;
  const times = timesOf(model.span, model.tables, peak?.time);
  const at = parseMoment(options.at ?? options.to ?? "end", times, options.at === undefined ? "--to" : "--at");
  const window = { from: parseMoment(options.from ?? "start", times, "--from"), to: at };
  if (window.from > window.to) {
    throw new MemmapError(`--from ${options.from ?? "start"} lies after ${options.at ?? options.to ?? "end"}`, {
      code: "usage-window",
      hint: "Exchange the two.",
    });
  }
  return {
    model,
    names: makeNames(model.tables, resolver),
    window,
    at,
    atPeak: (options.at ?? options.to) === "peak",
    limit: parseLimit(options.limit, choice.limit ?? Infinity),
    ...(resolver !== undefined && { resolver }),
    ...(filter !== undefined && { filter }),
  };
}

/** A number of rows, or `all`. */
function parseLimit(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (text === "all") return Infinity;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new MemmapError(`--limit ${text} is no number of rows`, {
    code: "usage-limit",
    hint: "Write a number from 1, or all.",
  });
}

/** One of the words of an option; says all of them when it is none. */
export function parseChoice<T extends string>(text: string, option: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new MemmapError(`${option} ${text} is not known`, {
    code: "usage-choice",
    hint: `${orMeant(similar(text, choices, 2))}Write one of: ${choices.join(", ")}.`,
  });
}

/** Why there is nothing to say about the regions at a moment. */
export async function noRegions(model: HeapModel, at: Microseconds): Promise<string> {
  const [first] = await model.regionReports();
  return first === undefined
    ? "The recording has no report of the heap's regions."
    : `The first report of the heap's regions came at ${formatTime(first.time)}, after ${formatTime(at)}.`;
}

export function textOptions(): TextOptions {
  return { colours: coloursFor(process.stdout), width: textWidth(process.stdout) };
}

/** Results as text, safe for where standard output goes. */
export function asLines(lines: readonly string[]): string {
  return linesFor(process.stdout, lines);
}
