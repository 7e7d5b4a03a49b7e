// Loads the simulator's module in Node. A browser fetches and compiles it itself; board.ts and the scenarios know neither.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MemmapError } from "../src/base/errors.ts";

/**
 * Reads and compiles simulator.wasm: next to this file where it is published, in dist/simulator where this is the source.
 * @throws MemmapError "simulator-missing"
 */
export async function loadSimulator(): Promise<WebAssembly.Module> {
  const here = dirname(fileURLToPath(import.meta.url));
  const folder = here.endsWith(join("dist", "simulator")) ? here : join(here, "..", "dist", "simulator");
  const path = join(folder, "simulator.wasm");
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
