// Commands that show the findings of one group of detectors in full: leaks, faults, failures.
import type { Command } from "commander";
import type { Group } from "../detect/detector.ts";
import { viewFindingsOf } from "../report/findings-view.ts";
import { asJson } from "./json.ts";
import { addRunOptions, asLines, ask, textOptions, type RunOptions } from "./run-options.ts";
import { addSuppressionOptions, readSuppressions, type SuppressionOptions } from "./suppression-file.ts";
import { findingLines, suppressedLines } from "./terminal/findings.ts";

export interface FindingsCommand {
  readonly group: Group;
  /** Said where there is none: `No leak was found`. */
  readonly nothing: string;
  readonly help: string;
  /** Whether suppressions say something about these findings. */
  readonly suppressible?: true;
}

const choice = { window: true } as const;

export function defineFindings(command: Command, { group, nothing, help, suppressible }: FindingsCommand): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice);
  if (suppressible) addSuppressionOptions(command);
  command.addHelpText("after", `\n${help}`).action(async (file: string, options: RunOptions & SuppressionOptions) => {
    const suppressions = await readSuppressions(options);
    await ask(file, options, choice, async ({ model, window, resolver }) => {
      const names = resolver !== undefined && { resolver };
      const view = await viewFindingsOf(model, { window, group, ...suppressions, ...names });
      if (options.json) return asJson("findings", view);
      const text = { ...textOptions(), verbose: true };
      const shown = view.findings.filter(({ suppressedBy }) => suppressedBy === undefined);
      const lines = shown.flatMap((finding) => ["", ...findingLines(finding, text)]).slice(1);
      return asLines([...(shown.length === 0 ? [`${nothing}.`] : lines), ...suppressedLines(view.suppressed, text)]);
    });
  });
}
