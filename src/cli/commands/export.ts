// `memmap export`: a recording in the form of another tool.
import { basename } from "node:path";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatBytes } from "../../base/format.ts";
import { TABLE_NAMES, type Exporter, type ExportQuestion } from "../../export/export.ts";
import { exporters } from "../../export/exports.ts";
import { FLAME_COSTS } from "../../report/flame-view.ts";
import { fileSink, stdoutSink, telling } from "../export-sink.ts";
import {
  addRunOptions,
  openNamedRun,
  parseChoice,
  questionOf,
  type Question,
  type RunOptions,
} from "../run-options.ts";
import { coloursFor } from "../terminal/colours.ts";
import { say } from "../terminal/print.ts";
import { openStatusLine } from "../terminal/status-line.ts";

interface ExportOptions extends RunOptions {
  readonly format: string;
  readonly output?: string;
  readonly force?: true;
  readonly table: string;
  readonly cost: string;
  readonly base?: string;
  readonly elfBase?: string;
}

const choice = { window: true, filter: true } as const;

export function define(command: Command): void {
  command
    .argument("<file>", "a recording, or another tool's file; - reads standard input")
    .requiredOption("--format <format>", exporters.map(({ format }) => format).join(", "))
    .option("-o, --output <file>", "where to; - writes to standard output; default: the recording's name")
    .option("-f, --force", "replace the file if it exists");
  addRunOptions(command, { ...choice, noJson: true })
    .option("--table <table>", `of ${taking("table")}: ${TABLE_NAMES.join(", ")}`, "blocks")
    .option("--cost <cost>", `of ${taking("cost")}: ${FLAME_COSTS.join(", ")}`, "liveBytes")
    .option("--base <file>", `of ${taking("base")}: compare with the end of this recording instead of with --from`)
    .option("--elf-base <file>", "the .elf of that one, where it is another")
    .addHelpText(
      "after",
      `
Formats:
${exporters.map(({ format, title }) => `  ${format.padEnd(15)} ${title}`).join("\n")}

Sums are of the time from --from to --to, live blocks those at --to. A file name
that ends in .gz is compressed. docs/exports.md says what each format shows and
what is lost.

Examples:
  memmap export run.memmap --format pprof
  memmap export run.memmap --format perfetto --from mark:connected
  memmap export run.memmap --format collapsed -o - | flamegraph.pl > live.svg
  memmap export run.memmap --format heaptrack -o run.heaptrack.gz
  memmap export run.memmap --format parquet --table events`,
    )
    .action(async (file: string, options: ExportOptions) => {
      const format = parseChoice(
        options.format,
        "--format",
        exporters.map((one) => one.format),
      );
      const exporter = exporters.find((one) => one.format === format);
      if (exporter !== undefined) await run(file, exporter, options);
    });
}

async function run(file: string, exporter: Exporter, options: ExportOptions): Promise<void> {
  const table = parseChoice(options.table, "--table", TABLE_NAMES);
  const cost = parseChoice(options.cost, "--cost", FLAME_COSTS);
  const opened = await openNamedRun(file, options.elf);
  const baseOpened = options.base === undefined ? undefined : await openBase(options.base, exporter, options);
  try {
    const question = await questionOf(opened.model, options, choice, opened.resolver);
    const { from: _from, ...atEnd } = options;
    const base =
      baseOpened === undefined ? undefined : await questionOf(baseOpened.model, atEnd, choice, baseOpened.resolver);
    const asked: ExportQuestion = {
      asked: question,
      name: file === "-" ? "standard input" : basename(file),
      window: question.window,
      ...(question.filter !== undefined && { filter: question.filter }),
      table,
      cost,
      ...(base !== undefined && { base: baseOf(base) }),
    };
    await write(file, exporter, asked, options);
  } finally {
    opened.close();
    baseOpened?.close();
  }
}

function openBase(base: string, exporter: Exporter, { elf, elfBase }: ExportOptions): ReturnType<typeof openNamedRun> {
  if (exporter.takes !== "base") {
    throw new MemmapError(`--base says nothing about ${exporter.format}`, {
      code: "usage-export-base",
      hint: "Only collapsed-diff compares.",
    });
  }
  return openNamedRun(base, elfBase ?? elf);
}

function baseOf(question: Question): NonNullable<ExportQuestion["base"]> {
  return {
    asked: question,
    time: question.at,
    ...(question.filter !== undefined && { filter: question.filter }),
  };
}

async function write(
  file: string,
  exporter: Exporter,
  question: ExportQuestion,
  options: ExportOptions,
): Promise<void> {
  if (question.asked.model.rows === 0 && exporter.tellsFigures !== true) {
    throw new MemmapError(`${question.name} tells of no single blocks: ${exporter.format} would be empty`, {
      code: "export-empty",
      hint: `A log's figures are in ${together(exporters.filter(({ tellsFigures }) => tellsFigures === true))}; ${taking("table")} need --table readings.`,
    });
  }
  const output = options.output ?? defaultName(file, exporter, question);
  if (output === "-") {
    if (exporter.isBinary && process.stdout.isTTY) {
      throw new MemmapError(`${exporter.format} is no text for a terminal`, {
        code: "usage-export-terminal",
        hint: "Name a file with -o, or send it on: `-o - | …`.",
      });
    }
    await exporter.write(question, stdoutSink());
    return;
  }
  const others = [file === "-" ? 0 : file, ...(options.base === undefined ? [] : [options.base])] as const;
  const isPacked = output.endsWith(".gz") && exporter.isPacked !== true;
  const sink = fileSink(output, { force: options.force === true, others }, isPacked);
  const status = openStatusLine(process.stderr);
  try {
    await exporter.write(
      question,
      telling(sink, (written) => status.set(`${output}: ${formatBytes(written)} so far`)),
    );
  } catch (error) {
    sink.discard();
    throw error;
  } finally {
    status.clear();
  }
  const bytes = sink.commit();
  const { bold } = coloursFor(process.stderr);
  say(`${bold(output)}, ${formatBytes(bytes)}: ${exporter.title}`);
}

/** The formats that an option says something about. */
function taking(what: Exporter["takes"]): string {
  return together(exporters.filter(({ takes }) => takes === what));
}

function together(all: readonly Exporter[]): string {
  return all.map(({ format }) => format).join(" and ");
}

function defaultName(file: string, { extension, takes }: Exporter, { table }: ExportQuestion): string {
  const stem = file === "-" ? "memmap" : basename(file).replace(/\.[^.]+$/, "");
  return `${stem}${takes === "table" ? `.${table}` : ""}${extension}`;
}
