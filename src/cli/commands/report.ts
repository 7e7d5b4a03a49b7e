// `memmap report`: the verdict on a recording.
import type { Command } from "commander";
import type { Severity } from "../../detect/finding.ts";
import { formatBytes } from "../../base/format.ts";
import { makeVerdict, type VerdictView } from "../../report/verdict.ts";
import { exitCodes } from "../exit-codes.ts";
import { writeHtmlReport } from "../html-report-file.ts";
import { asJson } from "../json.ts";
import { addRunOptions, asLines, ask, parseChoice, textOptions, type RunOptions } from "../run-options.ts";
import { addSuppressionOptions, readSuppressions, type SuppressionOptions } from "../suppression-file.ts";
import { addSeriesOption, type SeriesOption } from "../series-option.ts";
import { coloursFor } from "../terminal/colours.ts";
import { headlineAgain, verdictLines } from "../terminal/findings.ts";

interface ReportOptions extends RunOptions, SuppressionOptions, SeriesOption {
  readonly verbose?: true;
  readonly failOn?: string;
  readonly html?: string;
  readonly redact?: true;
  readonly force?: true;
  readonly allowDamage?: true;
}

const choice = { window: true } as const;
const LEVELS = ["error", "warning", "note"] as const satisfies readonly Severity[];

export function define(command: Command): void {
  command.argument("<file>", "a recording, a console log or another tool's file; - reads standard input");
  addSeriesOption(
    addSuppressionOptions(addRunOptions(command, choice).option("-v, --verbose", "all notes, blocks and call stacks")),
  )
    .option("--fail-on <level>", `exit with 1 when there is a finding of this level or above: ${LEVELS.join(", ")}`)
    .option("--html <file>", "write the verdict with its pictures into one file, to be mailed")
    .option("-f, --force", "with --html: replace the file if it exists")
    .option("--redact", "with --html: leave out paths, names of the source and the log")
    .option("--allow-damage", "with --fail-on: judge a recording whose file is damaged, too")
    .addHelpText(
      "after",
      `
Examples:
  memmap report run.memmap
  memmap report run.memmap --elf build/app.elf --from mark:connected
  memmap report run.memmap --json --fail-on error
  memmap report run.memmap --html report.html
  memmap report console.log                  a log as it is
  idf.py monitor | memmap report -           the verdict when the monitor ends`,
    )
    .action(async (file: string, options: ReportOptions) => {
      const failOn = options.failOn === undefined ? undefined : parseChoice(options.failOn, "--fail-on", LEVELS);
      const suppressions = await readSuppressions(options);
      await ask(file, options, choice, async (question) => {
        const { model, window, resolver } = question;
        const verdict = await makeVerdict(model, {
          window,
          ...suppressions,
          ...(resolver !== undefined && { resolver }),
        });
        if (failOn !== undefined && isOver(verdict, failOn)) process.exitCode = exitCodes.findings;
        // Whether a damaged file holds findings nobody knows.
        const isDamaged = verdict.damage !== undefined && options.allowDamage !== true;
        if (failOn !== undefined && isDamaged) process.exitCode = exitCodes.input;
        if (options.html !== undefined) {
          const isRedacted = options.redact === true;
          const written = await writeHtmlReport(question, {
            recording: file,
            output: options.html,
            isRedacted,
            force: options.force === true,
            detectOptions: suppressions,
          });
          const { bold } = coloursFor(process.stdout);
          const size = formatBytes(written.bytes);
          return asLines([
            `${bold(options.html)}, ${size}: ${verdict.headline}`,
            ...written.folded.map((one) => `- ${one}`),
          ]);
        }
        if (options.json) return asJson("report", verdict);
        const lines = verdictLines(verdict, { ...textOptions(), verbose: options.verbose === true });
        if (resolver === undefined && hasNamelessSites(verdict)) {
          lines.push("", "Call sites without names? Give the firmware: --elf build/NAME.elf");
        }
        return asLines([...lines, ...headlineAgain(verdict, lines, textOptions())]);
      });
    });
}

function isOver({ findings }: VerdictView, level: Severity): boolean {
  return findings.some(
    ({ severity, suppressedBy }) => suppressedBy === undefined && LEVELS.indexOf(severity) <= LEVELS.indexOf(level),
  );
}

function hasNamelessSites({ findings }: VerdictView): boolean {
  return findings.some(({ stations }) => stations.some(({ site }) => site.text.startsWith("0x")));
}
