// The probe on the host, under ASan and UBSan: the C tests' own cases, in each configuration that is another program.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../tools/build-c.ts";
import { DIRECT_CALLER_FLAGS } from "../../tools/c-sources.ts";
import { atLength, covered } from "../length.ts";
import { allNeedCommands, needsCommands } from "../toolchain.ts";
import { buildProbeTest, PROBE_INCLUDES } from "./sources.ts";

allNeedCommands("gcc");

const suites = [
  { name: "classic", sources: ["classic.c", "classic-program.c"] },
  { name: "faults", sources: ["faults.c"] },
  { name: "lists", sources: ["lists.c"] },
  { name: "failures", sources: ["failures.c"] },
  { name: "reports", sources: ["reports.c"] },
  { name: "tasks", sources: ["tasks.c"] },
  { name: "sizes", sources: ["sizes.c"] },
  { name: "mixed", sources: ["mixed.c"] },
];

describe.each([false, true])("interposed: %s", (interposed) => {
  // Calls that are not interposed come through fewer functions of the same probe.
  const chosen = interposed ? suites : suites.filter(({ name }) => name === "classic" || name === "failures");
  test.each(atLength({ short: chosen, long: suites }))("$name", async ({ name, sources }) => {
    const result = spawnSync(await buildProbeTest({ name, sources, interposed }), { encoding: "utf8" });
    expect(result.stdout.split("\n").filter((line) => line !== "" && !/^(ok|1\.\.)/.test(line))).toEqual([]);
    expect(result.status).toBe(0);
  });
});

test.each(atLength({ short: [true], long: [false, true] }))(
  "CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS holds for the macros too, interposed: %s",
  async (interposed) => {
    const defines = { CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS: 1 };
    const program = await buildProbeTest({ name: "failures-abort", sources: ["failures.c"], interposed, defines });
    expect(spawnSync(program, ["stops where configured"]).signal).toBe("SIGABRT");
  },
);

describe("callers", () => {
  const tap = (program: string): string[] =>
    spawnSync(program, { encoding: "utf8" })
      .stdout.split("\n")
      .filter((line) => line !== "" && !/^(ok|1\.\.)/.test(line));

  test("with frame pointers", async () => {
    const defines = { CONFIG_MEMMAP_STACK_DEPTH: 4 };
    const program = await buildProbeTest({ name: "callers-fp", sources: ["callers.c"], interposed: true, defines });
    expect(tap(program)).toEqual([]);
  });

  test("by notes", async () => {
    const program = await buildProbeTest({
      name: "callers-notes",
      sources: ["callers.c"],
      interposed: true,
      defines: { CONFIG_MEMMAP_DIRECT_CALLERS: 1 },
      sanitizer: "none",
      // What the host's C library does not have is called by nobody.
      flags: [...DIRECT_CALLER_FLAGS, "-ffunction-sections", "-Wl,--gc-sections"],
    });
    expect(tap(program)).toEqual([]);
    if (atLength({ short: true, long: false })) return;
    const failures = await buildProbeTest({
      name: "failures-notes",
      sources: ["failures.c"],
      interposed: true,
      defines: { CONFIG_MEMMAP_DIRECT_CALLERS: 1 },
      sanitizer: "none",
      flags: [...DIRECT_CALLER_FLAGS, "-ffunction-sections", "-Wl,--gc-sections"],
    });
    expect(tap(failures)).toEqual([]);
  });
});

test("what the probe does not see: blocks freed and resized past it", async () => {
  const program = await buildProbeTest({ name: "doubt", sources: ["doubt.c"] });
  const result = spawnSync(program, { encoding: "utf8" });
  expect(result.stdout).toMatch(/^1\.\.8\n(ok .*\n){8}$/);
});

describe.each(atLength({ short: ["HEAP"], long: ["HEAP", "PSRAM"] }))("a table taken at run time from %s", (place) => {
  const taken = { [`CONFIG_MEMMAP_TABLE_FROM_${place}`]: 1 };
  const failures = async (name: string, interposed: boolean, more: Record<string, number>): Promise<string[]> => {
    const defines = { ...taken, ...more };
    const program = await buildProbeTest({ name: `${name}-${place}`, sources: [`${name}.c`], interposed, defines });
    const { stdout, status } = spawnSync(program, { encoding: "utf8" });
    return [String(status), ...stdout.split("\n").filter((line) => line !== "" && !/^(ok|1\.\.)/.test(line))];
  };

  /** Each is another program. */
  const capacities = atLength({ short: [20_000], long: [2048, 20_000] });
  test.each(capacities)("at most %d blocks", async (capacity) => {
    const more = { TEST_TAKES_TABLE: 1, CONFIG_MEMMAP_TABLE_CAPACITY: capacity };
    expect(await failures("taken", true, more)).toEqual(["0"]);
    covered(`${place}: ${capacity} blocks`);
  });

  test.runIf(place === "PSRAM")("does what the other does", async () => {
    for (const name of ["faults", "tasks", "lists"]) expect(await failures(name, true, {})).toEqual(["0"]);
    expect(await failures("doubt", false, {})).toEqual(["0"]);
  });
});

test("hook mode", async () => {
  const program = await buildProbeTest({ name: "hooks", sources: ["hooks.c"], defines: { CONFIG_MEMMAP_HOOKS: 1 } });
  expect(spawnSync(program, { encoding: "utf8" }).stdout).toMatch(/^1\.\.3\n(ok .*\n){3}$/);
});

test("C++", async (context) => {
  needsCommands(context, "g++");
  const folder = mkdtempSync(join(tmpdir(), "memmap-cpp-"));
  try {
    const object = join(folder, "scope.o");
    const includes = [...PROBE_INCLUDES, "test/firmware"].map((path) => `-I${path}`);
    const flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", ...includes];
    execFileSync("g++", [...flags, "-c", "test/firmware/scope.cpp", "-o", object], { cwd: projectRoot });
    const program = await buildProbeTest({ name: "scope", sources: [], objects: [object] });
    expect(spawnSync(program, { encoding: "utf8" }).stdout).toBe("1..1\nok 1 - a scope marks both ends\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("golden vectors", async () => {
  // Numbers of sites and tasks as large as the vectors have them: a block has bits for no more than are configured.
  const capacities = { CONFIG_MEMMAP_SITE_CAPACITY: 16_383, CONFIG_MEMMAP_TASK_CAPACITY: 120 };
  const defines = { CONFIG_MEMMAP_TICK_SHIFT: 0, ...capacities };
  const vectors = await buildProbeTest({ name: "vectors", sources: ["vectors.c"], defines });
  const files = ["events", "reports", "commands", "hash"].map((name) => `protocol/vectors/${name}.txt`);
  const result = spawnSync(vectors, files, { encoding: "utf8", cwd: projectRoot });
  expect(result.stdout + result.stderr).toMatch(/^[4-9]\d frames and hashes, [1-9]\d encoded\n$/);
});

test("reports of several tasks are printed by one at a time", async () => {
  const program = await buildProbeTest({ name: "reports", sources: ["reports.c"], sanitizer: "thread" });
  const result = spawnSync(program, ["one task prints at a time"], { encoding: "utf8" });
  expect(result.stdout + result.stderr).toBe("");
  expect(result.status).toBe(0);
});
