// TCP in both directions: boards that listen, QEMU's serial line on a socket, ser2net; and boards that connect to us.
// Connections between machines are the user's explicit choice: without a host everything stays on the loopback.
import { createServer, connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { MemmapError } from "../base/errors.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import type { ByteSource, Notice } from "./source.ts";

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

const RETRY_MILLISECONDS = 250;

/** Connects, again and again until somebody listens or `waitSeconds` are over: the board may still be booting. */
export async function openTcpClient(address: TcpAddress, waitSeconds: number, notice: Notice): Promise<ByteSource> {
  const name = `tcp://${bracketed(address.host)}:${address.port}`;
  const deadline = Date.now() + waitSeconds * 1000;
  for (let attempt = 0; ; attempt++) {
    try {
      return fromSocket(await connectOnce(address), name);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (code === "ENOTFOUND" || code === "EAI_AGAIN") throw unknownHost(address.host, error);
      if (Date.now() >= deadline) throw nobodyListens(name, waitSeconds, error);
      if (attempt === 0) notice(`waiting up to ${waitSeconds} s for ${name}`);
    }
    await delay(Math.min(RETRY_MILLISECONDS, Math.max(0, deadline - Date.now())));
  }
}

function connectOnce(address: TcpAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port, noDelay: true, timeout: 5000 });
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      // Until somebody iterates, an error waits in the socket; without a listener it would end the program.
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
  });
}

function fromSocket(socket: Socket, name: string): ByteSource {
  let closed = false;
  return {
    name,
    live: true,
    write: (bytes) => writeTo(socket, bytes),
    async close() {
      closed = true;
      socket.destroy();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of socket) yield chunk as Uint8Array;
      } catch (error) {
        if (!closed) throw lost(name, error);
      }
    },
  };
}

/**
 * Listens for boards that connect to us. A board that restarts connects anew, often without having said goodbye: the newest
 * connection counts, and the source ends only when it is closed.
 */
export async function openTcpListener(address: TcpAddress, notice: Notice): Promise<ByteSource> {
  const queue = new ChunkQueue();
  let current: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    current?.destroy();
    current = socket;
    const peer = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? "?"}`;
    notice(`${peer} has connected`);
    socket.on("data", (chunk) => {
      if (socket === current) queue.push(chunk);
    });
    socket.on("error", () => socket.destroy()); // "close" follows and says it
    socket.on("close", () => {
      if (socket !== current) return;
      current = undefined;
      if (server.listening) notice(`${peer} has gone; waiting for it to connect again`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(address, error)));
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  const port = typeof bound === "object" ? (bound?.port ?? address.port) : address.port;
  const name = `tcp-listen://${bracketed(address.host)}:${port}`;
  notice(`listening on ${bracketed(address.host)}:${port}`);
  return {
    name,
    live: true,
    [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
    async write(bytes) {
      if (current !== undefined) await writeTo(current, bytes);
    },
    async close() {
      server.close();
      current?.destroy();
      queue.end();
    },
  };
}

function writeTo(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
}

/** An IPv6 address as it stands in a URL. */
function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function unknownHost(host: string, cause: unknown): MemmapError {
  return new MemmapError(`there is no host ${host}`, {
    code: "host-unknown",
    hint: "Check the name, or write the board's address in numbers; its log shows it when it joins the network.",
    cause,
  });
}

function nobodyListens(name: string, waitSeconds: number, cause: unknown): MemmapError {
  const reason = (cause as NodeJS.ErrnoException).code === "ECONNREFUSED" ? "refuses connections" : "does not answer";
  return new MemmapError(`${name} ${reason}, after ${waitSeconds} s of trying`, {
    code: "tcp-no-listener",
    hint: "Start the board or QEMU first (`-serial tcp:127.0.0.1:PORT,server`), check the port, or give it longer with --wait. If the board connects to this machine, use tcp-listen://HOST:PORT.",
    cause,
  });
}

function cannotListen(address: TcpAddress, error: NodeJS.ErrnoException): MemmapError {
  const where = `${bracketed(address.host)}:${address.port}`;
  if (error.code === "EADDRINUSE") {
    return new MemmapError(`another program already listens on ${where}`, {
      code: "tcp-port-busy",
      hint: "Is another memmap still recording? End it, or take another port.",
      cause: error,
    });
  }
  return new MemmapError(`cannot listen on ${where}: ${error.message}`, {
    code: "tcp-cannot-listen",
    hint: "Name an address of this machine, and a port above 1023.",
    cause: error,
  });
}

function lost(name: string, cause: unknown): MemmapError {
  return new MemmapError(`the connection to ${name} broke off`, {
    code: "source-lost",
    hint: "Everything that had arrived is kept. Start the command again to go on.",
    cause,
  });
}
