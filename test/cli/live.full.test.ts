// `memmap live` in a terminal of 80 by 24: whatever ends it, the terminal is as it was.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allNeedCommands } from "../toolchain.ts";
import { cliScript, scratchFolder } from "./run-cli.ts";

allNeedCommands("script", "stty");

const folder = scratchFolder();
/** Throws where nobody catches it, when the screen has been taken. */
const crash = `data:text/javascript,${encodeURIComponent(`
  const write = process.stdout.write;
  process.stdout.write = function (text, ...rest) {
    if (String(text).includes("1049h")) setTimeout(() => { throw new Error("crashed on purpose"); }, 100);
    return write.call(this, text, ...rest);
  };`)}`;

test.each([
  ["q", "q", "", 0],
  ["Ctrl-C", "\u0003", "", 0],
  ["a crash", "", `--import '${crash}'`, 70],
] as const)("%s leaves the terminal as it was", async (_name, keys, options, exitCode) => {
  const session = [
    "stty cols 80 rows 24",
    "stty -a > before.txt",
    `'${process.execPath}' ${options} '${cliScript}' live sim:demo`,
    "echo $? > exit.txt",
    "stty -a > after.txt",
  ].join("\n");
  const child = spawn("script", ["-qec", session, "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  const ended = once(child, "close");
  let shown = "";
  let asked = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (asked || keys === "" || !shown.includes("sim")) return;
    asked = true;
    child.stdin.write(keys);
  });
  await ended;
  const [entered, left] = ["\u001b[?1049h", "\u001b[?1049l"].map((code) => shown.lastIndexOf(code));
  expect(entered).toBeGreaterThanOrEqual(0);
  expect(left).toBeGreaterThan(entered ?? 0);
  expect(shown.lastIndexOf("\u001b[?25h")).toBeGreaterThan(shown.lastIndexOf("\u001b[?25l"));
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect(read("after.txt")).toBe(read("before.txt"));
  expect(Number(read("exit.txt"))).toBe(exitCode);
});
