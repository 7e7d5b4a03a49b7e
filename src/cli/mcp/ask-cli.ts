// Asks the command line in a process of its own: an agent's answer is the command's answer, and no recording stays in the server's memory.
import { spawn } from "node:child_process";
import { MemmapError } from "../../base/errors.ts";

export interface CliAnswer {
  readonly out: string;
  /** Notes and counters. */
  readonly err: string;
}

/** Of standard output and error each: larger answers come from questions without a limit, which no tool asks. */
const MOST_OUTPUT = 64 << 20;

/**
 * Runs `memmap ARGS`. What it prints is never the server's own standard output, which is the protocol's.
 *
 * @throws MemmapError with the command's own message and hint
 */
export async function askCli(args: readonly string[], signal?: AbortSignal): Promise<CliAnswer> {
  const [, self = ""] = process.argv; // the server is a command of the same program
  const child = spawn(process.execPath, [self, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
    ...(signal !== undefined && { signal }),
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (out.length < MOST_OUTPUT) out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (err.length < MOST_OUTPUT) err += text;
  });
  const code = await new Promise<number | undefined>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve(exitCode ?? undefined));
  });
  if (code === 0) return { out, err };
  const [, message = err.trim() === "" ? "it ended without a word" : err.trim()] =
    /^(?:internal )?error: +(.*)$/m.exec(err) ?? [];
  const [, hint = "Ask in a shell with --debug."] = /^hint: +(.*)$/m.exec(err) ?? [];
  throw new MemmapError(message, { code: "mcp-command-failed", hint });
}

/** The JSON that a command prints. Addresses in it are text. */
export async function askView<T>(args: readonly string[], signal?: AbortSignal): Promise<T> {
  const { out } = await askCli(args, signal);
  return JSON.parse(out) as T;
}
