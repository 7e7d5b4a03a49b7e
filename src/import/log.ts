// A console log: every reader of a text format sees every line that may concern it, because one log may hold several of them. Two passes: the
// first learns boots and decoded addresses, which stand after the lines that name them. The text itself passes through to the sink unchanged.

import type { EventSink } from "../wire/events.ts";
import { TIME_WORDS } from "./block-clock.ts";
import { TELLING_NUMBERS } from "./failed-allocation-text.ts";
import type { Asks } from "./failed-allocation-reader.ts";
import type { ReportBuilder } from "./import-report.ts";
import type { Importer, ImportOptions } from "./importer.ts";
import type { KnownLine, LineMemo } from "./line-memo.ts";
import { LineReader } from "./line-reader.ts";
import { KnownLines } from "./known-lines.ts";
import { LastLines } from "./last-lines.ts";
import { type Codes, codesOf, Interest, LineShape, mayBeWarning, TellingNumbers } from "./line-interest.ts";
import { type Chunks, firstPass, type Learned } from "./log-first-pass.ts";
import { LogRun, type SectionReader } from "./log-run.ts";
import { readerMakers } from "./section-readers.ts";
import { SeriesCollector } from "./log-series.ts";
import type { SeriesLine } from "./series-line.ts";
import type { LineOf, LogLine } from "./log-text.ts";
import { mayBeLog } from "./is-text.ts";
import { inOrder } from "./newest-first.ts";
import { neededOf, tellsOfFigures } from "./needed-words.ts";
import { NeedleFinder, Needles } from "./needle-finder.ts";
import { PassedLine } from "./passed-line.ts";
import { SameBoots } from "./same-boots.ts";
import { SeriesEmitter } from "./series-emitter.ts";
import { StackMarks } from "./stack-marks.ts";
import { tellNothing } from "./nothing-told.ts";
import { ToldTimes } from "./told-times.ts";

export const consoleLog = {
  format: "log",
  title: "console log",
  takes:
    "console logs of any kind that tell of memory: free heap, failed allocations, corruption, panics, heap traces and dumps",
  recognize: mayBeLog,
  import: async ([{ chunks, report, options }], sink) =>
    importLog(await inOrder(chunks, report), sink, report, options),
} as const satisfies Importer;

export async function importLog(
  chunks: Chunks,
  sink: EventSink,
  report: ReportBuilder,
  options: ImportOptions = {},
): Promise<void> {
  const learned = await firstPass(chunks);
  const { lineOf } = learned;
  const pass = new SecondPass(sink, report, options, learned);
  const second = new LineReader(
    (bytes, start, end) => pass.line(bytes, start, end, second.number),
    options.withText === false ? undefined : (bytes) => sink.text(bytes),
    () => pass.hole(second.number),
  );
  for await (const chunk of chunks()) second.push(chunk);
  second.finish();
  pass.finish();
  if (report.isEmpty) await tellNothing(chunks, lineOf, report, options);
}

class SecondPass {
  private readonly run: LogRun;
  private readonly lineOf: LineOf;
  private readonly memo: LineMemo;
  private readonly starts: Learned["overview"]["starts"];
  private readonly lastLines: LastLines;
  private readonly stacks: StackMarks;
  private readonly options: ImportOptions;
  private readonly report: ReportBuilder;
  private readonly interest: Interest;
  /** Of `neededOf`. */
  private readonly needles: NeedleFinder;
  /** All of its lines hold figures. */
  private readonly isStamped: boolean;
  /** Of the figures that the user names, one group. */
  private readonly named: NeedleFinder | undefined;
  /** The first group of `ASKED_OF_LINES`, and of each of these the groups that a line must hold as well. */
  private readonly firstAsked: number;
  private readonly askedToo: readonly (readonly number[])[];
  /** The groups of lines that may hold figures, and that may go with them. */
  private readonly figures: number;
  private readonly beside: number;
  /** The groups that the header of a long table needs, all of them. */
  private readonly header: readonly number[];
  /** Of each reader the groups that a line must hold as well. */
  private readonly readersToo: readonly (readonly number[])[];
  private readers: readonly SectionReader[] = [];
  private series: SeriesCollector;
  private times: ToldTimes;
  private number = 0;
  /** Shapes of lines that no reader takes and that hold no figure: another one is only counted, until the next boot. */
  private counted = new Map<number, { readonly count: (line: number) => void; readonly codes: Codes }>();
  /** Lines of figures that are read again by where these stand, until the next boot. */
  private readonly known: KnownLines;
  private readonly shape = new LineShape();
  private readonly passed: PassedLine;
  private readonly same = new SameBoots();

