// Where the page's bytes come from: every kind of file, the simulated board inside it, a serial port that misbehaves. Every test also asserts that nothing complained in the console.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Route } from "playwright-core";
import { expect, test } from "vitest";
import { runCli } from "../cli/run-cli.ts";
import { atLength, covered } from "../length.ts";
import { installFakeSerial } from "./fake-serial.ts";
import { sharedData } from "../shared-data.ts";
import { recordBytes, scenarioBytes } from "./runs.ts";
import { testedPage } from "./tested-page.ts";

const on = testedPage();

test("captures, logs, other tools' files and what is none", async () => {
  writeFileSync(join(on.folder, "capture.bin"), await scenarioBytes("overflow"));
  const fixtures = "test/fixtures/import";
  const kinds = [
    [join(on.folder, "capture.bin"), "1 error"],
    ...atLength({
      short: [],
      long: [
        [`${fixtures}/heaptrack-v3.zst`, "heaptrack"],
        [`${fixtures}/heap-trace-5.3-leaks.txt`, "log"],
      ],
    } as const),
    [`${fixtures}/corruption-panic.txt`, "error"],
  ] as const;
  for (const [file, said] of kinds) {
    const page = await on.browser.newPage();
    await page.goto(on.address);
    await page.setInputFiles("#files", file);
    await page.waitForFunction(
      (wanted) => document.querySelector(".shell")?.textContent?.toLowerCase().includes(wanted),
      said,
    );
  }
  const page = await on.browser.newPage();
  await page.goto(on.address);
  await page.setInputFiles("#files", "package.json");
  await page.waitForSelector(".banner");
  expect(await page.textContent(".banner")).toContain("package.json");
  covered(`${kinds.length} kinds of files, and one that is none`);
});

test("two recordings dropped together are compared", async () => {
  const other = join(on.folder, "other.memmap");
  writeFileSync(other, recordBytes(await scenarioBytes("overflow")));
  const page = await on.browser.newPage();
  await page.goto(`${on.address}#view=compare&against=other`);
  await page.setInputFiles("#files", [on.demo, other]);
  await page.waitForSelector("#panel table.plain tbody tr");
  expect(await page.textContent("#panel")).toContain("other.memmap");
  expect(await page.textContent("#panel")).toContain("http_client.c:104 fetch_page");
});

test.skipIf(sharedData("systemview") === undefined)(
  "a SystemView file and the firmware's ELF: functions and lines",
  async () => {
    const files = ["heap_log_mcore.svdat", "sysview_tracing_heap_log.elf"];
    const page = await on.browser.newPage();
    await page.goto(`${on.address}#view=sites`);
    await page.setInputFiles(
      "#files",
      files.map((name) => sharedData(`systemview/${name}`) ?? ""),
    );
    await page.waitForFunction(() => document.querySelector(".topbar .facts")?.textContent?.includes("ELF"));
    await page.waitForFunction(() => /\.c:\d+ \w+/.test(document.querySelector("#panel .table")?.textContent ?? ""));
  },
);

test("the first picture waits for nothing but itself", async () => {
  const page = await on.browser.newPage();
  const held: Route[] = [];
  await page.route(/worker-|\.wasm$/, (route) => void held.push(route));
  await page.goto(on.address, { waitUntil: "commit" });
  await page.waitForSelector("text=Start the board");
  for (const route of held) await route.abort();
  on.browser.complaints.splice(0); // that these did not come
});

test("the simulated board runs inside the page, and what it did can be saved", async () => {
  const page = await on.browser.newPage();
  await page.goto(on.address);
  await page.selectOption("select", "double-free");
  await page.click("text=Start the board");
  await page.waitForSelector(".finding.severity-error", { timeout: 60_000 });
  expect(page.url()).toContain("source=sim%3Adouble-free");
  await page.click("text=Save");
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click(".menu-items button >> nth=0")]);
  const path = join(on.folder, "saved.memmap");
  await saved.saveAs(path);
  const { out, exitCode } = await runCli(["report", path], on.folder);
  expect(exitCode).toBe(0);
  expect(out.toLowerCase()).toContain("double free");
});

test("a serial port that splits, stalls and disappears: everything is kept, and the board comes back", async () => {
  const bytes = await scenarioBytes("double-free");
  const page = await on.browser.newPage();
  await installFakeSerial(page);
  await page.goto(on.address);
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
  covered(`${bytes.length} bytes over a port that stalls and disappears`);
});
