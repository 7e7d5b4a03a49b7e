// The page in a real browser: the static site with every kind of file, the simulated board inside it, a serial port that misbehaves, `memmap serve`,
// the one-file report, links, keys, and strings that try to be markup. Every test also asserts that nothing complained in the console.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runCli, scratchFolder, startCli } from "../cli/run-cli.ts";
import { allNeedCommands } from "../toolchain.ts";
import { launchBrowser, serveFolder, type Browser } from "./chromium.ts";
import { installFakeSerial } from "./fake-serial.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { sharedData } from "../shared-data.ts";
import { hostileRecording, markup, recordBytes, scenarioBytes } from "./runs.ts";

allNeedCommands("chromium");

const folder = scratchFolder();
const demo = join(folder, "demo.memmap");
const views = ["map", "flame", "leaks", "faults", "failures", "blocks", "sites", "log", "compare"] as const;

let browser: Browser;
let site: { readonly address: string; readonly server: Server };

beforeAll(async () => {
  // In a process of its own: a bundler inside the test runner takes ten times as long.
  await promisify(execFile)(process.execPath, ["dist/tools/build-site.js"]);
  await runCli(["demo", "-o", demo], folder);
  site = await serveFolder("dist/site");
  browser = await launchBrowser({ width: 1280, height: 720 });
}, 400_000);
afterAll(async () => {
  await browser.close();
  site.server.close();
});
afterEach(async () => {
  const complaints = browser.complaints.splice(0);
  for (const page of browser.context.pages()) await page.close();
  expect(complaints).toEqual([]);
});