  constructor(
    sink: EventSink,
    report: ReportBuilder,
    options: ImportOptions,
    { lineOf, memo, overview, contentNumber, isStamped }: Learned,
  ) {
    this.lineOf = lineOf;
    this.memo = memo;
    this.passed = new PassedLine(lineOf);
    this.starts = overview.starts;
    this.isStamped = isStamped;
    this.known = new KnownLines(lineOf);
    this.run = new LogRun(sink, report, overview, contentNumber);
    this.times = new ToldTimes(this.run);
    this.lastLines = new LastLines(lineOf);
    this.stacks = new StackMarks(lineOf);
    this.run.lastLines = this.lastLines;
    this.run.stackTold = (task) => this.stacks.of(task);
    this.options = options;
    this.report = report;
    const patterns = (options.series ?? []).map(({ pattern }) => pattern.toLowerCase());
    this.interest = new Interest(
      (text) => isStamped || tellsOfFigures(text) || patterns.some((pattern) => text.toLowerCase().includes(pattern)),
    );
    this.series = this.newSeries();
    this.readers = this.readersOf();
    const needed = neededOf(this.readers);
    this.figures = needed.figures;
    this.beside = needed.beside;
    this.header = needed.header;
    this.readersToo = needed.readersToo;
    this.firstAsked = needed.firstAsked;
    this.askedToo = needed.askedToo;
    this.needles = new NeedleFinder(needed.needles);
    if (patterns.length > 0) this.named = new NeedleFinder(new Needles([patterns]));
  }

  /** The beginning of a line is lost. */
  hole(line: number): void {
    this.report.damage({ line, reason: "zero bytes where text was lost" });
  }

  line(bytes: Uint8Array, start: number, end: number, number: number): void {
    const isStart = this.run.startsBoot(number) || this.starts.has(number);
    if (this.same.isFollowing) {
      if (!isStart && this.same.follows(this.memo.find(bytes, start, end), this.run)) return;
      this.giveUpFollowing();
    }
    this.readLine(bytes, start, end, number, isStart);
  }

  private giveUpFollowing(): void {
    const { lines, from, tale } = this.same.giveUp();
    this.run.tale = tale;
    for (const [i, { bytes }] of lines.entries()) this.readLine(bytes, 0, bytes.length, from + i, i === 0);
  }

  private readLine(bytes: Uint8Array, start: number, end: number, number: number, isStart: boolean): void {
    this.number = number;
    const { run, shape, needles } = this;
    if (isStart || run.reading !== undefined) {
      const isTaken = !isStart && run.reading?.goesOnInBytes?.(bytes, start, end, number) === true;
      if (isTaken) this.same.note(undefined);
      else this.readRecurring(bytes, start, end, true);
      return;
    }
    shape.of(bytes, start, end);
    if (this.readAgain(bytes, start, end)) return;
    this.lastLines.note(bytes, start, end, number);
    if (this.stacks.note(shape.shape, bytes, start, end, number)) this.same.note(undefined);
    if (run.boot.isBrief === true) {
      this.readRecurring(bytes, start, end, false);
      return;
    }
    const counted = this.series.readsRows ? undefined : this.counted.get(shape.shape);
    if (counted !== undefined && !CODES.someIn(shape, bytes, counted.codes)) {
      counted.count(number);
      this.passed.note(number, bytes, start, end);
      return;
    }
    needles.look(bytes, start, end);
    this.named?.look(bytes, start, end);
    let line: LogLine | undefined;
    const mayBeTaken = this.mayBeTaken();
    if (counted !== undefined) {
      // Other numbers may make it an accident; if not, it is one more of its kind.
      if (mayBeTaken) line = this.lineOf(bytes.subarray(start, end), number);
      if (line === undefined || !this.mayBeTaken(line)) {
        counted.count(number);
        this.passed.note(number, bytes, start, end);
        return;
      }
    }
    if (!this.series.readsRows && !mayBeTaken) {
      const isKnown = this.isInteresting(bytes, start, end);
      if (isKnown === false) {
        this.passed.note(number, bytes, start, end);
        return;
      }
      line = this.lineOf(bytes.subarray(start, end), number);
      // What the program itself calls a warning may be an accident in any words.
      const words = `${line.isWarning === true ? "error" : ""} ${line.tags.join(" ")}: ${line.text}`;
      if (isKnown === undefined && !this.interest.learn(shape.shape, words)) {
        this.passed.noteLine(line);
        return;
      }
    }
    line ??= this.lineOf(bytes.subarray(start, end), number);
    const seen = this.read(line);
    if (seen !== undefined) this.learn(bytes, start, end, line, seen);
  }

