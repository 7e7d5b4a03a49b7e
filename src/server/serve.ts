// The local web server: the page's own files, the recording's bytes by ranges, and events that say how long it is by now. No logic: the page's
// engine does the rest. A page that is slow gets the newest length instead of a backlog, and never slows the recording.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP, type AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { pipeline } from "node:stream";
import { MemmapError } from "../base/errors.ts";

/** What pages are told of a recording; src/web/engine/follow-server.ts reads it. */
export interface ServedState {
  readonly name: string;
  /** Bytes of the recording that may be read. */
  readonly size: number;
  readonly live: boolean;
  /** What the user wants left alone. */
  readonly suppressions?: SuppressionsText;
  /** What the source is doing, where that is not just delivering. */
  readonly notice?: string;
  /** The firmware's ELF, where there is one to ask for. */
  readonly elf?: { readonly name: string; readonly hasMap: boolean };
}

/** What gives names to the recording. */
export interface ServedElf {
  readonly bytes: Uint8Array;
  /** The linker's map. */
  readonly map?: Uint8Array | undefined;
}

export interface SuppressionsText {
  /** Lines in LeakSanitizer's syntax, and the file that they come from. */
  readonly text: string;
  readonly name: string;
  /** Whether what memmap ships is left alone too. */
  readonly withDefaults: boolean;
}

export interface ServeOptions {
  /** The built page (dist/site). */
  readonly site: string;
  /** The recording's file. */
  readonly recording: string;
  readonly state: () => ServedState;
  readonly elf?: ServedElf | undefined;
  /** Loopback unless the user says otherwise; any other address demands the token that `address` then holds. */
  readonly host: string;
  /** Where it is taken the next free one is; 0: any. */
  readonly port: number;
}

export interface Served {
  /** What to open in a browser. */
  readonly address: string;
  /** The port that was wanted is in use. */
  readonly portTaken: boolean;
  close(): Promise<void>;
}

const PORTS_TRIED = 20;
const TICK_MILLISECONDS = 200;
/** Without news a comment keeps the connection, and proxies', alive. */
const KEEP_ALIVE_MILLISECONDS = 15_000;
/** A browser asks for more than this only by mistake: the page reads in blocks of 256 KiB. */
const MOST_BYTES = 64 << 20;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
};

/** Its own scripts, worker, styles and WebAssembly, and nothing else; a report that is saved is a blob. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "Content-Security-Policy": policy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

/** @throws MemmapError `port-taken`, `address-unavailable`, `page-missing` */
export async function serve(options: ServeOptions): Promise<Served> {
  const files = readSite(options.site);
  for (const [path, bytes] of [
    ["elf", options.elf?.bytes],
    ["map", options.elf?.map],
  ] as const) {
    if (bytes !== undefined) files.set(path, { type: "application/octet-stream", bytes });
  }
  const file = openSync(options.recording, "r");
  const token = isLoopback(options.host) ? undefined : randomBytes(16).toString("hex");
  const watchers = new Set<Watcher>();
  // Kept, because a server that closes still answers on open connections, and has no address any more.
  const door = { host: options.host, port: options.port, token };
  const server = createServer((request, response) => {
    const path = allowedPath(request, door);
    if (typeof path === "number") {
      response.writeHead(path, headers).end();
      return;
    }
    if (path === "recording") sendRecording(request, response, file, options.state().size);
    else if (path === "events") watchers.add(watch(request, response, watchers));
    else sendFile(response, files, path);
  });
  server.on("clientError", (_, socket) => socket.destroy());
  const { port, portTaken } = await listen(server, options.host, options.port);
  door.port = port;
  const timer = setInterval(() => {
    const state = options.state();
    for (const watcher of watchers) watcher.tell(state);
  }, TICK_MILLISECONDS);
  const shown = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    address: `http://${shown}:${port}/${token === undefined ? "" : `${token}/`}`,
    portTaken,
    async close() {
      clearInterval(timer);
      // The last state first: the recording is whole now.
      for (const watcher of watchers) watcher.end(options.state());
      server.closeIdleConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        setTimeout(() => server.closeAllConnections(), 500).unref();
      });
      closeSync(file);
    },
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

interface Door {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
}

