// `memmap failures`: allocations that failed: every region that could have served, and what would have made room.
import type { Command } from "commander";
import { defineFindings } from "../findings-command.ts";

export function define(command: Command): void {
  defineFindings(command, {
    group: "failures",
    nothing: "No allocation failed",
    help: `Examples:
  memmap failures run.memmap`,
  });
}
