// A serial port made in the page: the test feeds it, pulls it out and plugs it in again. It behaves as Chromium's does, with the streams of the
// platform itself.
import type { Page } from "playwright-core";

export async function installFakeSerial(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isPluggedIn = true;
    const port = {
      readable: undefined as ReadableStream<Uint8Array> | undefined,
      writable: undefined,
      getInfo: () => ({ usbVendorId: 0x303a, usbProductId: 0x1001 }),
      async open() {
        if (!isPluggedIn) throw new DOMException("the device has been lost", "NetworkError");
        port.readable = new ReadableStream<Uint8Array>({
          start(given) {
            controller = given;
          },
        });
      },
      async close() {
        port.readable = undefined;
      },
    };
    Object.defineProperty(navigator, "serial", {
      configurable: true,
      value: { requestPort: async () => port, getPorts: async () => (isPluggedIn ? [port] : []) },
    });
    Object.assign(window, {
      async feed(text: string, size: number) {
        const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
        for (let at = 0; at < bytes.length; at += size) {
          controller?.enqueue(bytes.slice(at, at + size));
          // Now and then the line is quiet for a moment.
          if (at % (size * 997) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      unplug() {
        isPluggedIn = false;
        controller?.error(new DOMException("the device has been lost", "NetworkError"));
        port.readable = undefined;
      },
      plugIn() {
        isPluggedIn = true;
      },
    });
  });
}
