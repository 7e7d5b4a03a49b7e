// The conformance suite on a real board that runs firmware/examples/conformance, when TEST_SERIAL_PORT names its port
// (TEST_SERIAL_BAUD: 115200 where not said). The board is reset through RTS, as flashing tools do.
import { describe } from "vitest";
import { defineConformance } from "./behaviours.ts";
import type { Driver, Line } from "./section.ts";

const path = process.env["TEST_SERIAL_PORT"];
const baudRate = Number(process.env["TEST_SERIAL_BAUD"] ?? "115200");

describe.skipIf(path === undefined)(`a board (TEST_SERIAL_PORT ${path ?? "is not set"})`, () => {
  defineConformance(serialDriver(path ?? "", baudRate));
});

function serialDriver(path: string, baudRate: number): Driver {
  return { name: path, open: () => openBoard(path, baudRate) };
}

async function openBoard(path: string, baudRate: number): Promise<Line> {
  const { SerialPort } = await import("serialport"); // native code: only where a board is named
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  const done = (start: (callback: (error?: unknown) => void) => void) =>
    new Promise<void>((resolve, reject) => start((error) => (error instanceof Error ? reject(error) : resolve())));
  await done((callback) => port.open(callback));
  await done((callback) => port.set({ dtr: false, rts: true }, callback)); // EN low
  await new Promise((resolve) => setTimeout(resolve, 100));
  await done((callback) => port.set({ dtr: false, rts: false }, callback));
  return {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of port) yield chunk as Uint8Array;
    },
    write: (bytes) => done((callback) => port.write(Buffer.from(bytes), callback)),
    close: () => done((callback) => port.close(callback)),
  };
}
