// The list of commands. A command is one file in commands/ that exports `define`; it is loaded only when it is called, so
// that `memmap --help` starts at once however much a command needs.
import type { Command } from "commander";

export interface CommandModule {
  /** Adds arguments, options, examples and the action. */
  define(command: Command): void;
}

export interface CommandEntry {
  readonly name: string;
  /** One line for `memmap --help`. */
  readonly summary: string;
  load(): Promise<CommandModule>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: "list",
    summary: "list the blocks that were live at a moment",
    load: () => import("./commands/list.ts"),
  },
  {
    name: "import",
    summary: "turn other tools' files into a recording: SystemView, heaptrack, console logs",
    load: () => import("./commands/import.ts"),
  },
  {
    name: "ports",
    summary: "list serial ports and what is behind them",
    load: () => import("./commands/ports.ts"),
  },
  {
    name: "symbolize",
    summary: "addresses, or the addresses in a log, to functions, lines and components",
    load: () => import("./commands/symbolize.ts"),
  },
  {
    name: "elf",
    summary: "what a firmware's ELF says: application, chip, memory, static RAM",
    load: () => import("./commands/elf.ts"),
  },
];
