// Logs of any size and any shape of line are answered in memory that does not grow with them: each in a process of its own whose heap is limited,
// which dies where the limit does not do.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatCount } from "../src/base/format.ts";
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

test("a board that restarts for ever, and dies at ever other places", async () => {
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
  const crash = (i: number): string => {
    const pc = 0x400d2000 + 0x1234 * (i % 60_000);
    const row = ["PC", "PS", "A0", "A1"].map(
      (name) => `${name.padEnd(8)}: ${hex(name === "PC" ? pc : 0x3ffb0000 + i)}  `,
    );
    return `Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\n\nCore  0 register dump:\n${row.join("")}\n\nBacktrace: ${hex(pc)}:0x3ffb5c10 ${hex(pc + 0x100)}:0x3ffb5c30\n\nRebooting...\nets Jul 29 2019 12:21:46\n\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n`; // prettier-ignore
  };
  let crashes = 0;
  const path = await write(
    "crashes.log",
    sized(size, (i) => {
      crashes++;
      return crash(i);
    }),
  );
  const { output } = await report(path);
  expect(output).toContain(`${formatCount(crashes)} crashes at more than`);
  covered(`${crashes} crashes`);
});

test("a board that never gets as far as its program", async () => {
  const loader = `rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\ninvalid header: 0xffffffff\nets Jul 29 2019 12:21:46\n\n`;
  const { output } = await report(
    await write(
      "loader.log",
      sized(size, () => loader.repeat(100)),
    ),
  );
  expect(output).toMatch(/nothing in its [\d,]+ lines tells of memory|starts of console log/);
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
