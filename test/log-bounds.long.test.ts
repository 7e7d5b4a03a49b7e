// Logs of any size and any shape of line are answered in memory that does not grow with them: each in a process of its own whose heap is limited,
// which dies where the limit does not do.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cliScript } from "./cli/run-cli.ts";
import { atLength, covered } from "./length.ts";

const MB = 1e6;
const size = atLength({ short: 12 * MB, long: 200 * MB });
/** Megabytes of V8's old space; the program itself takes about 15. */
const HEAP_LIMIT = 64;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memmap-bounds-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function write(name: string, pieces: Iterable<string>): Promise<string> {
  const path = join(folder, name);
  const file = createWriteStream(path);
  for (const piece of pieces) if (!file.write(piece)) await once(file, "drain");
  file.end();
  await once(file, "finish");
  return path;
}

function* sized(bytes: number, piece: (i: number) => string): Generator<string> {
  for (let i = 0, written = 0; written < bytes; i++) {
    const text = piece(i);
    written += text.length;
    yield text;
  }
}

async function report(path: string): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_LIMIT}`, cliScript, "report", path], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as readonly unknown[];
  return { code: Number(code), output };
}

const chatter = (i: number): string => {
  const lines: string[] = [];
  for (let k = 0; k < 1000; k++) {
    const n = i * 1000 + k;
    lines.push(
      n % 10 === 0
        ? `I (${37 * n}) mem: Free heap: ${180_000 - (n % 5000)} bytes, largest ${110_000 - (n % 77)}`
        : n % 7 === 0
          ? `D (${37 * n}) http: GET /api/status?id=${n} from 192.168.1.${n % 250} took ${n % 91} ms`
          : `I (${37 * n}) task_${n % 13}: state changed from ${n % 5} to ${(n + 1) % 5}, queue length ${n % 17}`,
    );
  }
  return `${lines.join("\n")}\n`;
};

test("a long log of readings and chatter", async () => {
  const { code, output } = await report(await write("long.log", sized(size, chatter)));
  expect(output).toMatch(/no leak is in sight/i);
  expect(code).toBe(0);
  covered(`${size / MB} MB of log in a heap of ${HEAP_LIMIT} MB`);
});

test("words that never come again, and behind them a leak in words that do", async () => {
  const word = (i: number): string =>
    (i * 2654435761).toString(36).replaceAll(/\d/g, (digit) => "qxzjkvwybp"[Number(digit)] ?? "");
  const lines = function* (): Generator<string> {
    yield* sized(size / 4, (i) => `I (${i}) app: ${word(i)} free heap ${word(i + 7)} ${180_000 - (i % 100)}\n`);
    for (let i = 0; i < 1000; i++) yield `I (${size + 6000 * i}) stats: left over of the heap: ${180_000 - 100 * i}\n`;
  };
  const { output } = await report(await write("words.log", lines()));
  expect(output).toMatch(/“left over of the heap” falls from 17[\d,]+ B/);
});

test("lines of two bytes", async () => {
  const bytes = size / 5;
  const { code, output } = await report(
    await write(
      "two.log",
      sized(bytes, () => "a\n".repeat(50_000)),
    ),
  );
  expect(output).toMatch(/nothing in its [\d,]+ lines tells of memory/);
  expect(code).not.toBe(0);
  covered(`${bytes / MB} MB of two-byte lines`);
});

test("a line without an end, between readings", async () => {
  const readings = [180_000, 170_000, 160_000, 150_000].map((free, i) => `I (${1000 * i}) app: free heap ${free}\n`);
  const pieces = function* (): Generator<string> {
    yield readings[0] ?? "";
    yield* sized(size / 5, () => "x".repeat(MB));
    yield `\n${readings.slice(1).join("")}`;
  };
  const { output } = await report(await write("endless.log", pieces()));
  expect(output).toMatch(/10,000 B|9\.77 KiB/);
});
