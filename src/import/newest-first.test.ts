// Logs that begin with their newest line.
import { expect, test } from "vitest";
import { ReportBuilder } from "./import-report.ts";
import { inOrder } from "./newest-first.ts";

async function read(text: string): Promise<{ readonly text: string; readonly remarks: number }> {
  const report = new ReportBuilder("a.log", "log");
  const bytes = new TextEncoder().encode(text);
  const halves = [bytes.subarray(0, 101), bytes.subarray(101)];
  const chunks = await inOrder(() => halves, report);
  let told = "";
  for await (const chunk of chunks()) told += new TextDecoder().decode(chunk);
  return { text: told, remarks: report.finish().remarks?.length ?? 0 };
}
const line = (minute: number, words = "free heap 1"): string =>
  `2026-01-05 10:${String(minute).padStart(2, "0")}:00 ${words}\n`;
const rows = (minutes: readonly number[]): string => minutes.map((minute) => line(minute)).join("");
const up = Array.from({ length: 12 }, (_, i) => i + 10);
const down = [...up].reverse();

test("are turned, a table's header stays, and lines without a time go with the one before", async () => {
  expect(await read(rows(down))).toEqual({ text: rows(up), remarks: 1 });
  expect(await read(`time free\n${rows(down)}`)).toEqual({ text: `time free\n${rows(up)}`, remarks: 1 });
  expect(await read(line(59, "panic") + "Backtrace: 0x1\n" + rows(down))).toEqual({
    text: rows(up) + line(59, "panic") + "Backtrace: 0x1\n",
    remarks: 1,
  });
  expect(await read(rows(down).slice(0, -1))).toEqual({ text: rows(up), remarks: 1 });
});

test("others stay as they are: in order, restarts, two boards in turn, too few", async () => {
  const mixed = up.flatMap((minute) => [minute + 20, minute]);
  for (const minutes of [up, [...up, ...up], mixed, down.slice(0, 8), up.map(() => 10)])
    expect(await read(rows(minutes))).toEqual({ text: rows(minutes), remarks: 0 });
});
