// The figures of earlier runs, a line each.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Run {
  /** Short hash, with " and changes" where the working tree had some. */
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly ratios: Readonly<Record<string, number>>;
}

/** Benches run from dist/bench, in the project's root. */
export const HISTORY = join(import.meta.dirname, "../../bench/history/ratios.jsonl");

/** Oldest first. */
export function history(): readonly Run[] {
  if (!existsSync(HISTORY)) return [];
  const lines = readFileSync(HISTORY, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Run);
}
