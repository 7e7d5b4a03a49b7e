// `memmap report -`: a log out of a pipe is answered when the pipe ends, and at Ctrl-C, which the terminal gives to the monitor as well.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cliScript, runCli, startCli } from "./run-cli.ts";

const line = (i: number): string =>
  `I (${1000 * i}) app: Units left over: ${180_000 - 700 * i}, free heap ${90_000 - 700 * i}\n`;
const log = Array.from({ length: 10 }, (_, i) => line(i)).join("");
const bytes = new TextEncoder().encode(log);

let folder = "";
const { TMPDIR } = process.env;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memmap-pipe-"));
  // What is read from a pipe is kept in a file there.
  process.env["TMPDIR"] = folder;
});
afterAll(() => {
  process.env["TMPDIR"] = TMPDIR;
  if (TMPDIR === undefined) delete process.env["TMPDIR"];
  rmSync(folder, { recursive: true, force: true });
});

/** All of the log has been read: memmap waits for more. */
async function isKept(): Promise<void> {
  for (;;) {
    const kept = readdirSync(folder).filter((name) => name.startsWith("memmap-"));
    if (
      kept.some(
        (name) => existsSync(join(folder, name, "input")) && statSync(join(folder, name, "input")).size >= bytes.length,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const LONG = { timeout: 60_000 };

test("a pipe that ends is answered, and --series names a figure", LONG, async () => {
  const plain = await runCli(["report", "-"], folder, bytes);
  expect(plain.out).toMatch(/Free heap falls by about 700 B/);
  const named = await runCli(["report", "-", "--series", "free=left over"], folder, bytes);
  expect(named.out).toMatch(/“Units left over” falls from 180,000 B|“left over|“Units left over”/);
});

test("a pipe with a name is read as standard input is; what needs it several times says so", LONG, async () => {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const answer = runCli(["report", path], folder);
  writeFileSync(path, log);
  expect((await answer).out).toMatch(/Free heap falls by about 700 B/);
  const refused = runCli(["import", path, "-o", "pipe.memmap"], folder);
  // It may have seen what it is, and gone, before anything was written.
  await writeFile(path, log).catch((error: unknown) => expect(error).toMatchObject({ code: "EPIPE" }));
  expect((await refused).err).toMatch(/pipe is a pipe, which can be read only once/);
});

test("import --explain tells what was considered, and why", LONG, async () => {
  writeFileSync(join(folder, "a.log"), `${log}I (1) car: Free parking spaces: 12\nI (2) mem: 81 % of heap used\n`);
  const { out, exitCode } = await runCli(["import", "a.log", "--explain"], folder);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/\+ taken: “free heap”: free memory; 10 lines, first in line 1/);
  expect(out).toMatch(/- not taken: “Free parking spaces”: it is about parking/);
});

test(
  "import --explain -o explains a log in which nothing is found, and says that nothing was written",
  LONG,
  async () => {
    writeFileSync(
      join(folder, "none.log"),
      Array.from({ length: 6 }, (_, i) => `units ${90_000 - 100 * i}\n`).join(""),
    );
    const { out, err, exitCode } = await runCli(["import", "none.log", "--explain", "-o", "none.memmap"], folder);
    expect(out).toMatch(/6 lines/);
    expect(out).toMatch(/units/);
    expect(err).toMatch(/nothing in its 6 lines tells of memory/);
    expect(exitCode).toBe(3);
    expect(existsSync(join(folder, "none.memmap"))).toBe(false);
  },
);

test("Ctrl-C ends the reading and not the answer, although the pipe stays open", LONG, async () => {
  const running = startCli(["report", "-"], folder);
  await running.write(bytes);
  await isKept();
  running.kill("SIGINT");
  const { out } = await running.done;
  expect(out).toMatch(/Free heap falls by about 700 B/);
});

test(
  "Ctrl-C in a terminal reaches monitor and memmap: the monitor's last words count, and the verdict is printed",
  LONG,
  async () => {
    // A monitor that ends at Ctrl-C and says something more, as they do.
    const monitor = join(folder, "monitor.mjs");
    writeFileSync(
      monitor,
      `process.stdout.write(${JSON.stringify(log)});
     process.on("SIGINT", () => { process.stdout.write(${JSON.stringify(line(10))}, () => process.exit(0)); });
     setInterval(() => undefined, 1000);`,
    );
    const answer = join(folder, "answer.txt");
    const command = `'${process.execPath}' '${monitor}' | '${process.execPath}' '${cliScript}' report - > '${answer}'`;
    // util-linux's script gives the pipeline a terminal of its own, whose Ctrl-C goes to all of it.
    const child = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "ignore"] });
    child.stdout.resume();
    await isKept();
    child.stdin.write("\u0003");
    await once(child, "close");
    const out = readFileSync(answer, "utf8");
    expect(out).toMatch(/Free heap falls by about 700 B/);
    expect(out).toMatch(/over 11\s+readings/);
  },
);
