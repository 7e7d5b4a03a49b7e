// `memmap mcp`: memmap's answers for coding agents, over the Model Context Protocol.
import type { Command } from "commander";
import { manifest } from "../package.ts";

export function define(command: Command): void {
  command
    .option("--allow-record", "let the agent record from ports without asking each time")
    .addHelpText(
      "after",
      `
Speaks the Model Context Protocol on standard input and output, for agents that
start it themselves; docs/agents.md says how. Agents that have a shell can do
without: \`memmap guide\`.

Examples:
  {"mcpServers": {"memmap": {"command": "npx", "args": ["memmap", "mcp"]}}}`,
    )
    .action(async ({ allowRecord }: { readonly allowRecord?: true }) => {
      const { serve } = await import("../mcp/server.ts");
      serve(manifest().version, allowRecord === true);
    });
}
