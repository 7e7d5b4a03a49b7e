// Accidents of a boot: the same again only counts, what differs in any of its marks is another, and there are limits to all of it.
import { describe, expect, test } from "vitest";
import type { Incident } from "../wire/log-records.ts";
import { elsewhere, IncidentBook, type IncidentDraft } from "./incident-book.ts";
import { accountOf } from "../../test/told.ts";
import { ReportBuilder } from "./import-report.ts";

const draft = (line: number, more: Partial<IncidentDraft> = {}): IncidentDraft => ({ kind: "failed-allocation", line, quote: `line ${line}`, ...more }); // prettier-ignore
const book = (): IncidentBook => new IncidentBook(new ReportBuilder("a.log", "log"));

describe("the same again", () => {
  test("keeps the first line and its time, counts, and holds the least and the most that was free", () => {
    const incidents = book();
    const keys = [
      incidents.note(draft(5), 100),
      incidents.note(draft(6, { free: 50 }), 200),
      incidents.note(draft(7, { free: 90 }), 300),
      incidents.note(draft(8, { free: 40 }), 400),
      incidents.note(draft(9), 500),
    ];
    expect(new Set(keys).size).toBe(1);
    expect(incidents.inOrder()).toEqual([{ ...draft(5), time: 100, count: 5, lastLine: 9, free: 40, freeHighest: 90 }]);
    const plain = book();
    plain.note(draft(5), 1);
    plain.note(draft(6), 2);
    expect(plain.inOrder()).toEqual([{ ...draft(5), time: 1, count: 2, lastLine: 6 }]);
  });

  test.for<readonly [string, Partial<Incident>]>([
    ["kind", { kind: "abort" }],
    ["known", { known: "generic" }],
    ["component", { component: "net" }],
    ["function", { function: "f" }],
    ["size", { size: 1 }],
    ["caps", { caps: 1 }],
    ["address", { address: 1 }],
    ["detail", { detail: "x" }],
    ["site", { site: 1 }],
    ["found", { found: 1 }],
    ["task", { task: "ui" }],
  ])("is none where the %s differs", ([, other]) => {
    const incidents = book();
    expect(incidents.note(draft(5, other), 2)).not.toBe(incidents.note(draft(3), 1));
    expect(incidents.inOrder().map(({ line, count }) => [line, count])).toEqual([[3, 1], [5, 1]]); // prettier-ignore
  });

  test("is another heap trace, on each line", () => {
    const incidents = book();
    incidents.note(draft(5, { kind: "heap-trace" }), 1);
    incidents.note(draft(6, { kind: "heap-trace" }), 1);
    expect(incidents.inOrder()).toHaveLength(2);
  });
});

test("what else was said is kept, twelve lines of it, and completed at the end", () => {
  const incidents = book();
  const key = incidents.note(draft(5), 1);
  for (let i = 1; i <= 13; i++) incidents.alsoSaid(key, `line ${i}`);
  incidents.alsoSaid("unknown", "x");
  incidents.complete(({ line }) => ({ largest: line * 2 }));
  const also = Array.from({ length: 12 }, (_, i) => `line ${i + 1}`);
  expect(incidents.inOrder()).toEqual([{ ...draft(5), time: 1, count: 1, lastLine: 5, also, largest: 10 }]);
});

test("two thousand of a boot, of which the rest is counted", () => {
  const report = new ReportBuilder("a.log", "log");
  const incidents = new IncidentBook(report);
  for (let i = 1; i <= 2002; i++) incidents.note(draft(i, { size: i }), i);
  incidents.note(draft(9, { size: 1 }), 9);
  expect([incidents.inOrder().length, report.droppedRecords]).toEqual([2000, 2]);
});

