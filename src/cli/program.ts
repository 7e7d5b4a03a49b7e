// Builds the commander program for one command line: every command by name and summary, only the called one in full.
import { Command, CommanderError } from "commander";
import { MemmapError } from "../base/errors.ts";
import { similar } from "../base/similar.ts";
import type { CommandEntry } from "./command-entry.ts";
import { manifest } from "./package.ts";
import { out } from "./terminal/output.ts";

const HELP_END = `
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
    .option("--version", "print the version")
    .on("option:version", () => {
      const { version } = manifest(); // read only now
      program.configureOutput().writeOut?.(`${version}\n`);
      throw new CommanderError(0, "commander.version", version);
    })
    .helpOption("-h, --help", "print this help")
    .option("--debug", "print stack traces with errors")
    .addHelpText("after", HELP_END)
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => {
        out.write(text);
      },
      outputError: () => undefined, // said by failure.ts, like every other error
    })
    .exitOverride((error) => {
      throw inTwoLines(error, known);
    });
  const called = calledName(args);
  const known = entries.some(({ name }) => name === called) ? called : undefined;
  if (args.find((arg) => !arg.startsWith("-")) === "help" && called !== undefined) checkHelp(called, entries);
  // Where the first word is a command nobody asks for the others.
  const first = entries.find(({ name }) => name === args[0]);
  for (const entry of first === undefined ? entries : [first]) {
    // copyInheritedSettings (done by command()) passes exitOverride on.
    const command = program.command(entry.name).description(entry.summary);
    if (entry.name === called) (await entry.load()).define(command, entries);
  }
  return program;
}

/** The command's name: the first word that is no option, or the second after `help`. */
function calledName(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

/** `memmap help WORD`: the parser itself would only print the general help for a word that is no command. */
function checkHelp(word: string, entries: readonly CommandEntry[]): void {
  if (entries.some(({ name }) => name === word)) return;
  const near = similar(
    word,
    entries.map(({ name }) => name),
  );
  const about = entries
    .filter(({ summary }) => summary.toLowerCase().includes(word.toLowerCase()))
    .map(({ name }) => name);
  const meant = [...new Set([...near, ...about])].slice(0, 4);
  throw new MemmapError(`there is no command ${word}`, {
    code: "usage-command",
    hint:
      meant.length === 0
        ? "`memmap --help` names all commands."
        : `Did you mean ${meant.map((name) => `\`memmap help ${name}\``).join(", ")}?`,
  });
}

/** The parser's errors in the form that all errors have; help that was asked for ends the program too, and is none. */
function inTwoLines(error: CommanderError, called: string | undefined): Error {
  if (error.exitCode === 0) return error;
  const [, message = error.message, suggestion] =
    /^(?:error: )?([^]*?)(?:\s*\(Did you mean ([^]*?)\?\))?$/.exec(error.message.trim()) ?? [];
  const help = called === undefined || /unknown command/.test(message) ? "memmap --help" : `memmap ${called} --help`;
  const dashed = called === "query" && /unknown option '(-[A-Za-z]{2,}[^']*)'/.exec(message)?.[1];
  return new MemmapError(message, {
    code: "usage-arguments",
    hint: dashed
      ? `A query that begins with - looks like an option: write 'not ${dashed.slice(1)}'.`
      : suggestion === undefined
        ? `\`${help}\` shows what it takes.`
        : `Did you mean ${suggestion.replace(/^one of /, "one of ")}? \`${help}\` shows all.`,
    cause: error,
  });
}
