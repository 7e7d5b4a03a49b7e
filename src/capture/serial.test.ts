import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { openPty, type PtyPair } from "../../test/pty.ts";
import type { MemmapError } from "../base/errors.ts";
import { needsCommands } from "../../test/toolchain.ts";
import { openSerial } from "./serial.ts";
import type { ByteSource } from "./source.ts";

// Processes and sockets are slow on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
const patience = { timeout: 20_000 };

const options = { baud: 115_200, reset: false };
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function line(): Promise<PtyPair> {
  const pty = await openPty();
  opened.push({ close: () => pty.unplug() });
  return pty;
}

async function open(path: string): Promise<ByteSource> {
  const source = await openSerial(path, options);
  opened.push(source);
  return source;
}

test("bytes pass through untouched in both directions", async (context) => {
  needsCommands(context, "script", "stty");
  const pty = await line();
  const source = await open(pty.port);
  // Everything that a terminal would translate: line ends, flow control, end of file, interrupt, erase.
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  await pty.send(bytes);
  const received: number[] = [];
  for await (const chunk of source) {
    received.push(...chunk);
    if (received.length >= bytes.length) break;
  }
  expect(received).toEqual([...bytes]);
  await source.write?.(bytes);
  await expect.poll(() => pty.received().length, patience).toBe(bytes.length);
  expect([...pty.received()]).toEqual([...bytes]);
});

test("an unplugged board ends the iteration with all its bytes and then the reason", async (context) => {
  needsCommands(context, "script", "stty");
  const pty = await line();
  const source = await open(pty.port);
  await pty.send("last words");
  let text = "";
  const reading = (async () => {
    for await (const chunk of source) {
      text += new TextDecoder().decode(chunk);
      if (text === "last words") await pty.unplug();
    }
  })();
  const error = await reading.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "source-lost" });
  expect((error as Error).message).toContain(pty.port);
  expect(text).toBe("last words");
});

test("closing ends the iteration without an error, twice too", async (context) => {
  needsCommands(context, "script", "stty");
  const source = await open((await line()).port);
  const reading = (async () => {
    for await (const _ of source) expect.unreachable("nothing was sent");
  })();
  await source.close();
  await source.close();
  await reading;
});

test("a port in use names who has it", async (context) => {
  needsCommands(context, "script", "stty");
  const pty = await line();
  await open(pty.port);
  const error = await openSerial(pty.port, options).catch((reason: unknown) => reason as MemmapError);
  expect(error).toMatchObject({ code: "port-busy" });
  expect((error as MemmapError).hint).toContain("idf.py monitor");
  if (existsSync("/proc/self/fd")) expect((error as MemmapError).message).toMatch(/in use by \S+.* \(process \d+\)/);
});

test("a port that is not there and a file that is no port are told apart", async () => {
  await expect(openSerial("/dev/ttyUSB99", options)).rejects.toMatchObject({ code: "port-missing" });
  await expect(openSerial("/dev/zero", options)).rejects.toMatchObject({ code: "port-is-none" });
});

test("a port whose name goes is gone, though reading from it would go on for ever", async (context) => {
  needsCommands(context, "script", "stty");
  const pty = await line();
  const folder = mkdtempSync(join(tmpdir(), "memmap-port-"));
  const name = join(folder, "ttyUSB0");
  symlinkSync(pty.port, name);
  const source = await open(name);
  const reading = source[Symbol.asyncIterator]().next();
  rmSync(folder, { recursive: true });
  await expect(reading).rejects.toMatchObject({ code: "source-lost" });
});
