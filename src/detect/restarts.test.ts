// What counts as a restart that nobody asked for, and which of the lines before it are told.
import { expect, test } from "vitest";
import { incident } from "../../test/incidents.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import type { Window } from "../heap/types.ts";
import type { Teller } from "../wire/teller.ts";
import { detect } from "./run.ts";

const PANIC = 4;
const ABORT = "abort() was called at PC 0x40081234 on core 0";

interface Told {
  readonly times: number;
  readonly lines: readonly string[];
}

/** How often each restart is told, and its lines. */
async function restartsOf(play: (sink: Teller) => void, window?: Window): Promise<readonly Told[]> {
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    play(sink);
  });
  const { findings } = await detect(await openModel(run), { group: "faults", ...(window !== undefined && { window }) });
  return findings
    .filter(({ rule }) => rule === "restart")
    .map(({ evidence, blockCount = 0 }) => {
      const lines = evidence.filter((sentence) => sentence.startsWith("  ")).map((line) => line.trim());
      return { times: blockCount, lines };
    });
}

const lives = (sink: Teller, until: number): void => sink.alloc(until, 0x3ffb_0104, 8, 0, 0, 0);
const say = (sink: Teller, ...lines: readonly string[]): void => {
  sink.text(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
};
const reboots = (sink: Teller, resetReason?: number, bootId = 2): void => {
  sink.record({ kind: "boot", value: { ...testBoot, bootId, ...(resetReason !== undefined && { resetReason }) } });
};

/** The lines that are told of a panic after these. */
async function linesOf(...said: readonly string[]): Promise<readonly string[] | undefined> {
  const [first] = await restartsOf((sink) => {
    lives(sink, 5e6);
    say(sink, ...said);
    reboots(sink, PANIC);
  });
  return first?.lines;
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `I app: line ${from + i}`);

test("told are the last six lines; of a board that says how it dies, three before that and it with two more", async () => {
  expect(await linesOf(...numbered(1, 8))).toEqual(numbered(3, 8));
  expect(await linesOf(...numbered(1, 5), ABORT, ...numbered(6, 10))).toEqual([...numbered(3, 5), ABORT, ...numbered(6, 7)]);
  expect(await linesOf(ABORT, ...numbered(1, 8))).toEqual([ABORT, ...numbered(1, 2)]);
  expect(await linesOf(...numbered(1, 1), ABORT, ...numbered(2, 8))).toEqual([...numbered(1, 1), ABORT, ...numbered(2, 3)]);
  expect(await linesOf(ABORT, ...numbered(1, 3), "Guru Meditation Error: Core 0 panic'ed")).toEqual([...numbered(1, 3), "Guru Meditation Error: Core 0 panic'ed"]);
}); // prettier-ignore

test("what the next boot says is not told", async () => {
  expect(await linesOf(...numbered(1, 2), "ets Jul 29 2019 12:21:46", ...numbered(3, 4))).toEqual(numbered(1, 2));
  expect(await linesOf("ESP-ROM:esp32s3-20210327", ...numbered(1, 2))).toEqual([]);
  expect(await linesOf(ABORT, "Rebooting...", ...numbered(1, 2))).toEqual([ABORT]);
  expect(await linesOf("Rebooting...", ABORT, ...numbered(1, 1))).toEqual(["Rebooting...", ABORT, ...numbered(1, 1)]);
});

test("lines belong to it that were said in the ten seconds before, and in its own boot", async () => {
  const before = (age: number): Promise<readonly Told[]> =>
    restartsOf((sink) => {
      lives(sink, 5e6);
      say(sink, "I app: hello");
      lives(sink, 5e6 + age);
      reboots(sink, PANIC);
    });
  expect(await before(10e6)).toEqual([{ times: 1, lines: ["I app: hello"] }]);
  expect(await before(10e6 + 1)).toEqual([{ times: 1, lines: [] }]);
  const atStart = await restartsOf((sink) => {
    say(sink, "I app: first");
    reboots(sink, PANIC);
    lives(sink, 1);
    say(sink, "I app: second");
    reboots(sink, 5, 3);
  });
  expect(atStart.map(({ lines }) => lines)).toEqual([["I app: first"], ["I app: second"]]);
});

test("a window has the restarts at both of its ends", async () => {
  const within = (from: number, to: number): Promise<readonly Told[]> =>
    restartsOf(
      (sink) => {
        lives(sink, 5e6);
        reboots(sink, PANIC);
        lives(sink, 4e6);
      },
      { from, to },
    );
  const told = await Promise.all([within(5e6, 6e6), within(5e6 + 1, 6e6), within(1e6, 5e6), within(1e6, 5e6 - 1)]);
  expect(told.map(({ length }) => length)).toEqual([1, 0, 1, 0]);
});

test("of a board that restarts all the time, the first twenty are read", async () => {
  const told = await restartsOf((sink) => {
    for (let i = 0; i < 22; i++) {
      lives(sink, 1e6);
      say(sink, ABORT);
      reboots(sink, undefined, i + 2);
    }
  });
  expect(told.map(({ times }) => times)).toEqual([20]);
});

test("what a console log tells of a boot, or of the same words in another boot, is not told again", async () => {
  const quoted = (quote: string, isSameBoot = false): Promise<readonly Told[]> =>
    restartsOf((sink) => {
      const { boot: _, ...value } = incident("abort", { quote, time: 1e6 });
      lives(sink, 5e6);
      say(sink, `${ABORT}: out of memory in the task that serves requests`);
      if (isSameBoot) sink.record({ kind: "incident", value });
      reboots(sink);
      if (!isSameBoot) sink.record({ kind: "incident", value });
    });
  const sixty = `${ABORT}: out of memory in`.slice(0, 60);
  const told = await Promise.all([
    quoted("another", true),
    quoted("another"),
    quoted(""),
    quoted(ABORT),
    quoted(`?${ABORT}`),
    quoted(`${sixty}…`),
    quoted(`${sixty.slice(0, 59)}…`),
  ]);
  expect(sixty).toHaveLength(60);
  expect(told.map(({ length }) => length)).toEqual([0, 1, 1, 0, 1, 0, 1]);
});

test("a board dies in the words of any part of ESP-IDF; warnings and the ROM's account of the start are none", async () => {
  const toldOf = (line: string): Promise<readonly Told[]> =>
    restartsOf((sink) => {
      lives(sink, 5e6);
      say(sink, "I app: hello", line);
    });
  for (const line of [
    "Guru Meditation Error: Core  0 pani",
    "***ERROR*** A stack overflow in task main has been detected.",
    "Stack smashing detected.",
    "ESP_ERROR_CHECK failed: esp_err_t 0x101 (ESP_ERR_NO_MEM) at 0x400d1234",
    "Interrupt watchdog timeout on CPU0",
    "thread 'main' panicked at src/main.rs:20:5:",
  ])
    expect((await toldOf(line)).length, line).toBe(1);
  for (const line of [
    "rst:0x10 (RTCWDT_RTC_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)",
    "I app: watchdog fed, stack high water 320",
    "ESP_ERROR_CHECK_WITHOUT_ABORT failed: esp_err_t 0x103 (ESP_ERR_INVALID_STATE) at 0x400d1234",
  ])
    expect(await toldOf(line), line).toEqual([]);
});

test("where the ROM tells of a watchdog, the words before it are what the board said last", async () => {
  const died = "Guru Meditation Error: Core  1 panic'ed (Interrupt wdt timeout on CPU1)";
  expect(await linesOf(died, ...numbered(1, 4), "ESP-ROM:esp32s3-20210327", "rst:0x7 (TG0WDT_SYS_RST)")).toEqual([
    died,
    ...numbered(1, 2),
  ]);
});
