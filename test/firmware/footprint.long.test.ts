// What the probe takes: RAM, stack, code in IRAM, and what memmap_print_cost() says of it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileForHost } from "../../tools/build-c.ts";
import { allNeedCommands } from "../toolchain.ts";
import { atLength, covered, onlyLong } from "../length.ts";
import { include, objectFolder } from "./compile.ts";
import { linkedSize } from "./linked-size.ts";
import { buildProbeTest, PROBE_INCLUDES, PROBE_SOURCES, probeProgram } from "./sources.ts";

describe("RAM", () => {
  allNeedCommands("riscv64-unknown-elf-gcc");

  // The default configuration's, and no more than can be spared on the smallest of these chips.
  const deepest = { depth: 6, most: 48 * 1024 };
  test.each(atLength({ short: [deepest], long: [{ depth: 1, most: 42 * 1024 }, deepest] }))(
    "is at most $most bytes at stack depth $depth",
    { timeout: 300_000 },
    async ({ depth, most }) => {
      const { ram } = await linkedSize([], { defines: { CONFIG_MEMMAP_STACK_DEPTH: depth } });
      expect(ram).toBeLessThanOrEqual(most);
      expect(ram).toBeGreaterThan(0.9 * most);
      covered(`${ram} bytes of RAM at stack depth ${depth}`);
    },
  );
});

describe("code in IRAM", () => {
  allNeedCommands("riscv64-unknown-elf-gcc");

  test("is at most 6 KB at -Os with everything on", { timeout: 300_000 }, async () => {
    const { iram, bySource } = await linkedSize();
    expect(bySource.size).toBeGreaterThan(20);
    expect(iram).toBeGreaterThan(4000);
    expect(iram).toBeLessThanOrEqual(6144);
    covered(`${iram} bytes of IRAM from ${bySource.size} sources`);
  });
});

onlyLong(() => {
  describe("memmap_print_cost()", () => {
    allNeedCommands("gcc");

    test("names all of the probe's variables, and what it has from the heap", { timeout: 120_000 }, async () => {
      const options = { name: "cost", sources: ["cost.c"], interposed: true, sanitizer: "none" } as const;
      const text = execFileSync(await buildProbeTest(options), { encoding: "utf8" });
      const objects = await compileForHost(probeProgram(options), options.sanitizer);
      const taken = objects
        .filter(({ source }) => PROBE_SOURCES.includes(source))
        .reduce((sum, { data, bss }) => sum + data + bss, 0); // on a host also the constants that hold addresses
      const [, variables = 0, heap = 0] = (
        /: (\d+) bytes of variables, (\d+) bytes from the heap/.exec(text) ?? []
      ).map(Number);
      const parts = [...text.matchAll(/^ {2}(\d+) bytes: /gm)].map(([, bytes]) => Number(bytes));
      expect(parts.length).toBeGreaterThan(9);
      expect(parts.reduce((sum, bytes) => sum + bytes, 0)).toBe(variables + heap);
      expect(Math.abs(variables - taken)).toBeLessThan(0.03 * variables);
      expect(heap).toBe(3 + 8 + 100);
      expect(text).toContain("26638 bytes: 2048 blocks that the table holds");
      covered(`${parts.length} parts of the cost`);
    });
  });
});

describe("stack", () => {
  const compile = objectFolder();
  allNeedCommands("riscv64-unknown-elf-gcc");
  let graphs: readonly string[] | undefined;

  /** What GCC says of each function's frame and calls, one text a source. */
  function callGraphs(): readonly string[] {
    const flags = ["-march=rv32imc", "-mabi=ilp32", "-Os", "-ffreestanding", "-fcallgraph-info=su"].concat(
      "-DCONFIG_MEMMAP_INTERPOSE=1",
      include(["simulator/libc/include", ...PROBE_INCLUDES, "test/firmware/idf"]),
    );
    return PROBE_SOURCES.map((source) =>
      readFileSync(compile("riscv64-unknown-elf-gcc", source, flags).replace(/\.o$/, ".ci"), "utf8"),
    );
  }

  // What docs/probe-cost.md says. A report is printed in the task that happens to call; its stack must bear that.
  test.each([
    { entry: "__wrap_heap_caps_free", most: 1200 },
    { entry: "__wrap_heap_caps_malloc_base", most: 1408 },
    { entry: "__wrap_heap_caps_realloc_base", most: 1504 },
    { entry: "memmap_drain", most: 1504 },
  ])(
    "$entry takes at most $most bytes with a report, besides what prints it",
    { timeout: 300_000 },
    ({ entry, most }) => {
      graphs ??= callGraphs();
      const taken = deepest(graphs, entry);
      expect(taken).toBeLessThanOrEqual(most);
      expect(taken).toBeGreaterThan(most / 2);
      covered(`${taken} bytes of stack below ${entry}`);
    },
  );

  /** Bytes of stack from `entry` on along the deepest way through these call graphs; calls by pointer aside. */
  function deepest(graphs: readonly string[], entry: string): number {
    const frames = new Map<string, number>();
    const calls = new Map<string, string[]>();
    for (const graph of graphs) {
      for (const [, name = "", bytes] of graph.matchAll(/^node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes/gm)) {
        frames.set(name, Number(bytes));
      }
      for (const [, from = "", to = ""] of graph.matchAll(/^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/gm)) {
        calls.set(from, [...(calls.get(from) ?? []), to]);
      }
    }
    const below = (name: string, way: readonly string[]): number =>
      way.includes(name)
        ? 0
        : (frames.get(name) ?? 0) +
          Math.max(0, ...[...new Set(calls.get(name))].map((called) => below(called, [...way, name])));
    return below(entry, []);
  }
});
