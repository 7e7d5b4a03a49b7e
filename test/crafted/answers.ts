// A process that answers one command line after the other, so that thousands cost no start each: what stands on the other side of ask.ts. A
// command that hangs or takes all memory takes this process with it, and not the tests.
import { commands } from "../../src/cli/commands.ts";
import { describeFailure } from "../../src/cli/failure.ts";
import { buildProgram } from "../../src/cli/program.ts";

export interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

process.on("message", (args: readonly string[]) => void answer(args));

async function answer(args: readonly string[]): Promise<void> {
  let out = "";
  let err = "";
  process.exitCode = 0;
  process.stdout.write = (text: string | Uint8Array): boolean => {
    out += String(text);
    return true;
  };
  process.stderr.write = (text: string | Uint8Array): boolean => {
    err += String(text);
    return true;
  };
  try {
    const program = await buildProgram(commands, args);
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    const failure = describeFailure(error, true);
    process.exitCode = failure.exitCode;
    err += failure.text;
  }
  process.send?.({ exitCode: Number(process.exitCode), out, err } satisfies Answer);
}
