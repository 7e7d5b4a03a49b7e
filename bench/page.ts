// The page in headless Chromium with software rendering: how soon a long recording is seen, any moment of it, scrubbing over 20,000 blocks, memory
// with a recording of gigabytes, and a live run at 20,000 events a second. `npm run bench:page [MILLIONS] [SOAK-HOURS]`: 10 million events and no
// soak by default; 24 hours of soak are the 170 million events of bench:soak, and a gigabyte of disk.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openRecordingFile } from "../src/capture/recording-file.ts";
import { openModel } from "../src/heap/model.ts";
import { RecordingWriter } from "../src/recording/writer.ts";
import { StreamEncoder } from "../src/wire/stream-encoder.ts";
import { launchBrowser, serveFolder, type Browser } from "../test/browser/chromium.ts";
import { buildSite } from "../tools/build-site.ts";
import { playResidents } from "./residents.ts";

const EVENTS_PER_SECOND = 20_000;
const LIVE_SECONDS = 15;
const MOMENTS = 40;
const SCRUB_SECONDS = 5;

const limit = (value: number, most: number): string => `${(value / most).toFixed(2)} of its limit`;
const atLeast = (value: number, least: number): string => `${(value / least).toFixed(2)} × its limit`;

function makeRecording(path: string, wanted: number): number {
  const file = openSync(path, "w");
  const writer = new RecordingWriter((bytes) => {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  });
  const events = playResidents(writer, wanted);
  writer.finish();
  closeSync(file);
  return events;
}

/** The map of a moment has been drawn. */
async function showMoment(page: Page, seconds: number): Promise<number> {
  return page.evaluate(async (at) => {
    const start = performance.now();
    location.hash = `at=${at}`;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const drawn = Number(document.querySelector<HTMLElement>(".map-wrap canvas")?.dataset["time"]);
        if (Math.abs(drawn / 1e6 - at) < 1e-3) resolve();
        else requestAnimationFrame(look);
      };
      look();
    });
    return performance.now() - start;
  }, seconds);
}

/** Resident memory of the browser's processes for pages, in bytes. */
function rendererMemory(): number {
  const lines = execFileSync("ps", ["-eo", "rss=,args="], { encoding: "utf8" }).split("\n");
  return Math.max(
    0,
    ...lines
      .filter((line) => line.includes("--type=renderer"))
      .map((line) => Number(line.trim().split(/\s+/)[0]) * 1024),
  );
}

async function open(browser: Browser, address: string, path: string): Promise<{ page: Page; first: number }> {
  const page = await browser.newPage();
  await page.goto(address);
  const start = performance.now();
  await page.setInputFiles("#files", path);
  await page.waitForSelector(".map-wrap canvas[data-time]", { timeout: 120_000 });
  return { page, first: performance.now() - start };
}

