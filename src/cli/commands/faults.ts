// `memmap faults`: double frees, overflows, writes after free: every site, the bytes, the neighbours.
import type { Command } from "commander";
import { defineFindings } from "../findings-command.ts";

export function define(command: Command): void {
  defineFindings(command, {
    group: "faults",
    nothing: "No heap fault was found",
    help: `Examples:
  memmap faults run.memmap
  memmap faults run.memmap --json`,
  });
}