test("beyond these crashes are counted by what they are, with sixty-four words for it, and known ones at their place", () => {
  const report = new ReportBuilder("a.log", "log");
  const incidents = new IncidentBook(report);
  const panic = (line: number, site: number, detail: string): void => {
    const details = (): Partial<IncidentDraft> => ({ registers: [`PC ${site}`] });
    incidents.note(draft(line, { kind: "panic", site, detail }), line, details);
  };
  for (let i = 1; i <= 1999; i++) panic(i, i, "a");
  expect(incidents.isFull).toBe(false);
  panic(2000, 2000, "a");
  expect(incidents.isFull).toBe(true);
  for (let i = 2001; i <= 2010; i++) panic(i, i, i % 2 === 0 ? "a" : "b");
  panic(3000, 1, "a");
  incidents.note(elsewhere(draft(3001, { kind: "panic", detail: "b", task: "ui" })), 1);
  incidents.note(elsewhere(draft(3002, { kind: "abort" })), 1);
  const facts = ["elsewhere 1"];
  expect(incidents.inOrder()[0]).toMatchObject({ site: 1, count: 2, lastLine: 3000, registers: ["PC 1"] });
  expect(incidents.inOrder().slice(2000)).toEqual([
    { ...draft(2001, { kind: "panic", detail: "b", facts }), time: 2001, count: 6, lastLine: 3001 },
    { ...draft(2002, { kind: "panic", detail: "a", facts }), time: 2002, count: 5, lastLine: 2010 },
  ]);
  expect(report.droppedRecords).toBe(1);
  for (let i = 0; i < 63; i++) panic(4000, 4000, `word ${i}`);
  expect([incidents.inOrder().length, report.droppedRecords]).toEqual([2064, 2]);
});

test("of a million sections a thousand are listed, the rest of each kind together", () => {
  const report = new ReportBuilder("a.log", "log");
  const section = (line: number, kind: "fault" | "heap dump", whole: boolean): void =>
    report.section({ kind, firstLine: line, lastLine: line + 1, records: 3, whole });
  for (let line = 1; line <= 1000; line++) section(line, "fault", true);
  section(1001, "fault", true);
  section(1002, "heap dump", true);
  section(1003, "fault", false);
  section(1004, "fault", true);
  const { sections } = report.finish();
  expect(sections).toHaveLength(1003);
  expect(sections.slice(1000)).toEqual([
    { kind: "fault", firstLine: 1001, lastLine: 1005, records: 6, whole: true, parts: 2 },
    { kind: "heap dump", firstLine: 1002, lastLine: 1003, records: 3, whole: true, parts: 1 },
    { kind: "fault", firstLine: 1003, lastLine: 1004, records: 3, whole: false, parts: 1 },
  ]);
});

test("an account lists a hundred damages, two hundred accidents and series, a thousand kinds of lines, and each hint once", () => {
  const report = new ReportBuilder("a.log", "log");
  expect(report.isEmpty).toBe(true);
  const incident = { ...draft(1), time: 0, count: 1, lastLine: 1 };
  const series = { id: 1, label: "x", quote: "x", line: 1, quantity: "free", memory: "any", unit: "bytes", scale: 1, readings: 1, timed: false } as const; // prettier-ignore
  for (let i = 1; i <= 102; i++) report.damage({ line: i, reason: "x" });
  expect([report.isEmpty, report.hasDamage("x"), report.hasDamage("y")]).toEqual([false, true, false]);
  for (let i = 1; i <= 203; i++) {
    report.incident(incident);
    report.series(series);
  }
  const kind = { line: 1, quote: "x", label: "x", count: 1, verdict: "x", taken: false };
  report.considered(Array.from({ length: 999 }, () => kind));
  report.considered([kind, kind, kind]);
  report.hint("a");
  report.hint("b");
  report.hint("a");
  const told = report.finish();
  expect([told.damage.length, told.omittedDamage, told.incidents.length, told.omittedIncidents, told.series.length, told.considered.length]).toEqual([100, 2, 200, 3, 200, 1000]); // prettier-ignore
  expect(told.hints).toEqual(["a", "b"]);
  expect([told.path, told.format, told.lines, told.events]).toEqual(["a.log", "log", undefined, 0]);
  expect(accountOf(told).at(-1)).toBe("account events=0 omittedDamage=2 droppedRecords=0 omittedIncidents=3");
  const events = new ReportBuilder("a", "log");
  events.events = 1;
  expect(events.isEmpty).toBe(false);
  const section = new ReportBuilder("a", "log");
  section.section({ kind: "fault", firstLine: 1, lastLine: 1, records: 1, whole: true });
  expect(section.isEmpty).toBe(false);
});
