// Lines on their way to a terminal or a pipe. Nothing else writes text to standard output and standard error, so that no name out of a
// firmware or a file can do there what it likes.
import { safeLine, safeText } from "../../base/safe-text.ts";
import { coloursFor } from "./colours.ts";
import { err, out } from "./output.ts";

/** Whole lines as text for a stream: colours only where it has colours, and no other control character but the lines' ends. */
export function linesFor(stream: { readonly isTTY?: boolean }, lines: readonly string[]): string {
  const safe = coloursFor(stream).isColorSupported ? safeLine : safeText;
  return lines.map((line) => `${safe(line)}\n`).join("");
}

/** Results. */
export function print(...lines: readonly string[]): void {
  out.write(linesFor(out, lines));
}

/** Everything that is no result: notes, warnings, errors. */
export function say(...lines: readonly string[]): void {
  err.write(linesFor(err, lines));
}
