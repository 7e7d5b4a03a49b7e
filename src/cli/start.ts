#!/usr/bin/env node
// The first file of the bundle: runs the command line, with its compiled code where the build has made some for this version of Node.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { codeFolder, runCompiled } from "./compiled-code.ts";

const scripts = join(dirname(fileURLToPath(import.meta.url)), "cli");
const main = join(scripts, "main.cjs");

if (existsSync(codeFolder(scripts))) runCompiled(main);
else {
  const module = process.getBuiltinModule("node:module");
  // Node from 22.1 on keeps compiled code from one run to the next.
  (module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
  module.createRequire(import.meta.url)(main);
}
