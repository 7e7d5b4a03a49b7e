// `memmap faults`: double frees, overflows, writes after free: every site, the bytes, the neighbours.
import type { Command } from "commander";
import { defineFindings } from "../findings-command.ts";

export function define(command: Command): void {
  defineFindings(command, {
    rules: new Set([
      "double-free",
      "interior-free",
      "realloc-after-free",
      "overflow",
      "underflow",
      "write-after-free",
      "wild-free",
      "double-allocation",
      "overlap",
    ]),
    nothing: "No heap fault was found",
    help: `Examples:
  memmap faults run.memmap
  memmap faults run.memmap --json`,
  });
}
