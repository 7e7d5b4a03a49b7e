// The completion scripts, in the shells themselves.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { exporters } from "../../src/export/exports.ts";
import { needsCommands } from "../toolchain.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();
const names = commands.map(({ name }) => name);

beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { out, exitCode } = await runCli(["completion", shell], folder);
    expect(exitCode).toBe(0);
    writeFileSync(join(folder, `memmap.${shell}`), out);
  }
});

/** What bash offers for the last of these words. */
function inBash(...words: string[]): string[] {
  const script = `source memmap.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _memmap; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync("bash", ["--norc", "-c", script, "bash", ...words], { cwd: folder, encoding: "utf8" });
  return out.split("\n").filter((line) => line !== "");
}

test("bash: commands, options, the words of an option, else files", (context) => {
  needsCommands(context, "bash");
  expect(inBash("memmap", "")).toEqual([...names, "help"]);
  expect(inBash("memmap", "rep")).toEqual(["report"]);
  expect(inBash("memmap", "help", "le")).toEqual(["leaks"]);
  expect(inBash("memmap", "report", "run.memmap", "--ht")).toEqual(["--html"]);
  expect(inBash("memmap", "export", "run.memmap", "--format", "")).toEqual(exporters.map(({ format }) => format));
  expect(inBash("memmap", "report", "--fail-on", "w")).toEqual(["warning"]);
  expect(inBash("memmap", "list", "run")).toEqual([]); // readline's own files
});

/** What fish offers for a line. */
function inFish(line: string): string[] {
  const out = execFileSync("fish", ["--no-config", "-c", `source memmap.fish; complete -C ${JSON.stringify(line)}`], {
    cwd: folder,
    encoding: "utf8",
  });
  return out
    .split("\n")
    .flatMap((found) => found.split("\t")[0] ?? [])
    .filter((word) => word !== "");
}

test("fish: the same", (context) => {
  needsCommands(context, "fish");
  expect(inFish("memmap ").sort()).toEqual([...names, "help"].sort());
  expect(inFish("memmap rep")).toEqual(["report"]);
  expect(inFish("memmap report run.memmap --ht")).toEqual(["--html"]);
  expect(inFish("memmap export run.memmap --format ").sort()).toEqual(exporters.map(({ format }) => format).sort());
  expect(inFish("memmap help le")).toContain("leaks");
});

test("zsh: takes the script, and offers the commands", (context) => {
  needsCommands(context, "zsh");
  const script = `
    autoload -U compinit; compinit -D -u
    source memmap.zsh
    [[ $_comps[memmap] == _memmap ]] || exit 3
    _describe() { print -l -- \${(P)2}; }
    _arguments() { print -l -- "$@"; }
    words=(memmap ''); CURRENT=2; _memmap
    words=(memmap export --format ''); CURRENT=4; _memmap`;
  const out = execFileSync("zsh", ["-f", "-c", script], { cwd: folder, encoding: "utf8" });
  for (const name of names) expect(out).toMatch(new RegExp(`^${name}:`, "m"));
  expect(out).toContain(`:value:(${exporters.map(({ format }) => format).join(" ")})`);
});
