// How a failure ends the program: one message, one hint, one exit code; a stack only when --debug asks for it.
import { CommanderError } from "commander";
import { MemmapError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import { exitCodes } from "./exit-codes.ts";
import { coloursFor } from "./terminal/colours.ts";
import { err } from "./terminal/output.ts";
import { linesFor } from "./terminal/print.ts";

export interface Failure {
  readonly exitCode: number;
  /** For standard error, with the last newline; empty when everything has been said already. */
  readonly text: string;
}

export function describeFailure(error: unknown, debug: boolean): Failure {
  if (error instanceof CommanderError) {
    // The help that was asked for has been printed before it throws; errors have become MemmapErrors (program.ts).
    return { exitCode: error.exitCode === 0 ? exitCodes.fine : exitCodes.usage, text: "" };
  }
  const { red, dim } = coloursFor(err);
  const stack = debug && error instanceof Error && error.stack !== undefined ? error.stack.split("\n") : [];
  if (error instanceof MemmapError) {
    const exitCode = error.code.startsWith("usage-") ? exitCodes.usage : exitCodes.input;
    const lines = [...failureLines(error), ...stack];
    return { exitCode, text: linesFor(err, lines) };
  }
  const message = safeText(error instanceof Error ? error.message : String(error));
  const hint = debug ? [] : [`${dim("hint:")}  This is a defect in memmap; run again with --debug and report it.`];
  const lines = [`${red("internal error:")} ${message}`, ...hint, ...stack];
  return { exitCode: exitCodes.defect, text: linesFor(err, lines) };
}

/** What is wrong, and what to do about it: two lines, whatever the names in them hold. */
function failureLines({ message, hint }: MemmapError): readonly string[] {
  const { red, dim } = coloursFor(err);
  return [`${red("error:")} ${safeText(message)}`, `${dim("hint:")}  ${safeText(hint)}`];
}
