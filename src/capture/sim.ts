// The simulator as a source: `sim:SCENARIO[@CHIP]`. A part of the name is enough where only one scenario has it.
import { CHIPS, type ChipName } from "../../simulator/chips.ts";
import { loadSimulator } from "../../simulator/load-node.ts";
import type { Scenario } from "../../simulator/scenario.ts";
import { SCENARIOS } from "../../simulator/scenarios.ts";
import { runScenario } from "../../simulator/source.ts";
import { MemmapError } from "../base/errors.ts";
import type { Microseconds } from "../base/units.ts";
import type { ByteSource } from "./source.ts";

/** @throws MemmapError `usage-scenario`, `usage-chip`, `simulator-missing` */
export async function openSimulator(
  name: string,
  chip: string | undefined,
  duration?: Microseconds,
  pace: "full-speed" | "real-time" = "full-speed",
): Promise<ByteSource> {
  const scenario = findScenario(name);
  const onChip = chip === undefined ? scenario : { ...scenario, chip: findChip(chip) };
  const options = duration === undefined ? {} : { duration };
  return runScenario(await loadSimulator(), onChip, { pace, ...options });
}

function findScenario(name: string): Scenario {
  const exact = SCENARIOS.find((scenario) => scenario.name === name);
  const similar = SCENARIOS.filter((scenario) => scenario.name.includes(name.toLowerCase()));
  const found = exact ?? (similar.length === 1 ? similar[0] : undefined);
  if (found !== undefined) return found;
  const which = similar.length > 1 ? similar : SCENARIOS;
  throw new MemmapError(
    similar.length > 1 ? `several scenarios match ${name}` : `the simulator has no scenario ${name}`,
    { code: "usage-scenario", hint: `Write one of: ${which.map((scenario) => scenario.name).join(", ")}.` },
  );
}

function findChip(name: string): ChipName {
  const key = name.toLowerCase().replaceAll("-", "");
  const found = (Object.keys(CHIPS) as ChipName[]).find((chip) => chip.replaceAll("-", "") === key);
  if (found !== undefined) return found;
  throw new MemmapError(`the simulator has no chip ${name}`, {
    code: "usage-chip",
    hint: `Write one of: ${Object.keys(CHIPS).join(", ")}.`,
  });
}
