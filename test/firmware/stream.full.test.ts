// The probe's stream from the host, under ASan, UBSan or TSan, through the decoder: what arrives is what happened, over a fast line, a slow one and a
// panic.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Decoder } from "../../src/wire/decoder.ts";
import { FailureReason, FaultKind } from "../../src/wire/protocol.ts";
import { sharedData } from "../shared-data.ts";
import { allNeedCommands } from "../toolchain.ts";
import { Follower } from "../follower.ts";
import { buildProbeTest } from "./sources.ts";

allNeedCommands("gcc");

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
