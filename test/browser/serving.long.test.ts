// The page with what takes its time or belongs to somebody else: an ELF's names, a large file whose opening is cancelled, a page that reads nothing
// of what it asked for.
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { assertDefined } from "../../src/base/assert.ts";
import { openRecordingFile } from "../../src/capture/recording-file.ts";
import { openModel } from "../../src/heap/model.ts";
import { openSymbols } from "../../src/symbols/index.ts";
import { startCli } from "../cli/run-cli.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { fixture } from "../symbols/fixtures.ts";
import { recordBytes, stackRecording } from "./runs.ts";
import { settled, testedPage } from "./tested-page.ts";
import { covered, onlyLong } from "../length.ts";

const on = testedPage();

/** Of one call in which two others are inlined. */
function inlinedCall(elf: Uint8Array): number {
  const symbols = openSymbols(elf);
  const [poll] = symbols.find("poll_sensor");
  const { address, size } = assertDefined(poll, "poll_sensor");
  for (let at = address; at < address + size; at++) if (symbols.symbolize(symbols.callSite(at)).length === 3) return at;
  throw new Error("nothing is inlined");
}

/** What every view says of a place in the code. */
async function expectNames(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector(".topbar .facts")?.textContent?.includes("ELF"));
  await page.keyboard.press("7");
  await page.waitForFunction(() => document.querySelector("#panel")?.textContent?.includes("app.c:50 reading_create"));
  await page.keyboard.press("2");
  await settled(page);
  await page.waitForFunction(() =>
    ["poll_sensor", "record", "reading_create"].every((name) =>
      document.querySelector("#panel")?.textContent?.includes(name),
    ),
  );
}

test("an ELF that is dropped onto a run gives it functions, components and inlined frames", async () => {
  const elf = fixture("riscv");
  const call = inlinedCall(elf);
  writeFileSync(join(on.folder, "stack.memmap"), stackRecording([call]));
  const page = await on.browser.newPage();
  await page.goto(`${on.address}#view=sites`);
  await page.setInputFiles("#files", join(on.folder, "stack.memmap"));
  await page.waitForFunction(
    (text) => document.querySelector("#panel")?.textContent?.includes(text),
    `0x${call.toString(16)}`,
  );
  await page.setInputFiles("#files", "test/symbols/fixtures/riscv.elf");
  await expectNames(page);
});

test("serve --elf: every page that looks has the names", async () => {
  const elf = fixture("riscv");
  writeFileSync(join(on.folder, "served.memmap"), stackRecording([inlinedCall(elf)]));
  writeFileSync(join(on.folder, "app.elf"), elf);
  const running = startCli(["serve", "served.memmap", "--elf", "app.elf", "--port", "0", "--no-open"], on.folder);
  try {
    await expect.poll(() => running.err(), { timeout: 20_000 }).toMatch(/http:\S+/);
    const page = await on.browser.newPage();
    await page.goto(/http:\S+/.exec(running.err())?.[0] ?? "");
    await expectNames(page);
    await page.close();
  } finally {
    running.kill("SIGKILL");
    on.browser.complaints.splice(0); // the browser says itself that the server is gone
  }
});

onlyLong(() => {
  test("the opening of a large file can be cancelled: it is said, and what was open before is there", async () => {
    const short = join(on.folder, "short.memmap");
    const capture = new ScriptedBoard().boot().allocate(30_000).free(30_000).heartbeat().take();
    const page = await on.browser.newPage();
    await page.goto(on.address);
    const dropLarge = (): Promise<void> =>
      page.evaluate(async (encoded) => {
        // Pressed as soon as it is there, however slow whoever drives the browser is.
        const watch = new MutationObserver(() => {
          const cancel = document.querySelector<HTMLButtonElement>(".progress button");
          if (cancel === null) return;
          watch.disconnect();
          cancel.click();
        });
        watch.observe(document.body, { childList: true, subtree: true });
        const part = await (await fetch(`data:application/octet-stream;base64,${encoded}`)).blob();
        const files = new DataTransfer();
        files.items.add(
          new File(
            Array.from({ length: 200 }, () => part),
            "large.bin",
          ),
        );
        const input = document.querySelector<HTMLInputElement>("#files");
        if (input === null) return;
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }, Buffer.from(capture).toString("base64"));
    await dropLarge();
    await page.waitForSelector(".banner");
    expect(await page.textContent(".banner")).toContain("Cancelled: reading large.bin");
    await page.waitForSelector(".start");
    writeFileSync(short, recordBytes(new ScriptedBoard().boot().allocate(5).doubleFree().wait(1e6).heartbeat().take()));
    await page.setInputFiles("#files", short);
    await page.waitForSelector(".finding");
    await dropLarge();
    await page.waitForFunction(() => document.querySelector(".banner")?.textContent?.includes("Cancelled"));
    await page.waitForSelector(".finding");
    expect(await page.textContent(".topbar")).toContain("short.memmap");
    covered(`${capture.length * 200} bytes whose opening was cancelled twice`);
  });
});