async function openDemo(hash = ""): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${site.address}${hash}`);
  await page.setInputFiles("#files", demo);
  await page.waitForSelector(".finding");
  return page;
}

/** What the status line says of the moment, when it has come to say so. */
async function waitForStatus(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => document.querySelector(".statusbar")?.textContent?.includes(wanted), text);
}

/** Every question of the view that is shown has its answer: it is asked with the click or key that shows the view. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('#panel[aria-busy="false"]');
}

describe("the static site", () => {
  test("a dropped recording shows its verdict, and every view something", async () => {
    const page = await openDemo();
    expect(await page.textContent(".findings h2")).toContain("5 errors");
    expect(await page.textContent(".topbar")).toContain("verified 182 of 182");
    for (const [index, view] of views.entries()) {
      await page.keyboard.press(String(index + 1));
      await page.waitForSelector(`#tab-${view}[aria-selected="true"]`);
      await page.waitForFunction(() => {
        const panel = document.querySelector("#panel");
        return (
          (panel?.textContent ?? "").length > 60 &&
          panel?.querySelector("canvas, table, .table, .log-line, .story") !== null
        );
      });
    }
  });

  test("the same numbers as on the command line", async () => {
    const at = "60s";
    const { out } = await runCli(["list", demo, "--json", "--at", at, "--filter", "task:http"], folder);
    const listed = JSON.parse(out) as { blocks: unknown[] };
    const page = await openDemo("#view=blocks&at=60&filter=task%3Ahttp");
    await page.waitForFunction(() =>
      /\d+ blocks?, /.test(document.querySelector(".bar strong + strong, .bar")?.textContent ?? ""),
    );
    const text = (await page.textContent("#panel .bar")) ?? "";
    expect(text).toContain(`${listed.blocks.length} blocks`);
    const report = JSON.parse((await runCli(["report", demo, "--json"], folder)).out) as {
      headline: string;
      findings: { title: string }[];
    };
    expect(await page.textContent(".findings h2")).toContain(report.headline);
    const titles = await page.locator(".finding h3").allTextContents();
    expect(titles).toEqual(report.findings.map(({ title }) => title));
  });

  test("a link reproduces what one saw, and back returns", async () => {
    const page = await openDemo("#view=sites&from=30&to=150&filter=size%3E100");
    await page.waitForSelector('#tab-sites[aria-selected="true"]');
    expect(await page.inputValue("#filter")).toBe("size>100");
    await waitForStatus(page, "0:30 – 2:30");
    await page.click("#tab-log");
    await page.waitForSelector('#tab-log[aria-selected="true"]');
    await page.goBack();
    await page.waitForSelector('#tab-sites[aria-selected="true"]');
    await page.goForward();
    await page.waitForSelector('#tab-log[aria-selected="true"]');
    expect(page.url()).toContain("view=log");
  });

  test("by keyboard alone: a finding, its proof, the moment, a filter that is wrong and one that is right", async () => {
    const page = await openDemo();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForSelector('#tab-faults[aria-selected="true"]');
    await page.keyboard.press("1");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("[");
    expect(page.url()).toContain("from=");
    await page.keyboard.press("Backspace");
    expect(page.url()).not.toContain("from=");
    await page.keyboard.press("/");
    await page.keyboard.type("colour:red");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".filter-error");
    expect(await page.textContent(".filter-error")).toContain("colour");
    await page.fill("#filter", "task:map");
    await page.keyboard.press("Enter");
    await waitForStatus(page, "match");
    await page.keyboard.press("Escape");
    await page.focus(".map-wrap canvas");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector(".card");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog[open]", { state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.type("1:3o");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog .error");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("0");
    await page.keyboard.press("Enter");
    await waitForStatus(page, "1:30.000");
  });

  test("what is typed right after a key finds the field that the key opened, however slow the machine is", async () => {
    const page = await openDemo();
    const focused = (key: string): Promise<string> =>
      page.evaluate(async (pressed) => {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: pressed, bubbles: true }));
        await Promise.resolve(); // no task, and so no further key, comes in between
        return document.activeElement?.outerHTML ?? "";
      }, key);
    expect(await focused("g")).toContain('list="marks"');
    await page.keyboard.press("Escape");
    expect(await focused("?")).toMatch(/^<dialog/);
    await page.keyboard.press("Escape");
    expect(await focused("/")).toContain('id="filter"');
  });

  test("captures, logs, other tools' files and what is none", async () => {
    writeFileSync(join(folder, "capture.bin"), await scenarioBytes("overflow"));
    const fixtures = "test/fixtures/import";
    for (const [file, said] of [
      [join(folder, "capture.bin"), "1 error"],
      [`${fixtures}/heaptrack-v3.zst`, "heaptrack"],
      [`${fixtures}/heap-trace-5.3-leaks.txt`, "log"],
      [`${fixtures}/corruption-panic.txt`, "error"],
    ] as const) {
      const page = await browser.newPage();
      await page.goto(site.address);
      await page.setInputFiles("#files", file);
      await page.waitForFunction(
        (wanted) => document.querySelector(".shell")?.textContent?.toLowerCase().includes(wanted),
        said,
      );
    }
    const page = await browser.newPage();
    await page.goto(site.address);
    await page.setInputFiles("#files", "package.json");
    await page.waitForSelector(".banner");
    expect(await page.textContent(".banner")).toContain("package.json");
  });

  test("two recordings dropped together are compared", async () => {
    const other = join(folder, "other.memmap");
    writeFileSync(other, recordBytes(await scenarioBytes("overflow")));
    const page = await browser.newPage();
    await page.goto(`${site.address}#view=compare&against=other`);
    await page.setInputFiles("#files", [demo, other]);
    await page.waitForSelector("#panel table.plain tbody tr");
    expect(await page.textContent("#panel")).toContain("other.memmap");
    expect(await page.textContent("#panel")).toContain("http_client.c:104 fetch_page");
  });

  test.skipIf(sharedData("systemview") === undefined)(
    "a SystemView file and the firmware's ELF: functions and lines",
    async () => {
      const files = ["heap_log_mcore.svdat", "sysview_tracing_heap_log.elf"];
      const page = await browser.newPage();
      await page.goto(`${site.address}#view=sites`);
      await page.setInputFiles(
        "#files",
        files.map((name) => sharedData(`systemview/${name}`) ?? ""),
      );
      await page.waitForFunction(() => document.querySelector(".topbar .facts")?.textContent?.includes("ELF"));
      await page.waitForFunction(() => /\.c:\d+ \w+/.test(document.querySelector("#panel .table")?.textContent ?? ""));
    },
  );

  test("a flame graph of what one range has more than another that was set aside", async () => {
    const page = await openDemo("#view=flame&from=0&to=30");
    await page.click("text=set this range aside");
    await page.waitForSelector("text=against 0:00–0:30");
    expect(page.url()).toContain("baseTo=30");
    await page.evaluate(() => (location.hash += "&from=120&to=150"));
    await waitForStatus(page, "2:00 – 2:30");
    await settled(page);
    // The table has the change of each place between the two.
    await page.waitForFunction(() => /\+\d/.test(document.querySelector(".flame-table")?.textContent ?? ""));
  });

  test("the first picture waits for nothing but itself", async () => {
    const page = await browser.newPage();
    const held: Route[] = [];
    await page.route(/worker-|\.wasm$/, (route) => void held.push(route));
    await page.goto(site.address, { waitUntil: "commit" });
    await page.waitForSelector("text=Start the board");
    for (const route of held) await route.abort();
    browser.complaints.splice(0); // that these did not come
  });

  test("the simulated board runs inside the page, and what it did can be saved", async () => {
    const page = await browser.newPage();
    await page.goto(site.address);
    await page.selectOption("select", "double-free");
    await page.click("text=Start the board");
    await page.waitForSelector(".finding.severity-error", { timeout: 60_000 });
    expect(page.url()).toContain("source=sim%3Adouble-free");
    await page.click("text=Save");
    const [saved] = await Promise.all([page.waitForEvent("download"), page.click(".menu-items button >> nth=0")]);
    const path = join(folder, "saved.memmap");
    await saved.saveAs(path);
    const { out, exitCode } = await runCli(["report", path], folder);
    expect(exitCode).toBe(0);
    expect(out.toLowerCase()).toContain("double free");
  });

  test("strings of the firmware are data and never markup", async () => {
    const name = "x<img src=x onerror=alert(1)>.memmap";
    mkdirSync(join(folder, "hostile"), { recursive: true });
    const path = join(folder, "hostile", name);
    writeFileSync(path, hostileRecording());
    const report = join(folder, "hostile.html");
    await runCli(["report", path, "--html", report], folder);
    const page = await browser.newPage();
    await page.goto(site.address);
    await page.setInputFiles("#files", path);
    for (const [open, address] of [
      ["the site", undefined],
      ["the report", `file://${report}`],
    ] as const) {
      if (address !== undefined) await page.goto(address);
      await page.waitForSelector(".finding");
      for (const view of views) {
        await page.click(`#tab-${view}`);
        await settled(page);
        const harm = await page.evaluate(() => ({
          hacked: "hacked" in window,
          images: document.querySelectorAll("img").length,
          scripts: [...document.querySelectorAll("script")].filter((one) => one.textContent?.includes("hacked=1"))
            .length,
        }));
        expect(harm, `${open}, ${view}`).toEqual({ hacked: false, images: 0, scripts: 0 });
      }
      expect(await page.textContent(".side")).toContain(markup.slice(0, 20));
    }
  });

  test("no serious violation of accessibility, in any view, light and dark", async () => {
    const axe = createRequire(import.meta.url).resolve("axe-core");
    const page = await openDemo();
    await page.addScriptTag({ path: axe });
    const found: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const view of views) {
        await page.click(`#tab-${view}`);
        await settled(page);
        // What only the theme changes is all that is looked at twice.
        const rules = scheme === "light" ? undefined : ["color-contrast"];
        found.push(...(await seriousViolations(page, rules)).map((one) => `${scheme} ${view}: ${one}`));
      }
    }
    expect(found).toEqual([]);
  });
});

