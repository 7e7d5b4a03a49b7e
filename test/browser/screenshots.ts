// Pictures of each view for docs/, from the demo: `npm run screenshots`. Look at them before committing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Page } from "playwright-core";
import { join } from "node:path";
import { buildSite } from "../../tools/build-site.ts";
import { launchBrowser, serveFolder } from "./chromium.ts";
import { recordBytes, scenarioBytes } from "./runs.ts";

const pictures: readonly (readonly [string, string, "light" | "dark"])[] = [
  ["map", "#view=map&finding=4&makers=1&at=150", "dark"],
  ["map-light", "#view=map&finding=4&makers=1&at=150", "light"],
  ["flame", "#view=flame", "dark"],
  ["leaks", "#view=leaks&finding=5", "dark"],
  ["faults", "#view=faults&finding=1", "light"],
  ["failures", "#view=failures&finding=4", "light"],
  ["blocks", "#view=blocks&filter=task%3Ahttp", "light"],
  ["sites", "#view=sites", "light"],
  ["log", "#view=log&search=failed", "light"],
  ["compare", "#view=compare&from=30&to=150", "dark"],
];

/** As WebP, which is a quarter of PNG; the browser itself knows how. */
async function keep(page: Page, name: string): Promise<void> {
  const png = (await page.screenshot()).toString("base64");
  const webp = await page.evaluate(async (data) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
    const bytes = new Uint8Array(
      await (await canvas.convertToBlob({ type: "image/webp", quality: 0.86 })).arrayBuffer(),
    );
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }, png);
  writeFileSync(join(target, `${name}.webp`), Buffer.from(webp, "latin1"));
}

const folder = mkdtempSync(join(tmpdir(), "memmap-pictures-"));
const target = "docs/images";
mkdirSync(target, { recursive: true });
const demo = join(folder, "demo.memmap");
writeFileSync(demo, recordBytes(await scenarioBytes("demo")));
const { address, server } = await serveFolder(await buildSite());
const browser = await launchBrowser({ width: 1280, height: 800 });
try {
  const start = await browser.newPage();
  await start.goto(address);
  await keep(start, "start");
  for (const [name, hash, scheme] of pictures) {
    const page = await browser.newPage();
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(`${address}${hash}`);
    await page.setInputFiles("#files", demo);
    await page.waitForSelector(".finding");
    await page.waitForTimeout(1500);
    await keep(page, name);
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
