// Commands that show the findings of some rules in full: leaks, faults, failures.
import type { Command } from "commander";
import { detect } from "../detect/run.ts";
import { viewFindings } from "../report/finding-view.ts";
import { addRunOptions, asJson, asLines, ask, textOptions, type RunOptions } from "./run-options.ts";
import { findingLines } from "./terminal/findings.ts";

export interface FindingsCommand {
  readonly rules: ReadonlySet<string>;
  /** Said where there is none: `No leak was found`. */
  readonly nothing: string;
  readonly help: string;
}

const choice = { window: true } as const;

export function defineFindings(command: Command, { rules, nothing, help }: FindingsCommand): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .addHelpText("after", `\n${help}`)
    .action(async (file: string, options: RunOptions) => {
      await ask(file, options, choice, async ({ model, window, resolver }) => {
        const detection = await detect(model, { window, ...(resolver !== undefined && { resolver }) });
        const findings = viewFindings(
          detection.findings.filter(({ rule }) => rules.has(rule)),
          detection.names,
        );
        if (options.json) return asJson(findings);
        if (findings.length === 0) return `${nothing}.\n`;
        const text = { ...textOptions(), verbose: true };
        return asLines(
          findings.flatMap((finding, index) => [...(index > 0 ? [""] : []), ...findingLines(finding, text)]),
        );
      });
    });
}
