// Compiles the simulator's WebAssembly module to dist/simulator/simulator.wasm when its sources have changed. `npm run build` runs
// this; tests call buildSimulator() so that they never run an old module.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildForWasm, type CProgram, filesOf, projectRoot } from "./build-c.ts";
import { HEAP_SOURCES, INTERPOSE_FLAGS, LIBC_SOURCES, PROBE_INCLUDES, probeSources } from "./c-sources.ts";

const output = join(projectRoot, "dist", "simulator", "simulator.wasm");
/** Says from what the module was built. */
const stamp = join(projectRoot, "dist", "simulator", "simulator.wasm.sha256");

function simulatorProgram(): CProgram {
  return {
    name: "simulator",
    sources: [
      ...probeSources(),
      "simulator/wasm/port_wasm.c",
      "simulator/heap/port_simulated_heap.c",
      ...HEAP_SOURCES,
      ...LIBC_SOURCES,
      "simulator/wasm/board.c",
      "firmware/examples/conformance/main/conformance.c",
    ],
    includeFolders: [
      ...PROBE_INCLUDES,
      "simulator/heap",
      "simulator/libc/include",
      "simulator/wasm",
      "firmware/examples/conformance/main",
    ],
    // WebAssembly has no return addresses to look at; port_wasm.c takes them from the scenario.
    defines: {
      CONFIG_MEMMAP_INTERPOSE: 1,
      CONFIG_MEMMAP_STACK_DEPTH: 8,
      "__builtin_return_address(level)": "((void *)(level))",
    },
    flags: [
      "-fno-builtin",
      ...INTERPOSE_FLAGS,
      "-Wl,--import-memory",
      "-Wl,--export=__heap_base",
      "-Wl,-z,stack-size=65536",
    ],
  };
}

/** Resolves to the path of an up-to-date module. */
export async function buildSimulator(): Promise<string> {
  const program = simulatorProgram();
  const wanted = hashOf(program);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return output;
  const module = await buildForWasm(program);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(`${output}.${process.pid}`, module);
  renameSync(`${output}.${process.pid}`, output); // another process may be reading the old one
  writeFileSync(stamp, wanted);
  return output;
}

/** Of all that goes into the module, and of how it is built. */
function hashOf(program: CProgram): string {
  const hash = createHash("sha256").update(JSON.stringify(program));
  for (const path of filesOf(program)) hash.update(path.slice(projectRoot.length)).update(readFileSync(path));
  return hash.digest("hex");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildSimulator();