onlyLong(() => {
  test("pages that read nothing of what they asked for slow neither the recording nor a page that reads", async () => {
    const board = new ScriptedBoard();
    const lines: Socket[] = [];
    const line = createServer((socket) => lines.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
    const { port } = line.address() as AddressInfo;
    const running = startCli(
      ["serve", `tcp://127.0.0.1:${port}`, "--port", "0", "--no-open", "-o", "live.memmap"],
      on.folder,
    );
    const stalled: Socket[] = [];
    try {
      await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(1);
      const send = (bytes: Uint8Array): Promise<void> =>
        new Promise((resolve) => void assertDefined(lines[0], "line").write(bytes, () => resolve()));
      await send(board.boot().allocate(1).take());
      await expect.poll(() => running.err(), { timeout: 20_000 }).toMatch(/http:\S+/);
      const address = new URL(/http:\S+/.exec(running.err())?.[0] ?? "");
      const text = `${"what a board says, again and again ".repeat(3)}\n`.repeat(20_000);
      let told = 1;
      for (let round = 0; round < 6; round++) {
        await send(board.text(text).wait(1e6).allocate(2000).free(1000).heartbeat().take());
        told += 3000;
        for (let i = 0; i < 20; i++) {
          const socket = connect(Number(address.port), address.hostname).on("error", () => undefined);
          socket.pause();
          const path = i === 0 ? "/events" : "/recording";
          socket.write(`GET ${path} HTTP/1.1\r\nHost: ${address.host}\r\nRange: bytes=0-\r\n\r\n`);
          stalled.push(socket);
        }
      }
      const { blocks } = board.live;
      const page = await on.browser.newPage();
      await page.goto(address.href);
      await page.waitForFunction(
        (count) =>
          document.querySelector(".statusbar")?.textContent?.replaceAll(",", "").includes(`in ${count} blocks`),
        blocks,
      );
      const memory = readFileSync(`/proc/${running.pid}/status`, "utf8");
      expect(Number(/VmRSS:\s+(\d+)/.exec(memory)?.[1]) / 1024).toBeLessThan(400);
      await page.close();
      running.kill("SIGINT");
      expect((await running.done).exitCode).toBe(0);
      const { recording, close } = await openRecordingFile(join(on.folder, "live.memmap"));
      const model = await openModel(recording);
      const { allocations, frees } = await model.totalsAt(model.span.to);
      close();
      expect(allocations + frees).toBe(told);
      expect(model.tables.gaps).toEqual([]);
      covered(`${told} events beside ${stalled.length} pages that read nothing`);
      on.browser.complaints.splice(0); // the browser says itself that the server is gone
    } finally {
      running.kill("SIGKILL");
      for (const socket of [...stalled, ...lines]) socket.destroy();
      line.close();
    }
  });
});

test("a log without figures says so, and code in a sentence is code", async () => {
  const panic = [
    "Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled.",
    "MEPC    : 0x42001234  RA      : 0x42001230  SP      : 0x3fc90000  GP      : 0x3fc80000",
    "MCAUSE  : 0x00000007  MTVAL   : 0x00000000  MHARTID : 0x00000000",
  ];
  writeFileSync(join(on.folder, "panic.log"), panic.join("\n"));
  const page = await on.browser.newPage();
  await page.goto(on.address);
  await page.setInputFiles("#files", join(on.folder, "panic.log"));
  await page.waitForSelector(".finding .next-step code");
  expect(await page.textContent(".finding .next-step")).not.toContain("`");
  await page.waitForFunction(() =>
    document.querySelector(".timeline")?.textContent?.includes("No line of this log tells"),
  );
  await page.keyboard.press("5");
  await page.waitForFunction(() =>
    document.querySelector("#panel")?.textContent?.includes("The log says of no request"),
  );
});
