import { CommanderError, type Command } from "commander";
import { expect, test } from "vitest";
import { commands, type CommandEntry } from "./commands.ts";
import { describeFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";

function entry(name: string, run: () => void): CommandEntry & { loads: number } {
  const made = {
    name,
    summary: `does ${name}`,
    loads: 0,
    load: async () => {
      made.loads++;
      return { define: (command: Command) => void command.option("--fast").action(run) };
    },
  };
  return made;
}

async function parse(entries: readonly CommandEntry[], args: string[]): Promise<{ out: string; error: unknown }> {
  const program = await buildProgram(entries, args);
  let out = "";
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: (text) => (out += text), writeErr: (text) => (out += text) });
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return { out, error: undefined };
  } catch (error) {
    return { out, error };
  }
}

test("help names every command and loads none", async () => {
  const [demo, list] = [entry("demo", () => {}), entry("list", () => {})];
  const { out, error } = await parse([demo, list], ["--help"]);
  expect(out).toContain("does demo");
  expect(out).toContain("does list");
  expect([demo.loads, list.loads]).toEqual([0, 0]);
  expect(describeFailure(error, false)).toEqual({ exitCode: 0, text: "" });
});

test("only the called command is loaded, and it runs", async () => {
  let ran = 0;
  const [demo, list] = [entry("demo", () => {}), entry("list", () => ran++)];
  await parse([demo, list], ["--debug", "list", "--fast"]);
  expect([demo.loads, list.loads, ran]).toEqual([0, 1, 1]);
});

test("`help list` shows the options of list", async () => {
  const { out } = await parse([entry("list", () => {})], ["help", "list"]);
  expect(out).toContain("--fast");
});

test("an unknown command is a usage error with a suggestion", async () => {
  const { out, error } = await parse([entry("record", () => {})], ["recrod"]);
  expect(error).toBeInstanceOf(CommanderError);
  expect(describeFailure(error, false).exitCode).toBe(2);
  expect(out).toContain("Did you mean record?");
});

test.each(commands.map((command) => [command.name]))("the help of %s fits 80 columns", async (name) => {
  const { out } = await parse(commands, [name, "--help"]);
  expect(out).toContain(`memmap ${name}`);
  expect(out.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
});
