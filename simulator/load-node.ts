// Loads the simulator's module in Node. A browser fetches and compiles it itself; board.ts and the scenarios know neither.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { MemmapError } from "../src/base/errors.ts";

/**
 * Reads and compiles the package's dist/simulator/simulator.wasm.
 *
 * @throws MemmapError "simulator-missing"
 */
export async function loadSimulator(): Promise<WebAssembly.Module> {
  const manifest = createRequire(import.meta.url).resolve("memmap/package.json");
  const path = join(dirname(manifest), "dist", "simulator", "simulator.wasm");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new MemmapError(`The simulator's module is missing: ${path}`, {
      code: "simulator-missing",
      hint: "In a clone of the project, `npm run build` makes it; in an installed package, install it again.",
      cause,
    });
  }
  return WebAssembly.compile(bytes);
}
