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

export interface Asked {
  readonly args: readonly string[];
  /** Of the terminal that both streams pretend to be; pipes without it. */
  readonly columns?: number | undefined;
}

process.on("message", (asked: Asked) => void answer(asked));

async function answer({ args, columns }: Asked): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    Object.assign(stream, { isTTY: columns !== undefined, columns });
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
