// The views of the page: what each shows, links to it, keys, the numbers of the command line, and what damage has cost. Every test also asserts that nothing complained in the console.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../cli/run-cli.ts";
import { settled, testedPage, views, waitForStatus } from "./tested-page.ts";

const on = testedPage();

test("a dropped recording shows its verdict, and every view something", async () => {
  const page = await on.openDemo();
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
  const { out } = await runCli(["list", on.demo, "--json", "--at", at, "--filter", "task:http"], on.folder);
  const listed = JSON.parse(out) as { blocks: unknown[] };
  const page = await on.openDemo("#view=blocks&at=60&filter=task%3Ahttp");
  await page.waitForFunction(() =>
    /\d+ blocks?, /.test(document.querySelector(".bar strong + strong, .bar")?.textContent ?? ""),
  );
  const text = (await page.textContent("#panel .bar")) ?? "";
  expect(text).toContain(`${listed.blocks.length} blocks`);
  const report = JSON.parse((await runCli(["report", on.demo, "--json"], on.folder)).out) as {
    headline: string;
    findings: { title: string }[];
    totals: { peakTime: number };
  };
  expect(await page.textContent(".findings h2")).toContain(report.headline);
  const titles = await page.locator(".finding h3").allTextContents();
  expect(titles).toEqual(report.findings.map(({ title }) => title));
  await page.keyboard.press("g");
  await page.keyboard.type("peak");
  await page.keyboard.press("Enter");
  const peak = `at=${Math.round(report.totals.peakTime) / 1e6}`;
  await page.waitForFunction((wanted) => location.hash.split("&").includes(wanted), peak);
});

test("a link reproduces what one saw, and back returns", async () => {
  const page = await on.openDemo("#view=sites&from=30&to=150&filter=size%3E100");
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
  const page = await on.openDemo();
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
  const page = await on.openDemo();
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

test("a flame graph of what one range has more than another that was set aside", async () => {
  const page = await on.openDemo("#view=flame&from=0&to=30");
  await page.click("text=set this range aside");
  await page.waitForSelector("text=against 0:00–0:30");
  expect(page.url()).toContain("baseTo=30");
  await page.evaluate(() => (location.hash += "&from=120&to=150"));
  await waitForStatus(page, "2:00 – 2:30");
  await settled(page);
  // The table has the change of each place between the two.
  await page.waitForFunction(() => /\+\d/.test(document.querySelector(".flame-table")?.textContent ?? ""));
});

test("a damaged recording says what of it is lost, and shows the rest", async () => {
  const bytes = readFileSync(on.demo);
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 30_000);
  writeFileSync(join(on.folder, "damaged.memmap"), bytes);
  const { out } = await runCli(["report", "damaged.memmap", "--json"], on.folder);
  expect(out).toContain("damage");
  const page = await on.browser.newPage();
  await page.goto(on.address);
  await page.setInputFiles("#files", join(on.folder, "damaged.memmap"));
  await page.waitForSelector(".finding");
  await waitForStatus(page, "damage");
  await page.waitForSelector(".timeline .missing");
});

test("the start screen says what the verdict of the simulated board says", async () => {
  const start = await on.browser.newPage();
  await start.goto(on.address);
  const told = await start.$$eval(".promise li", (items) => items.map((item) => item.textContent ?? ""));
  const { out } = await runCli(["report", on.demo, "--json"], on.folder);
  const { findings } = JSON.parse(out) as { findings: { title: string; next: string }[] };
  expect(told.length).toBeGreaterThan(3);
  const isTold = (text: string): boolean =>
    findings.some(
      ({ title, next }) =>
        text.toLowerCase().startsWith(title.toLowerCase()) && text.endsWith(next.replaceAll("`", "")), // code, there
    );
  expect(told.filter((text) => !isTold(text))).toEqual([]);
});
