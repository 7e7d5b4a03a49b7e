// A line that goes away, whatever record is waiting for: no stack, the right exit code, and what had come in is kept whole or nothing is left behind.
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { openPty } from "../pty.ts";
import { needsCommands } from "../toolchain.ts";
import { list, shortRun } from "./recordings.ts";
import { runCli, scratchFolder, startCli, type CliResult } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // processes start slowly on a busy machine

const folder = scratchFolder();
const bytes = shortRun().take();

function holds({ exitCode, err }: CliResult, name: string, keeps: boolean): void {
  expect(err).not.toMatch(/\n\s+at |ECONNRESET|EIO|Error:/);
  expect(exitCode).toBe(keeps ? 0 : 3);
  if (!keeps) expect(err).toMatch(/error: .*\nhint: .*\n$/);
  expect(readdirSync(folder).filter((file) => file.startsWith(name))).toEqual(keeps ? [name] : []);
}

const vanishings: readonly (readonly [string, boolean, (socket: Socket) => void])[] = [
  ["as soon as it is there", false, (socket) => socket.resetAndDestroy()],
  ["politely, before it has said anything", false, (socket) => socket.end()],
  ["within its first frame", false, (socket) => socket.write(bytes.subarray(0, 20), () => socket.resetAndDestroy())],
  ["within a later frame", true, (socket) => socket.end(bytes.subarray(0, bytes.length - 9))],
  ["after text only", false, (socket) => socket.end("I (31) boot: hello\n")],
  [
    "while it is asked for a snapshot",
    true,
    (socket) => {
      socket.write(bytes.subarray(bytes.length / 2));
      socket.once("data", () => socket.resetAndDestroy());
    },
  ],
];

test.each(vanishings)("a connection, %s", async (how, keeps, vanish) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    vanish(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const name = `${how.replaceAll(/\W+/g, "-")}.memmap`;
  const result = await runCli(["record", `tcp://127.0.0.1:${port}`, "--wait", "1s", "-o", name], folder);
  server.close();
  holds(result, name, keeps);
  if (keeps) await list(folder, name).then(({ blocks }) => expect(blocks.length).toBeGreaterThan(0));
});

test.for([
  ["before it has said anything", 0, false],
  ["within its first frame", 20, false],
  ["within a later frame", bytes.length - 9, true],
] as const)("a port, %s", async ([how, length, keeps], context) => {
  needsCommands(context, "script", "stty");
  const pty = await openPty();
  const name = `port-${how.replaceAll(/\W+/g, "-")}.memmap`;
  const running = startCli(["record", pty.port, "-o", name], folder);
  await expect.poll(running.err, { timeout: 60_000 }).toContain("recording");
  if (length > 0) await pty.send(bytes.subarray(0, length));
  if (keeps) await expect.poll(running.err, { timeout: 60_000 }).toContain("connected");
  await pty.unplug();
  holds(await running.done, name, keeps);
});
