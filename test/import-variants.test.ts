// The same log as different terminal programs, hurried copies and other tasks leave it: what is whole comes over all the same, and what is
// not is said with its line.
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import type { InputReport } from "../src/import/import-report.ts";
import { importFile } from "../src/import/recognize.ts";

const folder = new URL("./fixtures/import/", import.meta.url);
const logs = readdirSync(folder).filter((name) => name.endsWith(".txt"));

interface Imported {
  readonly report: InputReport;
  /** Live at the end, with their call sites. */
  readonly live: readonly unknown[];
  readonly boots: number;
}

async function imported(text: string): Promise<Imported> {
  const recorder = new RunRecorder();
  const { inputs } = await importFile([{ name: "a.log", bytes: new TextEncoder().encode(text) }], recorder);
  const [report] = inputs;
  if (report === undefined) throw new Error("no report");
  const { state, tables } = recorder;
  const live = [...state.slotsByAddress()].map((slot) => {
    const { callers, file, line } = tables.sites[state.blocks.site[slot] ?? 0] ?? {};
    return [state.blocks.address[slot], state.blocks.size[slot], callers, file, line];
  });
  return { report, live, boots: tables.boots.length };
}

/** What the terminal's clock adds. */
function withoutTimes({ incidents, series, ...report }: InputReport): unknown {
  return {
    ...report,
    lines: 0,
    incidents: incidents.map((incident) => ({ ...incident, time: 0 })),
    series: series.map((one) => ({ ...one, timed: false })),
  };
}

const perLine = (text: string, change: (line: string, index: number) => string): string =>
  text.split("\n").map(change).join("\n");

const variants: Readonly<Record<string, (text: string) => string>> = {
  "CR LF": (text) => text.replaceAll("\n", "\r\n"),
  colours: (text) => perLine(text, (line) => (line === "" ? line : `\u001b[0;32m${line}\u001b[0m`)),
  "the monitor's time": (text) => perLine(text, (line, i) => `2026-03-01 12:34:${10 + (i % 50)} ${line}`),
  "PlatformIO's time": (text) => perLine(text, (line, i) => `12:34:${10 + (i % 50)}.125 > ${line}`),
  "tio's time": (text) => perLine(text, (line, i) => `[12:34:${10 + (i % 50)}.125] ${line}`),
  "date and time in brackets": (text) => perLine(text, (line, i) => `[2026-03-01 12:34:${10 + (i % 50)}.125] ${line}`),
  "ts's time": (text) => perLine(text, (line, i) => `Mar  1 12:34:${10 + (i % 50)} ${line}`),
};

describe.each(logs)("%s", (name) => {
  const text = readFileSync(new URL(name, folder), "utf8");
  let plain: Imported;
  beforeAll(async () => {
    plain = await imported(text);
  });

  test.each(Object.entries(variants))("with %s", async (_, change) => {
    const changed = await imported(change(text));
    expect(changed.live).toEqual(plain.live);
    expect(withoutTimes(changed.report)).toEqual(withoutTimes(plain.report));
  });

  test("with lines of other tasks in between", async () => {
    // Not before the time that the log itself has reached: clocks do not run back.
    const mixed = await imported(perLine(text, (line, i) => (i % 2 === 0 ? line : `${line}\nW (1) wifi: beacon ${i}`)));
    expect(mixed.live).toEqual(plain.live);
    // What two starts of the board both tell of is told of both.
    const eventsOf = ({ report }: Imported): number => report.events - report.incidents.length;
    expect(eventsOf(mixed)).toBe(eventsOf(plain));
  });

  test("twice in one file: two boots, each with all of it", async () => {
    const banner = "ESP-ROM:esp32c3-api1-20210207\nrst:0x3 (RTC_SW_SYS_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)\n";
    const twice = await imported(`${banner}${text}\n${banner}${text}`);
    expect(twice.boots).toBe(2 * (await imported(`${banner}${text}`)).boots);
    expect(twice.report.events).toBe(2 * plain.report.events);
    expect(twice.live).toEqual(plain.live);
  });

  test("cut anywhere: no more than before the cut, and a section that has an end says that it is missing", async () => {
    const lines = text.split("\n");
    for (let kept = 1; kept < lines.length; kept++) {
      const cut = await imported(lines.slice(0, kept).join("\n")).catch(() => undefined);
      if (cut === undefined) continue; // nothing of ours before the cut
      expect(cut.report.events).toBeLessThanOrEqual(plain.report.events);
      const open = plain.report.sections.find(
        ({ kind, firstLine, lastLine }) =>
          (kind === "heap trace" || kind === "heap info") && firstLine <= kept && kept < lastLine - 3,
      );
      if (open === undefined) continue;
      expect(cut.report.sections.find(({ firstLine }) => firstLine === open.firstLine)).toMatchObject({ whole: false });
      expect(cut.report.damage.some(({ line = 0 }) => line >= open.firstLine && line <= kept)).toBe(true);
    }
  });
});

test("UTF-16, as PowerShell writes it", async () => {
  const text = readFileSync(new URL("heap-trace-5.3-leaks.txt", folder), "utf8");
  const bytes = new Uint8Array(Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, "utf16le")]));
  const recorder = new RunRecorder();
  await importFile([{ name: "a.log", bytes }], recorder);
  expect(recorder.state.liveBlocks).toBe((await imported(text)).live.length);
});

test("a core dump in a log is not imported, and said with its lines and what reads it", async () => {
  const trace = readFileSync(new URL("heap-trace-5.0-all.txt", folder), "utf8");
  const dump = "================= CORE DUMP START =================\ntCQAAAIBAAA=\nf0VMRgEBAQAA\n";
  const { report } = await imported(`${trace}${dump}================= CORE DUMP END =================\n`);
  const at = trace.split("\n").length;
  expect(report.damage).toEqual([{ line: at, reason: `a core dump, up to line ${at + 3}` }]);
  expect(report.hints.join()).toContain("esp-coredump");
  expect(report.events).toBe((await imported(trace)).report.events);
});

test("a heaptrack file in a format from the future is refused, not half understood", async () => {
  const bytes = new TextEncoder().encode("v 10900 9\nX app\n+ 0\n");
  await expect(importFile([{ name: "h", bytes }], new RunRecorder())).rejects.toMatchObject({
    code: "import-newer-format",
    message: "h is a heaptrack recording in file format 9",
  });
  const oldest = new TextEncoder().encode("v 10000 0\nX app\ns main\ni 400 1\nt 1 0\na 10 1\n+ 0\nc 5\n- 0\n+ 0\n");
  const recorder = new RunRecorder();
  const { events } = await importFile([{ name: "h", bytes: oldest }], recorder);
  expect([events, recorder.state.liveBytes]).toEqual([3, 16]);
});
