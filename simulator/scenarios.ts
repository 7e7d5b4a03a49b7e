// All scenarios, in the order in which `memmap demo --help` lists them.
import type { Scenario } from "./scenario.ts";
import { boundedCache } from "./scenarios/bounded-cache.ts";
import { demo } from "./scenarios/demo.ts";
import { doubleFree } from "./scenarios/double-free.ts";
import { failedDmaAllocation } from "./scenarios/failed-dma-allocation.ts";
import { fragmentation } from "./scenarios/fragmentation.ts";
import { leakingHttpClient } from "./scenarios/leaking-http-client.ts";
import { overflow } from "./scenarios/overflow.ts";
import { steadyState } from "./scenarios/steady-state.ts";
import { writeAfterFree } from "./scenarios/write-after-free.ts";

const scenarios = [
  demo,
  leakingHttpClient,
  doubleFree,
  overflow,
  writeAfterFree,
  failedDmaAllocation,
  fragmentation,
  boundedCache,
  steadyState,
] as const satisfies readonly Scenario[];

export type ScenarioName = (typeof scenarios)[number]["name"];

export const SCENARIOS: readonly Scenario[] = scenarios;
