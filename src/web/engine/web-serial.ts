// A board on this computer's serial port, through the browser: read here and handed to the worker. Stays with the board: when it goes away the
// page keeps what it has and connects again as soon as the port is back.
import type { Engine } from "./client.ts";

/** Chrome's default of 255 bytes drops what a busy page does not take at once. */
const BUFFER_BYTES = 1 << 18;
const RETRY_MILLISECONDS = 500;

/**
 * Asks the user for a port and records it into the engine.
 * @returns what ends it; undefined where the user chose none
 */
export async function connectBoard(engine: Engine, baudRate: number): Promise<(() => void) | undefined> {
  let port: SerialPort;
  try {
    port = await navigator.serial.requestPort();
    await port.open({ baudRate, bufferSize: BUFFER_BYTES });
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined; // nothing chosen
    const reason = error instanceof Error ? error.message : String(error);
    engine.failure.value = {
      message: `the port cannot be opened: ${reason}`,
      code: "port-unavailable",
      hint: "Close other programs that use it (idf.py monitor, another tab), or unplug the board and plug it in again.",
    };
    return undefined;
  }
  engine.open({ kind: "bytes", name: `serial port at ${baudRate} baud` });
  let ended = false;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const follow = async (): Promise<void> => {
    while (!ended) {
      await readUntilGone(
        port,
        (current) => (reader = current),
        (bytes) => engine.push(bytes),
      );
      if (ended) break;
      engine.sourceIs("waiting", "the board is away: waiting for it to come back");
      port = await cameBack(port, baudRate, () => ended);
      if (!ended) engine.sourceIs("back", "");
    }
    engine.sourceIs("ended", "");
  };
  void follow();
  return () => {
    ended = true;
    void reader?.cancel();
  };
}

async function readUntilGone(
  port: SerialPort,
  onReader: (reader: ReadableStreamDefaultReader<Uint8Array>) => void,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  // A stream ends with each error of the line (a break, a frame of wrong length); the port goes on with a new one.
  while (port.readable) {
    const reader = port.readable.getReader();
    onReader(reader);
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) onBytes(next.value);
      return;
    } catch {
      // Gone, or an error of the line: `readable` tells.
    } finally {
      reader.releaseLock();
    }
  }
}

/** Opens the same port when it is there again: a board that restarts may go away for a second. */
async function cameBack(port: SerialPort, baudRate: number, isEnded: () => boolean): Promise<SerialPort> {
  await port.close().catch(() => undefined);
  const { usbVendorId, usbProductId } = port.getInfo();
  while (!isEnded()) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    for (const known of await navigator.serial.getPorts()) {
      const info = known.getInfo();
      if (known !== port && (info.usbVendorId !== usbVendorId || info.usbProductId !== usbProductId)) continue;
      try {
        await known.open({ baudRate, bufferSize: BUFFER_BYTES });
        return known;
      } catch {
        // Not there yet.
      }
    }
  }
  return port;
}
