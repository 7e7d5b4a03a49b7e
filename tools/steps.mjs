// The checks that `npm run check` and `npm test` share, each a command whose exit code is its result.
// Plain JavaScript without dependencies, like everything in tools/ that runs before anything is built.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The file behind a package's command: run with this very node, on every platform, without a shell. */
function bin(path) {
  return [process.execPath, `node_modules/${path}`];
}

const folders = ["src", "simulator", "tools", "test", "bench"];

/** TypeScript's compiler in its native form, five times as fast; what lints and reads sources asks TypeScript 6, which still is a library. */
const compiler = bin("@typescript/native/bin/tsc");

/** Without the rules that ask for types, which take two thirds of the time. */
const untyped = ["--config", "eslint.untyped.config.js"];

/**
 * What `builds` runs in its order; what reads sources only needs no build and may run beside it; the rest needs it. What takes longest stands first.
 * `quick` uses caches, which may miss what a change does to the lint result of another file; the full test does without, and leaves the rules that ask
 * for types to it.
 */
export function checkSteps({ quick }) {
  const cache = (name) => (quick ? ["--cache", "--cache-location", `node_modules/.cache/memmap-${name}`] : []);
  return [
    { name: "types", builds: true, command: [...compiler, "-b"] },
    { name: "command line", builds: true, command: [process.execPath, "dist/tools/build-cli.js"] },
    { name: "simulator", builds: true, command: [process.execPath, "dist/tools/build-simulator.js"] },
    {
      name: "lint",
      sourcesOnly: true,
      command: [
        ...bin("eslint/bin/eslint.js"),
        ...(quick ? [] : untyped),
        "--max-warnings",
        "0",
        ...cache("eslint"),
        ".",
      ],
    },
    { name: "generated header", command: [process.execPath, "dist/tools/generate-protocol-header.js", "--check"] },
    { name: "forwarding files", command: [process.execPath, "dist/tools/generate-arduino.js", "--check"] },
    { name: "generated documents", command: [process.execPath, "dist/tools/generate-json-docs.js", "--check"] },
    { name: "public interface", command: [process.execPath, "dist/tools/api.js", "--check"] },
    {
      name: "format",
      sourcesOnly: true,
      command: [...bin("prettier/bin/prettier.cjs"), "--check", ...cache("prettier"), "."],
    },
    {
      name: "import directions",
      sourcesOnly: true,
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

/** The page, which tests in a browser open and the package holds. */
export const pageStep = { name: "page", builds: true, command: [process.execPath, "dist/tools/build-site.js"] };

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
export function run(command) {
  return spawned(command, "inherit");
}

function spawned([command, ...args], output, take) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["inherit", output, output] });
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/**
 * Runs steps, all of them, and resolves to the names of those that failed. Those that build run one after the other; beside them what reads sources only,
 * after them the rest, as many at once as there are `lanes`. Each prints when it has ended. `built` is called when all is built.
 */
export async function runSteps(steps, { lanes = availableParallelism(), built = () => undefined } = {}) {
  const failed = [];
  const runStep = async ({ name, command }) => {
    const start = Date.now();
    let text = "";
    const code = await spawned(command, "pipe", (chunk) => (text += chunk));
    if (code !== 0) failed.push(name);
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    console.log(`\n── ${name}\n${text}── ${name}: ${code === 0 ? "ok" : "FAILED"} (${seconds} s)`);
  };
  const building = (async () => {
    for (const step of steps.filter(({ builds }) => builds === true)) await runStep(step);
    built();
  })();
  const rest = steps.filter(({ builds }) => builds !== true).sort((a, b) => needsBuild(a) - needsBuild(b));
  const lane = async () => {
    for (let step = rest.shift(); step !== undefined; step = rest.shift()) {
      if (needsBuild(step)) await building;
      await runStep(step);
    }
  };
  await Promise.all([building, ...Array.from({ length: lanes }, lane)]);
  return failed;
}

function needsBuild({ sourcesOnly }) {
  return sourcesOnly !== true;
}
