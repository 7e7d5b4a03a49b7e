// `memmap doctor`: why nothing comes, or names are missing, found from facts.
import { existsSync, statSync } from "node:fs";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatNumberOf } from "../../base/format.ts";
import { openSource, parseSource } from "../../capture/open.ts";
import type { Symbols } from "../../symbols/index.ts";
import type { Check } from "../doctor/check.ts";
import { problem } from "../doctor/check.ts";
import { checkNode, checkPort } from "../doctor/machine.ts";
import { checkProject, type ProjectChecks } from "../doctor/project.ts";
import { checkBoots, checkRecording } from "../doctor/recording.ts";
import { selfTest } from "../doctor/self-test.ts";
import { exitCodes } from "../exit-codes.ts";
import { openRun } from "../open-run.ts";
import { coloursFor } from "../terminal/colours.ts";
import { print } from "../terminal/print.ts";
import { openStatusLine } from "../terminal/status-line.ts";
import { wrap } from "../terminal/wrap.ts";
import { textOptions } from "../run-options.ts";

interface DoctorOptions {
  readonly baud: string;
  readonly wait: string;
}

export function define(command: Command): void {
  command
    .argument("[things...]", "a project's folder or .elf, a port, a recording: in any order")
    .option("-b, --baud <rate>", "speed of a serial port", "115200")
    .option("--wait <seconds>", "how long to listen to a port", "10")
    .addHelpText(
      "after",
      `
Looks at all that was named, and at the folder you are in if nothing was: each
line is ok, or says what to do. A port is opened, without restarting the board,
and its probe asked for a self-test: are malloc, new and heap_caps_calloc seen,
and how much of the heap is known? Ends with 1 where there is a problem.

Examples:
  memmap doctor
  memmap doctor ~/projects/weather /dev/ttyUSB0
  memmap doctor run.memmap build/weather.elf
  memmap doctor sim:demo                     the simulated board is well`,
    )
    .action(async (things: readonly string[], options: DoctorOptions) => {
      const problems = await examine(things.length === 0 ? ["."] : things, options);
      if (problems > 0) process.exitCode = exitCodes.findings;
    });
}

async function examine(things: readonly string[], options: DoctorOptions): Promise<number> {
  const checks: Check[] = [];
  const tell = (title: string, told: readonly Check[]): void => {
    checks.push(...told);
    print(coloursFor(process.stdout).bold(title), ...told.flatMap(checkLines), "");
  };
  tell("this computer", [checkNode()]);
  let symbols: Symbols | undefined;
  const sorted = things.map((thing) => ({ thing, kind: kindOf(thing) }));
  for (const { thing } of sorted.filter(({ kind }) => kind === "project")) {
    const { checks: told, elf } = await trying(
      () => Promise.resolve(checkProject(thing)),
      (told): ProjectChecks => ({ checks: told }),
    );
    symbols ??= elf?.symbols;
    tell(thing, told);
  }
  for (const { thing } of sorted.filter(({ kind }) => kind === "port")) {
    tell(
      thing,
      await trying(
        () => portChecks(thing, symbols, options),
        (told) => told,
      ),
    );
  }
  for (const { thing } of sorted.filter(({ kind }) => kind === "recording")) {
    tell(
      thing,
      await trying(
        () => recordingChecks(thing, symbols),
        (told) => told,
      ),
    );
  }
  const count = (state: Check["state"]): number => checks.filter((check) => check.state === state).length;
  const problems = count("problem");
  print(
    `${problems === 0 ? "No problem" : formatNumberOf(problems, "problem")}, ${formatNumberOf(count("note"), "note")}, ${count("ok")} ok.`,
  );
  return problems;
}

/** A failure that the user can put right is one more line. */
async function trying<T>(look: () => Promise<T>, otherwise: (checks: readonly Check[]) => T): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof MemmapError)) throw error;
    return otherwise([problem(error.message, error.hint)]);
  }
}

function kindOf(thing: string): "project" | "port" | "recording" {
  const { kind } = parseSource(thing);
  if (kind !== "file") return "port";
  if (existsSync(thing)) return statSync(thing).isDirectory() || /\.elf$/i.test(thing) ? "project" : "recording";
  throw new MemmapError(`${thing} is no project, no port and no file`, {
    code: "file-missing",
    hint: "Name a folder, an .elf, a port (`memmap ports`) or a recording.",
  });
}

async function portChecks(
  port: string,
  symbols: Symbols | undefined,
  { baud, wait }: DoctorOptions,
): Promise<readonly Check[]> {
  const before = parseSource(port).kind === "serial" ? await checkPort(port) : [];
  if (before.some(({ state }) => state === "problem")) return before;
  const seconds = Number(wait);
  if (!(seconds > 0))
    throw new MemmapError(`--wait ${wait} is no number of seconds`, { code: "usage-wait", hint: "Write 10." });
  const source = await openSource(port, { baud: Number(baud), reset: false, waitSeconds: seconds });
  const status = openStatusLine(process.stderr);
  status.set(`listening to ${port} for up to ${wait} s`);
  const { checks, model } = await selfTest(source, seconds * 1000).finally(() => status.clear());
  return [...before, ...checks, ...(model === undefined ? [] : checkBoots(model.tables.boots, symbols))];
}

async function recordingChecks(file: string, symbols: Symbols | undefined): Promise<readonly Check[]> {
  const run = await openRun(file);
  try {
    return await checkRecording(run.model, symbols);
  } finally {
    run.close();
  }
}

function checkLines({ state, what, todo }: Check): string[] {
  const { green, yellow, red } = coloursFor(process.stdout);
  const { width } = textOptions();
  const label = { ok: green("ok  "), note: yellow("note"), problem: red("!!  ") }[state];
  const [first = "", ...rest] = wrap(what, width - 8);
  const lines = [`  ${label}  ${first}`, ...rest.map((line) => `        ${line}`)];
  return todo === undefined ? lines : [...lines, ...wrap(`-> ${todo}`, width - 8).map((line) => `        ${line}`)];
}
