// `memmap record` from ports and sockets, and every way in which a recording ends.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { exactly } from "../../src/base/quantity.ts";
import { openPty } from "../pty.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { buildForRv32 } from "../../tools/build-c.ts";
import { QEMU_COMMANDS, qemuProgram, startQemu } from "../qemu.ts";
import { needsCommands } from "../toolchain.ts";
import { list, shortRun, type Listing } from "./recordings.ts";
import { runCli, scratchFolder, startCli } from "./run-cli.ts";

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);

test("standard input is a source, and -o may be left out", async () => {
  const { exitCode, err } = await runCli(["record", "-"], folder, shortRun().take());
  expect(exitCode).toBe(0);
  const name = /next: .* report (\S+)/.exec(err)?.[1] ?? "";
  expect(name).toMatch(/^weather-station-\d{8}-\d{6}\.memmap$/);
  expect(await list(folder, name)).toMatchObject({ liveBlocks: exactly(12) });
});

test("a serial port: text and frames come through, Ctrl-C ends with everything kept", async (context) => {
  needsCommands(context, "script", "stty");
  const pty = await openPty();
  const running = startCli(["record", pty.port, "-o", "serial.memmap"], folder);
  await expect.poll(running.err, { timeout: 60_000 }).toContain("recording");
  await pty.send(shortRun().take());
  await expect.poll(running.err, { timeout: 60_000 }).toContain("fault:");
  running.kill("SIGINT");
  const { exitCode, out, err } = await running.done;
  await pty.unplug();
  expect(err).toMatch(/next: .* report serial\.memmap/);
  expect(out).toContain("I (1031) app: working\n");
  expect(exitCode).toBe(0);
  expect(await list(folder, "serial.memmap")).toMatchObject({
    liveBlocks: exactly(12),
    liveBytes: { certainty: "exact" },
  });
});

test("a board that is unplugged leaves a whole recording and a sentence", async (context) => {
  needsCommands(context, "script", "stty");
  const pty = await openPty();
  const running = startCli(["record", pty.port, "-o", "unplugged.memmap"], folder);
  await expect.poll(running.err, { timeout: 60_000 }).toContain("recording");
  await pty.send(shortRun().take());
  await expect.poll(running.err, { timeout: 60_000 }).toContain("fault:");
  await pty.unplug();
  const { exitCode, err } = await running.done;
  expect(err).toContain(`${pty.port} has gone`);
  expect(exitCode).toBe(0);
  expect(await list(folder, "unplugged.memmap")).toMatchObject({
    liveBlocks: exactly(12),
    liveBytes: { certainty: "exact" },
  });
});

test("kill -9 loses at most the last second", async () => {
  const running = startCli(["record", "-", "-o", "killed.memmap"], folder);
  const board = new ScriptedBoard().boot().allocate(100).heartbeat();
  await running.write(board.take());
  await expect.poll(running.err, { timeout: 60_000 }).toContain("connected");
  await delay(1000);
  running.kill("SIGKILL");
  await running.done;
  const { exitCode, out, err } = await runCli(["list", "killed.memmap", "--json"], folder);
  expect(exitCode).toBe(0);
  expect(err).toMatch(/note: /);
  expect((JSON.parse(out) as Listing).liveBlocks).toEqual(exactly(100));
});

