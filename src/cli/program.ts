// Builds the commander program for one command line: every command by name and summary, only the called one in full.
import { createRequire } from "node:module";
import { Command } from "commander";
import type { CommandEntry } from "./commands.ts";

const helpEnd = `
Examples:
  memmap demo                                a simulated board, and its verdict
  memmap ports                               which serial port is the board?
  memmap record /dev/ttyUSB0 -o run.memmap   restart it and record; Ctrl-C ends
  memmap report run.memmap                   what is wrong, most urgent first
  memmap list run.memmap --at 12.5s          what was live at that moment

\`memmap COMMAND --help\` shows a command's options with more examples.

Exit codes:
  0   fine
  1   findings over budget
  2   wrong command, option or argument
  3   a file, port or stream that cannot be used
  70  a defect in memmap itself`;

export async function buildProgram(entries: readonly CommandEntry[], args: readonly string[]): Promise<Command> {
  const program = new Command("memmap")
    .description("The memory debugger for ESP-IDF firmware")
    .version(packageVersion(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .option("--debug", "print stack traces with errors")
    .addHelpText("after", helpEnd)
    .showSuggestionAfterError()
    .exitOverride();
  const called = calledName(args);
  for (const entry of entries) {
    // copyInheritedSettings (done by command()) passes exitOverride on.
    const command = program.command(entry.name).description(entry.summary);
    if (entry.name === called) (await entry.load()).define(command);
  }
  return program;
}

/** The command's name: the first word that is no option, or the second after `help`. */
function calledName(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

/** From package.json by the package's own name: right for the sources and for what is built from them. */
function packageVersion(): string {
  const manifest = createRequire(import.meta.url)("memmap/package.json") as { readonly version: string };
  return manifest.version;
}
