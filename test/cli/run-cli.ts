// Runs the built command line as a user's shell would.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The bundle, which test/built.ts has brought up to date. */
export const cliScript = fileURLToPath(new URL("../../dist/memmap.cjs", import.meta.url));

export interface CliResult {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly out: string;
  readonly err: string;
}

export interface RunningCli {
  readonly pid: number | undefined;
  /** Resolves when it has ended. */
  readonly done: Promise<CliResult>;
  /** Standard error so far. */
  readonly err: () => string;
  readonly out: () => string;
  kill(signal: NodeJS.Signals): void;
  /** Into standard input. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes our end of its standard output. */
  stopReading(): void;
  /** Standard input ends. */
  end(): void;
}

export function startCli(args: readonly string[], cwd: string): RunningCli {
  const env = { ...process.env, NO_COLOR: "1" };
  const child = spawn(process.execPath, [cliScript, ...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdin.on("error", () => undefined); // ended before it had read all
  const done = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? undefined, out, err }));
  });
  return {
    pid: child.pid,
    done,
    err: () => err,
    out: () => out,
    kill: (signal) => void child.kill(signal),
    write: (bytes) =>
      new Promise((resolve, reject) => child.stdin.write(bytes, (error) => (error ? reject(error) : resolve()))),
    stopReading: () => void child.stdout.destroy(),
    end: () => void child.stdin.end(),
  };
}

/** Runs to the end; `input` is what standard input brings. */
export async function runCli(args: readonly string[], cwd: string, input?: Uint8Array): Promise<CliResult> {
  const running = startCli(args, cwd);
  if (input !== undefined) await running.write(input);
  running.end();
  return running.done;
}

/** A folder for one test file's recordings, removed after its tests. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "memmap-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
