// What the first figures of many starts say together, and what several boards say.
import { describe, expect, test } from "vitest";
import type { Finding } from "../finding.ts";
import { ofBoards, type BoardFindings } from "./board-findings.ts";
import type { FigureRule } from "./figure-rules.ts";
import { type Judged, pointsOf } from "./judged.ts";
import { overBoots } from "./over-boots.ts";
import type { LogSeries } from "./read-series.ts";
import { trendOf } from "./trend.ts";

describe("over starts", () => {
  /** One run's series. */
  function run(boot: number, values: readonly number[], more: Partial<LogSeries> = {}): Judged {
    const lines = values.map((_, i) => 100 * boot + i + 1);
    const series: LogSeries = {
      ...{ boot, label: "Free heap", quote: "Free heap: 1", line: lines[0] ?? 0, lastLine: lines.at(-1) ?? 0 },
      ...{ quantity: "free", memory: "any", unit: "bytes", readings: values.length, stretch: 1, times: [], lines, values },
      ...more,
    }; // prettier-ignore
    return { series, trend: trendOf(pointsOf(series)) };
  }
  const starts = (values: readonly number[], more?: Partial<LogSeries>): Judged[] =>
    values.map((value, boot) => run(boot, [value], more));
  const title = (judged: readonly Judged[]): string | undefined => overBoots(judged)?.title;

  test("figures that stay, are one, or fall", () => {
    expect(title(starts([100_000, 101_000, 99_000, 100_500]))).toBe(
      "free heap stays between 99,000 B and 101,000 B at each of 4 starts: nothing adds up from one to the next",
    );
    expect(title(starts([100_000, 100_000, 100_000, 100_000]))).toBe(
      "free heap is 100,000 B at each of 4 starts: nothing adds up from one to the next",
    );
    const falling = overBoots(starts(Array.from({ length: 12 }, (_, i) => 100_000 - 1000 * i)));
    expect(falling).toMatchObject({
      ...{ rule: "log-readings", severity: "note", confidence: 0.5, fingerprint: "log-readings|starts" },
      title: "free heap is less at each start: from 100,000 B to 89,000 B over 12 starts",
      log: { line: 1, quote: "Free heap: 1" },
    });
    expect(falling?.evidence[0]).toBe("“Free heap”, lines 1 to 1101, by about 1,000 B from one start to the next");
  });

  test("take four starts, each with few figures, of which the first counts", () => {
    const level = [5000, 5000, 5000, 5000];
    expect([title(starts(level.slice(1))), title(starts(level))].map((one) => one !== undefined)).toEqual([false, true]);
    const withMore = (count: number): Judged[] => [...starts(level.slice(1)), run(9, [5000, ...Array.from({ length: count - 1 }, () => 1)])];
    expect(title(withMore(3))).toContain("is 5,000 B at each of 4 starts");
    expect(overBoots(withMore(3))?.evidence[0]).toBe("“Free heap”, lines 1 to 901");
    expect(title(withMore(4))).toBeUndefined();
  }); // prettier-ignore

  test("are of one wording and memory, the one that was told most often, and of what is free", () => {
    const often = starts([7000, 7000, 7000, 7000, 7000], { label: "Heap" });
    expect(title([...starts([5000, 5000, 5000, 5000]), ...often])).toContain("is 7,000 B at each of 5 starts");
    expect(title([...often, ...starts([5000, 5000, 5000, 5000])])).toContain("is 7,000 B at each of 5 starts");
    const psram = starts([9000, 9000], { memory: "psram" });
    expect(title([...starts([5000, 5000]), ...psram])).toBeUndefined();
    expect(title(starts([5000, 5000, 5000, 5000], { quantity: "used" }))).toBeUndefined();
    expect(title([])).toBeUndefined();
  });
});

