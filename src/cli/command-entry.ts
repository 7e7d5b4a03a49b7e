// What a command is: a name, a line for the help, and a module that is loaded only when it is called.
import type { Command } from "commander";

export interface CommandModule {
  /** Adds arguments, options, examples and the action. `all` is the list of commands, for those that are about it. */
  define(command: Command, all: readonly CommandEntry[]): void;
}

export interface CommandEntry {
  readonly name: string;
  /** One line for `memmap --help`. */
  readonly summary: string;
  /** Set when it writes with terminal/output.ts alone, never to a stream of its own. */
  readonly isTextOnly?: true;
  load(): Promise<CommandModule>;
}
