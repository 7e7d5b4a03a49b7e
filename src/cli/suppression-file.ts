// Suppressions on the command line: a user's own from a file, and those that memmap ships.
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { MemmapError } from "../base/errors.ts";
import type { DetectOptions } from "../detect/run.ts";
import { parseSuppressions } from "../detect/suppressions.ts";

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
  const { suppressions: path, defaultSuppressions = true } = options;
  return { suppressions: path === undefined ? [] : await readFileOf(path), defaultSuppressions };
}

async function readFileOf(path: string): Promise<DetectOptions["suppressions"] & object> {
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
  const { suppressions, problems } = parseSuppressions(text, path);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new MemmapError(`${path}:${problem.line}: "${problem.text}" is no suppression`, {
      code: "suppressions-malformed",
      hint: "Write `leak:pattern`, one a line, with `*` for anything and `#` before a reason.",
    });
  }
  return suppressions;
}