async function benchRecording(browser: Browser, address: string, path: string, events: number): Promise<void> {
  const { page, first } = await open(browser, address, path);
  const { span, blocks } = await (async () => {
    const { recording, close } = await openRecordingFile(path);
    const model = await openModel(recording);
    const { length } = await model.liveAt(model.span.to);
    close();
    return { span: model.span, blocks: length };
  })();
  console.log(
    `${(events / 1e6).toFixed(1)} M events, ${(statSync(path).size / 1e6).toFixed(0)} MB: first view after ${(first / 1000).toFixed(2)} s, ${limit(first, 2000)} (2 s)`,
  );
  const times: number[] = [];
  let seed = 1;
  for (let i = 0; i < MOMENTS; i++) {
    seed = (seed * 48_271) % 0x7fff_ffff;
    times.push(await showMoment(page, Math.round(span.from + (seed / 0x7fff_ffff) * (span.to - span.from)) / 1e6));
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? NaN;
  const high = times[Math.floor(times.length * 0.95)] ?? NaN;
  console.log(
    `  any moment: median ${median.toFixed(0)} ms, 95 % ${high.toFixed(0)} ms, ${limit(median, 100)} (100 ms)`,
  );
  await page.waitForSelector(".finding, .findings .empty", { timeout: 300_000 });
  await showMoment(page, Math.round(span.to - 1) / 1e6);
  console.log(`  memory of the page with everything answered: ${(rendererMemory() / 1e6).toFixed(0)} MB`);
  const frames = await page.evaluate(async (seconds) => {
    const canvas = document.querySelector<HTMLElement>(".map-wrap canvas");
    let drawn = 0;
    let last = "";
    let ticks = 0;
    const end = performance.now() + seconds * 1000;
    await new Promise<void>((resolve) => {
      const step = (): void => {
        ticks++;
        // A step is a two hundredth of the run: back to near its beginning, and forth again.
        const key = Math.floor(ticks / 190) % 2 === 0 ? "ArrowLeft" : "ArrowRight";
        const time = canvas?.dataset["time"] ?? "";
        if (time !== last) drawn++;
        last = time;
        dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        if (performance.now() < end) requestAnimationFrame(step);
        else resolve();
      };
      step();
    });
    return { drawn: drawn / seconds, ticks: ticks / seconds };
  }, SCRUB_SECONDS);
  console.log(
    `  scrubbing over ${blocks} blocks: ${frames.drawn.toFixed(0)} different maps a second, ${frames.ticks.toFixed(0)} frames a second, ${atLeast(frames.drawn, 50)} (50)`,
  );
  await page.close();
}

/** Bytes of a run, made before, sent at the speed at which they are said to happen. */
async function benchLive(browser: Browser, folder: string): Promise<void> {
  const chunks: Uint8Array[] = [];
  const encoder = new StreamEncoder((bytes) => chunks.push(bytes.slice()));
  const events = playResidents(encoder, EVENTS_PER_SECOND * LIVE_SECONDS);
  encoder.flush();
  const bytes = Buffer.concat(chunks);
  const server = createServer((socket) => {
    let sent = 0;
    const start = Date.now();
    const timer = setInterval(() => {
      const due = Math.min(bytes.length, Math.floor(((Date.now() - start) / 1000 / LIVE_SECONDS) * bytes.length));
      if (due > sent) socket.write(bytes.subarray(sent, due));
      sent = due;
      if (sent < bytes.length) return;
      clearInterval(timer);
      socket.end();
    }, 20);
    socket.on("error", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
  const output = join(folder, "live.memmap");
  const child = spawn(
    process.execPath,
    ["dist/memmap.cjs", "serve", `tcp://127.0.0.1:${port}`, "--port", "0", "--no-open", "-o", output],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const address = await new Promise<string>((resolve) => {
    const look = setInterval(() => {
      const found = /http:\S+/.exec(said)?.[0];
      if (found === undefined) return;
      clearInterval(look);
      resolve(found);
    }, 50);
  });
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForSelector(".shell", { timeout: 30_000 });
  const frames = await page.evaluate(async (seconds) => {
    let ticks = 0;
    let longest = 0;
    let last = performance.now();
    const end = last + seconds * 1000;
    await new Promise<void>((resolve) => {
      const step = (): void => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        ticks++;
        if (now < end) requestAnimationFrame(step);
        else resolve();
      };
      step();
    });
    return { perSecond: ticks / seconds, longest };
  }, LIVE_SECONDS - 5);
  await new Promise((resolve) => setTimeout(resolve, 8000));
  child.kill("SIGINT");
  await new Promise((resolve) => child.once("close", resolve));
  server.close();
  const { recording, close } = await openRecordingFile(output);
  const model = await openModel(recording);
  const { allocations, frees } = await model.totalsAt(model.span.to);
  const gaps = model.tables.gaps.length;
  close();
  console.log(
    `live at ${EVENTS_PER_SECOND} events a second: ${frames.perSecond.toFixed(0)} frames a second, ${atLeast(frames.perSecond, 30)} (30), the longest ${frames.longest.toFixed(0)} ms; ${events} events told, ${allocations + frees} recorded, ${gaps} gaps`,
  );
  await page.close();
}

function bundleSize(site: string): void {
  const index = readFileSync(join(site, "index.html"), "utf8");
  console.log(`the page loads ${[...index.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].length} files first`);
}

const [millions = "10", soakHours] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "memmap-page-"));
const site = await buildSite();
bundleSize(site);
const { address, server } = await serveFolder(site);
const browser = await launchBrowser({ width: 1440, height: 900 });
try {
  const path = join(folder, "long.memmap");
  await benchRecording(browser, address, path, makeRecording(path, Number(millions) * 1e6));
  await benchLive(browser, folder);
  if (soakHours !== undefined) {
    const soak = join(folder, "soak.memmap");
    const events = makeRecording(soak, Number(soakHours) * 3600 * 2000);
    const { page, first } = await open(browser, address, soak);
    await page.waitForTimeout(20_000);
    const memory = rendererMemory();
    console.log(
      `${(events / 1e6).toFixed(0)} M events, ${(statSync(soak).size / 1e9).toFixed(2)} GB: first view after ${(first / 1000).toFixed(2)} s, memory of the page ${(memory / 1e6).toFixed(0)} MB, ${limit(memory, 500e6)} (500 MB)`,
    );
  }
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
