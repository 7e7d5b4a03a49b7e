// The probe on the host, under ASan and UBSan: the C tests' own cases, and its stream through the decoder.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Decoder } from "../../src/wire/decoder.ts";
import { FailureReason, FaultKind } from "../../src/wire/protocol.ts";
import { projectRoot } from "../../tools/build-c.ts";
import { DIRECT_CALLER_FLAGS } from "../../tools/c-sources.ts";
import { sharedData } from "../shared-data.ts";
import { allNeedCommands, needsCommands } from "../toolchain.ts";
import { Follower } from "../follower.ts";
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
  test.each(suites)("$name", async ({ name, sources }) => {
    const result = spawnSync(await buildProbeTest({ name, sources, interposed }), { encoding: "utf8" });
    expect(result.stdout.split("\n").filter((line) => line !== "" && !/^(ok|1\.\.)/.test(line))).toEqual([]);
    expect(result.status).toBe(0);
  });
});

test.each([false, true])(
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

describe.each(["HEAP", "PSRAM"])("a table taken at run time from %s", (place) => {
  const taken = { [`CONFIG_MEMMAP_TABLE_FROM_${place}`]: 1 };
  const failures = async (name: string, interposed: boolean, more: Record<string, number>): Promise<string[]> => {
    const defines = { ...taken, ...more };
    const program = await buildProbeTest({ name: `${name}-${place}`, sources: [`${name}.c`], interposed, defines });
    const { stdout, status } = spawnSync(program, { encoding: "utf8" });
    return [String(status), ...stdout.split("\n").filter((line) => line !== "" && !/^(ok|1\.\.)/.test(line))];
  };

  test.each([2048, 20_000])("at most %d blocks", async (capacity) => {
    const more = { TEST_TAKES_TABLE: 1, CONFIG_MEMMAP_TABLE_CAPACITY: capacity };
    expect(await failures("taken", true, more)).toEqual(["0"]);
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

interface Truth {
  liveBlocks: number;
  hash: number;
  events: number;
  droppedEvents: number;
  faults: number;
  failures: number;
}

const workload = sharedData("workload/tlsf-200k.csv.gz");

describe.skipIf(workload === undefined)("the reference workload", () => {
  test.each([
    { mode: "plain", limit: 4.9 },
    { mode: "extras", limit: 4.9 },
  ])("takes at most $limit bytes an event, $mode", async ({ mode, limit }) => {
    const program = await buildProbeTest({ name: "workload", sources: ["workload.c"] });
    const folder = mkdtempSync(join(tmpdir(), "memmap-workload-"));
    try {
      const file = join(folder, "stream.bin");
      const input = gunzipSync(readFileSync(workload ?? ""));
      const result = spawnSync(program, [file, mode], { input, encoding: "utf8" });
      const truth = JSON.parse(result.stdout) as Truth & { bytes: number };
      expect(truth).toMatchObject({ events: 201_244, droppedEvents: 0, failures: 0 });
      expect(truth.bytes / truth.events).toBeLessThan(limit);
      const mirror = new Follower();
      new Decoder(mirror).push(readFileSync(file));
      expect(mirror).toMatchObject({ events: truth.events, disagreements: [], gaps: [] });
      expect(mirror.snapshots).toBeGreaterThanOrEqual(10);
      expect(mirror.agreeing).toBeGreaterThan(90);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Runs the busy program, decodes what it sent, and returns both sides. */
async function stream(mode: string): Promise<{ mirror: Follower; decoder: Decoder; truth: Truth }> {
  const program = await buildProbeTest({ name: "stream", sources: ["stream.c"] });
  const folder = mkdtempSync(join(tmpdir(), "memmap-stream-"));
  try {
    const file = join(folder, "stream.bin");
    const result = spawnSync(program, [file, mode], { encoding: "utf8" });
    expect(result.stderr).toBe("");
    const mirror = new Follower();
    const decoder = new Decoder(mirror);
    decoder.push(readFileSync(file));
    decoder.end();
    return { mirror, decoder, truth: JSON.parse(result.stdout) as Truth };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the stream", () => {
  test.each(["binary", "armoured"])("tells the decoder exactly what happened, %s", async (mode) => {
    const { mirror, decoder, truth } = await stream(mode);
    expect(mirror.gaps.filter((gap) => gap.reason !== "attached-late")).toEqual([]);
    expect(decoder.counters).toMatchObject({ damagedFrames: 0, malformedFrames: 0 });
    expect(mirror.disagreements).toEqual([]);
    expect(mirror.agreeing).toBeGreaterThan(20);
    expect(mirror.blocks.size).toBe(truth.liveBlocks);
    expect(mirror.lastHeartbeat).toMatchObject({ hash: truth.hash, droppedEvents: 0, faults: 3, failures: 2 });
    expect(mirror.snapshots).toBeGreaterThan(2);
    expect(mirror.marks).toEqual(["half way"]);
    expect(mirror.log).toMatch(/^I \(50\) app: text among the frames\n/);
    expect(mirror.boots.at(-1)).toMatchObject({ chip: "host", cores: 2, redZoneBytes: 24, quarantineBytes: 4096 });
    expect([...mirror.tasks.values()].map((task) => task.name)).toContain("main");
    expect(mirror.regionStates.length).toBe(3);
  });

  test("brings faults and failures with all their sites", async () => {
    const { mirror } = await stream("binary");
    const [overflow, doubleFree, lateWrite] = [...mirror.faults.values()];
    const place = (id: number | undefined): string => {
      const site = mirror.sites.get(id ?? 0);
      return `${site?.function ?? "?"}:${site?.line ?? 0}`;
    };
    expect(overflow).toMatchObject({ kind: FaultKind.OVERFLOW, blockSize: 24, damageOffset: 24, damageLength: 1 });
    expect(overflow?.damageBytes).toEqual(Uint8Array.of(0x4f));
    expect(doubleFree).toMatchObject({ kind: FaultKind.DOUBLE_FREE, blockSize: 24 });
    const { allocSite, freeSite, detectedSite } = doubleFree ?? {};
    expect(new Set([allocSite, freeSite, detectedSite].map(place)).size).toBe(3);
    expect(place(freeSite)).toMatch(/^plant_faults:\d+$/);
    expect(lateWrite).toMatchObject({ kind: FaultKind.WRITE_AFTER_FREE, damageOffset: 8 });
    const failures = [...mirror.failures.values()];
    expect(failures[0]).toMatchObject({ reason: FailureReason.NO_MEMORY, size: 2 << 20, caps: 4 });
    expect(failures[0]?.regions.length).toBe(2);
    expect(failures[1]).toMatchObject({ reason: FailureReason.SIZE_OVERFLOW, size: 0x10000, count: 0x10001 });
  });

  test("counts what it has to drop, and a snapshot puts the live set right", async () => {
    const { mirror, truth } = await stream("lossy");
    expect(truth.droppedEvents).toBeGreaterThan(10000);
    expect(mirror.gaps.length).toBeGreaterThan(0);
    expect(mirror.disagreements).toEqual([]);
    expect(mirror.blocks.size).toBe(truth.liveBlocks);
    expect(mirror.lastHeartbeat).toMatchObject({ hash: truth.hash, droppedEvents: truth.droppedEvents });
    const lost = mirror.gaps.reduce((sum, gap) => sum + (gap.lostEvents ?? 0), 0);
    expect(lost + mirror.events).toBe(truth.events);
  });
});

test("reports of several tasks are printed by one at a time", async () => {
  const program = await buildProbeTest({ name: "reports", sources: ["reports.c"], sanitizer: "thread" });
  const result = spawnSync(program, ["one task prints at a time"], { encoding: "utf8" });
  expect(result.stdout + result.stderr).toBe("");
  expect(result.status).toBe(0);
});

describe("flush, stop and start while another thread drains over a slow line", () => {
  test.each(["flush", "request", "restart"])(
    "leave one owner to the stream: %s",
    { timeout: 120_000 },
    async (mode) => {
      const program = await buildProbeTest({ name: "flushes", sources: ["flushes.c"], sanitizer: "thread" });
      const folder = mkdtempSync(join(tmpdir(), "memmap-flushes-"));
      try {
        const file = join(folder, "stream.bin");
        const result = spawnSync(program, [file, mode, "20"], { encoding: "utf8" });
        expect(result.stderr).toBe("");
        const truth = JSON.parse(result.stdout) as Truth & { readonly framesAtRest: number };
        expect(truth).toMatchObject({ events: 6000, framesAtRest: 0 });
        const mirror = new Follower();
        const decoder = new Decoder(mirror);
        decoder.push(readFileSync(file));
        decoder.end();
        expect(decoder.counters).toMatchObject({ damagedFrames: 0, malformedFrames: 0 });
        expect(mirror.disagreements).toEqual([]);
        expect(mirror.blocks.size).toBe(truth.liveBlocks);
        expect(mirror.lastHeartbeat).toMatchObject({ hash: truth.hash });
        const lost = mirror.gaps.reduce((sum, gap) => sum + (gap.lostEvents ?? 0), 0);
        expect(lost + mirror.events).toBe(truth.events);
        if (mode !== "restart") expect(lost).toBe(truth.droppedEvents);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe("what survives a panic", () => {
  const defines = { CONFIG_MEMMAP_SURVIVE: 1, CONFIG_MEMMAP_SURVIVE_BYTES: 4096 };

  /** Runs the boots one after the other; `late` listens to the last one only. */
  async function boots(modes: readonly string[], late = false, damage?: (store: Buffer) => void) {
    const program = await buildProbeTest({ name: "survive", sources: ["survive.c"], defines });
    const folder = mkdtempSync(join(tmpdir(), "memmap-survive-"));
    try {
      const [file, store] = [join(folder, "stream.bin"), join(folder, "store.bin")];
      const truths = modes.map((mode) => {
        if (mode === "next") {
          if (late) writeFileSync(file, "");
          const bytes = readFileSync(store);
          damage?.(bytes);
          writeFileSync(store, bytes);
        }
        const result = spawnSync(program, [file, store, mode], { encoding: "utf8" });
        expect(result.stderr).toBe("");
        return JSON.parse(result.stdout) as Truth;
      });
      const mirror = new Follower();
      const decoder = new Decoder(mirror);
      decoder.push(readFileSync(file));
      decoder.end();
      expect(decoder.counters).toMatchObject({ damagedFrames: 0, malformedFrames: 0 });
      return { mirror, truths };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("goes on where the stream had stopped: nothing of the run is lost", async () => {
    const { mirror, truths } = await boots(["crash", "next"]);
    expect(mirror.boots.map(({ bootId }) => bootId)).toEqual([0x1d0000a7, 0x2e0000b1]);
    expect(mirror.gaps).toEqual([]);
    expect(mirror.disagreements).toEqual([]);
    expect(mirror.events).toBe(truths.reduce((sum, { events }) => sum + events, 0));
    expect(mirror.marks).toEqual(["panic: StoreProhibited"]);
    expect([...mirror.faults.values()]).toMatchObject([{ kind: FaultKind.OVERFLOW, blockSize: 77 }]);
    expect([...mirror.failures.values()]).toMatchObject([{ size: 8 << 20 }]);
  });

  test.each(["crash", "silent"])("tells who comes later what the heap did last: %s", async (mode) => {
    const { mirror } = await boots([mode, "next"], true);
    expect(mirror.boots.map(({ bootId }) => bootId)).toEqual([0x1d0000a7, 0x2e0000b1]);
    expect(mirror.gaps).toHaveLength(1);
    expect(mirror.events).toBeGreaterThan(800);
    expect(mirror.marks).toEqual(["panic: StoreProhibited"]);
    expect([...mirror.faults.values()]).toMatchObject([{ kind: FaultKind.OVERFLOW, blockSize: 77 }]);
    expect([...mirror.failures.values()]).toMatchObject([{ size: 8 << 20 }]);
  });

  test.each([
    { what: "a byte", at: 500 },
    { what: "the length", at: 6 },
    { what: "the magic", at: 0 },
  ])("is not believed where $what is damaged", async ({ at }) => {
    const { mirror } = await boots(["crash", "next"], true, (store) => (store[at] = (store[at] ?? 0) ^ 0x10));
    expect(mirror.boots.map(({ bootId }) => bootId)).toEqual([0x2e0000b1]);
    expect(mirror.marks).toEqual([]);
  });
});