test("the gallery: every part in every state draws something, and within its frame", async () => {
  const page = await browser.newPage();
  await page.goto(`${site.address}gallery.html`);
  await page.waitForSelector('.gallery section:nth-of-type(5) [data-part="status"]');
  const problems = (): Promise<string[]> =>
    page.evaluate(() => {
      const isBlank = (canvas: HTMLCanvasElement): boolean => {
        const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set(pixels === undefined ? [] : new Uint32Array(pixels.buffer));
        return colours.size < 2;
      };
      return [...document.querySelectorAll<HTMLElement>("[data-part]")].flatMap((part) => {
        const name = `${part.closest("section")?.querySelector("h2")?.textContent}: ${part.dataset["part"]}`;
        const said = (part.textContent ?? "").trim();
        return [
          ...(said === "" ? [`${name} is empty`] : []),
          ...(/undefined|NaN|\[object/.test(said) ? [`${name} says ${said}`] : []),
          ...(part.scrollWidth > part.clientWidth + 1 ? [`${name} is wider than its frame`] : []),
          ...([...part.querySelectorAll("canvas")].some(isBlank) ? [`${name} has a blank picture`] : []),
        ];
      });
    });
  await expect.poll(problems, { timeout: 20_000 }).toEqual([]);
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

async function seriousViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const { violations } = await page.evaluate(
    (runOnly) =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResult> } }).axe.run(
        runOnly === undefined ? {} : { runOnly },
      ),
    rules,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary?.slice(0, 240)}`);
}

test("a serial port that splits, stalls and disappears: everything is kept, and the board comes back", async () => {
  const bytes = await scenarioBytes("double-free");
  const page = await browser.newPage();
  await installFakeSerial(page);
  await page.goto(site.address);
  await page.click("text=Choose the port");
  const feed = (from: number, to: number, size: number): Promise<void> =>
    page.evaluate(
      ([text, each]) => (window as unknown as { feed(text: string, size: number): Promise<void> }).feed(text, each),
      [Buffer.from(bytes.subarray(from, to)).toString("latin1"), size] as const,
    );
  const third = Math.floor(bytes.length / 3);
  await feed(0, third, 7);
  await page.waitForSelector(".shell");
  await page.waitForFunction(() => /live \d/.test(document.querySelector(".statusbar")?.textContent ?? ""));
  await page.evaluate(() => (window as unknown as { unplug(): void }).unplug());
  await page.waitForFunction(() =>
    document.querySelector(".topbar")?.textContent?.includes("waiting for it to come back"),
  );
  await page.evaluate(() => (window as unknown as { plugIn(): void }).plugIn());
  await page.waitForFunction(() => document.querySelector(".topbar")?.textContent?.includes("live"));
  await feed(third, bytes.length, 4096);
  await page.waitForSelector(".finding.severity-error");
  expect(await page.textContent(".topbar")).toContain("verified");
});

test("serve: a simulated board live in two pages, a stranger refused, and an end in order", async () => {
  const running = startCli(["serve", "sim:demo", "--port", "0", "--no-open", "-o", "live.memmap"], folder);
  try {
    const address = await servedAddress(running);
    const page = await browser.newPage();
    await page.goto(address);
    await page.waitForSelector(".shell");
    await page.waitForFunction(() => document.querySelector(".topbar")?.textContent?.includes("live"));
    await page.waitForFunction(() =>
      / in [1-9]\d* blocks/.test(document.querySelector(".statusbar")?.textContent ?? ""),
    );
    const second = await browser.newPage();
    await second.goto(address);
    await second.waitForSelector(".shell");
    const stranger = await fetch(new URL("/recording", address), {
      headers: { origin: "http://evil.example", range: "bytes=0-15" },
    });
    expect(stranger.status).toBe(403);
    running.kill("SIGINT");
    const { exitCode } = await running.done;
    expect(exitCode).toBe(0);
    await page.waitForFunction(() => document.querySelector(".topbar")?.textContent?.includes("does not answer"));
    expect((await runCli(["report", "live.memmap"], folder)).exitCode).toBe(0);
    // The browser says itself that the server is gone; that is what this test is about.
    browser.complaints.splice(0);
  } finally {
    running.kill("SIGKILL");
  }
});

test("serve: a board that restarts and goes away: all is kept, the restart is shown, and the page goes on", async () => {
  const board = new ScriptedBoard();
  const sockets: Socket[] = [];
  const line = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  const { port } = line.address() as AddressInfo;
  const running = startCli(
    ["serve", `tcp://127.0.0.1:${port}`, "--port", "0", "--no-open", "-o", "board.memmap"],
    folder,
  );
  try {
    await expect.poll(() => sockets.length, { timeout: 20_000 }).toBe(1);
    sockets[0]?.write(board.boot(1).allocate(5).heartbeat().take());
    await expect.poll(() => running.err(), { timeout: 20_000 }).toMatch(/http:\S+/);
    const page = await browser.newPage();
    await page.goto(/http:\S+/.exec(running.err())?.[0] ?? "");
    await waitForStatus(page, " in 5 blocks");
    sockets[0]?.write(board.wait(1e6).boot(2).allocate(3).heartbeat().take());
    await waitForStatus(page, " in 3 blocks");
    await page.waitForSelector(".lane .restart");
    expect(await page.textContent(".topbar")).toContain("1× restarted");
    sockets[0]?.resetAndDestroy(); // as a line that breaks; one that is closed has ended
    await expect.poll(() => sockets.length, { timeout: 20_000 }).toBe(2);
    sockets[1]?.write(board.wait(1e6).allocate(4).heartbeat().take());
    await waitForStatus(page, " in 7 blocks");
    expect(await page.locator(".lane .restart").count()).toBe(1);
    running.kill("SIGINT");
    expect((await running.done).exitCode).toBe(0);
    await page.close();
    browser.complaints.splice(0); // the browser says itself that the server is gone
  } finally {
    running.kill("SIGKILL");
    for (const socket of sockets) socket.destroy();
    line.close();
  }
});

