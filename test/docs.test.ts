// The pages of docs name what exists: functions, files, commands and their options.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { beforeAll, expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";

const pages = ["docs/life-of-an-allocation.md", "docs/common-tasks.md"];
const sources = execFileSync("git", ["ls-files", "src/*.ts", "simulator/*.ts", "test/*.ts", "firmware/*.[ch]"], {
  encoding: "utf8",
});
const text = sources
  .trim()
  .split("\n")
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

test.each(pages)("every function and file that %s names exists", (page) => {
  const code = [...readFileSync(page, "utf8").matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const functions = code.flatMap((one) => /^(?:\w+\.)?(\w+)\(\)$/.exec(one)?.[1] ?? []);
  expect(functions.length).toBeGreaterThan(3);
  expect(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  const files = code.filter(
    (one) => /^(src|test|simulator|firmware|docs|protocol)\/[\w./-]+$/.test(one) && !/NAME|PAGE/.test(one),
  );
  expect(files.filter((path) => !existsSync(path) && !existsSync(`firmware/memmap/${path}`))).toEqual([]);
});

const manuals = [
  "README.md",
  ...execFileSync("git", ["ls-files", "docs/*.md"], { encoding: "utf8" }).trim().split("\n"),
];

/** The long and short options of each command. */
const known = new Map<string, ReadonlySet<string>>([["help", new Set(["--help"])]]);

beforeAll(async () => {
  for (const entry of commands) {
    const command = new Command(entry.name);
    (await entry.load()).define(command, commands);
    const names = command.options.flatMap(({ long, short }) => [long ?? "", short ?? ""]);
    known.set(entry.name, new Set([...names, "--help", "--debug"]));
  }
}, 60_000);

/** `memmap WORD … --option`, in code: up to what ends a command line. What is typed on the board's console is another program's. */
function commandLines(page: string): readonly { readonly line: string; readonly name: string }[] {
  const blocks = [...page.matchAll(/```\w*\n([^]*?)```/g)].flatMap(([, block = ""]) => block.split("\n"));
  const inline = [...page.replace(/```[^]*?```/g, "").matchAll(/`([^`]+)`(?! on the console)/g)].map(([, code = ""]) =>
    code.replace(/\s+/g, " "),
  );
  return [...blocks, ...inline].flatMap((line) =>
    [...line.matchAll(/(?:^|[|&;(]|\$) *(?:npx )?(memmap ([a-z]+)\b[^|#&;]*)/g)].map(([, found = "", name = ""]) => ({
      line: found,
      name,
    })),
  );
}

test("every command and option in README and docs exists", () => {
  const wrong: string[] = [];
  let lines = 0;
  for (const manual of manuals) {
    for (const { line, name } of commandLines(readFileSync(manual, "utf8"))) {
      lines++;
      const options = known.get(name);
      const used = [...line.matchAll(/(?<= )--?[a-zA-Z][a-z-]*/g)].map(([option]) => option);
      if (options === undefined || used.some((option) => !options.has(option))) wrong.push(`${manual}: ${line}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(lines).toBeGreaterThan(100);
});

test("docs/cli.md has every command, and under its heading no option that it has not", () => {
  const page = readFileSync("docs/cli.md", "utf8");
  const listed = [...page.matchAll(/^\| `memmap ([a-z]+)/gm)].map(([, name = ""]) => name);
  expect(listed.sort()).toEqual([...known.keys()].sort());
  for (const section of page.split(/^## memmap /m).slice(1)) {
    const [name = ""] = section.split(/\W/);
    const [text = ""] = section.split(/^## /m);
    const used = [...text.matchAll(/^\| `(?:(-\w)`, `)?(--[a-z-]+)/gm)].flatMap(([, short, long]) => [short, long]);
    for (const option of used) if (option !== undefined) expect(known.get(name), `${name} ${option}`).toContain(option);
  }
});
