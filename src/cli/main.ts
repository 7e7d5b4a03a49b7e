// The command line: parse, run one command, turn a failure into message, hint and exit code.
import { commands } from "./commands.ts";
import { describeFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { err, out } from "./terminal/output.ts";

const args = process.argv.slice(2);

/** A stack is nobody's business but ours: also what nobody waits for ends in a sentence. */
function fail(error: unknown): void {
  const failure = describeFailure(error, args.includes("--debug"));
  err.write(failure.text);
  process.exitCode = failure.exitCode;
}

process.on("uncaughtException", (error) => {
  fail(error);
  process.exit();
});

async function main(): Promise<void> {
  try {
    const isTextOnly = commands.find(({ name }) => name === args[0])?.isTextOnly === true;
    for (const output of [out, err]) {
      if (isTextOnly) output.writeDirectly();
      else output.useStream();
    }
    const program = await buildProgram(commands, args);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
  } catch (error) {
    fail(error);
  }
}

void main();
