// The probe's own transports, on the host under ASan: the flight recorder's ring and TCP in both directions, decoded again.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFileSource } from "../../src/capture/file.ts";
import { Decoder } from "../../src/wire/decoder.ts";
import { allNeedCommands, missingCommands } from "../toolchain.ts";
import { Follower } from "../follower.ts";
import { buildProbeTest } from "./sources.ts";

const run = promisify(execFile);

allNeedCommands("gcc");

interface Truth {
  liveBlocks: number;
  hash: number;
  events: number;
  droppedEvents: number;
  firstSector: number;
  sectors: number;
  errors: number;
}

let folder = "";
let program = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "memmap-transports-"));
  const more = ["flight.c", "storage_file.c", "tcp.c"].map((name) => `../../firmware/memmap/transports/${name}`);
  if (missingCommands("gcc").length > 0) return;
  program = await buildProbeTest({ name: "transports", sources: ["transports.c", ...more] });
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function runProgram(...args: readonly string[]): Promise<Truth> {
  const { stdout } = await run(program, [...args]);
  return JSON.parse(stdout) as Truth;
}

async function decode(source: AsyncIterable<Uint8Array>): Promise<Follower> {
  const mirror = new Follower();
  const decoder = new Decoder(mirror);
  for await (const chunk of source) decoder.push(chunk);
  decoder.end();
  return mirror;
}

describe("the flight recorder", () => {
  test.each([
    { way: "flight", ring: 16 * 4096, calls: 3000, laps: false },
    { way: "flight", ring: 16 * 4096, calls: 60000, laps: true },
    { way: "flash", ring: 16 * 4096, calls: 60000, laps: true },
  ])("keeps the newest events: $way, $calls calls", async ({ way, ring, calls, laps }) => {
    const file = join(folder, `${way}-${calls}.bin`);
    const truth = await runProgram(way, file, String(ring), String(calls));
    expect(truth.sectors > 32).toBe(laps);
    expect(truth.errors > 0).toBe(way === "flash");
    const mirror = await decode(await openFileSource(file));
    expect(mirror.blocks.size).toBe(truth.liveBlocks);
    expect(mirror.lastHeartbeat).toMatchObject({ hash: truth.hash });
    expect(mirror.snapshots).toBeGreaterThan(laps ? 2 : 0);
    if (way === "flight") expect(mirror.disagreements).toEqual([]);
  });

  test("a later run goes on behind what an earlier one has left", async () => {
    const file = join(folder, "twice.bin");
    const first = await runProgram("flight", file, String(16 * 4096), "2000");
    const second = await runProgram("flight", file, String(16 * 4096), "2000");
    expect(second.firstSector).toBe(first.firstSector + first.sectors);
    const mirror = await decode(await openFileSource(file));
    expect(mirror.boots.length).toBeGreaterThanOrEqual(2);
    expect(mirror.blocks.size).toBe(second.liveBlocks);
  });
});

describe("TCP", () => {
  async function check(socket: Socket, ended: Promise<Truth>): Promise<void> {
    const mirror = await decode(socket as AsyncIterable<Uint8Array>);
    const truth = await ended;
    expect(truth.events).toBeGreaterThan(20000);
    expect(mirror.blocks.size).toBe(truth.liveBlocks);
    expect(mirror.lastHeartbeat).toMatchObject({ hash: truth.hash });
    expect(mirror.disagreements).toEqual([]);
  }

  test("the board connects", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    try {
      await new Promise((resolve) => server.once("listening", resolve));
      const caller = new Promise<Socket>((resolve) => server.once("connection", resolve));
      const ended = runProgram("connect", String((server.address() as AddressInfo).port), "30000");
      await check(await caller, ended);
    } finally {
      server.close();
    }
  });

  test("the board listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve)); // a port that nobody else has
    const ended = runProgram("listen", String(port), "30000");
    await check(await connectWhenReady(port), ended);
  });
});

async function connectWhenReady(port: number): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, "127.0.0.1");
    try {
      await new Promise((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
      return socket;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
