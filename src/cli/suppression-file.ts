// Suppressions on the command line: a user's own from a file, and those that memmap ships.
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { MemmapError } from "../base/errors.ts";
import type { DetectOptions } from "../detect/run.ts";
import { parseSuppressions } from "../detect/suppressions.ts";
import type { SuppressionsText } from "../server/serve.ts";

export interface SuppressionOptions {
  readonly suppressions?: string;
  readonly defaultSuppressions?: boolean;
}

export function addSuppressionOptions(command: Command): Command {
  return command
    .option("--suppressions <file>", "leaks to leave alone, in LeakSanitizer's syntax (leak:pattern)")
    .option("--no-default-suppressions", "without those that memmap ships for ESP-IDF's own");
}

/** @throws MemmapError `suppressions-unreadable`, `suppressions-malformed` */
export async function readSuppressions(
  options: SuppressionOptions,
): Promise<Pick<DetectOptions, "suppressions" | "defaultSuppressions">> {
  const { text, name, withDefaults } = await readSuppressionText(options);
  return { suppressions: parseSuppressions(text, name).suppressions, defaultSuppressions: withDefaults };
}

/**
 * The same, for a page that reads them itself.
 * @throws MemmapError `suppressions-unreadable`, `suppressions-malformed`
 */
export async function readSuppressionText(options: SuppressionOptions): Promise<SuppressionsText> {
  const { suppressions: path, defaultSuppressions = true } = options;
  const text = path === undefined ? "" : await readFileOf(path);
  return { text, name: path ?? "", withDefaults: defaultSuppressions };
}

async function readFileOf(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new MemmapError(`cannot read the suppressions ${path}`, {
      code: "suppressions-unreadable",
      hint: "Check the path of --suppressions.",
      cause,
    });
  }
  const [problem] = parseSuppressions(text, path).problems;
  if (problem !== undefined) {
    throw new MemmapError(`${path}:${problem.line}: "${problem.text}" is no suppression`, {
      code: "suppressions-malformed",
      hint: "Write `leak:pattern`, one a line, with `*` for anything and `#` before a reason.",
    });
  }
  return text;
}
