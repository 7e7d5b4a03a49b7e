// `memmap report`: the verdict on a recording.
import type { Command } from "commander";
import type { Severity } from "../../detect/finding.ts";
import { makeVerdict, type Verdict } from "../../report/verdict.ts";
import { exitCodes } from "../exit-codes.ts";
import { addRunOptions, asJson, asLines, ask, parseChoice, textOptions, type RunOptions } from "../run-options.ts";
import { readSuppressions } from "../suppression-file.ts";
import { verdictLines } from "../terminal/findings.ts";

interface ReportOptions extends RunOptions {
  readonly verbose?: true;
  readonly failOn?: string;
  readonly suppressions?: string;
}

const choice = { window: true } as const;
const levels = ["error", "warning", "note"] as const satisfies readonly Severity[];

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .option("-v, --verbose", "all notes, blocks and call stacks")
    .option("--suppressions <file>", "leaks to leave alone, in LeakSanitizer's syntax (leak:pattern)")
    .option("--fail-on <level>", `exit with 1 when there is a finding of this level or above: ${levels.join(", ")}`)
    .addHelpText(
      "after",
      `
Examples:
  memmap report run.memmap
  memmap report run.memmap --elf build/app.elf --from mark:connected
  memmap report run.memmap --json --fail-on error`,
    )
    .action(async (file: string, options: ReportOptions) => {
      const failOn = options.failOn === undefined ? undefined : parseChoice(options.failOn, "--fail-on", levels);
      const suppressions = options.suppressions === undefined ? [] : await readSuppressions(options.suppressions);
      await ask(file, options, choice, async ({ model, window, resolver }) => {
        const verdict = await makeVerdict(model, { window, suppressions, ...(resolver !== undefined && { resolver }) });
        if (failOn !== undefined && isOver(verdict, failOn)) process.exitCode = exitCodes.findings;
        if (options.json) return asJson(verdict);
        const lines = verdictLines(verdict, { ...textOptions(), verbose: options.verbose === true });
        if (resolver === undefined && hasNamelessSites(verdict)) {
          lines.push("", "Call sites without names? Give the firmware: --elf build/NAME.elf");
        }
        return asLines(lines);
      });
    });
}

function isOver({ findings }: Verdict, level: Severity): boolean {
  return findings.some(({ severity }) => levels.indexOf(severity) <= levels.indexOf(level));
}

function hasNamelessSites({ findings }: Verdict): boolean {
  return findings.some(({ stations }) => stations.some(({ where }) => where.startsWith("0x")));
}
