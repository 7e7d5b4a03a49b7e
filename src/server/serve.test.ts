import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { serve, type Served, type ServedState } from "./serve.ts";

const folder = mkdtempSync(join(tmpdir(), "memmap-serve-"));
const site = join(folder, "site");
const recording = join(folder, "run.memmap");
mkdirSync(join(site, "assets"), { recursive: true });
writeFileSync(join(site, "index.html"), "<html><body>page</body></html>");
writeFileSync(join(site, "assets", "a.js"), "1");
writeFileSync(join(site, "secret.txt"), "not a file of the page");
writeFileSync(
  recording,
  Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open: Served[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(host = "127.0.0.1", port = 0, state: () => ServedState = stateOf): Promise<Served> {
  const served = await serve({ site, recording, state, host, port });
  open.push(served);
  return served;
}

const stateOf = (): ServedState => ({ name: "run", size: 900, live: true });

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Unlike fetch, lets a test say any header and any path. */
function get(address: string, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("sends the page, says that there is a recording behind it, and allows nothing but its own", async () => {
  const { address } = await start();
  const index = await get(address, "/");
  expect(index.body.toString()).toContain("<html data-served");
  expect(index.headers["content-security-policy"]).toContain("default-src 'none'");
  expect((await get(address, "/assets/a.js")).status).toBe(200);
  for (const path of ["/secret.txt", "/../run.memmap", "/assets/../../run.memmap", "/%2e%2e/run.memmap", "/nothing"]) {
    expect((await get(address, path)).status, path).toBe(404);
  }
  expect((await get(address, "/", {}, "POST")).status).toBe(405);
});

test("a request that is under way when it closes is answered", async () => {
  const served = await start();
  const { hostname, port, host } = new URL(served.address);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString()));
  const ended = new Promise((resolve) => socket.on("close", resolve));
  await new Promise((resolve) => socket.write("GET /recording HTTP/1.1\r\n", resolve));
  // Over the same machine's wire, what is sent second has been received first.
  await get(served.address, "/");
  const closed = served.close();
  open.splice(0);
  socket.write(`Host: ${host}\r\nRange: bytes=0-9\r\nConnection: close\r\n\r\n`);
  await Promise.all([closed, ended]);
  expect(answer).toMatch(/^HTTP\/1\.1 206 /);
});

test("sends the recording by ranges, and no further than it is said to go", async () => {
  const { address } = await start();
  const part = await get(address, "/recording", { range: "bytes=10-19" });
  expect([part.status, [...part.body]]).toEqual([206, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]]);
  expect((await get(address, "/recording", { range: "bytes=890-5000" })).body).toHaveLength(10);
  expect((await get(address, "/recording", { range: "bytes=900-" })).status).toBe(416);
  expect((await get(address, "/recording")).status).toBe(416);
});

test("neither a stranger's page nor a name that was made to resolve here gets in", async () => {
  const { address } = await start();
  const { host, port } = new URL(address);
  expect((await get(address, "/", { host: "evil.example" })).status).toBe(403);
  expect((await get(address, "/", { host: `evil.example:${port}` })).status).toBe(403);
  expect((await get(address, "/", { host: "127.0.0.1:1" })).status).toBe(403);
  expect((await get(address, "/", { host: `localhost:${port}` })).status).toBe(200);
  expect((await get(address, "/events", { origin: "http://evil.example" })).status).toBe(403);
  expect((await get(address, "/recording", { "sec-fetch-site": "cross-site", range: "bytes=0-1" })).status).toBe(403);
  expect((await get(address, "/", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).status).toBe(200);
  expect((await get(address, "/", { origin: `http://${host}` })).status).toBe(200);
});

test("on an address that others reach, nothing is answered without the token", async () => {
  const served = await start("0.0.0.0");
  const { port, pathname } = new URL(served.address);
  const local = `http://127.0.0.1:${port}`;
  expect(pathname.length).toBeGreaterThan(20);
  expect((await get(local, "/")).status).toBe(403);
  expect((await get(local, "/recording", { range: "bytes=0-1" })).status).toBe(403);
  expect((await get(local, `${pathname.slice(0, -2)}x/`)).status).toBe(403);
  expect((await get(local, pathname)).status).toBe(200);
  expect((await get(local, `${pathname}recording`, { range: "bytes=0-1" })).status).toBe(206);
  expect((await get(local, pathname, { host: `some.name:${port}` })).status).toBe(403);
});

test("a port in use is said, and the next free one taken", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const served = await start("127.0.0.1", port);
  expect(served.portTaken).toBe(true);
  expect(Number(new URL(served.address).port)).toBeGreaterThan(port);
  await new Promise((resolve) => taken.close(resolve));
});

test("tells how long the recording is, again when that changes, and at the end", async () => {
  let size = 100;
  const served = await start("127.0.0.1", 0, () => ({ name: "run", size, live: size < 300 }));
  const response = await fetch(`${served.address}events`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = "";
  const until = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) {
      const { value, done } = await reader.read();
      if (done) return;
      text += new TextDecoder().decode(value);
    }
  };
  await until('"size":100');
  size = 200;
  await until('"size":200');
  size = 300;
  await served.close();
  open.splice(0);
  await until('"live":false');
  expect(text).toContain('"size":300');
});