/** What `memmap serve` says its address is. */
async function servedAddress(running: ReturnType<typeof startCli>): Promise<string> {
  await expect.poll(() => running.err(), { timeout: 20_000 }).toMatch(/http:\S+/);
  return /http:\S+/.exec(running.err())?.[0] ?? "";
}

test("serve: a console log shows its findings and figures, and says what it cannot show; then its server ends", async () => {
  const log = Array.from({ length: 12 }, (_, i) => `chatter ${i}\nFree heap: ${90_000 - 1500 * i}`).join("\n");
  writeFileSync(join(folder, "console.log"), log);
  const running = startCli(["serve", "console.log", "--port", "0", "--no-open"], folder);
  try {
    const page = await browser.newPage();
    await page.goto(await servedAddress(running));
    await page.waitForSelector(".finding");
    expect(await page.textContent(".findings")).toContain("falls by about 1,500 B");
    expect(await page.textContent(".timeline table")).toContain("line 24");
    expect(await page.textContent(".statusbar")).not.toContain("0 blocks");
    for (const [index, view] of views.entries()) {
      await page.keyboard.press(String(index + 1));
      await page.waitForSelector(`#tab-${view}[aria-selected="true"]`);
      if (["map", "flame", "leaks", "blocks", "sites", "compare"].includes(view)) {
        await page.waitForSelector('[data-testid="no-blocks"]');
      }
    }
    await page.keyboard.press("8");
    await page.waitForFunction(() => document.querySelector(".log-line")?.textContent?.startsWith("1chatter 0"));
    running.kill("SIGINT");
    expect((await running.done).exitCode).toBe(0);
    // Each time after twice as long.
    await page.waitForFunction(() => document.querySelector(".topbar")?.textContent?.includes("Asked again in 4 s"));
    expect(await page.textContent(".findings")).toContain("falls by about 1,500 B");
    await page.close();
    browser.complaints.splice(0); // the browser says itself that the server is gone
  } finally {
    running.kill("SIGKILL");
  }
});

