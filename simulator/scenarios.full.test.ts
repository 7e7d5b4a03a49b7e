// Every scenario's stream, read as a host reads it, shows exactly what was planted.
import { describe, expect, test } from "vitest";
import { Decoder } from "../src/wire/decoder.ts";
import type { Site } from "../src/wire/records.ts";
import { FaultKind } from "../src/wire/protocol.ts";
import { Follower } from "../test/follower.ts";
import { simulatorModule } from "../test/simulator.ts";
import type { Planted, Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { runScenario } from "./source.ts";
import { seconds, type SourceSite } from "./task.ts";

const compiled = await simulatorModule();

const kinds: Partial<Record<Planted["kind"], number>> = {
  "double-free": FaultKind.DOUBLE_FREE,
  overflow: FaultKind.OVERFLOW,
  "write-after-free": FaultKind.WRITE_AFTER_FREE,
};

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))("%s", (_name, scenario) => {
  const followed = follow(scenario);

  test("nothing is lost and every heartbeat agrees with the live set", async () => {
    const follower = await followed;
    expect(follower.disagreements).toEqual([]);
    expect(follower.gaps).toEqual([]);
    expect(follower.heartbeats).toBeGreaterThan(scenario.duration / seconds(1) - 2);
    expect(follower.lastHeartbeat).toMatchObject({ droppedEvents: 0, tableFull: 0, unknownFrees: 0 });
    expect(follower.log).toContain("main_task: Calling app_main()");
    expect(follower.log).not.toContain("Guru Meditation");
  });

  test("the proven faults are the planted ones", async () => {
    const { faults, sites } = await followed;
    const found = [...faults.values()].map(({ kind, allocSite }) => ({ kind, at: place(sites.get(allocSite ?? 0)) }));
    const planted = scenario.planted.flatMap(({ kind, at }) => {
      const code = kinds[kind];
      return code === undefined ? [] : [{ kind: code, at: place(at) }];
    });
    expect(found.sort(byPlace)).toEqual(planted.sort(byPlace));
  });

  test("the failed allocations are the planted ones, with memory free", async () => {
    const { failures, sites } = await followed;
    const planted = scenario.planted.filter(({ kind }) => kind === "allocation-failure").map(({ at }) => place(at));
    expect(new Set([...failures.values()].map(({ site }) => place(sites.get(site ?? 0))))).toEqual(new Set(planted));
    for (const { size, regions } of failures.values()) {
      const free = regions.reduce((sum, region) => sum + region.free, 0);
      if (scenario.name !== "failed-dma-allocation") expect(free).toBeGreaterThan(4 * size);
      for (const { largestFree } of regions) expect(largestFree).toBeLessThan(size);
    }
  });

  test("what stays live is what leaks, is cached, or is in use", async () => {
    const { blocks, sites } = await followed;
    const perSite = new Map<string, number>();
    for (const { site } of blocks.values()) {
      const at = place(sites.get(site));
      perSite.set(at, (perSite.get(at) ?? 0) + 1);
    }
    for (const { kind, at } of scenario.planted) {
      if (kind === "leak") expect(perSite.get(place(at))).toBeGreaterThan(20);
      if (kind === "bounded-growth") expect(perSite.get(place(at))).toBe(40);
      if (kind === "fragmentation") expect(perSite.get(place(at))).toBeGreaterThan(50);
    }
    if (scenario.planted.length === 0) expect(blocks.size).toBeLessThan(40);
  });
});

test("the same seed gives the same bytes, another one does not", async () => {
  const scenario = SCENARIOS.find(({ name }) => name === "steady-state") ?? SCENARIOS[0];
  if (!scenario) throw new Error("there is no scenario");
  const run = (seed: number) => bytesOf(scenario, seed);
  const [first, again, other] = [await run(7), await run(7), await run(8)];
  expect(again.equals(first)).toBe(true);
  expect(other.equals(first)).toBe(false);
});

async function bytesOf(scenario: Scenario, seed: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of runScenario(compiled, scenario, { seed, duration: seconds(10) })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function follow(scenario: Scenario): Promise<Follower> {
  const follower = new Follower(true);
  const decoder = new Decoder(follower);
  for await (const chunk of runScenario(compiled, scenario)) decoder.push(chunk);
  decoder.end();
  return follower;
}

function place(at: SourceSite | Site | undefined): string {
  return at === undefined ? "unknown" : `${at.file}:${at.line} ${at.function} ${at.variable}`;
}

function byPlace(a: { readonly at: string }, b: { readonly at: string }): number {
  return a.at.localeCompare(b.at);
}