  private readonly makers = readerMakers({ run: () => this.run, series: () => this.series, asks: () => this.asks });
  /** A boot's line, or one of an accident: most of these come again to the letter. */
  private readRecurring(bytes: Uint8Array, start: number, end: number, isToRead: boolean): void {
    const { memo, needles, number } = this;
    const known = memo.find(bytes, start, end);
    needles.look(bytes, start, end, known);
    const line =
      isToRead || this.same.isReading || this.mayBeTaken() ? memo.line(known, bytes, start, end, number) : undefined;
    if (line !== undefined && (isToRead || this.mayBeTaken())) this.read(line, known);
    else this.passed.note(number, bytes, start, end);
    if (!this.same.isFollowing) this.same.note(known, !isToRead);
  }

  private readonly asks: Asks = {
    mayBe: (asked) => this.needles.has(this.firstAsked + asked) && this.needles.hasAll(this.askedToo[asked] ?? []),
    some: () => this.needles.hasSome(this.firstAsked, this.mayBeOfGroup),
  };
  private readonly mayBeOfGroup = (group: number): boolean => {
    const also = this.askedToo[group - this.firstAsked];
    return also !== undefined && this.needles.hasAll(also);
  };

  /** False where no reader takes the line, which `needles` has looked at; without it as far as its words tell. */
  private mayBeTaken(line?: LogLine): boolean {
    const { readers } = this;
    for (let i = 0; i < readers.length; i++) {
      if (this.mayBeOf(i) && readers[i]?.mayTake?.(line) !== false) return true;
    }
    return false;
  }

  private mayBeOf(reader: number): boolean {
    const { needles, run, readers } = this;
    if (run.boot.isBrief === true && readers[reader]?.notesAccidents !== true) return false;
    return needles.has(reader) && needles.hasAll(this.readersToo[reader] ?? []);
  }

  /** Undefined where the line's words are to be asked. */
  private isInteresting(bytes: Uint8Array, start: number, end: number): boolean | undefined {
    const { needles, interest, shape } = this;
    const isOwn = this.isStamped || needles.has(this.figures) || needles.isForeign || this.named?.has(0) === true;
    const mayHoldFigures = isOwn || needles.hasAll(this.header);
    if (!mayHoldFigures && !needles.has(this.beside) && !mayBeWarning(bytes, start, end)) return false;
    const known = interest.known(shape.shape);
    if (known !== undefined || this.isStamped) return known;
    return interest.isWorthAsking(mayHoldFigures) ? undefined : false;
  }

  finish(): void {
    if (this.same.isFollowing) this.giveUpFollowing();
    this.catchUp();
    this.endBoot();
    this.run.finish();
    this.report.lines = this.number;
  }

  /** True where the line's figures were taken from their places. */
  private readAgain(bytes: Uint8Array, start: number, end: number): boolean {
    const { run, shape, known, number } = this;
    const line = known.get(shape.layout);
    if (line === undefined || CODES.someIn(shape, bytes, line.codes)) return false;
    if (!known.read(line, shape, bytes)) return false;
    this.catchUp();
    const stamps = known.stamps(line, shape, bytes, start, end, number);
    const time = run.timeOf(stamps);
    line.add(line.values, number, time ?? this.times.ofBlock(number));
    run.endLine(time, stamps);
    return true;
  }

