// Makes a fresh clone ready: the right Node, the packages of the lock file and, for the full test, Debian's compilers and
// emulators. Does nothing when nothing is missing. `npm start` and `npm test` call it; by hand: node tools/setup.mjs [--full]
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { npmCommand, root } from "./steps.mjs";

const nodeNeeded = [20, 19];

/** What the full test calls, by the Debian package that brings it: a command on the PATH, or a file. */
const debian = {
  gcc: "gcc",
  "libc6-dev": "/usr/include/stdio.h",
  "gcc-riscv64-unknown-elf": "riscv64-unknown-elf-gcc",
  "gcc-xtensa-lx106": "xtensa-lx106-elf-gcc",
  clang: "clang",
  lld: "ld.lld",
  llvm: "llvm-addr2line",
  "qemu-system-misc": "qemu-system-riscv32",
  valgrind: "valgrind",
  chromium: "chromium",
};

/** @param {{ full: boolean }} options full: also what only the full test needs */
export function setup({ full }) {
  checkNode();
  installPackages();
  if (full) installDebianPackages();
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [needMajor, needMinor] = nodeNeeded;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  stop(
    `memmap needs Node ${nodeNeeded.join(".")} or newer; this is ${process.version}. Install it from your system or nodejs.org.`,
  );
}

function installPackages() {
  const installed = join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs) return;
  console.log("installing the npm packages (once) …");
  const [command, ...args] = npmCommand("ci", "--no-audit", "--no-fund", "--loglevel=error");
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (result.status !== 0) stop("`npm ci` failed, see above. It needs the npm registry, or a cache filled from it.");
}

function installDebianPackages() {
  const missing = missingDebianPackages();
  if (missing.length === 0) return;
  if (isExecutable("apt-get") && process.getuid?.() === 0) {
    console.log(`installing ${missing.join(" ")} …`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) =>
      spawnSync("apt-get", ["-qq", ...args], { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
    apt("update");
    // All at once is faster; one by one still gets what there is when a package is unknown to this release.
    if (!apt("install", "-y", "--no-install-recommends", ...missing)) {
      for (const name of missing) apt("install", "-y", "--no-install-recommends", name);
    }
  }
  const still = missingDebianPackages();
  if (still.length > 0) {
    console.log(`Tests that need these are skipped: ${still.join(" ")}.`);
    console.log(`On Debian or Ubuntu: sudo apt-get install --no-install-recommends ${still.join(" ")}`);
  }
}

function missingDebianPackages() {
  return Object.keys(debian).filter((name) => {
    const proof = debian[name];
    return proof.startsWith("/") ? !existsSync(proof) : !isExecutable(proof);
  });
}

function isExecutable(command) {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) setup({ full: process.argv.includes("--full") });
