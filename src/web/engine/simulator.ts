// The simulated board inside the page: the same WebAssembly and scenarios as `memmap demo`, recorded as it runs.
import { MemmapError } from "../../base/errors.ts";
import { startRecorder } from "./recorder.ts";
import type { OpenRequest } from "./protocol.ts";
import type { Session } from "./session.ts";

/** @returns what stops it */
export async function runSimulator(
  session: Session,
  { scenario: name, speed, wasm }: Extract<OpenRequest, { kind: "simulator" }>,
): Promise<() => void> {
  const { SCENARIOS } = await import("../../../simulator/scenarios.ts");
  const { runScenario } = await import("../../../simulator/source.ts");
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) {
    throw new MemmapError(`the simulator has no scenario ${name}`, {
      code: "usage-scenario",
      hint: "Choose one from the start page.",
    });
  }
  const source = runScenario(await compile(wasm), scenario, { pace: "real-time", speed });
  const recorder = await startRecorder(session, source.name, true);
  void (async () => {
    for await (const bytes of source) recorder.push(bytes);
    await recorder.finish();
  })();
  return () => void source.close();
}

async function compile(address: string): Promise<WebAssembly.Module> {
  const response = await fetch(address);
  if (!response.ok) {
    throw new MemmapError(`the simulated board could not be loaded (${response.status})`, {
      code: "simulator-missing",
      hint: "Load the page again; the server that it came from must have simulator.wasm beside it.",
    });
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
