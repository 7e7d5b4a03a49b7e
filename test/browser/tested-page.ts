// What the browser's tests share: Chromium, the built site behind a web server, the demo's recording; and that nothing complains in the console.
import { execFile } from "node:child_process";
import type { Server } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { runCli, scratchFolder } from "../cli/run-cli.ts";
import { allNeedCommands } from "../toolchain.ts";
import { launchBrowser, serveFolder, type Browser } from "./chromium.ts";

export const views = ["map", "flame", "leaks", "faults", "failures", "blocks", "sites", "log", "compare"] as const;

export interface TestedPage {
  /** For files, gone after the tests. */
  readonly folder: string;
  /** The recording of `memmap demo`. */
  readonly demo: string;
  readonly browser: Browser;
  /** Of the site. */
  readonly address: string;
  /** The site with the demo, when its verdict is there. */
  openDemo(hash?: string): Promise<Page>;
}

/** Called once in a test file: starts all before its tests, and closes each test's pages. */
export function testedPage(): TestedPage {
  allNeedCommands("chromium");
  const folder = scratchFolder();
  const demo = join(folder, "demo.memmap");
  let browser: Browser | undefined;
  let site: { readonly address: string; readonly server: Server } | undefined;
  beforeAll(async () => {
    // In a process of its own: a bundler inside the test runner takes ten times as long.
    await promisify(execFile)(process.execPath, ["dist/tools/build-site.js"]);
    await runCli(["demo", "-o", demo], folder);
    site = await serveFolder("dist/site");
    browser = await launchBrowser({ width: 1280, height: 720 });
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });
  afterEach(async () => {
    const complaints = browser?.complaints.splice(0);
    // The first one, which is blank, stays: with the last page goes the window, and a window costs as much as all that a test does.
    for (const page of browser?.context.pages().slice(1) ?? []) await page.close();
    expect(complaints).toEqual([]);
  });
  const started = <T>(it: T | undefined): T => {
    if (it === undefined) throw new Error("before the first test");
    return it;
  };
  return {
    folder,
    demo,
    get browser() {
      return started(browser);
    },
    get address() {
      return started(site).address;
    },
    async openDemo(hash = "") {
      const page = await this.browser.newPage();
      await page.goto(`${this.address}${hash}`);
      await page.setInputFiles("#files", demo);
      await page.waitForSelector(".finding");
      return page;
    },
  };
}

/** What the status line says of the moment, when it has come to say so. */
export async function waitForStatus(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => document.querySelector(".statusbar")?.textContent?.includes(wanted), text);
}

/** Every question of the view that is shown has its answer: it is asked with the click or key that shows the view. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('#panel[aria-busy="false"]');
}