test("TCP: waits for the board, records until it hangs up, and asks a board in mid-run for a snapshot", async () => {
  const board = new ScriptedBoard().boot().allocate(50).heartbeat();
  board.take(); // before anyone listened
  let asked = 0;
  const server = createServer((socket) => {
    socket.write(board.allocate(1).heartbeat().take());
    socket.on("data", () => {
      asked++;
      socket.end(board.snapshot().take());
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { exitCode, err } = await runCli(["record", `tcp://127.0.0.1:${port}`, "-o", "tcp.memmap"], folder);
  server.close();
  expect(err).toContain("51 blocks");
  expect(exitCode).toBe(0);
  expect(asked).toBe(1);
  expect(await list(folder, "tcp.memmap")).toMatchObject({
    liveBlocks: exactly(51),
    liveBytes: { certainty: "exact" },
  });
});

test("a restart of the board is said, and its blocks do not mix with those before", async () => {
  const board = shortRun();
  const bytes = Buffer.concat([board.take(), board.boot(0x9999_0001).allocate(2).heartbeat().take()]);
  const { err } = await runCli(["record", "-", "-o", "restart.memmap"], folder, bytes);
  expect(err).toMatch(/the board restarted by a panic/);
  expect(err).toContain("1 restart");
  expect(await list(folder, "restart.memmap")).toMatchObject({
    liveBlocks: exactly(2),
    liveBytes: { certainty: "exact" },
  });
});

test("lost frames are counted and said", async () => {
  const board = new ScriptedBoard().boot().allocate(10).heartbeat().lose(3, 40).allocate(1);
  const { exitCode, err } = await runCli(["record", "-", "-o", "lossy.memmap"], folder, board.take());
  expect(exitCode).toBe(0);
  expect(err).toContain("3 frames lost on the way");
});

test("noise: the baud rate is suspected while it runs and at the end", async (context) => {
  needsCommands(context, "script", "stty");
  const pty = await openPty();
  const running = startCli(["record", pty.port, "-o", "noise.memmap", "--duration", "4s"], folder);
  await expect.poll(running.err, { timeout: 60_000 }).toContain("recording");
  await pty.send(Uint8Array.from({ length: 2000 }, (_, index) => (index * 89 + (index >> 3)) & 0xff));
  const { exitCode, err } = await running.done;
  await pty.unplug();
  expect(exitCode).toBe(3);
  expect(err).toMatch(/still waiting: .*neither text nor memmap frames/);
  expect(err).toContain("The baud rate is probably wrong: this is 115200");
  expect(existsSync(at("noise.memmap"))).toBe(false);
});

test("--log keeps the text byte for byte, --quiet shows none", async () => {
  const args = ["record", "-", "-o", "log.memmap", "--log", "console.log", "--quiet"];
  const { out } = await runCli(args, folder, shortRun().take());
  expect(out).toBe("");
  expect(readFileSync(at("console.log"), "utf8")).toBe("I (31) boot: hello\nI (1031) app: working\n");
});

test("whoever reads the log may go; the recording goes on", async () => {
  const board = new ScriptedBoard().boot();
  for (let i = 0; i < 200; i++)
    board
      .text(`${"line of log text ".repeat(40)}\n`)
      .allocate(10)
      .heartbeat();
  const running = startCli(["record", "-", "-o", "piped.memmap"], folder);
  await running.write(board.take().subarray(0, 2000));
  await expect.poll(running.out, { timeout: 60_000 }).toContain("line of log text");
  running.stopReading();
  await running.write(board.allocate(5).heartbeat().take());
  running.end();
  const { exitCode, err } = await running.done;
  expect(err).toMatch(/next: .* report piped\.memmap/);
  expect(exitCode).toBe(0);
});

test("machine code in QEMU, over its UART on a TCP port", async (context) => {
  needsCommands(context, ...QEMU_COMMANDS);
  const qemu = await startQemu(await buildForRv32(qemuProgram()));
  try {
    const source = `tcp://127.0.0.1:${qemu.port}`;
    const { exitCode, err } = await runCli(["record", source, "-o", "qemu.memmap", "--duration", "6s"], folder);
    expect(err).toContain("verified against the device's own account");
    expect(exitCode).toBe(0);
  } finally {
    await qemu.stop();
  }
});

test("a full disk keeps what was written and says so", async (context) => {
  context.skip(!existsSync("/dev/full"), "needs /dev/full");
  const { exitCode, err } = await runCli(["record", "-", "-o", "/dev/full", "--force"], folder, shortRun().take());
  expect(exitCode).toBe(3);
  expect(err).toContain("disk is full");
});

test("a recording grows by a few bytes an event", async () => {
  const board = new ScriptedBoard().boot();
  for (let i = 0; i < 100; i++) board.allocate(100).free(100).heartbeat();
  await runCli(["record", "-", "-o", "size.memmap"], folder, board.take());
  expect(statSync(at("size.memmap")).size).toBeLessThan(20_000 * 8);
});

test("a port under another name is a port, and who else reads it is named", async (context) => {
  needsCommands(context, "script", "stty", "cat");
  const pty = await openPty();
  symlinkSync(pty.port, at("esp32"));
  const reader = spawn("cat", [pty.port], { stdio: "ignore" });
  await once(reader, "spawn");
  const running = startCli(["record", "./esp32", "--no-reset", "-o", "linked.memmap"], folder);
  await expect.poll(running.err, { timeout: 60_000 }).toContain("recording");
  expect(running.err()).toMatch(new RegExp(`cat \\S+ \\(process ${reader.pid}\\).* have ./esp32 open too`));
  reader.kill();
  await once(reader, "exit");
  await pty.send(shortRun().take());
  await expect.poll(running.err, { timeout: 60_000 }).toContain("fault:");
  running.kill("SIGINT");
  const { exitCode, err } = await running.done;
  await pty.unplug();
  expect(err).toContain("recorded 2.00 s");
  expect(exitCode).toBe(0);
});
