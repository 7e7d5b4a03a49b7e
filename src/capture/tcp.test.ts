import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { ByteSource } from "./source.ts";
import { openTcpClient, openTcpListener } from "./tcp.ts";

// Processes and sockets are slow on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
const patience = { timeout: 20_000 };

const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

function kept(source: ByteSource): ByteSource {
  cleanUp.push(() => source.close());
  return source;
}

async function board(onConnection: (socket: Socket) => void, port = 0): Promise<number> {
  const server = createServer(onConnection).listen(port, "127.0.0.1");
  cleanUp.push(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function textOf(source: ByteSource): Promise<string> {
  let text = "";
  for await (const chunk of source) text += new TextDecoder().decode(chunk);
  return text;
}

const silent = (): void => undefined;

test("a client reads until the board hangs up, and can write to it", async () => {
  let heard = "";
  const port = await board((socket) => {
    socket.on("data", (bytes) => {
      heard += bytes.toString();
      socket.end("hello");
    });
  });
  const source = kept(await openTcpClient({ host: "127.0.0.1", port }, 1, silent));
  await source.write?.(new TextEncoder().encode("go"));
  expect(await textOf(source)).toBe("hello");
  expect(heard).toBe("go");
});

test("a client waits for a board that still boots, and says so once", async () => {
  const port = await freePort();
  const notices: string[] = [];
  const opening = openTcpClient({ host: "127.0.0.1", port }, 30, (sentence) => notices.push(sentence));
  await expect.poll(() => notices.length, patience).toBe(1);
  await delay(10);
  await board((socket) => socket.end("up"), port);
  expect(await textOf(kept(await opening))).toBe("up");
  expect(notices).toEqual([`waiting up to 30 s for tcp://127.0.0.1:${port}`]);
});

test("nobody there is an error that says what to start", async () => {
  const address = { host: "127.0.0.1", port: await freePort() };
  const error = await openTcpClient(address, 0, silent).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "tcp-no-listener" });
  expect((error as Error).message).toContain("refuses connections");
});

test("a connection that is reset keeps its bytes and says that it broke off", async () => {
  const port = await board((socket) => {
    socket.write("some");
    socket.once("data", () => socket.resetAndDestroy());
  });
  const source = kept(await openTcpClient({ host: "127.0.0.1", port }, 1, silent));
  let text = "";
  const reading = (async () => {
    for await (const chunk of source) {
      text += new TextDecoder().decode(chunk);
      await source.write?.(new TextEncoder().encode("x"));
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "source-lost" });
  expect(text).toBe("some");
});

test("a listener goes on with the next connection when a board restarts", async () => {
  const notices: string[] = [];
  const source = kept(await openTcpListener({ host: "127.0.0.1", port: 0 }, (sentence) => notices.push(sentence)));
  const port = Number(source.name.split(":").at(-1));
  const reading = textOf(source);
  for (const word of ["first ", "second"]) {
    const socket = connect(port, "127.0.0.1");
    socket.end(word);
    await once(socket, "close");
  }
  await expect.poll(() => notices.filter((sentence) => sentence.includes("has gone")).length, patience).toBe(2);
  await source.close();
  expect(await reading).toBe("first second");
});

test("a port that is taken is said", async () => {
  const port = await board(() => undefined);
  await expect(openTcpListener({ host: "127.0.0.1", port }, silent)).rejects.toMatchObject({ code: "tcp-port-busy" });
});

/** A port where nobody listens (a moment ago). */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