test("serve: what the user suppresses is expected in the page as on the command line", async () => {
  writeFileSync(join(folder, "expected.txt"), "# as many as there are\nleak:fetch_page\n");
  const options = ["--suppressions", "expected.txt"];
  const { out } = await runCli(["report", demo, "--json", ...options], folder);
  const { headline } = JSON.parse(out) as { headline: string };
  const running = startCli(["serve", demo, "--port", "0", "--no-open", ...options], folder);
  try {
    const page = await browser.newPage();
    await page.goto(await servedAddress(running));
    await page.waitForSelector(".finding");
    expect(headline).not.toContain("5 errors");
    expect(await page.textContent(".findings h2")).toBe(headline);
    await page.close();
  } finally {
    running.kill("SIGKILL");
    browser.complaints.splice(0);
  }
});

test("a damaged recording says what of it is lost, and shows the rest", async () => {
  const bytes = readFileSync(demo);
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 30_000);
  writeFileSync(join(folder, "damaged.memmap"), bytes);
  const { out } = await runCli(["report", "damaged.memmap", "--json"], folder);
  expect(out).toContain("damage");
  const page = await browser.newPage();
  await page.goto(site.address);
  await page.setInputFiles("#files", join(folder, "damaged.memmap"));
  await page.waitForSelector(".finding");
  await waitForStatus(page, "damage");
  await page.waitForSelector(".timeline .missing");
});