/** The path below the token, or the status with which the request is refused. */
function allowedPath(request: IncomingMessage, { host, port, token }: Door): string | number {
  if (request.method !== "GET" && request.method !== "HEAD") return 405;
  // A name that resolves to this machine must not let a stranger's page in: the Host has to be the one that was bound, or an address of it.
  const asked = request.headers.host ?? "";
  if (!isOwnHost(asked, host, port)) return 403;
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${asked}`) return 403;
  const site = request.headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") {
    // Following a link to the page itself is fine; a stranger's script or picture is not.
    if (request.headers["sec-fetch-mode"] !== "navigate") return 403;
  }
  const path = (request.url ?? "/").replace(/[?#].*$/, "").slice(1);
  if (token === undefined) return path;
  const given = path.slice(0, token.length);
  const isRight = given.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token));
  return isRight && path.charAt(token.length) === "/" ? path.slice(token.length + 1) : 403;
}

function isOwnHost(asked: string, host: string, port: number): boolean {
  const [, name = "", askedPort = "80"] = /^(\[[0-9a-f:.]+\]|[^:]*)(?::(\d+))?$/i.exec(asked) ?? [];
  if (Number(askedPort) !== port) return false;
  const bare = name.replace(/^\[|\]$/g, "").toLowerCase();
  if (isLoopback(host)) return bare === "localhost" || isLoopback(bare);
  // Bound to all addresses, it is asked for by one of them, never by a name that somebody else gave.
  return bare === host.toLowerCase() || (isAny(host) && isIP(bare) !== 0);
}

function isAny(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

interface SiteFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Read once: what is served is what is listed here, whatever a request says. */
function readSite(folder: string): Map<string, SiteFile> {
  const files = new Map<string, SiteFile>();
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (cause) {
    throw new MemmapError(`the page is missing: ${folder}`, {
      code: "page-missing",
      hint: "In a clone of the project, `npm run build` makes it; in an installed package, install it again.",
      cause,
    });
  }
  for (const name of names) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    files.set(name.replaceAll("\\", "/"), { type, bytes: readFileSync(join(folder, name)) });
  }
  const index = files.get("index.html");
  if (index !== undefined) {
    // Tells the page that there is a recording behind it, and not just files.
    const html = Buffer.from(index.bytes).toString("utf8").replace("<html", "<html data-served");
    files.set("", { ...index, bytes: Buffer.from(html) });
  }
  return files;
}

function sendFile(response: ServerResponse, files: ReadonlyMap<string, SiteFile>, path: string): void {
  const found = files.get(path);
  if (found === undefined) {
    response.writeHead(404, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, "Content-Type": found.type, "Content-Length": found.bytes.length });
  response.end(found.bytes);
}

function sendRecording(request: IncomingMessage, response: ServerResponse, file: number, known: number): void {
  const size = Math.min(known, fstatSync(file).size);
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (from === undefined || Number(from) >= size) {
    response.writeHead(416, { ...headers, "Content-Range": `bytes */${size}` }).end();
    return;
  }
  const start = Number(from);
  const end = Math.min(size, start + MOST_BYTES, to === undefined || to === "" ? size : Number(to) + 1);
  response.writeHead(206, {
    ...headers,
    "Content-Type": "application/octet-stream",
    "Content-Range": `bytes ${start}-${end - 1}/${size}`,
    "Content-Length": end - start,
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  // As fast as the page takes it: what one that reads nothing has asked for does not pile up here.
  const bytes = createReadStream("", { fd: file, autoClose: false, start, end: end - 1 });
  pipeline(bytes, response, (error) => {
    if (error) response.destroy();
  });
}

interface Watcher {
  tell(state: ServedState): void;
  end(state: ServedState): void;
}

function watch(request: IncomingMessage, response: ServerResponse, watchers: Set<Watcher>): Watcher {
  response.writeHead(200, { ...headers, "Content-Type": "text/event-stream", Connection: "keep-alive" });
  response.write("retry: 1000\n\n");
  let told = "";
  let at = Date.now();
  const watcher: Watcher = {
    tell(state) {
      // What a slow page has not taken yet is not added to: it gets the newest when there is room.
      if (response.writableLength > 0) return;
      const text = JSON.stringify(state);
      const now = Date.now();
      if (text !== told) response.write(`data: ${text}\n\n`);
      else if (now - at > KEEP_ALIVE_MILLISECONDS) response.write(":\n\n");
      else return;
      told = text;
      at = now;
    },
    end(state) {
      response.end(`data: ${JSON.stringify(state)}\n\n`);
    },
  };
  request.on("close", () => watchers.delete(watcher));
  return watcher;
}

async function listen(
  server: Server,
  host: string,
  wanted: number,
): Promise<{ readonly port: number; readonly portTaken: boolean }> {
  for (let port = wanted; ; port++) {
    try {
      await listenOnce(server, host, port);
      return { port: (server.address() as AddressInfo).port, portTaken: port !== wanted };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE" && port < wanted + PORTS_TRIED && wanted !== 0) continue;
      throw new MemmapError(`${host}:${port} cannot be served on: ${message}`, {
        code: code === "EADDRINUSE" ? "port-taken" : "address-unavailable",
        hint: "Choose another with --port or --host; --port 0 takes any that is free.",
        cause: error,
      });
    }
  }
}

function listenOnce(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
