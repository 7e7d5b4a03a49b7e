// `memmap serve` and its page: live in several pages, boards that restart, logs, suppressions. Every test also asserts that nothing complained in the console.
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, startCli } from "../cli/run-cli.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { testedPage, views, waitForStatus } from "./tested-page.ts";

const on = testedPage();

/** What `memmap serve` says its address is. */
async function servedAddress(running: ReturnType<typeof startCli>): Promise<string> {
  await expect.poll(() => running.err(), { timeout: 20_000 }).toMatch(/http:\S+/);
  return /http:\S+/.exec(running.err())?.[0] ?? "";
}

test("serve: a simulated board live in two pages, a stranger refused, and an end in order", async () => {
  const running = startCli(["serve", "sim:demo", "--port", "0", "--no-open", "-o", "live.memmap"], on.folder);
  try {
    const address = await servedAddress(running);
    const page = await on.browser.newPage();
    await page.goto(address);
    await page.waitForSelector(".shell");
    await page.waitForFunction(() => document.querySelector(".topbar")?.textContent?.includes("live"));
    await page.waitForFunction(() =>
      / in [1-9]\d* blocks/.test(document.querySelector(".statusbar")?.textContent ?? ""),
    );
    const second = await on.browser.newPage();
    await second.goto(address);
    await second.waitForSelector(".shell");
    const stranger = await fetch(new URL("/recording", address), {
      headers: { origin: "http://evil.example", range: "bytes=0-15" },
    });
    expect(stranger.status).toBe(403);
    running.kill("SIGINT");
    const { exitCode } = await running.done;
    expect(exitCode, running.err()).toBe(0);
    await page.waitForFunction(() => document.querySelector(".topbar")?.textContent?.includes("does not answer"));
    expect((await runCli(["report", "live.memmap"], on.folder)).exitCode).toBe(0);
    // The browser says itself that the server is gone; that is what this test is about.
    on.browser.complaints.splice(0);
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
    on.folder,
  );
  try {
    await expect.poll(() => sockets.length, { timeout: 20_000 }).toBe(1);
    sockets[0]?.write(board.boot(1).allocate(5).heartbeat().take());
    await expect.poll(() => running.err(), { timeout: 20_000 }).toMatch(/http:\S+/);
    const page = await on.browser.newPage();
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
    on.browser.complaints.splice(0); // the browser says itself that the server is gone
  } finally {
    running.kill("SIGKILL");
    for (const socket of sockets) socket.destroy();
    line.close();
  }
});

test("serve: a console log shows its findings and figures, and says what it cannot show; then its server ends", async () => {
  const log = Array.from({ length: 12 }, (_, i) => `chatter ${i}\nFree heap: ${90_000 - 1500 * i}`).join("\n");
  writeFileSync(join(on.folder, "console.log"), log);
  const running = startCli(["serve", "console.log", "--port", "0", "--no-open"], on.folder);
  try {
    const page = await on.browser.newPage();
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
    on.browser.complaints.splice(0); // the browser says itself that the server is gone
  } finally {
    running.kill("SIGKILL");
  }
});

test("serve: what the user suppresses is expected in the page as on the command line", async () => {
  writeFileSync(join(on.folder, "expected.txt"), "# as many as there are\nleak:fetch_page\n");
  const options = ["--suppressions", "expected.txt"];
  const { out } = await runCli(["report", on.demo, "--json", ...options], on.folder);
  const { headline } = JSON.parse(out) as { headline: string };
  const running = startCli(["serve", on.demo, "--port", "0", "--no-open", ...options], on.folder);
  try {
    const page = await on.browser.newPage();
    await page.goto(await servedAddress(running));
    await page.waitForSelector(".finding");
    expect(headline).not.toContain("5 errors");
    expect(await page.textContent(".findings h2")).toBe(headline);
    await page.close();
  } finally {
    running.kill("SIGKILL");
    on.browser.complaints.splice(0);
  }
});