test("the start screen says what the verdict of the simulated board says", async () => {
  const start = await browser.newPage();
  await start.goto(site.address);
  const told = await start.$$eval(".promise li", (items) => items.map((item) => item.textContent ?? ""));
  const { out } = await runCli(["report", demo, "--json"], folder);
  const { findings } = JSON.parse(out) as { findings: { title: string; next: string }[] };
  expect(told.length).toBeGreaterThan(3);
  const isTold = (text: string): boolean =>
    findings.some(({ title, next }) => text.toLowerCase().startsWith(title.toLowerCase()) && text.endsWith(next));
  expect(told.filter((text) => !isTold(text))).toEqual([]);
});

test("the report in one file opens from file:// without network, and says what was folded", async () => {
  const report = join(folder, "report.html");
  const { out } = await runCli(["report", demo, "--html", report], folder);
  expect(out).toContain("5 errors");
  const page = await browser.newPage();
  await browser.context.setOffline(true);
  try {
    await page.goto(`file://${report}`);
    await page.waitForSelector(".finding");
    expect(await page.textContent(".findings h2")).toContain("5 errors");
    for (const view of views) {
      await page.click(`#tab-${view}`);
      await page.waitForFunction(() => (document.querySelector("#panel")?.textContent ?? "").length > 60);
    }
    await page.keyboard.press("?");
    expect(await page.textContent("dialog")).toContain("kept at");
  } finally {
    await browser.context.setOffline(false);
  }
});

test("a redacted report holds no name of the source", async () => {
  const report = join(folder, "redacted.html");
  await runCli(["report", demo, "--html", report, "--redact"], folder);
  const page = await browser.newPage();
  await page.goto(`file://${report}`);
  await page.waitForSelector(".finding");
  let text = "";
  for (const view of views) {
    await page.click(`#tab-${view}`);
    await settled(page);
    text += await page.evaluate(() => document.getElementById("app")?.innerHTML ?? "");
  }
  for (const name of [
    "http_client.c",
    "fetch_page",
    "session_cache",
    "decode_tile",
    "outline",
    "camera_start",
    "demo.memmap",
  ]) {
    expect(text).not.toContain(name);
  }
  expect(text).toContain("Redacted");
});
