// The package as npm packs it, installed where nothing else of the project is: the command line finds what came with it, and the libraries load.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { codeFolder } from "../../src/cli/compiled-code.ts";
import { buildSite } from "../../tools/build-site.ts";
import { allNeedCommands } from "../toolchain.ts";
import { scratchFolder } from "./run-cli.ts";

const run = promisify(execFile);
const folder = scratchFolder();
const installed = join(folder, "node_modules", "memmap");
const memmap = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [join(installed, "dist", "memmap.cjs"), ...args], { cwd: folder })).stdout;

allNeedCommands("tar");
beforeAll(async () => {
  await buildSite();
  const packing = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse((await run("npm", packing, { maxBuffer: 1 << 26 })).stdout) as [{ filename: string }];
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xf", join(folder, packed.filename), "--strip-components=1", "-C", installed]);
  for (const name of readdirSync("node_modules")) {
    if (!name.startsWith(".") && name !== "memmap")
      symlinkSync(join(process.cwd(), "node_modules", name), join(folder, "node_modules", name));
  }
});

test("commands find the simulator, the page, the docs and the probe", async () => {
  expect(await memmap("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  await memmap("demo", "-o", "demo.memmap");
  expect(await memmap("report", "demo.memmap", "--html", "demo.html")).toContain("demo.html");
  expect(await memmap("guide", "leak")).toMatch(/^# Leaks\n/);
  writeFileSync(join(folder, "platformio.ini"), "[env:esp32dev]\nframework = espidf\n");
  await memmap("init", ".", "--yes");
  expect(existsSync(join(folder, "lib", "memmap", "idf_component.yml"))).toBe(true);
});

test("it comes with the code that this version of Node made of it", () => {
  const code = readdirSync(codeFolder(join(installed, "dist", "cli")));
  expect(code).toEqual(expect.arrayContaining(["main.cjs.code", "symbols.cjs.code", "symbolize.cjs.code"]));
});

test("its libraries load, with nothing missing", async () => {
  const script =
    'import { MemmapError } from "memmap"; import { openSymbols } from "memmap/symbols"; console.log(typeof MemmapError, typeof openSymbols)';
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: folder });
  expect(stdout).toBe("function function\n");
  expect(existsSync(join(installed, "dist", "src", "symbols", "index.d.ts"))).toBe(true);
});
