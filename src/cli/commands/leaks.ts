// `memmap leaks`: leaks with evidence, blocks and call stacks.
import type { Command } from "commander";
import { defineFindings } from "../findings-command.ts";

export function define(command: Command): void {
  defineFindings(command, {
    group: "leaks",
    suppressible: true,
    nothing: "No leak was found",
    help: `Examples:
  memmap leaks run.memmap
  memmap leaks run.memmap --from mark:connected`,
  });
}
