// The probe on the host under calls that nobody chose: against a model of the heap, and from four threads at once.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Decoder } from "../../src/wire/decoder.ts";
import { atLength, covered } from "../length.ts";
import { allNeedCommands } from "../toolchain.ts";
import { Follower } from "../follower.ts";
import { buildProbeTest } from "./sources.ts";

allNeedCommands("gcc");

test.each([false, true])("random calls agree with a plain model, interposed: %s", async (interposed) => {
  const model = await buildProbeTest({ name: "model", sources: ["model.c"], interposed });
  const { seeds, calls } = atLength({ short: { seeds: 2, calls: 20_000 }, long: { seeds: 100, calls: 100_000 } });
  for (let seed = 1; seed <= seeds; seed++) {
    const result = spawnSync(model, [String(seed), String(calls)], { encoding: "utf8" });
    expect(result.stdout + result.stderr).toMatch(new RegExp(`^${calls} calls, \\d+ failed\\n$`));
  }
  covered(`${seeds} runs of ${calls} calls under ASan and UBSan, interposed: ${interposed}`);
});

interface Truth {
  readonly blocks: readonly (readonly [number, number])[];
  readonly liveBlocks: number;
  readonly hash: number;
  readonly events: number;
  readonly droppedEvents: number;
}

describe("four threads on two cores, some calls from interrupts", () => {
  /** Of each thread. Under TSan fewer are enough to see a race. */
  const calls = atLength({ short: { thread: 10_000, none: 50_000 }, long: { thread: 500_000, none: 2_500_000 } });

  test.each(["thread", "none"] as const)(
    "end with table, stream and their own lists equal, sanitizer: %s",
    async (sanitizer) => {
      // Enough buffers that nothing need be dropped, so that every event is held against the heartbeats.
      const defines = { CONFIG_MEMMAP_TABLE_CAPACITY: 8192, CONFIG_MEMMAP_FRAME_COUNT: 255 };
      const program = await buildProbeTest({ name: "threads", sources: ["threads.c"], defines, sanitizer });
      const folder = mkdtempSync(join(tmpdir(), "memmap-threads-"));
      try {
        const file = join(folder, "stream.bin");
        const result = spawnSync(program, [file, "4", String(calls[sanitizer])], { encoding: "utf8" });
        expect(result.stderr).toBe("");
        const truth = JSON.parse(result.stdout) as Truth;
        const mirror = new Follower();
        new Decoder(mirror).push(readFileSync(file));
        expect(mirror.disagreements).toEqual([]);
        expect(mirror.agreeing).toBeGreaterThan(0);
        const decoded = new Map([...mirror.blocks].map(([address, { size }]) => [address, size]));
        expect(decoded).toEqual(new Map(truth.blocks));
        expect(mirror.blocks.size).toBe(truth.liveBlocks);
        expect(mirror.lastHeartbeat).toMatchObject({ hash: truth.hash, droppedEvents: truth.droppedEvents });
        const lost = mirror.gaps.reduce((sum, gap) => sum + (gap.lostEvents ?? 0), 0);
        expect(lost + mirror.events).toBe(truth.events);
        covered(
          `${truth.events} events of 4 threads, ${truth.droppedEvents} dropped and counted, sanitizer: ${sanitizer}`,
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
