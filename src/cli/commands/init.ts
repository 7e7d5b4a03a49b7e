// `memmap init`: brings the probe into a project, after showing what that changes.
import { createInterface } from "node:readline/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatNumberOf } from "../../base/format.ts";
import { changedLines, type Change, type Plan } from "../init/plan.ts";
import { apply, planFor, undo } from "../init/project.ts";
import { coloursFor } from "../terminal/colours.ts";
import { print } from "../terminal/print.ts";

interface InitOptions {
  readonly yes?: true;
  readonly undo?: true;
}

export function define(command: Command): void {
  command
    .argument("[folder]", "an ESP-IDF or PlatformIO project, or an Arduino sketch", ".")
    .option("-y, --yes", "change it without asking")
    .option("--undo", "take back what init has changed")
    .addHelpText(
      "after",
      `
Shows what it would change, and changes it when you say yes: the probe as a
component or library, a few settings, one line that starts the stream. A note of
it stays in .memmap-init.json, for --undo.

Examples:
  memmap init
  memmap init ~/projects/weather --yes
  memmap init --undo`,
    )
    .action(async (folder: string, options: InitOptions) => {
      if (options.undo) takeBack(folder);
      else await setUp(folder, options.yes === true);
    });
}

async function setUp(folder: string, yes: boolean): Promise<void> {
  const plan = planFor(folder);
  const { bold } = coloursFor(process.stdout);
  if (plan.changes.length === 0) {
    print(`${bold(resolve(folder))} is ${plan.title} that has memmap already.`, ...noteLines(plan), ...nextLines(plan));
    return;
  }
  print(
    `${bold(resolve(folder))} is ${plan.title}. This would change:`,
    "",
    ...plan.changes.flatMap(changeLines),
    ...noteLines(plan),
  );
  if (!yes && !(await agreed())) {
    print("Nothing was changed. `memmap init --yes` does it.");
    return;
  }
  apply(folder, plan.changes);
  print(
    `Changed: ${formatNumberOf(plan.changes.length, "place")}. \`memmap init --undo\` takes it back.`,
    ...nextLines(plan),
  );
}

function changeLines(change: Change): string[] {
  const { bold, green, red, dim } = coloursFor(process.stdout);
  if (change.kind === "copy") return [`${bold(`${change.path}/`)}  new: ${change.why}`, ""];
  const lines = changedLines(change.before ?? "", change.after).filter(({ line }) => line !== "");
  return [
    `${bold(change.path)}${change.before === undefined ? "  new" : ""}: ${change.why}`,
    ...lines.map(({ sign, line }) => (sign === "+" ? green(`  + ${line}`) : red(`  - ${line}`))),
    ...(lines.length === 0 ? [dim("  (blank lines)")] : []),
    "",
  ];
}

function noteLines({ notes }: Plan): string[] {
  const { yellow } = coloursFor(process.stdout);
  return notes.length === 0 ? [] : [...notes.map((note) => `${yellow("note:")} ${note}`), ""];
}

function nextLines({ next }: Plan): string[] {
  return [
    "",
    "Next:",
    ...next.map((line) => `  ${line}`),
    "",
    "PORT: `memmap ports` lists them. Nothing comes? `memmap doctor`.",
  ];
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question("Change it? [y/N] ")).trim());
  } finally {
    lines.close();
  }
}

function takeBack(folder: string): void {
  const undone = undo(folder);
  if (undone === undefined) {
    throw new MemmapError(`${resolve(folder)} was not changed by memmap init, or that was taken back`, {
      code: "init-nothing",
      hint: "`memmap init` notes in .memmap-init.json what it does.",
    });
  }
  print(
    ...undone.restored.map((path) => `${path}: as it was`),
    ...undone.edited.map((path) => `${path}: changed by others since; memmap's lines were taken out`),
    ...undone.left.map((path) => `${path}: changed by others since, memmap's lines were not found: left as it is`),
  );
}
