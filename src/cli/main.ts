#!/usr/bin/env node
// The command line's entry: parse, run one command, turn a failure into message, hint and exit code.
import { commands } from "./commands.ts";
import { describeFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";

// `memmap list run.memmap | head` closes the pipe early: that is the reader's right, not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const args = process.argv.slice(2);
try {
  const program = await buildProgram(commands, args);
  if (args.length === 0) program.outputHelp();
  else await program.parseAsync(args, { from: "user" });
} catch (error) {
  const failure = describeFailure(error, args.includes("--debug"));
  process.stderr.write(failure.text);
  process.exitCode = failure.exitCode;
}