describe("of several boards", () => {
  type Figures = Finding<FigureRule>;
  const finding = (rule: FigureRule, more: Partial<Figures> = {}): Figures => ({
    ...{ rule, severity: "warning", confidence: 0.8, title: `${rule} here`, evidence: ["seen"], next: "look" },
    ...{ sites: [], blocks: [], fingerprint: rule },
    ...more,
  });
  const leak = (bytes: number, more: Partial<Figures> = {}): Figures => finding("leak", { bytes, ...more });
  const steady = finding("log-readings", { title: "steady" });
  const board = (name: string | undefined, ...findings: readonly Figures[]): BoardFindings => ({
    board: name,
    findings,
  });
  const said = (...each: readonly BoardFindings[]): string[] =>
    ofBoards(each).map(({ title, evidence }) => [title, ...evidence].join(" / "));

  test("each finding names its board, the log's own lines none", () => {
    expect(said(board("attic", finding("low-memory")), board(undefined, finding("fragmentation")))).toEqual([
      "on attic, low-memory here / seen",
      "fragmentation here / seen",
    ]);
    expect(ofBoards([board("attic", steady)]).map(({ fingerprint }) => fingerprint)).toEqual(["log-readings|attic"]);
    expect(ofBoards([board(undefined, steady)]).map(({ fingerprint }) => fingerprint)).toEqual(["log-readings|"]);
  });

  test("what several have in common is told once, of the worst", () => {
    expect(said(board("a", leak(10)), board("b", leak(30)), board("c", leak(20)))).toEqual([
      "on b, leak here / seen / So it is on another board: on c, leak here / So it is on another board: on a, leak here / All 3 boards of this log do so: it is in what they have in common",
    ]);
    const soon = (likely: number): Figures => finding("low-memory", { expected: { earliest: 0, likely, latest: 9e9 } });
    expect(said(board("a", soon(30)), board("b", soon(20)))[0]).toContain("on b, low-memory here / seen / So it is on another board: on a,");
    const left = (bytes: number): Figures => finding("fragmentation", { bytes });
    expect(said(board("a", left(30)), board("b", left(20)))[0]).toContain("on b, ");
    expect(said(board("a", leak(10, { expectedReadings: 5 })), board("b", leak(99, { expectedReadings: 6 })))[0]).toContain("on a, ");
  }); // prettier-ignore

  test("four others are named, more are counted", () => {
    const boards = (count: number): BoardFindings[] =>
      Array.from({ length: count }, (_, i) => board(`b${i}`, finding("fragmentation", { bytes: i })));
    const evidence = (count: number): readonly string[] => ofBoards(boards(count))[0]?.evidence ?? [];
    expect(evidence(5).slice(1).map((one) => one.slice(0, 29))).toEqual(Array.from({ length: 4 }, () => "So it is on another board: on"));
    expect(evidence(6).slice(5)).toEqual(["And on 1 more board"]);
    expect(evidence(7).slice(5)).toEqual(["And on 2 more boards"]);
  }); // prettier-ignore

  test("steady ones are told where no board does worse, and stand beside those that lose", () => {
    expect(said(board("a", steady), board("b", steady))).toEqual([
      "on a, steady / seen / So it is on another board: on b, steady",
    ]);
    expect(said(board("a", leak(1)), board("b", steady))).toEqual([
      "on a, leak here / seen / Another board of this log loses nothing: what a does and that does not is where to look",
    ]);
    expect(said(board(undefined, leak(1)), board("b", steady), board("c", steady))[0]).toContain(
      "2 other boards of this log lose nothing: what this one does and those do not is where to look",
    );
    expect(said(board("a", leak(2)), board("b", leak(1)), board("c", steady))[0]).toContain(
      "Another board of this log loses nothing: what these do and that does not is where to look",
    );
    expect(said(board("a", leak(2)), board("b", leak(1)))[0]).toContain("Both boards of this log do so");
    // One of which nothing is heard is none.
    expect(said(board("a", leak(2)), board("b"))).toEqual(["on a, leak here / seen"]);
    // Of others than leaks nothing is compared.
    expect(said(board("a", finding("low-memory")), board("b", steady))).toEqual(["on a, low-memory here / seen"]);
  });
});
