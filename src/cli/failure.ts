// How a failure ends the program: one message, one hint, one exit code; a stack only when --debug asks for it.
import { CommanderError } from "commander";
import { MemmapError } from "../base/errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { coloursFor } from "./terminal/colours.ts";

export interface Failure {
  readonly exitCode: number;
  /** For standard error, with the last newline; empty when everything has been said already. */
  readonly text: string;
}

export function describeFailure(error: unknown, debug: boolean): Failure {
  if (error instanceof CommanderError) {
    // commander has printed its message, or the help that was asked for, before it throws.
    return { exitCode: error.exitCode === 0 ? exitCodes.fine : exitCodes.usage, text: "" };
  }
  const { red, dim } = coloursFor(process.stderr);
  const stack = debug && error instanceof Error && error.stack !== undefined ? `${error.stack}\n` : "";
  if (error instanceof MemmapError) {
    const exitCode = error.code.startsWith("usage-") ? exitCodes.usage : exitCodes.input;
    return { exitCode, text: `${red("error:")} ${error.message}\n${dim("hint:")}  ${error.hint}\n${stack}` };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = debug ? "" : `${dim("hint:")}  This is a defect in memmap; run again with --debug and report it.\n`;
  return { exitCode: exitCodes.defect, text: `${red("internal error:")} ${message}\n${hint}${stack}` };
}
