// The simulator's module for tests, built when its sources have changed.
import { loadSimulator } from "../simulator/load-node.ts";
import { buildSimulator } from "../tools/build-simulator.ts";

let loading: Promise<WebAssembly.Module> | undefined;

export function simulatorModule(): Promise<WebAssembly.Module> {
  loading ??= buildSimulator().then(() => loadSimulator());
  return loading;
}
