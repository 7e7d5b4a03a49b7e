// Serial ports, through the optional package `serialport`.
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { SerialPort } from "serialport";
import { MemmapError } from "../base/errors.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { findPortHolders } from "./port-holder.ts";
import { portRefused } from "./port-permission.ts";
import { describePorts } from "./ports.ts";
import type { ByteSource, Notice } from "./source.ts";

export interface SerialOptions {
  readonly baud: number;
  /** Restart the board, so that what is captured begins at its boot. Otherwise its control lines are left alone. */
  readonly reset: boolean;
  readonly notice?: Notice;
}

/** What ESP-IDF's console and its monitor use unless configured otherwise. */
export const DEFAULT_BAUD = 115_200;

/** EN is held low for as long as esptool does. */
const RESET_MILLISECONDS = 100;

const WATCH_MILLISECONDS = 250;

export async function openSerial(path: string, options: SerialOptions): Promise<ByteSource> {
  const { SerialPort } = await loadLibrary();
  if (process.platform !== "win32") await checkPort(path);
  const others = await findPortHolders(path);
  if (others.length > 0) {
    const [has, they] = others.length === 1 ? ["has", "it"] : ["have", "they"];
    const named = others.length > 3 ? [...others.slice(0, 3), `${others.length - 3} more`] : others;
    options.notice?.(`${named.join(" and ")} ${has} ${path} open too: what ${they} read is missing here`);
  }
  const port = new SerialPort({
    path,
    baudRate: options.baud,
    // Without it the kernel drops DTR and RTS when the port is closed, which restarts many boards.
    hupcl: options.reset,
    autoOpen: false,
    highWaterMark: 256 * 1024,
  });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? void explain(path, options.baud, error).then(reject) : resolve()));
  });
  const source = fromPort(port, `${path} at ${options.baud} baud`, path, options.baud);
  if (options.reset) await resetBoard(port);
  return source;
}

function fromPort(port: SerialPort, name: string, path: string, baud: number): ByteSource {
  const queue = new ChunkQueue();
  if (!port.isOpen) queue.end(lost(path)); // it went before anyone listened
  port.on("data", (chunk: Uint8Array) => queue.push(chunk));
  port.on("error", (error) => queue.end(lost(path, error)));
  port.on("close", (error: Error | undefined) => queue.end(error ? lost(path, error) : undefined));
  const stopWatching = watchForUnplug(path, () => {
    queue.end(lost(path));
    if (port.isOpen) port.close();
  });
  port.on("close", stopWatching);
  return {
    name,
    live: true,
    baud,
    [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        port.write(bytes, (error) => (error ? reject(error) : undefined));
        port.drain((error) => (error ? reject(error) : resolve()));
      }),
    async close() {
      queue.end();
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
    },
  };
}

/**
 * On Linux a read from a port that has just gone returns 0 bytes, which the library takes as "try again", for ever and at full
 * speed, and never says that the port has gone. Its name in /dev goes at the same moment.
 */
function watchForUnplug(path: string, onGone: () => void): () => void {
  if (process.platform === "win32") return () => undefined;
  const timer = setInterval(() => {
    stat(path).catch(() => {
      clearInterval(timer);
      onGone();
    });
  }, WATCH_MILLISECONDS);
  return () => clearInterval(timer);
}

/**
 * The circuit on DevKits, and the chips' own USB-Serial-JTAG: RTS holds the chip in reset, DTR selects the boot mode and must
 * be off for the application to start.
 */
async function resetBoard(port: SerialPort): Promise<void> {
  const set = (lines: { dtr: boolean; rts: boolean }): Promise<boolean> =>
    new Promise((resolve) => port.set(lines, (error) => resolve(!error)));
  // Ports without control lines (pseudo terminals, some bridges) refuse; then the board is not reset, which does no harm.
  if (!(await set({ dtr: false, rts: true }))) return;
  await delay(RESET_MILLISECONDS);
  await set({ dtr: false, rts: false });
}

async function loadLibrary(): Promise<{ readonly SerialPort: typeof SerialPort }> {
  try {
    return await import("serialport");
  } catch (error) {
    throw new MemmapError("serial ports need the package serialport, which is not installed", {
      code: "serialport-missing",
      hint: "Install it with `npm install serialport` in the folder of memmap, or read the line with another program: `cat /dev/ttyUSB0 | memmap record -`.",
      cause: error,
    });
  }
}

/** Finds out beforehand what the library's own message would not say. */
async function checkPort(path: string): Promise<void> {
  let found;
  try {
    found = await stat(path);
  } catch (error) {
    throw new MemmapError(`there is no port ${path}`, {
      code: "port-missing",
      hint: await describePorts(),
      cause: error,
    });
  }
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw await portRefused(path, found, error);
  }
}

async function explain(path: string, baud: number, error: Error): Promise<MemmapError> {
  const reason = error.message.replace(/^Error:?\s*/, "");
  if (/cannot lock port|busy|access denied/i.test(reason)) {
    const [holder] = await findPortHolders(path);
    return new MemmapError(`${path} is in use${holder === undefined ? "" : ` by ${holder}`}`, {
      code: "port-busy",
      hint: "Only one program can read a port: close `idf.py monitor` (Ctrl-]) or whatever has it open, then try again.",
      cause: error,
    });
  }
  if (/file not found|no such file/i.test(reason)) {
    return new MemmapError(`there is no port ${path}`, {
      code: "port-missing",
      hint: await describePorts(),
      cause: error,
    });
  }
  if (/permission denied/i.test(reason)) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) return portRefused(path, found, error);
  }
  if (/inappropriate ioctl/i.test(reason)) {
    return new MemmapError(`${path} is no serial port`, {
      code: "port-is-none",
      hint: await describePorts(),
      cause: error,
    });
  }
  if (/baud/i.test(reason)) {
    return new MemmapError(`${path} cannot do ${baud} baud`, {
      code: "port-baud",
      hint: `Give the console's speed with --baud; ESP-IDF's default is ${DEFAULT_BAUD}.`,
      cause: error,
    });
  }
  return new MemmapError(`${path} cannot be opened: ${reason}`, {
    code: "port-unusable",
    hint: "Unplug the board, plug it in again, and look at `memmap ports`.",
    cause: error,
  });
}

function lost(path: string, cause?: Error): MemmapError {
  return new MemmapError(`${path} has gone: the board was unplugged, or its USB restarted with it`, {
    code: "source-lost",
    hint: "Everything that had arrived is kept. When the port is back, start the command again to go on.",
    cause,
  });
}
