// The report in one file, with and without names; and strings of the firmware that try to be markup, in the report and on the site. Every test also asserts that nothing complained in the console.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../cli/run-cli.ts";
import { atLength, covered } from "../length.ts";
import { hostileRecording, markup } from "./runs.ts";
import { settled, testedPage, views } from "./tested-page.ts";

const on = testedPage();
/** What most of the page comes from, or all. */
const looked = atLength<readonly (typeof views)[number][]>({ short: ["map", "sites", "log"], long: views });

test("strings of the firmware are data and never markup", async () => {
  const name = "x<img src=x onerror=alert(1)>.memmap";
  mkdirSync(join(on.folder, "hostile"), { recursive: true });
  const path = join(on.folder, "hostile", name);
  writeFileSync(path, hostileRecording());
  const report = join(on.folder, "hostile.html");
  await runCli(["report", path, "--html", report], on.folder);
  const page = await on.browser.newPage();
  let seen = 0;
  await page.goto(on.address);
  await page.setInputFiles("#files", path);
  for (const [open, address] of [
    ["the site", undefined],
    ["the report", `file://${report}`],
  ] as const) {
    if (address !== undefined) await page.goto(address);
    await page.waitForSelector(".finding");
    for (const view of looked) {
      await page.click(`#tab-${view}`);
      await settled(page);
      const harm = await page.evaluate(() => ({
        hacked: "hacked" in window,
        images: document.querySelectorAll("img").length,
        scripts: [...document.querySelectorAll("script")].filter((one) => one.textContent?.includes("hacked=1")).length,
      }));
      expect(harm, `${open}, ${view}`).toEqual({ hacked: false, images: 0, scripts: 0 });
      seen++;
    }
    expect(await page.textContent(".side")).toContain(markup.slice(0, 20));
  }
  covered(`${seen} views with strings that are markup`);
});

test("the report in one file opens from file:// without network, and says what was folded", async () => {
  const report = join(on.folder, "report.html");
  const { out } = await runCli(["report", on.demo, "--html", report], on.folder);
  expect(out).toContain("5 errors");
  const page = await on.browser.newPage();
  await on.browser.context.setOffline(true);
  try {
    await page.goto(`file://${report}`);
    await page.waitForSelector(".finding");
    expect(await page.textContent(".findings h2")).toContain("5 errors");
    for (const view of looked) {
      await page.click(`#tab-${view}`);
      await page.waitForFunction(() => (document.querySelector("#panel")?.textContent ?? "").length > 60);
    }
    await page.keyboard.press("?");
    expect(await page.textContent("dialog")).toContain("kept at");
    covered(`${looked.length} views without network`);
  } finally {
    await on.browser.context.setOffline(false);
  }
});

test("a redacted report holds no name of the source", async () => {
  const report = join(on.folder, "redacted.html");
  await runCli(["report", on.demo, "--html", report, "--redact"], on.folder);
  const page = await on.browser.newPage();
  await page.goto(`file://${report}`);
  await page.waitForSelector(".finding");
  let text = "";
  for (const view of looked) {
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
  covered(`${text.length} characters of ${looked.length} redacted views`);
});
