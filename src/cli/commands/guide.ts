// `memmap guide`: how to hunt, and what each rule means.
import type { Command } from "commander";
import { explain, GUIDE } from "../guide.ts";
import { fitMarkdown } from "../terminal/markdown.ts";
import { textWidth } from "../terminal/wrap.ts";

export function define(command: Command): void {
  command
    .argument("[rule]", "explain this rule, as reports name it: leak, double-free")
    .addHelpText("after", "\nExamples:\n  memmap guide\n  memmap guide leak")
    .action((rule: string | undefined) => {
      process.stdout.write(rule === undefined ? GUIDE : fitMarkdown(explain(rule), textWidth(process.stdout)));
    });
}
