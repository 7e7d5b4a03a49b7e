#!/usr/bin/env node
// The command line's entry: parse, run one command, turn a failure into message, hint and exit code.
import module from "node:module";
import { unwritable } from "../capture/output-file.ts";
import { commands } from "./commands.ts";
import { describeFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";

// Node from 22.1 on keeps compiled code from one run to the next.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const args = process.argv.slice(2);

/** A stack is nobody's business but ours: also what nobody waits for ends in a sentence. */
function fail(error: unknown): void {
  const failure = describeFailure(error, args.includes("--debug"));
  process.stderr.write(failure.text);
  process.exitCode = failure.exitCode;
}

process.on("uncaughtException", (error) => {
  fail(error);
  process.exit();
});
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `memmap list run.memmap | head` closes the pipe early: that is the reader's right, not an error.
  if (error.code !== "EPIPE") fail(unwritable("standard output", error));
  process.exit();
});
// Where errors cannot be told there is nobody to tell it.
process.stderr.on("error", () => undefined);

async function main(): Promise<void> {
  try {
    const program = await buildProgram(commands, args);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
  } catch (error) {
    fail(error);
  }
}

void main();
