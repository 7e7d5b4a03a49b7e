// `memmap completion`: a script for the shell.
import type { Command } from "commander";
import type { CommandEntry } from "../command-entry.ts";
import { completionScript, SHELLS } from "../completion.ts";
import { parseChoice } from "../run-options.ts";

export function define(command: Command, all: readonly CommandEntry[]): void {
  command
    .argument("<shell>", SHELLS.join(", "))
    .addHelpText(
      "after",
      `
Prints a script that completes commands, options and their words.

Examples:
  eval "$(memmap completion bash)"     in ~/.bashrc
  eval "$(memmap completion zsh)"      in ~/.zshrc, after compinit
  memmap completion fish > ~/.config/fish/completions/memmap.fish`,
    )
    .action(async (shell: string) => {
      process.stdout.write(await completionScript(parseChoice(shell, "shell", SHELLS), all));
    });
}
