// The changes that nobody could notice, as tools/equivalent-mutations.txt names them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./build-c.ts";
import type { Mutation } from "./mutations.ts";

/** `a < b  →  a >= b`, of the whole line. */
export function describeMutation(text: string, { start, end, replacement }: Mutation): string {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const to = text.indexOf("\n", end);
  const oneLine = (part: string): string => part.trim().replaceAll(/\s+/g, " ");
  const after = text.slice(from, start) + replacement + text.slice(end, to);
  return `${oneLine(text.slice(from, to))}  →  ${oneLine(after)}`;
}

/** By `path  change`, why it changes nothing. Without line numbers, as lines move. */
export function equivalentMutations(): ReadonlyMap<string, string> {
  const lines = readFileSync(join(projectRoot, "tools/equivalent-mutations.txt"), "utf8").split("\n");
  const reasons = new Map<string, string>();
  for (const [i, line] of lines.entries()) {
    if (line.includes("  →  ")) reasons.set(line, (lines[i + 1] ?? "").trim());
  }
  return reasons;
}
