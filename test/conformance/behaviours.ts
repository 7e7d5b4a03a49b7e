// What a host must learn from each test of the conformance program, the same on every platform.
import { expect, test } from "vitest";
import { Configuration, FailureReason, FaultKind, Method } from "../../src/wire/protocol.ts";
import type { Driver, Run, Section } from "./section.ts";
import { runProgram } from "./section.ts";

/** Defines the suite's tests; the program runs once, before the first. */
export function defineConformance(driver: Driver): void {
  let running: Promise<Run> | undefined;
  const run = () => (running ??= runProgram(driver));
  const section = async (name: string) => {
    const found = (await run()).sections.get(name);
    expect(found, `no test ${name} in the stream`).toBeDefined();
    return found as Section;
  };

  test("the program's own checks hold", async () => {
    const failed = [...(await run()).sections].filter(([, { lines }]) => lines.some((line) => line.includes("FAILED")));
    expect(failed).toEqual([]);
  });

  test("nothing is lost and every heartbeat agrees with the live set", async () => {
    const { follower, decoder } = await run();
    expect(follower.disagreements).toEqual([]);
    expect(follower.heartbeats).toBeGreaterThan(2);
    expect(follower.gaps).toEqual([]);
    expect(follower.lastHeartbeat).toMatchObject({ droppedEvents: 0, tableFull: 0, droppedReports: 0 });
    expect(decoder.counters).toMatchObject({ damagedFrames: 0, lostFrames: 0, malformedFrames: 0, unknownRecords: 0 });
  });

  test("the boot says what it is", async () => {
    const { follower } = await run();
    expect(follower.boots).toHaveLength(1);
    expect(follower.boots[0]).toMatchObject({ protocolVersion: 1, sampleInterval: 1 });
    expect(follower.boots[0]?.provisional).toBeUndefined();
    expect(follower.regionStates.length).toBeGreaterThan(0);
    for (const { start, end, free, largestFree } of follower.regionStates) {
      expect(end).toBeGreaterThan(start);
      expect(free).toBeLessThan(end - start);
      expect(largestFree).toBeLessThanOrEqual(free);
    }
  });

  test.each([
    ["allocate_and_free", 2],
    ["calloc_is_zeroed", 2],
    ["aligned", 2],
    ["nothing_to_do", 0],
    ["realloc_from_and_to_nothing", 2],
  ])("%s: %i events, nothing stays, nothing is wrong", async (name, events) => {
    const { added, removed, faults, failures, events: seen } = await section(name);
    expect({ added, removed, faults, failures }).toEqual({ added: [], removed: 0, faults: [], failures: [] });
    expect(seen).toBe(events);
  });

  test("blocks that stay are live, with size and site", async () => {
    const { added } = await section("stays_live");
    expect(added.map(({ size }) => size).sort()).toEqual([10, 20, 30]);
    for (const { from } of added) expect(from).toMatchObject({ function: "stays_live", method: Method.MALLOC });
    expect(added[0]?.from?.file).toMatch(/conformance\.c$/);
  });

  test("realloc is followed through moves", async () => {
    expect(await section("realloc_moves")).toMatchObject({ added: [], removed: 0, faults: [], failures: [] });
  });

  test("a failed realloc is reported and keeps the old block", async () => {
    const { failures, faults, added } = await section("realloc_fails");
    expect({ faults, added }).toEqual({ faults: [], added: [] });
    expect(failures).toMatchObject([{ reason: FailureReason.NO_MEMORY, size: 200 * 1024 * 1024 }]);
  });

  test("a failed allocation says what was free where", async () => {
    const { failures } = await section("allocation_fails");
    expect(failures).toMatchObject([{ reason: FailureReason.NO_MEMORY, size: 200 * 1024 * 1024 }]);
    expect(failures[0]?.regions.length).toBeGreaterThan(0);
    for (const region of failures[0]?.regions ?? []) expect(region.largestFree).toBeGreaterThan(0);
  });

  test("calloc with an overflowing size is a failure, not a small block", async () => {
    const { failures, added } = await section("calloc_overflows");
    expect(added).toEqual([]);
    expect(failures).toMatchObject([{ reason: FailureReason.SIZE_OVERFLOW, count: 0x7fffffff, size: 4 }]);
  });

  test("a double free names all three sites", async () => {
    const { faults } = await section("double_free");
    expect(faults).toMatchObject([
      {
        kind: FaultKind.DOUBLE_FREE,
        blockSize: 48,
        allocated: { function: "double_free", variable: "twice", method: Method.MALLOC },
        freed: { function: "double_free", variable: "twice", method: Method.FREE },
        detected: { function: "double_free", variable: "twice", method: Method.FREE },
      },
    ]);
    const [fault] = faults;
    expect(new Set([fault?.allocated?.line, fault?.freed?.line, fault?.detected?.line]).size).toBe(3);
  });

  test("a free of an interior pointer names the block around it", async () => {
    const { faults, added } = await section("interior_free");
    expect(added).toEqual([]);
    expect(faults).toMatchObject([{ kind: FaultKind.INTERIOR_FREE, blockSize: 48 }]);
    expect(faults[0]).toHaveProperty("pointer", (faults[0]?.blockAddress ?? 0) + 8);
    expect(faults[0]?.allocated).toMatchObject({ variable: "whole" });
  });

  test("realloc of a freed block is caught", async () => {
    const { faults, added } = await section("realloc_after_free");
    expect(added).toEqual([]);
    expect(faults).toMatchObject([{ kind: FaultKind.REALLOC_AFTER_FREE, allocated: { variable: "gone" } }]);
  });

  test("a write past the end says where and what", async () => {
    const { faults } = await section("overflow");
    expect(faults).toMatchObject([{ kind: FaultKind.OVERFLOW, blockSize: 32, damageOffset: 32 }]);
    expect([...(faults[0]?.damageBytes ?? [])].slice(0, 2)).toEqual([0x41, 0x42]);
    expect(faults[0]?.allocated).toMatchObject({ function: "overflow", variable: "narrow" });
  });

  test("a write after free says who had freed the block", async () => {
    const { faults } = await section("write_after_free");
    expect(faults).toMatchObject([{ kind: FaultKind.WRITE_AFTER_FREE, blockSize: 64, damageOffset: 5 }]);
    expect([...(faults[0]?.damageBytes ?? [])][0]).toBe(0x99);
    expect(faults[0]?.allocated).toMatchObject({ variable: "stale" });
    expect(faults[0]?.freed).toMatchObject({ function: "write_after_free", method: Method.FREE });
  });

  test("a block that the probe never saw is passed on and counted, not accused", async () => {
    const { faults, unknownFrees } = await section("unknown_block");
    expect(faults).toEqual([]);
    expect(unknownFrees).toBe(1);
  });

  test("each call of unmodified code is seen once, or not at all without interposition", async () => {
    const { added, faults, failures, events } = await section("unmodified_code");
    expect({ added, faults, failures }).toEqual({ added: [], faults: [], failures: [] });
    const configuration = (await run()).follower.boots[0]?.configuration ?? 0;
    const [allocations, frees, reallocRecords] = [4, 4, 2];
    const interposed = (configuration & Configuration.INTERPOSITION) !== 0;
    expect(events).toBe(interposed ? allocations + frees + reallocRecords : 0);
  });

  test("the classic program prints its list and leaves nothing", async () => {
    const { lines, added, faults } = await section("classic_program");
    expect({ added, faults }).toEqual({ added: [], faults: [] });
    const listed = lines.filter((line) => line.includes("size 256 bytes"));
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatch(
      /^Memory allocated at 0x[0-9a-f]+, caps 0x4, size 256 bytes, in .*conformance\.c, line \d+, /,
    );
    expect(listed[0]).toMatch(/function classic_program, variable /);
  });

  test("thousands of random calls end with nothing live", async () => {
    const { added, faults, failures, events } = await section("churn");
    expect({ added, faults, failures }).toEqual({ added: [], faults: [], failures: [] });
    expect(events).toBeGreaterThan(4000);
  });

  test("the self-test says which of the program's ways to memory are seen", async () => {
    const { follower } = await run();
    const interposed = ((follower.boots[0]?.configuration ?? 0) & Configuration.INTERPOSITION) !== 0;
    const [told, ...more] = follower.marks.filter((name) => name.startsWith("self-test "));
    expect(more).toEqual([]);
    const [seen, there] = interposed ? ["1", "[01]"] : ["2", "[02]"];
    expect(told).toMatch(new RegExp(`^self-test malloc:${seen} new:${there} heap_caps_calloc:${seen}$`));
    expect(follower.blocks.size).toBe(3); // it leaves nothing
  });

  test("the host gets a snapshot over the same line", async () => {
    const { follower } = await run();
    expect(follower.snapshots).toBeGreaterThanOrEqual(2);
    const sizes = [...follower.blocks.values()].map(({ size }) => size);
    expect(sizes.sort()).toEqual([10, 20, 30]);
  });
}
