import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Script } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { codeFolder, codePath, runCompiled } from "./compiled-code.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Of its own for each run: what one process has compiled once it knows by path. */
function folderWith(scripts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "memmap-code-"));
  folders.push(folder);
  for (const [name, source] of Object.entries(scripts)) writeFileSync(join(folder, name), source);
  return folder;
}

interface Run {
  /** What `main.cjs` exports. */
  readonly exports: unknown;
  /** The code of each script. */
  readonly code: ReadonlyMap<string, Buffer>;
  /** The scripts that took the code that was there. */
  readonly taken: readonly string[];
}

function run(folder: string): Run {
  const compiled = new Map<string, Script>();
  const exports = runCompiled(join(folder, "main.cjs"), (path, script) => compiled.set(basename(path), script));
  const taken = [...compiled].filter(([, script]) => script.cachedDataRejected === false).map(([name]) => name);
  return { exports, taken, code: new Map([...compiled].map(([name, script]) => [name, script.createCachedData()])) };
}

/** Runs scripts beside code that was made before. */
function runWith(
  sources: Readonly<Record<string, string>>,
  code: ReadonlyMap<string, Buffer>,
  change: (code: Buffer) => Buffer,
): Run {
  const folder = folderWith(sources);
  mkdirSync(codeFolder(folder), { recursive: true });
  for (const [name, bytes] of code) writeFileSync(codePath(join(folder, name)), change(bytes));
  return run(folder);
}

const scripts = {
  "main.cjs": `const { add } = require("./sum.cjs"); exports.sum = add(1, 2); exports.same = require("./sum.cjs").add === add; exports.joined = require("node:path").join("a", "b");`,
  "sum.cjs": "exports.add = (a, b) => a + b;",
};
const results = { sum: 3, same: true, joined: join("a", "b") };

test("scripts run as Node runs them, each once, and take the code that was made of them", () => {
  const first = run(folderWith(scripts));
  expect(first).toMatchObject({ exports: results, taken: [] });
  expect(runWith(scripts, first.code, (code) => code)).toMatchObject({
    exports: results,
    taken: ["main.cjs", "sum.cjs"],
  });
});

test.each([
  ["cut", (code: Buffer) => code.subarray(0, code.length / 2)],
  ["of another engine", (code: Buffer) => Buffer.concat([Buffer.alloc(16, 7), code.subarray(16)])],
  ["empty", () => Buffer.alloc(0)],
])("code that is %s is not taken", (_, change) => {
  const { code } = run(folderWith(scripts));
  expect(runWith(scripts, code, change)).toMatchObject({ exports: results, taken: [] });
});

test("code of another script is not taken", () => {
  const { code } = run(folderWith(scripts));
  const other = { ...scripts, "sum.cjs": "exports.add = (a, b) => a * b + 10;" };
  expect(runWith(other, code, (bytes) => bytes)).toMatchObject({
    exports: { ...results, sum: 12 },
    taken: ["main.cjs"],
  });
});

test("packages that are not part of the bundle are found from where the script is", () => {
  const folder = folderWith({ "main.cjs": `exports.name = require("port").name;` });
  mkdirSync(join(folder, "node_modules", "port"), { recursive: true });
  writeFileSync(join(folder, "node_modules", "port", "index.js"), "exports.name = 'port';");
  expect(run(folder).exports).toEqual({ name: "port" });
});
