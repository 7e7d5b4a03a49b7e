// The checks that `npm run check` and `npm test` share, each a command whose exit code is its result.
// Plain JavaScript without dependencies, like everything in tools/ that runs before anything is built.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The file behind a package's command: run with this very node, on every platform, without a shell. */
function bin(path) {
  return [process.execPath, `node_modules/${path}`];
}

const folders = ["src", "simulator", "tools", "test", "bench"];

/**
 * In the order in which a failure is most useful to see. `quick` uses caches, which may miss what a change does to the lint
 * result of another file; the full test does without.
 */
export function checkSteps({ quick }) {
  const cache = (name) => (quick ? ["--cache", "--cache-location", `node_modules/.cache/memmap-${name}`] : []);
  return [
    { name: "types", command: [...bin("typescript/bin/tsc"), "-b"] },
    { name: "generated header", command: [process.execPath, "dist/tools/generate-protocol-header.js", "--check"] },
    { name: "forwarding files", command: [process.execPath, "dist/tools/generate-arduino.js", "--check"] },
    { name: "generated documents", command: [process.execPath, "dist/tools/generate-json-docs.js", "--check"] },
    { name: "public interface", command: [process.execPath, "dist/tools/api.js", "--check"] },
    { name: "simulator", command: [process.execPath, "dist/tools/build-simulator.js"] },
    { name: "format", command: [...bin("prettier/bin/prettier.cjs"), "--check", ...cache("prettier"), "."] },
    { name: "lint", command: [...bin("eslint/bin/eslint.js"), "--max-warnings", "0", ...cache("eslint"), "."] },
    {
      name: "import directions",
      command: [
        ...bin("dependency-cruiser/bin/dependency-cruise.mjs"),
        "--config",
        ".dependency-cruiser.mjs",
        ...folders.filter((folder) => existsSync(new URL(`../${folder}`, import.meta.url))),
      ],
    },
    { name: "unused exports", command: [process.execPath, "dist/tools/unused-exports.js"] },
  ];
}

/** Lints package.json and the packed files; needs what the `types` step has built. */
export const packageStep = { name: "package", command: [...bin("publint/src/cli.js"), "--strict"] };

/** npm itself, preferably the one that called us: on Windows `npm` alone cannot be spawned. */
export function npmCommand(...args) {
  const npm = process.env["npm_execpath"];
  return npm?.endsWith("js") ? [process.execPath, npm, ...args] : ["npm", ...args];
}

export function vitestCommand(...args) {
  return [...bin("vitest/vitest.mjs"), "run", ...args];
}

/** Runs a command in the project's root with the terminal as its own; resolves to its exit code. */
export function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs steps one after the other, all of them, and resolves to the names of those that failed. */
export async function runSteps(steps) {
  const failed = [];
  for (const { name, command } of steps) {
    const start = Date.now();
    console.log(`\n── ${name}`);
    const code = await run(command);
    console.log(`── ${name}: ${code === 0 ? "ok" : "FAILED"} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    if (code !== 0) failed.push(name);
  }
  return failed;
}
