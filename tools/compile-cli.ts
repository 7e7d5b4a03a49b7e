// Keeps the code that the engine compiles while the bundled command line answers what it is asked most often and has the least time for: addresses of a
// small firmware, in C and C++, with inlined calls.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Script } from "node:vm";
import { codeFolder, codePath, runCompiled } from "../src/cli/compiled-code.ts";
import { projectRoot } from "./build-c.ts";

const scripts = join(projectRoot, "dist", "cli");
const firmware = join(projectRoot, "test", "symbols", "fixtures", "riscv.elf");
const addresses = ["0x42000020", "0x4200005e", "0x42000098", "0x420000ea", "0x42000106"];

const compiled = new Map<string, Script>();
process.argv.splice(2, Infinity, "symbolize", firmware, ...addresses);
runCompiled(join(scripts, "main.cjs"), (path, script) => compiled.set(path, script));

process.on("exit", (status) => {
  if (status !== 0) return;
  mkdirSync(codeFolder(scripts), { recursive: true });
  for (const [path, script] of compiled) writeFileSync(codePath(path), script.createCachedData());
});
