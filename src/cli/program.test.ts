import type { Command } from "commander";
import { expect, test } from "vitest";
import type { CommandEntry } from "./command-entry.ts";
import { commands } from "./commands.ts";
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
  const { exitCode, text } = describeFailure(error, false);
  expect([exitCode, out]).toEqual([2, ""]);
  expect(text).toMatch(/^error: unknown command 'recrod'\nhint: {2}Did you mean record\? .*\n$/);
});

test.each(commands.map((command) => [command.name]))("the help of %s fits 80 columns", async (name) => {
  const { out } = await parse(commands, [name, "--help"]);
  expect(out).toContain(`memmap ${name}`);
  expect(out.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
});

test.each([
  [["query", "run.memmap", "-task:wifi"], /unknown option '-task:wifi'\n.*write 'not task:wifi'/],
  [["list"], /missing required argument 'file'\n.*`memmap list --help`/],
  [["record", "-", "--basteln"], /unknown option '--basteln'\n/],
  [["--at", "5s"], /unknown option '--at'\n.*`memmap --help` shows/],
  [["top", "run.memmap", "--by", "tsk"], /--by tsk is not known\n.*Did you mean task\? Write one of/],
  [["help", "leek"], /no command leek\n.*Did you mean `memmap help leaks`/],
  [["help", "flash"], /no command flash\n.*names all commands/],
  [["help", "serial"], /`memmap help ports`/],
])("%j is an error of two lines", async (args, lines) => {
  const error = await parse(commands, args).then(
    (result) => result.error,
    (reason: unknown) => reason,
  );
  const { exitCode, text } = describeFailure(error, false);
  expect(text).toMatch(lines);
  expect(text.trimEnd().split("\n")).toHaveLength(2);
  expect(exitCode).toBe(2);
});

test.each(["report", "list", "import", "record"])("memmap %s of a folder says that it is one", async (name) => {
  const { error } = await parse(commands, [name, "src"]);
  const { exitCode, text } = describeFailure(error, false);
  expect(exitCode).toBe(3);
  expect(text).toMatch(/src is a folder\n.*Name a file inside it/);
});