  /** @returns what the series saw of a line that no reader took, and whether it holds figures */
  private read(
    line: LogLine,
    known?: KnownLine,
  ): { readonly line: SeriesLine; readonly isFigure: boolean } | undefined {
    const run = this.run;
    this.catchUp();
    // What readers remember of the boot before is void.
    if (run.startsBoot(line.number)) {
      const wasBrief = run.boot.isBrief === true;
      if (!wasBrief) this.endBoot();
      run.beginLine(line);
      if (!wasBrief) this.forgetFigures();
      if (this.beginsAlike(line.number, wasBrief, known)) return undefined;
    } else {
      run.beginLine(line);
      this.restartBoard(line.number);
    }
    const time = run.timeOf(line);
    run.atTime(time);
    const isBrief = run.boot.isBrief === true;
    const own = isBrief || time !== undefined ? undefined : this.times.own(line);
    const taken = this.readers.some((reader, i) => {
      const mayStart = this.mayBeOf(i) && reader.mayTake?.() !== false;
      if (!mayStart && reader !== run.reading) return false;
      return mayStart || reader.goesOn === undefined ? reader.line(line) : reader.goesOn(line);
    });
    // A failed request may tell figures too; a table's lines are its reader's alone.
    const { headers } = this.series;
    const isFigure =
      !taken && !isBrief && this.series.line(line, time ?? own?.time ?? this.times.ofBlock(line.number, line.board));
    if (own !== undefined && !isFigure) this.times.tell(line.number, own, line.board);
    // A header gives the lines below it another meaning.
    if (headers !== this.series.headers) this.known.clear();
    run.endLine(time, line);
    return taken || run.reading !== undefined ? undefined : { line, isFigure };
  }

  /** True where the boot that begins goes as the one before so far. */
  private beginsAlike(number: number, wasBrief: boolean, first: KnownLine | undefined): boolean {
    const { run, same } = this;
    const { hasDied, boot } = run;
    this.readers = this.readersOf();
    same.end(number, hasDied);
    if (!wasBrief || boot.isBrief !== true) same.forget();
    const begun = { line: number, hasDied, isRiscV: boot.isRiscV };
    run.tale = boot.isBrief === true ? same.begin(begun, run.bootLines, first) : undefined;
    return same.isFollowing;
  }

  /** One of several boards starts again: what the readers remember is void, and its figures begin anew. */
  private restartBoard(number: number): void {
    const board = this.starts.get(number);
    if (board === undefined) return;
    this.same.note(undefined);
    this.run.flush();
    this.run.startLine = number;
    this.readers = this.readersOf();
    this.series.restart(board);
    this.known.clear();
  }

  /** A brief boot tells none. */
  private forgetFigures(): void {
    this.series = this.newSeries(this.series);
    this.times = new ToldTimes(this.run);
    this.counted = new Map();
    this.known.clear();
  }

  private readonly newSeries = (before?: SeriesCollector): SeriesCollector =>
    new SeriesCollector(this.options.series, (clock) => this.run.timeOf({ clock }), before);

  /** What lines that differ in their numbers alone will do. */
  private learn(
    bytes: Uint8Array,
    start: number,
    end: number,
    line: LogLine,
    seen: { readonly line: SeriesLine; readonly isFigure: boolean },
  ): void {
    const { shape } = this;
    if (!seen.isFigure && TIME_WORDS.test(line.text)) return;
    const codes = codesOf(line.text);
    if (seen.isFigure) {
      if (CODES.someIn(shape, bytes, codes)) return;
      const rereading = this.series.rereading(seen.line);
      if (rereading !== undefined) this.known.learn(shape, bytes, start, end, line, { ...rereading, codes });
    } else if (!/max/i.test(line.text) && this.counted.size < MOST_COUNTED) {
      const count = this.series.counting(seen.line);
      if (count !== undefined) this.counted.set(shape.shape, { count, codes });
    }
  }

  /** The clock goes on with the lines that nobody reads. */
  private catchUp(): void {
    const line = this.passed.take();
    if (line !== undefined) this.run.endLine(this.run.timeOf(line), line);
  }

  private endBoot(): void {
    this.run.flush();
    const emitter = new SeriesEmitter(this.run, this.series);
    this.run.completeIncidents((incident) => emitter.around(incident));
    this.run.endBoot();
    emitter.emit();
    this.report.considered(this.series.considered());
  }

  private readersOf(): readonly SectionReader[] {
    const { run, readers } = this;
    // From one brief boot to the next, the others have read nothing.
    const isUnused = (i: number): boolean => run.boot.isBrief === true && readers[i]?.notesAccidents !== true;
    return this.makers.map((make, i) => (isUnused(i) ? readers[i] : undefined) ?? make());
  }
}

const CODES = new TellingNumbers(TELLING_NUMBERS);
const MOST_COUNTED = 1 << 15;
