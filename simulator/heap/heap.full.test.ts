// The simulated heap on the host: random calls against a plain model, and a recording of ESP-IDF's own heap.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sharedData } from "../../test/shared-data.ts";
import { needsCommands } from "../../test/toolchain.ts";
import { buildForHost } from "../../tools/build-c.ts";
import { HEAP_HOST_SOURCES } from "../../tools/c-sources.ts";

const workload = sharedData("workload/tlsf-200k.csv.gz");

test("random calls agree with a plain model", async (context) => {
  needsCommands(context, "gcc");
  const model = await buildForHost({
    name: "heap-model",
    sources: [...HEAP_HOST_SOURCES, "simulator/heap/test/model.c"],
  });
  for (const seed of ["1", "2", "3", "4"]) {
    const result = spawnSync(model, [seed, "40000"], { encoding: "utf8" });
    expect(result.stderr).toBe("");
    expect(result.stdout).toMatch(/^40000 calls, [1-9]\d* failed, [1-9]\d* moved\n$/);
  }
});

test("what 880 calls gave in ESP-IDF's own heap, they give here", async (context) => {
  needsCommands(context, "gcc");
  const golden = await buildForHost({
    name: "heap-golden",
    sources: [...HEAP_HOST_SOURCES, "simulator/heap/test/golden.c"],
  });
  const result = spawnSync(golden, {
    input: readFileSync(new URL("test/golden.txt", import.meta.url)),
    encoding: "utf8",
  });
  expect(result.stdout).toBe("880 calls agree\n");
});

test.skipIf(workload === undefined)(
  "gives every address that ESP-IDF's heap gave in a recorded run",
  async (context) => {
    needsCommands(context, "gcc");
    const replay = await buildForHost({
      name: "heap-replay",
      sources: [...HEAP_HOST_SOURCES, "simulator/heap/test/replay.c"],
    });
    const calls = gunzipSync(readFileSync(workload ?? ""));
    const result = spawnSync(replay, ["0x80000"], { input: calls, encoding: "utf8" });
    expect(result.stdout).toBe("100752 same, 0 different\n");
  },
);
